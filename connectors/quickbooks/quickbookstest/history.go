package quickbookstest

import (
	"bytes"
	"maps"
	"slices"
)

// Change is one member of one object that got another value. Values are JSON, "" for none. Before and After hold customer data: they
// are for tests, which have only invented data.
type Change struct {
	Seq           int64 // ascending; members of one write share it
	At            string
	Author        string // api, person
	Call          int64  // the journal's number of the call, 0 for a person's doing
	Entity        Entity
	ID            string
	Action        string // create, update, delete
	Field         string // the member's name; "" for delete
	Before, After string
}

// history keeps the changes since the company was made; what Fill made is not in it.
type history struct {
	seq     int64
	changes []Change
}

func newHistory() *history { return &history{} }

// add records a stored change. old is nil for a new object, next for one that is gone.
func (h *history) add(e Entity, r *row, old, next Object, who author) {
	if who.name == "" {
		return
	}
	h.seq++
	base := Change{Seq: h.seq, At: wireStamp(r.updated), Author: who.name, Call: who.call, Entity: e, ID: text(r.obj, "Id"), Action: OpUpdate}
	switch {
	case next == nil:
		base.Action = OpDelete
		h.changes = append(h.changes, base)
		return
	case old == nil:
		base.Action = OpCreate
	}
	for _, d := range differences(old, next) {
		c := base
		c.Field, c.Before, c.After = d.field, d.before, d.after
		h.changes = append(h.changes, c)
	}
}

type difference struct{ field, before, after string }

// differences gives the members that differ, by name, without those that every write changes.
func differences(a, b Object) []difference {
	all := maps.Clone(b)
	if all == nil {
		all = Object{}
	}
	maps.Copy(all, a)
	var out []difference
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if name == "SyncToken" || name == "MetaData" {
			continue
		}
		if before, after := member(a, name), member(b, name); !bytes.Equal(before, after) {
			out = append(out, difference{name, string(before), string(after)})
		}
	}
	return out
}

func member(o Object, name string) []byte {
	v, ok := o[name]
	if !ok {
		return nil
	}
	return encode(v)
}

// ChangeQuery chooses changes; the zero value means all.
type ChangeQuery struct {
	After  int64 // Seq
	Entity Entity
	ID     string
	Field  string
	Author string
}

func (q *ChangeQuery) wants(c *Change) bool {
	return c.Seq > q.After && (q.Entity == "" || q.Entity == c.Entity) && (q.ID == "" || q.ID == c.ID) &&
		(q.Field == "" || q.Field == c.Field) && (q.Author == "" || q.Author == c.Author)
}

// Changes gives what changed, in its order.
func (s *Server) Changes(q ChangeQuery) []Change {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Change
	for _, c := range s.state.history.changes {
		if q.wants(&c) {
			out = append(out, c)
		}
	}
	return out
}
