package engine_test

import (
	"slices"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/pairs"
	"syncbox/connectors/record"
)

// A record of the CRM is to get our identity from another one that people deleted or merged meanwhile: the write is refused. What
// the box finds out then is what it goes on with: nothing is wrong, and nothing waits until it would be tried again by itself.

// meanwhile does something in the CRM right before the first write of an entity that takes our identity from a record.
func (w *world) meanwhile(e record.Entity, do func()) {
	w.crm.answer = func(op connectors.Op) *connectors.Result {
		if op.Entity == e && op.Displace != nil {
			w.crm.answer = nil
			do()
		}
		return nil
	}
}

// remove deletes the record of the CRM with one of our identities; the CRM tells of it where told is true.
func (w *world) remove(e record.Entity, ext string, told bool) record.Key {
	key := w.byExternal(e, ext).Key
	delete(w.crm.records[e], key)
	if told {
		w.crm.changed[e][key] = true
	}
	return key
}

// goesOn says that so many writes were sent since a moment, the refused one among them, and that nothing waited for a later try.
func goesOn(t *testing.T, w *world, before, sent int) {
	t.Helper()
	if n := len(w.crm.writes) - before; n != sent || w.has("waits-quarantine") > 0 {
		t.Errorf("%d writes, want %d; journal %q", n, sent, w.journal())
	}
	wantWaits(t, w)
}

// The place of a card goes to another customer, and people delete a record of the former one in the CRM: before the CRM tells of
// it, or while the box writes.
func TestPassedOnAndDeletedMeanwhile(t *testing.T) {
	for name, c := range map[string]struct {
		entity record.Entity
		ext    string
		told   bool
	}{
		"account, told of":             {entity: record.Account, ext: "CU2", told: true},
		"account, while it is written": {entity: record.Account, ext: "CU2"},
		"contact, told of":             {entity: record.Contact, ext: "CC2", told: true},
		"contact, while it is written": {entity: record.Contact, ext: "CC2"},
	} {
		t.Run(name, func(t *testing.T) {
			w := worldOf(t, pairs.AcombaCentrixOneOptions{}, func(w *world) { w.set.Tries, w.set.Schedule.Interval = 1, time.Minute })
			startIncarnated(w)
			w.cycles(2)
			before := len(w.crm.writes)
			if replaceCard(w); c.told {
				w.remove(c.entity, c.ext, true)
			} else {
				w.meanwhile(c.entity, func() { w.remove(c.entity, c.ext, false) })
			}
			w.cycles(3)
			if now, contact := w.byExternal(record.Account, "CU2"), w.byExternal(record.Contact, "CC2"); now == nil || contact == nil ||
				now.Fields["Name"].Text != "Autre" || contact.Fields["AccountId"].Key() != now.Key {
				t.Errorf("the new customer: %v, its contact: %v", now, contact)
			}
			goesOn(t, w, before, 5)
		})
	}
}

// So it is where people merged the former customer's account into one that the product knows: that one gives our identity away.
func TestPassedOnAndMergedMeanwhile(t *testing.T) {
	w := worldOf(t, pairs.AcombaCentrixOneOptions{}, func(w *world) { w.set.Tries, w.set.Schedule.Interval = 1, time.Minute })
	crm := mergingCRM{side: w.crm, heirs: map[record.Key]record.Key{}}
	w.reopen(crm)
	startIncarnated(w)
	w.cycles(2)
	before := len(w.crm.writes)
	w.crm.put(record.Account, "77", record.Fields{"Name": text("Client Inc.")})
	w.cycles(1)
	replaceCard(w)
	w.meanwhile(record.Account, func() { crm.heirs[w.remove(record.Account, "CU2", false)] = "77" })
	w.cycles(3)
	if old := w.crm.records[record.Account]["77"]; old.ExternalID != "CU2.r1" || old.Fields["Name"].Text != "Client Inc." {
		t.Errorf("the heir is %q, %v", old.ExternalID, old.Fields)
	}
	if now := w.byExternal(record.Account, "CU2"); now == nil || now.Fields["Name"].Text != "Autre" {
		t.Errorf("the new customer: %v", now)
	}
	goesOn(t, w, before, 5)
}

// Another contact takes over as the first one, and the former one is deleted while the box writes that down.
func TestTakenOverAndDeletedMeanwhile(t *testing.T) {
	w := worldOf(t, pairs.AcombaCentrixOneOptions{TwoWay: true}, func(w *world) { w.set.Tries, w.set.Schedule.Interval = 1, time.Minute })
	w.customer(2, "Client")
	w.cycles(2)
	before := len(w.crm.writes)
	passContact(w)
	w.meanwhile(record.Contact, func() { w.remove(record.Contact, "CC2", false) })
	w.cycles(3)
	if wrong := contactPassedAfterDeletion(w); len(wrong) > 0 {
		t.Error(wrong)
	}
	goesOn(t, w, before, 2)
}

// The CRM merges an account away while the box writes to it: what was to be written goes to the one that stays.
func TestMergedMeanwhile(t *testing.T) {
	w := worldOf(t, pairs.AcombaCentrixOneOptions{}, func(w *world) { w.set.Tries, w.set.Schedule.Interval = 1, time.Minute })
	crm := mergingCRM{side: w.crm, heirs: map[record.Key]record.Key{}}
	w.reopen(crm)
	w.customer(2, "Client")
	w.cycles(2)
	before := len(w.crm.writes)
	w.crm.put(record.Account, "77", record.Fields{"Name": text("Client Inc.")})
	w.cycles(1)
	w.erp.put(record.Account, "2", record.Fields{"city": text("Lévis")})
	w.crm.answer = func(connectors.Op) *connectors.Result {
		w.crm.answer = nil
		crm.heirs[w.remove(record.Account, "CU2", false)] = "77"
		return nil
	}
	w.cycles(3)
	if now := w.crm.records[record.Account]["77"]; now.ExternalID != "CU2" || now.Fields["City"].Text != "Lévis" {
		t.Errorf("the one that stays is %q, %v", now.ExternalID, now.Fields)
	}
	goesOn(t, w, before, 3)
}

// A CRM that says of a creation that what it is for is missing, although nothing else was found out since: the record is listed,
// and not sent in every cycle.
func TestRefusedAsMissingForEver(t *testing.T) {
	w := worldOf(t, pairs.AcombaCentrixOneOptions{}, func(w *world) { w.set.Tries, w.set.Schedule.Interval = 1, time.Minute })
	startIncarnated(w)
	w.cycles(2)
	deleteAccount(w)
	w.cycles(1)
	wantWaits(t, w, "deleted account 2 crm-record-deleted")
	replaceCard(w)
	sent := 0
	w.crm.answer = func(op connectors.Op) *connectors.Result {
		sent++
		return &connectors.Result{Outcome: connectors.NotApplied, Err: connectors.Errorf(connectors.Rejected, "crm-record-missing", "%s", op.Entity)}
	}
	w.cycles(5)
	if sent != 1 || !slices.Contains(w.waits(), "quarantine account 2 crm-record-missing") {
		t.Errorf("sent %d times; waits %q", sent, w.waits())
	}
}
