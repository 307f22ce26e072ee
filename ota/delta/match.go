package delta

import (
	"encoding/binary"
	"math/bits"
)

// matcher finds what of the new image stands in the old one, roughly as C. Percival's bsdiff does ("Naive differences of
// executable code", 2003): exact matches, extended over differences as long as most bytes agree. Exact matches are
// found by a hash of gram bytes, which takes a few bytes of memory for each of the old image.
type matcher struct {
	old, new []byte
	head     []int32 // by hash: the last gram of the old image that has it, plus 1
	prev     []int32 // by gram: the one before it with the same hash, plus 1
	shift    uint
	apart    int // old less new of the last match
}

const (
	gram     = 16
	stride   = 4  // grams of the old image begin at multiples of it
	longWalk = 48 // grams of one hash that are looked at
)

// match is a stretch of the new image that is like one of the old image.
type match struct{ new, old, n int }

// newMatcher finds nothing in the stretches of the old image that are left out.
func newMatcher(old, new []byte, out []span) *matcher {
	m := &matcher{old: old, new: new, prev: make([]int32, len(old)/stride+1)}
	size := max(bits.Len(uint(len(m.prev))), 8)
	m.head, m.shift = make([]int32, 1<<size), uint(64-size)
	for p := 0; p+gram <= len(old); p += stride {
		if len(out) > 0 && p+gram > out[0].at {
			if p < out[0].end() {
				continue
			}
			out = out[1:]
		}
		if a := binary.LittleEndian.Uint64(old[p:]); a == binary.LittleEndian.Uint64(old[p+4:]) && a == binary.LittleEndian.Uint64(old[p+8:]) {
			continue // empty, or filled with one word
		}
		h := m.hash(old[p:])
		m.prev[p/stride], m.head[h] = m.head[h], int32(p/stride)+1
	}
	return m
}

func (m *matcher) hash(b []byte) uint64 {
	x, y := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])
	return ((x*0x9e3779b97f4a7c15)>>31 ^ x ^ (y * 0xd6e8feb86659fd93)) * 0x9e3779b97f4a7c15 >> m.shift
}

// longest gives where in the old image the longest run begins that the new image has at i, and its length.
func (m *matcher) longest(i, end int) (old, n int) {
	if i+gram > end {
		return 0, 0
	}
	g := m.head[m.hash(m.new[i:])]
	for range longWalk {
		if g == 0 {
			break
		}
		p := int(g-1) * stride
		if k := same(m.old[p:], m.new[i:end]); k > n {
			old, n = p, k
		}
		g = m.prev[g-1]
	}
	return old, n
}

// same gives how many bytes a and b have in common at their beginning.
func same(a, b []byte) int {
	n, i := min(len(a), len(b)), 0
	for ; i+8 <= n; i += 8 {
		if d := binary.LittleEndian.Uint64(a[i:]) ^ binary.LittleEndian.Uint64(b[i:]); d != 0 {
			return i + bits.TrailingZeros64(d)/8
		}
	}
	for i < n && a[i] == b[i] {
		i++
	}
	return i
}

// matches covers the new image from begin to end, as far as there is something like it.
func (m *matcher) matches(begin, end int) (out []match) {
	last := match{begin, begin + m.apart, 0} // its n is found once the next one is known
	for scan := begin; scan < end; {
		next, n := m.anchor(&scan, end, m.apart)
		if scan < end && next-scan == m.apart {
			scan += n
			continue
		}
		ahead := m.ahead(last, scan)
		back := 0
		if scan < end {
			back = m.back(match{scan, next, n}, last.new+ahead, last.new)
		}
		if over := last.new + ahead - (scan - back); over > 0 {
			keep := m.divide(last.new+ahead-over, last.old+ahead-over, scan-back, next-back, over)
			ahead += keep - over
			back -= keep
		}
		if ahead > 0 {
			out = append(out, match{last.new, last.old, ahead})
		}
		last = match{scan - back, next - back, 0}
		m.apart = next - scan
		scan += n
	}
	return m.closed(out, last, end)
}

// closed adds the last match, which goes as far as it pays.
func (m *matcher) closed(out []match, last match, end int) []match {
	if n := len(out); n > 0 && out[n-1].new >= last.new {
		return out
	}
	if ahead := m.ahead(last, end); ahead > 0 {
		out = append(out, match{last.new, last.old, ahead})
	}
	return out
}

// anchor goes on from scan to where the new image agrees with the old one for longer than it does at the distance that
// is known, or wholly at that distance; n is 0 at the end.
func (m *matcher) anchor(scan *int, end, apart int) (old, n int) {
	score, to := 0, *scan // bytes from scan to there that agree at the known distance
	for ; *scan < end; *scan++ {
		if p := *scan + apart; p >= 0 && p < len(m.old) {
			if k := same(m.old[p:], m.new[*scan:end]); k >= 2*gram || *scan+k == end {
				return p, k
			}
		}
		old, n = m.longest(*scan, end)
		for ; to < *scan+n; to++ {
			score += m.agree(to+apart, to)
		}
		if n > score+8 || n > 0 && n == score && old == *scan+apart {
			return old, n
		}
		if to > *scan {
			score -= m.agree(*scan+apart, *scan)
		} else {
			to, score = *scan+1, 0
		}
	}
	return 0, 0
}

func (m *matcher) agree(old, new int) int {
	if old >= 0 && old < len(m.old) && m.old[old] == m.new[new] {
		return 1
	}
	return 0
}

// ahead gives how far a match goes on towards end, so that most of it agrees.
func (m *matcher) ahead(a match, end int) (n int) {
	score, best := 0, 0
	for i := 0; a.old >= 0 && a.new+i < end && a.old+i < len(m.old); {
		score += 2*m.agree(a.old+i, a.new+i) - 1
		i++
		if score > best {
			best, n = score, i
		}
		if score < best-512 {
			break
		}
	}
	return n
}

// back gives how far a match goes back, at most to floor; beyond the taken bytes it must be worth it.
func (m *matcher) back(a match, taken, floor int) (n int) {
	score, best := 0, 0
	for i := 1; a.new-i >= floor && a.old-i >= 0; i++ {
		score += 2*m.agree(a.old-i, a.new-i) - 1
		if score > best {
			best, n = score, i
		}
		if score < best-512 || a.new-i < taken && i > 4096 {
			break
		}
	}
	return n
}

// divide gives how many of n bytes that two matches share are better left to the first one.
func (m *matcher) divide(new1, old1, new2, old2, n int) (keep int) {
	score, best := 0, 0
	for i := range n {
		score += m.agree(old1+i, new1+i) - m.agree(old2+i, new2+i)
		if score > best {
			best, keep = score, i+1
		}
	}
	return keep
}
