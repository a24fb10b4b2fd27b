package hw

import (
	"fmt"
	"strings"

	"runexp/internal/words"
)

// HostName is the platform that stands for the machine the program runs on.
const HostName = "host"

// CPUNames lists the CPUs that CPUByName knows.
func CPUNames() []string {
	names := []string{HostName}
	for _, c := range cpus() {
		names = append(names, c.Name)
	}
	return names
}

// AccelNames lists the accelerators that AccelByName knows.
func AccelNames() []string {
	var names []string
	for _, a := range accelerators() {
		names = append(names, a.Name)
	}
	return names
}

// CPUByName finds a CPU of the catalogue, or describes the host.
func CPUByName(name string) (CPU, error) {
	if name == HostName {
		return Host(), nil
	}
	for _, c := range cpus() {
		if c.Name == name {
			return c, nil
		}
	}
	return CPU{}, unknown(name, "CPU", CPUNames())
}

// AccelByName finds an accelerator of the catalogue.
func AccelByName(name string) (Accelerator, error) {
	for _, a := range accelerators() {
		if a.Name == name {
			return a, nil
		}
	}
	return Accelerator{}, unknown(name, "accelerator", AccelNames())
}

// Platform is a machine of either kind, for listings.
type Platform struct {
	Name, Title string
	Kind        string // "cpu" or "accelerator"
	Figures     []NamedFigure
}

// All lists every platform: the host, the CPUs, the accelerators.
func All() []Platform {
	var out []Platform
	for _, c := range append([]CPU{Host()}, cpus()...) {
		out = append(out, Platform{c.Name, c.Title, "cpu", c.Figures()})
	}
	for _, a := range accelerators() {
		out = append(out, Platform{a.Name, a.Title, "accelerator", a.Figures()})
	}
	return out
}

// unknown is the error for a name that is not in the catalogue.
func unknown(name, kind string, known []string) error {
	return fmt.Errorf("platform %q: unknown %s%s; known: %s", name, kind, words.DidYouMean(name, known), strings.Join(known, ", "))
}
