package calibrate

import (
	"context"
	"slices"
	"strconv"
)

// stride is a card size, and how well it fits.
type stride struct {
	size    int
	begins  float64 // share of places a multiple away from an example where a text begins
	repeats float64 // share of field starts that recur at this distance
}

// placed is a table in a file, cut into cards.
type placed struct {
	*spread
	size   int
	header int64
	far    bool // the size is not certain
	why    []Note
	conf   Confidence
}

// place finds the card size: it divides the distances between examples, and it is the smallest such size at which the
// file repeats. step is what the file grew by, 0 if it never did; forced is a person's word, 0 for none.
func (s *spread) place(ctx context.Context, step int64, forced int) (*placed, error) {
	at := s.lone()
	crowd := len(at) == 0 || len(at) == 1 && s.examples() > 1 // nearly all examples are in several places
	if crowd {
		at = nil
		for _, all := range s.at {
			at = append(at, all...)
		}
		slices.Sort(at)
		at = slices.Compact(at)
	}
	off := max(0, min(at[0]-periodWindow/2, s.file.Size-periodWindow))
	b, _, err := s.file.at(ctx, off, periodWindow)
	if err != nil {
		return nil, err
	}
	w := &window{b: b, anchor: at[0] - off, starts: startsOf(b)}
	p := &placed{spread: s, conf: Likely}
	best := stride{size: forced}
	switch {
	case forced != 0:
	case crowd:
		best = s.crowded(w, at, step)
	default:
		best = s.best(w, at, step)
	}
	if best.size < minCard {
		return nil, nil
	}
	p.size, p.far = best.size, forced == 0 && (len(at) < 2 || best.begins < 0.7)
	p.why = append(p.why, note(WhyExamples, "count", strconv.Itoa(len(at)), "size", strconv.Itoa(p.size)))
	if best.repeats > 0 {
		p.why = append(p.why, note(WhyRepeats, "size", strconv.Itoa(p.size), "ratio", percent(best.repeats)))
	}
	if step > 0 && step%int64(p.size) == 0 {
		p.why = append(p.why, note(WhyGrowth, "steps", "1", "size", strconv.FormatInt(step, 10)))
	}
	if len(at) >= 3 && best.begins >= 0.8 && (step == 0 || step%int64(p.size) == 0) {
		p.conf = Sure
	}
	p.within(int64(p.size))
	p.keep()
	p.cut(at)
	return p, nil
}

// crowded finds the card size from many places, of which most but not all are an anchor: it is a distance at which the
// file repeats, and most places are multiples of it apart.
func (s *spread) crowded(w *window, at []int64, step int64) (found stride) {
	sizes := divisors(step)
	for _, p := range periods(w.b) {
		sizes = append(sizes, p.size)
	}
	for _, size := range sizes {
		rests := map[int64]int{}
		for _, a := range at {
			rests[a%int64(size)]++
		}
		most := 0
		for _, n := range rests {
			most = max(most, n)
		}
		x := stride{size, float64(most) / float64(len(at)), w.starts.repeats(size)}
		if int64(size) >= s.least() && x.begins >= 0.6 && (x.repeats > 1.1*found.repeats || found.size%size == 0) {
			found = x
		}
	}
	return found
}

// lone gives the anchors of the examples that are in one place only.
func (s *spread) lone() (at []int64) {
	for _, all := range s.at {
		if len(all) == 1 {
			at = append(at, all[0])
		}
	}
	slices.Sort(at)
	return slices.Compact(at)
}

// best chooses among the divisors of the examples' distances. When they share none, one example lies elsewhere, and is
// left out.
func (s *spread) best(w *window, at []int64, step int64) stride {
	found := s.among(w, sizes(at, step, w))
	for i := 0; i < len(at) && len(at) > 2 && found.begins < 0.6; i++ {
		rest := slices.Delete(slices.Clone(at), i, i+1)
		if other := s.among(w, sizes(rest, step, w)); other.begins > found.begins {
			found = other
		}
	}
	return found
}

// sizes gives the card sizes that the places allow.
func sizes(at []int64, step int64, w *window) []int {
	var g int64
	for _, a := range at[1:] {
		g = gcd(g, a-at[0])
	}
	if g > 0 && step > 0 && gcd(g, step) >= minCard {
		g = gcd(g, step)
	}
	if g > 0 {
		return divisors(g)
	}
	var all []int
	for _, p := range periods(w.b) {
		all = append(all, p.size)
	}
	return all
}

// among gives the smallest of the sizes that are about as good as the best, and not smaller than what a card holds.
func (s *spread) among(w *window, sizes []int) stride {
	if found := s.amongFrom(w, sizes, s.least()); found.size > 0 {
		return found
	}
	return s.amongFrom(w, sizes, s.longs[s.anchor])
}

func (s *spread) amongFrom(w *window, sizes []int, least int64) stride {
	var all []stride
	begins, repeats := 0.0, 0.0
	for _, size := range sizes {
		if int64(size) < least {
			continue
		}
		x := stride{size, w.begins(size), w.starts.repeats(size)}
		all = append(all, x)
		begins, repeats = max(begins, x.begins), max(repeats, x.repeats)
	}
	for _, x := range all {
		if x.begins >= 0.8*begins && x.repeats >= 0.6*repeats {
			return x
		}
	}
	return stride{}
}

// window is a piece of the file around an example.
type window struct {
	b      []byte
	anchor int64
	starts starts
}

// begins gives the share of places, a multiple of size away from the example, where a text begins: a printable byte that
// is no space, with something else than the middle of a word before it.
func (w *window) begins(size int) float64 {
	good, total := 0, 0
	for at := w.anchor % int64(size); at < int64(len(w.b)); at += int64(size) {
		total++
		if c := w.b[at]; c > ' ' && c != 0x7F {
			good++
		}
	}
	return float64(good) / float64(max(total, 1))
}

// keep leaves the places that agree with the card size.
func (p *placed) keep() {
	votes := map[int64]int{}
	for _, all := range p.at {
		seen := map[int64]bool{}
		for _, a := range all {
			if rest := a % int64(p.size); !seen[rest] {
				seen[rest] = true
				votes[rest]++
			}
		}
	}
	best, most := int64(0), 0
	for rest, n := range votes {
		if n > most || n == most && rest < best {
			best, most = rest, n
		}
	}
	for i, all := range p.at {
		p.at[i] = slices.DeleteFunc(slices.Clone(all), func(a int64) bool { return a%int64(p.size) != best })
	}
}

// cut finds where cards begin: the file is a header and whole cards, so that what its length leaves is the header. Where
// known fields would then lie across the end of a card, the first of them begins it.
func (p *placed) cut(at []int64) {
	size := int64(p.size)
	p.header = p.file.Size % size
	first := at[0]
	for _, all := range p.at {
		if len(all) > 0 {
			first = all[0]
			break
		}
	}
	anchor := ((first-p.header)%size + size) % size
	if anchor+p.from < 0 || anchor+p.to > size {
		p.header = ((first+p.from)%size + size) % size
		p.conf, p.far = Guess, true
	}
}

// ordinal gives which card a place in the file is on, from 0.
func (p *placed) ordinal(at int64) int64 { return (at - p.header) / int64(p.size) }

// cards gives the number of whole cards in the file.
func (p *placed) cards() int64 { return max(0, p.file.Size-p.header) / int64(p.size) }
