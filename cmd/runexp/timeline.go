package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"runexp/internal/atomicfile"
	"runexp/serving/sim"
)

// timelineSpan is how much of a trial a timeline shows.
const timelineSpan = time.Second

// timeline collects the requests around one moment and gives each a row: the
// core or accelerator that is free when it starts.
type timeline struct {
	from, to time.Duration
	events   []traceEvent
	lanes    map[lane][]time.Duration // when each row comes free
	number   int64
}

// lane is the cores or the accelerators of a server.
type lane struct {
	server int32
	accel  bool
}

// traceEvent is one event of the Chrome trace format, as chrome://tracing and
// Perfetto read it; times are in microseconds.
type traceEvent struct {
	Name  string         `json:"name"`
	Cat   string         `json:"cat,omitempty"`
	Phase string         `json:"ph"`
	TS    float64        `json:"ts"`
	Dur   float64        `json:"dur,omitempty"`
	PID   int32          `json:"pid"`
	TID   int            `json:"tid"`
	Args  map[string]any `json:"args,omitempty"`
}

// around shows the second before the worst query was answered.
func around(worst sim.Query) *timeline {
	from := max(0, worst.Done-timelineSpan)
	return &timeline{from: from, to: from + timelineSpan, lanes: map[lane][]time.Duration{}}
}

// add takes the next request of the trial. Rows are kept for all of them:
// which core is free in the second shown depends on what came before.
func (t *timeline) add(r sim.Request) {
	if r.First {
		t.number++
	}
	row := t.row(lane{r.Node, r.Offloaded}, r)
	if r.End < t.from || r.Start > t.to {
		return
	}
	kind := "core"
	if r.Offloaded {
		kind = "accelerator"
	}
	t.events = append(t.events, traceEvent{
		Name: fmt.Sprintf("query %d: %d items", t.number-1, r.Batch), Cat: kind, Phase: "X",
		TS: micros(r.Start), Dur: micros(r.End - r.Start), PID: r.Node, TID: row,
		Args: map[string]any{"arrival_us": micros(r.Arrival), "wait_us": micros(r.Start - r.Arrival), "items": r.Batch},
	})
}

// row is the first row of a lane that is free when the request starts. Rows of
// accelerators count from 1000.
func (t *timeline) row(l lane, r sim.Request) int {
	first := 0
	if l.accel {
		first = 1000
	}
	free := t.lanes[l]
	for i := range free {
		if free[i] <= r.Start {
			free[i] = r.End
			return first + i
		}
	}
	t.lanes[l] = append(free, r.End)
	return first + len(free)
}

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

// write names the rows and writes the file.
func (t *timeline) write(file string) error {
	for l, free := range t.lanes {
		name := "core"
		first := 0
		if l.accel {
			name, first = "accelerator", 1000
		}
		for i := range free {
			t.events = append(t.events, traceEvent{Name: "thread_name", Phase: "M", PID: l.server, TID: first + i,
				Args: map[string]any{"name": fmt.Sprintf("%s %d", name, i)}})
		}
		t.events = append(t.events, traceEvent{Name: "process_name", Phase: "M", PID: l.server,
			Args: map[string]any{"name": fmt.Sprintf("server %d", l.server)}})
	}
	sortEvents(t.events)
	var b bytes.Buffer
	if err := json.NewEncoder(&b).Encode(map[string]any{"traceEvents": t.events, "displayTimeUnit": "ms"}); err != nil {
		return err
	}
	return atomicfile.WriteBytes(file, b.Bytes())
}
