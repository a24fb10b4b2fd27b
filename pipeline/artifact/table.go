package artifact

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"runexp/pipeline/cache"
)

// Column is one column of a table: a scalar, never a group or a list.
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

// TableOf declares a table whose rows are of struct type T. Its fields must be
// exported scalars of fixed size or strings, or pointers to them for columns
// that may be null; of parquet-go's tags it takes the name, dict (which strings
// must have) and optional (which pointers must have).
// TableOf panics if T is anything else.
func TableOf[T any](name string) Table {
	fields, err := fieldsOf[T]()
	if err != nil {
		panic(fmt.Sprintf("artifact: table %s: %v", name, err))
	}
	columns := columnsIn(fields)
	return Table{Name: name, Schema: digest(columns), Columns: columns}
}

// File returns the file name of the table inside an experiment's folder.
func (t Table) File() string { return t.Name + ".parquet" }

func digest(columns []Column) string {
	var b strings.Builder
	for _, c := range columns {
		fmt.Fprintf(&b, "%s\n", c)
	}
	return cache.Sum([]byte(b.String()))
}

// field is one column of a row type and where its value stands in a row.
type field struct {
	Column
	offset uintptr
}

// fieldsOf returns the columns of row type T.
func fieldsOf[T any]() ([]field, error) {
	t := reflect.TypeFor[T]()
	if t.Kind() != reflect.Struct {
		return nil, fmt.Errorf("row type %s is not a struct", t)
	}
	var fields []field
	for i := range t.NumField() {
		f, err := fieldOf(t.Field(i))
		if err != nil {
			return nil, fmt.Errorf("row type %s: field %s: %w", t, t.Field(i).Name, err)
		}
		if slices.ContainsFunc(fields, func(other field) bool { return other.Name == f.Name }) {
			return nil, fmt.Errorf("row type %s: column %s is there twice", t, f.Name)
		}
		fields = append(fields, f)
	}
	if len(fields) == 0 {
		return nil, fmt.Errorf("row type %s has no fields", t)
	}
	return fields, nil
}

func fieldOf(sf reflect.StructField) (field, error) {
	name, options, _ := strings.Cut(sf.Tag.Get("parquet"), ",")
	if name == "" {
		name = sf.Name
	}
	for option := range strings.SplitSeq(options, ",") {
		if option != "" && option != "dict" && option != "optional" {
			return field{}, fmt.Errorf("tag %s is not supported", option)
		}
	}
	t := sf.Type
	nullable := t.Kind() == reflect.Pointer
	if nullable {
		t = t.Elem()
	}
	if !sf.IsExported() || sf.Anonymous || name == "-" || !slices.Contains(scalars, t.String()) {
		return field{}, fmt.Errorf("%s is not an exported column of type %s", sf.Type, strings.Join(scalars, ", "))
	}
	if t.String() == "string" && !slices.Contains(strings.Split(options, ","), "dict") {
		return field{}, errors.New("a string must be tagged dict")
	}
	if strings.Contains(options, "optional") != nullable {
		return field{}, errors.New("a pointer must be tagged optional, and nothing else: zero is not null")
	}
	return field{Column{Name: name, Type: t.String(), Nullable: nullable}, sf.Offset}, nil
}

// scalars are the Go types of columns: what every reader agrees on. int is not
// there because its size is the machine's, time.Duration because readers
// disagree on its unit.
var scalars = []string{"bool", "int32", "int64", "uint32", "uint64", "float32", "float64", "string"}

func columnsIn(fields []field) []Column {
	columns := make([]Column, len(fields))
	for i, f := range fields {
		columns[i] = f.Column
	}
	return columns
}
