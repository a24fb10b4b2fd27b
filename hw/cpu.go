package hw

import "slices"

// CPU is a machine without its accelerators. Rates are per core unless the
// name says otherwise; capacities and watts per socket are marked so.
type CPU struct {
	Name           string    `json:"name"`
	Title          string    `json:"title"`
	Sockets        int       `json:"sockets"`
	CoresPerSocket int       `json:"cores_per_socket"`
	Vector         string    `json:"vector"`    // widest float instructions
	Inclusive      bool      `json:"inclusive"` // a line in L2 is kept only while L3 keeps it too
	ClockGHz       Figure    `json:"clock_ghz"`
	PeakGFLOPS     Figure    `json:"peak_gflops"` // fp32 multiply-adds, two operations each
	L2Bytes        Figure    `json:"l2_bytes"`    // per core
	L3Bytes        Figure    `json:"l3_bytes"`    // per socket
	L2GBps         Figure    `json:"l2_gbps"`     // one core reading from its L2
	L3GBps         Figure    `json:"l3_gbps"`     // one core reading from L3
	DRAMGBps       Figure    `json:"dram_gbps"`   // one core reading from memory
	SocketGBps     Figure    `json:"socket_gbps"` // all cores of a socket together
	Rows           []RowTime `json:"rows"`        // random rows of a table in memory
	SocketTDP      Figure    `json:"socket_tdp"`  // watts
	SocketIdle     Figure    `json:"socket_idle"` // watts
	PricePerHour   Figure    `json:"price_per_hour"`
}

// Kinds of pages that embedding tables live on: random rows cost twice as much
// where every row misses the TLB.
const (
	SmallPages = "4k"
	HugePages  = "2m"
)

// RowTime is what one core needs on average per row read at random places of a
// table in memory, many rows in flight.
type RowTime struct {
	Bytes int    `json:"bytes"` // of a row
	Page  string `json:"page"`  // SmallPages or HugePages
	NS    Figure `json:"ns"`
}

// Cores is the number of cores of the machine.
func (c CPU) Cores() int { return c.Sockets * c.CoresPerSocket }

// NamedFigure is a figure with what it is called, for listings.
type NamedFigure struct {
	Name string
	Figure
}

// Figures lists every figure of the machine in a fixed order.
func (c CPU) Figures() []NamedFigure {
	out := []NamedFigure{
		{"clock", c.ClockGHz},
		{"peak per core", c.PeakGFLOPS},
		{"L2 per core", c.L2Bytes},
		{"L3 per socket", c.L3Bytes},
		{"L2 bandwidth per core", c.L2GBps},
		{"L3 bandwidth per core", c.L3GBps},
		{"memory bandwidth per core", c.DRAMGBps},
		{"memory bandwidth per socket", c.SocketGBps},
		{"TDP per socket", c.SocketTDP},
		{"idle per socket", c.SocketIdle},
		{"price of the machine", c.PricePerHour},
	}
	for _, r := range c.Rows {
		out = append(out, NamedFigure{rowName(r), r.NS})
	}
	return out
}

func rowName(r RowTime) string {
	pages := "4 KiB pages"
	if r.Page == HugePages {
		pages = "2 MiB pages"
	}
	return "random row of " + itoa(r.Bytes) + " B, " + pages
}

// row finds the time of a row size on a page kind, or the other kind's where
// that is all there is.
func (c CPU) row(bytes int, page string) (Figure, bool) {
	i := slices.IndexFunc(c.Rows, func(r RowTime) bool { return r.Bytes == bytes && r.Page == page })
	if i < 0 {
		i = slices.IndexFunc(c.Rows, func(r RowTime) bool { return r.Bytes == bytes })
	}
	if i < 0 {
		return Figure{}, false
	}
	return c.Rows[i].NS, true
}
