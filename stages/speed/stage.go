package speed

import (
	"context"
	"fmt"

	"runexp/internal/figure"
	"runexp/internal/sample"
	"runexp/pipeline"
	"runexp/pipeline/artifact"
	"runexp/stages/record"
)

// New returns the stage. It writes sim_speed and its figure, and its rows
// depend on the machine.
func New(c Config) pipeline.Stage {
	return pipeline.Stage{
		Name: "speed", Version: Version, Config: c, Host: true,
		Tables: []artifact.Table{artifact.TableOf[record.SimSpeed]("sim_speed")},
		Run: func(ctx context.Context, t *pipeline.Task) error {
			rows, err := Measure(ctx, c, t.Step)
			if err != nil {
				return err
			}
			if err := draw(t, rows); err != nil {
				return err
			}
			return pipeline.Write(t, "sim_speed", rows)
		},
	}
}

// draw writes figures/sim_speed.svg and .png.
func draw(t *pipeline.Task, rows []record.SimSpeed) error {
	full := rates(rows, func(r record.SimSpeed) bool { return r.Scenario == Full })
	f, err := figure.Speed(figure.SpeedData{
		Size: "servers of 40 cores each", Lines: lines(rows),
		Text: figure.Text{
			Title: "Speed of the simulator",
			Caption: fmt.Sprintf("Measured on one core of this machine: trials of a constant service at 80 %% load, statistics included; the mark is the median, "+
				"the bar the range of repetitions. A node with split queries, noise, co-location and an accelerator: %.3g M requests/s.", sample.Median(full)/1e6),
		},
	})
	if err != nil {
		return err
	}
	for name, render := range map[string]func() ([]byte, error){"figures/sim_speed.svg": f.SVG, "figures/sim_speed.png": f.PNG} {
		data, err := render()
		if err != nil {
			return err
		}
		if err := t.WriteFile(name, data); err != nil {
			return err
		}
	}
	return nil
}

// lines are one per router.
func lines(rows []record.SimSpeed) []figure.SpeedLine {
	var list []figure.SpeedLine
	at := map[string]int{}
	for _, r := range rows {
		if r.Scenario != Constant || r.Rep > 0 {
			continue
		}
		i, ok := at[r.Router]
		if !ok {
			i = len(list)
			at[r.Router] = i
			list = append(list, figure.SpeedLine{Name: r.Router})
		}
		same := rates(rows, func(o record.SimSpeed) bool {
			return o.Scenario == Constant && o.Router == r.Router && o.Servers == r.Servers
		})
		list[i].Points = append(list[i].Points, figure.SpeedPoint{Size: int(r.Servers),
			PerSecond: sample.Median(same), Lo: sample.Select(same, 0)[0], Hi: sample.Select(same, 1)[0]})
	}
	return list
}

func rates(rows []record.SimSpeed, of func(record.SimSpeed) bool) []float64 {
	var list []float64
	for _, r := range rows {
		if of(r) {
			list = append(list, r.RequestsPer)
		}
	}
	return list
}
