package record

// PaperCheck sets one number of ours beside the published one. A row with a
// verdict is a statement of the paper that holds here or does not; a row
// without is a number that may differ.
type PaperCheck struct {
	Check         string   `parquet:"check_name,dict"` // what is compared: cpu_gain, accel_gain, ...
	Model         string   `parquet:"model,dict"`      // all for a mean over models
	Target        string   `parquet:"target,dict"`     // low, medium, high; all where it does not matter
	CPUPlatform   string   `parquet:"cpu_platform,dict"`
	Engine        string   `parquet:"engine,dict"`
	AccelPlatform string   `parquet:"accel_platform,dict"`
	Ours          *float64 `parquet:"ours,optional"` // null where we have none: no policy meets the target
	OursLo        *float64 `parquet:"ours_lo,optional"`
	OursHi        *float64 `parquet:"ours_hi,optional"`
	Published     *float64 `parquet:"published,optional"` // null where nothing was published
	Ratio         *float64 `parquet:"ratio,optional"`     // ours / published
	Pass          *bool    `parquet:"pass,optional"`
	Statement     string   `parquet:"statement,dict"` // what passes or fails, in words
}
