package hw

import "fmt"

// None is the accelerator of a node that has none.
const None = "none"

// How the watts of a node are counted.
const (
	// PowerLinear: a device draws idle + (TDP - idle) x utilisation.
	PowerLinear = "linear"
	// PowerISCA20 is the paper's accounting: a device of the node draws its TDP
	// whatever it does. The Skylake node is 2 x 125 W, and with one GTX 1080 Ti
	// of 250 W it counts exactly twice that.
	PowerISCA20 = "isca20"
)

// Power is what a node's devices draw, in watts.
type Power struct {
	CPUIdle   float64 `json:"cpu_idle"`   // all sockets
	CPUTDP    float64 `json:"cpu_tdp"`    // all sockets
	AccelIdle float64 `json:"accel_idle"` // one accelerator
	AccelTDP  float64 `json:"accel_tdp"`  // one accelerator
}

// Node is a server as the simulator sees it. It has all cores of all sockets:
// the paper's baseline splits its largest query of 1000 items over the 40
// cores of a two-socket Skylake, and its CPU node draws 2 x 125 W.
type Node struct {
	CPU          string
	Accel        string // None without one
	Cores        int
	Accelerators int
	PricePerHour float64 // dollars, accelerators included
	power        map[string]Power
}

// NodeOf puts a CPU and an accelerator (None for neither) together.
func NodeOf(cpu, accel string) (Node, error) { return NodeWith(cpu, accel, 1) }

// NodeWith puts a CPU and so many of an accelerator together.
func NodeWith(cpu, accel string, accels int) (Node, error) {
	c, err := CPUByName(cpu)
	if err != nil {
		return Node{}, err
	}
	n := Node{CPU: cpu, Accel: None, Cores: c.Cores(), PricePerHour: c.PricePerHour.Value}
	sockets := float64(c.Sockets)
	linear := Power{CPUIdle: sockets * c.SocketIdle.Value, CPUTDP: sockets * c.SocketTDP.Value}
	if accel != None {
		a, err := AccelByName(accel)
		if err != nil {
			return Node{}, err
		}
		n.Accel, n.Accelerators = accel, accels
		n.PricePerHour += float64(accels) * a.PricePerHour.Value
		linear.AccelIdle, linear.AccelTDP = a.Idle.Value, a.TDP.Value
	}
	full := linear
	full.CPUIdle, full.AccelIdle = full.CPUTDP, full.AccelTDP
	n.power = map[string]Power{PowerLinear: linear, PowerISCA20: full}
	return n, nil
}

// Power returns the watts of the node under a preset.
func (n Node) Power(preset string) (Power, error) {
	p, ok := n.power[preset]
	if !ok {
		return Power{}, fmt.Errorf("power %q: unknown preset; known: %s, %s", preset, PowerLinear, PowerISCA20)
	}
	return p, nil
}
