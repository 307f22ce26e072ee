package bob50

import (
	"context"
	"maps"
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

// Trial is Try with what is in the backup. What is known is given beside an error of a part of it, such as the table of persons.
func (s *Site) Trial(ctx context.Context) (Trial, error) {
	is, err := s.Try(ctx)
	if is.Path == "" {
		return Trial{}, err
	}
	v, again := s.latest(ctx) // which is at hand
	if again != nil {
		return Trial{Evidence: is}, again
	}
	t := Trial{Evidence: is, Parties: len(v.lines), Persons: len(v.persons), Held: maps.Clone(v.held)}
	for i := range v.lines {
		if v.lines[i].why == "" {
			t.Customers++
		}
	}
	if t.Changed, again = s.live(ctx); again != nil {
		return t, again
	}
	return t, err
}
