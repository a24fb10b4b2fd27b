package record

// Trial is one simulated (platform, policy, load) point. Quantiles and
// intervals are null when the trial is not stable: the tail of a growing
// queue is a property of the run's length, not of the system.
type Trial struct {
	Experiment       string   `parquet:"experiment,dict" json:"experiment"`
	Model            string   `parquet:"model,dict" json:"model"`
	CPUPlatform      string   `parquet:"cpu_platform,dict" json:"cpu_platform"`
	Engine           string   `parquet:"engine,dict" json:"engine"`
	AccelPlatform    string   `parquet:"accel_platform,dict" json:"accel_platform"`
	Servers          int32    `parquet:"servers" json:"servers"`
	Cores            int32    `parquet:"cores" json:"cores"`
	Accelerators     int32    `parquet:"accelerators" json:"accelerators"`
	Router           string   `parquet:"router,dict" json:"router"`
	Arrivals         string   `parquet:"arrivals,dict" json:"arrivals"`
	SizeDist         string   `parquet:"size_dist,dict" json:"size_dist"`
	BatchSize        int32    `parquet:"batch_size" json:"batch_size"`
	OffloadThreshold int32    `parquet:"offload_threshold" json:"offload_threshold"`
	Admission        string   `parquet:"admission,dict" json:"admission"` // all, queue:N or wait:TIME
	RateQPS          float64  `parquet:"rate_qps" json:"rate_qps"`
	Seed             int64    `parquet:"seed" json:"seed"`
	Queries          int64    `parquet:"queries" json:"queries"` // counted, after warm-up; shed ones too
	Shed             float64  `parquet:"shed" json:"shed"`       // share turned away
	TargetNS         *int64   `parquet:"target_ns,optional" json:"target_ns"`
	GoodQPS          *float64 `parquet:"good_qps,optional" json:"good_qps"` // answered within target_ns
	AchievedQPS      float64  `parquet:"achieved_qps" json:"achieved_qps"`
	AchievedIPS      float64  `parquet:"achieved_ips" json:"achieved_ips"`
	MeanNS           *int64   `parquet:"mean_ns,optional" json:"mean_ns"`
	P50NS            *int64   `parquet:"p50_ns,optional" json:"p50_ns"`
	P75NS            *int64   `parquet:"p75_ns,optional" json:"p75_ns"`
	P90NS            *int64   `parquet:"p90_ns,optional" json:"p90_ns"`
	P95NS            *int64   `parquet:"p95_ns,optional" json:"p95_ns"`
	P99NS            *int64   `parquet:"p99_ns,optional" json:"p99_ns"`
	P999NS           *int64   `parquet:"p999_ns,optional" json:"p999_ns"`
	MaxNS            *int64   `parquet:"max_ns,optional" json:"max_ns"`
	P95LoNS          *int64   `parquet:"p95_lo_ns,optional" json:"p95_lo_ns"`
	P95HiNS          *int64   `parquet:"p95_hi_ns,optional" json:"p95_hi_ns"`
	P99LoNS          *int64   `parquet:"p99_lo_ns,optional" json:"p99_lo_ns"`
	P99HiNS          *int64   `parquet:"p99_hi_ns,optional" json:"p99_hi_ns"`
	P50LoNS          *int64   `parquet:"p50_lo_ns,optional" json:"p50_lo_ns"`
	P50HiNS          *int64   `parquet:"p50_hi_ns,optional" json:"p50_hi_ns"`
	P75LoNS          *int64   `parquet:"p75_lo_ns,optional" json:"p75_lo_ns"`
	P75HiNS          *int64   `parquet:"p75_hi_ns,optional" json:"p75_hi_ns"`
	P90LoNS          *int64   `parquet:"p90_lo_ns,optional" json:"p90_lo_ns"`
	P90HiNS          *int64   `parquet:"p90_hi_ns,optional" json:"p90_hi_ns"`
	P999LoNS         *int64   `parquet:"p999_lo_ns,optional" json:"p999_lo_ns"`
	P999HiNS         *int64   `parquet:"p999_hi_ns,optional" json:"p999_hi_ns"`
	WaitNS           *int64   `parquet:"wait_ns,optional" json:"wait_ns"` // mean wait of a request before it is served
	CPUUtil          float64  `parquet:"cpu_util" json:"cpu_util"`
	AccelUtil        float64  `parquet:"accel_util" json:"accel_util"`
	OffloadedQueries float64  `parquet:"offloaded_queries" json:"offloaded_queries"` // share
	OffloadedItems   float64  `parquet:"offloaded_items" json:"offloaded_items"`     // share
	PowerW           *float64 `parquet:"power_w,optional" json:"power_w"`            // null where watts are not known
	Stable           bool     `parquet:"stable" json:"stable"`
	TailQueue        *float64 `parquet:"tail_queue,optional" json:"tail_queue"`         // shares of the slowest 5 %: waited for a core,
	TailStraggler    *float64 `parquet:"tail_straggler,optional" json:"tail_straggler"` // for a straggling request,
	TailAccel        *float64 `parquet:"tail_accel,optional" json:"tail_accel"`         // for the accelerator
}

// OperatingPoint is the policy that a search chose for a model and target.
type OperatingPoint struct {
	Model            string   `parquet:"model,dict"`
	CPUPlatform      string   `parquet:"cpu_platform,dict"`
	Engine           string   `parquet:"engine,dict"`
	AccelPlatform    string   `parquet:"accel_platform,dict"`
	Servers          int32    `parquet:"servers"`
	SizeDist         string   `parquet:"size_dist,dict"` // served
	TunedOn          string   `parquet:"tuned_on,dict"`  // size distribution that the policy was tuned on
	Objective        string   `parquet:"objective,dict"`
	Target           string   `parquet:"target,dict"` // low, medium, high
	SLANS            int64    `parquet:"sla_ns"`
	Policy           string   `parquet:"policy,dict"`
	BatchSize        int32    `parquet:"batch_size"`
	OffloadThreshold int32    `parquet:"offload_threshold"`
	EqualSplit       bool     `parquet:"equal_split"`    // requests of a query differ by one item at most
	SmallestFirst    bool     `parquet:"smallest_first"` // requests of a query queue smallest first
	ActiveCores      int32    `parquet:"active_cores"`   // that take requests; 0 means all
	AccelBatch       int32    `parquet:"accel_batch"`    // items an accelerator takes at once; 0 means one query
	Accelerators     int32    `parquet:"accelerators"`   // per server
	MaxQPS           float64  `parquet:"max_qps"`
	MaxQPSLo         float64  `parquet:"max_qps_lo"`
	MaxQPSHi         float64  `parquet:"max_qps_hi"`
	MaxIPS           float64  `parquet:"max_ips"`
	P95NS            *int64   `parquet:"p95_ns,optional"` // at max_qps
	PowerW           *float64 `parquet:"power_w,optional"`
	QPSPerWatt       *float64 `parquet:"qps_per_watt,optional"`
	QPSPerDollar     *float64 `parquet:"qps_per_dollar,optional"` // queries per dollar of machine time
	GainOverStatic   *float64 `parquet:"gain_over_static,optional"`
	Regret           *float64 `parquet:"regret,optional"` // 1 - max_qps/oracle, where the oracle ran
	Sims             int64    `parquet:"sims"`
	Status           string   `parquet:"status,dict"`
}

// MixPoint is one kind of server of a cluster whose servers differ: how it is
// driven, and what the whole cluster serves that way.
type MixPoint struct {
	Model            string   `parquet:"model,dict"`
	Mix              string   `parquet:"mix,dict"`
	Engine           string   `parquet:"engine,dict"`
	Servers          int32    `parquet:"servers"` // of all kinds
	Router           string   `parquet:"router,dict"`
	SizeDist         string   `parquet:"size_dist,dict"`
	Target           string   `parquet:"target,dict"` // low, medium, high
	SLANS            int64    `parquet:"sla_ns"`
	Assignment       string   `parquet:"assignment,dict"` // static, shared or own
	Part             int32    `parquet:"part"`            // counts the kinds of server
	CPUPlatform      string   `parquet:"cpu_platform,dict"`
	AccelPlatform    string   `parquet:"accel_platform,dict"`
	PartServers      int32    `parquet:"part_servers"`
	BatchSize        int32    `parquet:"batch_size"`
	OffloadThreshold int32    `parquet:"offload_threshold"`
	EqualSplit       bool     `parquet:"equal_split"`
	SmallestFirst    bool     `parquet:"smallest_first"`
	ActiveCores      int32    `parquet:"active_cores"`
	AccelBatch       int32    `parquet:"accel_batch"`
	MaxQPS           float64  `parquet:"max_qps"` // of the cluster, as the columns that follow
	MaxQPSLo         float64  `parquet:"max_qps_lo"`
	MaxQPSHi         float64  `parquet:"max_qps_hi"`
	P95NS            *int64   `parquet:"p95_ns,optional"` // at max_qps
	GainOverStatic   *float64 `parquet:"gain_over_static,optional"`
	Sims             int64    `parquet:"sims"` // of the search
	Status           string   `parquet:"status,dict"`
}

// MaxQPS is the latency-bounded throughput of one policy of the joint grid.
type MaxQPS struct {
	Model            string  `parquet:"model,dict"`
	CPUPlatform      string  `parquet:"cpu_platform,dict"`
	Engine           string  `parquet:"engine,dict"`
	AccelPlatform    string  `parquet:"accel_platform,dict"`
	Servers          int32   `parquet:"servers"`
	SizeDist         string  `parquet:"size_dist,dict"`
	TunedOn          string  `parquet:"tuned_on,dict"`
	Objective        string  `parquet:"objective,dict"`
	Target           string  `parquet:"target,dict"`
	SLANS            int64   `parquet:"sla_ns"`
	BatchSize        int32   `parquet:"batch_size"`
	OffloadThreshold int32   `parquet:"offload_threshold"`
	MaxQPS           float64 `parquet:"max_qps"`
	MaxQPSLo         float64 `parquet:"max_qps_lo"`
	MaxQPSHi         float64 `parquet:"max_qps_hi"`
	Status           string  `parquet:"status,dict"`
}

// Probe is one simulation of a search, in the order the search ran it.
type Probe struct {
	Model            string  `parquet:"model,dict"`
	CPUPlatform      string  `parquet:"cpu_platform,dict"`
	Engine           string  `parquet:"engine,dict"`
	AccelPlatform    string  `parquet:"accel_platform,dict"`
	Servers          int32   `parquet:"servers"`
	SizeDist         string  `parquet:"size_dist,dict"`
	TunedOn          string  `parquet:"tuned_on,dict"`
	Objective        string  `parquet:"objective,dict"`
	Target           string  `parquet:"target,dict"`
	SLANS            int64   `parquet:"sla_ns"`
	Policy           string  `parquet:"policy,dict"`
	Step             int32   `parquet:"step"`
	BatchSize        int32   `parquet:"batch_size"`
	OffloadThreshold int32   `parquet:"offload_threshold"`
	EqualSplit       bool    `parquet:"equal_split"`
	SmallestFirst    bool    `parquet:"smallest_first"`
	ActiveCores      int32   `parquet:"active_cores"`
	AccelBatch       int32   `parquet:"accel_batch"`
	RateQPS          float64 `parquet:"rate_qps"`
	P95NS            *int64  `parquet:"p95_ns,optional"` // null when unstable
	Queries          int64   `parquet:"queries"`         // counted in this simulation
	Met              bool    `parquet:"met"`
	Reason           string  `parquet:"reason,dict"` // why the search probed here: bracket, bisect, reject
}

// Duel compares the policies that two searches chose, by fresh queries that
// both serve. Null where no comparison was possible.
type Duel struct {
	Model                    string   `parquet:"model,dict"`
	CPUPlatform              string   `parquet:"cpu_platform,dict"`
	Engine                   string   `parquet:"engine,dict"`
	AccelPlatform            string   `parquet:"accel_platform,dict"`
	Servers                  int32    `parquet:"servers"`
	SizeDist                 string   `parquet:"size_dist,dict"`
	Target                   string   `parquet:"target,dict"`
	SLANS                    int64    `parquet:"sla_ns"`
	Policy                   string   `parquet:"policy,dict"`   // the search
	Opponent                 string   `parquet:"opponent,dict"` // the other search
	Queries                  int64    `parquet:"queries"`       // of a simulation that decides
	Seed                     int64    `parquet:"seed"`          // not that of the searches
	BatchSize                int32    `parquet:"batch_size"`
	OffloadThreshold         int32    `parquet:"offload_threshold"`
	OpponentBatchSize        int32    `parquet:"opponent_batch_size"`
	OpponentOffloadThreshold int32    `parquet:"opponent_offload_threshold"`
	MaxQPS                   float64  `parquet:"max_qps"`
	OpponentMaxQPS           float64  `parquet:"opponent_max_qps"`
	Gain                     *float64 `parquet:"gain,optional"`     // max_qps over the opponent's, less one: minus the regret, if that is the oracle
	RateQPS                  *float64 `parquet:"rate_qps,optional"` // between the two, where both serve the same queries
	Late                     *float64 `parquet:"late,optional"`     // share of queries that miss the target there
	OpponentLate             *float64 `parquet:"opponent_late,optional"`
	Better                   *float64 `parquet:"better,optional"` // probability that max_qps is above the opponent's
}

// Pareto is a way to drive one server that no other way beats in queries per
// second, p95 and power at once.
type Pareto struct {
	Model            string   `parquet:"model,dict"`
	CPUPlatform      string   `parquet:"cpu_platform,dict"`
	Engine           string   `parquet:"engine,dict"`
	AccelPlatform    string   `parquet:"accel_platform,dict"`
	Servers          int32    `parquet:"servers"`
	SizeDist         string   `parquet:"size_dist,dict"`
	RateQPS          float64  `parquet:"rate_qps"`
	BatchSize        int32    `parquet:"batch_size"`
	OffloadThreshold int32    `parquet:"offload_threshold"`
	EqualSplit       bool     `parquet:"equal_split"`
	SmallestFirst    bool     `parquet:"smallest_first"`
	ActiveCores      int32    `parquet:"active_cores"`
	AccelBatch       int32    `parquet:"accel_batch"`
	P95NS            int64    `parquet:"p95_ns"`
	PowerW           *float64 `parquet:"power_w,optional"` // null where watts are not known: the front is then of rate and p95
	Best             bool     `parquet:"best"`             // nor does any way to drive another machine of the experiment
}
