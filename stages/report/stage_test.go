package report

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"runexp/pipeline"
	"runexp/pipeline/artifact"
	"runexp/stages/record"
)

// upstream is a stage that writes finished rows.
func upstream(name string, warning string, tables []artifact.Table, write func(*pipeline.Task) error) pipeline.Stage {
	return pipeline.Stage{Name: name, Version: 1, Tables: tables, Run: func(_ context.Context, t *pipeline.Task) error {
		if warning != "" {
			t.Warn("%s", warning)
		}
		return write(t)
	}}
}

func TestStageInAGraph(t *testing.T) {
	tables := testTables()
	profile := upstream("profile", "the machine was busy", []artifact.Table{artifact.TableOf[record.OpDetail]("op_detail")},
		func(t *pipeline.Task) error { return pipeline.Write(t, "op_detail", tables.OpDetail) })
	optimize := upstream("optimize", "", []artifact.Table{artifact.TableOf[record.OperatingPoint]("operating_point"), artifact.TableOf[record.MaxQPS]("max_qps")},
		func(t *pipeline.Task) error {
			if err := pipeline.Write(t, "operating_point", tables.Point); err != nil {
				return err
			}
			return pipeline.Write(t, "max_qps", tables.Grid)
		})
	cfg := testConfig()
	cfg.Stages = StagesOf(profile, optimize)
	cfg.Figures = []string{"breakdown", "gain"}
	g, err := pipeline.NewGraph("reproduce", profile, optimize, New(cfg))
	if err != nil {
		t.Fatal(err)
	}
	results := t.TempDir()
	if _, err := g.Run(t.Context(), pipeline.Options{Results: results}); err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(results, "reproduce")
	for _, name := range []string{"report.html", "figures/breakdown_host.svg", "figures/breakdown_host.png", "figures/gain_skylake_runexp_gtx1080ti.svg"} {
		if _, err := os.Stat(filepath.Join(folder, name)); err != nil {
			t.Error(err)
		}
	}
	page, err := os.ReadFile(filepath.Join(folder, "report.html"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"the machine was busy", "operating_point.parquet"} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}
