package models

import (
	"runtime"
	"testing"
)

// FuzzParse: no model file may panic, or take gigabytes to describe.
func FuzzParse(f *testing.F) {
	for _, name := range Names() {
		data, err := configs.ReadFile("configs/" + name + ".json")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(`{"settings": {"model_type": "dlrm", "arch_interaction_op": "dot"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		c, _, err := Parse(data)
		if err != nil {
			return
		}
		for _, variant := range []string{Corrected, Release} {
			g, err := Describe(c, Options{Variant: variant, TableScale: 0.5})
			if err != nil {
				continue
			}
			if cost := g.Cost(1024); cost.FLOPs < 0 || cost.Bytes < 0 || g.MemoryBytes(1024) < g.TableBytes() {
				t.Errorf("%+v overflows: cost %+v", c, cost)
			}
		}
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; used > 1<<28+uint64(64*len(data)) {
			t.Fatalf("%d bytes of input took %d bytes of memory", len(data), used)
		}
	})
}

// TestLargestFiles: files at the bounds are described within memory, or
// refused.
func TestLargestFiles(t *testing.T) {
	wide := Sizes{}
	for range maxLayers {
		wide = append(wide, maxWidth)
	}
	base := Config{Dim: maxDim, Lookups: maxLookups, TableRows: Sizes{maxRows, maxRows, maxRows, maxRows},
		Bottom: Sizes{1, 1, 1}, Top: Sizes{1, 1}, TaskLayers: Sizes{1, 1}, Tasks: maxTasks, Interaction: "dot", Hidden: maxWidth, BehaviorTables: maxTables - 3}
	for _, c := range []struct {
		reason string
		change func(*Config)
		fails  bool
	}{
		{"behaviours with deep attention", func(c *Config) { c.Type, c.Dim, c.TableRows, c.Bottom = "din", 1, Sizes{1, 1, 1, 1}, wide }, true},
		{"behaviours as published", func(c *Config) { c.Type, c.Dim, c.TableRows, c.Bottom = "din", 32, Sizes{1, 1, 1, 1}, Sizes{1} }, false},
		{"the largest tables", func(c *Config) { c.Type, c.Bottom = "wnd", Sizes{1} }, true},
		{"the widest layers", func(c *Config) { c.Type, c.Dim, c.Bottom, c.Top = "wnd", 1, Sizes{1}, wide }, false},
		{"the most towers", func(c *Config) {
			c.Type, c.Dim, c.Bottom, c.TaskLayers = "mtwnd", 1, Sizes{1}, append(Sizes{1}, wide[1:]...)
		}, true},
	} {
		cfg := base
		c.change(&cfg)
		g, err := Describe(cfg, Options{})
		if (err != nil) != c.fails {
			t.Errorf("%s: %v", c.reason, err)
		}
		if err == nil && g.MemoryBytes(1) < 0 {
			t.Errorf("%s: size overflows", c.reason)
		}
	}
}
