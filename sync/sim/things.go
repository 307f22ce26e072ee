package sim

import (
	"slices"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// thing is one record of the real world, wherever it is kept: a customer, the first contact of one, a document.
type thing struct {
	id      int
	entity  record.Entity
	at      [2]record.Key   // where it is kept, by side; empty = nowhere
	was     [2][]record.Key // where it was kept before
	account *thing          // that a contact or document belongs to
	cells   []cell          // in the order of the entity's fields
	births  [2]int          // how often the box created it on a side
	mayBe   int             // how often it may create it in the CRM

	edited    [2]time.Duration // when a person changed it last, by side
	wrote     [2]time.Duration // when the box wrote to it last, by side
	touched   time.Duration    // when a person did anything with it last
	spoiled   bool             // a request about it went wrong
	again     int              // how often people deleted it in the ERP, where it may have been born without the box knowing
	gone      bool             // deleted in the ERP, which shows in the CRM by and by
	back      time.Duration    // when older data of the ERP brought it back
	former    bool             // its record in the CRM may be that of a customer from before older data of the ERP came back
	bound     bool             // the box has linked it
	inDoubt   bool             // the box has sent values of it without a certain answer, as of the last pass
	refused   bool             // the products refuse to write it at the moment
	merged    bool             // into a record of the CRM that the box may not have seen yet
	doubled   bool             // another record of the CRM has the same external id
	client    bool             // its class was the ERP's at some time
	aside     bool             // not in use in the ERP, or was
	swallowed bool             // people merged it into another one there
	namesake  bool             // people gave it the name of another one
	movedFrom *thing           // the customer whose document it was, before people merged that one into another
	mail      mailing          // of a mailbox
	turned    int              // world.readings when a person let it become the ERP's last
}

// cell is one field of a thing.
type cell struct {
	writes []*write
	shows  [2]*write // what each side shows, by its write
}

// write is one value that a person typed.
type write struct {
	n       int
	value   record.Value
	side    connectors.Side
	parents []*write // what the person saw
	// forgiven: it may be lost without a word. The record was deleted, or the data restored.
	forgiven bool
	told     bool // the journal has it
	// merged: it was typed before the box had seen the record of the CRM into which people merged the thing's own. Whose
	// value is newer can't be told then; it may be lost, but not without a word.
	merged bool
}

// follows says whether a was seen, maybe through others, by whoever typed w; a value follows itself.
func (w *write) follows(a *write) bool {
	if w == a {
		return true
	}
	if w == nil || a == nil || w.n < a.n {
		return false
	}
	for _, p := range w.parents {
		if p.follows(a) {
			return true
		}
	}
	return false
}

// typed notes a value that a person typed on a side, seeing what that side showed, and seen.
func (w *world) typed(t *thing, i int, side connectors.Side, v record.Value, seen ...*write) *write {
	c := &t.cells[i]
	w.lastWrite++
	nw := &write{n: w.lastWrite, value: v, side: side}
	was := c.shows[side]
	if was != nil {
		nw.parents = append(nw.parents, was)
	}
	for _, s := range seen {
		if s != nil {
			nw.parents = append(nw.parents, s)
		}
	}
	t.touched = w.steady
	nw.merged = t.merged && !w.knows(t)
	nw.forgiven = nw.merged && v.Empty() // nothing is agreed with the record that stays: what is empty erases nothing there
	c.writes = append(c.writes, nw)
	c.shows[side] = nw
	if f := &w.book.fields[t.entity][i]; f.typed == code && v.Text == statuses[client] {
		if t.client = true; was == nil || !was.value.Equal(v) {
			t.turned = w.readings
		}
	}
	return nw
}

// knows says whether the box has taken the record of the CRM that took over for the thing's own.
func (w *world) knows(t *thing) bool {
	l, ok := w.find(connectors.CRM, t.entity, t.at[connectors.CRM])
	known := ok && l.ERP != ""
	t.merged = t.merged && !known
	return known
}

// carried finds the write whose value the box brought to a side: what the other side shows if it is that,
// else the latest one of this value; nil if nobody ever typed it.
func (t *thing) carried(i int, to connectors.Side, v record.Value) *write {
	c := &t.cells[i]
	if o := c.shows[to.Other()]; o != nil && o.value.Equal(v) {
		return o
	}
	for n := len(c.writes) - 1; n >= 0; n-- {
		if c.writes[n].value.Equal(v) {
			return c.writes[n]
		}
	}
	return nil
}

// forgive lets everything be lost that was typed into a thing so far.
func (t *thing) forgive() {
	for i := range t.cells {
		for _, x := range t.cells[i].writes {
			x.forgiven = true
		}
	}
}

// newThing makes a thing.
func (w *world) newThing(e record.Entity, account *thing) *thing {
	t := &thing{id: len(w.things), touched: w.steady, entity: e, account: account, mayBe: 1, cells: make([]cell, len(w.book.fields[e]))}
	w.things = append(w.things, t)
	return t
}

// atKey gives the thing that is kept at a place, nil if there is none.
func (w *world) atKey(side connectors.Side, e record.Entity, key record.Key) *thing {
	if key == "" {
		return nil
	}
	for i := len(w.things) - 1; i >= 0; i-- {
		if t := w.things[i]; t.entity == e && t.at[side] == key {
			return t
		}
	}
	return nil
}

// wasAtKey gives the thing that was kept at a place once.
func (w *world) wasAtKey(side connectors.Side, e record.Entity, key record.Key) *thing {
	for i := len(w.things) - 1; i >= 0; i-- {
		if t := w.things[i]; t.entity == e && slices.Contains(t.was[side], key) {
			return t
		}
	}
	return nil
}

// owner gives the thing into which a value was typed that nobody typed elsewhere.
func (w *world) owner(e record.Entity, i int, v record.Value) *thing {
	if v.Empty() {
		return nil
	}
	for _, t := range w.things {
		if t.entity != e {
			continue
		}
		for _, x := range t.cells[i].writes {
			if x.value.Equal(v) {
				return t
			}
		}
	}
	return nil
}
