package engine_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/engine"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

// The rebuilding of the map, with the old one at hand or without.
var (
	rebuild = store.Repair{Level: 2, Phase: store.RepairSettle}
	lost    = store.Repair{Level: 2, Phase: store.RepairSettle, Lost: true}
)

// strip takes our identity from a record of the CRM.
func (w *world) strip(e record.Entity, ext string) *record.Record {
	r := w.byExternal(e, ext)
	r.ExternalID = ""
	return r
}

// staff adds a salesperson and a product group.
func (w *world) staff() {
	w.erp.put(record.User, "2", record.Fields{"number": text("7"), "name": text("Ève Roy")})
	w.erp.put(record.Category, "2", record.Fields{"description": text("Outils"), "active": record.BoolOf(true)})
}

// births counts the records that the CRM and the ERP were asked to create since.
func (w *world) births() (n int) {
	for _, s := range []*side{w.erp, w.crm} {
		for _, op := range s.writes {
			if op.Kind == connectors.Create {
				n++
			}
		}
	}
	return n
}

// A box that has lost everything finds every pair again, and has nothing to write.
//
// Requirement: ACO-82
func TestEverythingIsFoundAgainAfterALoss(t *testing.T) {
	for _, twoWay := range []bool{true, false} {
		w := newWorld(t, twoWay)
		w.staff()
		for n := 2; n < 20; n++ {
			w.document(100+n, w.customer(n, fmt.Sprint("Client ", n)))
		}
		w.cycles(3)
		want, before := w.linked(), w.writes()
		w.lose()
		w.resync(lost)
		if diff := cmp.Diff(want, w.linked()); diff != "" || strings.Count(want, "-") != 56 {
			t.Errorf("two-way %v: %s", twoWay, diff)
		}
		if got := w.writes() - before; got != 0 {
			t.Errorf("two-way %v: got %d writes", twoWay, got)
		}
		wantWaits(t, w)
		w.cycles(2)
		if got := w.writes() - before; got != 0 {
			t.Errorf("two-way %v: got %d writes later on", twoWay, got)
		}
	}
}

// matching is a world in which a map is made anew: customers 2 and 3 are there, then something happens.
type matching struct {
	name   string
	kept   bool         // the old map is at hand
	change func(*world) // before the resync
	after  func(*world) // after the loss
	pairs  string       // of the customers, as linked shows them; NEW for records that are created
	waits  []string
	births int
	check  func(*world) []string
}

func matchings() []matching {
	const both = "account 2-1001 account 3-1002 contact 2-1003 contact 3-1004 "
	number := func(ext, number string) func(*world) {
		return func(w *world) { w.strip(record.Account, ext).Fields["Sync.CustomerNumber"] = text(number) }
	}
	return []matching{
		{name: "nothing", pairs: both},
		{name: "by number", pairs: both, change: func(w *world) { w.strip(record.Account, "CU2").Fields["Name"] = text("autre") }},
		{name: "by name and postal code", pairs: both, change: func(w *world) {
			w.strip(record.Account, "CU2").Fields["Name"] = text("CLIENT-2")
			w.crm.records[record.Account]["1001"].Fields["Sync.CustomerNumber"] = record.Value{}
		}},
		{name: "name alone is not enough", pairs: "account 2-NEW account 3-1002 account NEW-1001 contact 2-1003 contact 3-1004 contact NEW-NEW ", births: 3, change: func(w *world) {
			number("CU2", "")(w)
			w.crm.records[record.Account]["1001"].Fields["Postal"] = text("H1H 1H1")
		}},
		{name: "a number that contradicts", pairs: "account 3-1002 contact 2-1003 contact 3-1004 ", change: number("CU2", "C9"),
			waits: []string{"identity account 2 match-unclear", "reference contact 2 reference-missing"}},
		{name: "two in the CRM", pairs: "account 3-1002 contact 2-1003 contact 3-1004 ", change: func(w *world) {
			w.strip(record.Account, "CU2")
			w.crm.put(record.Account, "500", record.Fields{"Name": text("double"), "Sync.CustomerNumber": text("c 2")})
		}, waits: []string{"identity account 2 match-unclear", "reference contact 2 reference-missing"}},
		{name: "two in the ERP", pairs: "account 3-1002 contact 2-1003 contact 3-1004 ", change: func(w *world) {
			number("CU2", "")(w)
			w.customer(4, "Client 2")
			w.erp.put(record.Account, "4", record.Fields{"postal_code": text("G1A 2A2")})
		}, waits: []string{"identity account 2 match-unclear", "identity account 4 match-unclear", "reference contact 2 reference-missing", "reference contact 4 reference-missing"}},
		{name: "one that is linked is like it", pairs: "account 3-1002 contact 2-1003 contact 3-1004 ", change: func(w *world) {
			number("CU2", "")(w)
			quietly(w.crm, record.Account, "1002", record.Fields{"Name": text("Client 2"), "Postal": text("G1A 2A2")})
			quietly(w.erp, record.Account, "3", record.Fields{"name": text("Client 2"), "postal_code": text("G1A 2A2")})
		}, waits: []string{"identity account 2 match-unclear", "reference contact 2 reference-missing"}},
		{name: "two carry the same identity", pairs: "account 3-1002 contact 2-1003 contact 3-1004 ", change: func(w *world) {
			w.crm.put(record.Account, "500", record.Fields{"Name": text("double")}).ExternalID = "CU2"
		}, waits: []string{"identity account 2 match-unclear", "reference contact 2 reference-missing"}},
		{name: "of another company", pairs: "account 2-NEW account 3-1002 contact 2-1003 contact 3-1004 ", births: 1, change: func(w *world) {
			w.byExternal(record.Account, "CU2").ExternalID = "north.CU2"
		}},
		{name: "outside the list", pairs: "account 2-NEW account 3-1002 contact 2-1003 contact 3-1004 ", births: 1, change: func(w *world) {
			w.strip(record.Account, "CU2")
			w.crm.untold = map[string]bool{"account 1001": true}
		}},
		{name: "outside the list, marked long ago", pairs: both, change: func(w *world) {
			w.strip(record.Account, "CU2")
			w.crm.put(record.Account, "500", record.Fields{"Name": text("Ailleurs"), "Sync.CustomerNumber": text("C2")})
			w.crm.untold = map[string]bool{"account 500": true}
		}, after: func(w *world) {
			must(w.t, w.cache.MarkDirty([]store.Dirty{{Entity: record.Account, Side: connectors.CRM, Key: "500"}}))
		}},
		{name: "outside the list, with our identity", pairs: both, change: func(w *world) {
			w.crm.untold = map[string]bool{"account 1001": true, "contact 1003": true}
		}},
		{name: "outside the list, known before", kept: true, pairs: both, change: func(w *world) {
			w.strip(record.Account, "CU2")
			w.crm.untold = map[string]bool{"account 1001": true}
		}},
		{name: "contact by its customer", pairs: both, change: func(w *world) { w.strip(record.Contact, "CC2") }},
		{name: "contact of a customer that is found again", pairs: both, change: func(w *world) {
			w.strip(record.Contact, "CC2")
			w.strip(record.Account, "CU2")
		}},
		{name: "another customer on the card", pairs: both, change: func(w *world) {
			quietly(w.erp, record.Account, "2", record.Fields{"name": text("Un autre"), "number": text("Z9")})
		}, waits: []string{"identity account 2 position-reused", "reference contact 2 reference-missing"}, check: func(w *world) []string {
			return diff(w.crm.records[record.Account]["1001"].Fields["Name"].Text, "Client 2")
		}},
		{name: "card emptied meanwhile", pairs: both, change: func(w *world) {
			for _, e := range []record.Entity{record.Account, record.Contact} {
				w.erp.records[e]["2"].Gone = true
			}
		}, check: isActive("false")},
		{name: "card that is nowhere", pairs: both, change: func(w *world) {
			for _, e := range []record.Entity{record.Account, record.Contact} {
				delete(w.erp.records[e], "2")
			}
		}, check: isActive("false")},
		{name: "card that is nowhere, known before", kept: true, pairs: both, change: func(w *world) {
			for _, e := range []record.Entity{record.Account, record.Contact} {
				delete(w.erp.records[e], "2")
			}
		}, check: isActive("false")},
		{name: "only in the ERP", pairs: "account 2-1001 account 3-1002 account 4-NEW contact 2-1003 contact 3-1004 contact 4-NEW ", births: 2, change: func(w *world) { w.customer(4, "Client 4") }},
		{name: "only in the CRM", pairs: "account 2-1001 account 3-1002 account NEW-5 contact 2-1003 contact 3-1004 contact NEW-6 ", births: 1, change: bornInCRM},
		{name: "without identity, known before", kept: true, pairs: both, change: func(w *world) {
			w.strip(record.Account, "CU2").Fields["Name"] = text("autre")
			w.strip(record.Contact, "CC2")
		}},
		{name: "without identity, known before, nothing alike", kept: true, pairs: "account 3-1002 contact 2-1003 contact 3-1004 ", change: func(w *world) {
			w.strip(record.Account, "CU2").Fields["Name"] = text("autre")
			w.crm.records[record.Account]["1001"].Fields["Sync.CustomerNumber"] = text("Z9")
		}, waits: []string{"identity account 2 match-unclear", "reference contact 2 reference-missing"}},
		{name: "deleted in the CRM, known before", kept: true, pairs: both, change: func(w *world) { delete(w.crm.records[record.Account], "1001") },
			waits: []string{"deleted account 2 crm-record-deleted", "reference contact 2 reference-missing"}},
		{name: "deleted in the CRM, a person was asked", kept: true, pairs: both, change: func(w *world) {
			delete(w.crm.records[record.Account], "1001")
			w.clock.now = w.clock.now.Add(w.set.SweepRarely)
			w.cycles(1)
		}, waits: []string{"deleted account 2 crm-record-deleted", "reference contact 2 reference-missing"}},
		{name: "deleted in the CRM, made again by hand", kept: true, pairs: "account 2-500 account 3-1002 contact 2-1003 contact 3-1004 ", change: func(w *world) {
			delete(w.crm.records[record.Account], "1001")
			w.crm.put(record.Account, "500", record.Fields{"Name": text("Client 2"), "Sync.CustomerNumber": text("C2")})
		}},
	}
}

// TestMatch makes the map anew in each world and looks at which records belong together, and at what was born.
//
// Requirement: ACO-82
func TestMatch(t *testing.T) {
	for _, tt := range matchings() {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, true)
			for n := 2; n < 4; n++ {
				w.customer(n, fmt.Sprint("Client ", n))
				w.erp.put(record.Account, record.Key(fmt.Sprint(n)), record.Fields{"postal_code": text(fmt.Sprintf("G1A %dA%d", n, n))})
			}
			w.cycles(3)
			if tt.change != nil {
				tt.change(w)
			}
			before := w.births()
			r := rebuild
			if !tt.kept {
				w.lose()
				r = lost
			}
			if tt.after != nil {
				tt.after(w)
			}
			w.resync(r)
			w.cycles(2)
			if diff := cmp.Diff(tt.pairs, w.anonymous()); diff != "" {
				t.Errorf("pairs: %s\njournal %v", diff, w.journal())
			}
			wantWaits(t, w, tt.waits...)
			if got := w.births() - before; got != tt.births {
				t.Errorf("%d records were created, want %d", got, tt.births)
			}
			if tt.check != nil {
				if wrong := tt.check(w); len(wrong) > 0 {
					t.Errorf("%q", wrong)
				}
			}
			n := w.writes()
			if w.cycles(3); w.writes() != n {
				t.Errorf("%d writes after everything was quiet: %+v", w.writes()-n, w.crm.writes[len(w.crm.writes)-1])
			}
		})
	}
}

// anonymous is linked with NEW for keys that were given since the first customers were made.
func (w *world) anonymous() string {
	var all []string
	for _, line := range strings.Split(strings.TrimSuffix(w.linked(), " "), " contact ") {
		for i, part := range strings.Split(line, " account ") {
			e, keys := "account", part
			if i == 0 && len(all) > 0 {
				e = "contact"
			}
			keys = strings.TrimPrefix(strings.TrimSpace(keys), "account ")
			erp, crm, _ := strings.Cut(strings.TrimSpace(keys), "-")
			if len(erp) > 1 {
				erp = "NEW"
			}
			if len(crm) == 4 && crm > "1004" {
				crm = "NEW"
			}
			all = append(all, fmt.Sprintf("%s %s-%s ", e, erp, crm))
		}
	}
	slices.SortFunc(all, func(a, b string) int { return strings.Compare(a, b) })
	return strings.Join(all, "")
}

// What an earlier attempt has left of a map is no part of the new one.
//
// Requirement: ACO-82
func TestNothingIsLeftOfAnEarlierAttempt(t *testing.T) {
	w := newWorld(t, true)
	w.customer(2, "Client")
	w.cycles(2)
	want := w.linked()
	must(t, w.state.Aside().Update(func(tx *store.Txn) error {
		for _, e := range []record.Entity{record.Account, "thing"} {
			tx.PutLink(&plan.Link{Entity: e, ERP: "2", CRM: "9", State: plan.Linked})
		}
		return nil
	}))
	w.resync(rebuild)
	if diff := cmp.Diff(want, w.linked()); diff != "" {
		t.Error(diff)
	}
}

// listless is a CRM whose records can't be listed: only looks tell what is there.
type listless struct {
	connectors.Source
	connectors.Target
	connectors.Finder
}

// A CRM that can't be listed is known from what a complete look tells.
//
// Requirement: ACO-82
func TestMatchWithoutLists(t *testing.T) {
	for _, r := range []store.Repair{rebuild, lost} {
		w := newWorld(t, true)
		w.reopen(listless{w.crm, w.crm, w.crm})
		w.document(102, w.customer(2, "Client"))
		w.customer(3, "Autre")
		w.cycles(3)
		w.strip(record.Account, "CU3")
		want, before := w.linked(), w.births()
		if r.Lost {
			w.lose()
			w.reopen(listless{w.crm, w.crm, w.crm})
		}
		w.resync(r)
		if diff := cmp.Diff(want, w.linked()); diff != "" || w.births() != before {
			t.Errorf("lost %v: %d births; %s", r.Lost, w.births()-before, diff)
		}
	}
}

// What the two sides hold differently is told with both values, an empty one gives way, and what only one side
// may change follows its owner.
//
// Requirement: ACO-82
func TestNothingIsErasedByARebuild(t *testing.T) {
	w := newWorld(t, true)
	w.customer(2, "Client")
	w.erp.put(record.Account, "2", record.Fields{"address": text("1 rue A"), "term": text("Net 30")})
	w.cycles(3)
	quietly(w.crm, record.Account, "1001", record.Fields{"City": text("Lévis"), "Web": text("example.org"), "Address1": record.Value{}, "Sync.PaymentTerm": text("Net 90")})
	w.lose()
	w.resync(lost)
	acc, card := w.crm.records[record.Account]["1001"].Fields, w.erp.records[record.Account]["2"].Fields
	if wrong := diff(acc["City"].Text, "Québec", acc["Web"].Text, "example.org", acc["Address1"].Text, "1 rue A", acc["Sync.PaymentTerm"].Text, "Net 30",
		card["city"].Text, "Québec", card["web"].Text, "example.org", card["address"].Text, "1 rue A"); len(wrong) > 0 {
		t.Errorf("%q", wrong)
	}
	var told []string
	must(t, w.state.View(func(tx *store.Txn) {
		tx.Events(0, func(e store.Event) bool {
			if e.Code == "conflict-settled" {
				told = append(told, e.Args["field"]+" "+e.Args["erp"]+" "+e.Args["crm"]+" "+e.Args["won"])
			}
			return true
		})
	}))
	if diff := cmp.Diff([]string{"City Québec Lévis erp"}, told); diff != "" {
		t.Error(diff)
	}
}

// What a person is still to key, or was asked to leave alone, survives a rebuild with the old map at hand.
//
// Requirement: ACO-82
func TestOpenHandoffsSurvive(t *testing.T) {
	w := newWorld(t, true)
	handsOff(w)
	w.customer(2, "Client")
	w.cycles(2)
	w.crm.put(record.Account, w.byExternal(record.Account, "CU2").Key, record.Fields{"City": text("Gaspé")})
	bornInCRM(w)
	w.crm.put(record.Account, "7", record.Fields{"Name": text("Pas celui-ci")})
	w.cycles(3)
	var dismissed string
	must(t, w.state.View(func(tx *store.Txn) {
		tx.AllWaiting(func(x store.Waiting) bool {
			if x.CRM == "7" {
				dismissed = x.Name()
			}
			return true
		})
	}))
	w.must(engine.Dismiss, dismissed)
	w.cycles(2)
	want := slices.Clone(w.erp.published)
	w.resync(rebuild)
	if diff := cmp.Diff(want, w.erp.published); diff != "" || len(want) < 4 {
		t.Errorf("%d hand-offs before: %s", len(want), diff)
	}
	if got := w.byExternal(record.Account, "CU2").Fields["City"].Text; got != "Gaspé" {
		t.Errorf("the edit that waits to be keyed: got %q", got)
	}
	keyAll(w)
	w.cycles(4)
	keyAll(w)
	w.cycles(4)
	if wrong := cityIs("Gaspé")(w); len(wrong) > 0 {
		t.Errorf("%q", wrong)
	}
	if got := len(w.erp.records[record.Account]); got != 2 {
		t.Errorf("%d customers in the ERP, want 2", got)
	}
}

// An identity that was given away is known from the CRM alone, and never given away twice.
//
// Requirement: ACO-82
func TestPassedIdentitiesAreKnown(t *testing.T) {
	w := newWorld(t, true)
	w.customer(2, "Client")
	w.cycles(2)
	passContact(w)
	w.cycles(3)
	w.lose()
	w.resync(lost)
	if got := w.linked(); got != "account 2-1001 contact 2-500 " {
		t.Fatalf("got %s", got)
	}
	w.crm.put(record.Contact, "400", record.Fields{"AccountId": record.RefOf("1001"), "FullName": text("Léa Roy")})
	w.cycles(3)
	if r1, r2 := w.byExternal(record.Contact, "CC2.r1"), w.byExternal(record.Contact, "CC2.r2"); r1 == nil || r2 == nil || r1.Key != "1002" || r2.Key != "500" {
		t.Errorf("got %+v and %+v", r1, r2)
	}
}

// A person says which record it is; until then nothing is created for any of them, on either side.
//
// Requirement: ACO-82
func TestUnclearOnes(t *testing.T) {
	begin := func(t *testing.T) *world {
		w := newWorld(t, true)
		w.customer(2, "Client")
		w.erp.put(record.Account, "2", record.Fields{"postal_code": text("G1A 2A2")})
		w.document(102, "2")
		w.cycles(3)
		w.strip(record.Account, "CU2").Fields["Sync.CustomerNumber"] = record.Value{}
		w.crm.put(record.Account, "500", record.Fields{"Name": text("CLIENT"), "Postal": text("g1a2a2")})
		w.crm.put(record.Contact, "501", record.Fields{"AccountId": record.RefOf("500"), "FullName": text("Léa Roy")})
		w.lose()
		w.resync(lost)
		w.erp.put(record.Account, "2", record.Fields{"city": text("Lévis")})
		w.crm.put(record.Account, "500", record.Fields{"City": text("Gaspé")})
		w.cycles(3)
		wantWaits(t, w, "identity account 2 match-unclear", "reference contact 2 reference-missing", "reference document 102 reference-missing")
		if len(w.erp.records[record.Account]) != 1 || len(w.crm.records[record.Account]) != 2 {
			t.Fatalf("something was created meanwhile")
		}
		return w
	}
	question := func(w *world, choice string) string { return w.name(store.Identity, "") + choice }
	t.Run("one of them", func(t *testing.T) {
		w := begin(t)
		for _, bad := range []string{"", "77"} {
			if err := w.say(engine.Same, question(w, bad)); err == nil {
				t.Errorf("the choice %q was taken", bad)
			}
		}
		w.must(engine.Same, question(w, "1001"))
		w.cycles(5)
		wantWaits(t, w)
		if len(w.erp.records[record.Account]) != 2 || len(w.crm.records[record.Account]) != 2 {
			t.Errorf("%d cards, %d accounts", len(w.erp.records[record.Account]), len(w.crm.records[record.Account]))
		}
		if got := w.crm.records[record.Account]["1001"]; got.ExternalID != "CU2" || got.Fields["City"].Text != "Lévis" {
			t.Errorf("got %+v", got)
		}
		for k, c := range w.erp.records[record.Account] {
			if k != "2" && (c.Fields["name"].Text != "CLIENT" || w.erp.records[record.Contact][k].Fields["full_name"].Text != "Léa Roy") {
				t.Errorf("the other one in the ERP: %+v", c)
			}
		}
	})
	t.Run("not that one, then the other", func(t *testing.T) {
		w := begin(t)
		w.must(engine.NotSame, question(w, "1001"))
		w.cycles(4)
		if got := w.waits(); got[0] != "identity account 2 match-unclear" {
			t.Errorf("waits %v", got)
		}
		w.must(engine.Same, question(w, ""))
		w.cycles(5)
		if got := w.crm.records[record.Account]["500"].ExternalID; got != "CU2" {
			t.Errorf("got %q", got)
		}
	})
	t.Run("none of them", func(t *testing.T) {
		w := begin(t)
		w.must(engine.NotSame, question(w, ""))
		w.cycles(6)
		wantWaits(t, w)
		if len(w.erp.records[record.Account]) != 3 || len(w.crm.records[record.Account]) != 3 {
			t.Errorf("%d cards, %d accounts", len(w.erp.records[record.Account]), len(w.crm.records[record.Account]))
		}
	})
	t.Run("the card is emptied", func(t *testing.T) {
		w := begin(t)
		goneCard(w)
		w.cycles(4)
		if got := w.waits(); slices.Contains(got, "identity account 2 match-unclear") {
			t.Errorf("waits %v", got)
		}
	})
	t.Run("asked anew", func(t *testing.T) {
		w := begin(t)
		name := question(w, "")
		w.resync(rebuild)
		wantWaits(t, w, "identity account 2 match-unclear", "reference contact 2 reference-missing", "reference document 102 reference-missing")
		if got := question(w, ""); got != name {
			t.Errorf("the question is called %s now, was %s", got, name)
		}
	})
}

// A question that nobody has answered when the next resync comes is asked again.
//
// Requirement: ACO-82
func TestStillUnclear(t *testing.T) {
	w := newWorld(t, false)
	w.customer(2, "Client")
	w.cycles(3)
	contact := w.strip(record.Contact, "CC2")
	contact.Fields["AccountId"] = record.RefOf("77") // of which we know nothing
	w.crm.put(record.Account, "77", record.Fields{"Name": text("Client")})
	for range 2 {
		w.must(engine.Resync2, "now")
		w.cycles(5)
		if !slices.Contains(w.waits(), "identity contact 2 match-unclear") {
			t.Errorf("waits %q", w.waits())
		}
	}
}

// A card went to another customer, in an ERP that tells so, and the CRM's record was merged into one that inherited our
// identity, before a resync makes the map anew: the two are no pair.
//
// Requirement: ACO-82
func TestInheritedByAnother(t *testing.T) {
	w := newWorld(t, true)
	startIncarnated(w)
	w.cycles(2)
	heir := w.crm.put(record.Account, "77", record.Fields{"Name": text("Client"), "Sync.CustomerNumber": text("C2")})
	delete(w.crm.records[record.Account], w.byExternal(record.Account, "CU2").Key)
	heir.ExternalID = "CU2"
	replaceCard(w)
	w.resync(rebuild)
	w.cycles(3)
	if heir.Fields["Name"].Text != "Client" || heir.ExternalID == "CU2" {
		t.Errorf("the former customer's is %q, %v", heir.ExternalID, heir.Fields)
	}
}
