package delta

import "math/bits"

// cell is the probability of a 1 in one context: 22 bits of it, and in the low 10 bits how often it was asked, up to
// a limit, so that it learns fast at first.
type cell uint32

const (
	even      cell = 1 << 31
	countBits      = 10
	countMask      = 1<<countBits - 1
)

// steps are the shares of the error that a cell learns, by its count, of 65536.
var steps = func() (s [countMask + 1]int64) {
	for n := range s {
		s[n] = 2 * 65536 / (2*int64(n) + 3)
	}
	return s
}()

// p gives the probability, 1 to 65535 of 65536.
func (c cell) p() uint32 { return min(max(uint32(c)>>16, 1), 65535) }

// learn takes a bit in; the count stops at limit.
func (c *cell) learn(bit int, limit uint32) {
	p, n := int64(*c>>countBits), uint32(*c)&countMask
	p += (int64(bit)*(1<<22-1) - p) * steps[n] >> 16
	if n < limit {
		n++
	}
	*c = cell(p)<<countBits | cell(n)
}

func fill(cells []cell) {
	for i := range cells {
		cells[i] = even
	}
}

// simple codes a bit by one cell.
func (c *coder) simple(m *cell, bit int) int {
	bit = c.bit(m.p(), bit)
	m.learn(bit, 255)
	return bit
}

// tree codes a number of n bits, high bit first; cells has 1<<n of them.
func (c *coder) tree(cells []cell, n int, v uint32) uint32 {
	at := uint32(1)
	for i := n - 1; i >= 0; i-- {
		at = at<<1 | uint32(c.simple(&cells[at], int(v>>i&1)))
	}
	return at - 1<<n
}

// number is the model of numbers of up to 32 bits: their length, then the bits after the first one, of which the
// three highest know each other.
type number struct {
	length [64]cell
	high   [33][8]cell
	low    [33][32]cell
}

func (m *number) reset() {
	fill(m.length[:])
	for i := range m.high {
		fill(m.high[i][:])
		fill(m.low[i][:])
	}
}

func (c *coder) number(m *number, v uint32) uint32 {
	n := int(c.tree(m.length[:], 6, uint32(bits.Len32(v))))
	if n == 0 || n > 32 {
		return 0
	}
	out, at := uint32(1), uint32(1)
	for i := n - 2; i >= 0; i-- {
		known := &m.low[n][i]
		if n-2-i < 3 {
			known = &m.high[n][at]
		}
		b := uint32(c.simple(known, int(v>>i&1)))
		out, at = out<<1|b, (at<<1|b)&7
	}
	return out
}

// signed codes a number of either sign: 0, -1, 1, -2, ...
func (c *coder) signed(m *number, v int32) int32 {
	u := c.number(m, uint32(v)<<1^uint32(v>>31))
	return int32(u>>1) ^ -int32(u&1)
}
