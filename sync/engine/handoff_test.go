package engine_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/pairs"
	"syncbox/connectors/record"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

func handoffWorld(t *testing.T) *world {
	return worldOf(t, pairs.AcombaCentrixOneOptions{TwoWay: true}, handsOff)
}

// published lists what people are shown, as "entity key field=wanted".
func (w *world) published() []string {
	var all []string
	for _, h := range w.erp.published {
		all = append(all, fmt.Sprintf("%s %s %s=%s", h.Entity, h.Key, h.Field, h.Wanted.Text))
	}
	slices.Sort(all)
	return all
}

func (w *world) has(code string) int {
	n := 0
	for _, c := range w.journal() {
		if c == code {
			n++
		}
	}
	return n
}

// The place of a customer may be another one's: what was wanted of the one is not shown under the name of the other,
// until a person has said which one it is.
//
// Requirement: ACO-9, ACO-63
func TestHandoffOfAPlaceInQuestion(t *testing.T) {
	w := handoffWorld(t)
	w.customer(2, "Client")
	w.cycles(2)
	w.crm.put(record.Account, w.byExternal(record.Account, "CU2").Key, record.Fields{"City": text("Gaspé")})
	w.crm.put(record.Contact, w.byExternal(record.Contact, "CC2").Key, record.Fields{"Email": text("neuf@example.org")})
	w.cycles(1)
	if len(w.published()) != 2 {
		t.Fatalf("got %q, want two changes", w.published())
	}
	w.erp.put(record.Account, "2", record.Fields{"number": text("N-77"), "name": text("Autre")})
	w.cycles(1)
	if got := w.published(); len(got) > 0 {
		t.Errorf("people are to key %q for a customer that may be another one", got)
	}
	must(t, w.say(engine.Same, w.name(store.Identity, "")))
	w.cycles(1)
	if len(w.published()) == 0 {
		t.Error("nothing is listed any more")
	}
}

// The place of a customer goes to another one after its turn in a cycle: what was wanted of the one is not shown under the name
// of the other.
//
// Requirement: ACO-9
func TestHandoffOfAPlaceThatPassesOn(t *testing.T) {
	w := worldOf(t, pairs.AcombaCentrixOneOptions{TwoWay: true}, func(w *world) {
		handsOff(w)
		w.set.SweepRarely = time.Minute
	})
	w.customer(2, "Client")
	w.cycles(2)
	w.crm.put(record.Account, w.byExternal(record.Account, "CU2").Key, record.Fields{"City": text("Gaspé")})
	w.crm.put(record.Contact, w.byExternal(record.Contact, "CC2").Key, record.Fields{"Email": text("neuf@example.org")})
	w.cycles(1)
	if len(w.published()) != 2 {
		t.Fatalf("got %q, want two changes", w.published())
	}
	goneCard(w)
	asked := 0
	w.crm.failing = func() error { // by the look, and by the sweep at the end of the cycle
		if asked++; asked == 2 {
			passPlace(w)
		}
		return nil
	}
	w.cycles(1)
	if w.erp.records[record.Account]["2"].Gone {
		t.Fatal("the place has not passed on")
	}
	if got := w.published(); len(got) > 0 {
		t.Errorf("people are to key %q, shown with %v", got, w.erp.published[0].Context)
	}
}

// The place of a customer goes to another one, and the turn of the contact that shares it does not come yet: what was wanted of the
// former one's is not shown under the name of the new one.
//
// Requirement: ACO-9
func TestHandoffOfAContactWhosePlacePassedOn(t *testing.T) {
	for _, incarnated := range []bool{false, true} {
		w := handoffWorld(t)
		w.customer(2, "Client")
		if incarnated {
			w.incarnate("u2")
		}
		w.cycles(2)
		w.crm.put(record.Contact, w.byExternal(record.Contact, "CC2").Key, record.Fields{"Email": text("neuf@example.org")})
		w.cycles(1)
		if len(w.published()) != 1 {
			t.Fatalf("got %q, want one change", w.published())
		}
		w.erp.later = map[string]bool{"contact 2": true}
		goneCard(w)
		w.cycles(1)
		passPlace(w)
		if incarnated {
			w.incarnate("u3")
		}
		w.cycles(1)
		if w.byExternal(record.Account, "CU2.r1") == nil {
			t.Fatal("the place has not passed on")
		}
		if got := w.published(); len(got) > 0 {
			t.Errorf("incarnated %v: people are to key %q, shown with %v", incarnated, got, w.erp.published[0].Context)
		}
	}
}

// A customer gets another number while changes of its account and its contact wait to be keyed: the list shows the
// number of today, or nobody would find the customer.
//
// Requirement: ACO-9
func TestHandoffShowsTheNumberOfToday(t *testing.T) {
	w := handoffWorld(t)
	w.customer(2, "Client")
	w.cycles(2)
	w.crm.put(record.Account, w.byExternal(record.Account, "CU2").Key, record.Fields{"City": text("Gaspé")})
	w.crm.put(record.Contact, w.byExternal(record.Contact, "CC2").Key, record.Fields{"Email": text("neuf@example.org")})
	w.cycles(1)
	w.erp.put(record.Account, "2", record.Fields{"number": text("N-77")})
	w.cycles(1)
	if len(w.erp.published) != 2 {
		t.Fatalf("got %q, want two changes", w.published())
	}
	for _, h := range w.erp.published {
		if got := h.Context["number"].Text; got != "N-77" {
			t.Errorf("%s %s: number %q, want the one of today", h.Entity, h.Field, got)
		}
	}
	w.erp.later = map[string]bool{"account 2": true} // which can't be read just now
	w.cycles(1)
	for _, h := range w.erp.published {
		if h.Context["number"].Text == "" {
			t.Errorf("%s %s: nothing to recognise the customer by", h.Entity, h.Field)
		}
	}
}

// Requirement: ACO-9
func TestHandoffLifeCycle(t *testing.T) {
	for _, tt := range []struct {
		name    string
		then    func(*world)
		erp     string // the city in the end
		crm     string
		journal string
	}{
		{"keyed", keyAll, "Gaspé", "Gaspé", "handoff-done"},
		{"taken back in the CRM", crmCity("Québec"), "Québec", "Québec", "handoff-superseded"},
		{"changed otherwise in the ERP", erpCity("Rimouski"), "Rimouski", "Rimouski", "conflict-settled"},
		{"dismissed", func(w *world) { must(w.t, w.say(engine.Dismiss, w.name(store.HandedOff, "city"))) }, "Québec", "Québec", "person-dismiss"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := handoffWorld(t)
			w.customer(2, "Client")
			w.cycles(2)
			crmCity("Gaspé")(w)
			w.cycles(3)
			if diff := cmp.Diff([]string{"account 2 city=Gaspé"}, w.published()); diff != "" {
				t.Fatal(diff)
			}
			if h := w.erp.published[0]; h.Current.Text != "Québec" || h.Context["number"].Text != "C2" || h.Context["name"].Text != "Client" {
				t.Errorf("shown with %+v", h)
			}
			tt.then(w)
			w.cycles(2)
			if wrong := diff(w.erp.records[record.Account]["2"].Fields["city"].Text, tt.erp, w.byExternal(record.Account, "CU2").Fields["City"].Text, tt.crm); len(wrong) > 0 {
				t.Error(wrong)
			}
			if w.has(tt.journal) == 0 {
				t.Errorf("no %s in %v", tt.journal, w.journal())
			}
			wantWaits(t, w)
			if got := w.published(); len(got) > 0 {
				t.Errorf("still shown: %v", got)
			}
		})
	}
}

// Requirement: ACO-9
func TestHandoffKeepsItsNumberUntilItChanges(t *testing.T) {
	w := handoffWorld(t)
	w.customer(2, "Client")
	w.cycles(2)
	crmCity("Gaspé")(w)
	w.cycles(1)
	first := w.erp.published[0].ID
	w.crm.put(record.Account, w.byExternal(record.Account, "CU2").Key, record.Fields{"Web": text("x.org")})
	w.cycles(1)
	for _, h := range w.erp.published {
		if same := h.ID == first; same != (h.Field == "city") {
			t.Errorf("%s has number %d", h.Field, h.ID)
		}
	}
	crmCity("Percé")(w)
	w.cycles(1)
	for _, h := range w.erp.published {
		if h.ID == first {
			t.Errorf("another wish has the same number: %+v", h)
		}
	}
}

// Requirement: ACO-56, ACO-58
func TestNewCustomerKeyedByHand(t *testing.T) {
	w := handoffWorld(t)
	w.cycles(1)
	bornInCRM(w)
	w.cycles(2)
	got := w.published()
	if len(got) != 5 || got[0] != "account  city=Gaspé" || got[1] != "account  name=Nouveau" || !strings.HasPrefix(got[2], "account  number=20261121") ||
		got[3] != "contact  email=eve@example.org" || got[4] != "contact  full_name=Ève Roy" {
		t.Fatalf("got %v", got)
	}
	for _, h := range w.erp.published { // one block, known by its number
		if number := strings.TrimPrefix(got[2], "account  number="); h.Context["number"].Text != number || h.Context["name"].Text != "Nouveau" {
			t.Errorf("%s of a new customer is known by %v", h.Field, h.Context)
		}
	}
	w.erp.put(record.Account, "70", record.Fields{"number": text(strings.TrimPrefix(got[2], "account  number=")), "name": text("Nouveau inc."), "active": record.BoolOf(true)})
	w.erp.put(record.Contact, "70", record.Fields{"account": record.RefOf("70"), "full_name": text("Nouveau inc.")})
	w.document(170, "70")
	w.cycles(3)
	acc := w.crm.records[record.Account]["5"]
	if wrong := diff(acc.ExternalID, "CU70", acc.Fields["Name"].Text, "Nouveau inc.", w.crm.records[record.Contact]["6"].ExternalID, "CC70"); len(wrong) > 0 {
		t.Error(wrong) // as it was keyed
	}
	if diff := cmp.Diff([]string{"account 70 city=Gaspé", "contact 70 email=eve@example.org", "contact 70 full_name=Ève Roy"}, w.published()); diff != "" {
		t.Error(diff) // what was not keyed is still asked for, the contact's fields as its own now that there is a card
	}
	if w.byExternal(record.Document, "DO170") == nil {
		t.Errorf("the document of the new customer waits: %v", w.waits())
	}
	keyAll(w)
	w.cycles(2)
	wantWaits(t, w)
}

// TestNumberChangedWhileKeying: the person who keyed a new customer gave it another number.
//
// Requirement: ACO-56, ACO-58
func TestNumberChangedWhileKeying(t *testing.T) {
	for _, tt := range []struct {
		name     string
		card     record.Fields // over the customer as it was to be keyed
		contact  record.Fields
		answer   engine.Verb
		accounts int // in the CRM, in the end
		asked    bool
	}{
		{name: "the same contact's e-mail", contact: record.Fields{"email": text("EVE@example.org")}, answer: engine.Same, accounts: 1, asked: true},
		{name: "the same phone", card: record.Fields{"phone": text("418 555-1234")}, answer: engine.Same, accounts: 1, asked: true},
		{name: "another customer all the same", card: record.Fields{"phone": text("418 555-1234")}, answer: engine.NotSame, accounts: 2, asked: true},
		{name: "the name alone", accounts: 2},
		{name: "the phone alone", card: record.Fields{"name": text("Autre"), "phone": text("418 555-1234")}, accounts: 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := handoffWorld(t)
			bornInCRM(w)
			w.crm.put(record.Account, "5", record.Fields{"Phone1": text("(418) 555-1234")})
			w.cycles(2)
			w.erp.put(record.Account, "70", record.Fields{"number": text("K-70"), "name": text("Nouveau"), "city": text("Gaspé"), "active": record.BoolOf(true)})
			w.erp.put(record.Account, "70", tt.card)
			w.erp.put(record.Contact, "70", record.Fields{"account": record.RefOf("70"), "full_name": text("Ève Roy")})
			w.erp.put(record.Contact, "70", tt.contact)
			w.cycles(2)
			if asked := slices.Contains(w.waits(), "identity account 70 maybe-keyed"); asked != tt.asked {
				t.Fatalf("asked %v, want %v: %v", asked, tt.asked, w.waits())
			}
			if tt.asked {
				if len(w.crm.records[record.Account]) != 1 {
					t.Error("created before anybody answered")
				}
				must(t, w.say(tt.answer, w.name(store.Identity, "")))
			}
			w.cycles(3)
			bound := w.crm.records[record.Account]["5"].ExternalID == "CU70"
			if n := len(w.crm.records[record.Account]); n != tt.accounts || bound != (tt.answer == engine.Same) {
				t.Errorf("got %d accounts, bound %v; waits %v", n, bound, w.waits())
			}
			if bound {
				if got := w.crm.records[record.Account]["5"].Fields["Sync.CustomerNumber"].Text; got != "K-70" {
					t.Errorf("number in the CRM: got %q", got)
				}
				keyAll(w)
				w.cycles(2)
				wantWaits(t, w)
			}
		})
	}
}

// Requirement: ACO-56
func TestNewCustomerDismissed(t *testing.T) {
	w := handoffWorld(t)
	bornInCRM(w)
	w.cycles(2)
	must(t, w.say(engine.Dismiss, w.name(store.HandedOff, "name")))
	w.cycles(2)
	wantWaits(t, w)
	w.crm.put(record.Account, "5", record.Fields{"City": text("Percé")})
	w.cycles(2)
	if got := w.published(); len(got) > 0 {
		t.Errorf("asked for again: %v", got)
	}
}

// Requirement: ACO-62
func TestNewCustomerDeletedBeforeItIsKeyed(t *testing.T) {
	w := handoffWorld(t)
	bornInCRM(w)
	w.cycles(2)
	delete(w.crm.records[record.Account], "5")
	delete(w.crm.records[record.Contact], "6")
	w.clock.now = w.clock.now.Add(25 * time.Hour)
	w.cycles(3)
	wantWaits(t, w)
	if got := w.published(); len(got) > 0 {
		t.Errorf("still asked for: %v", got)
	}
}

// Requirement: ACO-9
func TestRefusedValueStaysListed(t *testing.T) {
	long := strings.Repeat("x", 70)
	w := newWorld(t, true)
	w.customer(2, "Client")
	w.cycles(2)
	w.crm.put(record.Account, w.byExternal(record.Account, "CU2").Key, record.Fields{"Web": text(long), "City": text("Gaspé")})
	w.cycles(3)
	wantWaits(t, w, "refused account 2 value-too-long")
	if wrong := diff(w.erp.records[record.Account]["2"].Fields["city"].Text, "Gaspé", w.erp.records[record.Account]["2"].Fields["web"].Text, ""); len(wrong) > 0 {
		t.Error(wrong)
	}
	if got := w.cache.CountDirty(record.Account, connectors.CRM); got != 0 {
		t.Errorf("%d records are looked at for ever", got)
	}
	must(t, w.say(engine.Dismiss, w.name(store.Refused, "")))
	w.cycles(2)
	if got := w.byExternal(record.Account, "CU2").Fields["Web"].Text; got != "" {
		t.Errorf("dismissed: the CRM still has %q", got)
	}
	wantWaits(t, w)
}

// TestRefusedByTheCRM: what the CRM can't hold is not taken as agreed, or its old value would come back as an
// edit.
//
// Requirement: ACO-9
func TestRefusedByTheCRM(t *testing.T) {
	w := worldOf(t, pairs.AcombaCentrixOneOptions{TwoWay: true}, func(w *world) {
		f := w.crm.fields[record.Account]["City"]
		f.MaxLen = 10
		w.crm.fields[record.Account]["City"] = f
	})
	w.customer(2, "Client")
	w.cycles(2)
	w.erp.put(record.Account, "2", record.Fields{"city": text("Saint-Louis-du-Ha! Ha!"), "name": text("Client neuf")})
	w.cycles(2)
	w.crm.put(record.Account, w.byExternal(record.Account, "CU2").Key, record.Fields{"Web": text("x.org")})
	w.cycles(3)
	if got := w.erp.records[record.Account]["2"].Fields["city"].Text; got != "Saint-Louis-du-Ha! Ha!" {
		t.Errorf("the ERP got %q", got)
	}
	wantWaits(t, w, "refused account 2 value-too-long")
	if err := w.say(engine.Dismiss, w.name(store.Refused, "")); !errors.Is(err, engine.ErrNoSuch) {
		t.Errorf("dismissed: got %v", err)
	}
	must(t, w.say(engine.Retry, w.name(store.Refused, "")))
	w.cycles(2)
	if got := w.erp.records[record.Account]["2"].Fields["city"].Text; got != "Saint-Louis-du-Ha! Ha!" {
		t.Errorf("after the answers, the ERP has %q", got)
	}
	wantWaits(t, w, "refused account 2 value-too-long")
	erpCity("Alma")(w)
	w.cycles(2)
	wantWaits(t, w)
	if got := w.byExternal(record.Account, "CU2").Fields["City"].Text; got != "Alma" {
		t.Errorf("the CRM got %q", got)
	}
}

// TestNamelessCustomerIsNotCreated: a name that the ERP can't hold is no reason for a customer without one.
//
// Requirement: ACO-56
func TestNamelessCustomerIsNotCreated(t *testing.T) {
	w := newWorld(t, true)
	w.crm.put(record.Account, "5", record.Fields{"Name": text(strings.Repeat("x", 70))})
	w.cycles(3)
	if n := len(w.erp.records[record.Account]); n > 0 {
		t.Errorf("%d customers in the ERP", n)
	}
	wantWaits(t, w, "refused account  value-too-long")
	w.crm.put(record.Account, "5", record.Fields{"Name": text("Court")})
	w.cycles(3)
	if n := len(w.erp.records[record.Account]); n != 1 {
		t.Errorf("%d customers in the ERP", n)
	}
	wantWaits(t, w)
}

// TestRefusedThenNameless: a customer that the ERP refused is listed for the name that was given to it since, and no more
// for what became of the other one.
func TestRefusedThenNameless(t *testing.T) {
	w := newWorld(t, true)
	w.set.Tries = 1
	w.erp.answer = func(connectors.Op) *connectors.Result {
		return &connectors.Result{Outcome: connectors.NotApplied, Err: connectors.Errorf(connectors.Rejected, "erp-server-error", "no")}
	}
	w.crm.put(record.Account, "5", record.Fields{"Name": text("Court")})
	w.cycles(2)
	wantWaits(t, w, "quarantine account  erp-server-error")
	w.erp.answer = nil
	w.crm.put(record.Account, "5", record.Fields{"Name": text(strings.Repeat("x", 70))})
	w.cycles(2)
	wantWaits(t, w, "refused account  value-too-long")
	w.crm.put(record.Account, "5", record.Fields{"Name": text("Court")})
	w.cycles(3)
	wantWaits(t, w)
}

// Requirement: ACO-58, EXT-9
func TestNumbers(t *testing.T) {
	numbers := func(w *world) (all []string) {
		for _, r := range w.erp.records[record.Account] {
			all = append(all, r.Fields["number"].Text)
		}
		slices.Sort(all)
		return all
	}
	born := func(w *world, keys ...int) {
		for _, k := range keys {
			w.crm.put(record.Account, record.Key(fmt.Sprint(k)), record.Fields{"Name": text(fmt.Sprint("N", k))})
		}
		w.cycles(2)
	}
	t.Run("in one millisecond", func(t *testing.T) {
		w := newWorld(t, true)
		born(w, 5, 6, 7)
		want := []string{"20261121090000000", "20261121090000001", "20261121090000002"} // 14:00 UTC is 09:00 there
		if diff := cmp.Diff(want, numbers(w)); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("the clock steps back", func(t *testing.T) {
		w := newWorld(t, true)
		began := w.clock.now
		born(w, 5)
		w.clock.now = began
		born(w, 6)
		w.clock.now = began
		w.open() // and the box has forgotten its last one
		born(w, 7)
		if got := numbers(w); len(slices.Compact(got)) != 3 {
			t.Errorf("got %v", got)
		}
	})
	t.Run("taken in the ERP", func(t *testing.T) {
		w := newWorld(t, true)
		w.erp.put(record.Account, "2", record.Fields{"number": text("20261121090000000"), "name": text("Client")})
		w.erp.put(record.Contact, "2", record.Fields{"account": record.RefOf("2")})
		born(w, 5)
		if diff := cmp.Diff([]string{"20261121090000000", "20261121090000001"}, numbers(w)); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("taken by one that waits to be keyed", func(t *testing.T) {
		w := handoffWorld(t)
		born(w, 5)
		w.clock.now = w.clock.now.Add(-2 * w.set.Schedule.Interval)
		w.open()
		born(w, 6)
		seen := map[string]bool{}
		for _, p := range w.published() {
			if _, number, ok := strings.Cut(p, "number="); ok {
				seen[number] = true
			}
		}
		if len(seen) != 2 {
			t.Errorf("got %v", w.published())
		}
	})
	t.Run("given by the CRM", func(t *testing.T) {
		w := newWorld(t, true)
		w.crm.put(record.Account, "5", record.Fields{"Name": text("N"), "Sync.CustomerNumber": text("20200101000000000")})
		w.crm.put(record.Account, "6", record.Fields{"Name": text("Copy"), "Sync.CustomerNumber": text("20200101000000000")})
		w.cycles(3)
		if diff := cmp.Diff([]string{"20200101000000000"}, numbers(w)); diff != "" {
			t.Error(diff)
		}
		wantWaits(t, w, "quarantine account  number-taken")
	})
	t.Run("changed in the ERP", func(t *testing.T) {
		w := newWorld(t, true)
		born(w, 5)
		for _, r := range w.erp.records[record.Account] {
			w.erp.put(record.Account, r.Key, record.Fields{"number": text("K-1")})
		}
		w.cycles(1)
		if got := w.crm.records[record.Account]["5"].Fields["Sync.CustomerNumber"].Text; got != "K-1" { // ACO-59
			t.Errorf("got %q", got)
		}
	})
}

// TestDuplicateNumberIsHeld: two cards have the number a person was asked to key; neither is taken for it.
//
// Requirement: ACO-58, ACO-63
func TestDuplicateNumberIsHeld(t *testing.T) {
	w := handoffWorld(t)
	bornInCRM(w)
	w.cycles(2)
	number := ""
	for _, p := range w.published() {
		if _, n, ok := strings.Cut(p, "number="); ok {
			number = n
		}
	}
	for _, k := range []record.Key{"70", "71"} {
		r := w.erp.put(record.Account, k, record.Fields{"number": text(number), "name": text("Nouveau")})
		r.Held = "number-duplicate"
	}
	w.cycles(2)
	if got := w.crm.records[record.Account]["5"].ExternalID; got != "" {
		t.Errorf("bound to %s", got)
	}
	w.erp.records[record.Account]["70"].Held, w.erp.records[record.Account]["71"].Held = "", ""
	w.erp.put(record.Account, "70", record.Fields{"number": text("other"), "name": text("Autre")})
	w.erp.changed[record.Account]["71"] = true
	w.cycles(2)
	if got := w.crm.records[record.Account]["5"].ExternalID; got != "CU71" {
		t.Errorf("bound to %q", got)
	}
}
