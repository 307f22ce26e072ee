package centrixonetest

import (
	"slices"
	"time"
)

// The author names of ModifiedBy; a person is user:<id>.
const (
	authorSync       = "sync"
	authorAutomation = "automation"
)

// change is one step of a transaction. old is nil for a new row, new is nil for a row that went.
type change struct {
	res      Resource
	id       int64
	old, new record
}

// tx is a set of changes that all happen or none. All have one time and one author.
type tx struct {
	st   *state
	at   time.Time
	by   string
	call int64 // the journal's number of the call, 0 for a person's doing
	log  []change
}

func (st *state) begin(now time.Time, by string, call int64) *tx {
	return &tx{st: st, at: st.stamp(now), by: by, call: call}
}

// create gives a new row its id and stores it.
func (t *tx) create(res Resource, r record) {
	tb := t.st.tables[res]
	r.meta().ID, r.meta().CreatedAt = tb.next, t.at
	tb.next++
	t.put(res, r)
}

// put stores a clone that was changed, and works out what depends on it.
func (t *tx) put(res Resource, r record) {
	old := t.replace(res, r)
	if c, ok := r.(*Contact); ok {
		before, _ := old.(*Contact)
		t.primaries(before, c)
	}
}

// replace stores a row and remembers what was there.
func (t *tx) replace(res Resource, r record) (old record) {
	m := r.meta()
	m.ModifiedAt, m.ModifiedBy = t.at, t.by
	if old = t.st.row(res, m.ID); old != nil {
		t.st.drop(res, old)
	}
	t.st.store(res, r)
	t.log = append(t.log, change{res, m.ID, old, r})
	return old
}

// remove takes a row out.
func (t *tx) remove(res Resource, old record) {
	t.st.drop(res, old)
	t.log = append(t.log, change{res, old.meta().ID, old, nil})
	if c, ok := old.(*Contact); ok {
		t.primaries(c, nil)
	}
}

// rollback makes everything as it was. Ids that were given stay used.
func (t *tx) rollback() {
	for _, c := range slices.Backward(t.log) {
		if c.new != nil {
			t.st.drop(c.res, c.new)
		}
		if c.old != nil {
			t.st.store(c.res, c.old)
		}
	}
	t.log = nil
}

// commit makes the changes seen: by readers since a time, by conditional reads, by the history.
func (t *tx) commit() {
	for _, c := range t.log {
		tb := t.st.tables[c.res]
		tb.note(c, t.at)
		if c.res == Lists && (c.old == nil || c.new == nil) {
			t.relist()
		}
		if c.new == nil {
			tb.gone[c.id] = c.old
		} else {
			delete(tb.gone, c.id)
		}
		t.st.history.add(t, c)
	}
}

// relist dates every read of accounts and contacts anew: a list that comes or goes shows in their Lists.
func (t *tx) relist() {
	t.st.tables[Lists].removed = t.at
	t.st.tables[Accounts].changed = t.at
	t.st.tables[Contacts].changed = t.at
}
