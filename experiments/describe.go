package experiments

import (
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"
)

// WriteYAML writes the resolved experiment as a file that Load accepts, each
// value followed by a comment saying where it came from and, if asked for,
// below one saying what it means.
func (e *Experiment) WriteYAML(w io.Writer, docs bool) error {
	open := ""
	for _, v := range e.Settings {
		section, word := splitKey(v.Key)
		indent := ""
		if section != "" {
			indent = "  "
		}
		if section != open {
			fmt.Fprintf(w, "%s:\n", section)
			open = section
		}
		if docs {
			fmt.Fprintf(w, "%s# %s\n", indent, v.Doc)
		}
		text, err := inline(v.Value)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "%-58s # %s\n", indent+word+": "+text, v.Origin()); err != nil {
			return err
		}
	}
	return nil
}

// Origin says where a value came from: its layer and, if it was given, where.
func (v Value) Origin() string {
	if v.Where == "" || v.Where == v.Layer {
		return v.Layer
	}
	return v.Layer + " " + v.Where
}

// inline writes a value as YAML on one line.
func inline(v any) (string, error) {
	var n yaml.Node
	if err := n.Encode(v); err != nil {
		return "", err
	}
	n.Style = yaml.FlowStyle
	text, err := yaml.Marshal(&n)
	return strings.Join(strings.Fields(string(text)), " "), err
}
