package record

// Fleet is how many machines of a platform a plan has on in one hour, and what
// they do. A platform is a CPU and an accelerator, such as skylake+t4.
type Fleet struct {
	Plan        string   `parquet:"plan,dict"` // optimal, greedy, always_on, homogeneous:PLATFORM
	Hour        int32    `parquet:"hour"`
	Platform    string   `parquet:"platform,dict"`
	On          int32    `parquet:"on"`
	DemandQPS   float64  `parquet:"demand_qps"`       // sent to them, over all models
	CapacityQPS float64  `parquet:"capacity_qps"`     // what they could serve of that mix
	Cost        float64  `parquet:"cost"`             // dollars for the hour
	PowerW      *float64 `parquet:"power_w,optional"` // null where watts are not known
	Met         bool     `parquet:"met"`              // every model's target is met in this hour
	Available   int32    `parquet:"available"`
}

// FleetShare is the part of a platform's machines that serves one model.
type FleetShare struct {
	Plan             string  `parquet:"plan,dict"`
	Hour             int32   `parquet:"hour"`
	Platform         string  `parquet:"platform,dict"`
	Model            string  `parquet:"model,dict"`
	Machines         float64 `parquet:"machines"` // worth of time
	DemandQPS        float64 `parquet:"demand_qps"`
	BatchSize        int32   `parquet:"batch_size"`
	OffloadThreshold int32   `parquet:"offload_threshold"`
}

// FleetHour is one hour of a plan: what it serves, costs and draws, and how far
// from the least cost or power it may be.
type FleetHour struct {
	Plan      string   `parquet:"plan,dict"`
	Hour      int32    `parquet:"hour"`
	DemandQPS float64  `parquet:"demand_qps"`
	Machines  int32    `parquet:"machines"`
	Cost      float64  `parquet:"cost"` // dollars for the hour
	PowerW    *float64 `parquet:"power_w,optional"`
	Objective string   `parquet:"objective,dict"`  // cost or power
	Bound     *float64 `parquet:"bound,optional"`  // no plan is below it; null where none was computed
	Excess    *float64 `parquet:"excess,optional"` // objective / bound - 1
	Solves    int32    `parquet:"solves"`          // linear programs solved
	Status    string   `parquet:"status,dict"`     // optimal, budget, heuristic
	Met       bool     `parquet:"met"`
}
