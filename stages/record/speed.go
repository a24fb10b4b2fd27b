package record

// SimSpeed is how fast the simulator itself ran, on one core.
type SimSpeed struct {
	Scenario    string  `parquet:"scenario,dict"` // what a node does: constant, or full
	Servers     int32   `parquet:"servers"`
	Router      string  `parquet:"router,dict"`
	Rep         int32   `parquet:"rep"`
	Requests    int64   `parquet:"requests"` // warm-up included
	WallNS      int64   `parquet:"wall_ns"`
	RequestsPer float64 `parquet:"requests_per_second"`
}
