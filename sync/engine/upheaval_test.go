package engine_test

import (
	"context"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/pairs"
	"syncbox/connectors/record"
)

// What people do on one side while the box is busy with the other.

// mergeInto merges the counterpart of customer 2 into another account, which inherits our identity.
func mergeInto(w *world, into record.Key, f record.Fields) {
	loser := w.byExternal(record.Account, "CU2")
	w.crm.put(record.Account, into, f).ExternalID = "CU2"
	delete(w.crm.records[record.Account], loser.Key)
	w.clock.now = w.clock.now.Add(25 * time.Hour)
}

// What refers to a merged record is written again, to the one that stays.
func TestReferencesFollowAMerge(t *testing.T) {
	w := newWorld(t, true)
	w.document(101, w.customer(2, "Client"))
	w.cycles(2)
	mergeInto(w, "77", record.Fields{"Name": text("Client Inc.")})
	w.cycles(4)
	if got := w.byExternal(record.Document, "DO101").Fields["AccountId"].Key(); got != "77" {
		t.Errorf("the document belongs to %q", got)
	}
}

// The ERP's card is gone while its counterpart was merged: the one that stays is shown inactive, once.
func TestMergedWhileGone(t *testing.T) {
	w := newWorld(t, true)
	w.customer(2, "Client")
	w.cycles(2)
	goneCard(w)
	mergeInto(w, "77", record.Fields{"Name": text("Client Inc."), "ERPActive": record.BoolOf(true)})
	w.cycles(4)
	if got := w.crm.records[record.Account]["77"].Fields["ERPActive"]; got.Text != "false" {
		t.Errorf("active: got %q; waits %q", got.Text, w.waits())
	}
	before := len(w.journal())
	w.cycles(3)
	if after := w.journal()[before:]; len(after) > 0 {
		t.Errorf("three quiet cycles journalled %q", after)
	}
}

// A customer of the CRM is keyed by hand and deleted in the CRM in the meantime: the card is a new customer
// of the ERP then, and nothing of the old wish is left.
func TestKeyedAndDeleted(t *testing.T) {
	for name, keyed := range map[string]bool{"keyed": true, "not keyed": false} {
		t.Run(name, func(t *testing.T) {
			w := handoffWorld(t)
			w.cycles(1)
			bornInCRM(w)
			w.cycles(2)
			if keyed {
				keyAll(w)
			}
			delete(w.crm.records[record.Account], "5")
			w.crm.changed[record.Account]["5"] = true
			w.cycles(4)
			want := map[bool]int{true: 1, false: 0}[keyed]
			if n := len(w.crm.records[record.Account]); n != want || len(w.published()) > 0 {
				t.Errorf("%d accounts in the CRM, want %d; asked for %q; waits %q", n, want, w.published(), w.waits())
			}
			if len(w.waits()) > 0 || w.cache.AnyDirty() {
				t.Errorf("waits %q, to be looked at for ever: %v", w.waits(), w.cache.AnyDirty())
			}
		})
	}
}

// The answer to a write that gives a card to another customer is lost, in a CRM that takes a second create
// for a second record: the first one is looked for.
func TestReplaceIsLookedFor(t *testing.T) {
	for _, kind := range []string{lostBefore, lostAfter, late} {
		t.Run(kind, func(t *testing.T) {
			w := worldOf(t, pairs.AcombaCentrixOneOptions{}, func(w *world) { w.crm.traits.Upsert = false })
			startIncarnated(w)
			w.cycles(2)
			replaceCard(w)
			w.line.fault = fault{call: w.line.calls + 1, kind: kind}
			w.cycles(1)
			w.crm.arriveLate()
			w.cycles(4)
			if wrong := isReplaced(w); len(wrong) > 0 {
				t.Error(wrong, w.waits())
			}
			if n := w.crm.births["account CU2"]; n != 2 {
				t.Errorf("created %d times, want once for each customer", n)
			}
		})
	}
}

// Another contact becomes the first one while somebody edits the card: both are in the journal.
func TestContactPassesUnderAnEdit(t *testing.T) {
	w := newWorld(t, true)
	w.customer(2, "Client")
	w.cycles(2)
	deleteContact(w)
	passContact(w)
	w.erp.put(record.Contact, "2", record.Fields{"email": text("typed@example.org")})
	w.cycles(4)
	got := []string{w.erp.records[record.Contact]["2"].Fields["email"].Text, w.crm.records[record.Contact]["500"].Fields["Email"].Text}
	if diff := cmp.Diff([]string{"typed@example.org", "typed@example.org"}, got); diff != "" {
		t.Error(diff)
	}
	if !slices.Contains(w.journal(), "conflict-settled") {
		t.Errorf("journal %q", w.journal())
	}
	if name := w.erp.records[record.Contact]["2"].Fields["full_name"].Text; name != "Zoé Roy" {
		t.Errorf("name in the ERP: got %q", name)
	}
}

// The answer to a contact's taking over is lost, and the card goes to another customer before anybody looked:
// the new customer's values do not end up in the contact that took over.
func TestTakingOverInDoubtThenReplaced(t *testing.T) {
	for _, kind := range []string{lostBefore, lostAfter, late} {
		t.Run(kind, func(t *testing.T) {
			w := newWorld(t, true)
			w.set.Schedule.Interval = 30 * time.Second
			startIncarnated(w)
			w.cycles(2)
			passContact(w)
			w.line.fault = fault{call: w.line.calls + 1, kind: kind}
			w.cycles(1)
			replaceCard(w)
			w.cycles(2)
			w.crm.arriveLate()
			w.cycles(10)
			if wrong := isReplaced(w); len(wrong) > 0 {
				t.Error(wrong, w.waits())
			}
			if got := w.crm.records[record.Contact]["500"].Fields["FullName"].Text; got != "Zoé Roy" {
				t.Errorf("the contact that took over is called %q", got)
			}
		})
	}
}

// A card was given to another customer, the place having been seen empty; the answer to the write is lost.
// What was sent is no sign that it is still the same customer.
func TestReplaceInDoubtIsNoEcho(t *testing.T) {
	for _, kind := range []string{lostBefore, lostAfter} {
		t.Run(kind, func(t *testing.T) {
			w := newWorld(t, true)
			w.customer(2, "Client")
			w.cycles(2)
			goneCard(w)
			w.cycles(2)
			for _, e := range []record.Entity{record.Account, record.Contact} {
				delete(w.erp.records[e], "2")
			}
			w.customer(2, "Autre")
			w.erp.put(record.Account, "2", record.Fields{"number": text("N2")})
			w.line.fault = fault{call: w.line.calls + 1, kind: kind}
			w.cycles(6)
			old, now := w.byExternal(record.Account, "CU2.r1"), w.byExternal(record.Account, "CU2")
			if old == nil || now == nil || old.Fields["Name"].Text != "Client" || now.Fields["Name"].Text != "Autre" {
				t.Errorf("old %v, new %v; waits %q", old, now, w.waits())
			}
		})
	}
}

// A customer's number can't be asked for just now, or somebody is at work on its contact: it is born later.
func TestBirthWaitsForWhatItNeeds(t *testing.T) {
	for name, c := range map[string]struct {
		hinder, end func(*world, *fussyERP)
	}{
		"number":  {func(_ *world, e *fussyERP) { e.down = true }, func(_ *world, e *fussyERP) { e.down = false }},
		"contact": {func(w *world, _ *fussyERP) { w.crm.later = map[string]bool{"contact 6": true} }, func(w *world, _ *fussyERP) { w.crm.later = nil }},
	} {
		t.Run(name, func(t *testing.T) {
			erp := &fussyERP{}
			w := worldOf(t, pairs.AcombaCentrixOneOptions{TwoWay: true}, func(w *world) { erp.side, w.simple = w.erp, erp })
			w.cycles(1)
			bornInCRM(w)
			c.hinder(w, erp)
			w.cycles(2)
			if n := len(w.erp.records[record.Account]); n != 0 {
				t.Fatalf("%d customers in the ERP", n)
			}
			c.end(w, erp)
			w.cycles(3)
			if wrong := isBorn(w); len(wrong) > 0 {
				t.Error(wrong, w.waits())
			}
		})
	}
}

// fussyERP can't always be searched.
type fussyERP struct {
	*side
	down bool
}

func (s *fussyERP) Find(ctx context.Context, e record.Entity, field string, v record.Value) ([]record.Key, error) {
	if s.down {
		return nil, connectors.Errorf(connectors.Unavailable, "share-unreachable", "no answer")
	}
	return s.side.Find(ctx, e, field, v)
}

// A month's ordinary work after a long outage is no mass change; as much in one day is.
func TestBrakeAfterAnOutage(t *testing.T) {
	for name, days := range map[string]int{"a quarter of an hour": 0, "a month": 30} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, true)
			for n := range 60 {
				w.customer(n+2, "Client")
			}
			w.cycles(2)
			w.crm.observeErr = connectors.Errorf(connectors.Unavailable, "crm-unreachable", "no answer")
			for range days {
				w.clock.now = w.clock.now.Add(24 * time.Hour)
				w.cycles(1)
			}
			w.open() // what was seen last outlives the power
			w.crm.observeErr = nil
			for n := range 60 {
				w.erp.put(record.Account, record.Key(strconv.Itoa(n+2)), record.Fields{"city": text("Lévis")})
			}
			w.cycles(1)
			braked := slices.Contains(w.waits(), "brake account  mass-change")
			if braked != (days == 0) {
				t.Errorf("braked %v; waits %q", braked, w.waits())
			}
		})
	}
}

// A card that is not shown for a moment (it is saved anew) is not gone, however often somebody looks in that
// moment, and though the box restarts in between.
func TestGoneForAMoment(t *testing.T) {
	w := newWorld(t, true)
	w.customer(2, "Client")
	w.cycles(2)
	goneCard(w)
	w.set.Schedule.Interval, w.clock.now = 15*time.Minute, w.clock.now.Add(time.Minute)
	for range 3 {
		must(t, w.engine.Cycle(t.Context()))
		w.open()
		w.clock.now = w.clock.now.Add(time.Minute)
	}
	backCard(w)
	w.cycles(2)
	for _, op := range w.crm.writes {
		if v, sent := op.Fields["ERPActive"]; sent && v.Text == "false" {
			t.Fatalf("shown inactive: %+v", op)
		}
	}
	goneCard(w)
	w.cycles(3)
	if got := w.byExternal(record.Account, "CU2").Fields["ERPActive"].Text; got != "false" {
		t.Errorf("gone for three intervals: active %s", got)
	}
}

// A contact is not written before the turn of its customer's card has come: the card may be another one's now.
func TestContactWaitsForItsCard(t *testing.T) {
	w := newWorld(t, true)
	w.customer(2, "Client")
	w.cycles(2)
	goneCard(w)
	w.cycles(2)
	for _, e := range []record.Entity{record.Account, record.Contact} {
		delete(w.erp.records[e], "2")
	}
	w.customer(2, "Autre")
	w.erp.put(record.Account, "2", record.Fields{"number": text("N2")})
	w.erp.put(record.Contact, "2", record.Fields{"full_name": text("Zoé Roy")})
	w.crm.put(record.Contact, w.byExternal(record.Contact, "CC2").Key, record.Fields{"Email": text("old@example.org")})
	w.erp.later = map[string]bool{"account 2": true}
	w.cycles(2)
	if got := w.byExternal(record.Contact, "CC2").Fields["FullName"].Text; got != "Contact 2" {
		t.Errorf("the old customer's contact is called %q", got)
	}
	w.erp.later = nil
	w.cycles(3)
	if now := w.byExternal(record.Contact, "CC2"); now == nil || now.Fields["FullName"].Text != "Zoé Roy" || w.byExternal(record.Contact, "CC2.r1") == nil {
		t.Errorf("the new customer's contact: %v; waits %q", now, w.waits())
	}
}
