package outlooktest

import (
	"slices"
	"strings"
	"time"
)

// mailbox is what one person has. It is guarded by the server's lock.
type mailbox struct {
	address, name, id string
	seed              uint64
	denied            bool
	items             map[int64]*item  // what there is now
	order             []int64          // their numbers, ascending
	ids               map[string]ident // every id that was ever given
	roots             map[Kind]int64   // numbers of the containers that are there from the start; nobody deletes them
	log               []entry          // every write, in order
	seq, version      int64
	transactions      map[string]transaction // by transactionId
	tokens            map[string]*deltaState
	tokenOrder        []string
	lost              map[string]*deltaState // tokens that are not known any more
	tokenSeq          int64
}

// ident is what an id names.
type ident struct {
	seq        int64
	gen        int
	immutable  bool
	occurrence string
}

// entry is one write. It keeps the item as it was after it.
type entry struct {
	at    time.Time
	it    *item
	old   *item // nil for a new one
	gone  bool
	quiet bool // no round of changes tells of it
	who   author
}

// transaction is the event that a transactionId made, and what was asked for.
type transaction struct {
	seq  int64
	body string
}

// author is who wrote: a call by its number, or a person.
type author struct {
	name string
	call int64
}

const (
	authorAPI    = "api"
	authorPerson = "person"
	authorMail   = "mail" // an invitation, or a change of one, that came in
)

func newMailbox(m Mailbox, number int, seed uint64) *mailbox {
	mb := &mailbox{address: m.Address, name: m.Name, seed: seed, roots: map[Kind]int64{}, items: map[int64]*item{}, ids: map[string]ident{},
		transactions: map[string]transaction{}, tokens: map[string]*deltaState{}, lost: map[string]*deltaState{}}
	mb.id = "00000000-0000-4000-9000-" + padded(number)
	who, at := author{name: authorPerson}, time.Time{} // before all that the clock may show
	for _, it := range []*item{
		{kind: ContactFolder, fields: Object{"displayName": "Contacts"}, role: "contacts"},
		{kind: Calendar, fields: Object{"name": "Calendar"}, role: "calendar"},
		{kind: TaskList, fields: Object{"displayName": "Tasks"}, role: "defaultList"},
	} {
		mb.roots[it.kind] = mb.store(it, at, who).seq
	}
	return mb
}

func padded(n int) string {
	const zeros = "000000000000"
	s := zeros + itoa(int64(n))
	return s[len(s)-len(zeros):]
}

// tick is the least time between two writes, and the finest that stamps tell.
const tick = 100 * time.Nanosecond

// stamp gives the time of a write, always after that of the one before.
func (mb *mailbox) stamp(now time.Time) time.Time {
	if n := len(mb.log); n > 0 && !now.After(mb.log[n-1].at) {
		return mb.log[n-1].at.Add(tick)
	}
	return now
}

// store puts a new item into the mailbox and numbers it.
func (mb *mailbox) store(it *item, now time.Time, who author) *item {
	mb.seq++
	it.seq, it.created = mb.seq, mb.stamp(now)
	it.bodyAt = it.created
	if it.props == nil {
		it.props = map[string]string{}
	}
	return mb.put(it, nil, now, who, false)
}

// change puts a clone in the place of an item.
func (mb *mailbox) change(old, next *item, now time.Time, who author) *item {
	return mb.put(next, old, now, who, false)
}

func (mb *mailbox) put(it, old *item, now time.Time, who author, quiet bool) *item {
	mb.version++
	it.version, it.modified = mb.version, mb.stamp(now)
	it.main = it.version
	if it.bodyAt.IsZero() {
		it.bodyAt = it.modified
	}
	return mb.keep(it, old, who, quiet)
}

// keep stores an item as it is.
func (mb *mailbox) keep(it, old *item, who author, quiet bool) *item {
	if mb.items[it.seq] == nil {
		mb.order = append(mb.order, it.seq) // only new items are not there, and each has a higher number
	}
	mb.items[it.seq] = it
	mb.register(it)
	mb.log = append(mb.log, entry{at: mb.stamp(it.modified), it: it, old: old, who: who, quiet: quiet})
	return it
}

// remove takes an item out, with all that it holds.
func (mb *mailbox) remove(it *item, now time.Time, who author) {
	for _, inside := range mb.inside(it.seq) {
		mb.remove(inside, now, who)
	}
	delete(mb.items, it.seq)
	if i, found := slices.BinarySearch(mb.order, it.seq); found {
		mb.order = slices.Delete(mb.order, i, i+1)
	}
	mb.log = append(mb.log, entry{at: mb.stamp(now), it: it, old: it, gone: true, who: who})
}

// inside gives what a container holds, in the order in which it was made.
func (mb *mailbox) inside(folder int64) []*item {
	return mb.all(func(it *item) bool { return it.folder == folder })
}

// all gives the items that are wanted, in the order in which they were made.
func (mb *mailbox) all(want func(*item) bool) []*item {
	var out []*item
	for _, seq := range mb.order {
		if it := mb.items[seq]; want(it) {
			out = append(out, it)
		}
	}
	return out
}

func (mb *mailbox) kind(k Kind) []*item {
	return mb.all(func(it *item) bool { return it.kind == k })
}

// root gives the container that a kind of item is in when nobody says where.
func (mb *mailbox) root(k Kind) *item {
	return mb.items[mb.roots[k.holder()]]
}

// holder finds a container by its id, or by what it is known as; "" is the one that an item is in when nobody says where.
func (mb *mailbox) holder(k Kind, id string) *item {
	if id == "" {
		return mb.root(k)
	}
	if k.holder() == ContactFolder && strings.EqualFold(id, "contacts") {
		return mb.root(k)
	}
	if it := mb.items[mb.ids[id].seq]; it != nil && it.kind == k.holder() {
		return it
	}
	return nil
}
