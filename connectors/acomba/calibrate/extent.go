package calibrate

import "slices"

// textEnd gives where the text of a field ends in a card: by its prefix, else at the first NUL, at two spaces, or at a
// byte that is no text.
func textEnd(raw []byte, at, limit, prefix int, big bool) int {
	if prefix > 0 {
		return min(at+lengthOf(raw[at-prefix:at], big), limit)
	}
	for i := at; i < limit; i++ {
		switch c := raw[i]; {
		case c < ' ' || c == 0x7F:
			return trimmed(raw, at, i)
		case c == ' ' && (i+1 == limit || pad(raw[i+1])):
			return i
		}
	}
	return limit
}

func trimmed(raw []byte, at, end int) int {
	for end > at && raw[end-1] == ' ' {
		end--
	}
	return end
}

// extent tells where a field ends: behind the longest text of the sample, where in some cards something else begins after
// the padding. Where that is nearly always in one place, it counts even if texts seem to go on behind it: those fill their
// field, and what follows looks like text. typed is the length of the longest text of an example. known is false where
// nothing ever begins before the limit.
func (w *work) extent(at, limit, typed, prefix int, big bool) (end int, known bool) {
	ends := make([]int, 0, len(w.sample))
	begins, told := map[int]int{}, 0
	for _, c := range w.sample {
		stop := textEnd(c.raw, at, limit, prefix, big)
		next := stop
		for next < limit && pad(c.raw[next]) && c.raw[next] == c.raw[stop] { // spaces, then zeros: the zeros are something else
			next++
		}
		if next < limit && next > stop {
			told++
		}
		if next < limit {
			begins[next]++
		}
		ends = append(ends, stop)
	}
	slices.Sort(ends)
	longest := at + typed
	if len(ends) > 0 {
		longest = max(longest, ends[len(ends)-1-len(ends)/100])
	}
	least := max(1, min(3, len(w.sample)/10), len(w.sample)/200)
	among := 0 // places behind the examples' texts in which something begins: stale bytes begin anywhere
	for next := range begins {
		if next >= at+typed && next < longest {
			among++
		}
	}
	end = limit
	for next, n := range begins {
		often := n >= least && next >= longest
		always := next >= at+typed && (10*n >= 6*told && n >= 2*least || among == 1 && n >= 3)
		if (often || always) && next < end {
			end = next
		}
	}
	return max(end, at+1), end < limit || limit < w.size
}

// padding tells what fills a field behind its text.
func (w *work) padding(at, end, prefix int, big bool) string {
	spaces, nuls := 0, 0
	for _, c := range w.sample {
		if stop := textEnd(c.raw, at, end, prefix, big); stop < end {
			switch c.raw[stop] {
			case ' ':
				spaces++
			case 0:
				nuls++
			}
		}
	}
	switch {
	case nuls == 0 && spaces > 0:
		return "space"
	case spaces == 0 && nuls > 0:
		return "nul"
	}
	return "either"
}

// claimText takes the bytes in which texts of a field were seen in the sample.
func (w *work) claimText(name string, at, end, prefix int, big bool) {
	ends := []int{at}
	for _, c := range w.sample {
		ends = append(ends, textEnd(c.raw, at, end, prefix, big))
	}
	slices.Sort(ends)
	longest := ends[len(ends)-1-len(ends)/100]
	w.claim(name, at-prefix, longest-at+prefix)
}

// trim ends the texts where other fields were found, and their arrays before them.
func (w *work) trim() {
	for i := range w.found.Fields {
		f := &w.found.Fields[i]
		n, ok := textLength(f.Form)
		if !ok {
			continue
		}
		for at := f.Form.At; at < f.Form.At+width(f.Form) && at < w.size; at++ {
			if o := w.owner[at]; o != "" && o != f.Name {
				f.Form.resize(min(n, max(1, at-f.Form.At-f.Form.LenPrefix)))
				break
			}
		}
	}
}
