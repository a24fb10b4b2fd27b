package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"runexp/models"
	"runexp/serving/latency"
)

// modelInfo is one row of runexp models. Costs are per item at the batch size
// asked for, so that weights read once per batch are shared by its items.
type modelInfo struct {
	Model        string  `json:"model"`
	ModelType    string  `json:"model_type"`
	Params       int64   `json:"params"`
	TableBytes   int64   `json:"table_bytes"`
	Operators    int     `json:"operators"`
	BatchSize    int     `json:"batch_size"`
	FLOPsPerItem float64 `json:"flops_per_item"`
	BytesPerItem float64 `json:"bytes_per_item"`
	RowsPerItem  float64 `json:"rows_per_item"`
	TargetMS     float64 `json:"p95_target_ms"` // 0: the paper gives none
}

func newModels() *cobra.Command {
	var files []string
	var batch int
	cmd := &cobra.Command{
		Use:   "models",
		Short: "the eight models with parameters, FLOPs and bytes per item",
		Example: `  runexp models
  runexp models --batch 256
  runexp models --model my_model.json --format json`,
		Args: between(0, 0),
	}
	cmd.Flags().StringArrayVar(&files, "model", nil, "show this model instead: a name or a JSON `file`; repeatable")
	cmd.Flags().IntVar(&batch, "batch", 1, "items that share the weights read")
	format := formatFlag(cmd, "table", "json")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if batch < 1 || batch > latency.MaxBatch {
			return fmt.Errorf("--batch: %d is not in 1..%d", batch, latency.MaxBatch)
		}
		if len(files) == 0 {
			files = models.Names()
		}
		var infos []modelInfo
		for _, name := range files {
			info, err := describeModel(cmd, name, batch)
			if err != nil {
				return err
			}
			infos = append(infos, info)
		}
		if format.value == "json" {
			return writeJSON(cmd.OutOrStdout(), infos)
		}
		return modelGrid(infos).write(cmd.OutOrStdout())
	}
	return cmd
}

func describeModel(cmd *cobra.Command, name string, batch int) (modelInfo, error) {
	cfg, warnings, err := models.Resolve(name)
	if err != nil {
		return modelInfo{}, err
	}
	warn(cmd, warnings...)
	g, err := models.Describe(cfg, models.Options{})
	if err != nil {
		return modelInfo{}, err
	}
	c := g.Cost(batch)
	return modelInfo{
		Model: cfg.Name(), ModelType: cfg.Type, Params: g.Params(), TableBytes: g.TableBytes(),
		Operators: len(g.Ops), BatchSize: batch,
		FLOPsPerItem: float64(c.FLOPs) / float64(batch),
		BytesPerItem: float64(c.Bytes) / float64(batch),
		RowsPerItem:  float64(c.Rows) / float64(batch),
		TargetMS:     float64(cfg.Target()) / float64(time.Millisecond),
	}, nil
}

func modelGrid(infos []modelInfo) *grid {
	g := &grid{header: []string{"model", "type", "params", "tables", "ops", "FLOPs/item", "bytes/item", "rows/item", "p95 target"}}
	for _, m := range infos {
		target := "-"
		if m.TargetMS > 0 {
			target = fmt.Sprintf("%g ms", m.TargetMS)
		}
		g.add(m.Model, m.ModelType, si(float64(m.Params)), si(float64(m.TableBytes))+"B", fmt.Sprint(m.Operators),
			si(m.FLOPsPerItem), si(m.BytesPerItem)+"B", si(m.RowsPerItem), target)
	}
	return g
}
