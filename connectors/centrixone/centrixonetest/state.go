package centrixonetest

import (
	"slices"
	"sort"
	"time"
)

// firstID keeps the ids of different resources apart, so that one is never taken for another by luck.
var firstID = map[Resource]int64{
	Settings:          1,
	Lists:             77,
	Stages:            301,
	RevenueCategories: 3001,
	Users:             20001,
	Opportunities:     55120,
	Accounts:          1_000_001,
	Contacts:          5_000_001,
}

// stamped says when a record changed.
type stamped struct {
	at time.Time
	id int64
}

// table is one resource: the rows and what makes finding them cheap.
type table struct {
	rows     map[int64]record
	gone     map[int64]record // deleted, for Restore
	ids      []int64          // ascending; an id whose row is gone stays
	external map[string]int64
	next     int64

	log     []stamped           // changes in the order of time
	changed time.Time           // the last change of any kind
	removed time.Time           // the last time a row went away
	byList  map[int64]time.Time // the last change of a row in, or on its way out of, a list
}

func newTable(next int64, at time.Time) *table {
	return &table{rows: map[int64]record{}, gone: map[int64]record{}, external: map[string]int64{},
		next: next, changed: at, removed: at, byList: map[int64]time.Time{}}
}

// state is everything the CRM knows. Its owner guards it with one lock.
type state struct {
	account   string
	source    Source
	tables    map[Resource]*table
	byAccount map[int64][]int64 // contacts of an account
	lastStamp time.Time
	history   *history
	numbers   *numbers
}

func newState(account string, source Source, at time.Time) *state {
	st := &state{account: account, source: source, tables: map[Resource]*table{},
		byAccount: map[int64][]int64{}, history: newHistory()}
	for res, first := range firstID {
		st.tables[res] = newTable(first, at)
	}
	return st
}

// row gives a record or nil.
func (st *state) row(res Resource, id int64) record {
	if tb := st.tables[res]; tb != nil {
		return tb.rows[id]
	}
	return nil
}

// stamp gives the time of a change: the clock's, but never before an earlier change.
func (st *state) stamp(now time.Time) time.Time {
	now = now.UTC().Truncate(time.Millisecond)
	if now.Before(st.lastStamp) {
		now = st.lastStamp
	}
	st.lastStamp = now
	return now
}

// store puts a row in, and its id and external id into the indexes.
func (st *state) store(res Resource, r record) {
	tb, m := st.tables[res], r.meta()
	tb.rows[m.ID] = r
	if m.ExternalID != "" {
		tb.external[m.ExternalID] = m.ID
	}
	if i, found := slices.BinarySearch(tb.ids, m.ID); !found {
		tb.ids = slices.Insert(tb.ids, i, m.ID)
	}
	if c, ok := r.(*Contact); ok && c.AccountID != 0 {
		st.byAccount[c.AccountID] = append(st.byAccount[c.AccountID], c.ID)
	}
}

// drop takes a row and its index entries out.
func (st *state) drop(res Resource, r record) {
	tb, m := st.tables[res], r.meta()
	delete(tb.rows, m.ID)
	if tb.external[m.ExternalID] == m.ID {
		delete(tb.external, m.ExternalID)
	}
	if c, ok := r.(*Contact); ok && c.AccountID != 0 {
		left := slices.DeleteFunc(st.byAccount[c.AccountID], func(id int64) bool { return id == c.ID })
		st.byAccount[c.AccountID] = left
		if len(left) == 0 {
			delete(st.byAccount, c.AccountID)
		}
	}
}

// protects says whether one of the lists is protected, and whether one of those is one-way.
func (st *state) protects(lists []int64) (protected, oneWay bool) {
	for _, id := range lists {
		if l, ok := st.row(Lists, id).(*List); ok && l.Protected {
			protected = true
			oneWay = oneWay || l.OneWay
		}
	}
	return protected, oneWay
}

// since gives the ids of the rows that changed at or after a time, ascending, each once.
func (tb *table) since(at time.Time) []int64 {
	from := sort.Search(len(tb.log), func(i int) bool { return !tb.log[i].at.Before(at) })
	ids := make([]int64, 0, len(tb.log)-from)
	for _, s := range tb.log[from:] {
		ids = append(ids, s.id)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// note writes a change into the table's log and its stamps.
func (tb *table) note(c change, at time.Time) {
	tb.changed = at
	for _, r := range []record{c.old, c.new} {
		if r != nil {
			for _, l := range listsOf(r) {
				tb.byList[l] = at
			}
		}
	}
	if c.new == nil {
		tb.removed = at
		return
	}
	tb.log = append(tb.log, stamped{at, c.id})
	if len(tb.log) > 2*len(tb.rows)+10_000 {
		tb.compact()
	}
}

// compact keeps the last change of each row that is still there.
func (tb *table) compact() {
	last := make(map[int64]int, len(tb.rows))
	for i, s := range tb.log {
		last[s.id] = i
	}
	kept := tb.log[:0]
	for i, s := range tb.log {
		if last[s.id] == i && tb.rows[s.id] != nil {
			kept = append(kept, s)
		}
	}
	tb.log = kept
}
