package artifact

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/parquet-go/parquet-go"
)

// Column is one column of a table: a flat leaf, never a group or a list.
type Column struct {
	Name     string `json:"name"`
	Type     string `json:"type"` // bool, int32, int64, uint32, uint64, float32, float64 or string
	Nullable bool   `json:"nullable,omitempty"`
}

// String is the printable form that enters the schema digest: "p95_ns int64 null".
func (c Column) String() string {
	if c.Nullable {
		return c.Name + " " + c.Type + " null"
	}
	return c.Name + " " + c.Type
}

// Table declares one table of a stage: what it is called and which columns it
// has. Two tables with equal Schema hold rows of the same type.
type Table struct {
	Name    string
	Schema  string // digest of Columns
	Columns []Column
}

// TableOf declares a table whose rows are of struct type T. It panics if T
// cannot be a row: a field that is no scalar (slice, map, struct), or whose
// type other readers do not share (time.Duration, enum).
func TableOf[T any](name string) Table {
	var row T
	columns, err := columnsOf(parquet.SchemaOf(row))
	if err != nil {
		panic(fmt.Sprintf("artifact: table %s: row type %T: %v", name, row, err))
	}
	return Table{Name: name, Schema: digest(columns), Columns: columns}
}

// File returns the file name of the table inside an experiment's folder.
func (t Table) File() string { return t.Name + ".parquet" }

func digest(columns []Column) string {
	var b strings.Builder
	for _, c := range columns {
		fmt.Fprintf(&b, "%s\n", c)
	}
	sum := sha256.Sum256([]byte(b.String()))
	return hex.EncodeToString(sum[:])
}

// typeNames maps Parquet's printed types to ours. A type that is not here,
// such as a date or a decimal, has no agreed Go value and is refused.
var typeNames = map[string]string{
	"BOOLEAN":       "bool",
	"INT32":         "int32",
	"INT(32,true)":  "int32",
	"INT64":         "int64",
	"INT(64,true)":  "int64",
	"INT(32,false)": "uint32",
	"INT(64,false)": "uint64",
	"FLOAT":         "float32",
	"DOUBLE":        "float64",
	"STRING":        "string",
}

func columnsOf(schema *parquet.Schema) ([]Column, error) {
	var columns []Column
	for _, f := range schema.Fields() {
		if !f.Leaf() || f.Repeated() {
			return nil, fmt.Errorf("column %s: nested columns are not supported", f.Name())
		}
		name, ok := typeNames[f.Type().String()]
		if !ok {
			return nil, fmt.Errorf("column %s: type %s is not supported", f.Name(), f.Type())
		}
		columns = append(columns, Column{Name: f.Name(), Type: name, Nullable: f.Optional()})
	}
	return columns, nil
}
