package report

import (
	"context"

	"runexp/pipeline"
)

// New returns the stage "report". It runs after every stage of cfg.Stages and
// writes figures/NAME.svg, figures/NAME.png and report.html.
func New(cfg Config) pipeline.Stage {
	cfg.Program = programDigest()
	s := pipeline.Stage{Name: "report", Version: Version, Config: cfg}
	for _, up := range cfg.Stages {
		s.After = append(s.After, up.Name)
	}
	s.Run = func(ctx context.Context, t *pipeline.Task) error {
		tables, err := readTables(t, cfg.Stages)
		if err != nil {
			return err
		}
		files, err := Render(ctx, cfg, tables, t.Step)
		if err != nil {
			return err
		}
		for _, f := range files {
			if err := t.WriteFile(f.Name, f.Data); err != nil {
				return err
			}
		}
		return nil
	}
	return s
}
