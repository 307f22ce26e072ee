package engine_test

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/pairs"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

// month is how old a task is that stays when its counterpart is deleted.
const month = 30 * 24 * time.Hour

// mailbox turns a world into one in which deletions travel: contacts, and tasks that refer to them and that are put away once
// they are old.
func mailbox(w *world) {
	field := func(erp, crm string, p connectors.Policy, l connectors.LensKind) connectors.FieldRule {
		return connectors.FieldRule{ERP: erp, CRM: crm, Policy: p, Lens: connectors.Lens{Kind: l}}
	}
	ref := field("contact", "ContactId", connectors.Shared, connectors.LensRef)
	ref.Ref = record.Contact
	w.profile = &connectors.Profile{Pair: "mailbox", KeyZone: "UTC", Entities: []connectors.EntityRule{
		{Entity: record.Contact, ExternalID: "CO", BornInCRM: true, Deletions: &connectors.Deletions{ToCRM: true, ToERP: true},
			Fields: []connectors.FieldRule{field("number", "Number", connectors.BusinessKey, connectors.LensText), field("name", "Name", connectors.Shared, connectors.LensText)}},
		{Entity: record.Task, ExternalID: "TA", BornInCRM: true,
			Deletions: &connectors.Deletions{ToCRM: true, ToERP: true, KeepFields: []string{"due"}, KeepAfter: month},
			Fields: []connectors.FieldRule{field("number", "Number", connectors.BusinessKey, connectors.LensText), field("title", "Title", connectors.Shared, connectors.LensText),
				field("owner", "Owner", connectors.OwnERP, connectors.LensText), field("due", "Due", connectors.Shared, connectors.LensDate), ref}},
	}}
	erp, crm := fieldsOf(w.profile)
	w.erp, w.crm = newSide(connectors.ERP, erp), newSide(connectors.CRM, crm)
	w.erp.line, w.crm.line, w.erp.traits.Batch = w.line, w.line, 1
}

func newMailbox(t testing.TB, change ...func(*world)) *world {
	return worldOf(t, pairs.AcombaCentrixOneOptions{TwoWay: true}, func(w *world) {
		mailbox(w)
		for _, f := range change {
			f(w)
		}
	})
}

// task adds a task of the ERP that is due in so many days, and its contact.
func (w *world) task(n, days int) {
	k := record.Key(strconv.Itoa(n))
	w.erp.put(record.Contact, "C"+k, record.Fields{"number": text("C" + string(k)), "name": text("Contact " + string(k))})
	w.erp.put(record.Task, k, record.Fields{"number": text("T" + string(k)), "title": text("Task " + string(k)), "owner": text("MB"),
		"due": record.DateOf(w.clock.now.AddDate(0, 0, days)), "contact": record.RefOf("C" + k)})
}

// tasks adds many, all known to both sides.
func (w *world) tasks(n, days int) {
	for i := 1; i <= n; i++ {
		w.task(i, days)
	}
	w.cycles(3)
}

// drop deletes a record as a person does.
func (s *side) drop(e record.Entity, key record.Key) {
	delete(s.records[e], key)
	s.changed[e][key] = true
}

// remove deletes a record as the product does for the box, unless it shows something else than that was planned on.
func (s *side) remove(op connectors.Op) connectors.Result {
	r := s.records[op.Entity][op.Key]
	for name, seen := range op.Seen {
		if r != nil && !r.Fields[name].Equal(seen) {
			return connectors.Result{Outcome: connectors.NotApplied, Err: connectors.Errorf(connectors.Busy, "record-changed", "%s %s", op.Entity, op.Key)}
		}
	}
	s.drop(op.Entity, op.Key)
	return connectors.Result{Outcome: connectors.Applied, Key: op.Key}
}

// dropTask deletes a task in the CRM, by its number in the ERP.
func (w *world) dropTask(n int) {
	w.crm.drop(record.Task, w.byExternal(record.Task, "TA"+strconv.Itoa(n)).Key)
}

// left tells how many tasks either side has.
func (w *world) left() string {
	return fmt.Sprintf("%d in the ERP, %d in the CRM", len(w.erp.records[record.Task]), len(w.crm.records[record.Task]))
}

// states counts the links of tasks by their state.
func (w *world) states() string {
	n := map[string]int{}
	must(w.t, w.state.View(func(t *store.Txn) {
		t.Links(func(l plan.Link) bool {
			if l.Entity == record.Task {
				n[l.State.String()]++
			}
			return true
		})
	}))
	var all []string
	for _, s := range slices.Sorted(maps.Keys(n)) {
		all = append(all, fmt.Sprint(s, " ", n[s]))
	}
	return fmt.Sprint(all)
}

// named gives the name of what waits by a code.
func (w *world) named(code string) (name string) {
	w.t.Helper()
	must(w.t, w.state.View(func(t *store.Txn) {
		t.AllWaiting(func(x store.Waiting) bool {
			if x.Code == code {
				name = x.Name()
			}
			return name == ""
		})
	}))
	if name == "" {
		w.t.Fatalf("nothing waits for %s: %v", code, w.waits())
	}
	return name
}

// deletionStories are the worlds in which deletions travel.
func deletionStories() []story {
	start := func(w *world) { w.task(1, 5); w.task(2, 5) }
	here := func(want string) func(*world) []string {
		return func(w *world) []string { return diff(w.left(), want) }
	}
	return []story{
		{name: "deleted in the ERP", change: mailbox, steps: []func(*world){start, func(w *world) { w.erp.drop(record.Task, "1") }},
			check: here("1 in the ERP, 1 in the CRM")},
		{name: "deleted in the CRM", change: mailbox, steps: []func(*world){start, func(w *world) { w.dropTask(1) }},
			check: here("1 in the ERP, 1 in the CRM")},
		{name: "deleted in the CRM with what it refers to", change: mailbox, steps: []func(*world){start, func(w *world) {
			w.dropTask(1)
			w.crm.drop(record.Contact, w.byExternal(record.Contact, "COC1").Key)
		}}, check: func(w *world) []string {
			return append(here("1 in the ERP, 1 in the CRM")(w), diff(fmt.Sprint(len(w.erp.records[record.Contact])), "1")...)
		}},
		{name: "deleted on both sides", change: mailbox, steps: []func(*world){start, func(w *world) { w.erp.drop(record.Task, "1"); w.dropTask(1) }},
			check: here("1 in the ERP, 1 in the CRM")},
		{name: "put away", change: mailbox, steps: []func(*world){func(w *world) { w.task(1, -40); w.task(2, 5) },
			func(w *world) { w.dropTask(1) }, func(w *world) { w.erp.put(record.Task, "1", record.Fields{"title": text("Old")}) }},
			check: func(w *world) []string {
				delete(w.erp.records[record.Task], "1")
				return append(here("1 in the ERP, 1 in the CRM")(w), diff(w.states(), "[archived 1 linked 1]")...)
			}},
	}
}
