package delta

import (
	"cmp"
	"container/heap"
	"slices"
)

// mapping tells where the bytes of the old image have gone to, by the copies. Where several copies took the same
// bytes, the longest one counts: the others are likeness, not the thing itself.
type mapping struct {
	runs []run // in the order of the old image, apart from each other
	room []run
	last int // run of the last answer
}

type run struct{ old, n, apart int32 }

func (r run) end() int32 { return r.old + r.n }

// joined is how many bytes two copies of the same distance may miss between them and still count as one.
const joined = 4 << 10

// build takes ops that begin at lo.
func (m *mapping) build(lo int32, ops []op) {
	all := m.room[:0]
	for _, o := range ops {
		if o.kind == patched || o.kind == copied {
			all = joinedRun(all, run{o.old, o.end - lo, lo - o.old})
		}
		lo = o.end
	}
	slices.SortFunc(all, func(a, b run) int {
		return cmp.Or(cmp.Compare(a.old, b.old), cmp.Compare(a.n, b.n), cmp.Compare(a.apart, b.apart))
	})
	m.room, m.runs, m.last = all, m.runs[:0], 0
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
	var over longest
	for i, at := 0, int32(0); i < len(all) || len(over) > 0; {
		if len(over) == 0 {
			at = max(at, all[i].old)
		}
		for ; i < len(all) && all[i].old <= at; i++ {
			heap.Push(&over, all[i])
		}
		best := over[0]
		if best.end() <= at {
			heap.Pop(&over)
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

// longest is a heap of runs.
type longest []run

func (l longest) Len() int { return len(l) }
func (l longest) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(l[i].n, l[j].n), cmp.Compare(l[j].apart, l[i].apart)) > 0
}
func (l longest) Swap(i, j int) { l[i], l[j] = l[j], l[i] }
func (l *longest) Push(x any)   { *l = append(*l, x.(run)) }
func (l *longest) Pop() any {
	x := (*l)[len(*l)-1]
	*l = (*l)[:len(*l)-1]
	return x
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
