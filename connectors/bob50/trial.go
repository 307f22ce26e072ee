package bob50

import (
	"context"
	"time"
)

// Trial is what set-up is told of a company and its newest backup.
type Trial struct {
	Evidence
	Changed   time.Time      // when the company's own third parties were last changed
	Parties   int            // all of them
	Customers int            // those that can be synchronised
	Persons   int            // 0 also where their table is not known
	Held      map[string]int // how many of them can't be, by code
}

// Try is Check for set-up: it tells which backup would serve, and what is in it. What is known is given beside an error of the table
// of persons.
func (s *Site) Try(ctx context.Context) (Trial, error) {
	v, err := s.latest(ctx)
	if err != nil {
		return Trial{}, err
	}
	t := Trial{Evidence: v.evidence, Parties: len(v.lines), Persons: len(v.persons), Held: map[string]int{}}
	if v.nobodys > 0 {
		t.Held[CodeRowUnreadable] = v.nobodys
	}
	for i := range v.lines {
		if why := v.lines[i].why; why == "" {
			t.Customers++
		} else {
			t.Held[why]++
		}
	}
	if t.Changed, err = s.live(ctx); err != nil {
		return t, err
	}
	return t, v.contactErr
}
