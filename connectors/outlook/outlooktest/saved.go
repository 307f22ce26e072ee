package outlooktest

import (
	"maps"
	"slices"
)

// Saved is the state of all mailboxes at one moment.
type Saved struct{ boxes []*mailbox }

// Save keeps the state of all mailboxes, with their state tokens. Clock, switches, limits, faults, tokens and journal are not in it.
func (s *Server) Save() *Saved {
	s.mu.Lock()
	defer s.mu.Unlock()
	return &Saved{copies(s.boxes)}
}

// Restore puts the mailboxes back, as if what came after had never been. A Saved may be restored several times.
func (s *Server) Restore(saved *Saved) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.boxes = copies(saved.boxes)
}

// copies clones mailboxes. Items are never changed once they are stored, and so are shared.
func copies(in []*mailbox) []*mailbox {
	var out []*mailbox
	for _, mb := range in {
		c := *mb
		c.items, c.ids, c.transactions = maps.Clone(mb.items), maps.Clone(mb.ids), maps.Clone(mb.transactions)
		c.tokens, c.lost = maps.Clone(mb.tokens), maps.Clone(mb.lost)
		c.log, c.tokenOrder, c.order = slices.Clone(mb.log), slices.Clone(mb.tokenOrder), slices.Clone(mb.order)
		out = append(out, &c)
	}
	return out
}
