package delta

import "bytes"

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
