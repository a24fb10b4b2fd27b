package hw

// describe turns what the system says into a CPU. What it does not say is
// taken from a server core of the last ten years, with a range that holds all
// of them.
func describe(t traits) CPU {
	const unmeasured = "until a profile measures it: a server core of the last ten years"
	perSocket := max(1, t.cores/max(1, t.sockets))
	c := CPU{
		Name: HostName, Title: t.model, Sockets: max(1, t.sockets), CoresPerSocket: perSocket, Vector: t.vector,
		ClockGHz:   within(t.clock, t.clock, 1.5*t.clock, "GHz", "reported by the system, up to turbo"),
		L2Bytes:    exact(t.l2, "B", "reported by the system"),
		L3Bytes:    exact(t.l3, "B", "reported by the system"),
		L2GBps:     assume(90, 40, 150, "GB/s", unmeasured),
		L3GBps:     assume(25, 12, 50, "GB/s", unmeasured),
		DRAMGBps:   assume(13, 9, 25, "GB/s", unmeasured),
		SocketGBps: assume(min(13*float64(perSocket), 85), min(9*float64(perSocket), 60), min(25*float64(perSocket), 300), "GB/s", unmeasured),
		Rows: []RowTime{
			{128, SmallPages, assume(34, 22, 60, "ns", unmeasured)},
			{256, SmallPages, assume(38, 25, 70, "ns", unmeasured)},
			{128, HugePages, assume(15, 10, 30, "ns", unmeasured)},
			{256, HugePages, assume(20, 15, 35, "ns", unmeasured)},
		},
		SocketTDP:    assume(8*float64(perSocket), 4*float64(perSocket), 15*float64(perSocket), "W", "8 W a core"),
		SocketIdle:   assume(2.4*float64(perSocket), float64(perSocket), 6*float64(perSocket), "W", "0.3 of TDP"),
		PricePerHour: price(max(1, t.sockets) * perSocket),
	}
	if t.clock == 0 {
		c.ClockGHz = assume(2.5, 1.5, 4, "GHz", "the system does not say")
	}
	if t.l2 == 0 {
		c.L2Bytes = assume(mib, 256*kib, 2*mib, "B", "the system does not say")
	}
	if t.l3 == 0 {
		c.L3Bytes = assume(1.5*mib*float64(perSocket), mib*float64(perSocket), 4*mib*float64(perSocket), "B", "the system does not say")
	}
	lanes := map[string]float64{"avx512": 16, "avx2": 8, "neon": 4, "scalar": 1}[t.vector]
	source := assumedPrefix + "2 multiply-add units x " + itoa(int(lanes)) + " lanes x 2 at the clock, until a profile measures it"
	c.PeakGFLOPS = c.ClockGHz.times(lanes*4, "GFLOP/s", source)
	return c
}
