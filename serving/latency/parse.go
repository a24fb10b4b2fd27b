package latency

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ParseService reads the time per request, whatever its batch size: exp:MEAN
// (exponential), const:TIME, or lognormal:MEAN,CV, where times are Go
// durations such as 2ms.
func ParseService(spec string) (*Service, error) {
	kind, arg, _ := strings.Cut(spec, ":")
	s, err := parseService(kind, arg)
	if err != nil {
		return nil, fmt.Errorf("service %q: %w", spec, err)
	}
	s.name = spec
	return s, nil
}

func parseService(kind, arg string) (*Service, error) {
	switch kind {
	case "const":
		return parseConstant(arg)
	case "exp":
		s, err := parseConstant(arg)
		if err != nil {
			return nil, err
		}
		return s.WithNoise(exponential{}), nil
	case "lognormal":
		mean, spread, ok := strings.Cut(arg, ",")
		if !ok {
			return nil, fmt.Errorf("want lognormal:MEAN,CV")
		}
		s, err := parseConstant(mean)
		if err != nil {
			return nil, err
		}
		cv, err := strconv.ParseFloat(strings.TrimSpace(spread), 64)
		if err != nil || !(cv > 0 && cv <= 1000) {
			return nil, fmt.Errorf("cv %q is not in (0, 1000]", spread)
		}
		return s.WithNoise(newLognormal(cv)), nil
	}
	return nil, fmt.Errorf("unknown; want exp:MEAN, const:TIME or lognormal:MEAN,CV")
}

func parseConstant(arg string) (*Service, error) {
	d, err := time.ParseDuration(strings.TrimSpace(arg))
	if err != nil {
		return nil, fmt.Errorf("%q is not a time such as 2ms", arg)
	}
	if d <= 0 {
		return nil, fmt.Errorf("time %v is not positive", d)
	}
	return Constant(d), nil
}
