package app_test

import (
	"strings"
	"testing"
	"time"

	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/centrixone/centrixonetest"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// TestAnswers breaks the answers to writes in every way there is, while customers are born, changed, and
// documents with them. code is what the box says while it lasts. A fault that strikes once may be gone from the status before
// anybody looks: code is then what the journal tells, and none where the box tries again by itself.
func TestAnswers(t *testing.T) {
	const always = -1
	rows := []struct {
		name  string
		fault centrixonetest.Fault
		code  string
	}{
		{"500", centrixonetest.Fault{Kind: centrixonetest.Status, Count: 1}, ""},
		{"500 and done", centrixonetest.Fault{Kind: centrixonetest.Status, Done: true, Count: 2}, ""},
		{"503 with Retry-After", centrixonetest.Fault{Kind: centrixonetest.Status, Status: 503, RetryAfter: time.Second, Count: always}, "crm-rate-limited"},
		{"503 with a date", centrixonetest.Fault{Kind: centrixonetest.Status, Status: 503, RetryAfter: time.Second, RetryDate: true, Count: always}, "crm-rate-limited"},
		{"429", centrixonetest.Fault{Kind: centrixonetest.Status, Status: 429, RetryAfter: time.Second, Count: always}, "crm-rate-limited"},
		{"502", centrixonetest.Fault{Kind: centrixonetest.Status, Status: 502, Count: always}, "crm-server-error"},
		{"HTML with 200", centrixonetest.Fault{Kind: centrixonetest.HTML200, Count: always}, "crm-bad-answer"},
		{"HTML with 200 and done", centrixonetest.Fault{Kind: centrixonetest.HTML200, Done: true, Count: always}, "crm-bad-answer"},
		{"wrong type", centrixonetest.Fault{Kind: centrixonetest.WrongType, Count: always}, "crm-bad-answer"},
		{"cut body", centrixonetest.Fault{Kind: centrixonetest.CutBody, Keep: 20, Count: always}, "crm-unreachable"},
		{"closed before", centrixonetest.Fault{Kind: centrixonetest.CloseBefore, Count: always}, "crm-unreachable"},
		{"closed after", centrixonetest.Fault{Kind: centrixonetest.CloseAfter, Count: always}, "crm-unreachable"},
		{"applied late", centrixonetest.Fault{Kind: centrixonetest.AppliedLate, Delay: 700 * time.Millisecond, Count: 2}, ""},
		{"answered too late", centrixonetest.Fault{Kind: centrixonetest.DelayAnswer, Delay: 1300 * time.Millisecond, Count: 1}, "crm-unreachable"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			r := newRig(t, setup{centrix: `timeout = "1s"`})
			row.fault.Method = "POST"
			mark := r.mark()
			r.crm.AddFault(row.fault)
			r.everyKindOfWork()
			if row.fault.Count == always {
				r.drive("the box says "+row.code, func() bool { return r.status().Ways[0].Code == row.code })
			} else {
				r.cycles(2)
			}
			if row.code != "" {
				r.noted(mark, row.code, "")
			}
			r.everyKindOfWork()
			r.cycle()
			r.crm.ClearFaults()
			r.settled("after the fault")
			r.drive("the box is content", func() bool { return r.status().Ways[0].Outcome == engine.Success && len(r.waiting()) == 0 })
			r.still()
		})
	}
}

// everyKindOfWork has a record of every kind born and one of most kinds changed.
func (r *rig) everyKindOfWork() {
	r.t.Helper()
	at, err := r.erp.AddCustomer(acombatest.Customer{Name: "Ébénisterie Lapointe", City: "Alma", Language: 12, Country: "CA"})
	must(r.t, err)
	r.modify(r.customer(3).CardPos, func(c *acombatest.Customer) { c.City += "-Est"; c.Emails[0] = "bureau@" + c.Number + ".example" })
	_, err = r.erp.AddDocument(acombatest.Document{Kind: acombatest.Quote, Customer: at,
		Lines: []acombatest.Line{{Type: acombatest.ProductLine, Product: 3, OrderedQty: 20000}}})
	must(r.t, err)
	must(r.t, r.erp.ModifyDocument(r.document().CardPos, func(d *acombatest.Document) { d.Freight += 300 }))
	reps, err := r.erp.SalesReps()
	must(r.t, err)
	must(r.t, r.erp.RenameSalesRep(reps[1].CardPos, reps[1].Name+" B."))
	_, err = r.erp.AddSalesRep(acombatest.SalesRep{Number: int32(700 + len(reps)), Name: "Maïka Tulugak"})
	must(r.t, err)
	groups, err := r.erp.Groups()
	must(r.t, err)
	_, err = r.erp.AddGroup(acombatest.Group{Number: int32(700 + len(groups)), Description: "Outillage"})
	must(r.t, err)
	_, err = r.erp.AddDocument(acombatest.Document{Kind: acombatest.Order, Customer: r.customer(2).CardPos,
		Lines: []acombatest.Line{{Type: acombatest.ProductLine, Product: 4, OrderedQty: 10000}}})
	must(r.t, err)
}

// TestUnreadable breaks the answers to reads: nothing is written on the strength of them.
func TestUnreadable(t *testing.T) {
	rows := []struct {
		name  string
		fault centrixonetest.Fault
		code  string
	}{
		{"500", centrixonetest.Fault{Kind: centrixonetest.Status}, "crm-server-error"},
		{"503", centrixonetest.Fault{Kind: centrixonetest.Status, Status: 503, RetryAfter: time.Second}, "crm-rate-limited"},
		{"HTML with 200", centrixonetest.Fault{Kind: centrixonetest.HTML200}, "crm-bad-answer"},
		{"not success", centrixonetest.Fault{Kind: centrixonetest.NotSuccess}, "crm-bad-answer"},
		{"cut body", centrixonetest.Fault{Kind: centrixonetest.CutBody, Keep: 30}, "crm-unreachable"},
		{"closed", centrixonetest.Fault{Kind: centrixonetest.CloseBefore}, "crm-unreachable"},
		{"refused key", centrixonetest.Fault{Kind: centrixonetest.Status, Status: 401}, "crm-auth"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			r := newRig(t, setup{twoWay: true})
			row.fault.Method, row.fault.Count = "GET", -1
			r.everyKindOfWork()
			r.crm.AddFault(row.fault)
			since := r.crm.Mark()
			r.cycles(2)
			if got := r.status().Ways; got[0].Code != row.code || got[1].Code != row.code {
				t.Errorf("got %q and %q, want %q for both", got[0].Code, got[1].Code, row.code)
			}
			r.quiet(since)
			r.crm.ClearFaults()
			r.settled("after the fault")
			r.still()
		})
	}
}

// TestRandomFaults breaks a third of all calls by chance while everybody works.
func TestRandomFaults(t *testing.T) {
	r := newRig(t, setup{centrix: `timeout = "1s"`, limits: "tries = 100\nfailure_percent = 100"})
	r.crm.SetRandomFaults(centrixonetest.RandomFaults{Seed: 7, Rate: 0.3, MaxLate: 500 * time.Millisecond,
		Kinds: []centrixonetest.FaultKind{centrixonetest.Status, centrixonetest.HTML200, centrixonetest.CutBody, centrixonetest.CloseBefore,
			centrixonetest.CloseAfter, centrixonetest.AppliedLate, centrixonetest.NoLastModified, centrixonetest.Never304}})
	for range 6 {
		r.everyKindOfWork()
		r.cycles(3)
	}
	r.crm.ClearFaults()
	r.do(engine.Retry, "all")
	r.settled("after the faults")
	r.drive("nothing waits", func() bool { return len(r.waiting()) == 0 })
	r.still()
}

// TestContactDeleted deletes a primary contact by force: its documents wait, others go on; a person has it
// created again, and everything heals.
//
// Requirement: ACO-62, ACO-75, ACO-77, ACO-80
func TestContactDeleted(t *testing.T) {
	r := newRig(t, setup{customers: 12, documents: 40})
	d := r.document()
	victim := ext("CC", d.Customer)
	contact := r.contact(d.Customer)
	must(t, r.crm.Support().Delete(centrixonetest.Contacts, contact.ID))
	must(t, r.erp.ModifyDocument(d.CardPos, func(d *acombatest.Document) { d.Freight += 500 }))
	free := r.documentOfOthers(d.Customer)
	must(t, r.erp.ModifyDocument(free.CardPos, func(d *acombatest.Document) { d.Freight += 500 }))
	r.drive("others arrive", func() bool {
		for _, w := range r.differences() {
			if strings.HasPrefix(w, ext("DO", free.CardPos)+" ") {
				return false
			}
		}
		return len(r.waits(store.Deleted, "")) == 1
	})
	r.cycles(2)
	question := r.listed(1, store.Deleted, "crm-record-deleted")[0]
	if string(question.Entity) != "contact" || ext("CC", d.Customer) != "CC"+string(question.ERP) {
		t.Errorf("asked about %s %s, want %s", question.Entity, question.ERP, victim)
	}
	if len(r.waits(store.Reference, "")) == 0 {
		t.Errorf("the document does not wait\n%s", r.trouble())
	}
	if r.contact(d.Customer).ID != 0 {
		t.Errorf("the contact was created again without asking")
	}
	r.again = append(r.again, victim)
	r.do(engine.Recreate, question.Name())
	r.settled("after a person had it created again")
	r.cycle()
	r.listed(0, store.Reference, "")
	r.listed(0, store.Deleted, "")
	r.still()
}

// documentOfOthers gives an open document of another customer.
func (r *rig) documentOfOthers(customer int32) acombatest.Document {
	r.t.Helper()
	x := r.expected()
	for _, d := range x.documents {
		if !x.next[d.CardPos] && d.Source == 0 && d.State == acombatest.StateOpen && d.Customer != customer {
			return d
		}
	}
	r.t.Fatal("no document of others")
	return acombatest.Document{}
}

// TestContactComesBack undoes the deletion in the CRM instead.
func TestContactComesBack(t *testing.T) {
	r := newRig(t, setup{limits: `sweep_rarely = "1s"`})
	d := r.document()
	contact := r.contact(d.Customer)
	must(t, r.crm.Support().Delete(centrixonetest.Contacts, contact.ID))
	r.drive("the deletion is found", func() bool { return len(r.waits(store.Deleted, "")) == 1 })
	must(t, r.erp.ModifyDocument(d.CardPos, func(d *acombatest.Document) { d.Freight += 500 }))
	r.drive("the document waits", func() bool { return len(r.waits(store.Reference, "")) == 1 })
	must(t, r.crm.Support().Restore(centrixonetest.Contacts, contact.ID))
	r.settled("after it was restored")
	r.drive("nothing waits", func() bool { return len(r.waiting()) == 0 })
	r.still()
}

// TestRecreatedByItself leaves the answer to the configuration.
func TestRecreatedByItself(t *testing.T) {
	r := newRig(t, setup{job: `recreate = "auto"`, limits: `sweep_rarely = "1s"`})
	d := r.document()
	must(t, r.crm.Support().Delete(centrixonetest.Contacts, r.contact(d.Customer).ID))
	r.again = append(r.again, ext("CC", d.Customer))
	r.settled("the contact is created again")
	r.listed(0, store.Deleted, "")
	r.still()
}

// TestAccountDeleted deletes a whole account, with contact and documents behind it.
//
// Requirement: ACO-62
func TestAccountDeleted(t *testing.T) {
	r := newRig(t, setup{limits: `sweep_rarely = "1s"`})
	d := r.document()
	r.again = append(r.again, ext("CU", d.Customer))
	must(t, r.crm.Support().Delete(centrixonetest.Accounts, r.account(d.Customer).ID))
	r.drive("the deletion is found", func() bool { return len(r.waits(store.Deleted, "crm-record-deleted")) > 0 })
	r.arrives(r.documentOfOthers(d.Customer).Customer, "Amqui")
	r.do(engine.Recreate, r.waits(store.Deleted, "")[0].Name())
	r.settled("after a person had it created again")
	r.drive("nothing waits", func() bool { return len(r.waiting()) == 0 })
	r.still()
}

// TestSalespersonDeleted deletes a user: what refers to him waits where it changes, and heals with him.
//
// Requirement: ACO-47, ACO-78
func TestSalespersonDeleted(t *testing.T) {
	r := newRig(t, setup{limits: `sweep_often = "1s"`})
	var theirs acombatest.Customer
	for n := 0; theirs.SalesRep == 0; n++ {
		theirs = r.customer(n)
	}
	u, _ := r.crm.UserByExternalID(ext("VE", theirs.SalesRep))
	must(t, r.crm.Support().Delete(centrixonetest.Users, u.ID))
	r.drive("the deletion is found", func() bool { return len(r.waits(store.Deleted, "crm-record-deleted")) == 1 })
	r.modify(theirs.CardPos, func(c *acombatest.Customer) { c.City = "Amqui" })
	r.drive("what refers to him waits", func() bool { return len(r.waits(store.Reference, "")) > 0 })
	for n := range 8 {
		if c := r.customer(n); c.SalesRep != theirs.SalesRep {
			r.arrives(c.CardPos, "Gaspé")
			break
		}
	}
	r.again = append(r.again, ext("VE", theirs.SalesRep))
	r.do(engine.Recreate, r.waits(store.Deleted, "")[0].Name())
	r.settled("after a person had him created again")
	r.drive("nothing waits", func() bool { return len(r.waiting()) == 0 })
	r.still()
}

// TestProtectedObjects renames a stage and takes the list away: nothing is written in either direction until
// they are as they were.
//
// Requirement: ACO-40, ACO-55
func TestProtectedObjects(t *testing.T) {
	stage := func(r *rig) int64 { s, _ := r.crm.StageByKey("order"); return s.ID }
	list := func(r *rig) int64 { l, _ := r.crm.ProtectedList(""); return l.ID }
	rename := func(res centrixonetest.Resource, id func(*rig) int64, field, name string) func(*rig) error {
		return func(r *rig) error { return r.crm.Support().Edit(res, id(r), centrixonetest.Fields{field: name}) }
	}
	var gone int64
	rows := []struct {
		name, code   string
		spoil, mend  func(*rig) error
		names, value string
	}{
		{"stage renamed", "crm-stage-renamed", rename(centrixonetest.Stages, stage, "NameFR", "Commandes web"),
			rename(centrixonetest.Stages, stage, "NameFR", "Commande"), "stage", "order"},
		{"list renamed", "crm-list-renamed", rename(centrixonetest.Lists, list, "Name", "Clients"),
			rename(centrixonetest.Lists, list, "Name", "Acomba"), "found", "Clients"},
		{"list gone", "crm-list-missing",
			func(r *rig) error { gone = list(r); return r.crm.Support().Delete(centrixonetest.Lists, gone) },
			func(r *rig) error { return r.crm.Support().Restore(centrixonetest.Lists, gone) }, "list", "Acomba"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			r := newRig(t, setup{twoWay: true})
			must(t, row.spoil(r))
			r.everyKindOfWork()
			since, mark := r.crm.Mark(), r.mark()
			r.cycles(3)
			r.ways(engine.Halted, row.code)
			if got := r.status().Ways[0].Args[row.names]; got != row.value {
				t.Errorf("%s: got %q, want %q", row.names, got, row.value)
			}
			r.noted(mark, row.code, "")
			if n := r.count(mark, row.code); n != 2 {
				t.Errorf("the trouble was journalled %d times, want once for each direction", n)
			}
			r.quiet(since)
			must(t, row.mend(r))
			r.settled("after it was put right")
			r.ways(engine.Success, "")
			r.still()
		})
	}
}
