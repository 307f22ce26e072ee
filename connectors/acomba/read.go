package acomba

import (
	"context"
	"strconv"

	"syncbox/connectors/acomba/layout"
	"syncbox/connectors/record"
)

type positionKey struct {
	position int32
	key      record.Key
}

// made is what came of one key.
type made struct {
	record record.Record
	state  state
	held   *held
}

// Read gives the records as the latest look accepted them. A card that has changed since, is locked or being
// written comes back in later, and so does a document one of whose lines is. Cards that no look of this
// process has seen are read twice, with the quiet time in between.
//
// A sub-group and a card that is not in use are Gone; a document of a kind that is switched off is left
// out, as is a position behind the end of its file.
func (c *Company) Read(ctx context.Context, e record.Entity, keys []record.Key) ([]record.Record, []record.Key, error) {
	f, err := c.reads(ctx)
	if err != nil {
		return nil, nil, err
	}
	if len(needs[e]) == 0 || c.layout.File(needs[e][0]) == nil {
		return nil, nil, nil
	}
	var sorted []positionKey
	for _, k := range keys {
		if at, ok := positionIn(k); ok {
			sorted = append(sorted, positionKey{at, k})
		}
	}
	byPosition(sorted)
	r := c.cards(ctx, f)
	found, later, unsure := r.records(e, sorted)
	if r.err == nil && len(unsure) > 0 {
		quiet, _ := c.patience()
		if err := c.cfg.Wait(ctx, quiet); err != nil {
			return nil, nil, err
		}
		r = r.again()
		more, stillLater, _ := r.records(e, unsure)
		found, later = append(found, more...), append(later, stillLater...)
	}
	if r.err != nil {
		return nil, nil, r.err
	}
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	return found, later, nil
}

// records makes the records behind keys; unsure are those that rest on a card to be read a second time.
func (r *reading) records(e record.Entity, keys []positionKey) (found []record.Record, rest []record.Key, unsure []positionKey) {
	for _, k := range keys {
		doubts := len(r.doubts)
		m := r.record(e, k.position)
		switch {
		case m.state == later:
			rest = append(rest, k.key)
		case r.uncertain(e, k.position, doubts):
			unsure = append(unsure, k)
		case m.state == there:
			found = append(found, r.finished(e, k.key, m))
		}
	}
	return found, rest, unsure
}

// uncertain says whether the record just made rests on a doubtful card. A look-up card in doubt makes all
// records after it unsure: in a process that has not looked yet, all are.
func (r *reading) uncertain(e record.Entity, position int32, before int) bool {
	if r.expect != nil {
		return false
	}
	_, own := r.doubts[place{needs[e][0], position}]
	return own || len(r.doubts) > before || r.lookupsInDoubt()
}

func (r *reading) lookupsInDoubt() bool {
	for at := range r.doubts {
		if at.file != fileTrans && at.file != fileLines && at.file != fileCustomer {
			return true
		}
	}
	return false
}

// finished sets what all records have.
func (r *reading) finished(e record.Entity, k record.Key, m made) record.Record {
	m.record.Entity, m.record.Key = e, k
	at, _ := positionIn(k)
	if m.held == nil && !m.record.Gone && r.c.dups[needs[e][0]][at] {
		m.held = holding(CodeDuplicateNumber, "file", r.c.layout.File(needs[e][0]).Path)
	}
	if m.held != nil {
		m.record.Held, m.record.HeldArgs = m.held.code, m.held.args
	}
	return m.record
}

// record makes one record.
func (r *reading) record(e record.Entity, position int32) made {
	card, st := r.get(needs[e][0], position)
	if st != there {
		return made{state: st}
	}
	if card.Status() != layout.StatusInUse {
		return made{record: record.Record{Gone: true, Incarnation: incarnation(&card)}}
	}
	var m made
	switch e {
	case record.User:
		m = user(&card)
	case record.Category:
		m = category(&card)
	case record.Account:
		m = r.account(&card)
	case record.Contact:
		m = made{record: record.Record{Fields: r.c.contactOn(&card)}}
	case record.Document:
		m = r.document(&card)
	}
	m.record.Incarnation = incarnation(&card)
	if m.held == nil {
		m.held = faults(&card)
	}
	return m
}

// incarnation gives the identity that is never given twice, empty where the layout has none.
func incarnation(c *layout.Card) string {
	if u := uniqueOf(c); u != 0 {
		return strconv.FormatUint(u, 10)
	}
	return ""
}

// user makes a sales representative.
func user(c *layout.Card) made {
	return made{record: record.Record{Fields: record.Fields{
		"number": record.TextOf(format(c, "number")),
		"name":   record.TextOf(text(c, "name")),
		"active": record.BoolOf(active(c)),
	}}}
}

// category makes a product group; a sub-group is none.
func category(c *layout.Card) made {
	if ref(c, "parent_cp") != 0 {
		return made{record: record.Record{Gone: true}}
	}
	return made{record: record.Record{Fields: record.Fields{
		"number":      record.TextOf(format(c, "number")),
		"description": record.TextOf(text(c, "description")),
		"active":      record.BoolOf(active(c)),
	}}}
}

// text reads a text field, empty where the layout has none.
func text(c *layout.Card, name string, index ...int) string {
	if !c.Has(name) {
		return ""
	}
	return c.Text(name, index...)
}

// format reads a field of any kind as text, empty where the layout has none.
func format(c *layout.Card, name string) string {
	if !c.Has(name) {
		return ""
	}
	return c.Format(name)
}

// active reads the active flag; a card without one is.
func active(c *layout.Card) bool { return !c.Has("active") || c.Bool("active") }

// pointer reads a reference by position, None for 0.
func pointer(c *layout.Card, name string) record.Value {
	if !c.Has(name) {
		return record.Value{}
	}
	at := c.Int(name)
	if at == 0 {
		return record.Value{}
	}
	return record.RefOf(record.Key(itoa(at)))
}

func itoa(v int64) string { return strconv.FormatInt(v, 10) }
