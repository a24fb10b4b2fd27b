package node

import (
	"fmt"
	"math"
	"path/filepath"
	"strings"

	"runexp/pipeline/artifact"
	"runexp/serving/load"
)

// ParseArrivals is load.ParseArrivals, and reads a trace from Parquet too.
func ParseArrivals(spec string) (load.Arrivals, error) {
	if path, ok := parquetTrace(spec); ok {
		t, err := readTrace(path, math.MaxInt32)
		if err != nil {
			return nil, fmt.Errorf("arrivals %q: %w", spec, err)
		}
		return t, nil
	}
	return load.ParseArrivals(spec)
}

// ParseSizes is load.ParseSizes, and reads a trace from Parquet too.
func ParseSizes(spec string, maxQuery int) (load.Sizes, error) {
	if path, ok := parquetTrace(spec); ok {
		t, err := readTrace(path, maxQuery)
		if err != nil {
			return nil, fmt.Errorf("sizes %q: %w", spec, err)
		}
		return t, nil
	}
	return load.ParseSizes(spec, maxQuery)
}

// parquetTrace returns the path of a spec that names a trace in Parquet.
func parquetTrace(spec string) (string, bool) {
	path, ok := strings.CutPrefix(spec, "trace:")
	return path, ok && filepath.Ext(path) == ".parquet"
}

func readTrace(path string, maxQuery int) (*load.Trace, error) {
	times, sizes, err := ReadTrace(path)
	if err != nil {
		return nil, err
	}
	return load.NewTrace("trace:"+path, times, sizes, maxQuery)
}

// ReadTrace reads the columns time_s and size of a Parquet file. Any writer's
// will do: pandas and pyarrow declare every column nullable and every integer
// wide, and write whole seconds as integers and a column that once had a gap as
// floating point.
func ReadTrace(path string) (times []float64, sizes []int, err error) {
	rows, err := artifact.ReadAny(path, []string{"time_s", "size"}, nil, 0)
	if err != nil {
		return nil, nil, err
	}
	for i, row := range rows.Values {
		time, ok1 := seconds(row[0])
		size, ok2 := whole(row[1])
		if !ok1 || !ok2 {
			return nil, nil, fmt.Errorf("%s: row %d: time_s %v and size %v are not a number of seconds and an integer", path, i+1, row[0], row[1])
		}
		times, sizes = append(times, time), append(sizes, size)
	}
	return times, sizes, nil
}

func seconds(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case int64:
		return float64(v), true
	}
	return 0, false
}

// whole takes integers of either type. A size that an int cannot hold is none.
func whole(v any) (int, bool) {
	switch v := v.(type) {
	case int64:
		return int(v), true
	case float64:
		return int(v), v == math.Trunc(v) && math.Abs(v) <= 1<<53
	}
	return 0, false
}
