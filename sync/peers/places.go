package peers

import (
	"cmp"
	"os"
	"slices"
)

// places tells where rows begin in one version of the file: those of the last look, or all of them.
type places struct {
	file   os.FileInfo // nil: of no version
	all    bool
	sorted bool
	at     []place
}

// place is 16 bytes for a row; what stands there tells whether it is the row that is looked for.
type place struct {
	sum uint64 // of its identity
	off int64
}

// begin forgets all.
func (p *places) begin(file os.FileInfo, all bool) {
	if cap(p.at) > 4*spanRows {
		p.at = nil // of a first look
	}
	p.file, p.all, p.sorted, p.at = file, all, false, p.at[:0]
}

func (p *places) add(sum uint64, off int64) { p.at = append(p.at, place{sum, off}) }

// of gives the rows whose identity has this hash.
func (p *places) of(sum uint64) []place {
	if !p.sorted {
		slices.SortFunc(p.at, func(a, b place) int {
			return cmp.Or(cmp.Compare(a.sum, b.sum), cmp.Compare(a.off, b.off))
		})
		p.sorted = true
	}
	from, _ := slices.BinarySearchFunc(p.at, sum, func(a place, sum uint64) int { return cmp.Compare(a.sum, sum) })
	to := from
	for to < len(p.at) && p.at[to].sum == sum {
		to++
	}
	return p.at[from:to]
}

// sameFile says whether both are one version of a file.
func sameFile(a, b os.FileInfo) bool {
	return a != nil && b != nil && os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}
