package engine_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/pairs"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

// story is a small world: what people do, step by step, and what must be true when all is quiet.
type story struct {
	name    string
	oneWay  bool
	options func(*pairs.AcombaCentrixOneOptions)
	change  func(*world)
	steps   []func(*world)
	births  int // how often a record may be created under one external id: 2 where it goes in between
	check   func(*world) []string
}

// play runs a story with one fault and gives what is wrong at its end. Cycles come every 30 seconds, so
// that what arrives late does so after it was planned again.
func play(t *testing.T, s story, cut int, f fault) (wrong []string, points, calls int) {
	o := pairs.AcombaCentrixOneOptions{TwoWay: !s.oneWay}
	if s.options != nil {
		s.options(&o)
	}
	w := worldOf(t, o, func(w *world) {
		w.set.Schedule.Interval = 30 * time.Second
		w.power.cut, w.line.fault = cut, f
		if s.change != nil {
			s.change(w)
		}
	})
	for _, step := range s.steps {
		step(w)
		w.quiet()
	}
	w.power.cut = 0
	wrong = append(w.oracles(max(1, s.births)), s.check(w)...)
	return wrong, w.power.points, w.line.calls
}

// quiet runs cycles through power cuts and lost answers until nothing is left to do, or it takes too long.
func (w *world) quiet() {
	for n := range 12 {
		switch err := w.engine.Cycle(w.t.Context()); {
		case errors.Is(err, errPower):
			w.power.off = false
			w.open()
		case err != nil:
			w.t.Fatal(err)
		}
		w.clock.now = w.clock.now.Add(w.set.Schedule.Interval)
		if n == 2 { // after the next planning, within the bound of the product
			for _, arrive := range slices.Concat(w.crm.late, w.erp.late) {
				arrive()
			}
			w.crm.late, w.erp.late = nil, nil
		}
		if n > 3 && w.idle() {
			return
		}
	}
}

// idle says whether no record waits to be looked at and no write is open.
func (w *world) idle() bool {
	open := 0
	for _, rule := range w.profile.Entities {
		open += w.cache.CountDirty(rule.Entity, connectors.ERP) + w.cache.CountDirty(rule.Entity, connectors.CRM)
	}
	must(w.t, w.state.View(func(t *store.Txn) { open += len(t.Intents()) }))
	return open == 0
}

// oracles judge a quiet world by what both sides show and by the state's own form.
func (w *world) oracles(births int) (wrong []string) {
	if err := w.state.Check(); err != nil {
		wrong = append(wrong, err.Error())
	}
	for _, s := range []*side{w.erp, w.crm} {
		for _, id := range slices.Sorted(maps.Keys(s.births)) {
			if n := s.births[id]; n > births && !strings.HasSuffix(id, " ") {
				wrong = append(wrong, fmt.Sprintf("%s: %s was created %d times", s.name, id, n))
			}
		}
	}
	wrong = append(wrong, w.unequal()...)
	erp, crm := len(w.erp.writes), len(w.crm.writes)
	must(w.t, w.engine.Cycle(w.t.Context()))
	if n := len(w.erp.writes) - erp + len(w.crm.writes) - crm; n > 0 {
		wrong = append(wrong, fmt.Sprintf("%d writes after everything was quiet: %+v", n, w.crm.writes[crm:]))
	}
	return wrong
}

// unequal names fields in which live records differ although nothing says so on the waiting list.
func (w *world) unequal() (wrong []string) {
	listed := map[string]bool{}
	must(w.t, w.state.View(func(t *store.Txn) {
		t.AllWaiting(func(x store.Waiting) bool {
			listed[string(x.Entity)+" "+string(x.ERP)+" "+x.Field] = true
			return true
		})
		for _, rule := range w.profile.Entities {
			for k, e := range w.erp.records[rule.Entity] {
				l, ok := t.Find(connectors.ERP, rule.Entity, k)
				c := w.crm.records[rule.Entity][l.CRM]
				if e.Gone || l.State == plan.Archived || listed[string(rule.Entity)+" "+string(k)+" "] {
					continue
				}
				if !ok || c == nil {
					wrong = append(wrong, fmt.Sprintf("%s %s is not in the CRM", rule.Entity, k))
					continue
				}
				for _, f := range rule.Fields {
					plain := f.Lens.Kind == connectors.LensText || f.Lens.Kind == connectors.LensEmail
					name := string(rule.Entity) + " " + string(k) + " "
					if plain && !e.Fields[f.ERP].Equal(c.Fields[f.CRM]) && !listed[name+f.CRM] && !listed[name+f.ERP] {
						wrong = append(wrong, fmt.Sprintf("%s%s: %q in the ERP, %q in the CRM", name, f.CRM, e.Fields[f.ERP].Text, c.Fields[f.CRM].Text))
					}
				}
			}
		}
	}))
	return wrong
}

// stories are the worlds that every fault is tried on.
func stories() []story {
	nothing := func(*world) []string { return nil }
	start := func(w *world) { w.document(102, w.customer(2, "Client")) }
	return append(deletionStories(), []story{
		{name: "create", check: nothing, steps: []func(*world){start}},
		{name: "create without upsert", check: nothing, steps: []func(*world){start},
			change: func(w *world) { w.crm.traits.Upsert = false }},
		{name: "create one way", oneWay: true, check: nothing, steps: []func(*world){start}},
		{name: "update both ways", steps: []func(*world){start, editBoth}, check: bothEdited},
		{name: "update both ways, unechoed", steps: []func(*world){start, editBoth}, check: bothEdited,
			change: func(w *world) { w.crm.mute, w.erp.mute = true, true }},
		{name: "update back and forth", steps: []func(*world){start, erpCity("A"), erpCity("B"), crmCity("C"), erpCity("B")}, check: cityIs("B")},
		{name: "update back to the old value", steps: []func(*world){start, erpCity("A"), erpCity("Québec")}, check: cityIs("Québec")},
		{name: "born in the CRM", steps: []func(*world){bornInCRM}, check: isBorn},
		{name: "replace", births: 2, steps: []func(*world){startIncarnated, replaceCard}, check: isReplaced},
		{name: "replace what was deleted", births: 2, steps: []func(*world){startIncarnated, deleteAccount, replaceCard}, check: isReplacedAfterDeletion},
		{name: "primary contact passes", steps: []func(*world){start, passContact}, check: contactPassed},
		{name: "primary contact passes one way", oneWay: true, steps: []func(*world){start, passContact}, check: contactPassedOneWay},
		{name: "primary contact deleted", steps: []func(*world){start, deleteContact, passContact}, check: contactPassedAfterDeletion},
		{name: "deactivate and return", steps: []func(*world){start, goneCard, backCard}, check: isActive("true")},
		{name: "deactivate", steps: []func(*world){start, goneCard}, check: isActive("false")},
		{name: "hand-off", change: handsOff, steps: []func(*world){start, crmCity("Gaspé"), keyAll}, check: cityIs("Gaspé")},
		{name: "hand-off of a new customer", change: handsOff, steps: []func(*world){bornInCRM, keyAll, keyAll}, check: isBorn},
		{name: "new customer keyed in the place of another", change: handsOff, steps: []func(*world){start, bornInCRM, vacate, keyAll}, check: hasThePlace},
		{name: "new customer born in the place of another", steps: []func(*world){start, func(w *world) { vacate(w); bornInCRM(w) }}, check: hasThePlace},
		{name: "new customer born in the place of a deleted one", steps: []func(*world){start, deleteAccount, func(w *world) { vacate(w); bornInCRM(w) }},
			check: hasThePlaceAlone},
		{name: "deleted contact, created again", births: 2, options: func(o *pairs.AcombaCentrixOneOptions) { o.RecreateAuto = true },
			steps: []func(*world){start, deleteContact, func(w *world) { w.document(103, "2") }}, check: nothing},
	}...)
}

func editBoth(w *world) {
	w.erp.put(record.Account, "2", record.Fields{"city": text("Lévis"), "term": text("Net 30")})
	w.crm.put(record.Account, w.byExternal(record.Account, "CU2").Key, record.Fields{"Name": text("Client neuf")})
}

func bothEdited(w *world) []string {
	acc := w.byExternal(record.Account, "CU2")
	return diff(acc.Fields["City"].Text, "Lévis", acc.Fields["Name"].Text, "Client neuf", acc.Fields["Sync.PaymentTerm"].Text, "Net 30")
}

// diff compares pairs of got and want.
func diff(pairs ...string) (wrong []string) {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i] != pairs[i+1] {
			wrong = append(wrong, fmt.Sprintf("got %q, want %q", pairs[i], pairs[i+1]))
		}
	}
	return wrong
}

func erpCity(city string) func(*world) {
	return func(w *world) { w.erp.put(record.Account, "2", record.Fields{"city": text(city)}) }
}

func crmCity(city string) func(*world) {
	return func(w *world) {
		w.crm.put(record.Account, w.byExternal(record.Account, "CU2").Key, record.Fields{"City": text(city)})
	}
}

func cityIs(city string) func(*world) []string {
	return func(w *world) []string {
		return diff(w.erp.records[record.Account]["2"].Fields["city"].Text, city, w.byExternal(record.Account, "CU2").Fields["City"].Text, city)
	}
}

func bornInCRM(w *world) {
	w.crm.put(record.Account, "5", record.Fields{"Name": text("Nouveau"), "City": text("Gaspé")})
	w.crm.put(record.Contact, "6", record.Fields{"AccountId": record.RefOf("5"), "FullName": text("Ève Roy"), "Email": text("eve@example.org")})
}

func isBorn(w *world) (wrong []string) {
	if n := len(w.erp.records[record.Account]); n != 1 || len(w.crm.records[record.Account]) != 1 || len(w.crm.records[record.Contact]) != 1 {
		wrong = append(wrong, fmt.Sprintf("%d customers in the ERP, %v accounts and %v contacts in the CRM", n, len(w.crm.records[record.Account]), len(w.crm.records[record.Contact])))
	}
	for k, r := range w.erp.records[record.Account] {
		acc, con := w.crm.records[record.Account]["5"], w.crm.records[record.Contact]["6"]
		wrong = append(wrong, diff(acc.ExternalID, "CU"+string(k), con.ExternalID, "CC"+string(k), acc.Fields["Sync.CustomerNumber"].Text, r.Fields["number"].Text,
			r.Fields["name"].Text, "Nouveau", w.erp.records[record.Contact][k].Fields["full_name"].Text, "Ève Roy", con.Fields["FullName"].Text, "Ève Roy")...)
	}
	return wrong
}

// replaceCard gives the card of customer 2 to another customer, with a contact and a document of its own.
func replaceCard(w *world) {
	for _, e := range []record.Entity{record.Account, record.Contact} {
		delete(w.erp.records[e], "2")
	}
	w.customer(2, "Autre")
	for _, e := range []record.Entity{record.Account, record.Contact} {
		w.erp.records[e]["2"].Incarnation = "u2b"
	}
	w.document(104, "2")
}

// startIncarnated begins in an ERP whose cards carry an identity that is never given twice.
func startIncarnated(w *world) {
	w.document(102, w.customer(2, "Client"))
	w.incarnate("u2")
}

func isReplaced(w *world) []string {
	old, now := w.byExternal(record.Account, "CU2.r1"), w.byExternal(record.Account, "CU2")
	contact, doc := w.byExternal(record.Contact, "CC2"), w.byExternal(record.Document, "DO104")
	if old == nil || now == nil || contact == nil || doc == nil || w.byExternal(record.Contact, "CC2.r1") == nil {
		return []string{"a record lacks its identity"}
	}
	return diff(old.Fields["Name"].Text, "Client", old.Fields["ERPActive"].Text, "false", now.Fields["Name"].Text, "Autre", now.Fields["ERPActive"].Text, "true",
		contact.Fields["AccountId"].Text, string(now.Key), doc.Fields["AccountId"].Text, string(now.Key), doc.Fields["ContactId"].Text, string(contact.Key))
}

func isReplacedAfterDeletion(w *world) []string {
	now := w.byExternal(record.Account, "CU2")
	if now == nil {
		return []string{fmt.Sprint("the new customer is not there; waits ", w.waits())}
	}
	return diff(now.Fields["Name"].Text, "Autre", fmt.Sprint(len(w.crm.records[record.Account])), "1")
}

func deleteAccount(w *world) {
	delete(w.crm.records[record.Account], w.byExternal(record.Account, "CU2").Key)
	w.clock.now = w.clock.now.Add(25 * time.Hour)
}

func deleteContact(w *world) {
	delete(w.crm.records[record.Contact], w.byExternal(record.Contact, "CC2").Key)
	w.clock.now = w.clock.now.Add(25 * time.Hour)
}

// passContact lets another contact of the account be the oldest in the list.
func passContact(w *world) {
	w.crm.put(record.Contact, "500", record.Fields{"AccountId": record.RefOf(w.byExternal(record.Account, "CU2").Key), "FullName": text("Zoé Roy"), "Email": text("zoe@example.org")})
}

func contactPassed(w *world) []string {
	if w.byExternal(record.Contact, "CC2.r1") == nil {
		return []string{"the old contact did not lose its identity"}
	}
	return contactPassedAfterDeletion(w)
}

func contactPassedAfterDeletion(w *world) []string {
	return diff(w.crm.records[record.Contact]["500"].ExternalID, "CC2", w.crm.records[record.Contact]["500"].Fields["FullName"].Text, "Zoé Roy",
		w.erp.records[record.Contact]["2"].Fields["full_name"].Text, "Zoé Roy", w.erp.records[record.Contact]["2"].Fields["email"].Text, "zoe@example.org")
}

func contactPassedOneWay(w *world) []string {
	return diff(w.crm.records[record.Contact]["500"].ExternalID, "CC2", w.crm.records[record.Contact]["500"].Fields["FullName"].Text, "Zoé Roy",
		w.erp.records[record.Contact]["2"].Fields["full_name"].Text, "Contact 2", fmt.Sprint(slices.Contains(w.waits(), "difference contact 2 difference-stands")), "true")
}

func goneCard(w *world) {
	for _, e := range []record.Entity{record.Account, record.Contact} {
		w.erp.records[e]["2"].Gone = true
		w.erp.changed[e]["2"] = true
	}
}

func backCard(w *world) {
	for _, e := range []record.Entity{record.Account, record.Contact} {
		w.erp.records[e]["2"].Gone = false
		w.erp.changed[e]["2"] = true
	}
}

func isActive(want string) func(*world) []string {
	return func(w *world) []string {
		return diff(w.byExternal(record.Account, "CU2").Fields["ERPActive"].Text, want)
	}
}

// handsOff lets the ERP be written by people only.
func handsOff(w *world) {
	w.erp.creating = connectors.WriteHandoff
	for _, fields := range w.erp.fields {
		for name, f := range fields {
			f.Write = connectors.WriteHandoff
			fields[name] = f
		}
	}
}

// keyAll is a person who keys what is published.
func keyAll(w *world) {
	born := map[string]map[record.Entity]record.Fields{} // by number: an account and its contact are one block
	for _, h := range w.erp.published {
		if h.Key != "" {
			w.erp.put(h.Entity, h.Key, record.Fields{h.Field: h.Wanted})
			continue
		}
		number := h.Context["number"].Text
		if born[number] == nil {
			born[number] = map[record.Entity]record.Fields{record.Account: {"active": record.BoolOf(true)}, record.Contact: {"full_name": h.Context["name"]}}
		}
		born[number][h.Entity][h.Field] = h.Wanted
	}
	for _, number := range slices.Sorted(maps.Keys(born)) {
		w.erp.next++
		k := record.Key(fmt.Sprint(w.erp.next))
		w.erp.put(record.Account, k, born[number][record.Account])
		born[number][record.Contact]["account"] = record.RefOf(k)
		w.erp.put(record.Contact, k, born[number][record.Contact])
	}
}

// TestPowerCutAnywhere cuts the power once before and after every commit and every write of every story.
//
// Requirement: ACO-9, ACO-13, ACO-57, ACO-58, ACO-63, ACO-64, ACO-77
func TestPowerCutAnywhere(t *testing.T) {
	for _, s := range stories() {
		t.Run(s.name, func(t *testing.T) {
			wrong, points, _ := play(t, s, 0, fault{})
			if len(wrong) > 0 {
				t.Fatalf("without a cut: %q", wrong)
			}
			for k := 1; k <= points; k++ {
				if wrong, _, _ := play(t, s, k, fault{}); len(wrong) > 0 {
					t.Fatalf("cut at point %d of %d: %q", k, points, wrong)
				}
			}
		})
	}
}

// TestEveryAnswerLost spoils every write of every story in every way once.
//
// Requirement: ACO-9, ACO-79, EXT-11
func TestEveryAnswerLost(t *testing.T) {
	for _, s := range stories() {
		for _, kind := range []string{lostBefore, lostAfter, late, busy, serverErr} {
			t.Run(s.name+"/"+kind, func(t *testing.T) {
				_, _, calls := play(t, s, 0, fault{})
				for k := 1; k <= calls; k++ {
					if wrong, _, _ := play(t, s, 0, fault{k, kind}); len(wrong) > 0 {
						t.Fatalf("write %d of %d: %q", k, calls, wrong)
					}
				}
			})
		}
	}
}
