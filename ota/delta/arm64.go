package delta

// class is how a word refers to something.
type class uint8

const (
	none   class = iota
	call         // B, BL
	branch       // B.cond, CBZ, CBNZ
	test         // TBZ, TBNZ
	near         // LDR (literal), ADR
	page         // ADRP
	offset       // ADD of the low 12 bits to what an ADRP gave
	access       // LDR, STR at the low 12 bits from what an ADRP gave
	tableWord
	funcWord
	pointer
	pointerHigh
	dataWord
	findIndex
	findBytes
	part // less than a word
	classes
)

// instruction gives how an arm64 instruction refers to something, and the address to which, as in the "Arm
// Architecture Reference Manual", C6.2. at gives the instruction so many after it, ok false where there is none.
func instruction(at func(k int) (w uint32, ok bool), pc uint32) (c class, target uint32) {
	w, _ := at(0)
	switch {
	case w&0x7c000000 == 0x14000000:
		return call, pc + extended(w, 0, 26)<<2
	case w&0xff000010 == 0x54000000, w&0x7e000000 == 0x34000000:
		return branch, pc + extended(w, 5, 19)<<2
	case w&0x7e000000 == 0x36000000:
		return test, pc + extended(w, 5, 14)<<2
	case w&0x3b000000 == 0x18000000:
		return near, pc + extended(w, 5, 19)<<2
	case w&0x9f000000 == 0x90000000:
		return page, pageOf(w, pc) + firstUse(at, w&31)
	}
	low, c := lowBits(w)
	if c == none {
		return none, 0
	}
	for k := -1; k >= -pairs; k-- {
		a, ok := at(k)
		if !ok {
			break
		}
		if a&0x9f00001f == 0x90000000|w>>5&31 {
			return c, pageOf(a, pc+uint32(4*k)) + low
		}
	}
	return none, 0
}

// pairs is how many instructions may lie between an ADRP and the use of its register.
const pairs = 8

// extended gives n bits of an instruction from the bit shift on, with their sign.
func extended(w uint32, shift, n uint) uint32 {
	return uint32(int32(w<<(32-n-shift)) >> (32 - n))
}

func pageOf(adrp, pc uint32) uint32 {
	return pc&^0xfff + (extended(adrp, 5, 19)<<2|adrp>>29&3)<<12
}

// lowBits gives the low 12 bits of an address that an instruction adds to a register, and how.
func lowBits(w uint32) (low uint32, c class) {
	switch {
	case w&0xffc00000 == 0x91000000:
		return w >> 10 & 0xfff, offset
	case w&0x3b000000 == 0x39000000:
		return w >> 10 & 0xfff << scale(w), access
	}
	return 0, none
}

// scale is the unit of the offset of a LDR or STR, as a power of two.
func scale(w uint32) uint32 {
	if w&0x04800000 == 0x04800000 {
		return 4 // of a vector register
	}
	return w >> 30
}

// firstUse gives the low bits that the first use of an ADRP's register adds.
func firstUse(at func(int) (uint32, bool), register uint32) uint32 {
	for k := 1; k <= pairs; k++ {
		w, ok := at(k)
		if !ok || w&0x9f00001f == 0x90000000|register {
			return 0
		}
		if low, c := lowBits(w); c != none && w>>5&31 == register {
			return low
		}
	}
	return 0
}

// retarget gives an instruction of a class so that it refers to target from pc.
func retarget(c class, w, pc, target uint32) uint32 {
	switch c {
	case call:
		return w&^0x3ffffff | (target-pc)>>2&0x3ffffff
	case branch, near:
		return w&^0xffffe0 | (target-pc)>>2&0x7ffff<<5
	case test:
		return w&^0x7ffe0 | (target-pc)>>2&0x3fff<<5
	case page:
		d := (target>>12 - pc>>12)
		return w&^0x60ffffe0 | d&3<<29 | d>>2&0x7ffff<<5
	case offset:
		return w&^0x3ffc00 | target&0xfff<<10
	case access:
		return w&^0x3ffc00 | target&0xfff>>scale(w)<<10
	}
	return w
}
