package calibrate

import (
	"cmp"
	"maps"
	"slices"
)

// spread is where the examples of a table lie in a file, before the card size is known: at which distance from one
// field of a card, the anchor, its other fields are, and where the anchor is for each example.
type spread struct {
	file   *file
	table  Table
	utf16  bool
	anchor string
	deltas map[string]int64 // by label, from the anchor; the anchor's own is 0
	votes  map[string]int   // by label: the examples that have it there
	longs  map[string]int64 // by label: bytes of the longest text
	at     [][]int64        // by example: where its anchor may be, the most likely places only
	score  float64
	from   int64 // lowest delta, once the card size is known
	to     int64 // highest end of a text, from the anchor
}

// within drops the labels that don't fit on one card of a size together with the most others: common words are found at a
// fixed distance by chance, on other cards.
func (s *spread) within(size int64) {
	best, most := int64(0), -1
	for _, from := range s.deltas {
		n, anchor := 0, false
		for label, delta := range s.deltas {
			if delta >= from && delta+s.longs[label] <= from+size {
				n += s.votes[label]
				anchor = anchor || label == s.anchor
			}
		}
		if anchor && (n > most || n == most && from < best) {
			best, most = from, n
		}
	}
	s.from, s.to = 0, s.longs[s.anchor]
	for label, delta := range s.deltas {
		if delta < best || delta+s.longs[label] > best+size {
			delete(s.deltas, label)
			continue
		}
		s.from, s.to = min(s.from, delta), max(s.to, delta+s.longs[label])
	}
}

// least gives the bytes that a card has at least: the texts that most examples have at one distance lie on it.
func (s *spread) least() int64 {
	var from, to int64
	for label, delta := range s.deltas {
		if s.votes[label] >= max(3, (3*s.examples()+3)/4) {
			from, to = min(from, delta), max(to, delta+s.longs[label])
		}
	}
	return max(to-from, s.longs[s.anchor])
}

// labelHits are the hits of one example's texts, by label.
type labelHits map[string][]int64

// spreadOf finds the table in a file by the hits there; nil if fewer than two examples, or the only one, are in it.
func spreadOf(f *file, t Table, examples []Example, h *hunt, found map[int32]*hits, pages pageSet) *spread {
	by := make([]labelHits, len(examples))
	lengths := map[string]int64{}
	for n, places := range found {
		x := &h.texts[n]
		if x.table != t || x.pages&pages == 0 {
			continue
		}
		if by[x.example] == nil {
			by[x.example] = labelHits{}
		}
		all := append(by[x.example][x.label], places.places()...)
		slices.Sort(all)
		by[x.example][x.label] = slices.Compact(all)
		lengths[x.label] = max(lengths[x.label], int64(len(x.bytes)))
	}
	var best *spread
	for _, anchor := range anchors(by) {
		s := &spread{file: f, table: t, utf16: pages == inUTF16, anchor: anchor}
		s.fit(by, lengths)
		if best == nil || s.score > best.score {
			best = s
		}
	}
	if best == nil || best.examples() < min(2, len(examples)) {
		return nil
	}
	return best
}

// anchors gives the labels to begin from: those that the most examples have, and that are rarest in the file.
func anchors(by []labelHits) []string {
	examples, total := map[string]int{}, map[string]int{}
	for _, e := range by {
		for label, at := range e {
			examples[label]++
			total[label] += len(at)
		}
	}
	all := slices.Collect(maps.Keys(examples))
	slices.SortFunc(all, func(a, b string) int {
		return cmp.Or(cmp.Compare(examples[b], examples[a]), cmp.Compare(total[a], total[b]), cmp.Compare(a, b))
	})
	return all[:min(3, len(all))]
}

// examples says how many were found.
func (s *spread) examples() (n int) {
	for _, at := range s.at {
		if len(at) > 0 {
			n++
		}
	}
	return n
}

// fit finds for each label the distance from the anchor that the most examples share, then for each example the anchor
// that has the most fields at those distances.
func (s *spread) fit(by []labelHits, lengths map[string]int64) {
	s.deltas, s.votes, s.longs = map[string]int64{s.anchor: 0}, map[string]int{s.anchor: len(by)}, lengths
	labels := map[string]bool{}
	for _, e := range by {
		for label := range e {
			labels[label] = true
		}
	}
	for label := range labels {
		if label != s.anchor {
			if delta, votes, ok := commonDelta(by, s.anchor, label); ok {
				s.deltas[label], s.votes[label] = delta, votes
			}
		}
	}
	s.at = make([][]int64, len(by))
	for i, e := range by {
		var most int
		s.at[i], most = s.choose(e)
		switch {
		case len(s.at[i]) == 1:
			s.score += 1 + float64(most)
		case len(s.at[i]) > 1:
			s.score += (1 + float64(most)) / 2
		}
	}
}

// commonDelta gives the distance between two labels' hits that the most examples have: at least two of them, or the only
// one that has both.
func commonDelta(by []labelHits, anchor, label string) (delta int64, votes int, ok bool) {
	count := map[int64]int{}
	both := 0
	for _, e := range by {
		seen := map[int64]bool{}
		others := e[label]
		from := 0
		for _, at := range e[anchor] {
			for from < len(others) && others[from] < at-maxCard {
				from++
			}
			for _, o := range others[from:] {
				if o > at+maxCard || len(seen) > 4096 {
					break
				}
				if delta := o - at; delta != 0 && !seen[delta] {
					seen[delta] = true
					count[delta]++
				}
			}
		}
		if len(seen) > 0 {
			both++
		}
	}
	for d, n := range count {
		if n > votes || n == votes && closer(d, delta) {
			delta, votes = d, n
		}
	}
	return delta, votes, votes >= max(2, (2*both+2)/3) || votes == 1 && both == 1 && len(by) == 1
}

// closer makes the choice among equals a certain one.
func closer(a, b int64) bool {
	return cmp.Or(cmp.Compare(max(a, -a), max(b, -b)), cmp.Compare(a, b)) < 0
}

// choose gives the anchors of an example that have the most fields where they should be, and how many.
func (s *spread) choose(e labelHits) (at []int64, most int) {
	most = -1
	for _, a := range e[s.anchor] {
		n := 0
		for label, delta := range s.deltas {
			if _, ok := slices.BinarySearch(e[label], a+delta); ok && label != s.anchor {
				n++
			}
		}
		switch {
		case n > most:
			at, most = []int64{a}, n
		case n == most && len(at) < firstHits+lastHits:
			at = append(at, a)
		}
	}
	return at, most
}
