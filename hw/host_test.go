package hw

import (
	"slices"
	"testing"
	"testing/fstest"
)

func system(cpuinfo string, more map[string]string) fstest.MapFS {
	fs := fstest.MapFS{"proc/cpuinfo": {Data: []byte(cpuinfo)}}
	for name, text := range more {
		fs[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return fs
}

func TestProbe(t *testing.T) {
	const thread0 = "processor\t: 0\nmodel name\t: Intel(R) Xeon(R) Gold 6138 CPU @ 2.00GHz\ncpu MHz\t\t: 1234.5\n" +
		"physical id\t: 0\ncore id\t\t: 0\nflags\t\t: fpu avx avx2 fma avx512f\n\n"
	const thread1 = "processor\t: 1\nmodel name\t: Intel(R) Xeon(R) Gold 6138 CPU @ 2.00GHz\ncpu MHz\t\t: 3700.0\n" +
		"physical id\t: 0\ncore id\t\t: 0\nflags\t\t: fpu avx avx2 fma avx512f\n\n"
	got := probe(system(thread0+thread1, map[string]string{
		"proc/meminfo": "MemTotal:       16777216 kB\nMemFree: 1 kB\n",
		"sys/devices/system/cpu/cpu0/cache/index0/level":  "1\n",
		"sys/devices/system/cpu/cpu0/cache/index0/size":   "32K\n",
		"sys/devices/system/cpu/cpu0/cache/index2/level":  "2\n",
		"sys/devices/system/cpu/cpu0/cache/index2/size":   "1024K\n",
		"sys/devices/system/cpu/cpu0/cache/index3/level":  "3\n",
		"sys/devices/system/cpu/cpu0/cache/index3/size":   "27M\n",
		"sys/kernel/mm/transparent_hugepage/enabled":      "always [madvise] never\n",
		"sys/devices/system/cpu/cpu0/cache/index1/broken": "",
	}))
	want := traits{
		model: "Intel(R) Xeon(R) Gold 6138 CPU @ 2.00GHz", vector: "avx512", clock: 2.0, cores: 1, sockets: 1,
		l2: 1 << 20, l3: 27 << 20, memory: 16 << 30, pages: HugePages,
	}
	if got != want {
		t.Errorf("got  %+v\nwant %+v (two threads of a core count once; the rated clock does not move)", got, want)
	}
}

func TestRatedClock(t *testing.T) {
	for _, tc := range []struct {
		reason, model, info string
		files               map[string]string
		want                float64
	}{
		{"in the name", "Xeon @ 2.40GHz", "cpu MHz : 3100.5\n", nil, 2.4},
		{"from the driver", "AMD EPYC", "cpu MHz : 3100.5\n", map[string]string{"sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq": "2250000\n"}, 2.25},
		{"the current one, rounded", "Xeon Processor", "cpu MHz : 2599.998\n", nil, 2.6},
		{"none", "?", "", nil, 0},
	} {
		if got := ratedClock(system("", tc.files), tc.model, tc.info); got != tc.want {
			t.Errorf("%s: %v GHz, want %v", tc.reason, got, tc.want)
		}
	}
}

// A system that says nothing still gives a usable machine.
func TestProbeNothing(t *testing.T) {
	got := probe(fstest.MapFS{})
	if got.cores < 1 || got.sockets != 1 || got.pages != SmallPages {
		t.Errorf("%+v", got)
	}
	c := describe(got)
	if !(c.PeakGFLOPS.Value > 0 && c.L2Bytes.Value > 0 && c.L3Bytes.Value > 0) || !c.ClockGHz.Assumed() {
		t.Errorf("%+v", c)
	}
}

func TestProbeHugePagesOff(t *testing.T) {
	got := probe(system("", map[string]string{"sys/kernel/mm/transparent_hugepage/enabled": "always madvise [never]\n"}))
	if got.pages != SmallPages {
		t.Errorf("pages %s with the policy never", got.pages)
	}
}

func TestFingerprintIsStable(t *testing.T) {
	a, b := Fingerprint(), Fingerprint()
	if !slices.Equal(a, b) || len(a) == 0 {
		t.Errorf("%v, then %v", a, b)
	}
	if h := Host(); h.Cores() < 1 || h.Name != HostName {
		t.Errorf("%+v", h)
	}
}
