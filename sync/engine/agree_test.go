package engine_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/pairs"
	"syncbox/connectors/record"
	"syncbox/sync/engine"
)

// careful makes a world in which runs wait for a tick.
func careful(t *testing.T, confirm engine.Confirm) *world {
	return worldOf(t, pairs.AcombaCentrixOneOptions{TwoWay: true}, func(w *world) { w.set.Confirm = confirm })
}

// waitsForTick gives the preview that a run waits with; nil if none does.
func (w *world) waitsForTick() *engine.Preview {
	if p := w.engine.Status().Preview; p != nil && p.Waits {
		return p
	}
	return nil
}

// tick ticks what is shown, and has the run done.
func (w *world) tick() {
	w.t.Helper()
	p := w.waitsForTick()
	if p == nil {
		w.t.Fatalf("no run waits: %+v; %s", w.engine.Status(), w.log.String())
	}
	must(w.t, w.say(engine.Tick, p.Digest))
	if p := w.engine.Status().Preview; p != nil && p.Agreed { // the word came when the cycle had asked already
		w.cycles(1)
	}
}

// Nothing is written to either side before a person has ticked what is shown; then all of it is, and nothing else.
//
// Requirement: ACO-3, BOB-19, BOB-21
func TestNoWriteBeforeTheTick(t *testing.T) {
	w := careful(t, engine.ConfirmAlways)
	for n := 2; n < 7; n++ {
		w.document(100+n, w.customer(n, "Client"))
	}
	w.crm.put(record.Account, "900", record.Fields{"Name": text("Né dans le CRM")})
	w.crm.put(record.Contact, "901", record.Fields{"AccountId": record.RefOf("900"), "FullName": text("Jeanne Roy"), "Email": text("j@example.org")})
	w.cycles(4)
	if n := w.writes(); n > 0 || len(w.erp.published) > 0 {
		t.Fatalf("%d writes before the tick", n)
	}
	s := w.engine.Status()
	if s.Ways[0].Outcome != engine.Halted || s.Ways[0].Code != "run-unconfirmed" || s.Ways[0].Args["count"] != "17" {
		t.Errorf("status: %+v", s.Ways[0])
	}
	if err := w.say(engine.Tick, "0000000000000000"); !errors.Is(err, engine.ErrChanged) {
		t.Errorf("another digest: got %v", err)
	}
	w.tick()
	if len(w.crm.births) != 15 || len(w.erp.writes) != 1 || len(w.erp.writes[0].With) != 1 {
		t.Errorf("after the tick: %d births in the CRM, %v in the ERP", len(w.crm.births), w.erp.writes)
	}
	for range 4 {
		if w.cycles(1); w.waitsForTick() != nil {
			w.tick()
		}
	}
	if w.waitsForTick() != nil || w.engine.Status().Ways[0].Outcome != engine.Success {
		t.Errorf("at rest: %+v", w.engine.Status())
	}
	if err := w.say(engine.Tick, s.Preview.Digest); !errors.Is(err, engine.ErrNoSuch) {
		t.Errorf("where none waits: got %v", err)
	}
	n := 0
	for _, code := range w.journal() {
		if code == "run-unconfirmed" {
			n++
		}
	}
	if n == 0 || n > 4 {
		t.Errorf("told %d times: %v", n, w.journal())
	}
}

// What people change between the preview and the tick is not sent unseen: the record is left to the next preview, all others go.
//
// Requirement: BOB-19, BOB-21
func TestEditAfterThePreview(t *testing.T) {
	for _, test := range []struct {
		name string
		edit func(w *world)
		held string // by our identity: what does not go
	}{
		{"the value to be sent", func(w *world) { w.erp.put(record.Account, "2", record.Fields{"city": text("Gatineau")}) }, "CU2"},
		{"the value to be overwritten", func(w *world) {
			w.crm.put(record.Contact, w.byExternal(record.Contact, "CC2").Key, record.Fields{"Email": text("crm@example.org")})
		}, "CC2"},
		{"another record", func(w *world) { w.erp.put(record.Account, "6", record.Fields{"city": text("Gatineau")}) }, "CU6"},
		{"a new record", func(w *world) { w.customer(9, "Neuf") }, "CU9"},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := careful(t, engine.ConfirmAlways)
			for n := 2; n < 7; n++ {
				w.customer(n, "Client")
			}
			w.cycles(1)
			w.tick()
			w.cycles(2)
			before := len(w.crm.writes)
			w.erp.put(record.Account, "2", record.Fields{"city": text("Lévis")})
			w.erp.put(record.Account, "3", record.Fields{"city": text("Lévis")})
			w.erp.put(record.Contact, "2", record.Fields{"email": text("erp@example.org")})
			w.cycles(2)
			test.edit(w)
			w.cycles(2)
			if n := len(w.crm.writes) - before; n > 0 {
				t.Fatalf("%d writes before the tick", n)
			}
			w.tick()
			if got := w.account("CU3"); got != "Lévis" {
				t.Errorf("a record that was seen: %q", got)
			}
			for _, op := range w.crm.writes[before:] {
				is := w.crm.records[op.Entity][op.Key]
				if op.ExternalID == test.held || is != nil && is.ExternalID == test.held {
					t.Errorf("sent unseen: %s %v", op.Key, op.Fields)
				}
			}
			w.cycles(1)
			w.tick()
			for range 3 {
				if w.cycles(1); w.waitsForTick() != nil {
					w.tick()
				}
			}
			if wrong := w.unequal(); len(wrong) > 0 {
				t.Error(wrong)
			}
		})
	}
}

// A mark makes void what was shown and ticked.
//
// Requirement: BOB-19
func TestMarkVoidsThePreview(t *testing.T) {
	w := careful(t, engine.ConfirmAlways)
	w.customer(2, "Client")
	w.customer(3, "Autre")
	w.cycles(1)
	first := w.waitsForTick()
	w.crm.observeErr = connectors.Errorf(connectors.Unavailable, "crm-unreachable", "no answer")
	must(t, w.say(engine.Tick, first.Digest)) // and the run can't begin
	if p := w.engine.Status().Preview; p == nil || !p.Agreed {
		t.Fatalf("ticked: %+v", p)
	}
	must(t, w.say(engine.LeaveOut, "account/erp/3"))
	w.crm.observeErr = nil
	w.cycles(2)
	second := w.waitsForTick()
	if w.writes() > 0 || second == nil || second.Digest == first.Digest {
		t.Fatalf("%d writes; waits with %+v", w.writes(), second)
	}
	w.tick()
	if w.byExternal(record.Account, "CU2") == nil || w.byExternal(record.Account, "CU3") != nil {
		t.Errorf("in the CRM: %v", w.crm.births)
	}
}

// A run that was ticked and could not end goes on without another tick.
//
// Requirement: BOB-30
func TestTickedRunGoesOn(t *testing.T) {
	w := careful(t, engine.ConfirmAlways)
	for n := 2; n < 12; n++ {
		w.customer(n, "Client")
	}
	w.cycles(1)
	sent := 0
	w.crm.answer = func(connectors.Op) *connectors.Result {
		if sent++; sent > 4 {
			r := unavailable(connectors.NotApplied)
			return &r
		}
		return nil
	}
	w.tick()
	w.crm.answer = nil
	w.cycles(2)
	if got := len(w.crm.records[record.Contact]); got != 10 {
		t.Errorf("%d contacts; status %+v", got, w.engine.Status())
	}
}

// Where only the first run is to be confirmed, later ones go on by themselves; a job that has had its first run does not wait.
func TestConfirmFirst(t *testing.T) {
	w := careful(t, engine.ConfirmFirst)
	w.cycles(2)
	w.customer(2, "Client")
	w.cycles(2)
	if w.writes() > 0 {
		t.Fatal("written before the tick")
	}
	w.tick()
	w.customer(3, "Autre")
	w.cycles(2)
	if w.byExternal(record.Contact, "CC3") == nil {
		t.Errorf("the second run waits: %+v", w.engine.Status())
	}
	older := newWorld(t, true)
	older.customer(2, "Client")
	older.cycles(2)
	older.set.Confirm = engine.ConfirmFirst
	older.open()
	older.customer(3, "Autre")
	older.cycles(2)
	if older.byExternal(record.Contact, "CC3") == nil {
		t.Errorf("a job that has run before waits: %+v", older.engine.Status())
	}
}

// A run that would change nothing waits for nobody.
func TestNothingToTick(t *testing.T) {
	w := careful(t, engine.ConfirmAlways)
	w.customer(2, "Client")
	w.erp.records[record.Account]["2"].Held = "unknown-code"
	w.erp.records[record.Contact]["2"].Held = "unknown-code"
	w.cycles(3)
	if w.waitsForTick() != nil || w.engine.Status().Ways[0].Outcome != engine.Success {
		t.Errorf("status: %+v", w.engine.Status())
	}
	wantWaits(t, w, "quarantine account 2 unknown-code", "quarantine contact 2 unknown-code")
}

// Without room for a preview no run that is to be confirmed can be.
func TestConfirmNeedsRoom(t *testing.T) {
	w := newWorld(t, true)
	w.bare, w.set.Confirm = true, engine.ConfirmAlways
	if err := w.build(w.crm, w.clock); !errors.Is(err, engine.ErrNoSuch) {
		t.Errorf("got %v", err)
	}
}

// The status tells of a waiting run in every cycle, and the journal once.
func TestPreviewStaysWhileItWaits(t *testing.T) {
	w := careful(t, engine.ConfirmAlways)
	w.customer(2, "Client")
	w.cycles(1)
	first := w.waitsForTick()
	w.customer(3, "Autre")
	w.cycles(5)
	if diff := cmp.Diff(first, w.waitsForTick()); diff != "" {
		t.Errorf("the preview changed under the reader's eyes: %s", diff)
	}
	if n := strings.Count(strings.Join(w.journal(), " "), "run-unconfirmed"); n != 1 {
		t.Errorf("told %d times", n)
	}
	must(t, w.say(engine.ShowPreview, ""))
	w.cycles(1)
	if p := w.waitsForTick(); p == nil || p.Digest == first.Digest || p.Counts[record.Account].Create != [2]int{2, 0} {
		t.Errorf("asked for anew: %+v", p)
	}
}

// What a person keys into the ERP is asked after a tick as well, once; that he is asked already is no change.
func TestTickBeforeAHandOff(t *testing.T) {
	w := careful(t, engine.ConfirmAlways)
	w.erp.creating = connectors.WriteHandoff
	for e, fields := range w.erp.fields {
		for name, f := range fields {
			f.Write = connectors.WriteHandoff
			w.erp.fields[e][name] = f
		}
	}
	w.customer(2, "Client")
	w.cycles(1)
	w.tick()
	w.cycles(2)
	contact := w.byExternal(record.Contact, "CC2").Key
	w.crm.put(record.Contact, contact, record.Fields{"Email": text("neuf@example.org")})
	w.crm.put(record.Account, "900", record.Fields{"Name": text("Né dans le CRM")})
	w.cycles(2)
	if got := told(w.changes(engine.PreviewQuery{Class: engine.TowardsERP})); len(got) != 2 || !strings.Contains(got[1], " ask;") || len(w.published()) > 0 {
		t.Errorf("shown %q, asked %v", got, w.published())
	}
	w.tick()
	if n := len(w.published()); n != 3 { // its number as well
		t.Errorf("asked %v", w.published())
	}
	w.crm.put(record.Contact, contact, record.Fields{"Phone1": text("418 555-0199")})
	w.crm.put(record.Account, "900", record.Fields{})
	w.cycles(2)
	got := told(w.changes(engine.PreviewQuery{}))
	if len(got) != 1 || strings.Contains(got[0], "neuf@") || !strings.Contains(got[0], "0199") {
		t.Errorf("after a further edit: shown %q", got)
	}
	w.tick()
	w.cycles(2)
	if n := len(w.published()); n != 4 || w.waitsForTick() != nil || w.cache.AnyDirty() {
		t.Errorf("asked %v; at rest %+v", w.published(), w.engine.Status())
	}
}

// What would be born in the ERP together with a customer is not sent unseen either: edited or added after the preview, it
// follows by itself.
//
// Requirement: BOB-21
func TestChildEditedAfterThePreview(t *testing.T) {
	w := careful(t, engine.ConfirmAlways)
	w.crm.put(record.Account, "900", record.Fields{"Name": text("Né dans le CRM")})
	w.crm.put(record.Contact, "901", record.Fields{"AccountId": record.RefOf("900"), "Email": text("seen@example.org")})
	w.cycles(2)
	w.crm.put(record.Contact, "901", record.Fields{"Email": text("unseen@example.org")})
	w.cycles(1)
	w.tick()
	if len(w.erp.writes) != 1 || len(w.erp.writes[0].With) > 0 {
		t.Fatalf("written: %+v", w.erp.writes)
	}
	for n := 0; n < 6; n++ {
		if w.cycles(1); w.waitsForTick() != nil {
			w.tick()
		}
	}
	for _, r := range w.erp.records[record.Contact] {
		if got := r.Fields["email"].Text; got != "unseen@example.org" {
			t.Errorf("after another tick: %q", got)
		}
	}
}
