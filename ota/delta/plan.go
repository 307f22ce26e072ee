package delta

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"
)

const (
	minZeros  = 4 << 10  // zeros that are told as such
	minCopied = 32 << 10 // bytes as in the old image that are told as such
)

// planner finds the ops of a new image. First it matches the images with their references blotted out, but not the
// tables that are nothing but references; then, knowing what has moved where, those as they are expected to be.
type planner struct {
	old, new []byte
	links    []link
	layout   layout  // of all links
	found    []match // in the order of the new image
	ops      []op
	end      int
}

func newPlanner(old, new []byte) *planner {
	a, b, all := paired(old, new)
	p := &planner{old: old, new: new, links: all}
	p.layout = layoutOf(p.links)
	oldTables, newTables := tablesOf(a), tablesOf(b)
	oldView, newView := blotted(old, a), blotted(new, b)
	p.found = around(newMatcher(oldView, newView, inOrder(oldTables)), new, inOrder(newTables))
	p.cover()
	for _, rank := range []int{1, 2} {
		p.match(oldTables, newTables, rank)
	}
	return p
}

// match matches the tables of one rank, which depend on what was matched before.
func (p *planner) match(old, new []tableSpan, rank int) {
	var from []span
	for _, t := range old {
		if t.rank == rank && t.n > 0 {
			from = append(from, t.span)
		}
	}
	if len(from) == 0 {
		return
	}
	inPlace(from)
	m := newMatcher(p.expected(from), p.new, complement(from, len(p.old)))
	for i, t := range new {
		if t.rank != rank || t.n == 0 {
			continue
		}
		if t.fixed {
			p.found = append(p.found, match{t.at, old[i].at, min(t.n, old[i].n)})
			continue
		}
		m.apart = old[i].at - t.at
		p.found = append(p.found, m.matches(t.at, t.end())...)
	}
	slices.SortFunc(p.found, func(a, b match) int { return cmp.Compare(a.new, b.new) })
	p.cover()
}

// tableSpan is a stretch of an image that is nothing but references.
type tableSpan struct {
	span
	rank  int
	fixed bool // made anew by the decoder, not copied
}

func byPlace(a, b span) int { return cmp.Compare(a.at, b.at) }

func inOrder(all []tableSpan) (s []span) {
	for _, t := range all {
		if t.n > 0 {
			s = append(s, t.span)
		}
	}
	return inPlace(s)
}

// inPlace puts spans in order.
func inPlace(s []span) []span {
	slices.SortFunc(s, byPlace)
	return s
}

// paired gives the programs and kernels that stand in both images, as many of both, and what they have in common.
func paired(old, new []byte) (a, b []*program, all []link) {
	for _, find := range []func([]byte) []*program{kernels, programs} {
		x, y := find(old), find(new)
		if l := linksOf(x, y); len(l) > 0 && len(l) == len(x) {
			a, b, all = append(a, x...), append(b, y...), append(all, l...)
		}
	}
	if len(layoutOf(all).segments) == 0 {
		return nil, nil, nil
	}
	return a, b, all
}

// tablesOf gives such stretches of an image, as many for both images.
func tablesOf(all []*program) (t []tableSpan) {
	for _, p := range all {
		t = append(t,
			tableSpan{p.relocations, 1, false},
			tableSpan{p.tables["cu"], 1, false},
			tableSpan{p.tables["functions"], 1, false},
			tableSpan{p.sections[".typelink"], 1, false},
			tableSpan{p.sections[".itablink"], 1, false},
			tableSpan{p.tables["entries"], 2, false},
			tableSpan{p.tables["find"], 2, true},
		)
	}
	return t
}

func complement(all []span, end int) (rest []span) {
	at := 0
	for _, s := range all {
		rest = append(rest, span{at, s.at - at, 0})
		at = s.end()
	}
	return append(rest, span{at, end - at, 0})
}

// around gives the matches of the new image outside of some stretches of it, and of long rows of zeros.
func around(m *matcher, new []byte, but []span) (found []match) {
	for _, s := range complement(but, len(new)) {
		for at := s.at; at < s.end(); {
			if z := zerosAt(new[:s.end()], at); z >= minZeros {
				at += z
				continue
			}
			next := nextZeros(new[:s.end()], at)
			found = append(found, m.matches(at, next)...)
			at = next
		}
	}
	return found
}

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

// expected gives the old image with the words of some stretches as they should be in the new one.
func (p *planner) expected(tables []span) []byte {
	b := bytes.Clone(p.old)
	f := &frame{old: &oldImage{from: readerAt(p.old), size: int64(len(p.old))}}
	f.words.reset()
	f.links.reset()
	f.links.layout = p.layout
	if f.links.prepare(f.old, p.ops) != nil {
		return b
	}
	for _, s := range tables {
		for i := 0; i+4 <= s.n; i += 4 {
			x := expected{}
			old := s.at + i
			f.expect(&x, p.old, old, get32(p.old[old:]), int32(old), int32(f.links.moved.of(int32(old))))
			if x.class == pointer {
				x.words[0] = x.first
			}
			if x.n > 0 {
				binary.LittleEndian.PutUint32(b[old:], x.words[0])
			}
		}
	}
	return b
}

func zerosAt(b []byte, at int) int {
	n := 0
	for at+n < len(b) && b[at+n] == 0 {
		n++
	}
	return n
}

// nextZeros gives where the next minZeros zeros begin.
func nextZeros(b []byte, at int) int {
	for run := 0; at < len(b); at++ {
		if b[at] != 0 {
			run = 0
		} else if run++; run == minZeros {
			return at - run + 1
		}
	}
	return len(b)
}

// cover makes ops of the matches.
func (p *planner) cover() {
	p.ops, p.end = nil, 0
	p.found = p.merged(p.found)
	for _, m := range p.found {
		p.fresh(m.new)
		if over := p.end - m.new; over > 0 {
			m = match{m.new + over, m.old + over, m.n - over}
		}
		if m.n > 0 {
			p.copy(m)
		}
	}
	p.fresh(len(p.new))
}

// merged puts matches together between which the images are the same: rows of zeros were left out.
func (p *planner) merged(found []match) (out []match) {
	for _, m := range found {
		if n := len(out); n > 0 {
			l := &out[n-1]
			gap := m.new - l.new - l.n
			if gap >= 0 && l.old-l.new == m.old-m.new && bytes.Equal(p.old[l.old+l.n:m.old], p.new[l.new+l.n:m.new]) {
				l.n += gap + m.n
				continue
			}
		}
		out = append(out, m)
	}
	return out
}

// add covers the new image up to end.
func (p *planner) add(end, old int, k kind) {
	if end > p.end {
		p.ops = append(p.ops, op{int32(end), int32(old), k})
		p.end = end
	}
}

// fresh covers what has no match.
func (p *planner) fresh(end int) {
	for p.end < end {
		if z := zerosAt(p.new[:end], p.end); z >= minZeros {
			p.add(p.end+z, 0, zeros)
		}
		p.add(nextZeros(p.new[:end], p.end), 0, literal)
	}
}

// copy covers what a match does; long stretches without a difference become ops of their own.
func (p *planner) copy(a match) {
	for i := 0; i < a.n; {
		k := same(p.old[a.old+i:a.old+a.n], p.new[a.new+i:])
		if k >= minCopied {
			p.add(a.new+i, a.old, patched)
			p.add(a.new+i+k, a.old+i, copied)
			a = match{a.new + i + k, a.old + i + k, a.n - i - k}
			i = 0
			continue
		}
		i += k + 1
	}
	p.add(a.new+a.n, a.old, patched)
}
