package centrixone

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// member is a contact of the protected list that belongs to an account.
type member struct {
	contact, account int64
	created          int64 // Unix time in microseconds
}

// memberOf gives the member that a row stands for; its account is 0 where it belongs to none. A contact
// without a time of creation is younger than all others.
func memberOf(r row) member {
	m := member{contact: r.id("Id"), account: r.id("AccountId"), created: math.MaxInt64}
	if at, err := time.Parse(time.RFC3339, r.text("CreatedAt")); err == nil {
		m.created = at.UnixMicro()
	}
	return m
}

// byAge puts the members of an account together, the oldest first.
func byAge(a, b member) int {
	return cmp.Or(cmp.Compare(a.account, b.account), cmp.Compare(a.created, b.created), cmp.Compare(a.contact, b.contact))
}

// oldest tells of each account's contacts only the oldest one inside the list, and the new one when that
// passes to another.
type oldest struct {
	tell  func(row)
	table *table
	o     connectors.Observation

	was  map[int64]int64 // by account that changed since the last flush: who was its oldest then
	rows map[int64]row   // by contact: what has changed since, as far as it is kept
}

// keptRows bounds the rows in memory; those beyond are told without what was seen.
const keptRows = 2000

func newOldest(tell func(row), o connectors.Observation) *oldest {
	return &oldest{tell: tell, table: newTable(o), o: o, was: map[int64]int64{}, rows: map[int64]row{}}
}

// complete collects all contacts first, since the oldest of an account is known only then, and tells in
// a second round.
func (t *oldest) complete() (first, again func(row), between func() error) {
	var all []member
	heads := map[int64]bool{}
	first = func(r row) {
		if m := memberOf(r); m.contact != 0 && m.account != 0 {
			all = append(all, m)
		}
	}
	between = func() error {
		all = lastOfEach(all)
		slices.SortFunc(all, byAge)
		for i, m := range all {
			if i == 0 || all[i-1].account != m.account {
				heads[m.contact] = true
			}
		}
		return t.table.replace(all)
	}
	again = func(r row) {
		if heads[r.id("Id")] {
			t.tell(r)
		}
	}
	return first, again, between
}

// lastOfEach keeps the last state of a contact that moved to a later page while the pages were read.
func lastOfEach(all []member) []member {
	slices.Reverse(all)
	slices.SortStableFunc(all, func(a, b member) int { return cmp.Compare(a.contact, b.contact) })
	return slices.CompactFunc(all, func(a, b member) bool { return a.contact == b.contact })
}

// changed takes the row into the table. Who is told is known when all changes are there.
func (t *oldest) changed(r row) {
	m := memberOf(r)
	if m.contact == 0 {
		return
	}
	t.touch(t.table.account(m.contact))
	t.touch(m.account)
	t.table.move(m)
	if len(t.rows) >= keptRows {
		r = nil
	}
	t.rows[m.contact] = r
}

func (t *oldest) touch(account int64) {
	if _, touched := t.was[account]; !touched && account != 0 {
		t.was[account] = t.table.oldest(account)
	}
}

// flush tells the oldest of each account that changed: if it changed itself, or is the oldest only now.
func (t *oldest) flush() {
	for _, account := range slices.Sorted(maps.Keys(t.was)) {
		head := t.table.oldest(account)
		switch r, changed := t.rows[head]; {
		case head == 0:
		case r != nil:
			t.tell(r)
		case changed || head != t.was[account]:
			t.o.Changed(record.Contact, keyOf(head), nil)
		}
	}
	clear(t.was)
	clear(t.rows)
}

// table is who belongs to which account, kept as notes of a bounded number: each member stands in the
// note of its account and in the one of its own Id.
type table struct {
	o     connectors.Observation
	notes map[string][]member // what this look has read or put
}

// tableNotes is how many notes there are of each sort; ten thousand contacts make ten members in each.
const tableNotes = 1024

func newTable(o connectors.Observation) *table { return &table{o: o, notes: map[string][]member{}} }

func accountNote(account int64) string { return fmt.Sprintf("centrixone/a%03x", account%tableNotes) }
func contactNote(contact int64) string { return fmt.Sprintf("centrixone/c%03x", contact%tableNotes) }

// account gives the account of a contact, 0 if it has none.
func (t *table) account(contact int64) int64 {
	for _, m := range t.get(contactNote(contact)) {
		if m.contact == contact {
			return m.account
		}
	}
	return 0
}

// oldest gives the oldest contact of an account, 0 if it has none.
func (t *table) oldest(account int64) int64 {
	for _, m := range t.get(accountNote(account)) { // ordered by account, then by age
		if m.account == account {
			return m.contact
		}
	}
	return 0
}

// move takes a contact from where it was and puts it where m says; account 0 takes it away.
func (t *table) move(m member) {
	same := func(other member) bool { return other.contact == m.contact }
	from := accountNote(t.account(m.contact))
	t.put(from, slices.DeleteFunc(slices.Clone(t.get(from)), same))
	own := contactNote(m.contact)
	mine := slices.DeleteFunc(slices.Clone(t.get(own)), same)
	if m.account != 0 {
		to := accountNote(m.account)
		t.put(to, append(slices.Clone(t.get(to)), m))
		mine = append(mine, m)
	}
	t.put(own, mine)
}

// replace makes the table hold exactly all, whose order it changes. It comes before any other call.
func (t *table) replace(all []member) error {
	account := func(m member) int64 { return m.account }
	contact := func(m member) int64 { return m.contact }
	if err := t.replaceNotes(all, accountNote, account); err != nil {
		return err
	}
	return t.replaceNotes(all, contactNote, contact)
}

func (t *table) replaceNotes(all []member, name func(int64) string, id func(member) int64) error {
	slot := func(m member) int64 { return id(m) % tableNotes }
	slices.SortFunc(all, func(a, b member) int { return cmp.Or(cmp.Compare(slot(a), slot(b)), byAge(a, b)) })
	for n := range int64(tableNotes) {
		end := slices.IndexFunc(all, func(m member) bool { return slot(m) != n })
		if end < 0 {
			end = len(all)
		}
		if note := pack(all[:end]); !bytes.Equal(note, t.o.Get(name(n))) {
			t.o.Put(name(n), note)
		}
		all = all[end:]
	}
	return t.o.Commit()
}

func (t *table) get(note string) []member {
	list, ok := t.notes[note]
	if !ok {
		list = unpack(t.o.Get(note))
		t.notes[note] = list
	}
	return list
}

func (t *table) put(note string, list []member) {
	slices.SortFunc(list, byAge)
	if slices.Equal(list, t.get(note)) {
		return
	}
	t.notes[note] = list
	t.o.Put(note, pack(list))
}

// pack gives nil for an empty list, which drops the note.
func pack(list []member) []byte {
	var b []byte
	for _, m := range list {
		b = binary.AppendVarint(b, m.account)
		b = binary.AppendVarint(b, m.created)
		b = binary.AppendVarint(b, m.contact)
	}
	return b
}

// unpack stops at what it can't read; the next complete look puts it right.
func unpack(b []byte) []member {
	var list []member
	for len(b) > 0 {
		var m member
		for _, v := range []*int64{&m.account, &m.created, &m.contact} {
			n := 0
			if *v, n = binary.Varint(b); n <= 0 {
				return list
			}
			b = b[n:]
		}
		list = append(list, m)
	}
	return list
}
