package experiments

// Config is what an experiment asks, key by key; settings in keys.go says what
// each means.
type Config struct {
	Name      string
	Seed      int
	Models    []string
	Stages    []string
	Platforms Platforms
	Load      Workload
	Profile   Profile
	Accel     Accel
	Fit       Fit
	Simulate  Simulate
	Optimize  Optimize
	Validate  Validate
	Fleet     Fleet
	Report    Report
}

// Platforms are the machines that are compared.
type Platforms struct {
	CPU          []string
	Accelerators []string
	PerNode      int
	Power        string
	Cores        int
}

// Workload is the work that arrives.
type Workload struct {
	Arrivals     string
	Sizes        string
	MaxQuerySize int
}

// Profile is what is measured on this machine.
type Profile struct {
	Variant        string
	TableScale     float64
	BatchSizes     []int
	Workers        []int
	Fusion         []string
	IndexDist      string
	Warmup         int
	MinRepetitions int
	Repetitions    int
	MaxSeconds     float64
}

// Accel is where latencies of accelerators come from.
type Accel struct {
	BatchSizes []int
	Files      []string
}

// Fit is how curves are made.
type Fit struct {
	Engines     []string
	Method      string
	Extrapolate float64
	RequestMS   float64
}

// Simulate is which loads are simulated.
type Simulate struct {
	Engines     []string
	Servers     int
	Router      string
	Static      bool
	Policies    []string
	Utilisation []float64
	RatesQPS    []float64
	Queries     int
	Admission   []string
	Clusters    []int
	Mixes       []string
	Failures    []string
	AccelBatch  int
	AccelDelay  float64
	Precision   float64
	Budget      int
	Colocation  bool
	Noise       bool
}

// Optimize is which policies are looked for.
type Optimize struct {
	Engines      []string
	Targets      []string
	SLA          []string
	Servers      int
	Router       string
	Mixes        []string
	Policies     []string
	Objectives   []string
	Oracle       []string
	Cells        []string
	TunedOn      []string
	Batches      []int
	Thresholds   []int
	Queries      int
	Tolerance    float64
	MapTolerance float64
	JudgeQueries int
	Pareto       bool
	Wider        Wider
	Colocation   bool
	Noise        bool
}

// Validate is what the simulator is compared with.
type Validate struct {
	Replications int
	Queries      int
	Fleet        bool
	Live         bool
	Placements   []string
	Policy       string
	Accelerator  string
	Utilisation  []float64
	Seconds      float64
	MaxQPS       bool
	Colocation   bool
	Noise        bool
}

// Wider is what joint may choose beyond batch size and threshold.
type Wider struct {
	EqualSplit    bool
	SmallestFirst bool
	ActiveCores   []int
	AccelBatches  []int
}

// Fleet is which day is planned for, with which machines.
type Fleet struct {
	Demand    string
	Nodes     []string
	Engine    string
	Target    string
	Objective string
	Share     bool
	Headroom  float64
	Solves    int
}

// Report is what is drawn.
type Report struct {
	Figures []string
	Nodes   []string
}
