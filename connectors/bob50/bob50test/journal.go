package bob50test

import (
	"slices"
	"time"
)

// Event is something that happened at the site. It has no customer data but the reference.
type Event struct {
	At   time.Time // on the site's clock
	Who  string    // ui, program, link, backup, fault
	What string
	Of   string // a third party's reference, or a file
}

func (s *Site) note(who by, what, of string) {
	s.journal = append(s.journal, Event{s.now, string(who), what, of})
}

// Journal is what happened, in order.
func (s *Site) Journal() []Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.journal)
}
