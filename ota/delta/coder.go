package delta

// coder is an arithmetic coder of bits, as J. Rissanen and G. Langdon described it in 1979, on 32-bit bounds without
// carry. One type does both ways, so that encoder and decoder are the same text: when it writes, bit takes the bit;
// when it reads, bit ignores its argument and gives the bit.
type coder struct {
	writes bool
	bytes  []byte // written, or still to be read
	lo, hi uint32 // bounds of what the bits so far may be
	value  uint32 // when it reads: the bits
	past   int    // bytes read past the end

	books   bool // what each bit costs is added to the account
	account *float64
}

// tail is how many bytes past the end a sound stream is read: what is left in the register.
const tail = 3

func newWriter() *coder { return &coder{writes: true, hi: 1<<32 - 1} }

func newReader(b []byte) *coder {
	c := &coder{bytes: b, hi: 1<<32 - 1}
	for range 4 {
		c.value = c.value<<8 | c.next()
	}
	return c
}

// bit codes a bit that is 1 with the probability p/65536, p from 1 to 65535.
func (c *coder) bit(p uint32, bit int) int {
	mid := c.lo + uint32(uint64(c.hi-c.lo)*uint64(p)>>16)
	if !c.writes {
		bit = 0
		if c.value <= mid {
			bit = 1
		}
	}
	if c.books {
		c.book(p, bit)
	}
	if bit == 1 {
		c.hi = mid
	} else {
		c.lo = mid + 1
	}
	for (c.lo^c.hi)>>24 == 0 {
		c.shift()
	}
	return bit
}

func (c *coder) shift() {
	if c.writes {
		c.bytes = append(c.bytes, byte(c.hi>>24))
	} else {
		c.value = c.value<<8 | c.next()
	}
	c.lo <<= 8
	c.hi = c.hi<<8 | 255
}

func (c *coder) next() uint32 {
	if len(c.bytes) == 0 {
		c.past++
		return 0
	}
	b := c.bytes[0]
	c.bytes = c.bytes[1:]
	return uint32(b)
}

// finish gives what was written. One byte above lo tells the bounds, zeros are read after it.
func (c *coder) finish() []byte {
	if c.lo == 0 {
		return append(c.bytes, 0)
	}
	return append(c.bytes, byte(c.lo>>24)+1)
}

// spent says that more was read than was there.
func (c *coder) spent() bool { return c.past > tail }

// ended says that all was read, and no more than was there.
func (c *coder) ended() bool { return c.past == tail }
