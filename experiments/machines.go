package experiments

import (
	"slices"
	"strings"

	"runexp/hw"
	"runexp/stages/node"
	"runexp/stages/record"
)

// nodes puts every CPU alone and beside each accelerator, with the watts and
// prices of the catalogue.
func (e *Experiment) nodes() ([]node.Machine, error) {
	var list []node.Machine
	for _, cpu := range e.Platforms.CPU {
		for _, acc := range append([]string{record.None}, e.Platforms.Accelerators...) {
			n, err := hw.NodeWith(cpu, acc, e.Platforms.PerNode)
			if err != nil {
				return nil, e.fault("platforms", "%v", err)
			}
			w, err := n.Power(e.Platforms.Power)
			if err != nil {
				return nil, e.fault("platforms.power", "%v", err)
			}
			list = append(list, node.Machine{
				CPU: n.CPU, Accel: n.Accel, Cores: e.serving(n.Cores), Idle: n.Cores - e.serving(n.Cores), Accelerators: n.Accelerators,
				Watts: node.Watts(w), PricePerHour: n.PricePerHour,
			})
		}
	}
	return list, nil
}

// mixes are the clusters that a key names, made of the machines there are.
func (e *Experiment) mixes(key string, specs []string, machines []node.Machine) ([]node.Mix, error) {
	var list []node.Mix
	for _, spec := range specs {
		parts, err := parseMix(spec)
		if err != nil {
			return nil, e.fault(key, "%v", err)
		}
		mix := node.Mix{Name: spec}
		for _, p := range parts {
			i := slices.IndexFunc(machines, func(m node.Machine) bool { return m.CPU == p.cpu && m.Accel == p.accel })
			if i < 0 {
				return nil, e.fault(key, "%s: %s/%s is not among platforms", spec, p.cpu, p.accel)
			}
			mix.Parts = append(mix.Parts, node.Part{Machine: machines[i], Servers: p.servers})
		}
		list = append(list, mix)
	}
	return list, nil
}

// serving is how many of a machine's cores serve.
func (e *Experiment) serving(cores int) int {
	if e.Platforms.Cores > 0 {
		return min(e.Platforms.Cores, cores)
	}
	return cores
}

// shortTitle keeps of a catalogue title what people say: "Intel Skylake server,
// 2 x 20 cores" is Skylake, "NVIDIA GeForce GTX 1080 Ti" is GTX 1080 Ti.
func shortTitle(title string) string {
	title, _, _ = strings.Cut(title, ",")
	title = strings.TrimSuffix(title, " server")
	for _, maker := range []string{"Intel ", "AMD ", "NVIDIA ", "GeForce "} {
		title = strings.TrimPrefix(title, maker)
	}
	return title
}

// titles are the names of the platforms as people write them. The host stays
// "host": what it is called is in its fingerprint.
func (e *Experiment) titles() map[string]string {
	titles := map[string]string{}
	for _, p := range hw.All() {
		if p.Name != hw.HostName && (slices.Contains(e.Platforms.CPU, p.Name) || slices.Contains(e.Platforms.Accelerators, p.Name)) {
			titles[p.Name] = shortTitle(p.Title)
		}
	}
	return titles
}
