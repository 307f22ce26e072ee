package quickbooks

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// entities are the records that an entity of the product is.
func entities(entity string) []record.Entity {
	switch entity {
	case customerEntity:
		return []record.Entity{record.Account, record.Contact}
	case itemEntity:
		return []record.Entity{record.Category}
	}
	return []record.Entity{record.Document}
}

// errFault is a fault inside an answer that is otherwise whole.
var errFault = errors.New("the answer holds a fault")

// row takes one row that a look showed. A row whose members are not what they should be is told, and held
// when it is read; only one without an Id can't be.
func (l *look) row(ctx context.Context, entity string, raw json.RawMessage) error {
	var h head
	err := json.Unmarshal(raw, &h)
	switch _, fit := h.ID.number(); {
	case entity == "Error":
		return &connectors.Error{Kind: connectors.Unavailable, Code: CodeRowUnreadable, Err: errFault}
	case !slices.Contains(readEntities, entity):
		return nil
	case !fit:
		l.unnamed(entity, err)
		return nil
	case err != nil:
		l.tellBad(entity, h.ID, raw)
		return nil
	}
	return l.known(ctx, entity, &h, raw)
}

// unnamed reports a row that has no key of ours: its entity counts as not looked at this time.
func (l *look) unnamed(entity string, err error) {
	for _, e := range entities(entity) {
		l.o.Skip(e, connectors.Errorf(connectors.Busy, CodeRowUnreadable, "a row of %s without a readable Id: %w", entity, errors.Join(err, errNoID)))
	}
}

var errNoID = errors.New("it can't be named")

// known takes a row with an Id. What the last look showed in the same state is passed over.
func (l *look) known(ctx context.Context, entity string, h *head, raw json.RawMessage) error {
	name := entity + " " + string(h.ID)
	state := h.SyncToken
	if h.deleted() {
		state = id("deleted " + h.MetaData.LastUpdatedTime)
	}
	if l.cur.Whole == nil && len(l.fresh) < 2*feedMax { // the next feed may tell it again
		l.fresh[name] = state
	}
	if was, told := l.cur.Seen[name]; told && was == state && state != "" && l.cur.Whole == nil {
		return nil
	}
	if h.deleted() {
		return l.tombstone(ctx, entity, h.ID)
	}
	l.take(entity, h.ID, raw)
	return nil
}

// tombstone takes a row that is said to be deleted, once a read has confirmed it: live ones have been told as
// deleted.
func (l *look) tombstone(ctx context.Context, entity string, i id) error {
	raw, err := l.c.get(ctx, entity, i)
	if err != nil {
		return err
	}
	if raw != nil {
		l.take(entity, i, raw)
		return nil
	}
	l.gone(entity, i)
	return nil
}

// gone takes note of a row that is not there any more.
func (l *look) gone(entity string, i id) {
	n, _ := i.number()
	l.m.rows.put(entity, i, nil)
	switch entity {
	case customerEntity:
		l.tellCustomer(i)
		l.person(n, true)
	case itemEntity:
		if p, ok := l.m.items.get(n); ok && p.Category {
			l.tellOne(record.Category, record.Key(i))
		}
	default:
		s, _ := sortOf(entity)
		l.documentGone(s, i)
	}
}

// tellBad tells a row that can't be taken, so that it is read, and held.
func (l *look) tellBad(entity string, i id, raw json.RawMessage) {
	l.m.rows.put(entity, i, raw)
	l.tell(entity, i)
	l.told++
}

// take takes a live row.
func (l *look) take(entity string, i id, raw json.RawMessage) {
	var err error
	switch entity {
	case customerEntity:
		err = l.takeCustomer(i, raw)
	case itemEntity:
		err = l.takeItem(i, raw)
	default:
		s, _ := sortOf(entity)
		err = l.takeDocument(s, i, raw)
	}
	if err != nil {
		l.tellBad(entity, i, raw)
		return
	}
	l.told++
}

func (l *look) takeCustomer(i id, raw json.RawMessage) error {
	var c customer
	if err := json.Unmarshal(raw, &c); err != nil {
		return err
	}
	n, _ := i.number()
	l.m.rows.put(customerEntity, i, raw)
	l.tellCustomer(i)
	l.person(n, !c.active())
	if c.active() {
		l.unsuspect(n)
	}
	return nil
}

// person remembers whether a customer is in use. Of one that has just left, the documents are asked for, and so they are of one
// that the feed tells of though it left before: it may have come back and been merged since.
func (l *look) person(n uint64, left bool) {
	was, known := l.m.people.get(n)
	now := person{Left: left, Round: l.cur.Round}
	if !known || was != now {
		l.m.people.put(n, now)
	}
	if !left {
		delete(l.moves.Gone, n)
	} else if known && (!was.Left || l.cur.Whole == nil) {
		l.moves.Gone[n] = true
	}
}

// takeItem remembers what documents show of an item; a category is a record itself. An item that is gone stays as it
// was: lines keep their category.
func (l *look) takeItem(i id, raw json.RawMessage) error {
	var it item
	if err := json.Unmarshal(raw, &it); err != nil {
		return err
	}
	n, _ := i.number()
	p := it.product()
	l.putItem(n, p)
	if p.Category {
		l.m.rows.put(itemEntity, i, raw)
		l.tellOne(record.Category, record.Key(i))
	}
	return nil
}

func (l *look) takeDocument(s sort, i id, raw json.RawMessage) error {
	var t transaction
	if err := json.Unmarshal(raw, &t); err != nil {
		return err
	}
	d, _ := docNumberOf(s, i)
	was, _ := l.m.docs.get(uint64(d))
	if was.Customer == 0 && l.before(&t) {
		return nil
	}
	now := was
	customer, ok := t.CustomerRef.Value.number()
	if ok {
		now.Customer = customer
	}
	now.Round, now.Items = l.cur.Round, uses(t.Line)
	if s == estimates {
		if st := stageOf(t.TxnStatus); st != 0 {
			now.Stage = st
		}
		switch by := t.invoice(); {
		case by != 0:
			now.By, now.Own = by, true
			l.link(by, d)
		case was.Own:
			now.By, now.Own = 0, false
		}
	}
	if now != was {
		l.m.docs.put(uint64(d), now)
	}
	l.m.rows.put(sorts[s].entity, i, raw)
	l.tellOne(record.Document, d.key())
	if s == invoices {
		l.invoiced(d, &t)
	}
	if ok && was.Customer != 0 && was.Customer != customer {
		l.moved(d, was.Customer, customer)
	}
	return nil
}

// before says whether a document is older than what the site wants.
func (l *look) before(t *transaction) bool {
	day, err := time.Parse(time.DateOnly, string(t.TxnDate))
	return err == nil && day.Before(startDay(l.c.cfg.Start))
}

// startDay is the calendar day of the start, as documents tell days.
func startDay(start time.Time) time.Time {
	if start.IsZero() {
		return start
	}
	return time.Date(start.Year(), start.Month(), start.Day(), 0, 0, 0, 0, time.UTC)
}

// link notes in memory that an invoice was made from an estimate.
func (l *look) link(invoice uint64, estimate docNumber) {
	if !slices.Contains(l.m.made[invoice], estimate) {
		l.m.made[invoice] = append(l.m.made[invoice], estimate)
	}
}

// invoiced notes the estimates from which an invoice was made, and those from which it was not after all.
// Each is told: its total counts, or counts no more.
func (l *look) invoiced(d docNumber, t *transaction) {
	number := uint64(d >> 2)
	from := t.estimates()
	for _, e := range slices.Clone(l.m.made[number]) {
		if entry, _ := l.m.docs.get(uint64(e)); !slices.Contains(from, e) && !entry.Own {
			l.notInvoiced(number, e)
		}
	}
	for _, e := range from {
		entry, _ := l.m.docs.get(uint64(e))
		if entry.By == number {
			continue
		}
		entry.By = number
		l.m.docs.put(uint64(e), entry)
		l.link(number, e)
		if entry.Customer != 0 {
			l.tellOne(record.Document, e.key())
		}
	}
}

func (l *look) notInvoiced(invoice uint64, estimate docNumber) {
	l.m.made[invoice] = slices.DeleteFunc(l.m.made[invoice], func(e docNumber) bool { return e == estimate })
	entry, ok := l.m.docs.get(uint64(estimate))
	if !ok || entry.By != invoice {
		return
	}
	entry.By, entry.Own = 0, false
	l.m.docs.put(uint64(estimate), entry)
	l.tellOne(record.Document, estimate.key())
}

func (l *look) documentGone(s sort, i id) {
	d, _ := docNumberOf(s, i)
	entry, known := l.m.docs.get(uint64(d))
	if !known || entry.Customer == 0 {
		return
	}
	l.m.docs.drop(uint64(d))
	l.tellOne(record.Document, d.key())
	if s == invoices {
		for _, e := range slices.Clone(l.m.made[uint64(d>>2)]) {
			l.notInvoiced(uint64(d>>2), e)
		}
	}
}
