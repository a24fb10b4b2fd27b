package compare

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// Key names a row: its key columns in the order of the table.
type Key []Field

// Field is one column of a key.
type Field struct {
	Column string
	Value  any
}

// String writes a key in short: "model=rm1 batch_size=4".
func (k Key) String() string {
	words := make([]string, len(k))
	for i, f := range k {
		words[i] = fmt.Sprintf("%s=%v", f.Column, f.Value)
	}
	return strings.Join(words, " ")
}

// MarshalJSON writes a key as an object.
func (k Key) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	for i, f := range k {
		name, err := json.Marshal(f.Column)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(f.Value)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, "%c%s:%s", "{,"[min(i, 1)], name, value)
	}
	if len(k) == 0 {
		b.WriteByte('{')
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// Telling returns the keys without the columns that are the same in all.
func Telling(keys []Key) []Key {
	short := make([]Key, len(keys))
	if len(keys) < 2 {
		copy(short, keys)
		return short
	}
	for i, f := range keys[0] {
		same := true
		for _, k := range keys {
			same = same && k[i].Value == f.Value
		}
		if same {
			continue
		}
		for j, k := range keys {
			short[j] = append(short[j], k[i])
		}
	}
	return short
}
