// Package record holds the row types of every table: the contract between
// stages, and between runexp and the notebooks that read its Parquet files.
//
// A row type is only a struct with tags. Durations are int64 nanoseconds in
// columns ending in _ns, rates are in queries (_qps) or items (_ips) per
// second. A pointer is a nullable column: nil means "not known" or "not
// meaningful here", never zero. The fields of a type stand in the order key
// columns first, measures after; rows are written sorted by key.
//
// Start reading at OpTiming, what a machine really did, and end at
// OperatingPoint, what to do about it.
package record

// Source says how a number was obtained.
const (
	Measured       = "measured"        // timed by this program on the machine named
	Projected      = "projected"       // measured on one machine, scaled to another by the roofline
	Published      = "published"       // absolute times from a public data set
	PublishedRatio = "published_ratio" // a public speed-up over a Skylake process
	Roofline       = "roofline"        // modelled from operator costs and data-sheet figures
	User           = "user"            // the user's own measurements
)

// Support says where a latency stands relative to the knots of its curve.
const (
	AtKnot       = "measured"     // the batch size is a knot
	Interpolated = "interpolated" // between two knots
	Extrapolated = "extrapolated" // past the last knot, within the stated limit
)

// Engine names the software whose CPU latency a curve describes.
const (
	EngineRunexp    = "runexp"      // our kernels, measured on the host
	EngineReference = "reference"   // PyTorch eager, a fixed versioned table
	EngineAccel     = "accelerator" // rows of an accelerator, the same for every CPU engine
	EngineUser      = "user"        // whatever software the user's own CPU latencies were measured with
)

// None is the accelerator of a node that has none.
const None = "none"

// Mixed is the accelerator of a cluster whose servers differ; its CPU platform
// says how.
const Mixed = "mixed"

// AdmitAll is the admission of a server that turns no query away.
const AdmitAll = "all"
