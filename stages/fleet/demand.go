package fleet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Demand is what users ask of one model in one hour.
type Demand struct {
	Hour  int     `json:"hour"`
	Model string  `json:"model"`
	QPS   float64 `json:"qps"`
}

// maxHours bounds a plan: a week of hours, and then some.
const maxHours = 1000

// ParseDemand reads a demand CSV: a header line hour,model,qps, then one line
// per hour and model in any order. An hour and model without a line has no
// demand. The first fault is an error naming file and line.
func ParseDemand(name string, text []byte) ([]Demand, error) {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))))
	r.TrimLeadingSpace = true
	r.FieldsPerRecord = -1
	header, err := r.Read()
	if err != nil || !slices.Equal(trimmed(header), []string{"hour", "model", "qps"}) {
		return nil, fmt.Errorf("%s:1: the header is not hour,model,qps", name)
	}
	type key struct {
		hour  int
		model string
	}
	seen := map[key]bool{}
	var list []Demand
	for {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		line, _ := r.FieldPos(0)
		d, err := parseLine(trimmed(fields))
		if err == nil && seen[key{d.Hour, d.Model}] {
			err = fmt.Errorf("hour %d of %s stands twice", d.Hour, d.Model)
		}
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, line, err)
		}
		seen[key{d.Hour, d.Model}] = true
		list = append(list, d)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s: no line of demand", name)
	}
	return list, nil
}

func parseLine(fields []string) (Demand, error) {
	if len(fields) != 3 {
		return Demand{}, fmt.Errorf("%d fields, not hour,model,qps", len(fields))
	}
	hour, err := strconv.Atoi(fields[0])
	if err != nil || hour < 0 || hour >= maxHours {
		return Demand{}, fmt.Errorf("hour: %q is not an integer from 0 to %d", fields[0], maxHours-1)
	}
	qps, err := strconv.ParseFloat(fields[2], 64)
	if err != nil || !(qps >= 0) || math.IsInf(qps, 0) {
		return Demand{}, fmt.Errorf("qps: %q is not a rate", fields[2])
	}
	return Demand{Hour: hour, Model: fields[1], QPS: qps}, nil
}

func trimmed(fields []string) []string {
	out := make([]string, len(fields))
	for i, f := range fields {
		out[i] = strings.TrimSpace(f)
	}
	return out
}

// hours lists the hours of a demand, ascending, and the rate of each model in
// each, in the order of models.
func hours(list []Demand, models []string) ([]int, [][]float64) {
	byHour := map[int][]float64{}
	var order []int
	for _, d := range list {
		if byHour[d.Hour] == nil {
			byHour[d.Hour] = make([]float64, len(models))
			order = append(order, d.Hour)
		}
		byHour[d.Hour][slices.Index(models, d.Model)] = d.QPS
	}
	slices.Sort(order)
	rates := make([][]float64, len(order))
	for i, h := range order {
		rates[i] = byHour[h]
	}
	return order, rates
}
