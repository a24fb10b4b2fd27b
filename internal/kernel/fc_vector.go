//go:build amd64 && !noasm

package kernel

// tileFunc computes some tiles one below the other, each a few rows of src times
// one panel. Strides are in bytes; w holds k rows of the panel's width; bias
// holds cols values, at which sums start, and cols values of each row of dst are
// written, none below floor. Meanwhile each tile fetches k cache lines of the
// memory from next to end into the second-level cache, unless it is of several
// panels. Denormals count as zero.
type tileFunc func(dst *float32, ldd int, src *float32, lds int, w *float32, k int, bias *float32, cols int, floor float32, next, end *float32, tiles int)

// Tiles by number of rows less one.
var (
	tiles128AVX512 = []tileFunc{tile1x128AVX512, tile2x128AVX512}
	tiles64AVX512  = []tileFunc{
		tile1x64AVX512, tile2x64AVX512, tile3x64AVX512, tile4x64AVX512, tile5x64AVX512, tile6x64AVX512,
	}
	tiles32AVX512 = []tileFunc{
		tile1x32AVX512, tile2x32AVX512, tile3x32AVX512, tile4x32AVX512, tile5x32AVX512, tile6x32AVX512,
		tile7x32AVX512, tile8x32AVX512, tile9x32AVX512, tile10x32AVX512, tile11x32AVX512, tile12x32AVX512,
	}
	tiles16AVX512 = []tileFunc{
		tile1x16AVX512, tile2x16AVX512, tile3x16AVX512, tile4x16AVX512, tile5x16AVX512, tile6x16AVX512,
		tile7x16AVX512, tile8x16AVX512, tile9x16AVX512, tile10x16AVX512, tile11x16AVX512, tile12x16AVX512,
	}
	tiles32AVX2 = []tileFunc{tile1x32AVX2, tile2x32AVX2}
	tiles16AVX2 = []tileFunc{
		tile1x16AVX2, tile2x16AVX2, tile3x16AVX2, tile4x16AVX2, tile5x16AVX2, tile6x16AVX2,
	}
	tiles8AVX2 = []tileFunc{
		tile1x8AVX2, tile2x8AVX2, tile3x8AVX2, tile4x8AVX2, tile5x8AVX2, tile6x8AVX2,
	}
)

func panelAVX512(dst []float32, ldd int, src []float32, lds, rows, k int, p panel, bias []float32, floor float32) {
	tiles := tiles32AVX512
	switch p.width {
	case 128:
		tiles = tiles128AVX512
	case 64:
		tiles = tiles64AVX512
	case 16:
		tiles = tiles16AVX512
	}
	eachTile(tiles, dst, ldd, src, lds, rows, k, p, bias, floor)
}

func panelAVX2(dst []float32, ldd int, src []float32, lds, rows, k int, p panel, bias []float32, floor float32) {
	tiles := tiles16AVX2
	switch p.width {
	case 32:
		tiles = tiles32AVX2
	case 8:
		tiles = tiles8AVX2
	}
	eachTile(tiles, dst, ldd, src, lds, rows, k, p, bias, floor)
}

// recurrentAVX512 has a loop for the 64 units of DIEN.
func recurrentAVX512(h []float32, ldh int, x []float32, ldx int, previous []float32, ldp, rows int, m *Matrix, bias []float32) {
	if m.out != 64 {
		recurrentGo(h, ldh, x, ldx, previous, ldp, rows, m, bias)
		return
	}
	b := &noBias[0]
	if bias != nil {
		b = &bias[0]
	}
	recurrent64AVX512(&h[0], ldh, &x[0], ldx, &previous[0], ldp, rows, &m.data[0], b)
}

// noBias stands for a bias of zeros, as long as the widest group of panels.
var noBias [128]float32

// pageValues is the distance of values that fall into the same set of the
// first-level cache, of 12 ways.
const pageValues = 4096 / 4

// lineValues is the number of values in a cache line.
const lineValues = cacheLine / 4

// eachTile shares the rows out evenly: 16 rows are 8 and 8, not 12 and 4, since
// a tile with few rows waits for its own sums. Rows that all fall into one set
// of the cache must leave some ways of it for the panel.
func eachTile(tiles []tileFunc, dst []float32, ldd int, src []float32, lds, rows, k int, p panel, bias []float32, floor float32) {
	b := &noBias[0]
	if bias != nil {
		b = &bias[0]
	}
	if lds%pageValues == 0 {
		tiles = tiles[:min(len(tiles), 10)]
	}
	n := (rows + len(tiles) - 1) / len(tiles)
	small, large := n-rows%n, rows%n // numbers of tiles of m and of m+1 rows
	m := rows / n
	next, end := &p.next[0], &p.next[len(p.next)-1]
	tiles[m-1](&dst[0], 4*ldd, &src[0], 4*lds, &p.w[0], k, b, p.cols, floor, next, end, small)
	if large > 0 {
		if at := small * k * lineValues; at < len(p.next) {
			next = &p.next[at]
		} else {
			next = end
		}
		r := small * m
		tiles[m](&dst[r*ldd], 4*ldd, &src[r*lds], 4*lds, &p.w[0], k, b, p.cols, floor, next, end, large)
	}
}
