package delta

import (
	"bytes"
	"encoding/binary"
)

// A kernel is Linux's arm64 Image, as Documentation/arch/arm64/booting.rst of its sources has it: "ARM\x64" at 56, how
// much memory it takes at 16.
const (
	kernelMagicAt = 56
	kernelSizeAt  = 16
	kernelHigh    = 0xffff8000 // the upper half of its addresses, where they have 48 bits
	kernelLow     = 0x08000000 // the lower half of that of its first byte
	relative64    = 0x403      // R_AARCH64_RELATIVE, "ELF for the Arm 64-bit Architecture"
	relaBytes     = 24
)

// kernels finds kernels in an image.
func kernels(image []byte) (found []*program) {
	for at := 0; ; at++ {
		i := bytes.Index(image[at:], []byte("ARMd"))
		if i < 0 {
			return found
		}
		at += i
		if begin := at - kernelMagicAt; begin >= 0 && image[begin] == 'M' && image[begin+1] == 'Z' {
			n := binary.LittleEndian.Uint64(image[begin+kernelSizeAt:])
			found = append(found, openKernel(image, span{begin, int(min(n, uint64(len(image)-begin))) &^ 3, kernelLow}))
		}
	}
}

func openKernel(image []byte, all span) *program {
	p := &program{at: all.at, loads: []span{all}}
	const block = 64 << 10
	for i := 0; i < all.n; i += block {
		s := all.sub(i, min(block, all.n-i))
		if !hasCalls(image[s.at:s.end()]) {
			continue
		}
		if n := len(p.codes); n > 0 && p.codes[n-1].end() == s.at {
			p.codes[n-1].n += s.n
		} else {
			p.codes = append(p.codes, s)
		}
	}
	if s := relocations(image, all); s.n > 0 {
		p.relocations = s
	}
	p.datas = p.rest()
	return p
}

// sub gives a part of a span.
func (s span) sub(i, n int) span { return span{s.at + i, n, s.va + uint32(i)} }

// hasCalls says whether enough words are BL for this to be code.
func hasCalls(b []byte) bool {
	n := 0
	for i := 0; i+4 <= len(b); i += 4 {
		if get32(b[i:])>>26 == 0x25 {
			n++
		}
	}
	return n > len(b)/4/64
}

// relocations gives the longest row of relative relocations.
func relocations(image []byte, all span) (longest span) {
	for i := all.at; i+relaBytes <= all.end(); i += 8 {
		n := 0
		for i+n+relaBytes <= all.end() && binary.LittleEndian.Uint64(image[i+n+8:]) == relative64 && get32(image[i+n+4:]) == kernelHigh {
			n += relaBytes
		}
		if n > longest.n {
			longest = all.sub(i-all.at, n)
		}
		i += max(n-8, 0)
	}
	return longest
}

// rest gives what of a kernel is no code and no relocation.
func (p *program) rest() (datas []span) {
	all, at := p.loads[0], 0
	add := func(end int) {
		if end > at {
			datas = append(datas, all.sub(at, end-at))
		}
	}
	taken := append([]span{}, p.codes...)
	if p.relocations.n > 0 {
		taken = append(taken, p.relocations)
	}
	for _, s := range inPlace(taken) {
		add(s.at - all.at)
		at = max(at, s.end()-all.at)
	}
	add(all.n)
	return datas
}
