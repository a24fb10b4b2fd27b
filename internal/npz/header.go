package npz

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
)

// magic opens every .npy file; two bytes of version follow.
const magic = "\x93NUMPY"

// maxHeader bounds the text of a header. NumPy pads to a multiple of 64 and
// writes one or two lines; its own limit for untrusted files is 10,000.
const maxHeader = 10000

// maxDims bounds the dimensions of an array, each of which costs work for every
// element that is put in another order. NumPy 1 writes no more than 32.
const maxDims = 32

// header is the first part of a .npy file.
type header struct {
	kind    byte // 'f' or 'i'
	size    int  // bytes per element, 4 or 8
	order   binary.ByteOrder
	fortran bool // column-major
	shape   []int
	length  int64 // bytes that the header itself takes
	trusted int   // elements that may be allocated before they are read
}

// readHeader reads a header of format version 1, 2 or 3.
func readHeader(r io.Reader) (header, error) {
	var fixed [8]byte
	if _, err := io.ReadFull(r, fixed[:]); err != nil || string(fixed[:6]) != magic {
		return header{}, fmt.Errorf("not a NumPy array")
	}
	length, wide := make([]byte, 2), 2
	if fixed[6] >= 2 {
		length, wide = make([]byte, 4), 4
	}
	if fixed[6] < 1 || fixed[6] > 3 {
		return header{}, fmt.Errorf("NumPy format version %d is not known", fixed[6])
	}
	if _, err := io.ReadFull(r, length); err != nil {
		return header{}, fmt.Errorf("header is cut short")
	}
	n := uint32(binary.LittleEndian.Uint16(length))
	if wide == 4 {
		n = binary.LittleEndian.Uint32(length)
	}
	if n > maxHeader {
		return header{}, fmt.Errorf("header of %d bytes is longer than %d", n, maxHeader)
	}
	text := make([]byte, n)
	if _, err := io.ReadFull(r, text); err != nil {
		return header{}, fmt.Errorf("header is cut short")
	}
	h, err := parseHeader(string(text))
	h.length = int64(len(fixed)+wide) + int64(n)
	return h, err
}

// The header is the text of a Python dictionary with exactly these keys.
var (
	descrKey   = regexp.MustCompile(`'descr':\s*'([<>|=]?)([a-zA-Z])(\d+)'`)
	fortranKey = regexp.MustCompile(`'fortran_order':\s*(True|False)`)
	shapeKey   = regexp.MustCompile(`'shape':\s*\(([0-9, ]*)\)`)
)

// parseHeader reads the dictionary.
func parseHeader(text string) (header, error) {
	descr, fortran, shape := descrKey.FindStringSubmatch(text), fortranKey.FindStringSubmatch(text), shapeKey.FindStringSubmatch(text)
	if descr == nil || fortran == nil || shape == nil {
		return header{}, fmt.Errorf("header %.80q is not understood", strings.TrimSpace(text))
	}
	h := header{kind: descr[2][0], order: binary.LittleEndian, fortran: fortran[1] == "True"}
	if descr[1] == ">" {
		h.order = binary.BigEndian
	}
	switch descr[2] + descr[3] {
	case "f4", "i4":
		h.size = 4
	case "f8", "i8":
		h.size = 8
	default:
		return header{}, fmt.Errorf("element type %q is not float32, float64, int32 or int64", descr[1]+descr[2]+descr[3])
	}
	for _, field := range strings.Split(shape[1], ",") {
		field = strings.TrimSpace(field)
		if field == "" {
			continue
		}
		d, err := strconv.Atoi(field)
		if err != nil {
			return header{}, fmt.Errorf("shape (%.80s) is not understood", shape[1])
		}
		if len(h.shape) == maxDims {
			return header{}, fmt.Errorf("shape (%.80s...) has more than %d dimensions", shape[1], maxDims)
		}
		h.shape = append(h.shape, d)
	}
	return h, nil
}

// formatHeader returns a version 1 header, padded as NumPy pads it so that the
// data starts at a multiple of 64 bytes.
func formatHeader(descr string, shape []int) []byte {
	dims := make([]string, len(shape))
	for i, d := range shape {
		dims[i] = strconv.Itoa(d)
	}
	tuple := strings.Join(dims, ", ")
	if len(shape) == 1 {
		tuple += ","
	}
	text := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", descr, tuple)
	const before = len(magic) + 4
	padding := 63 - (before+len(text))%64
	text += strings.Repeat(" ", padding) + "\n"
	var b bytes.Buffer
	b.WriteString(magic + "\x01\x00")
	b.Write(binary.LittleEndian.AppendUint16(nil, uint16(len(text))))
	b.WriteString(text)
	return b.Bytes()
}
