package load_test

import (
	"strings"
	"testing"

	"runexp/serving/load"
)

func TestNamesAreSpecs(t *testing.T) {
	for _, spec := range []string{"poisson", "fixed", "gamma:2.5", "mmpp:3,0.2,50", "seed_gap", "diurnal:1.5,24h0m0s"} {
		if got := arrivals(t, spec).Name(); got != spec {
			t.Errorf("arrivals %q are called %q", spec, got)
		}
	}
	for _, spec := range []string{"production", "mlperf", "fixed:7", "normal:100,20", "lognormal:5,0.5", "file:testdata/quantiles.txt"} {
		if got := sizes(t, spec, 1000).Name(); got != spec {
			t.Errorf("sizes %q are called %q", spec, got)
		}
	}
}

func TestBadSpecs(t *testing.T) {
	for spec, want := range map[string]string{
		"":                "unknown; want poisson",
		"bursty":          "unknown; want poisson",
		"poisson:3":       "takes no argument",
		"gamma":           `CV "" is not a number`,
		"gamma:":          `CV "" is not a number`,
		"gamma:0":         "CV 0 is not between 0.001 and 1000",
		"gamma:NaN":       `CV "NaN" is not a number`,
		"gamma:1,2":       "want CV after the colon",
		"mmpp:3,0.2":      "want PEAK,SHARE,LENGTH after the colon",
		"mmpp:0,0.2,5":    "PEAK 0 is not positive",
		"mmpp:3,1,5":      "SHARE 1 is not between 0 and 1",
		"mmpp:6,0.2,5":    "more than all arrivals",
		"mmpp:3,0.2,0":    "LENGTH 0 is below 0.001 mean gaps",
		"diurnal:1.5":     "want PEAK,PERIOD",
		"diurnal:3,24h":   "PEAK 3 is not between 1 and 2",
		"diurnal:1.5,day": `PERIOD "day" is not a positive time`,
	} {
		if _, err := load.ParseArrivals(spec); err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "arrivals ") {
			t.Errorf("arrivals %q: error %v, want %q", spec, err, want)
		}
	}
	for spec, want := range map[string]string{
		"":                        "unknown; want production",
		"uniform":                 "unknown; want production",
		"production:2":            "takes no argument",
		"fixed:":                  "is not a number of items from 1 to the largest query, 1000",
		"fixed:0":                 "is not a number of items",
		"fixed:1001":              "is not a number of items from 1 to the largest query, 1000",
		"fixed:2.5":               "is not a number of items",
		"normal:100":              "want MEAN,SD after the colon",
		"normal:100,0":            "SD 0 is not positive",
		"normal:x,1":              `MEAN "x" is not a number`,
		"lognormal:5,-1":          "SIGMA -1 is not positive",
		"file:testdata/none":      "no such file",
		"file:testdata/bad.txt":   `line 3: "many" is not a number of items`,
		"file:testdata/zero.txt":  `line 2: "0" is not a number of items`,
		"file:testdata/empty.txt": "no size in the file",
	} {
		if _, err := load.ParseSizes(spec, 1000); err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "sizes ") {
			t.Errorf("sizes %q: error %v, want %q", spec, err, want)
		}
	}
	if _, err := load.ParseSizes("production", 0); err == nil {
		t.Error("a largest query of 0 items is accepted")
	}
}
