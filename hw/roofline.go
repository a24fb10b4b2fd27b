package hw

// Work is what one operator, or several alike, asks of a machine. Bytes counts
// all traffic: weights once, rows gathered, activations in and out.
type Work struct {
	FLOPs       float64
	Bytes       float64
	WeightBytes float64 // part of Bytes that every pass reads again
	Rows        float64 // rows gathered at random places of tables
	RowBytes    float64 // bytes of one such row
}

// Rates is one core of a machine in plain numbers, and what it shares with
// the others. Bandwidths are in GB/s, which is bytes per ns.
type Rates struct {
	GFLOPS                   float64
	L2Bytes, L3Bytes         float64 // L2 of the core, L3 of the socket
	L2GBps, L3GBps, DRAMGBps float64 // one core reading from that level
	SocketGBps               float64 // all cores of the socket from memory
	Row128NS, Row256NS       float64 // per random row in memory
	ClockGHz                 float64
	Sockets                  int
	Inclusive                bool
}

// Rates takes one end of every range, on tables that lie on pages of a kind.
func (c CPU) Rates(b Bound, page string) Rates {
	r := Rates{
		GFLOPS:  b.rate(c.PeakGFLOPS),
		L2Bytes: b.rate(c.L2Bytes), L3Bytes: b.rate(c.L3Bytes),
		L2GBps: b.rate(c.L2GBps), L3GBps: b.rate(c.L3GBps), DRAMGBps: b.rate(c.DRAMGBps),
		SocketGBps: b.rate(c.SocketGBps), ClockGHz: b.rate(c.ClockGHz),
		Sockets: c.Sockets, Inclusive: c.Inclusive,
	}
	if f, ok := c.row(128, page); ok {
		r.Row128NS = b.cost(f)
	}
	if f, ok := c.row(256, page); ok {
		r.Row256NS = b.cost(f)
	}
	return r
}

// Level is where data lie when a pass asks for them again.
type Level int

// The levels, nearest first. What fits L1 moves at the speed of L2 here: no
// operator of these models is that small and worth the distinction.
const (
	L2 Level = iota
	L3
	DRAM
)

// Load is what one forward pass keeps asking for and who else does.
type Load struct {
	Weights float64 // bytes of all weights of the dense layers
	Tables  float64 // bytes of all embedding tables
	Gather  float64 // bytes of rows that one pass reads
	Active  int     // cores of the machine that run such passes, this one included
	Shared  bool    // they share one copy of weights and tables; else each has its own
}

// Residence is where a pass finds its weights and its tables.
type Residence struct{ Weights, Tables Level }

// Place says where the data of a load lie, by capacity. The active cores are
// spread evenly over the sockets and divide the L3 of theirs. In an exclusive
// hierarchy a core's L2 adds to its share of L3. In an inclusive one it does
// not, and a line stays in L2 only while L3 has room for it among everything
// the active cores read: rows streaming past evict weights that L2 was serving.
func (r Rates) Place(l Load) Residence {
	active := r.perSocket(l.Active)
	copies := active
	if l.Shared {
		copies = 1
	}
	weights := DRAM
	room := r.L3Bytes
	if !r.Inclusive {
		room += copies * r.L2Bytes
	}
	if copies*l.Weights <= room {
		weights = L3
	}
	kept := !r.Inclusive || copies*l.Weights+active*l.Gather <= r.L3Bytes
	if l.Weights <= r.L2Bytes && kept {
		weights = L2
	}
	return Residence{Weights: weights, Tables: r.fit(copies*l.Tables, copies)}
}

// perSocket is how many of the active cores the busiest socket holds.
func (r Rates) perSocket(active int) float64 {
	sockets := max(r.Sockets, 1)
	return float64((max(active, 1) + sockets - 1) / sockets)
}

// fit is the nearest level that holds so many bytes over so many cores.
func (r Rates) fit(bytes, cores float64) Level {
	switch {
	case bytes <= cores*r.L2Bytes:
		return L2
	case bytes <= r.L3Bytes:
		return L3
	}
	return DRAM
}

func (r Rates) gbps(l Level) float64 {
	switch l {
	case L2:
		return r.L2GBps
	case L3:
		return r.L3GBps
	}
	return r.DRAMGBps
}

// TimeNS is the roofline time of work: the largest of operations over peak,
// streamed bytes over the bandwidth of the level that holds them, and rows
// times the time of a row. Dispatch is not in it.
func (r Rates) TimeNS(w Work, at Residence) float64 {
	passing := max(0, w.Bytes-w.WeightBytes-w.Rows*w.RowBytes)
	stream := w.WeightBytes/r.gbps(at.Weights) + passing/r.gbps(r.fit(passing, 1))
	gather := w.Rows * r.rowNS(w.RowBytes, at.Tables)
	return max(w.FLOPs/r.GFLOPS, stream, gather)
}

// MemoryBytes is the part of the work's traffic that reaches memory.
func (r Rates) MemoryBytes(w Work, at Residence) float64 {
	var sum float64
	if at.Weights == DRAM {
		sum += w.WeightBytes
	}
	if at.Tables == DRAM {
		sum += w.Rows * max(w.RowBytes, cacheLine)
	}
	if passing := max(0, w.Bytes-w.WeightBytes-w.Rows*w.RowBytes); r.fit(passing, 1) == DRAM {
		sum += passing
	}
	return sum
}

const cacheLine = 64 // bytes; the least that memory hands out

// rowNS is the time of a random row: on the line through the two measured row
// sizes, never below what its bytes take as a stream.
func (r Rates) rowNS(bytes float64, at Level) float64 {
	if bytes == 0 {
		return 0
	}
	stream := max(bytes, cacheLine) / r.gbps(at)
	if at == L2 {
		return stream
	}
	perByte := max(0, r.Row256NS-r.Row128NS) / 128
	row := r.Row128NS + (bytes-128)*perByte
	if at == L3 {
		row *= l3Latency
	}
	return max(row, stream)
}

// l3Latency is the latency of L3 over that of memory, assumed: 20 to 30 ns of
// mesh or ring against 90 to 115, and page walks that cost the same in both.
const l3Latency = 0.5

// BandwidthFloorNS is the least time of a pass that moves so many bytes from
// memory while active cores of the machine do the same: the socket's bandwidth
// divided among them. A core alone on its socket has no such floor: what it can
// draw by itself is in its own rates.
func (r Rates) BandwidthFloorNS(bytes float64, active int) float64 {
	cores := r.perSocket(active)
	if cores == 1 {
		return 0
	}
	return bytes * cores / r.SocketGBps
}

// KernelNS is the roofline time of work on an accelerator, without launches:
// operations over peak or bytes over memory bandwidth.
func (a Accelerator) KernelNS(b Bound, w Work) float64 {
	return max(w.FLOPs/b.rate(a.PeakGFLOPS), w.Bytes/b.rate(a.MemoryGBps))
}

// LaunchesNS is the fixed cost of so many kernel launches.
func (a Accelerator) LaunchesNS(b Bound, n int) float64 { return float64(n) * b.cost(a.LaunchNS) }

// TransferNS is the time of inputs on their way in and results on their way
// out: one copy each.
func (a Accelerator) TransferNS(b Bound, in, out int64) float64 {
	return 2*b.cost(a.CopyNS) + float64(in+out)/b.rate(a.LinkGBps)
}
