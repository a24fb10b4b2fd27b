package report

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/hex"
	"html/template"
	"math"
	"slices"
	"strconv"

	"runexp/stages/record"
)

// The what-if explorer is cmd/runexp-wasm, compressed, with a form around it. It
// simulates the machines of the trials on the curves of the experiment.

//go:embed explorer/runexp.wasm.gz
var explorerProgram []byte

//go:embed explorer/worker.js
var explorerWorker string

//go:embed explorer/explorer.js
var explorerJS string

// explorer is what the page hands to the script.
type explorer struct {
	Experiment string            `json:"experiment"`
	Arrivals   string            `json:"arrivals"`
	Sizes      string            `json:"sizes"`
	MaxQuery   int32             `json:"max_query"`
	Models     []string          `json:"models"`
	Machines   []explorerMachine `json:"machines"`
	Starts     []explorerStart   `json:"starts"`
	Targets    []explorerTarget  `json:"targets"`
	// Curves maps MODEL/PLATFORM/ENGINE to knots: active cores, batch size, ns.
	Curves map[string][][3]int64 `json:"curves"`
}

type explorerMachine struct {
	CPU          string `json:"cpu"`
	Engine       string `json:"engine"`
	Accel        string `json:"accel"`
	Title        string `json:"title"`
	Cores        int32  `json:"cores"`
	Accelerators int32  `json:"accelerators"`
}

// explorerStart is where the form starts for a model and machine: the policy of
// its first trial and the highest of its stable rates.
type explorerStart struct {
	Model   string  `json:"model"`
	Machine int     `json:"machine"`
	Batch   int32   `json:"batch"`
	Rate    float64 `json:"rate"`
}

type explorerTarget struct {
	Model string `json:"model"`
	Name  string `json:"name"`
	NS    int64  `json:"ns"`
}

// explorer describes the machines that were simulated with one server; ok is
// false where there are none, or their load cannot be repeated on a page.
func (in input) explorer() (e explorer, ok bool) {
	e = explorer{Experiment: in.Experiment, Curves: map[string][][3]int64{}, MaxQuery: in.MaxQuery}
	type start struct {
		model   string
		machine explorerMachine
	}
	at := map[start]int{}
	for _, r := range byModel(in, in.Trial, func(r record.Trial) string { return r.Model }) {
		m := explorerMachine{r.CPUPlatform, r.Engine, r.AccelPlatform, in.titleOf(Node{r.CPUPlatform, r.Engine, r.AccelPlatform}), r.Cores, r.Accelerators}
		k := start{r.Model, m}
		if r.Servers != 1 || !r.Stable || r.Admission != record.AdmitAll || !repeatable(r.Arrivals, r.SizeDist) || e.Arrivals != "" && (e.Arrivals != r.Arrivals || e.Sizes != r.SizeDist) {
			continue
		}
		e.Arrivals, e.Sizes = r.Arrivals, r.SizeDist
		if !slices.Contains(e.Machines, m) {
			e.Machines = append(e.Machines, m)
		}
		i, known := at[k]
		if !known {
			i = len(e.Starts)
			at[k] = i
			e.Starts = append(e.Starts, explorerStart{r.Model, slices.Index(e.Machines, m), r.BatchSize, 0})
		}
		if r.BatchSize == e.Starts[i].Batch && r.OffloadThreshold == 0 {
			e.Starts[i].Rate = math.Max(e.Starts[i].Rate, round3(r.RateQPS))
		}
	}
	e.Starts = where(e.Starts, func(s explorerStart) bool { return s.Rate > 0 })
	e.Models = distinct(e.Starts, func(s explorerStart) string { return s.Model })
	for _, r := range in.Curve {
		if slices.Contains(e.Models, r.Model) {
			k := r.Model + "/" + r.Platform + "/" + r.Engine
			e.Curves[k] = append(e.Curves[k], [3]int64{int64(r.Workers), int64(r.BatchSize), r.LatencyNS})
		}
	}
	for _, t := range in.Targets {
		e.Targets = append(e.Targets, explorerTarget{t.Model, t.Name, t.LimitNS})
	}
	return e, len(e.Curves) > 0
}

// repeatable reports a load that needs no file of the user's.
func repeatable(specs ...string) bool {
	return !slices.ContainsFunc(specs, func(s string) bool {
		return len(s) > 5 && (s[:5] == "file:" || s[:5] == "trace")
	})
}

// programDigest stands in the stage's Config, so that a page is drawn anew when
// the simulator, the scripts or the styles in it change.
func programDigest() string {
	sum := sha256.Sum256([]byte(string(explorerProgram) + explorerWorker + explorerJS + pageHTML + pageCSS + pageJS))
	return hex.EncodeToString(sum[:])
}

// round3 keeps three significant digits, as the page does.
func round3(v float64) float64 {
	f, _ := strconv.ParseFloat(significant(v), 64)
	return f
}

// explorerParts are the worker and the program as elements that a browser
// neither runs nor shows. Both are ours, and neither can end its element: the
// worker by a test, the program because its alphabet is that of URLs.
func explorerParts() template.HTML {
	return template.HTML(`<script type="text/plain" id="explorer-worker">` + explorerWorker + "</script>\n" +
		`<script type="text/plain" id="explorer-program">` + base64.RawURLEncoding.EncodeToString(explorerProgram) + "</script>")
}
