package quickbookstest

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"
)

// row is one stored object. Once stored it is never changed: a change stores another row.
type row struct {
	obj              Object
	id               int64
	created, updated time.Time
	encoded          json.RawMessage // of obj, made when it is first sent
}

// tombstone is what is left of a row that is gone.
type tombstone struct {
	ID string
	At time.Time
}

// table is one entity.
type table struct {
	rows map[int64]*row
	ids  []int64 // ascending, of rows that are there
	dead []tombstone
}

// state is everything that one company's books hold. Its owner guards it with one lock.
type state struct {
	zone    *time.Location
	tables  map[Entity]*table
	next    map[string]int64 // the last id of each sequence
	owners  map[string][]owner
	replays map[string]*replayed
	reads   map[string]int // metered reads of each month "2006-01"
	last    time.Time      // of the last change
	history *history
}

// author is who changes something: the API in a call, a person, or nobody (seeded).
type author struct {
	name string
	call int64
}

const (
	authorAPI    = "api"
	authorPerson = "person"
)

func newState(zone *time.Location) *state {
	st := &state{zone: zone, tables: map[Entity]*table{}, next: map[string]int64{}, owners: map[string][]owner{},
		replays: map[string]*replayed{}, reads: map[string]int{}, history: newHistory()}
	for _, e := range entities {
		st.tables[e] = &table{rows: map[int64]*row{}}
	}
	return st
}

// find gives a row by its Id, nil if there is none.
func (st *state) find(e Entity, id string) *row {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil || st.tables[e] == nil {
		return nil
	}
	return st.tables[e].rows[n]
}

// stamp gives the time of a change: the clock's whole seconds, but never before an earlier change.
func (st *state) stamp(now time.Time) time.Time {
	now = now.In(st.zone).Truncate(time.Second)
	if now.Before(st.last) {
		now = st.last
	}
	st.last = now
	return now
}

func wireStamp(t time.Time) string { return t.Format("2006-01-02T15:04:05-07:00") }

func (st *state) nextID(sequence string) int64 {
	st.next[sequence]++
	return st.next[sequence]
}

// create stores a new object under a new Id.
func (st *state) create(e Entity, o Object, at time.Time, who author) *row {
	r := &row{obj: o, id: st.nextID(e.sequence()), created: at, updated: at}
	o["Id"], o["SyncToken"], o["domain"], o["sparse"] = strconv.FormatInt(r.id, 10), "0", "QBO", false
	r.date()
	st.addresses(o)
	st.store(e, r)
	st.history.add(e, r, nil, r.obj, who)
	return r
}

// change stores an object in the place of another, with the next SyncToken.
func (st *state) change(e Entity, old *row, o Object, at time.Time, who author) *row {
	token, _ := strconv.Atoi(text(old.obj, "SyncToken"))
	r := &row{obj: o, id: old.id, created: old.created, updated: at}
	o["Id"], o["SyncToken"], o["domain"], o["sparse"] = old.obj["Id"], strconv.Itoa(token+1), "QBO", false
	r.date()
	st.addresses(o)
	st.replace(e, old, r)
	st.history.add(e, r, old.obj, r.obj, who)
	return r
}

// silently stores an object in the place of another without a trace: what the product works out from elsewhere.
func (st *state) silently(e Entity, old *row, o Object) *row {
	r := &row{obj: o, id: old.id, created: old.created, updated: old.updated}
	st.replace(e, old, r)
	return r
}

func (st *state) replace(e Entity, old, r *row) {
	st.disown(e, old)
	st.tables[e].rows[r.id] = r
	st.own(e, r)
}

// remove takes a row out and leaves a tombstone.
func (st *state) remove(e Entity, old *row, at time.Time, who author) {
	st.drop(e, old)
	st.bury(e, old, at)
	st.history.add(e, old, old.obj, nil, who)
}

func (st *state) bury(e Entity, old *row, at time.Time) {
	st.tables[e].dead = append(st.tables[e].dead, tombstone{text(old.obj, "Id"), at})
}

func (r *row) date() {
	r.obj["MetaData"] = Object{"CreateTime": wireStamp(r.created), "LastUpdatedTime": wireStamp(r.updated)}
}

func (r *row) active() bool { return r.obj["Active"] != false }

// wire gives the row as JSON.
func (r *row) wire() json.RawMessage {
	if r.encoded == nil {
		r.encoded = encode(r.obj)
	}
	return r.encoded
}

func (st *state) store(e Entity, r *row) {
	tb := st.tables[e]
	tb.rows[r.id] = r
	if n := len(tb.ids); n == 0 || tb.ids[n-1] < r.id {
		tb.ids = append(tb.ids, r.id)
	} else if i, found := slices.BinarySearch(tb.ids, r.id); !found {
		tb.ids = slices.Insert(tb.ids, i, r.id)
	}
	st.own(e, r)
}

func (st *state) drop(e Entity, r *row) {
	tb := st.tables[e]
	delete(tb.rows, r.id)
	if i, found := slices.BinarySearch(tb.ids, r.id); found {
		tb.ids = slices.Delete(tb.ids, i, i+1)
	}
	st.disown(e, r)
}

// addresses gives each address of an object an Id of its own.
func (st *state) addresses(o Object) {
	for _, name := range []string{"BillAddr", "ShipAddr"} {
		if a, ok := o[name].(Object); ok && len(a) > 0 && a["Id"] == nil {
			a["Id"] = strconv.FormatInt(st.nextID("address"), 10)
		}
	}
}
