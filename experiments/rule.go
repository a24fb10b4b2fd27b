package experiments

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"runexp/internal/words"
)

// rule is what a value must satisfy beyond its type, said twice: as a check
// and in the words of JSON Schema.
type rule struct {
	check  func(v any) error // nil accepts everything of the type
	schema map[string]any    // keywords beside "type"
}

// oneOf accepts the words given.
func oneOf(allowed ...string) rule {
	return rule{
		check: func(v any) error {
			if s := v.(string); !slices.Contains(allowed, s) {
				return fmt.Errorf("%q is not one of %s%s", s, strings.Join(allowed, ", "), words.DidYouMean(s, allowed))
			}
			return nil
		},
		schema: map[string]any{"enum": allowed},
	}
}

// atLeast accepts integers from least on.
func atLeast(least int) rule {
	return rule{
		check: func(v any) error {
			if n := v.(int); n < least {
				return fmt.Errorf("%d is less than %d", n, least)
			}
			return nil
		},
		schema: map[string]any{"minimum": least},
	}
}

// positive accepts numbers above zero.
func positive() rule {
	return rule{
		check: func(v any) error {
			if x := v.(float64); x <= 0 {
				return fmt.Errorf("%g is not above 0", x)
			}
			return nil
		},
		schema: map[string]any{"exclusiveMinimum": 0},
	}
}

// within accepts numbers above lo and up to hi.
func within(lo, hi float64) rule {
	return rule{
		check: func(v any) error {
			if x := v.(float64); !(x > lo && x <= hi) {
				return fmt.Errorf("%g is not above %g and at most %g", x, lo, hi)
			}
			return nil
		},
		schema: map[string]any{"exclusiveMinimum": lo, "maximum": hi},
	}
}

// between accepts numbers from lo to hi.
func between(lo, hi float64) rule {
	return rule{
		check: func(v any) error {
			if x := v.(float64); !(x >= lo && x <= hi) {
				return fmt.Errorf("%g is not in [%g, %g]", x, lo, hi)
			}
			return nil
		},
		schema: map[string]any{"minimum": lo, "maximum": hi},
	}
}

// accepted takes the strings that a parser accepts.
func accepted[T any](parse func(string) (T, error)) rule {
	return rule{check: func(v any) error {
		_, err := parse(v.(string))
		return err
	}}
}

// each applies a rule to every entry of a list without repetitions that has at
// least so many entries.
func each(least int, r rule) rule {
	return rule{
		check: func(v any) error { return checkEntries(entries(v), least, r) },
		schema: map[string]any{
			"minItems": least, "uniqueItems": true, "items": r.schema,
		},
	}
}

// ascending accepts a list of at least one integer, each above the one before.
func ascending(least int) rule {
	r := each(1, atLeast(least))
	unordered := r.check
	r.check = func(v any) error {
		if l := v.([]int); !slices.IsSorted(l) {
			return fmt.Errorf("%v is not in ascending order", l)
		}
		return unordered(v)
	}
	return r
}

// name accepts what can be a folder under results/.
func name() rule {
	const pattern = `^[A-Za-z0-9][A-Za-z0-9._-]*$`
	return rule{
		check: func(v any) error {
			if s := v.(string); !regexp.MustCompile(pattern).MatchString(s) {
				return fmt.Errorf("%q cannot name a folder: letters, digits, dots, - and _ only", s)
			}
			return nil
		},
		schema: map[string]any{"pattern": pattern},
	}
}

func checkEntries(list []any, least int, r rule) error {
	if len(list) < least {
		return fmt.Errorf("the list needs at least %d %s", least, plural(least, "entry", "entries"))
	}
	for i, e := range list {
		if slices.Contains(list[:i], e) {
			return fmt.Errorf("%v stands twice in the list", e)
		}
		if r.check == nil {
			continue
		}
		if err := r.check(e); err != nil {
			return err
		}
	}
	return nil
}

// entries spreads a list of any type that a setting can have.
func entries(v any) []any {
	var out []any
	switch l := v.(type) {
	case []string:
		for _, e := range l {
			out = append(out, e)
		}
	case []int:
		for _, e := range l {
			out = append(out, e)
		}
	case []float64:
		for _, e := range l {
			out = append(out, e)
		}
	default:
		panic(fmt.Sprintf("experiments: %T is not a list", v))
	}
	return out
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
