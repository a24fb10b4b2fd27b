package main

import (
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"runexp/hw"
)

// figureInfo is one number of a platform with where it comes from.
type figureInfo struct {
	Figure  string  `json:"figure"`
	Value   float64 `json:"value"`
	Lo      float64 `json:"lo"`
	Hi      float64 `json:"hi"`
	Unit    string  `json:"unit"`
	Source  string  `json:"source"`
	Assumed bool    `json:"assumed"`
}

// platformInfo is one platform of runexp hw.
type platformInfo struct {
	Platform    string       `json:"platform"`
	Kind        string       `json:"kind"`
	Title       string       `json:"title"`
	Figures     []figureInfo `json:"figures"`
	Fingerprint []string     `json:"fingerprint,omitempty"` // of the host: what measured stages depend on
}

func newHW() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "hw [PLATFORM...]",
		Short: "the platforms with the source of each figure",
		Long: `hw lists the machines that an experiment can name, each figure with its range and
where it was taken from. "assumed" marks a figure that no data sheet or measurement
backs; its range travels into every result that uses it.`,
		Example: `  runexp hw
  runexp hw host skylake
  runexp hw gtx1080ti --format json`,
		Args: between(0, -1),
	}
	format := formatFlag(cmd, "table", "json")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		platforms, err := selectPlatforms(args)
		if err != nil {
			return err
		}
		if format.value == "json" {
			return writeJSON(cmd.OutOrStdout(), platforms)
		}
		return hwGrid(platforms).write(cmd.OutOrStdout())
	}
	return cmd
}

// selectPlatforms describes the platforms named, or all.
func selectPlatforms(names []string) ([]platformInfo, error) {
	all := hw.All()
	var known []string
	for _, p := range all {
		known = append(known, p.Name)
	}
	if len(names) == 0 {
		names = known
	}
	var out []platformInfo
	for _, name := range names {
		if err := knownWord("platform", name, known); err != nil {
			return nil, err
		}
		for _, p := range all {
			if p.Name == name {
				out = append(out, describePlatform(p))
			}
		}
	}
	return out, nil
}

func describePlatform(p hw.Platform) platformInfo {
	info := platformInfo{Platform: p.Name, Kind: p.Kind, Title: p.Title}
	if p.Name == hw.HostName {
		info.Fingerprint = hw.Fingerprint()
	}
	for _, f := range p.Figures {
		info.Figures = append(info.Figures, figureInfo{
			Figure: f.Name, Value: f.Value, Lo: f.Lo, Hi: f.Hi, Unit: f.Unit, Source: f.Source, Assumed: f.Assumed(),
		})
	}
	return info
}

func hwGrid(platforms []platformInfo) *grid {
	g := &grid{header: []string{"platform", "figure", "value", "range", "unit", "source"}}
	for _, p := range platforms {
		g.add(p.Platform, p.Kind, "", "", "", p.Title)
		for _, f := range p.Figures {
			span := ""
			if f.Lo != f.Hi {
				span = fmt.Sprintf("%s..%s", short(f.Lo), short(f.Hi))
			}
			g.add(p.Platform, f.Figure, short(f.Value), span, f.Unit, f.Source)
		}
	}
	return g
}

// short writes a number with four digits and no exponent below a billion.
func short(x float64) string {
	if x >= 1e4 {
		return strconv.FormatFloat(x, 'f', 0, 64)
	}
	return strconv.FormatFloat(x, 'g', 4, 64)
}
