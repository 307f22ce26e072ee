package calibrate

import (
	"cmp"
	"math/bits"
	"slices"
)

const (
	minCard      = 16
	maxCard      = 1 << 16
	maxLag       = 1 << 13 // bytes that autocorrelation looks for
	periodWindow = 1 << 19 // bytes that it looks at
	leastRepeat  = 0.25    // share of field starts that recur, for a distance to count
)

// starts marks where something begins behind at least two bytes of padding: the starts of fields recur from card to
// card, their ends don't.
type starts struct {
	words []uint64
	n     int // bytes
	count int
}

func startsOf(b []byte) starts {
	s := starts{words: make([]uint64, (len(b)+63)/64), n: len(b)}
	for i := 2; i < len(b); i++ {
		if !pad(b[i]) && pad(b[i-1]) && pad(b[i-2]) {
			s.words[i/64] |= 1 << (i % 64)
			s.count++
		}
	}
	return s
}

func pad(c byte) bool { return c == 0 || c == ' ' }

// repeats gives the share of starts that recur at a distance, less what chance gives; 0 to 1.
func (s starts) repeats(lag int) float64 {
	if lag >= s.n || s.count < 3 {
		return 0
	}
	shift, off, hits := uint(lag%64), lag/64, 0
	for i := 0; i+off < len(s.words); i++ {
		w := s.words[i+off] >> shift
		if shift > 0 && i+off+1 < len(s.words) {
			w |= s.words[i+off+1] << (64 - shift)
		}
		hits += bits.OnesCount64(s.words[i] & w)
	}
	possible := float64(s.count) * float64(s.n-lag) / float64(s.n)
	chance := float64(s.count) / float64(s.n)
	if possible < 2 {
		return 0
	}
	return max(0, (min(1, float64(hits)/possible)-chance)/(1-chance))
}

// period is a distance at which a file repeats.
type period struct {
	size  int
	ratio float64
}

// periods gives the distances at which the bytes repeat best, the likeliest card size first, at most four: the smallest
// of those that are about as good as the best, since all its multiples are.
func periods(b []byte) []period {
	s := startsOf(b)
	if s.count < 8 {
		return nil // two or three that recur are chance
	}
	var all []period
	best := 0.0
	for lag := minCard; lag <= min(maxLag, len(b)/2); lag++ {
		if r := s.repeats(lag); r >= leastRepeat {
			all = append(all, period{lag, r})
			best = max(best, r)
		}
	}
	first := slices.IndexFunc(all, func(p period) bool { return p.ratio >= 0.9*best })
	if first < 0 {
		return nil
	}
	found := []period{all[first]}
	rest := slices.DeleteFunc(all, func(p period) bool { return p.size%found[0].size == 0 })
	slices.SortFunc(rest, func(a, b period) int { return cmp.Or(cmp.Compare(b.ratio, a.ratio), cmp.Compare(a.size, b.size)) })
	for _, p := range rest {
		if p.ratio >= 0.6*best && len(found) < 4 {
			found = append(found, p)
		}
	}
	return found
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	if a < 0 {
		return -a
	}
	return a
}

// divisors gives the divisors of n that a card size may be, smallest first.
func divisors(n int64) []int {
	var all []int
	for d := int64(1); d <= maxCard && d <= n; d++ {
		if n%d == 0 && d >= minCard {
			all = append(all, int(d))
		}
	}
	return all
}
