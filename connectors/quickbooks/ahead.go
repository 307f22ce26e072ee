package quickbooks

import (
	"encoding/json"
	"slices"

	"syncbox/connectors/record"
)

// Records are asked for a few at a time, in the order of their keys, and the month's reads are few. A query that has room
// for more Ids therefore fetches those that will be asked for next: what looks told and nobody has read yet. After a
// complete look that is everything, and after a restart it is not known any more: then the neighbours of a larger batch are
// fetched.

// manyAsked is from how many records on a batch is taken for a part of a longer row of them.
const manyAsked = 10

// aheadBytes bounds what was fetched before it was asked for.
const aheadBytes = 2 << 20

// backlog are the keys of one entity that were told and not read since.
type backlog struct {
	pending map[record.Key]bool
	order   []record.Key // at least these, in order; what is not pending any more is passed over
	unsent  []record.Key // not in order yet
}

func (b *backlog) add(k record.Key) {
	if !b.pending[k] {
		b.pending[k] = true
		b.unsent = append(b.unsent, k)
	}
}

func (b *backlog) done(k record.Key) { delete(b.pending, k) }

// sorted gives the keys in order.
func (b *backlog) sorted() []record.Key {
	if len(b.unsent) > 0 || len(b.order) > 2*len(b.pending)+1000 {
		b.order = slices.DeleteFunc(append(b.order, b.unsent...), func(k record.Key) bool { return !b.pending[k] })
		slices.Sort(b.order)
		b.order, b.unsent = slices.Compact(b.order), nil
	}
	return b.order
}

// ahead is what will be asked for next, and what of it was fetched already.
type ahead struct {
	backlogs map[record.Entity]*backlog
	rows     map[record.Entity]map[record.Key]json.RawMessage
	known    map[record.Entity][]record.Key // all keys in order; nil: to be made of the notes
}

func newAhead() *ahead {
	a := &ahead{backlogs: map[record.Entity]*backlog{}}
	a.forget()
	return a
}

// forget drops what was fetched; a look does, since it may have changed.
func (a *ahead) forget() {
	a.rows, a.known = map[record.Entity]map[record.Key]json.RawMessage{}, map[record.Entity][]record.Key{}
}

func (a *ahead) told(e record.Entity, k record.Key) {
	if a.backlogs[e] == nil {
		a.backlogs[e] = &backlog{pending: map[record.Key]bool{}}
	}
	a.backlogs[e].add(k)
}

// read notes that a record was read, and gives its row if it was fetched.
func (a *ahead) read(e record.Entity, k record.Key) (json.RawMessage, bool) {
	if b := a.backlogs[e]; b != nil {
		b.done(k)
	}
	raw, fetched := a.rows[e][k]
	delete(a.rows[e], k)
	return raw, fetched
}

// keep keeps rows of one entity in the place of those before.
func (a *ahead) keep(e record.Entity, rows map[record.Key]json.RawMessage) { a.rows[e] = rows }

// drop forgets a row that was written.
func (a *ahead) drop(k record.Key) {
	delete(a.rows[record.Account], k)
	delete(a.rows[record.Contact], k)
}

// next gives the Ids of an entity of the product that will be asked for behind some others, as many as one query takes
// with those.
func (m *memory) next(e record.Entity, entity string, asked []id) []id {
	if b := m.ahead.backlogs[e]; b != nil && len(b.pending) > 0 {
		if next := m.behind(e, entity, asked, b.sorted(), func(k record.Key) bool { return b.pending[k] }); len(next) > 0 {
			return next
		}
	}
	if len(asked) < manyAsked {
		return nil
	}
	return m.behind(e, entity, asked, m.knownKeys(e), func(record.Key) bool { return true })
}

// behind gives those of some keys in order that come behind others, are wanted, and are not in memory.
func (m *memory) behind(e record.Entity, entity string, asked []id, order []record.Key, wanted func(record.Key) bool) []id {
	at, found := slices.BinarySearch(order, keyOf(entity, slices.Max(asked)))
	if found {
		at++
	}
	all := slices.Clone(asked)
	for _, k := range order[at:] {
		of, i, ok := placeOf(e, k)
		if !ok || of != entity || len(all) >= mostAtOnce {
			break
		}
		if _, shown := m.rows.get(entity, i); !shown && wanted(k) {
			all = append(all, i)
		}
	}
	return all[len(asked):max(len(asked), fitting(all))]
}

// mostAtOnce is more Ids than a query takes.
const mostAtOnce = 400

// knownKeys gives all keys of an entity that the notes have.
func (m *memory) knownKeys(e record.Entity) []record.Key {
	if m.ahead.known[e] == nil {
		var all []record.Key
		switch e {
		case record.Document:
			for n := range m.docs.all {
				all = append(all, docNumber(n).key())
			}
		case record.Account, record.Contact:
			for n := range m.people.all {
				all = append(all, record.Key(idOf(n)))
			}
		}
		slices.Sort(all)
		m.ahead.known[e] = all
	}
	return m.ahead.known[e]
}
