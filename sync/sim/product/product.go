// Package product imitates the two products of a world, an ERP and a CRM, as the contract in connectors describes them and no
// better: answers get lost, requests arrive late, indexes lag, people work there at the same time. It knows nothing of the
// engine that it serves.
package product

import (
	"strconv"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// Method names a call of the box.
type Method string

// The calls.
const (
	Check   Method = "check"
	Look    Method = "look"
	Read    Method = "read"
	Find    Method = "find"
	Sweep   Method = "sweep"
	Apply   Method = "apply"
	Prepare Method = "prepare"
	Resolve Method = "resolve"
	Publish Method = "publish"
	Follow  Method = "follow"
)

// Line is the way from the box to the products, and the world around both. Its methods are called by one goroutine at a time.
type Line interface {
	// Begin is called before a call reaches the product. An error is the call's answer; the product never hears of it.
	Begin(side connectors.Side, m Method) error
	// End is called when the product has done it, before the box hears of it.
	End(side connectors.Side, m Method)
	// Send says what becomes of one request, which carries ops.
	Send(side connectors.Side, ops []connectors.Op) Fate
	// Refuse gives why the product refuses an op; nil if it does not.
	Refuse(side connectors.Side, op *connectors.Op) error
	// Later does something after d, whatever becomes of the box meanwhile.
	Later(d time.Duration, do func())
	// Now is the time of day at the products, which is right; Steady the time since the world began.
	Now() time.Time
	Steady() time.Duration
	// Breaks says whether a look or sweep breaks off in its middle.
	Breaks(side connectors.Side, m Method) bool
	// Told is told of each record that a look tells.
	Told(side connectors.Side, e record.Entity, key record.Key)
	// Forgot is told of a look that a feed does not reach back to any more: it tells of everything.
	Forgot(side connectors.Side)
	// Wrote is told of each write of the box that a product has done: row is the record as it is now, and born
	// says that it did not exist before.
	Wrote(side connectors.Side, op *connectors.Op, row *Row, born bool)
}

// Fate is what becomes of a request.
type Fate struct {
	Kind FateKind
	// Delay is when a Late request arrives.
	Delay time.Duration
	// Retry is what a Limited answer tells.
	Retry time.Duration
	// Done is how many ops of a Lost or Broken request were done.
	Done int
}

// FateKind is one of the fates.
type FateKind uint8

// The fates of a request.
const (
	Delivered FateKind = iota
	Lost               // no answer; the first Done ops were done
	Late               // no answer; done after Delay
	Limited            // 429, nothing done
	Broken             // 500; the first Done ops were done
)

// Row is one record of a product. Its Fields are replaced as a whole, never changed.
type Row struct {
	record.Record
	// Shown is when reads begin to show it, by Line.Steady.
	Shown time.Duration
	// Locked is until when somebody else uses it: it can neither be read nor written.
	Locked time.Duration
	// Hidden is until when the product does not show it for no reason that anybody knows.
	Hidden time.Duration
	// Unread is until when reads leave it out although looks show it.
	Unread time.Duration
	// Written counts the box's own writes: a connector knows what it has written since the last look.
	Written int
	// Heir is the record that took over from this one when people merged them; only of rows that are Gone.
	Heir record.Key
	// By is the op that created it, in a product that can tell what became of a write.
	By string
	// Unlooked: it became another one since the latest look, which finds changes by comparing.
	Unlooked bool
	// First says that people made this contact the first one of its account.
	First bool
	// Version counts what became of it, From is the document that it was made from, and Worth the total of one from which
	// another was made: it shows none meanwhile. All of an ERP in the cloud.
	Version int
	From    record.Key
	Worth   record.Value
}

// with gives the fields with some of them set; an empty value clears.
func with(f record.Fields, set record.Fields) record.Fields {
	g := make(record.Fields, len(f)+len(set))
	for name, v := range f {
		g[name] = v
	}
	for name, v := range set {
		if v.Empty() {
			delete(g, name)
		} else {
			g[name] = v
		}
	}
	return g
}

// Product is what both products have in common.
type Product struct {
	Side   connectors.Side
	Line   Line
	Form   Form
	Schema map[record.Entity]map[string]connectors.Field
	Rows   []*Row // in order of birth, those that are Gone included
	places places

	// Drifted: a protected list is gone.
	Drifted bool

	next     int // the last key given
	feed     feed
	auth     bool // the log-on is refused
	refused  bool // and no other one is tried until a person says so
	epoch    int  // how often the data was restored from a backup
	accepted bool // a person took the restored data as the truth
	scratch  []byte
}

// Form is how a product does what the contract leaves open.
type Form struct {
	Traits connectors.Traits
	// Compares: a write is not done where the record shows something else than Op.Seen.
	Compares bool
	// Tells: records tell when a person last changed them.
	Tells bool
	// Look is how a look finds what changed.
	Look LookForm
	// Memory is how long the feed remembers a change.
	Memory time.Duration
	// Echo: the feed tells the box's own writes too.
	Echo bool
	// Shows: a look gives the records along with their keys.
	Shows bool
	// Leaves: deleted records are left out of reads; else they are shown as gone.
	Leaves bool
	// Unique: no two live records have the same external id. An upsert is always unique.
	Unique bool
	// Incarnates: records have an identity that is never given twice.
	Incarnates bool
	// TellsHeirs: the product knows which record took over from a merged one.
	TellsHeirs bool
	// Pieces: a look commits what it found entity by entity.
	Pieces bool
}

// LookForm is how a look finds what changed.
type LookForm uint8

// The forms of a look.
const (
	Feed    LookForm = iota // by a cursor; a complete look where the feed does not reach back so far
	Digests                 // a complete look, compared with what was noted of each record
	Whole                   // a complete look that tells every record
)

// Get gives a record that is there, deleted ones included; nil if there is none.
func (p *Product) Get(e record.Entity, key record.Key) *Row {
	if len(p.Rows) > few {
		return p.places.get(p.Rows, e, key)
	}
	for _, r := range p.Rows {
		if r.Entity == e && r.Key == key {
			return r
		}
	}
	return nil
}

// Live gives a record that is there and not deleted, nil if there is none.
func (p *Product) Live(e record.Entity, key record.Key) *Row {
	if r := p.Get(e, key); r != nil && !r.Gone {
		return r
	}
	return nil
}

// visible says whether looks and reads show a record by now.
func (p *Product) visible(r *Row) bool { return max(r.Shown, r.Hidden) <= p.Line.Steady() }

// readable says whether reads give a record by its key, or find it, by now.
func (p *Product) readable(r *Row) bool { return p.visible(r) && r.Unread <= p.Line.Steady() }

// locked says whether somebody else uses a record.
func (p *Product) locked(r *Row) bool { return r.Locked > p.Line.Steady() }

// broken is the answer of a call that breaks off.
func (p *Product) broken() error {
	return connectors.Errorf(connectors.Unavailable, p.Side.String()+"-unreachable", "the connection broke off")
}

// NewKey gives a key that no record has.
func (p *Product) NewKey() record.Key {
	p.next++
	return record.Key(strconv.Itoa(p.next))
}

// Add puts a record there as a person or the product does. lag is how long reads do not show it. In a place that was
// emptied it is another one than the latest look has seen.
func (p *Product) Add(r record.Record, lag time.Duration) *Row {
	row := p.Get(r.Entity, r.Key)
	emptied := row != nil
	if !emptied {
		row = &Row{}
		p.Rows = append(p.Rows, row)
	}
	*row = Row{Record: r, Shown: p.Line.Steady() + lag, Unlooked: emptied && p.Form.Look == Digests}
	p.touch(row)
	return row
}

// Edit changes fields of a record as a person does.
func (p *Product) Edit(row *Row, set record.Fields) {
	row.Fields = with(row.Fields, set)
	row.Version++
	if p.Form.Tells {
		row.Changed = p.Line.Now()
	}
	p.Touch(row)
}

// Delete removes a record as a person does.
func (p *Product) Delete(row *Row) {
	row.Gone, row.Fields, row.ExternalID, row.Held = true, nil, "", ""
	p.touch(row)
}

// touch has the feed tell of a record as soon as reads show it.
func (p *Product) touch(row *Row) {
	if wait := row.Shown - p.Line.Steady(); wait > 0 {
		e, key := row.Entity, row.Key
		p.Line.Later(wait, func() { p.feed.add(p.Line.Steady(), e, key) })
		return
	}
	p.feed.add(p.Line.Steady(), row.Entity, row.Key)
}

// Touch has the feed tell of a record once more.
func (p *Product) Touch(row *Row) {
	row.Unlooked = p.Form.Look == Digests
	p.touch(row)
}

// Lock lets every log-on be refused.
func (p *Product) Lock() { p.auth = true }

// Unlock lets a log-on succeed, once the box tries another one.
func (p *Product) Unlock() { p.auth = false }

// Ails says whether something is wrong with the product as a whole, or a record of it is in somebody's hands.
func (p *Product) Ails() bool {
	if p.auth || p.refused || p.Drifted || p.epoch > 0 {
		return true
	}
	for _, r := range p.Rows {
		if p.locked(r) || max(r.Hidden, r.Unread) > p.Line.Steady() {
			return true
		}
	}
	return false
}

// Refused says whether no log-on is tried until a person says so.
func (p *Product) Refused() bool { return p.refused }

// Retry lets the next use log on again.
func (p *Product) Retry() { p.refused = false }

// begin is before every call.
func (p *Product) begin(m Method) error {
	if err := p.Line.Begin(p.Side, m); err != nil {
		return err
	}
	p.refused = p.refused || p.auth
	if p.refused {
		return connectors.Errorf(connectors.Auth, p.Side.String()+"-auth", "the log-on is refused")
	}
	return nil
}

// Fields describes the fields of an entity.
func (p *Product) Fields(e record.Entity) map[string]connectors.Field { return p.Schema[e] }

// Traits says what writing is like.
func (p *Product) Traits() connectors.Traits { return p.Form.Traits }

// Close does nothing.
func (p *Product) Close() error { return nil }
