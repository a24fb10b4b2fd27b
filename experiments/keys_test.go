package experiments

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// Every key is documented, its default keeps its own rule and has the type of
// its field, and every field has a key.
func TestKeysAreDeclaredWell(t *testing.T) {
	c := &Config{}
	d := declare(c)
	if len(d.byPath) != len(d.settings) {
		t.Error("a key is declared twice")
	}
	fields := map[any]bool{}
	for _, s := range d.settings {
		fields[s.into] = true
		if len(s.doc) < 20 || !strings.HasSuffix(s.doc, ".") {
			t.Errorf("%s: documentation %q is no sentence", s.path, s.doc)
		}
		if got, want := reflect.TypeOf(s.into).Elem(), reflect.TypeOf(s.def); got != want {
			t.Errorf("%s: field %v, default %v", s.path, got, want)
		}
		if s.path != "name" && s.rule.check != nil {
			if err := s.rule.check(s.def); err != nil {
				t.Errorf("%s: default: %v", s.path, err)
			}
		}
		if parent, _ := splitKey(s.path); parent != "" && d.sections[parent] == "" {
			t.Errorf("%s: section %s is not declared", s.path, parent)
		}
	}
	eachField(reflect.ValueOf(c).Elem(), func(name string, p any) {
		if !fields[p] {
			t.Errorf("Config.%s has no key", name)
		}
	})
}

func eachField(v reflect.Value, visit func(name string, pointer any)) {
	for i := range v.NumField() {
		f, name := v.Field(i), v.Type().Field(i).Name
		if f.Kind() == reflect.Struct {
			eachField(f, func(inner string, p any) { visit(name+"."+inner, p) })
			continue
		}
		visit(name, f.Addr().Interface())
	}
}

// The schema describes the same keys with the same defaults.
func TestSchema(t *testing.T) {
	schema := Schema()
	for _, s := range declare(&Config{}).settings {
		at := schema
		for part := range strings.SplitSeq(s.path, ".") {
			at = at["properties"].(map[string]any)[part].(map[string]any)
		}
		if at["description"] != s.doc || !reflect.DeepEqual(at["default"], s.def) {
			t.Errorf("%s: schema %v", s.path, at)
		}
	}
	for _, s := range sections {
		o := schema["properties"].(map[string]any)[s.name].(map[string]any)
		if o["additionalProperties"] != false {
			t.Errorf("%s: an unknown key would pass", s.name)
		}
	}
}

func canonical(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
