package figure

import (
	"bytes"
	"fmt"
)

// show prints what an example drew; the drawings themselves are testdata/*.svg.
func show(f *Figure, err error) {
	if err != nil {
		fmt.Println(err)
		return
	}
	svg, err := f.SVG()
	fmt.Println(f.Title, bytes.HasPrefix(svg, []byte("<svg")), err)
}

func ExampleBreakdown() {
	show(Breakdown(breakdownExample()))
	// Output: Where the time goes on the CPU true <nil>
}

func ExampleLatency() {
	show(Latency(latencyExample()))
	// Output: Latency by batch size: host, runexp kernels true <nil>
}

func ExampleSpeedup() {
	show(Speedup(speedupExample()))
	// Output: When the accelerator pays true <nil>
}

func ExampleTail() {
	show(Tail(tailExample()))
	// Output: Tail latency under load: 1 server of skylake, static policy true <nil>
}

func ExampleOverload() {
	show(Overload(overloadExample()))
	// Output: Overload: 1 server of skylake true <nil>
}

func ExampleGain() {
	show(Gain(gainExample()))
	// Output: Throughput under the p95 target: 1 server of skylake with a GTX 1080 Ti true <nil>
}

func ExampleHeat() {
	show(Heat(heatExample()))
	// Output: Throughput over batch size and offload threshold: medium target true <nil>
}

func ExampleBatch() {
	show(Batch(batchExample()))
	// Output: Throughput over batch size: skylake, no accelerator true <nil>
}

func ExamplePeers() {
	show(Peers(peersExample()))
	// Output: Other engines beside runexp true <nil>
}

func ExampleSpeed() {
	show(Speed(speedExample()))
	// Output: Speed of the simulator true <nil>
}

func ExampleFleet() {
	show(Fleet(fleetExample()))
	// Output: A day on four kinds of machines true <nil>
}
