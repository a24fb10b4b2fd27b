package live

import (
	"fmt"
	"runtime"
)

// Placement says on which cores of the machine the threads of a probe run.
type Placement struct {
	Engines   []int
	Generator int
	// Spin makes an idle engine look at the queue without pause: it has its core
	// to itself. Otherwise it sleeps until it is woken.
	Spin bool
}

// Apart gives the generator the first core and an engine to every other one.
func Apart() (Placement, error) {
	cores := cores()
	if len(cores) < 2 {
		return Placement{}, fmt.Errorf("live: %d core: the generator needs one and an engine another", len(cores))
	}
	return Placement{Engines: cores[1:], Generator: cores[0], Spin: true}, nil
}

// Shared gives every core an engine; the generator takes time from the first.
func Shared() Placement {
	cores := cores()
	return Placement{Engines: cores, Generator: cores[0]}
}

// all lists the cores by number, where the system does not say which may be
// used.
func all() []int {
	list := make([]int, runtime.NumCPU())
	for i := range list {
		list[i] = i
	}
	return list
}
