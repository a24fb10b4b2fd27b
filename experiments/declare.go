package experiments

import (
	"strings"

	"runexp/internal/words"
)

// setting declares one key: the field it fills, its default, what it must
// satisfy, and why one would change it. The type of a key is that of its
// default: string, bool, int, float64 or a list of these.
type setting struct {
	path string
	into any // pointer to the field
	def  any
	rule rule
	doc  string
}

// section declares one group of keys.
type section struct{ name, doc string }

// declarations is the table of keys, with what looking one up needs.
type declarations struct {
	settings []setting
	byPath   map[string]setting
	sections map[string]string // name to doc
}

// declare indexes the table of keys that fill c.
func declare(c *Config) declarations {
	d := declarations{settings: c.settings(), byPath: map[string]setting{}, sections: map[string]string{}}
	for _, s := range d.settings {
		d.byPath[s.path] = s
	}
	for _, s := range sections {
		d.sections[s.name] = s.doc
	}
	return d
}

// unknown describes a key that does not exist, with the likeliest correction:
// a key spelt nearly so, else one of the same name in another section.
func (d declarations) unknown(key string) string {
	var all []string
	for _, s := range sections { // not the map: ties must not depend on its order
		all = append(all, s.name)
	}
	_, word := splitKey(key)
	namesake := ""
	for _, s := range d.settings {
		all = append(all, s.path)
		if _, w := splitKey(s.path); w == word && namesake == "" {
			namesake = s.path
		}
	}
	hint := words.DidYouMean(key, all)
	if hint == "" && namesake != "" {
		hint = " (did you mean " + namesake + "?)"
	}
	return "unknown key" + hint
}

// firstKey is the first key of a section, for examples in messages.
func (d declarations) firstKey(section string) string {
	for _, s := range d.settings {
		if parent, word := splitKey(s.path); parent == section {
			return word
		}
	}
	return ""
}

// splitKey cuts "a.b" into section and word; a key at the top has no section.
func splitKey(key string) (section, word string) {
	if i := strings.LastIndexByte(key, '.'); i >= 0 {
		return key[:i], key[i+1:]
	}
	return "", key
}
