package hw

// Accelerator is a device that serves whole queries beside a CPU.
type Accelerator struct {
	Name         string `json:"name"`
	Title        string `json:"title"`
	PeakGFLOPS   Figure `json:"peak_gflops"`  // fp32, no tensor cores
	MemoryGBps   Figure `json:"memory_gbps"`  // device memory
	MemoryBytes  Figure `json:"memory_bytes"` // device memory
	LinkGBps     Figure `json:"link_gbps"`    // host to device
	CopyNS       Figure `json:"copy_ns"`      // fixed cost of one copy over the link
	LaunchNS     Figure `json:"launch_ns"`    // from one kernel to the next
	TDP          Figure `json:"tdp"`          // watts
	Idle         Figure `json:"idle"`         // watts
	PricePerHour Figure `json:"price_per_hour"`
}

// Figures lists every figure of the device in a fixed order.
func (a Accelerator) Figures() []NamedFigure {
	return []NamedFigure{
		{"peak", a.PeakGFLOPS},
		{"memory bandwidth", a.MemoryGBps},
		{"memory", a.MemoryBytes},
		{"host link", a.LinkGBps},
		{"fixed cost of a copy", a.CopyNS},
		{"kernel launch", a.LaunchNS},
		{"TDP", a.TDP},
		{"idle", a.Idle},
		{"price", a.PricePerHour},
	}
}

const gib = 1 << 30

// accelerators is the catalogue, in the order of the listings.
func accelerators() []Accelerator {
	pascal := "GeForce GTX 1080 Ti specification"
	turing := "NVIDIA T4 data sheet"
	ada := "NVIDIA L4 data sheet"
	ampere := "NVIDIA A100 80 GB PCIe data sheet"
	hopper := "NVIDIA H100 SXM5 data sheet"
	return []Accelerator{
		{
			Name: "gtx1080ti", Title: "NVIDIA GeForce GTX 1080 Ti",
			PeakGFLOPS: peak(3584*2*1.58, "3584 cores x 2 x 1.58 GHz ("+pascal+")"), MemoryGBps: memory(484, pascal),
			MemoryBytes: exact(11*gib, "B", pascal), LinkGBps: link(3), CopyNS: copying, LaunchNS: launching,
			TDP: exact(250, "W", pascal), Idle: assume(12, 8, 55, "W", "desktop idle; up to the clocks-up state between kernels"),
			PricePerHour: assume(0.31, 0.15, 0.6, "$/h", "as the T4: no cloud rents one"),
		},
		{
			Name: "t4", Title: "NVIDIA T4",
			PeakGFLOPS: peak(8100, turing), MemoryGBps: memory(320, turing),
			MemoryBytes: exact(16*gib, "B", turing), LinkGBps: link(3), CopyNS: copying, LaunchNS: launching,
			TDP: exact(70, "W", turing), Idle: assume(10, 8, 28, "W", "idle with a context; up to the clocks-up state between kernels"),
			PricePerHour: assume(0.31, 0.23, 0.36, "$/h", "g4dn.xlarge 0.526 $/h less its two cores at 0.108 (data/README.md)"),
		},
		{
			Name: "l4", Title: "NVIDIA L4",
			PeakGFLOPS: peak(30300, ada), MemoryGBps: memory(300, ada),
			MemoryBytes: exact(24*gib, "B", ada), LinkGBps: link(4), CopyNS: copying, LaunchNS: launching,
			TDP: exact(72, "W", ada), Idle: assume(12, 8, 30, "W", "idle with a context"),
			PricePerHour: assume(0.6, 0.3, 0.9, "$/h", "share of the device in a small cloud instance"),
		},
		{
			Name: "a100", Title: "NVIDIA A100 80 GB PCIe",
			PeakGFLOPS: peak(19500, ampere), MemoryGBps: memory(1935, ampere),
			MemoryBytes: exact(80*gib, "B", ampere), LinkGBps: link(4), CopyNS: copying, LaunchNS: launching,
			TDP: exact(300, "W", ampere), Idle: assume(50, 35, 90, "W", "idle with a context"),
			PricePerHour: assume(3.5, 1.5, 4.5, "$/h", "on demand, one device of an instance"),
		},
		{
			Name: "h100", Title: "NVIDIA H100 SXM5 80 GB",
			PeakGFLOPS: peak(67000, hopper), MemoryGBps: memory(3350, hopper),
			MemoryBytes: exact(80*gib, "B", hopper), LinkGBps: link(5), CopyNS: copying, LaunchNS: launching,
			TDP: exact(700, "W", hopper), Idle: assume(75, 60, 130, "W", "idle with a context"),
			PricePerHour: assume(6, 2, 12.3, "$/h", "on demand, one device of an instance"),
		},
	}
}

// A data-sheet peak is a roof: it bounds the rate from above, and matrices of
// the sizes met here reach some part of it.

func peak(gflops float64, source string) Figure {
	return within(gflops, gflops/2, gflops, "GFLOP/s", source+"; half of it for small matrices (assumed)")
}

func memory(gbps float64, source string) Figure {
	return within(gbps, 0.6*gbps, gbps, "GB/s", source+"; 0.6 of it for short vectors (assumed)")
}

// link is a x16 slot of a PCIe generation: each doubles the one before.
func link(generation int) Figure {
	g := float64(int(1) << (generation - 3))
	return assume(12*g, 6*g, 13*g, "GB/s", "PCIe "+itoa(generation)+" x16 after protocol overhead; half of it from pageable memory")
}

// Fixed costs of the driver and the framework above it.
var (
	copying   = assume(10_000, 5_000, 20_000, "ns", "driver call and DMA set-up per copy")
	launching = assume(5_000, 3_000, 12_000, "ns", "launch to launch in a stream; frameworks add up to as much again")
)
