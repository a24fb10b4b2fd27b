package hw

import (
	"fmt"
	"io/fs"
	"math"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// Host describes the machine that the program runs on. The system says how
// many cores and which caches it has; bandwidths and random rows are
// assumptions with a wide range until a profile has measured them. Rows that
// describe a host are only as good as its Fingerprint.
func Host() CPU { return describe(probe(os.DirFS("/"))) }

// HostPages is the page kind that large tables get here: huge where the
// system gives transparent huge pages to those who ask.
func HostPages() string { return probe(os.DirFS("/")).pages }

// Fingerprint identifies the machine to measured stages: printed lines, the
// same on every call on one machine and different on any that would measure
// other numbers.
func Fingerprint() []string {
	p := probe(os.DirFS("/"))
	return []string{
		"cpu " + p.model,
		fmt.Sprintf("cores %d on %d sockets", p.cores, p.sockets),
		"isa " + p.vector + " " + runtime.GOARCH,
		fmt.Sprintf("cache L2 %d L3 %d", int64(p.l2), int64(p.l3)),
		fmt.Sprintf("gomaxprocs %d", runtime.GOMAXPROCS(0)),
		fmt.Sprintf("memory %d GiB", int64(math.Round(p.memory/gib))),
		"pages " + p.pages,
	}
}

// traits is what the system says about itself; zero where it says nothing.
type traits struct {
	model   string
	vector  string
	clock   float64 // GHz
	cores   int     // usable, hyperthreads of one core counted once
	sockets int
	l2, l3  float64 // bytes
	memory  float64 // bytes
	pages   string
}

// probe reads Linux's descriptions under root, a file system like "/". Other
// systems have none, and the answer then holds what the Go runtime knows.
func probe(root fs.FS) traits {
	t := traits{model: runtime.GOARCH, vector: "scalar", cores: runtime.NumCPU(), sockets: 1, pages: SmallPages}
	if runtime.GOARCH == "arm64" {
		t.vector = "neon"
	}
	info := text(root, "proc/cpuinfo")
	t.readCores(info)
	t.clock = ratedClock(root, t.model, info)
	t.readCaches(root)
	if m := field(text(root, "proc/meminfo"), "MemTotal"); m != "" {
		t.memory = size(strings.TrimSpace(strings.TrimSuffix(m, "kB")) + "K")
	}
	policy := text(root, "sys/kernel/mm/transparent_hugepage/enabled")
	if strings.Contains(policy, "[always]") || strings.Contains(policy, "[madvise]") {
		t.pages = HugePages
	}
	return t
}

var clockInName = regexp.MustCompile(`@ *([0-9.]+) *GHz`)

// ratedClock is a clock in GHz that does not move with load as the current one
// does: from the model's name, else what the frequency driver states, else the
// current one, which stands still in virtual machines. 0 if there is none.
func ratedClock(root fs.FS, model, info string) float64 {
	if m := clockInName.FindStringSubmatch(model); m != nil {
		if ghz, err := strconv.ParseFloat(m[1], 64); err == nil {
			return ghz
		}
	}
	for _, name := range []string{"base_frequency", "cpuinfo_max_freq"} {
		khz, err := strconv.ParseFloat(strings.TrimSpace(text(root, "sys/devices/system/cpu/cpu0/cpufreq/"+name)), 64)
		if err == nil && khz > 0 {
			return khz / 1e6
		}
	}
	mhz, err := strconv.ParseFloat(field(info, "cpu MHz"), 64)
	if err != nil || !(mhz > 0) {
		return 0
	}
	return math.Round(mhz/100) / 10
}

// readCores finds the model, its instructions, and how many physical cores and
// sockets there are.
func (t *traits) readCores(info string) {
	if name := field(info, "model name"); name != "" {
		t.model = name
	}
	flags := strings.Fields(field(info, "flags"))
	for _, v := range []struct{ flag, name string }{{"avx2", "avx2"}, {"avx512f", "avx512"}} {
		if slices.Contains(flags, v.flag) {
			t.vector = v.name
		}
	}
	cores, sockets := map[string]bool{}, map[string]bool{}
	for _, block := range strings.Split(info, "\n\n") {
		if socket := field(block, "physical id"); socket != "" {
			sockets[socket] = true
			cores[socket+"/"+field(block, "core id")] = true
		}
	}
	if len(cores) > 0 {
		t.sockets = len(sockets)
		t.cores = min(t.cores, len(cores))
	}
}

// readCaches finds the sizes of the unified caches of the first core.
func (t *traits) readCaches(root fs.FS) {
	for i := range 8 {
		dir := "sys/devices/system/cpu/cpu0/cache/index" + strconv.Itoa(i) + "/"
		bytes := size(strings.TrimSpace(text(root, dir+"size")))
		switch strings.TrimSpace(text(root, dir+"level")) {
		case "2":
			t.l2 = bytes
		case "3":
			t.l3 = bytes
		}
	}
}

// field is the value of the first "name : value" line.
func field(text, name string) string {
	for line := range strings.Lines(text) {
		if k, v, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(k) == name {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

// size reads "2048K" and "32M"; 0 if it is neither.
func size(s string) float64 {
	unit := 1.0
	if n := len(s); n > 0 {
		switch s[n-1] {
		case 'K':
			unit, s = kib, s[:n-1]
		case 'M':
			unit, s = mib, s[:n-1]
		}
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return 0
	}
	return v * unit
}

// text is a whole file, empty if it cannot be read.
func text(root fs.FS, name string) string {
	b, err := fs.ReadFile(root, name)
	if err != nil {
		return ""
	}
	return string(b)
}
