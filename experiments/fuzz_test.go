package experiments

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// Whatever the text of a file, the answer is a layer of checked values or one
// Error: no panic, no endless work.
func FuzzParseFile(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.yaml")
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte("profile: &p {warmup: *p}\n"))
	f.Add([]byte("models: &m [*m]\n"))
	f.Add([]byte("<<: {seed: 1}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		d := declare(&Config{})
		l, err := parseFile(d, "f.yaml", text)
		var fault *Error
		if err != nil && !errors.As(err, &fault) {
			t.Errorf("%T: %v", err, err)
		}
		if err != nil {
			return
		}
		for key, g := range l {
			if s := d.byPath[key]; s.rule.check != nil && s.rule.check(g.value) != nil {
				t.Errorf("%s: %v got through", key, g.value)
			}
		}
	})
}
