package product

import (
	"context"
	"strconv"
	"time"

	"github.com/zeebo/xxh3"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// feed remembers for some time which records changed.
type feed struct {
	changes   []change
	seq       uint64
	forgotten uint64 // the last one that it does not remember any more
}

type change struct {
	seq uint64
	at  time.Duration
	e   record.Entity
	key record.Key
}

func (f *feed) add(at time.Duration, e record.Entity, key record.Key) {
	f.seq++
	f.changes = append(f.changes, change{f.seq, at, e, key})
}

// forget drops what is older than the feed's memory.
func (f *feed) forget(before time.Duration) {
	n := 0
	for n < len(f.changes) && f.changes[n].at < before {
		f.forgotten = f.changes[n].seq
		n++
	}
	f.changes = f.changes[n:]
}

// restoredCode is the condition of data that is older than what was seen before.
const restoredCode = "erp-restored"

// Observe tells what may have changed since the last committed look.
func (p *Product) Observe(ctx context.Context, o connectors.Observation) error {
	if err := p.begin(Look); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := p.sameData(o); err != nil {
		return err
	}
	var err error
	switch p.Form.Look {
	case Feed:
		err = p.byFeed(o)
	case Digests:
		err = p.byDigests(o)
	default:
		err = p.whole(o)
	}
	if err == nil {
		err = o.Commit()
	}
	if err == nil {
		p.accepted = false
	}
	p.Line.End(p.Side, Look)
	return err
}

// sameData refuses to go on with data that is older than what was seen, until a person has looked.
func (p *Product) sameData(o connectors.Observation) error {
	now := strconv.Itoa(p.epoch)
	was := string(o.Mark("epoch"))
	switch {
	case was == now:
		return nil
	case was != "" && !p.accepted:
		return connectors.Errorf(connectors.Hold, restoredCode, "the data is of epoch %s, last seen was %s", now, was)
	}
	o.SetMark("epoch", []byte(now))
	return nil
}

// Accept lets the next look take what it finds as the truth.
func (p *Product) Accept() { p.accepted = true }

// byFeed tells what the feed remembers, or everything where that does not reach back to the last look.
func (p *Product) byFeed(o connectors.Observation) error {
	if p.Form.Memory > 0 {
		p.feed.forget(p.Line.Steady() - p.Form.Memory)
	}
	var from uint64
	known := false
	if note := string(o.Get("cursor")); len(note) > 0 {
		epoch, seq, ok := cutNote(note)
		known = ok && epoch == p.epoch && seq >= p.feed.forgotten
		from = seq
	}
	if !known {
		if o.Get("cursor") != nil {
			p.Line.Forgot(p.Side)
		}
		if err := p.whole(o); err != nil {
			return err
		}
	}
	for i, c := range p.feed.changes {
		if known && c.seq > from && !p.laterToo(i) {
			p.tell(o, c.e, c.key)
		}
	}
	o.Put("cursor", []byte(strconv.Itoa(p.epoch)+" "+strconv.FormatUint(p.feed.seq, 10)))
	return nil
}

// laterToo says whether the feed tells of the same record once more.
func (p *Product) laterToo(i int) bool {
	for _, c := range p.feed.changes[i+1:] {
		if c.e == p.feed.changes[i].e && c.key == p.feed.changes[i].key {
			return true
		}
	}
	return false
}

func cutNote(note string) (epoch int, seq uint64, ok bool) {
	for i := range note {
		if note[i] == ' ' {
			epoch, err := strconv.Atoi(note[:i])
			seq, err2 := strconv.ParseUint(note[i+1:], 10, 64)
			return epoch, seq, err == nil && err2 == nil
		}
	}
	return 0, 0, false
}

// tell tells of one record, with what it shows where the product gives that along.
func (p *Product) tell(o connectors.Observation, e record.Entity, key record.Key) {
	if r := p.Live(e, key); r != nil && !p.primary(r) {
		return
	}
	var seen *record.Record
	if p.Form.Shows {
		if r := p.Live(e, key); r != nil && p.visible(r) && !p.locked(r) {
			c := r.Record
			seen = &c
		}
	}
	p.Line.Told(p.Side, e, key)
	o.Changed(e, key, seen)
}

// whole tells of every record, also of the places that are empty now.
func (p *Product) whole(o connectors.Observation) error {
	breaks := p.Line.Breaks(p.Side, Look)
	for n, e := range Entities {
		if breaks && n == 2 {
			return p.broken()
		}
		if p.Form.Pieces {
			if err := o.Commit(); err != nil {
				return err
			}
		}
		for _, r := range p.Rows {
			if r.Entity == e && p.visible(r) && (!r.Gone || p.Side == connectors.ERP) {
				p.tell(o, e, r.Key)
			}
		}
	}
	return nil
}

// byDigests compares every record with what was noted of it. A note and what it stands for are committed
// together.
func (p *Product) byDigests(o connectors.Observation) error {
	breaks := p.Line.Breaks(p.Side, Look)
	for n, e := range Entities {
		if breaks && n == 2 {
			return p.broken()
		}
		for _, r := range p.Rows {
			if r.Entity != e {
				continue
			}
			name := string(e) + "/" + string(r.Key)
			r.Unlooked = false
			if !p.visible(r) {
				if o.Get(name) != nil {
					p.tell(o, e, r.Key)
					o.Put(name, nil)
				}
				continue
			}
			now := p.digest(r)
			if was := o.Get(name); string(was) != now {
				p.tell(o, e, r.Key)
				o.Put(name, []byte(now))
			}
		}
		if p.Form.Pieces {
			if err := o.Commit(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *Product) digest(r *Row) string {
	b, fields := p.scratch, uint64(0)
	for name, v := range r.Fields { // in whatever order
		if !v.Empty() {
			b = v.AppendCanonical(append(b[:0], name...))
			fields += xxh3.Hash(b)
		}
	}
	b = strconv.AppendUint(b[:0], fields, 36)
	b = append(append(b, r.ExternalID...), r.Incarnation...)
	b = append(append(b, r.Held...), strconv.FormatBool(r.Gone)...)
	b = strconv.AppendBool(b, p.primary(r))
	b = strconv.AppendInt(b, int64(r.Written), 10)
	p.scratch = b
	return strconv.FormatUint(xxh3.Hash(b), 36)
}

// Entities are those of every world, in the order of writing.
var Entities = []record.Entity{record.User, record.Account, record.Contact, record.Document}

// Read gives records by key.
func (p *Product) Read(ctx context.Context, e record.Entity, keys []record.Key) (found []record.Record, later []record.Key, err error) {
	if err := p.begin(Read); err != nil {
		return nil, nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	for _, key := range keys {
		r := p.Get(e, key)
		switch {
		case r != nil && (p.locked(r) && p.readable(r) || r.Unlooked):
			later = append(later, key)
		case r == nil || !p.readable(r) || r.Gone && p.Form.Leaves:
		default:
			found = append(found, r.Record)
		}
	}
	p.Line.End(p.Side, Read)
	return found, later, nil
}

// Find gives the keys of live records by the value of a field.
func (p *Product) Find(ctx context.Context, e record.Entity, field string, v record.Value) ([]record.Key, error) {
	if err := p.begin(Find); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var keys []record.Key
	for _, r := range p.Rows {
		if r.Entity == e && !r.Gone && p.readable(r) && p.has(r, field, v) {
			keys = append(keys, r.Key)
		}
	}
	p.Line.End(p.Side, Find)
	return keys, nil
}

func (p *Product) has(r *Row, field string, v record.Value) bool {
	if field == connectors.ExternalIDField {
		return r.ExternalID == v.Text && v.Text != ""
	}
	return r.Fields[field].Equal(v)
}
