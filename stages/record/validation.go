package record

// Validation is one comparison: what something should be, what it was, and
// whether that is close enough. Times are in ns, rates in queries/s, shares
// without a unit; the metric's name says which.
type Validation struct {
	CheckName  string   `parquet:"check_name,dict"` // theory, little, fork_join, live, replay, fleet
	CaseName   string   `parquet:"case_name,dict"`
	Metric     string   `parquet:"metric,dict"`
	Expected   float64  `parquet:"expected"` // closed form, or what the simulator says
	Observed   float64  `parquet:"observed"`
	Lo         *float64 `parquet:"lo,optional"` // interval of what was observed; null where it is not known
	Hi         *float64 `parquet:"hi,optional"`
	RelError   float64  `parquet:"rel_error"` // observed/expected - 1
	Pass       bool     `parquet:"pass"`
	ExpectedLo *float64 `parquet:"expected_lo,optional"` // interval of what was expected; null for a closed form
	ExpectedHi *float64 `parquet:"expected_hi,optional"`
	Tolerance  float64  `parquet:"tolerance"` // relative error that passes whatever the interval; 0 for none
	Note       string   `parquet:"note,dict"` // what qualifies the row, or why it failed
}
