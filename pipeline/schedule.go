package pipeline

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"runexp/internal/timing"
)

// grace is how long stages may take to stop once the context is done. A stage
// that takes longer is left behind: whatever it does only reaches memory, and
// a part that it makes is an error.
const grace = 500 * time.Millisecond

// result is how the run of one stage ended.
type result struct {
	stage Stage
	entry *entry
	how   string // Ran, or Hit or Restored if another process was first
	err   error
}

// schedule looks stages up and runs those that need it, in order of their
// dependencies. Up to Jobs stages run at once; a measured stage runs alone.
type schedule struct {
	*run
	ready   map[string][]string // action lines of the stages looked up that must run
	waiting []Stage
	running []Stage
	results chan result
	err     error // the first
}

func (r *run) schedule(ctx context.Context, stages []Stage) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s := &schedule{run: r, ready: map[string][]string{}, waiting: slices.Clone(stages),
		results: make(chan result, len(stages))} // never blocks a stage left behind
	over := make(chan struct{})
	defer close(over)
	expired := make(chan struct{})
	go func() {
		select {
		case <-ctx.Done():
			if timing.Wait(grace, over) {
				close(expired)
			}
		case <-over:
		}
	}()
	for {
		if s.err == nil {
			s.err = ctx.Err()
		}
		if s.err == nil {
			s.err = s.start(ctx)
		}
		if s.err != nil {
			cancel()
		}
		if len(s.running) == 0 {
			return s.err
		}
		select {
		case res := <-s.results:
			s.receive(res)
		case <-expired:
			return fmt.Errorf("%w (left behind: %s)", s.cause(ctx), names(s.running))
		}
	}
}

// start looks up the stages whose inputs are there and starts those that must
// run and may.
func (s *schedule) start(ctx context.Context) error {
	for again := true; again; {
		again = false
		for i, st := range s.waiting {
			if !s.hasInputs(st) {
				continue
			}
			if _, known := s.ready[st.Name]; !known {
				hit, lines, err := s.lookup(ctx, st)
				if err != nil {
					return fmt.Errorf("stage %s: %w", st.Name, err)
				}
				if hit {
					s.waiting = slices.Delete(s.waiting, i, i+1)
					again = true // others may have been waiting for it
					break
				}
				s.ready[st.Name] = lines
			}
			if s.mayStart(st) {
				s.launch(ctx, st)
				s.waiting = slices.Delete(s.waiting, i, i+1)
				again = true
				break
			}
			if st.Host { // let the machine fall silent, or it would never come to run
				break
			}
		}
	}
	return nil
}

func (s *schedule) hasInputs(st Stage) bool {
	return !slices.ContainsFunc(st.After, func(a string) bool { return s.done[a] == nil })
}

func (s *schedule) mayStart(st Stage) bool {
	if slices.ContainsFunc(s.running, func(r Stage) bool { return r.Host }) {
		return false
	}
	if st.Host {
		return len(s.running) == 0
	}
	return len(s.running) < max(s.o.Jobs, 1)
}

func (s *schedule) launch(ctx context.Context, st Stage) {
	lines := s.ready[st.Name]
	t := s.task(st, lines)
	s.running = append(s.running, st)
	go func() {
		e, how, err := s.perform(ctx, t, lines)
		s.results <- result{st, e, how, err}
	}()
}

func (s *schedule) receive(res result) {
	s.running = slices.DeleteFunc(s.running, func(r Stage) bool { return r.Name == res.stage.Name })
	err := res.err
	if err == nil {
		err = s.end(res.stage, res.entry, res.how)
	}
	if err != nil && s.err == nil {
		s.err = fmt.Errorf("stage %s: %w", res.stage.Name, err)
	}
}

// cause is what made the run stop.
func (s *schedule) cause(ctx context.Context) error {
	if s.err != nil {
		return s.err
	}
	return ctx.Err()
}

func names(stages []Stage) string {
	var b []string
	for _, s := range stages {
		b = append(b, s.Name)
	}
	return strings.Join(b, ", ")
}
