package kernel

import "math"

const (
	log2e   = 1.44269504
	ln2High = 0.693359375    // nine bits: its product with a small integer is exact
	ln2Low  = -2.12194440e-4 // ln2High + ln2Low = ln 2 (Cody and Waite 1980)
	round   = 3<<22 + 127    // added to a float32, leaves no bits for fractions, and an exponent's bias in the last
	ln2Half = 0.34657359     // ln(2)/2
	expMin  = -87            // exp of less is close to denormal, and taken as 0
	tanhMax = 9.01           // tanh of more rounds to 1
)

// expParts returns scale and e with exp(x) = scale * (1 + e), scale a power of
// two and |e| < 0.42, for |x| <= 88. Keeping the 1 apart keeps the digits of
// exp(x)-1 near 0, where tanh needs them. The polynomial interpolates
// (exp(r)-1-r)/r^2 at the five Chebyshev nodes of |r| <= ln(2)/2, which leaves
// a relative error of 2.4e-8 in e.
func expParts(x float32) (scale, e float32) {
	bits := x*log2e + round
	n := bits - round
	r := x - n*ln2High
	r -= n * ln2Low
	p := float32(0.00139261817)
	p = p*r + 0.008363178
	p = p*r + 0.0416665561
	p = p*r + 0.166665763
	p = p*r + 0.5
	e = p*r*r + r
	return math.Float32frombits(math.Float32bits(bits) << 23), e
}

// tanh is t/(t+2) for t = exp(2x)-1, by expParts with the 2 multiplied into its
// constants. n is at most 26, so one constant for ln(2)/2 is near enough.
func tanh(x float32) float32 {
	x = min(max(x, -tanhMax), tanhMax)
	bits := x*(2*log2e) + round
	n := bits - round
	r := x - n*ln2Half
	p := float32(64 * 0.00139261817)
	p = p*r + 32*0.008363178
	p = p*r + 16*0.0416665561
	p = p*r + 8*0.166665763
	p = p*r + 4*0.5
	p = p*r + 2
	scale := math.Float32frombits(math.Float32bits(bits) << 23)
	t := scale*(p*r) + (scale - 1)
	return t / (t + 2)
}

func sigmoid(x float32) float32 {
	if x < expMin {
		return 0
	}
	scale, e := expParts(max(-x, expMin))
	return 1 / (1 + (scale + scale*e))
}
