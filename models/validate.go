package models

import "fmt"

// Validate reports what is missing or impossible, by its key in the file.
func (c Config) Validate() error {
	t, known := topologies[c.Type]
	if c.Type == "" {
		return fmt.Errorf("model_type: missing")
	}
	if !known {
		return checkOneOf("model_type", c.Type, "dlrm", "wnd", "mtwnd", "ncf", "din", "dien")
	}
	if c.Variant != "" {
		if err := checkVariant(c.Variant); err != nil {
			return err
		}
	}
	if err := c.validateTables(t.minTables, t.maxTables); err != nil {
		return err
	}
	if err := checkSizes("arch_mlp_top", c.Top, t.minTop, maxLayers, maxWidth); err != nil {
		return err
	}
	return t.validate(c)
}

// validateTables checks the tables and what is looked up in them.
func (c Config) validateTables(least, most int) error {
	if err := checkSizes("arch_embedding_size", c.TableRows, least, most, maxRows); err != nil {
		return err
	}
	if err := checkRange("arch_sparse_feature_size", c.Dim, 1, maxDim); err != nil {
		return err
	}
	return checkRange("num_indices_per_lookup", c.Lookups, 1, maxLookups)
}

// checkLookups reports a table too small for lookups without repetition.
func (c Config) checkLookups() error {
	for i, rows := range c.TableRows {
		if rows < c.Lookups {
			return fmt.Errorf("arch_embedding_size: table %d has %d rows, fewer than the %d different ones of num_indices_per_lookup", i, rows, c.Lookups)
		}
	}
	return nil
}

// checkSizes reports a list with too few or too many sizes, or one too large.
func checkSizes(key string, s Sizes, least, most, limit int) error {
	if len(s) == 0 && least > 0 {
		return fmt.Errorf("%s: missing", key)
	}
	if err := checkRange(key+": number of sizes", len(s), least, most); err != nil {
		return err
	}
	for _, n := range s {
		if err := checkRange(key, n, 1, limit); err != nil {
			return err
		}
	}
	return nil
}

// checkRange reports a value outside its range. A key that is not in the file
// is 0.
func checkRange(key string, n, least, most int) error {
	switch {
	case n == 0 && least > 0:
		return fmt.Errorf("%s: missing or 0", key)
	case n < least || n > most:
		return fmt.Errorf("%s: %d is not in %d..%d", key, n, least, most)
	}
	return nil
}
