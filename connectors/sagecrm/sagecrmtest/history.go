package sagecrmtest

import (
	"slices"
	"strconv"
	"time"

	"syncbox/connectors/rest/resttest"
)

// What is done to a record.
const (
	OpCreate  = "create"
	OpUpdate  = "update"
	OpDelete  = "delete"
	OpRestore = "restore" // a person takes a deletion back
)

// Change is one column of one record that got another value. Before and After hold customer data: they are for tests, which have only
// invented data.
type Change struct {
	Seq           int64 // ascending; columns of one write share it
	At            time.Time
	Author        string // login
	Call          int64  // the journal's number of the call, 0 for a person's doing
	Entity        Entity
	ID            int64
	Action        string
	Field         string // "" for delete and restore
	Before, After string
}

// Revert is a write by a call that put back a value which a person had replaced. It is a fault of the client unless the other side's
// users typed the old value again.
type Revert struct {
	Change
	Person   string // who had replaced it
	Replaced int64  // Seq of the person's change
}

// place is one column of one record.
type place struct {
	entity Entity
	id     int64
	field  string
}

// history keeps the changes since the installation was made; what Fill made is not in it.
type history struct {
	seq     int64
	changes []Change
	trails  resttest.Trails[place]
	reverts []Revert
}

// add keeps one change, and watches what people typed.
func (h *history) add(c Change) {
	h.changes = append(h.changes, c)
	if c.Field == "" {
		return
	}
	at := place{c.Entity, c.ID, c.Field}
	if c.Call == 0 {
		h.trails.Typed(at, c.Before, c.After, c.Author, c.Seq)
		return
	}
	if person, seq, again := h.trails.Reverted(at, c.After); again {
		h.reverts = append(h.reverts, Revert{c, person, seq})
	}
}

// author is who changes something.
type author struct {
	id    int64
	login string
	call  *Call // nil for a person
	quiet bool  // a seed: no history
}

// write changes a record, or makes one where r is nil, and stamps it. The caller has the lock and has checked the values.
func (s *Server) write(e Entity, r *row, set map[string]string, who author) *row {
	now := s.clock.Now()
	c := Change{At: now, Author: who.login, Entity: e, Action: OpUpdate}
	if r == nil {
		r = s.state.add(e)
		r.Created, r.CreatedBy, c.Action = now, who.id, OpCreate
	}
	c.ID = r.ID
	s.touchOwner(e, r, now, who)
	s.begin(&c, who)
	for _, name := range sortedNames(set) {
		f := s.tables[e].byName[name]
		c.Field, c.Before, c.After = f.Name, r.Values[f.Name], set[name]
		s.state.set(e, r, f, set[name])
		if c.Before != c.After && !who.quiet {
			s.history.add(c)
		}
	}
	r.Updated, r.UpdatedBy, r.Rev = now, who.id, r.Rev+1
	s.touchOwner(e, r, now, who)
	return r
}

// begin numbers a change and tells the call of it.
func (s *Server) begin(c *Change, who author) {
	s.history.seq++
	c.Seq = s.history.seq
	if who.call != nil {
		c.Call = who.call.Seq
		who.call.Writes = append(who.call.Writes, Write{Entity: c.Entity, ID: c.ID, Op: c.Action})
	}
}

// touchOwner moves the stamp of the company that a child belongs to, where this site's does, and of the person.
func (s *Server) touchOwner(e Entity, r *row, now time.Time, who author) {
	if who.quiet || s.on(UpdatedDate, "company") {
		return
	}
	for _, of := range []Entity{Company, Person} {
		if !slices.Contains(children(of), e) || of == Person && !s.on(UpdatedDate, "owners") {
			continue
		}
		id, err := strconv.ParseInt(r.Values[s.tables[e].owner(of).Name], 10, 64)
		if owner := s.state.live(of, id); err == nil && owner != nil {
			owner.Updated, owner.UpdatedBy, owner.Rev = now, who.id, owner.Rev+1
		}
	}
}

// mark deletes a record softly, with what belongs to it, or takes that back.
func (s *Server) mark(e Entity, r *row, deleted bool, who author) {
	c := Change{At: s.clock.Now(), Author: who.login, Entity: e, ID: r.ID, Action: OpDelete}
	if !deleted {
		c.Action = OpRestore
	}
	s.begin(&c, who)
	r.Deleted, r.Updated, r.UpdatedBy, r.Rev = deleted, c.At, who.id, r.Rev+1
	s.history.add(c)
	s.touchOwner(e, r, c.At, who)
	for _, child := range children(e) {
		for _, id := range slices.Clone(s.state.kids[kin{e, r.ID, child}]) {
			if one := s.state.find(child, id); one.Deleted != deleted {
				s.mark(child, one, deleted, who)
			}
		}
	}
}
