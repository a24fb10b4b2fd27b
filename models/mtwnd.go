package models

import "fmt"

// validateMTWnD checks the towers.
func validateMTWnD(c Config) error {
	if err := validateWnD(c); err != nil {
		return err
	}
	if err := checkSizes("arch_mlp_tasks", c.TaskLayers, 2, maxLayers, maxWidth); err != nil {
		return err
	}
	if c.TaskLayers[0] != c.Top.last() {
		return fmt.Errorf("arch_mlp_tasks: starts with %d, but the shared layers of arch_mlp_top end in %d", c.TaskLayers[0], c.Top.last())
	}
	return checkRange("num_multi_tasks", c.Tasks, 1, maxTasks)
}

// buildMTWnD: Wide & Deep whose layers are shared by several towers, one per
// task, each of which ends in a sigmoid.
//
// Release: the sigmoid sits on layer number len(arch_mlp_top) of a tower,
// which is the last only for sizes like the shipped ones; a tower with fewer
// layers has none.
func buildMTWnD(b *builder) {
	shared := b.mlp("top", "shared_dense", b.wideInput(), b.cfg.Top, 0)
	widths := b.cfg.TaskLayers[1:]
	sigmoid := len(widths)
	if b.cfg.Variant == Release {
		sigmoid = len(b.cfg.Top)
	}
	for t := range b.cfg.Tasks {
		tower := b.mlp(fmt.Sprintf("task_%d", t), fmt.Sprintf("task_outs_%d", t), shared, widths, sigmoid)
		b.output(tower)
	}
}
