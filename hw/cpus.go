package hw

import "strconv"

const (
	mib = 1 << 20
	kib = 1 << 10
)

func itoa(n int) string { return strconv.Itoa(n) }

// Where the figures of the CPUs come from.
const (
	fromPaper = "Gupta et al., ISCA 2020, platforms"
	fromPeers = "measured with peers_host_latency.csv on the same machine"
	from6138  = "data sheet of the Xeon Gold 6138, the 20-core 2.0 GHz 125 W part of that generation"
	from2680  = "data sheet of the Xeon E5-2680 v4, the 14-core 2.4 GHz 120 W part of that generation"
)

// coreHour is the price of one core for an hour: c5n.2xlarge at 0.432 $/h has
// four; t3.xlarge gives the low end, r5n.large, which pays for memory, the high.
var coreHour = assume(0.108, 0.083, 0.149, "$/h", "c5n.2xlarge 0.432 $/h over 4 cores; range from t3.xlarge and r5n.large (data/README.md)")

// cpus is the catalogue, in the order of the listings. The host is not in it:
// it is looked up when asked for.
func cpus() []CPU {
	return []CPU{sapphireRapids(), skylake(), broadwell()}
}

// sapphireRapids is the machine that the reference engine was measured on.
func sapphireRapids() CPU {
	return CPU{
		Name: "sapphirerapids", Title: "Intel Sapphire Rapids, 2-core virtual machine",
		Sockets: 1, CoresPerSocket: 2, Vector: "avx512",
		ClockGHz:   within(2.73, 2.6, 2.8, "GHz", "FMA peak / (2 units x 16 lanes x 2); the system reports 2.6"),
		PeakGFLOPS: within(174.5, 174, 175, "GFLOP/s", fromPeers),
		L2Bytes:    exact(2*mib, "B", "reported by the system"),
		L3Bytes:    assume(105*mib, 4*mib, 480*mib, "B", "shared with unknown neighbours; the system reports 480 MiB"),
		L2GBps:     within(123, 110, 135, "GB/s", fromPeers),
		L3GBps:     within(30, 27, 33, "GB/s", fromPeers),
		DRAMGBps:   within(16, 15, 17, "GB/s", fromPeers),
		SocketGBps: assume(32, 24, 32, "GB/s", "both cores of the virtual machine reach what one does"),
		Rows: []RowTime{
			{128, SmallPages, within(33, 24, 36, "ns", fromPeers+"; 24 with the best prefetch")},
			{256, SmallPages, within(36, 27, 39, "ns", fromPeers+"; 27 with the best prefetch")},
			{128, HugePages, within(14, 13, 17, "ns", fromPeers)},
			{256, HugePages, within(18, 16, 21, "ns", fromPeers)},
		},
		SocketTDP:    assume(22, 10, 40, "W", "two cores of a 350 W part with 32 to 60"),
		SocketIdle:   assume(7, 2, 15, "W", "a third of TDP"),
		PricePerHour: price(2),
	}
}

// skylake is the paper's AVX-512 server, two sockets.
func skylake() CPU {
	return CPU{
		Name: "skylake", Title: "Intel Skylake server, 2 x 20 cores",
		Sockets: 2, CoresPerSocket: 20, Vector: "avx512",
		ClockGHz:   within(2.0, 2.0, 3.7, "GHz", fromPaper+"; up to the largest turbo of the Xeon Gold 6138"),
		PeakGFLOPS: assume(128, 83, 173, "GFLOP/s", "2 units x 16 lanes x 2 at 2.0 GHz; 1.3 GHz is the AVX-512 base clock, 2.7 the all-core turbo"),
		L2Bytes:    exact(1*mib, "B", from6138),
		L3Bytes:    exact(27.5*mib, "B", from6138),
		L2GBps:     assume(90, 64, 128, "GB/s", "45 B a cycle as measured on Sapphire Rapids; 64 is the design peak"),
		L3GBps:     assume(18, 12, 26, "GB/s", "mesh of the first generation: above the memory bandwidth of a core, below the ring of Broadwell"),
		DRAMGBps:   assume(12, 9, 15, "GB/s", "12 line fill buffers and the L2 prefetcher at 90 ns (Little's law)"),
		SocketGBps: exact(85, "GB/s", fromPaper),
		Rows: []RowTime{
			{128, SmallPages, assume(34, 22, 54, "ns", skylakeRows)},
			{256, SmallPages, assume(37, 25, 60, "ns", skylakeRows)},
			{128, HugePages, assume(15, 10, 23, "ns", skylakeRows)},
			{256, HugePages, assume(21, 17, 30, "ns", skylakeRows+"; 256 B at the core's memory bandwidth")},
		},
		SocketTDP:    exact(125, "W", fromPaper),
		SocketIdle:   assume(38, 19, 63, "W", "0.3 of TDP, between 0.15 and 0.5"),
		PricePerHour: price(40),
	}
}

// broadwell is the paper's AVX2 server, two sockets.
func broadwell() CPU {
	return CPU{
		Name: "broadwell", Title: "Intel Broadwell server, 2 x 14 cores",
		Sockets: 2, CoresPerSocket: 14, Vector: "avx2", Inclusive: true,
		ClockGHz:   within(2.4, 2.4, 3.3, "GHz", fromPaper+"; up to the largest turbo of the Xeon E5-2680 v4"),
		PeakGFLOPS: assume(76.8, 67, 93, "GFLOP/s", "2 units x 8 lanes x 2 at 2.4 GHz; 2.1 GHz is the AVX base clock, 2.9 the all-core turbo"),
		L2Bytes:    exact(256*kib, "B", from2680),
		L3Bytes:    exact(35*mib, "B", from2680),
		L2GBps:     assume(52, 40, 77, "GB/s", "54 GiB/s measured on the Haswell core it derives from at 2.5 GHz (Intel developer forum)"),
		L3GBps:     assume(28, 18, 33, "GB/s", "32 GiB/s measured on the Haswell ring at 2.5 GHz (Intel developer forum)"),
		DRAMGBps:   assume(12, 9, 17, "GB/s", "10 line fill buffers and the L2 prefetcher at 88 ns (Little's law)"),
		SocketGBps: exact(77, "GB/s", fromPaper),
		Rows: []RowTime{
			{128, SmallPages, assume(40, 26, 64, "ns", broadwellRows)},
			{256, SmallPages, assume(44, 29, 70, "ns", broadwellRows)},
			{128, HugePages, assume(17, 11, 27, "ns", broadwellRows)},
			{256, HugePages, assume(22, 15, 35, "ns", broadwellRows)},
		},
		SocketTDP:    exact(120, "W", fromPaper),
		SocketIdle:   assume(36, 18, 60, "W", "0.3 of TDP, between 0.15 and 0.5"),
		PricePerHour: price(28),
	}
}

// Random rows of the paper's CPUs are published nowhere. With the misses of a
// core limited by its fill buffers, the time of a row goes with latency over
// buffers: Sapphire Rapids has 16 at about 115 ns.
const (
	skylakeRows   = "Sapphire Rapids x (90 ns / 12 fill buffers) / (115 ns / 16) = 1.04; x/: 1.6"
	broadwellRows = "Sapphire Rapids x (88 ns / 10 fill buffers) / (115 ns / 16) = 1.22; x/: 1.6"
)

// price is what a machine with that many cores costs.
func price(cores int) Figure {
	return coreHour.times(float64(cores), "$/h", assumedPrefix+itoa(cores)+" cores at 0.108 $/h, the share of a core of c5n.2xlarge")
}
