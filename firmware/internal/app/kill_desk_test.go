package app_test

import (
	"errors"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"syncbox/connectors/acomba/acombatest"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// key has a person key what the hand-off file asks for, and notes what that typed over.
func (p *people) key() {
	p.t.Helper()
	p.cards.people.Lock()
	defer p.cards.people.Unlock()
	before := p.sheets()
	rows, err := p.clerk().Read()
	if errors.Is(err, fs.ErrNotExist) {
		return // the box has just put another one there
	}
	must(p.t, err)
	var touched []int32
	for len(rows) > 0 {
		n := slices.IndexFunc(rows, func(r acombatest.Row) bool { return r.Number != rows[0].Number })
		if n < 0 {
			n = len(rows)
		}
		cards, err := p.clerk().Key(rows[:n], acombatest.Manner{})
		if err != nil && !errors.Is(err, acombatest.ErrNoCard) && !errors.Is(err, acombatest.ErrLocked) {
			p.fatal("a person keys the hand-off file: %v", err)
		}
		touched, rows = append(touched, cards...), rows[n:]
	}
	after := p.sheets()
	for _, card := range touched {
		for _, f := range shared {
			at := place{card, f.field}
			if before[at] != after[at] {
				p.typed = append(p.typed, typing{place: at, seen: before[at], value: after[at], at: p.clock.now()})
				p.edits++
			}
		}
	}
}

// save has a person open a card that the box did not finish, and save it.
func (p *people) save(w store.Waiting) {
	p.t.Helper()
	p.cards.people.Lock()
	defer p.cards.people.Unlock()
	card, err := strconv.ParseInt(w.Args["card"], 10, 32)
	must(p.t, err)
	if c, err := p.erp.Customer(int32(card)); err == nil && c.Status == acombatest.Creating {
		must(p.t, p.erp.SetRaw(acombatest.CustomerTable, int32(card), "status", int64(acombatest.InUse)))
	}
	if err := p.erp.ModifyCustomer(int32(card), func(*acombatest.Customer) {}); err != nil && !errors.Is(err, acombatest.ErrLocked) && !errors.Is(err, acombatest.ErrNoCard) {
		p.fatal("save the half-written card %d: %v", card, err)
	}
}

// sheets gives what the cards hold in the shared fields.
func (p *people) sheets() map[place]string {
	p.t.Helper()
	all := map[place]string{}
	cards, err := p.erp.Customers()
	must(p.t, err)
	for _, c := range cards {
		for _, f := range shared {
			all[place{c.CardPos, f.field}] = *f.card(&c)
		}
	}
	return all
}

// answer answers what the box asks people, and gives how much that was.
func (p *people) answer() (n int) {
	p.t.Helper()
	all, err := p.client.Waiting(p.t.Context(), "")
	if err != nil {
		return 0
	}
	if slices.ContainsFunc(all, func(w store.Waiting) bool { return w.Kind == store.HandedOff }) {
		p.key()
	}
	for _, w := range all {
		verb := engine.Verb("")
		if w.Code == "card-half-written" {
			p.save(w)
			n++
			continue
		}
		switch w.Kind {
		case store.Deleted:
			verb = engine.Recreate
		case store.Brake:
			verb = engine.Allow
		case store.HandedOff, store.Quarantine, store.Reference:
			continue // goes on by itself
		default:
			p.fatal("people are asked %s %s %s: %v", w.Name(), w.Code, w.Entity, w.Args)
		}
		if err := p.client.Do(p.t.Context(), "", verb, w.Name()); err != nil && !strings.Contains(err.Error(), "no such") {
			p.fatal("answer %s to %s: %v", verb, w.Name(), err)
		}
		n++
	}
	return n
}
