package experiments

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// EnvPrefix starts every environment variable that sets a key.
const EnvPrefix = "RUNEXP_"

// The layers in which a value can be given, weakest first.
const (
	FromDefault     = "default"
	FromFile        = "file"
	FromEnvironment = "environment"
	FromSet         = "--set"
)

// given is a value that a layer holds, checked, and where it was written.
type given struct {
	value any
	where string
}

// layer is what one source says: dotted key to value.
type layer map[string]given

// put checks a YAML value against the key's declaration and adds it.
func (l layer) put(d declarations, where, key string, n *yaml.Node) error {
	s, ok := d.byPath[key]
	if !ok {
		return faultf(where, key, "%s", d.unknown(key))
	}
	v, err := decode(n, s.def)
	if err == nil && s.rule.check != nil {
		err = s.rule.check(v)
	}
	if err != nil {
		return &Error{Where: where, Key: key, Problem: err.Error()}
	}
	l[key] = given{v, where}
	return nil
}

// parseFile reads the text of an experiment file; label names it in messages.
func parseFile(d declarations, label string, text []byte) (layer, error) {
	root, err := document(label, text)
	if err != nil {
		return nil, err
	}
	l := layer{}
	return l, l.putSection(d, label, "", root)
}

// document parses exactly one YAML document whose top is a mapping.
func document(label string, text []byte) (*yaml.Node, error) {
	dec := yaml.NewDecoder(bytes.NewReader(text))
	var doc, more yaml.Node
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF):
		return nil, faultf(label, "", "the file is empty")
	case err != nil:
		return nil, syntaxFault(label, err)
	}
	switch err := dec.Decode(&more); {
	case err == nil:
		return nil, faultf(fmt.Sprintf("%s:%d", label, more.Line), "", "a second YAML document; an experiment is one")
	case !errors.Is(err, io.EOF):
		return nil, syntaxFault(label, err)
	}
	root := doc.Content[0]
	if isNull(root) {
		return nil, faultf(label, "", "the file is empty")
	}
	if root.Kind != yaml.MappingNode {
		return nil, faultf(label, "", "wants keys at the top, not %s", kindOf(root))
	}
	return root, nil
}

var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)`)

// syntaxFault turns "yaml: line 3: ..." into "FILE:3: not YAML: ...".
func syntaxFault(label string, err error) error {
	m := yamlLine.FindStringSubmatch(strings.ReplaceAll(err.Error(), "\n", " "))
	if m == nil {
		return faultf(label, "", "not YAML: %v", err)
	}
	if m[1] != "" {
		label += ":" + m[1]
	}
	return faultf(label, "", "not YAML: %s", m[2])
}

// putSection adds the keys of a mapping; prefix is the section's path with its
// dot, or "" at the top.
func (l layer) putSection(d declarations, label, prefix string, n *yaml.Node) error {
	seen := map[string]bool{}
	for i := 0; i < len(n.Content); i += 2 {
		name, value := n.Content[i], n.Content[i+1]
		where, key := fmt.Sprintf("%s:%d", label, name.Line), prefix+name.Value
		if name.Kind != yaml.ScalarNode {
			return faultf(where, strings.TrimSuffix(prefix, "."), "a key is %s; wants a word", kindOf(name))
		}
		if seen[key] {
			return faultf(where, key, "the key is given twice")
		}
		seen[key] = true
		for value.Kind == yaml.AliasNode {
			value = value.Alias
		}
		var err error
		if d.sections[key] == "" {
			err = l.put(d, where, key, value)
		} else {
			err = l.putSubsection(d, label, where, key, value)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (l layer) putSubsection(d declarations, label, where, key string, n *yaml.Node) error {
	if isNull(n) {
		return faultf(where, key, "the section is empty (null); remove it or give it keys")
	}
	if n.Kind != yaml.MappingNode {
		return faultf(where, key, "wants keys below it, not %s", kindOf(n))
	}
	return l.putSection(d, label, key+".", n)
}

// parseEnviron reads the RUNEXP_ variables among "NAME=value" lines. Levels are
// separated by two underscores: RUNEXP_OPTIMIZE__TARGETS is optimize.targets.
func parseEnviron(d declarations, environ []string) (layer, error) {
	l := layer{}
	for _, line := range environ {
		name, text, _ := strings.Cut(line, "=")
		rest, ok := strings.CutPrefix(name, EnvPrefix)
		if !ok {
			continue
		}
		key := strings.ReplaceAll(strings.ToLower(rest), "__", ".")
		if err := l.putText(d, name, key, text); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// parseSets reads "key=value" arguments; of one key given twice the last wins.
func parseSets(d declarations, sets []string) (layer, error) {
	l := layer{}
	for _, s := range sets {
		key, text, ok := strings.Cut(s, "=")
		if !ok {
			return nil, faultf(FromSet, "", "%q is not key=value", s)
		}
		if err := l.putText(d, FromSet, key, text); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// putText adds a value written as YAML on one line.
func (l layer) putText(d declarations, where, key, text string) error {
	if d.sections[key] != "" {
		return faultf(where, key, "is a section; set one of its keys, as %s.%s", key, d.firstKey(key))
	}
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		return faultf(where, key, "not a YAML value: %s", strings.TrimPrefix(err.Error(), "yaml: "))
	}
	value := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null"} // what no text at all means
	if len(doc.Content) > 0 {
		value = doc.Content[0]
	}
	return l.put(d, where, key, value)
}
