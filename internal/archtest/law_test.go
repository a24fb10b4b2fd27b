package archtest

// law says which room may import which. "a, b < c" lets c import a and b, and
// everything that a and b may import. NONE imports nothing of this module.
// "a !< b" forbids what the lines above would allow. A trailing /* stands for
// every package below. A package that no line names may not exist.
const law = `
	NONE < stages/record, serving/policy, internal/archtest,
	       internal/kernel, internal/timing, internal/sample, internal/stream,
	       internal/atomicfile, internal/npz, internal/parallel, internal/words,
	       serving/theory;

	internal/words                   < hw;
	internal/kernel, internal/stream < models/op;
	models/op, internal/npz          < models;
	models                           < models/locality;

	internal/stream                                < serving/load;
	internal/sample, internal/stream               < serving/latency;
	serving/policy, serving/load, serving/latency  < serving/sim;
	serving/sim, internal/parallel                 < serving/tune;

	internal/atomicfile      < pipeline/cache;
	pipeline/cache           < pipeline/artifact;
	pipeline/artifact, internal/timing < pipeline;
	pipeline/artifact        < internal/arrowio;
	pipeline/artifact, stages/record, internal/sample < internal/compare;
	stages/record, internal/sample, internal/atomicfile < internal/figure;

	pipeline, stages/record, models/locality, hw, internal/timing, internal/sample < stages/profile;
	pipeline, stages/record, models, hw, internal/sample                  < stages/accel;
	pipeline, stages/record, models, serving/latency, hw                  < stages/fit;
	pipeline, stages/record, serving/sim                                  < stages/simulate;
	pipeline, stages/record, serving/tune                                 < stages/optimize;
	pipeline, stages/record, internal/figure, internal/arrowio, internal/parallel < stages/report;

	stages/record, serving/sim, pipeline/artifact < stages/node;
	internal/parallel, stages/node < stages/simulate, stages/optimize;
	pipeline, serving/tune, stages/node      < stages/fleet;
	pipeline, stages/record, internal/sample < stages/compare;

	models, internal/timing, serving/sim                                   < serving/live;
	pipeline, serving/theory, serving/live, serving/tune, stages/node      < stages/validate;
	pipeline, stages/record, serving/sim, internal/timing, internal/figure < stages/speed;

	stages/* < experiments;
	experiments, internal/compare < cmd/*;

	models, pipeline/artifact, hw, internal/figure, internal/timing < tools/peers;

	pipeline    !< models, hw, serving/*;
	serving/sim !< models, hw, pipeline;
	cmd/runexp-wasm !< experiments, stages/*, pipeline, models, hw, internal/figure;
`

// homes says which packages alone may import an outside library. The rest of
// the module sees it only through them.
var homes = map[string][]string{
	"github.com/parquet-go/parquet-go": {"pipeline/artifact"},
	"github.com/apache/arrow/go/v15":   {"internal/arrowio"},
	"github.com/spf13/viper":           {"experiments"},
	"go.yaml.in/yaml/v3":               {"experiments"},
	"gonum.org/v1/plot":                {"internal/figure"},
	"github.com/spf13/cobra":           {"cmd/runexp"},
	"github.com/vbauerster/mpb/v8":     {"cmd/runexp"},
	"math/rand":                        {},
}

// calls says which functions may be called only in the files or packages
// listed, tests aside. The reason is printed with the finding.
var calls = []struct {
	pkg    string   // import path
	names  []string // functions, or nil for all
	homes  []string // packages or files
	reason string
}{
	{"time", []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "NewTimer", "NewTicker", "Tick"},
		[]string{"internal/timing"}, "the wall clock is read in internal/timing alone"},
	{"math/rand/v2", []string{"New", "NewPCG", "NewChaCha8", "Int", "IntN", "Int64", "Int64N", "Int32", "Int32N", "Uint32", "Uint64", "Uint64N", "N", "Float32", "Float64", "NormFloat64", "ExpFloat64", "Perm", "Shuffle"},
		[]string{"internal/stream"}, "randomness comes from a named stream"},
	{"os", []string{"Create", "CreateTemp", "WriteFile", "OpenFile", "Mkdir", "MkdirAll", "MkdirTemp", "Rename", "Link", "Symlink"},
		[]string{"internal/atomicfile"}, "files are created by internal/atomicfile alone"},
	{"os", []string{"Exit"}, []string{"cmd/runexp/main.go", "tools/peers/main.go"}, "only main ends the process"},
	{"log", nil, []string{}, "libraries do not log"},
	{"log/slog", nil, []string{"cmd/runexp"}, "libraries do not log"},
	{"fmt", []string{"Print", "Printf", "Println"}, []string{}, "output goes to a writer that was passed in"},
}
