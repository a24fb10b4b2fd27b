package accel

import (
	"bufio"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"runexp/stages/record"
)

// maxBatch bounds batch sizes: no query has more items, and the tables that
// simulations make of latencies are as long as their largest batch.
const maxBatch = 1 << 20

// Sample is one line of a latency CSV. Transfer and Compute are zero where the
// file gives their sum alone.
type Sample struct {
	Model, Platform string
	Workers         int // active cores of a CPU; 1 for an accelerator
	Batch, Rep      int
	Transfer        time.Duration
	Compute         time.Duration
	Latency         time.Duration // the sum
}

// Columns of a latency CSV, in the order in which WriteCSV writes them.
const (
	colModel    = "model"
	colPlatform = "platform"
	colBatch    = "batch_size"
	colLatency  = "latency_ms"
	colTransfer = "transfer_ms"
	colCompute  = "compute_ms"
	colRep      = "rep"
	colWorkers  = "workers"
)

var columns = []string{colModel, colPlatform, colBatch, colLatency, colTransfer, colCompute, colRep, colWorkers}

// ReadCSV parses a latency CSV strictly: one header line with model, platform,
// batch_size and either latency_ms or both transfer_ms and compute_ms, and
// optionally rep and workers; times positive; batches ascending for each model,
// platform, workers and rep, and none above maxBatch. The first fault is an error that names the file,
// the line and the column.
func ReadCSV(name string, r io.Reader, known Known) ([]Sample, error) {
	p := csvParser{name: name, known: known, last: map[string]int{}}
	p.csv = csv.NewReader(skipMark(r))
	p.csv.TrimLeadingSpace = true
	p.csv.ReuseRecord = true
	if err := p.header(); err != nil {
		return nil, err
	}
	var out []Sample
	for {
		fields, err := p.csv.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, p.syntax(err)
		}
		p.fields = fields
		s, err := p.sample()
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s: no lines below the header", name)
	}
	return out, nil
}

// skipMark drops the byte order mark that spreadsheets put before UTF-8.
func skipMark(r io.Reader) io.Reader {
	b := bufio.NewReader(r)
	if mark, err := b.Peek(3); err == nil && string(mark) == "\xef\xbb\xbf" {
		b.Discard(3)
	}
	return b
}

type csvParser struct {
	name   string
	known  Known
	csv    *csv.Reader
	index  map[string]int // column -> field
	fields []string
	last   map[string]int // largest batch of a series so far
}

// header reads the first line and checks which columns there are.
func (p *csvParser) header() error {
	fields, err := p.csv.Read()
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("%s: empty file", p.name)
	}
	if err != nil {
		return p.syntax(err)
	}
	p.index = map[string]int{}
	for i, f := range fields {
		f = strings.TrimSpace(f)
		if !slices.Contains(columns, f) {
			return fmt.Errorf("%s: line 1: unknown column %q; known: %s", p.name, f, strings.Join(columns, ", "))
		}
		if _, twice := p.index[f]; twice {
			return fmt.Errorf("%s: line 1: column %s stands twice", p.name, f)
		}
		p.index[f] = i
	}
	need := []string{colModel, colPlatform, colBatch, colLatency}
	if p.has(colTransfer) || p.has(colCompute) {
		if p.has(colLatency) {
			return fmt.Errorf("%s: line 1: columns latency_ms and transfer_ms, compute_ms exclude each other", p.name)
		}
		need = []string{colModel, colPlatform, colBatch, colTransfer, colCompute}
	}
	for _, c := range need {
		if !p.has(c) {
			return fmt.Errorf("%s: line 1: column %s is missing", p.name, c)
		}
	}
	return nil
}

func (p *csvParser) has(column string) bool { _, ok := p.index[column]; return ok }

// sample parses the line in p.fields.
func (p *csvParser) sample() (Sample, error) {
	s := Sample{Workers: 1}
	var err error
	if s.Model, err = p.oneOf(colModel, p.known.Models); err != nil {
		return s, err
	}
	if s.Platform, err = p.oneOf(colPlatform, slices.Concat(p.known.CPUs, p.known.Accelerators)); err != nil {
		return s, err
	}
	if s.Batch, err = p.count(colBatch, 1); err != nil {
		return s, err
	}
	if s.Batch > maxBatch {
		return s, p.fault(colBatch, "%d is more than %d, the largest query", s.Batch, maxBatch)
	}
	if p.has(colRep) {
		if s.Rep, err = p.count(colRep, 0); err != nil {
			return s, err
		}
	}
	if p.has(colWorkers) {
		if s.Workers, err = p.count(colWorkers, 1); err != nil {
			return s, err
		}
	}
	if s.Workers > 1 && slices.Contains(p.known.Accelerators, s.Platform) {
		return s, p.fault(colWorkers, "%d workers on an accelerator; it serves one query at a time", s.Workers)
	}
	if p.has(colLatency) {
		s.Latency, err = p.ms(colLatency)
	} else if s.Transfer, err = p.ms(colTransfer); err == nil {
		s.Compute, err = p.ms(colCompute)
		s.Latency = s.Transfer + s.Compute
	}
	if err != nil {
		return s, err
	}
	return s, p.ordered(s)
}

// ordered checks that batches ascend within a series.
func (p *csvParser) ordered(s Sample) error {
	series := fmt.Sprintf("%s\x00%s\x00%d\x00%d", s.Model, s.Platform, s.Workers, s.Rep)
	last, seen := p.last[series]
	switch {
	case seen && s.Batch == last:
		return p.fault(colBatch, "%d stands twice for %s on %s (give repetitions a rep column)", s.Batch, s.Model, s.Platform)
	case seen && s.Batch < last:
		return p.fault(colBatch, "%d comes after %d for %s on %s: batches must ascend", s.Batch, last, s.Model, s.Platform)
	}
	p.last[series] = s.Batch
	return nil
}

func (p *csvParser) field(column string) string { return strings.TrimSpace(p.fields[p.index[column]]) }

// oneOf is a field that must be one of the known names.
func (p *csvParser) oneOf(column string, known []string) (string, error) {
	v := p.field(column)
	if !slices.Contains(known, v) {
		return "", p.fault(column, "unknown %s %q; known: %s", column, v, strings.Join(known, ", "))
	}
	return strings.Clone(v), nil
}

func (p *csvParser) count(column string, least int) (int, error) {
	v := p.field(column)
	n, err := strconv.ParseInt(v, 10, 32)
	if err != nil || int(n) < least {
		return 0, p.fault(column, "%q is not a whole number of at least %d", v, least)
	}
	return int(n), nil
}

// longest bounds a time: a day is no latency, and ns still fit an int64.
const longest = 24 * time.Hour

func (p *csvParser) ms(column string) (time.Duration, error) {
	v := p.field(column)
	ms, err := strconv.ParseFloat(v, 64)
	if err != nil || math.IsNaN(ms) || !(ms > 0) || ms > float64(longest.Milliseconds()) {
		return 0, p.fault(column, "%q is not a positive number of milliseconds", v)
	}
	return max(1, time.Duration(math.Round(ms*float64(time.Millisecond)))), nil
}

// fault is an error about one field of the current line.
func (p *csvParser) fault(column, format string, args ...any) error {
	line, _ := p.csv.FieldPos(p.index[column])
	return fmt.Errorf("%s: line %d, column %s: %s", p.name, line, column, fmt.Sprintf(format, args...))
}

// syntax is an error of the CSV reader without its repetition of the position.
func (p *csvParser) syntax(err error) error {
	var pe *csv.ParseError
	if errors.As(err, &pe) {
		if errors.Is(pe.Err, csv.ErrFieldCount) {
			return fmt.Errorf("%s: line %d: not as many fields as the header has columns", p.name, pe.Line)
		}
		return fmt.Errorf("%s: line %d, character %d: %w", p.name, pe.Line, pe.Column, pe.Err)
	}
	return fmt.Errorf("%s: %w", p.name, err)
}

// WriteCSV writes samples in the form that ReadCSV reads, sorted by key: what
// the import commands put out. Parts are written where every sample has them.
func WriteCSV(w io.Writer, samples []Sample) error {
	sorted := slices.Clone(samples)
	slices.SortStableFunc(sorted, func(a, b Sample) int {
		return cmp.Or(cmp.Compare(a.Model, b.Model), cmp.Compare(a.Platform, b.Platform),
			cmp.Compare(a.Workers, b.Workers), cmp.Compare(a.Rep, b.Rep), cmp.Compare(a.Batch, b.Batch))
	})
	parts := !slices.ContainsFunc(sorted, func(s Sample) bool { return s.Compute == 0 })
	out := csv.NewWriter(w)
	times := []string{colLatency}
	if parts {
		times = []string{colTransfer, colCompute}
	}
	out.Write(slices.Concat([]string{colModel, colPlatform, colBatch}, times, []string{colRep, colWorkers}))
	for _, s := range sorted {
		cells := []string{milliseconds(s.Latency)}
		if parts {
			cells = []string{milliseconds(s.Transfer), milliseconds(s.Compute)}
		}
		out.Write(slices.Concat([]string{s.Model, s.Platform, strconv.Itoa(s.Batch)}, cells,
			[]string{strconv.Itoa(s.Rep), strconv.Itoa(s.Workers)}))
	}
	out.Flush()
	return out.Error()
}

func milliseconds(d time.Duration) string {
	return strconv.FormatFloat(float64(d)/float64(time.Millisecond), 'f', -1, 64)
}

// row is the sample as a row of accel_latency.
func (s Sample) row() record.AccelLatency {
	total := s.Latency.Nanoseconds()
	r := record.AccelLatency{
		Model: s.Model, Platform: s.Platform, Source: record.User, Workers: int32(s.Workers),
		BatchSize: int32(s.Batch), Rep: int32(s.Rep), TotalNS: &total,
	}
	if s.Compute > 0 {
		transfer, compute := s.Transfer.Nanoseconds(), s.Compute.Nanoseconds()
		r.TransferNS, r.ComputeNS = &transfer, &compute
	}
	return r
}
