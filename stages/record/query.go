package record

// Query is the fate of one simulated query, written on request. Times count
// from the start of the trial.
type Query struct {
	Query      int64 `parquet:"query"` // number, warm-up included
	Counted    bool  `parquet:"counted"`
	ArrivalNS  int64 `parquet:"arrival_ns"`
	StartNS    int64 `parquet:"start_ns"` // of its first request
	DoneNS     int64 `parquet:"done_ns"`  // of its last
	LatencyNS  int64 `parquet:"latency_ns"`
	WaitNS     int64 `parquet:"wait_ns"`     // summed over its requests
	ServiceNS  int64 `parquet:"service_ns"`  // summed over its requests
	StraggleNS int64 `parquet:"straggle_ns"` // at the end, while all its requests but one are done
	Items      int32 `parquet:"items"`
	Requests   int32 `parquet:"requests"`
	Server     int32 `parquet:"server"`
	Offloaded  bool  `parquet:"offloaded"`
	Shed       bool  `parquet:"shed"`    // turned away at done_ns
	Retries    int32 `parquet:"retries"` // after failures
}
