package record

// Shape says how the rows of a table are told apart and which of its numbers
// are measures with an interval. A column that is neither part of the key nor a
// bound is a measure.
type Shape struct {
	Key      []string         // columns that name a row, Repeat included
	Repeat   []string         // those that count repetitions of one measurement
	Interval map[string]Bound // by measure
}

// Bound names the columns of an interval.
type Bound struct{ Lo, Hi string }

// cell is what the keys of the searches begin with.
var cell = []string{"model", "cpu_platform", "engine", "accel_platform", "servers", "size_dist", "tuned_on", "objective", "target", "sla_ns"}

var maxQPS = map[string]Bound{"max_qps": {"max_qps_lo", "max_qps_hi"}}

// trial is the shape of simulated trials and of the live runs beside them.
var trial = Shape{
	Key: []string{"experiment", "model", "cpu_platform", "engine", "accel_platform", "servers", "cores", "accelerators",
		"router", "arrivals", "size_dist", "batch_size", "offload_threshold", "admission", "rate_qps", "seed"},
	Repeat: []string{"seed"},
	Interval: map[string]Bound{
		"p50_ns": {"p50_lo_ns", "p50_hi_ns"}, "p75_ns": {"p75_lo_ns", "p75_hi_ns"}, "p90_ns": {"p90_lo_ns", "p90_hi_ns"},
		"p95_ns": {"p95_lo_ns", "p95_hi_ns"}, "p99_ns": {"p99_lo_ns", "p99_hi_ns"}, "p999_ns": {"p999_lo_ns", "p999_hi_ns"},
	},
}

// Shapes returns the shape of every table, by its name.
func Shapes() map[string]Shape {
	return map[string]Shape{
		"op_timing": {
			Key:    []string{"model", "variant", "platform", "workers", "fusion", "index_dist", "table_scale", "batch_size", "rep", "op_kind"},
			Repeat: []string{"rep"},
		},
		"op_detail":   {Key: []string{"model", "platform", "fusion", "batch_size", "op_index"}},
		"calibration": {Key: []string{"platform", "metric", "level", "workers"}},
		"accel_latency": {
			Key:    []string{"model", "platform", "source", "workers", "batch_size", "rep"},
			Repeat: []string{"rep"},
		},
		"accel_op": {Key: []string{"model", "platform", "source", "batch_size", "op_kind"}},
		"latency_curve": {
			Key:      []string{"model", "platform", "engine", "workers", "batch_size"},
			Interval: map[string]Bound{"latency_ns": {"lo_ns", "hi_ns"}},
		},
		"latency_residual": {Key: []string{"model", "platform", "engine", "batch_size", "quantile"}},
		"trial":            trial,
		"trial_live":       trial,
		"trial_twin":       trial,
		"operating_point":  {Key: append(cell[:len(cell):len(cell)], "policy"), Interval: maxQPS},
		"max_qps":          {Key: append(cell[:len(cell):len(cell)], "batch_size", "offload_threshold"), Interval: maxQPS},
		"mix_point": {
			Key:      []string{"model", "mix", "engine", "router", "size_dist", "target", "sla_ns", "assignment", "part"},
			Interval: maxQPS,
		},
		"probe": {Key: append(cell[:len(cell):len(cell)], "policy", "step")},
		"duel": {
			Key:    []string{"model", "cpu_platform", "engine", "accel_platform", "servers", "size_dist", "target", "sla_ns", "policy", "opponent", "queries", "seed"},
			Repeat: []string{"seed"},
		},
		"pareto": {
			Key: []string{"model", "cpu_platform", "engine", "accel_platform", "servers", "size_dist", "rate_qps", "batch_size",
				"offload_threshold", "equal_split", "smallest_first", "active_cores", "accel_batch"},
		},
		"paper_check": {
			Key:      []string{"check_name", "model", "target", "cpu_platform", "engine", "accel_platform", "statement"},
			Interval: map[string]Bound{"ours": {"ours_lo", "ours_hi"}},
		},
		"sim_speed":   {Key: []string{"scenario", "servers", "router", "rep"}, Repeat: []string{"rep"}},
		"fleet":       {Key: []string{"plan", "hour", "platform"}},
		"fleet_share": {Key: []string{"plan", "hour", "platform", "model"}},
		"fleet_hour":  {Key: []string{"plan", "hour"}},
		"validation": {
			Key:      []string{"check_name", "case_name", "metric"},
			Interval: map[string]Bound{"observed": {"lo", "hi"}, "expected": {"expected_lo", "expected_hi"}},
		},
	}
}
