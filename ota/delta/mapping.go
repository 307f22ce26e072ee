package delta

import (
	"cmp"
	"slices"
)

// mapping tells where the bytes of the old image have gone to, by the copies. Where several copies took the same
// bytes, the longest one counts: the others are likeness, not the thing itself.
type mapping struct {
	runs []run // in the order of the old image, apart from each other
	room []run
	over []run // a heap, the longest one first
	last int   // run of the last answer
}

type run struct{ old, n, apart int32 }

func (r run) end() int32 { return r.old + r.n }

// joined is how many bytes two copies of the same distance may miss between them and still count as one.
const joined = 4 << 10

// build takes ops that begin at lo.
func (m *mapping) build(lo int32, ops []op) {
	all := slices.Grow(m.room[:0], len(ops))
	for _, o := range ops {
		if o.kind == patched || o.kind == copied {
			all = joinedRun(all, run{o.old, o.end - lo, lo - o.old})
		}
		lo = o.end
	}
	slices.SortFunc(all, func(a, b run) int {
		return cmp.Or(cmp.Compare(a.old, b.old), cmp.Compare(a.n, b.n), cmp.Compare(a.apart, b.apart))
	})
	m.room, m.runs, m.last = all, slices.Grow(m.runs[:0], len(all)), 0
	m.sweep(all)
}

// joinedRun adds a run, or makes it part of one of the last.
func joinedRun(all []run, r run) []run {
	for k := len(all) - 1; k >= max(0, len(all)-4); k-- {
		if l := &all[k]; l.apart == r.apart && r.old >= l.end() && r.old-l.end() <= joined {
			l.n = r.end() - l.old
			return all
		}
	}
	return append(all, r)
}

// sweep goes along the old image, and keeps of the runs that overlap the longest.
func (m *mapping) sweep(all []run) {
	m.over = m.over[:0]
	for i, at := 0, int32(0); i < len(all) || len(m.over) > 0; {
		if len(m.over) == 0 {
			at = max(at, all[i].old)
		}
		for ; i < len(all) && all[i].old <= at; i++ {
			m.push(all[i])
		}
		best := m.over[0]
		if best.end() <= at {
			m.pop()
			continue
		}
		to := best.end()
		if i < len(all) {
			to = min(to, all[i].old)
		}
		if n := len(m.runs); n > 0 && m.runs[n-1].apart == best.apart && m.runs[n-1].end() == at {
			m.runs[n-1].n += to - at
		} else {
			m.runs = append(m.runs, run{at, to - at, best.apart})
		}
		at = to
	}
}

// longer puts the runs that overlap in order.
func longer(a, b run) bool { return a.n > b.n || a.n == b.n && a.apart < b.apart }

func (m *mapping) push(r run) {
	m.over = append(m.over, r)
	for i := len(m.over) - 1; i > 0 && longer(m.over[i], m.over[(i-1)/2]); i = (i - 1) / 2 {
		m.over[i], m.over[(i-1)/2] = m.over[(i-1)/2], m.over[i]
	}
}

func (m *mapping) pop() {
	n := len(m.over) - 1
	m.over[0] = m.over[n]
	m.over = m.over[:n]
	for i := 0; ; {
		best := i
		for _, k := range [2]int{2*i + 1, 2*i + 2} {
			if k < n && longer(m.over[k], m.over[best]) {
				best = k
			}
		}
		if best == i {
			return
		}
		m.over[i], m.over[best] = m.over[best], m.over[i]
		i = best
	}
}

// of gives where byte x of the old image is in the new one; where it is nowhere, where it would be if it had gone with
// what stands before it. It may lie outside the image.
func (m *mapping) of(x int32) int64 {
	if len(m.runs) == 0 {
		return int64(x)
	}
	if r := m.runs[m.last]; x < r.old || x >= r.end() {
		i, found := slices.BinarySearchFunc(m.runs, x, func(r run, x int32) int { return cmp.Compare(r.old, x) })
		if !found {
			i = max(i-1, 0)
		}
		m.last = i
	}
	return int64(x) + int64(m.runs[m.last].apart)
}
