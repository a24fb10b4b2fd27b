package main

import (
	"bytes"

	"runexp/internal/atomicfile"
	"runexp/pipeline/artifact"
	"runexp/serving/sim"
	"runexp/stages/record"
)

// writeQueries runs a trial once more, which the seed makes the same one, and
// writes every query of it as a table.
func writeQueries(file string, again func(observe func([]sim.Query)) error, warmup int) error {
	var rows []record.Query
	err := again(func(block []sim.Query) {
		for _, q := range block {
			rows = append(rows, record.Query{
				Query: int64(len(rows)), Counted: len(rows) >= warmup,
				ArrivalNS: int64(q.Arrival), StartNS: int64(q.Start), DoneNS: int64(q.Done), LatencyNS: int64(q.Latency()),
				WaitNS: int64(q.Wait), ServiceNS: int64(q.Service), StraggleNS: int64(q.Straggle),
				Items: q.Size, Requests: q.Requests, Server: q.Node, Offloaded: q.Offloaded, Shed: q.Shed, Retries: q.Retries,
			})
		}
	})
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := artifact.Write(&b, rows); err != nil {
		return err
	}
	return atomicfile.WriteBytes(file, b.Bytes())
}
