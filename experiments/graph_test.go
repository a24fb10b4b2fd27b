package experiments

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden graphs anew")

// The wiring of every shipped experiment, printed.
func TestGraphs(t *testing.T) {
	for _, name := range Names() {
		e, err := Load(name, Options{})
		if err != nil {
			t.Fatal(err)
		}
		g, err := Graph(e)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		golden := filepath.Join("testdata", name+".graph")
		if *update {
			if err := os.WriteFile(golden, []byte(g.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, _ := os.ReadFile(golden)
		if g.String() != string(want) {
			t.Errorf("%s:\n%s\nwant\n%s", name, g, want)
		}
	}
}

// Faults that only show when keys meet.
func TestGraphFaults(t *testing.T) {
	for _, tc := range []struct {
		set  []string
		want string
	}{
		{[]string{"stages=[profile, simulate]"}, "--set: stages: simulate reads fit, which is not among the stages"},
		{[]string{"platforms.accelerators=[]", "simulate.mixes=['6*skylake/none+2*skylake/t4']"},
			"--set: simulate.mixes: 6*skylake/none+2*skylake/t4: skylake/t4 is not among platforms"},
		{[]string{"platforms.accelerators=[]", "optimize.mixes=['6*skylake/none+2*skylake/t4']"},
			"--set: optimize.mixes: 6*skylake/none+2*skylake/t4: skylake/t4 is not among platforms"},
		{[]string{"optimize.sla=[rm9=5ms]"}, `--set: optimize.sla: "rm9" is not one of rm1, rm2, rm3, ncf, wnd, mtwnd, din, dien (did you mean rm1?)`},
		{[]string{"platforms.accelerators=[]", "optimize.thresholds=[1, 64]"}, "quick.yaml: optimize: thresholds: [1 64], but no machine has an accelerator to offload to"},
		{[]string{"platforms.accelerators=[]", "simulate.policies=[64/300]"}, "--set: simulate.policies: 64/300 offloads, but there are no platforms.accelerators"},
		{[]string{"profile.repetitions=4"}, "quick.yaml: profile: repetitions: 4 is below min_repetitions 5"},
		{[]string{"profile.workers=[2]"}, "quick.yaml: profile: workers: [2] are not ascending from 1"},
		{[]string{"stages=[fleet]"}, "--set: stages: fleet reads optimize, which is not among the stages"},
		{[]string{"stages=[fleet]", "fleet.nodes=[skylake/h100=2]"}, `--set: fleet.nodes: "skylake/h100=2": skylake/h100 is not among platforms.cpu and platforms.accelerators`},
		{[]string{"stages=[fleet]", "fleet.target=high"}, `--set: fleet.target: "high" is not among optimize.targets [medium]`},
		{[]string{"stages=[fleet]", "fleet.demand=none.csv"}, "--set: fleet.demand: none.csv: no such file or directory"},
		{[]string{"stages=[fleet]", "models=[rm1]"}, `quick.yaml: fleet: demand: hour 0: model "rm2" is not in the experiment`},
		{[]string{"accel.files=[none.csv]"}, "--set: accel.files: none.csv: no such file or directory"},
	} {
		e, err := Load("quick", Options{Set: tc.set})
		if err == nil {
			_, err = Graph(e)
		}
		if message(err) != tc.want {
			t.Errorf("%v:\ngot  %s\nwant %s", tc.set, message(err), tc.want)
		}
	}
}

// Only stages that a key reaches get another Config.
func TestConfigsFollowKeys(t *testing.T) {
	configs := func(set ...string) map[string]string {
		e, err := Load("quick", Options{Set: set})
		if err != nil {
			t.Fatal(err)
		}
		g, err := Graph(e)
		if err != nil {
			t.Fatal(err)
		}
		m := map[string]string{}
		for _, s := range g.Stages() {
			m[s.Name] = canonical(t, s.Config)
		}
		return m
	}
	base := configs()
	for _, tc := range []struct{ set, want, reason string }{
		{"optimize.targets=[low]", "optimize report", "targets are drawn, too"},
		{"simulate.queries=1000", "simulate", "the sweep alone"},
		{"profile.repetitions=31", "profile", "fit follows by content"},
		{"profile.table_scale=0.02", "profile fit", "curves know whether tables were scaled"},
		{"report.figures=[tail]", "report", "drawing alone"},
		{"seed=2", "profile simulate optimize validate", "whatever draws"},
	} {
		var changed []string
		for _, name := range stageNames() {
			if base[name] != configs(tc.set)[name] {
				changed = append(changed, name)
			}
		}
		if got := strings.Join(changed, " "); got != tc.want {
			t.Errorf("%s changes %q, want %q (%s)", tc.set, got, tc.want, tc.reason)
		}
	}
}

// A file that a law is read from enters by its content.
func TestFilesEnterByContent(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	config := func() string {
		e, err := Load(filepath.Join(dir, "own.yaml"), Options{})
		if err != nil {
			t.Fatal(err)
		}
		g, err := Graph(e)
		if err != nil {
			t.Fatal(err)
		}
		s, err := g.Stage("simulate")
		if err != nil {
			t.Fatal(err)
		}
		return canonical(t, s.Config)
	}
	write("own.yaml", "load:\n  sizes: file:sizes.txt\n")
	write("sizes.txt", "10\n20\n")
	first := config()
	write("sizes.txt", "10\n30\n")
	if config() == first {
		t.Error("other sizes, the same configuration")
	}
	write("sizes.txt", "10\n20\n")
	if config() != first {
		t.Error("the same sizes, another configuration")
	}
}
