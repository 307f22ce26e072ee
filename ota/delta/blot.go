package delta

import (
	"bytes"
	"encoding/binary"
)

// blotted gives an image in which references of instructions, and addresses, are zero.
func blotted(image []byte, all []*program) []byte {
	if len(all) == 0 {
		return image
	}
	b := bytes.Clone(image)
	for _, p := range all {
		for _, s := range p.codes {
			blotCode(b, image, s)
		}
		for _, s := range p.datas {
			blotAddresses(b, p, s)
		}
	}
	return b
}

func blotCode(b, image []byte, s span) {
	for i := 0; i+4 <= s.n; i += 4 {
		c, _ := instruction(func(k int) (uint32, bool) {
			if k = i + 4*k; k < 0 || k+4 > s.n {
				return 0, false
			}
			return get32(image[s.at+k:]), true
		}, s.va+uint32(i))
		w := get32(image[s.at+i:])
		switch c {
		case call, page, offset, access:
			w = retarget(c, w, 0, 0)
		}
		binary.LittleEndian.PutUint32(b[s.at+i:], w)
	}
}

func blotAddresses(b []byte, p *program, s span) {
	first, last := p.loads[0], p.loads[len(p.loads)-1]
	for i := int(-s.va & 7); i+8 <= s.n; i += 8 {
		low, high := get32(b[s.at+i:]), get32(b[s.at+i+4:])
		if isHigh(high) && low >= first.va && low-first.va < last.va+uint32(last.n)-first.va+behind {
			clear(b[s.at+i : s.at+i+4])
		}
	}
}
