package experiments

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// decode reads a YAML value as the type of like, one of the types a setting
// can have, and never converts: 3 is not a string and "3" is not a number. An
// integer is accepted for a float, as in any arithmetic.
func decode(n *yaml.Node, like any) (any, error) {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if isNull(n) {
		return nil, fmt.Errorf("the value is empty (null); remove the key or give it %s", typeName(like))
	}
	switch like.(type) {
	case []string:
		return decodeList[string](n, like, "")
	case []int:
		return decodeList[int](n, like, 0)
	case []float64:
		return decodeList[float64](n, like, 0.0)
	}
	if v, ok := scalar(n, like); ok {
		return v, nil
	}
	return nil, fmt.Errorf("wants %s, not %s", typeName(like), kindOf(n))
}

func decodeList[T any](n *yaml.Node, like, element any) (any, error) {
	if n.Kind != yaml.SequenceNode {
		return nil, fmt.Errorf("wants %s, not %s", typeName(like), kindOf(n))
	}
	list := make([]T, 0, len(n.Content))
	for i, e := range n.Content {
		for e.Kind == yaml.AliasNode {
			e = e.Alias
		}
		v, ok := scalar(e, element)
		if !ok {
			return nil, fmt.Errorf("wants %s, but entry %d is %s", typeName(like), i+1, kindOf(e))
		}
		list = append(list, v.(T))
	}
	return list, nil
}

// scalar reads a scalar of the type of like.
func scalar(n *yaml.Node, like any) (any, bool) {
	if n.Kind != yaml.ScalarNode {
		return nil, false
	}
	tag := n.ShortTag()
	switch like.(type) {
	case string:
		return n.Value, tag == "!!str"
	case bool:
		return strings.EqualFold(n.Value, "true"), tag == "!!bool"
	case int:
		v, err := strconv.ParseInt(n.Value, 0, 64)
		return int(v), tag == "!!int" && err == nil
	case float64:
		v, err := strconv.ParseFloat(n.Value, 64)
		return v, (tag == "!!int" || tag == "!!float") && err == nil && !math.IsNaN(v) && !math.IsInf(v, 0)
	}
	panic(fmt.Sprintf("experiments: no setting has type %T", like))
}

// isNull reports a value that was left out: "key:" with nothing behind it.
func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

// typeName says in a user's words which values a setting takes.
func typeName(like any) string {
	switch like.(type) {
	case string:
		return "a string"
	case bool:
		return "true or false"
	case int:
		return "an integer"
	case float64:
		return "a finite number"
	case []string:
		return "a list of strings"
	case []int:
		return "a list of integers"
	case []float64:
		return "a list of numbers"
	}
	panic(fmt.Sprintf("experiments: no setting has type %T", like))
}

// kindOf says in a user's words what a YAML value is.
func kindOf(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a section"
	case yaml.SequenceNode:
		return "a list"
	}
	switch n.ShortTag() {
	case "!!str":
		return fmt.Sprintf("the string %q", n.Value)
	case "!!int", "!!float":
		return "the number " + n.Value
	case "!!null":
		return "empty (null)"
	}
	return n.Value
}
