package delta

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"
)

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

// complement gives what lies between spans, and behind them up to end.
func complement(all []span, end int) (rest []span) {
	at := 0
	for _, s := range all {
		rest = append(rest, span{at, s.at - at, 0})
		at = s.end()
	}
	return append(rest, span{at, end - at, 0})
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
