package delta

const (
	minZeros  = 4 << 10  // zeros that are told as such
	minCopied = 32 << 10 // bytes as in the old image that are told as such
)

// plan covers the new image with ops.
func plan(old, new []byte) []op {
	p := planner{old: old, new: new}
	m := newMatcher(old, new)
	for at := 0; at < len(new); {
		z := at
		for z < len(new) && new[z] == 0 {
			z++
		}
		if z-at >= minZeros {
			p.add(z, 0, zeros)
			at = z
			continue
		}
		end := nextZeros(new, z)
		for _, a := range m.matches(at, end) {
			p.add(a.new, 0, literal)
			p.copy(a)
		}
		p.add(end, 0, literal)
		at = end
	}
	return p.ops
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

type planner struct {
	old, new []byte
	ops      []op
	end      int
}

// add covers the new image up to end.
func (p *planner) add(end, old int, k kind) {
	if end > p.end {
		p.ops = append(p.ops, op{int32(end), int32(old), k})
		p.end = end
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
