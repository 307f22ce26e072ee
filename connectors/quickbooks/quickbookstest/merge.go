package quickbookstest

import (
	"slices"
	"time"
)

// Merge makes one customer of two: documents and sub-customers of the loser become the winner's, and the loser disappears as
// Switches.MergeView says.
func (p *Person) Merge(winner, loser string) error {
	return p.act(func(at time.Time, who author) *problem {
		w, l := p.s.state.find(Customer, winner), p.s.state.find(Customer, loser)
		switch {
		case w == nil || l == nil:
			return notFound()
		case w == l || text(w.obj, "ParentRef.value") == loser:
			return invalid("6000", "A business validation error has occurred while processing your request", "Business Validation Error: These cannot be merged.", "")
		}
		p.s.hand(w, loser, at, who)
		p.s.settle(winner, decimalOf(l.obj["Balance"]), at, who)
		p.s.settle(loser, decimalOf(l.obj["Balance"]).Neg(), at, who)
		p.s.lose(loser, at, who)
		return nil
	})
}

// hand gives the winner what the loser had.
func (s *Server) hand(w *row, loser string, at time.Time, who author) {
	for _, e := range append(slices.Clone(transactions), Customer) {
		name, called := "CustomerRef", "DisplayName"
		if e == Customer {
			name = "ParentRef"
		}
		for _, id := range slices.Clone(s.state.tables[e].ids) {
			r := s.state.tables[e].rows[id]
			if text(r.obj, name+".value") != loser {
				continue
			}
			o := deepObject(r.obj)
			o[name] = reference(text(w.obj, "Id"), text(w.obj, called))
			s.state.derive(e, o)
			if s.switches.MergeKeepsStamps && e != Customer {
				s.state.silently(e, r, o)
			} else {
				s.state.requalify(&s.switches, e, r.obj, s.state.change(e, r, o, at, who))
			}
		}
	}
}

// lose makes the loser disappear.
func (s *Server) lose(loser string, at time.Time, who author) {
	l := s.state.find(Customer, loser)
	if s.switches.MergeView == MergeTombstone {
		s.state.remove(Customer, l, at, who)
		return
	}
	gone := l
	if l.active() {
		gone = s.state.deactivate(&s.switches, Customer, l, at, who)
	}
	if s.switches.MergeView == MergeBoth {
		s.state.bury(Customer, gone, at)
	}
}
