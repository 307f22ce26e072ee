package engine_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/pairs"
	"syncbox/connectors/record"
	"syncbox/sync/store"
)

// mergingCRM is a CRM that remembers which record took over from one that was merged away.
type mergingCRM struct {
	*side
	heirs map[record.Key]record.Key
}

func (s mergingCRM) Survivor(_ context.Context, _ record.Entity, key record.Key) (record.Key, error) {
	return s.heirs[key], nil
}

// TestMergedInCRM merges the counterpart of a customer into another account, in every way a product may
// show it: the customer is bound to the one that stays, whose empty fields erase nothing; only where that is
// the counterpart of another customer a person is asked.
func TestMergedInCRM(t *testing.T) {
	const ofOther = record.Key("other")
	for name, c := range map[string]struct {
		inherits, tells bool
		into            record.Key
		carries         string // an identity of ours
		wait            string
	}{
		"inherits our identity":       {inherits: true, into: "77"},
		"told by the product":         {tells: true, into: "77"},
		"nobody knows":                {into: "77", wait: "crm-record-deleted"},
		"counterpart of another one":  {tells: true, into: ofOther, wait: "crm-record-merged"},
		"identity given away":         {tells: true, into: "77", carries: "CU2.r1", wait: "crm-record-merged"},
		"counterpart, not told of it": {into: ofOther, wait: "crm-record-deleted"},
	} {
		t.Run(name, func(t *testing.T) {
			w := worldOf(t, pairs.AcombaCentrixOneOptions{TwoWay: true}, func(w *world) { w.set.SweepRarely = time.Minute })
			crm := mergingCRM{side: w.crm, heirs: map[record.Key]record.Key{}}
			w.reopen(crm)
			w.customer(2, "Client")
			w.customer(3, "Other")
			w.cycles(2)
			loser, into := w.byExternal(record.Account, "CU2"), c.into
			if into == ofOther {
				into = w.byExternal(record.Account, "CU3").Key
			} else {
				w.crm.put(record.Account, into, record.Fields{"Name": text("Client Inc."), "Phone1": text("418 555-0199")}).ExternalID = c.carries
				if c.inherits {
					w.crm.records[record.Account][into].ExternalID = "CU2"
				} else {
					delete(w.crm.changed[record.Account], into)
				}
			}
			delete(w.crm.records[record.Account], loser.Key)
			if c.tells {
				crm.heirs[loser.Key] = into
			}
			for _, contact := range w.crm.records[record.Contact] {
				if contact.Fields["AccountId"].Key() == loser.Key {
					contact.Fields["AccountId"] = record.RefOf(into)
				}
			}
			w.cycles(6)
			w.checkMerged(t, into, c.wait)
		})
	}
}

func (w *world) checkMerged(t *testing.T, into record.Key, wait string) {
	t.Helper()
	if city := w.erp.records[record.Account]["2"].Fields["city"].Text; city != "Québec" {
		t.Errorf("city in the ERP: got %q", city)
	}
	if n := w.crm.births["account CU2"]; n != 1 {
		t.Errorf("created %d times", n)
	}
	w.view(t, func(tx *store.Txn) {
		l, _ := tx.Find(connectors.ERP, record.Account, "2")
		_, asked := tx.Waiting(l.ID, store.Deleted, "")
		if bound := l.CRM == into; bound != (wait == "") || asked == bound {
			t.Errorf("bound to %s in state %v, asked %v; waits %q", l.CRM, l.State, asked, w.waits())
		}
	})
	if wait != "" && !slices.Contains(w.waits(), "deleted account 2 "+wait) {
		t.Errorf("waits %q, want %s", w.waits(), wait)
	}
	if r := w.crm.records[record.Account][into]; wait == "" && (r.ExternalID != "CU2" || r.Fields["City"].Text != "Québec") {
		t.Errorf("the one that stays: %q in %q", r.ExternalID, r.Fields["City"].Text)
	}
}

// TestMergedIntoOneInUse merges the counterpart of a customer into an account that somebody has open: that it stands for
// another customer can't be told before it can be read.
func TestMergedIntoOneInUse(t *testing.T) {
	w := worldOf(t, pairs.AcombaCentrixOneOptions{}, func(w *world) { w.set.SweepRarely = 10 * time.Hour })
	crm := mergingCRM{side: w.crm, heirs: map[record.Key]record.Key{}}
	w.reopen(crm)
	w.customer(2, "Client")
	w.cycles(2)
	loser := w.byExternal(record.Account, "CU2")
	w.crm.put(record.Account, "77", record.Fields{"Name": text("Client Inc.")}).ExternalID = "CU2.r1"
	delete(w.crm.records[record.Account], loser.Key)
	crm.heirs[loser.Key] = "77"
	w.crm.later = map[string]bool{"account 77": true}
	w.clock.now = w.clock.now.Add(w.set.SweepRarely)
	w.cycles(3)
	wantWaits(t, w)
	w.crm.later = nil
	w.cycles(2)
	w.checkMerged(t, "77", "crm-record-merged")
}

// TestMergedOneAfterTheOther merges the counterparts of two customers into one account, and later that of a third: as long
// as a person has not said whose it is, the third is not bound to it either.
func TestMergedOneAfterTheOther(t *testing.T) {
	w := worldOf(t, pairs.AcombaCentrixOneOptions{}, func(w *world) { w.set.SweepRarely = time.Minute })
	crm := mergingCRM{side: w.crm, heirs: map[record.Key]record.Key{}}
	w.reopen(crm)
	for n, name := range map[int]string{2: "Client", 3: "Other", 4: "Third"} {
		w.customer(n, name)
	}
	w.cycles(2)
	w.crm.put(record.Account, "77", record.Fields{"Name": text("Client Inc.")})
	for _, ext := range []string{"CU2", "CU3", "CU4"} {
		loser := w.byExternal(record.Account, ext).Key
		delete(w.crm.records[record.Account], loser)
		if crm.heirs[loser] = "77"; ext != "CU2" {
			w.cycles(4)
		}
	}
	wantWaits(t, w, "deleted account 2 crm-record-merged", "deleted account 3 crm-record-merged", "deleted account 4 crm-record-merged")
	if got := w.crm.records[record.Account]["77"].Fields["Name"].Text; got != "Client Inc." {
		t.Errorf("the one that stays is called %q", got)
	}
}

func (w *world) view(t *testing.T, fn func(*store.Txn)) {
	t.Helper()
	must(t, w.state.View(fn))
}

// TestTwoContactsOfOneCard merges the account of a card that is deleted meanwhile into one with a contact of its own.
// A CRM that tells of both contacts in every look has both looked at: none stays to be looked at for ever, whichever
// comes first.
func TestTwoContactsOfOneCard(t *testing.T) {
	for _, other := range []record.Key{"05", "88"} {
		t.Run(string(other), func(t *testing.T) {
			w := worldOf(t, pairs.AcombaCentrixOneOptions{}, func(w *world) { w.set.SweepRarely = time.Minute })
			crm := mergingCRM{side: w.crm, heirs: map[record.Key]record.Key{}}
			w.reopen(crm)
			w.customer(2, "Client")
			w.cycles(2)
			loser, contact := w.byExternal(record.Account, "CU2"), w.byExternal(record.Contact, "CC2")
			w.crm.put(record.Account, "77", record.Fields{"Name": text("Client Inc.")})
			w.crm.put(record.Contact, other, record.Fields{"AccountId": record.RefOf("77"), "FullName": text("Other")})
			delete(w.crm.records[record.Account], loser.Key)
			crm.heirs[loser.Key] = "77"
			for _, e := range []record.Entity{record.Account, record.Contact} {
				delete(w.erp.records[e], "2")
				w.erp.changed[e]["2"] = true
			}
			for range 6 {
				w.crm.changed[record.Contact][contact.Key], w.crm.changed[record.Contact][other] = true, true
				w.cycles(1)
			}
			w.view(t, func(tx *store.Txn) {
				if l, _ := tx.Find(connectors.ERP, record.Account, "2"); l.CRM != "77" {
					t.Errorf("the account is bound to %q: the test looks at nothing", l.CRM)
				}
			})
			for _, k := range []record.Key{contact.Key, other} {
				if w.cache.IsDirty(store.Dirty{Entity: record.Contact, Side: connectors.CRM, Key: k}) {
					t.Errorf("contact %s is still to be looked at", k)
				}
			}
		})
	}
}

// lateCRM is a CRM in which something happens between a list and what is asked next.
type lateCRM struct {
	mergingCRM
	then func()
}

func (s *lateCRM) Survivor(ctx context.Context, e record.Entity, key record.Key) (record.Key, error) {
	if s.then != nil {
		s.then()
		s.then = nil
	}
	return s.mergingCRM.Survivor(ctx, e, key)
}

// The account into which a customer's was merged is merged into a third while the box asks: the list is too old to tell
// that two claim that one.
func TestMergedOnWhileAsked(t *testing.T) {
	w := worldOf(t, pairs.AcombaCentrixOneOptions{}, func(w *world) { w.set.SweepRarely = time.Minute })
	crm := &lateCRM{mergingCRM: mergingCRM{side: w.crm, heirs: map[record.Key]record.Key{}}}
	w.reopen(crm)
	w.customer(2, "Client")
	w.customer(3, "Other")
	w.cycles(2)
	two, three := w.byExternal(record.Account, "CU2").Key, w.byExternal(record.Account, "CU3").Key
	delete(w.crm.records[record.Account], two)
	crm.heirs[two] = three
	crm.then = func() {
		delete(w.crm.records[record.Account], three)
		w.crm.put(record.Account, "77", record.Fields{"Name": text("Other")})
		crm.heirs[two], crm.heirs[three] = "77", "77"
	}
	w.cycles(4)
	if got := w.crm.records[record.Account]["77"].Fields["Name"].Text; got != "Other" {
		t.Errorf("the one that stays is called %q", got)
	}
	for _, ask := range []string{"deleted account 2 crm-record-merged", "deleted account 3 crm-record-merged"} {
		if !slices.Contains(w.waits(), ask) {
			t.Errorf("waits %q, want %s", w.waits(), ask)
		}
	}
}

// TestRefusedBeforeTheMergeWasKnown: a document is refused because its customer's account was merged away, which the box
// finds out then. It goes to the one that stays at once, not when it would be tried again by itself.
func TestRefusedBeforeTheMergeWasKnown(t *testing.T) {
	w := worldOf(t, pairs.AcombaCentrixOneOptions{}, func(w *world) { w.set.Tries, w.set.Schedule.Interval = 1, time.Minute })
	crm := mergingCRM{side: w.crm, heirs: map[record.Key]record.Key{}}
	w.reopen(crm)
	w.customer(2, "Client")
	w.cycles(2)
	loser := w.byExternal(record.Account, "CU2").Key
	w.crm.put(record.Account, "77", record.Fields{"Name": text("Client Inc.")})
	w.cycles(1)
	delete(w.crm.records[record.Account], loser)
	crm.heirs[loser] = "77"
	w.document(101, "2")
	w.cycles(3)
	if got := w.byExternal(record.Document, "DO101"); got == nil || got.Fields["AccountId"].Key() != "77" {
		t.Errorf("got %v; waits %q", got, w.waits())
	}
}
