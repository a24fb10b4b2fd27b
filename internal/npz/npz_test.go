package npz

import (
	"archive/zip"
	"bytes"
	"hash/crc32"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// TestReadNumPy reads a file that NumPy itself wrote.
func TestReadNumPy(t *testing.T) {
	arrays, err := Read("testdata/numpy.npz")
	if err != nil {
		t.Fatal(err)
	}
	single, double := arrays["output/prob_click"], arrays["output_float64/prob_click"]
	if !reflect.DeepEqual(single.Shape, []int{4, 2}) || !reflect.DeepEqual(double.Shape, single.Shape) {
		t.Fatalf("shapes %v and %v, want 4 by 2", single.Shape, double.Shape)
	}
	rounded, err := double.Floats()
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range single.F32 {
		if math.Abs(float64(v-rounded[i])) > 1e-6 {
			t.Errorf("element %d: %g as float32, %g as float64", i, v, rounded[i])
		}
	}
}

// TestRoundTrip writes and reads every type and kind of shape.
func TestRoundTrip(t *testing.T) {
	want := map[string]Array{
		"scalar":     {F32: []float32{1.5}},
		"empty":      {Shape: []int{0, 3}, F64: []float64{}},
		"vector":     {Shape: []int{3}, I32: []int32{-1, 0, math.MaxInt32}},
		"a/b:::c_w":  {Shape: []int{2, 2}, F32: []float32{1, float32(math.Inf(1)), -0.25, math.SmallestNonzeroFloat32}},
		"deep":       {Shape: slices.Repeat([]int{1}, maxDims), F32: []float32{1}},
		"cube":       {Shape: []int{2, 1, 2}, I64: []int64{math.MinInt64, 1, 2, math.MaxInt64}},
		"a long one": {Shape: []int{70000}, F64: make([]float64, 70000)},
	}
	var first, second bytes.Buffer
	if err := Write(&first, want); err != nil {
		t.Fatal(err)
	}
	got, err := ReadFrom(bytes.NewReader(first.Bytes()), int64(first.Len()))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v", got)
	}
	if err := Write(&second, got); err != nil || !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Errorf("writing again gives other bytes (%v)", err)
	}
}

// TestColumnMajor: NumPy saves a transposed array in column-major order.
func TestColumnMajor(t *testing.T) {
	h := strings.Replace(string(formatHeader("<i4", []int{2, 3})), "False", "True ", 1)
	body := h + "\x01\x00\x00\x00\x04\x00\x00\x00\x02\x00\x00\x00\x05\x00\x00\x00\x03\x00\x00\x00\x06\x00\x00\x00"
	arrays, err := readBytes(archive(t, zip.Deflate, "x", body))
	if err != nil {
		t.Fatal(err)
	}
	if want := []int32{1, 2, 3, 4, 5, 6}; !reflect.DeepEqual(arrays["x"].I32, want) {
		t.Errorf("got %v, want %v", arrays["x"].I32, want)
	}
}

// TestBigEndian reads the other byte order.
func TestBigEndian(t *testing.T) {
	body := string(formatHeader(">i8", []int{1})) + "\x00\x00\x00\x00\x00\x00\x01\x02"
	arrays, err := readBytes(archive(t, zip.Store, "x", body))
	if err != nil || arrays["x"].I64[0] != 0x102 {
		t.Errorf("got %v, %v", arrays, err)
	}
}

// TestBadFiles: each is one clear error that names the array where it can.
func TestBadFiles(t *testing.T) {
	good := string(formatHeader("<f4", []int{2})) + strings.Repeat("\x00", 8)
	huge := string(formatHeader("<f4", []int{1 << 40}))
	manyDims := string(formatHeader("<f4", slices.Repeat([]int{1}, maxDims+1)))
	for _, c := range []struct {
		reason string
		data   []byte
		want   string
	}{
		{"an empty file", nil, "not an .npz archive"},
		{"text", []byte("hello"), "not an .npz archive"},
		{"an entry that is no array", archive(t, zip.Store, "x", "hello, world"), "x: not a NumPy array"},
		{"a version of the future", archive(t, zip.Store, "x", strings.Replace(good, "\x01\x00", "\x09\x00", 1)), "x: NumPy format version 9"},
		{"an array cut short", archive(t, zip.Store, "x", good[:len(good)-1]), "x: shape [2] does not match the 7 bytes"},
		{"an array with a byte too many", archive(t, zip.Store, "x", good+"\x00"), "x: shape [2] does not match the 9 bytes"},
		{"a header cut short", archive(t, zip.Store, "x", good[:40]), "x: header is cut short"},
		{"a shape of 4 TB", archive(t, zip.Store, "x", huge), "x: shape [1099511627776] does not match the 0 bytes"},
		{"a shape that overflows", archive(t, zip.Store, "x", string(formatHeader("<f4", []int{1 << 40, 1 << 40}))), "x: shape"},
		{"a number beyond int", archive(t, zip.Store, "x", strings.Replace(huge, "1099511627776", "9999999999999999999999", 1)), "x: "},
		{"half precision", archive(t, zip.Store, "x", strings.Replace(good, "<f4", "<f2", 1)), `x: element type "<f2"`},
		{"strings", archive(t, zip.Store, "x", strings.Replace(good, "<f4", "<U4", 1)), `x: element type "<U4"`},
		{"pickled objects", archive(t, zip.Store, "x", strings.Replace(good, "<f4", "|O", 1)), "x: header"},
		{"a negative dimension", archive(t, zip.Store, "x", strings.Replace(good, "(2,)", "(-2)", 1)), "x: header"},
		{"dimensions that cost work and hold nothing", archive(t, zip.Store, "x", strings.Replace(manyDims, "False", "True ", 1)), "x: shape (1, 1, "},
		{"the same name twice", archive(t, zip.Store, "x", good, "x", good), "x: there are two arrays"},
	} {
		_, err := readBytes(c.data)
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.reason, err, c.want)
		}
	}
}

// TestReadNamesTheFile: a missing or damaged file is named.
func TestReadNamesTheFile(t *testing.T) {
	if _, err := Read("testdata/missing.npz"); err == nil || !strings.Contains(err.Error(), "testdata/missing.npz") {
		t.Errorf("missing: %v", err)
	}
	path := filepath.Join(t.TempDir(), "damaged.npz")
	data, err := os.ReadFile("testdata/numpy.npz")
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(data, []byte("prob_click.npy")) + 60 // inside the first entry's data
	data[at] ^= 0xff
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(path); err == nil || !strings.HasPrefix(err.Error(), path+": output") {
		t.Errorf("damaged: %v", err)
	}
}

// TestFalseClaims: a small file that claims gigabytes is refused before the
// memory is asked for.
func TestFalseClaims(t *testing.T) {
	body := string(formatHeader("<f4", []int{1 << 31}))
	for _, c := range []struct {
		reason       string
		compressed   uint64
		uncompressed uint64
		want         string
	}{
		{"more bytes than the file has", 1 << 33, 1 << 33, "x.npy: entries claim more"},
		{"an impossible expansion", uint64(len(body)), 1<<33 + 128, "x.npy: claims to expand"},
	} {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		raw, err := w.CreateRaw(&zip.FileHeader{Name: "x.npy", Method: zip.Store, CRC32: crc32.ChecksumIEEE([]byte(body)),
			CompressedSize64: c.compressed, UncompressedSize64: c.uncompressed})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := raw.Write([]byte(body)); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := readBytes(b.Bytes()); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.reason, err, c.want)
		}
	}
}

// TestConversions: values that do not fit are errors, never wrapped around.
func TestConversions(t *testing.T) {
	if _, err := (Array{I64: []int64{1 << 31}}).Ints(); err == nil {
		t.Error("2^31 became an int32")
	}
	if _, err := (Array{F64: []float64{1e39}}).Floats(); err == nil {
		t.Error("1e39 became a float32")
	}
	if _, err := (Array{F32: []float32{1}}).Ints(); err == nil {
		t.Error("a float became an index")
	}
	if _, err := (Array{I32: []int32{1}}).Floats(); err == nil {
		t.Error("an integer became a weight")
	}
	if v, err := (Array{I64: []int64{-7}}).Ints(); err != nil || v[0] != -7 {
		t.Errorf("-7: %v, %v", v, err)
	}
}

// TestWriteRefuses a shape that does not match the values.
func TestWriteRefuses(t *testing.T) {
	err := Write(&bytes.Buffer{}, map[string]Array{"x": {Shape: []int{3}, F32: []float32{1}}})
	if err == nil || !strings.HasPrefix(err.Error(), "x: ") {
		t.Errorf("got %v", err)
	}
}

// FuzzRead: no input may panic or take memory out of proportion, and what is
// read can be written and read again.
func FuzzRead(f *testing.F) {
	seed, err := os.ReadFile("testdata/numpy.npz")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Add([]byte("PK\x05\x06" + strings.Repeat("\x00", 18)))
	f.Fuzz(func(t *testing.T, data []byte) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		arrays, err := readBytes(data)
		runtime.ReadMemStats(&after)
		if used, allowed := after.TotalAlloc-before.TotalAlloc, uint64(8*maxRatio*len(data)+1<<22); used > allowed {
			t.Fatalf("%d bytes of input took %d bytes of memory", len(data), used)
		}
		if err != nil {
			return
		}
		var b bytes.Buffer
		if err := Write(&b, arrays); err != nil {
			t.Fatal(err)
		}
		if _, err := readBytes(b.Bytes()); err != nil {
			t.Fatal(err)
		}
	})
}

// readBytes reads an archive from memory.
func readBytes(data []byte) (map[string]Array, error) {
	return ReadFrom(bytes.NewReader(data), int64(len(data)))
}

// archive makes a zip file of name, body pairs.
func archive(t *testing.T, method uint16, pairs ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(pairs); i += 2 {
		e, err := w.CreateHeader(&zip.FileHeader{Name: pairs[i] + ".npy", Method: method})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.Write([]byte(pairs[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
