package salesmanagementtest

import (
	"maps"
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
	OpRestore = "restore"
)

// Change is one field of one record that got another value. Before and After hold customer data: they are for tests, which have only
// invented data.
type Change struct {
	Seq           int64 // ascending; fields of one write share it
	At            time.Time
	Call          int64 // the journal's number of the call, 0 for a person's doing
	User          int64 // who did it in the application, 0 for a call
	Entity        Entity
	ID            int64
	Action        string
	Field         string // "" for delete and restore
	Before, After string
}

// Revert is a write by a call that put back a value which a person had replaced. It is a fault of the client unless Sage's users typed
// the old value again.
type Revert struct {
	Change
	Replaced int64 // Seq of the person's change
}

// place is one field of one record.
type place struct {
	entity Entity
	id     int64
	field  string
}

// history keeps the changes since the tenant was made; what Fill made is not in it.
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
		h.trails.Typed(at, c.Before, c.After, number(c.User), c.Seq)
		return
	}
	if _, seq, again := h.trails.Reverted(at, c.After); again {
		h.reverts = append(h.reverts, Revert{c, seq})
	}
}

// author is who changes something.
type author struct {
	call  *Call // nil for a person
	user  int64
	quiet bool // a seed: no history
}

// stampedBy is the user whose name a change bears. The key acts as the administrator.
func (a author) stampedBy() int64 { return max(a.user, 1) }

// apply changes a row, or makes one where r is nil, and stamps it. The caller has the lock and has checked the values.
func (s *Server) apply(ch *change, r *row, who author) *row {
	now := s.clock.Now()
	c := Change{At: now, User: who.user, Entity: ch.e, Action: OpUpdate}
	if r == nil {
		r = s.state.add(ch.e)
		r.Created, r.CreatedBy, c.Action = now, who.stampedBy(), OpCreate
		s.fresh(ch, r)
	} else {
		r.Updated, r.UpdatedBy = now, who.stampedBy()
	}
	c.ID = r.ID
	s.begin(&c, who)
	for _, name := range slices.Sorted(maps.Keys(ch.set)) {
		c.Field, c.Before, c.After = name, r.Values[name], ch.set[name]
		s.state.set(ch.e, r, name, ch.set[name])
		if c.Before != c.After && !who.quiet {
			s.history.add(c)
		}
	}
	return r
}

// fresh fills what the product fills in a new row.
func (s *Server) fresh(ch *change, r *row) {
	if ch.e != SalesOrders {
		return
	}
	for name, v := range map[string]int64{"number": r.ID, "year": int64(s.clock.Now().Year())} {
		if ch.set[name] == "" {
			ch.set[name] = strconv.FormatInt(v, 10)
		}
	}
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

// mark deletes a row as the tenant does, or takes that back.
func (s *Server) mark(e Entity, r *row, deleted bool, who author) {
	c := Change{At: s.clock.Now(), User: who.user, Entity: e, ID: r.ID, Action: OpDelete}
	if !deleted {
		c.Action = OpRestore
	}
	s.begin(&c, who)
	s.history.add(c)
	r.Deleted, r.Removed, r.RemovedBy = deleted, time.Time{}, 0
	if deleted {
		r.Removed, r.RemovedBy = c.At, who.stampedBy()
	}
	if deleted && s.on(Delete, "hard") {
		s.state.remove(e, r)
	}
}

// ChangeQuery chooses changes; the zero value means all.
type ChangeQuery struct {
	After  int64 // Seq
	Entity Entity
	ID     int64
	Field  string
	People bool // by people alone
	Calls  bool // by calls alone
}

func (q *ChangeQuery) wants(c *Change) bool {
	return c.Seq > q.After && (q.Entity == "" || q.Entity == c.Entity) && (q.ID == 0 || q.ID == c.ID) && (q.Field == "" || q.Field == c.Field) &&
		(!q.People || c.Call == 0) && (!q.Calls || c.Call != 0)
}

// Changes gives what changed, in its order.
func (s *Server) Changes(q ChangeQuery) (out []Change) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.history.changes {
		if q.wants(&c) {
			out = append(out, c)
		}
	}
	return out
}

// Reverts gives the writes by calls that put back what a person had replaced.
func (s *Server) Reverts() []Revert {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.history.reverts)
}

// Duplicates gives the ids of living records that share an external id and of which a call made one at least, by that id. It is empty
// unless a client made something twice.
func (s *Server) Duplicates(e Entity) map[string][]int64 {
	made := map[int64]bool{}
	for _, c := range s.calls.All() {
		for _, w := range c.Writes {
			made[w.ID] = made[w.ID] || w.Entity == e && w.Op == OpCreate
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[string][]int64{}
	for ext := range s.state.byExt[e] {
		var ids []int64
		for _, r := range s.living(e, ext) {
			ids = append(ids, r.ID)
		}
		if len(ids) > 1 && slices.ContainsFunc(ids, func(id int64) bool { return made[id] }) {
			out[ext] = ids
		}
	}
	return out
}
