package sagex3test

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// Change is one field of one record that got another value. Before and After hold customer data: they are for tests, which have
// only invented data.
type Change struct {
	Seq           int64 // ascending; fields of one write share it
	At            time.Time
	User          string // whom the product takes for the author
	Call          int64  // the journal's number of the call, 0 for a person's doing
	Object        Object
	Key           string
	Op            string // OpCreate, OpUpdate, OpDelete, OpUnassign
	Field         Field  // "" for a delete
	Before, After string
}

// history keeps the changes since the installation was made; what Fill and the Add functions made is not in it.
type history struct {
	seq     int64
	changes []Change
}

func (h *history) add(d *deed, at time.Time) {
	h.seq++
	c := Change{Seq: h.seq, At: at, User: d.who.user, Call: d.who.call, Object: d.object(), Key: d.key(), Op: d.op}
	if d.op == OpDelete {
		h.changes = append(h.changes, c)
		return
	}
	before, after := flat(d.old), flat(d.new)
	names := maps.Clone(after)
	maps.Copy(names, before)
	for _, f := range slices.Sorted(maps.Keys(names)) {
		if c.Before, c.After = before[f], after[f]; c.Before != c.After && f != Number {
			c.Field = f
			h.changes = append(h.changes, c)
		}
	}
}

// flat gives a record's values, a grid's as lines.
func flat(r *Record) Values {
	if r == nil {
		return Values{}
	}
	v := maps.Clone(r.Values)
	for grid, lines := range r.Grids {
		var texts []string
		for _, one := range lines {
			var cells []string
			for _, f := range slices.Sorted(maps.Keys(one)) {
				cells = append(cells, one[f])
			}
			texts = append(texts, strings.Join(cells, " "))
		}
		v[grid] = strings.Join(texts, "\n")
	}
	return v
}

// ChangeQuery chooses changes; the zero value means all.
type ChangeQuery struct {
	After  int64 // Seq
	Object Object
	Key    string
	Field  Field
	Calls  bool // only those of calls
	People bool // only those of people
}

func (q *ChangeQuery) wants(c *Change) bool {
	return c.Seq > q.After && (q.Object == "" || q.Object == c.Object) && (q.Key == "" || q.Key == c.Key) && (q.Field == "" || q.Field == c.Field) &&
		(!q.Calls || c.Call != 0) && (!q.People || c.Call == 0)
}

// Changes tells, oldest first, which fields got which values.
func (s *Server) Changes(q ChangeQuery) []Change {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Change
	for _, c := range s.history.changes {
		if q.wants(&c) {
			out = append(out, c)
		}
	}
	return out
}
