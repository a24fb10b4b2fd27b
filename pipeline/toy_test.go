package pipeline

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"runexp/pipeline/artifact"
)

// toyRow is the row of every toy table.
type toyRow struct {
	N    int64  `parquet:"n"`
	Name string `parquet:"name,dict"`
}

// toy is an experiment of three stages: measure (on the host) gives rows, double
// reads them, draw reads both and puts out a table and a figure. Each knob
// changes one thing that a stage depends on.
type toy struct {
	MeasureConfig map[string]any
	DoubleConfig  map[string]any
	Rows          []toyRow // what measure measures
	Factor        int64    // what double does; not in its config
	Versions      map[string]int
	Host          []string
	Warn          string // by measure
	Skip          bool   // draw leaves its second figure out
	Run           func(stage string) error
	Parts         func(t *Task, row toyRow) ([]toyRow, error) // how double makes a row; nil: at once
}

func newToy() *toy {
	return &toy{MeasureConfig: map[string]any{"reps": 3, "models": []string{"rm1", "ncf"}}, DoubleConfig: map[string]any{"load": map[string]any{"rate": 100}},
		Rows: []toyRow{{1, "a"}, {2, "b"}}, Factor: 2, Versions: map[string]int{}, Host: []string{"cores 2", "cpu Toy 9000"}}
}

func (c *toy) version(stage string) int { return 1 + c.Versions[stage] }

func (c *toy) stages() []Stage {
	table := artifact.TableOf[toyRow]
	return []Stage{
		{Name: "measure", Version: c.version("measure"), Config: c.MeasureConfig, Host: true,
			Tables: []artifact.Table{table("timing")}, Run: c.measure},
		{Name: "double", Version: c.version("double"), After: []string{"measure"}, Config: c.DoubleConfig,
			Tables: []artifact.Table{table("twice")}, Run: c.double},
		{Name: "draw", Version: c.version("draw"), After: []string{"measure", "double"},
			Tables: []artifact.Table{table("drawn")}, Run: c.draw},
	}
}

func (c *toy) before(stage string) error {
	if c.Run == nil {
		return nil
	}
	return c.Run(stage)
}

func (c *toy) measure(ctx context.Context, t *Task) error {
	if c.Warn != "" {
		t.Warn("%s", c.Warn)
	}
	if err := c.before("measure"); err != nil {
		return err
	}
	return Write(t, "timing", c.Rows)
}

func (c *toy) double(ctx context.Context, t *Task) error {
	if err := c.before("double"); err != nil {
		return err
	}
	rows, err := Read[toyRow](t, "measure", "timing")
	if err != nil {
		return err
	}
	for i := range rows {
		if c.Parts != nil {
			part, err := c.Parts(t, rows[i])
			if err != nil {
				return err
			}
			rows[i] = part[0]
			continue
		}
		t.Step(i, len(rows), rows[i].Name)
		rows[i].N *= c.Factor
	}
	return Write(t, "twice", rows)
}

func (c *toy) draw(ctx context.Context, t *Task) error {
	if err := c.before("draw"); err != nil {
		return err
	}
	rows, err := Read[toyRow](t, "double", "twice")
	if err != nil {
		return err
	}
	svg := fmt.Sprintf("<svg>%v %v</svg>", rows, t.Warnings())
	if err := t.WriteFile("figures/rows.svg", []byte(svg)); err != nil {
		return err
	}
	if !c.Skip {
		if err := t.WriteFile("figures/more.svg", []byte("<svg/>")); err != nil {
			return err
		}
	}
	return Write(t, "drawn", rows)
}

func (c *toy) graph(t testing.TB, name string) *Graph {
	t.Helper()
	g, err := NewGraph(name, c.stages()...)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// ear is a Reporter that remembers.
type ear struct {
	mu   sync.Mutex
	said []string
}

func (e *ear) hear(format string, args ...any) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.said = append(e.said, fmt.Sprintf(format, args...))
}

func (e *ear) StageStarted(stage string) { e.hear("start %s", stage) }
func (e *ear) Step(stage string, done, total int, what string) {
	e.hear("%s %d/%d %s", stage, done, total, what)
}
func (e *ear) StageDone(stage string, o Outcome) { e.hear("done %s %s", stage, o.Status) }
func (e *ear) Warn(stage, text string)           { e.hear("warn %s: %s", stage, text) }

// warned returns the warnings heard.
func (e *ear) warned() (list []string) {
	for _, s := range e.said {
		if w, ok := strings.CutPrefix(s, "warn "); ok {
			list = append(list, w)
		}
	}
	return list
}

// run runs the toy and returns how each stage ended, "measure=ran double=hit".
func (c *toy) run(t testing.TB, results string, edit ...func(*Options)) (statuses string, e *ear) {
	t.Helper()
	e = &ear{}
	o := Options{Results: results, Jobs: 2, Host: c.Host, HostName: "toyhost", Report: e}
	for _, f := range edit {
		f(&o)
	}
	s, err := c.graph(t, "toy").Run(context.Background(), o)
	if err != nil {
		t.Fatalf("run: %v", err)
	}
	return statusesOf(s), e
}

func statusesOf(s *Summary) string {
	var list []string
	for _, st := range s.Stages {
		list = append(list, st.Name+"="+st.Status)
	}
	return strings.Join(list, " ")
}

// tree returns the content of every file below dir, the cache in it left out.
func tree(t testing.TB, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if err == nil && d.Name() == ".cache" && path != dir {
				return filepath.SkipDir
			}
			return err
		}
		data, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		files[filepath.ToSlash(rel)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func keys(m map[string]string) []string {
	var list []string
	for k := range m {
		list = append(list, k)
	}
	slices.Sort(list)
	return list
}
