package record

// OpTiming is the time that operators of one kind took in one forward pass.
// The rows of one pass (all kinds of one rep) add up to the pass.
type OpTiming struct {
	Model      string  `parquet:"model,dict"`
	Variant    string  `parquet:"variant,dict"`
	Platform   string  `parquet:"platform,dict"`
	Workers    int32   `parquet:"workers"` // co-located single-threaded engines running at once
	Fusion     string  `parquet:"fusion,dict"`
	IndexDist  string  `parquet:"index_dist,dict"`
	TableScale float64 `parquet:"table_scale"` // 1 = full-size embedding tables
	BatchSize  int32   `parquet:"batch_size"`
	Rep        int32   `parquet:"rep"` // counts through all workers: worker*reps + i
	OpKind     string  `parquet:"op_kind,dict"`
	WallNS     int64   `parquet:"wall_ns"`
	FLOPs      int64   `parquet:"flops"`
	Bytes      int64   `parquet:"bytes"`
	Ops        int32   `parquet:"ops"` // operators of this kind in the graph
}

// OpDetail is one operator of a graph at one batch size, with one worker.
type OpDetail struct {
	Model            string  `parquet:"model,dict"`
	Platform         string  `parquet:"platform,dict"`
	Fusion           string  `parquet:"fusion,dict"`
	BatchSize        int32   `parquet:"batch_size"`
	OpIndex          int32   `parquet:"op_index"` // position in execution order
	OpKind           string  `parquet:"op_kind,dict"`
	OpName           string  `parquet:"op_name,dict"`
	MedianNS         int64   `parquet:"median_ns"`
	FLOPs            int64   `parquet:"flops"`
	Bytes            int64   `parquet:"bytes"`
	RooflineFraction float64 `parquet:"roofline_fraction"` // roofline time of the host / median time
}

// Calibration is one figure of the machine's roofline, measured by the same
// run that profiled the models: peak FLOP rate, streaming bandwidth per cache
// level, time of a random row access.
type Calibration struct {
	Platform string  `parquet:"platform,dict"`
	Metric   string  `parquet:"metric,dict"` // fma_gflops, stream_gbps, row_ns, sum_row_ns, dispatch_ns
	Level    string  `parquet:"level,dict"`  // core, l2, l3, dram; row_ns and sum_row_ns: bytes of a row
	Workers  int32   `parquet:"workers"`
	Value    float64 `parquet:"value"`
	Unit     string  `parquet:"unit,dict"`
}

// AccelLatency is one latency sample of an accelerator, or one published
// speed-up where no absolute time exists. A user's own latencies of a CPU come
// the same way, with workers saying how many cores were busy.
type AccelLatency struct {
	Model      string   `parquet:"model,dict"`
	Platform   string   `parquet:"platform,dict"`
	Source     string   `parquet:"source,dict"`
	Workers    int32    `parquet:"workers"` // active cores; 1 for an accelerator
	BatchSize  int32    `parquet:"batch_size"`
	Rep        int32    `parquet:"rep"`
	TransferNS *int64   `parquet:"transfer_ns,optional"`
	ComputeNS  *int64   `parquet:"compute_ns,optional"`
	TotalNS    *int64   `parquet:"total_ns,optional"` // null for a ratio
	Speedup    *float64 `parquet:"speedup,optional"`  // null for an absolute time
}

// AccelOp is where the roofline puts an accelerator's time, by operator kind.
type AccelOp struct {
	Model     string `parquet:"model,dict"`
	Platform  string `parquet:"platform,dict"`
	Source    string `parquet:"source,dict"`
	BatchSize int32  `parquet:"batch_size"`
	OpKind    string `parquet:"op_kind,dict"`
	TimeNS    int64  `parquet:"time_ns"`
	FLOPs     int64  `parquet:"flops"`
	Bytes     int64  `parquet:"bytes"`
	Launches  int32  `parquet:"launches"`
}

// LatencyCurve is one knot of a batch -> latency curve.
type LatencyCurve struct {
	Model        string   `parquet:"model,dict"`
	Platform     string   `parquet:"platform,dict"`
	Engine       string   `parquet:"engine,dict"`
	Workers      int32    `parquet:"workers"` // active cores; 1 for an accelerator
	BatchSize    int32    `parquet:"batch_size"`
	LatencyNS    int64    `parquet:"latency_ns"`
	LoNS         int64    `parquet:"lo_ns"`
	HiNS         int64    `parquet:"hi_ns"`
	CV           float64  `parquet:"cv"` // coefficient of variation of the samples at this knot
	Source       string   `parquet:"source,dict"`
	Support      string   `parquet:"support,dict"`
	HoldoutError *float64 `parquet:"holdout_error,optional"` // |predicted/measured - 1| with this knot left out; null at the ends
}

// LatencyResidual is one quantile of service time divided by the curve.
type LatencyResidual struct {
	Model     string  `parquet:"model,dict"`
	Platform  string  `parquet:"platform,dict"`
	Engine    string  `parquet:"engine,dict"`
	BatchSize int32   `parquet:"batch_size"`
	Quantile  float64 `parquet:"quantile"`
	Ratio     float64 `parquet:"ratio"`
}
