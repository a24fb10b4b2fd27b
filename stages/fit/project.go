package fit

import (
	"runexp/hw"
)

// source is a pass whose time on one machine is known: split into what the
// engine spends on dispatch and what the operators of each kind take.
type source struct {
	work     passWork
	body     []float64 // ns, by kind of work
	dispatch []float64 // ns, by kind of work
	rates    hw.Rates  // of the machine
	at       hw.Residence
}

// split divides the known time of a pass. Every dispatch costs dispatchNS, as
// far as the time goes; shares says how the rest falls to the kinds.
//
// times holds the time of each kind; nil divides total by roofline shares.
func split(w passWork, total float64, times []float64, dispatchNS float64, r hw.Rates, shared bool) source {
	s := source{work: w, rates: r, at: w.place(r, 1, shared)}
	s.body, s.dispatch = make([]float64, len(w.kinds)), make([]float64, len(w.kinds))
	if times != nil {
		for i, k := range w.kinds {
			s.dispatch[i] = min(k.dispatches*dispatchNS, times[i])
			s.body[i] = times[i] - s.dispatch[i]
		}
		return s
	}
	var calls, roof float64
	for _, k := range w.kinds {
		calls += k.dispatches
		roof += k.roofNS(r, s.at)
	}
	perCall := min(dispatchNS, total/calls)
	for i, k := range w.kinds {
		s.dispatch[i] = perCall * k.dispatches
		s.body[i] = max(0, total-perCall*calls) * k.roofNS(r, s.at) / roof
	}
	return s
}

// estimate is a time with the range in which it may lie, in ns.
type estimate struct{ ns, lo, hi float64 }

// widen takes another estimate's range into this one's.
func (e *estimate) widen(o estimate) { e.lo, e.hi = min(e.lo, o.lo, o.ns), max(e.hi, o.hi, o.ns) }

// scaled multiplies the time and its range.
func (e estimate) scaled(by float64) estimate { return estimate{e.ns * by, e.lo * by, e.hi * by} }

// project says how long the pass takes on one core of a machine while active
// cores run such passes: the typical figures of the machine give the time, its
// most and least favourable ones the range.
func (s source) project(to hw.CPU, page string, active int, shared bool) estimate {
	typical, _ := s.on(to.Rates(hw.Typical, page), active, shared)
	fastest, _ := s.on(to.Rates(hw.Fastest, page), active, shared)
	_, slowest := s.on(to.Rates(hw.Slowest, page), active, shared)
	return estimate{typical, min(fastest, typical), max(slowest, typical)}
}

// on is project for one set of rates. Each kind's time goes with its roofline
// time, dispatch with the clock. Then the memory bandwidth of the socket is
// divided among the active cores: in mixed, a pass as a whole is no faster
// than its traffic, because the cores are in different operators; in lockstep
// every kind is, because they may all be in the same one.
func (s source) on(r hw.Rates, active int, shared bool) (mixed, lockstep float64) {
	at := s.work.place(r, active, shared)
	clock := s.rates.ClockGHz / r.ClockGHz
	var traffic float64
	for i, k := range s.work.kinds {
		here := s.dispatch[i] * clock
		if was := k.roofNS(s.rates, s.at); was > 0 {
			here += s.body[i] * k.roofNS(r, at) / was
		} else {
			here += s.body[i] * clock
		}
		bytes := k.memoryBytes(r, at)
		traffic += bytes
		mixed += here
		lockstep += max(here, r.BandwidthFloorNS(bytes, active))
	}
	return max(mixed, r.BandwidthFloorNS(traffic, active)), lockstep
}
