package centrixone_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/centrixone"
	"syncbox/connectors/centrixone/centrixonetest"
	"syncbox/connectors/record"
)

// simulated gives a CRM of its own and the connector to it.
func simulated(t *testing.T, o centrixonetest.Options, change ...func(*centrixone.Config)) (*centrixonetest.Server, *centrixone.CRM) {
	t.Helper()
	o.Account, o.Key = account, key
	s := centrixonetest.New(o)
	cfg := config()
	cfg.Overlap = 2 * time.Second
	for _, f := range change {
		f(&cfg)
	}
	var log bytes.Buffer
	c, err := centrixone.New(cfg, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})), s.RoundTripper())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Close()
		if leaks(log.String()) {
			t.Errorf("the log leaks: %s", log.String())
		}
	})
	return s, c
}

// unlimited lets tests ask as fast as they can.
var unlimited = centrixonetest.Options{RateLimit: &centrixonetest.Rate{}}

func apply(t *testing.T, c *centrixone.CRM, ops ...connectors.Op) []record.Key {
	t.Helper()
	var keys []record.Key
	for i, r := range c.Apply(t.Context(), ops) {
		if r.Outcome != connectors.Applied {
			t.Fatalf("op %d (%s %s): %+v", i, ops[i].Entity, ops[i].ExternalID, r)
		}
		keys = append(keys, r.Key)
	}
	return keys
}

// seeded makes one record of each entity.
func seeded(t *testing.T, c *centrixone.CRM) map[record.Entity]record.Record {
	t.Helper()
	all := map[record.Entity]record.Record{}
	add := func(e record.Entity, ext string, f record.Fields) record.Key {
		k := apply(t, c, create(e, ext, f))[0]
		all[e] = record.Record{Entity: e, Key: k, ExternalID: ext, Fields: f}
		return k
	}
	user := add(record.User, "VE12", record.Fields{"Number": record.TextOf("12"), "FullName": record.TextOf("Anne Roy")})
	category := add(record.Category, "PG7", record.Fields{"NameFR": record.TextOf("Chauffage"), "NameEN": record.TextOf("Heating"), "Active": record.BoolOf(true)})
	acct := add(record.Account, "CU1873", record.Fields{"Name": record.TextOf("Plomberie Tremblay"), "Address1": record.TextOf("1, rue Principale"),
		"City": record.TextOf("Québec"), "Province": record.TextOf("QC"), "Postal": record.TextOf("G1A 1A1"), "Country": record.TextOf("CA"),
		"Web": record.TextOf("example.ca"), "Phone1": record.TextOf("418 555-0100 #12"), "Fax": record.TextOf("418 555-0101"), "Language": record.TextOf("FR"),
		"SalesRep": record.RefOf(user), "Sync.CustomerNumber": record.TextOf("1000"), "Sync.PriceList": record.TextOf("Détail"),
		"Sync.PaymentTerm": record.TextOf("Net 30"), "Sync.Discount": number("12.5"), "Sync.Territory": record.TextOf("Nord"), "ERPActive": record.BoolOf(true)})
	contact := add(record.Contact, "CC1873", record.Fields{"AccountId": record.RefOf(acct), "Title": record.TextOf("M."), "FullName": record.TextOf("Guy Côté"), "FirstName": record.TextOf("Guy"),
		"LastName": record.TextOf("Côté"), "Phone1": record.TextOf("418 555-0100"), "Phone2": record.TextOf("418 555-0199"), "Fax": record.TextOf("418 555-0101"), "Cell": record.TextOf("418 555-0102"),
		"Email": record.TextOf("guy@example.ca"), "Language": record.TextOf("FR"), "SalesRep1": record.RefOf(user)})
	add(record.Document, "DO4121", record.Fields{"Title": record.TextOf("104233"), "DocumentKind": record.TextOf("quote"), "StageId": record.TextOf("K.quote"),
		"Percent": number("40"), "AccountId": record.RefOf(acct), "ContactId": record.RefOf(contact), "UserId": record.RefOf(user),
		"Date": {Kind: record.Date, Text: "2026-11-20"}, "Freight": number("85"), "Discount": number("145"), "TotalBeforeTax": number("2840"),
		"Currency": record.TextOf("CAD"), "Lines": record.RowsOf(record.Fields{"No": number("1"), "RevenueCategoryId": record.RefOf(category),
			"ProductCode": record.TextOf("CATHERMO"), "Description": record.TextOf("Thermopompe 12k"), "Quantity": number("2"),
			"UnitPrice": number("1450.5"), "Discount": number("0"), "Total": number("2901")})})
	return all
}

// All fields of all entities come back as they were written, and writing them again changes nothing.
//
// Requirement: ACO-36, ACO-41, ACO-44, ACO-45, ACO-54, ACO-56
func TestSimulatorRoundTrip(t *testing.T) {
	s, c := simulated(t, unlimited)
	if err := c.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	all := seeded(t, c)
	before := s.Counters()
	for e, want := range all {
		if len(c.Fields(e)) != len(want.Fields) {
			t.Errorf("%s: %d fields written of %d", e, len(want.Fields), len(c.Fields(e)))
		}
		found, _, err := c.Read(t.Context(), e, []record.Key{want.Key, "999999"})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]record.Record{want}, found); diff != "" {
			t.Errorf("%s (-want +got):\n%s", e, diff)
		}
		apply(t, c, create(e, want.ExternalID, want.Fields), update(e, want.Key, want.Fields))
		keys, err := c.Find(t.Context(), e, findBy[e], want.Fields[findBy[e]])
		if err != nil || !slices.Equal(keys, []record.Key{want.Key}) {
			t.Errorf("%s found by %s: %v, %v", e, findBy[e], keys, err)
		}
		for external, there := range map[string][]record.Key{want.ExternalID: {want.Key}, want.ExternalID + "9": nil} {
			keys, err := c.Find(t.Context(), e, connectors.ExternalIDField, record.TextOf(external))
			if err != nil || !slices.Equal(keys, there) {
				t.Errorf("%s found by external id %s: %v, %v; want %v", e, external, keys, err, there)
			}
		}
	}
	if after := s.Counters(); after.Created != before.Created || after.Updated != before.Updated {
		t.Errorf("writing again created %d and updated %d", after.Created-before.Created, after.Updated-before.Updated)
	}
	list, _ := s.ProtectedList("")
	acct, _ := s.AccountByExternalID("CU1873")
	contact, _ := s.ContactByExternalID("CC1873")
	if !slices.Equal(acct.Lists, []int64{list.ID}) || !slices.Equal(contact.Lists, []int64{list.ID}) {
		t.Errorf("lists %v and %v, want %d", acct.Lists, contact.Lists, list.ID)
	}
	if acct.Sync.Discount != "12.50" || acct.ModifiedBy != "sync" {
		t.Errorf("discount %q by %s", acct.Sync.Discount, acct.ModifiedBy)
	}
}

var findBy = map[record.Entity]string{record.User: "Number", record.Category: "NameFR", record.Account: "Sync.CustomerNumber",
	record.Contact: "Email", record.Document: "Title"}

// What is made for an ERP that knows no language has the one that the site chose; it is the CRM's own from then on.
//
// Requirement: QBO-7
func TestSimulatorNewLanguage(t *testing.T) {
	s, c := simulated(t, centrixonetest.Options{Source: centrixonetest.QuickBooks, RateLimit: &centrixonetest.Rate{}},
		func(c *centrixone.Config) { c.Source, c.NewLanguage = "quickbooks", "EN" })
	acct := apply(t, c, create(record.Account, "CU58", record.Fields{"Name": record.TextOf("Amy's Bird Sanctuary")}))[0]
	apply(t, c, create(record.Contact, "CC58", record.Fields{"AccountId": record.RefOf(acct), "FullName": record.TextOf("Amy Lauterbach")}),
		create(record.Contact, "CC59", record.Fields{"AccountId": record.RefOf(acct), "Language": record.TextOf("FR")}),
		create(record.Category, "PG3", record.Fields{"NameFR": record.TextOf("Design")}))
	apply(t, c, update(record.Account, acct, record.Fields{"Language": record.TextOf("FR")}), update(record.Account, acct, record.Fields{"City": record.TextOf("Bayshore")}))
	account, _ := s.AccountByExternalID("CU58")
	contact, _ := s.ContactByExternalID("CC58")
	other, _ := s.ContactByExternalID("CC59")
	if account.Language != "FR" || contact.Language != "EN" || other.Language != "FR" {
		t.Errorf("languages %q, %q and %q, want FR as it was set later, EN, and FR as it was told", account.Language, contact.Language, other.Language)
	}
}

// What is cleared is gone, and what is not named stays.
func TestSimulatorClear(t *testing.T) {
	s, c := simulated(t, unlimited)
	all := seeded(t, c)
	apply(t, c, update(record.Account, all[record.Account].Key, record.Fields{"City": {}, "Sync.Territory": {}, "SalesRep": {}}),
		update(record.Document, all[record.Document].Key, record.Fields{"Lines": {}, "Freight": {}}))
	acct, _ := s.AccountByExternalID("CU1873")
	if acct.City != "" || acct.Sync.Territory != "" || acct.SalesRep != 0 || acct.Name != "Plomberie Tremblay" || acct.Sync.PriceList != "Détail" {
		t.Errorf("account %+v", acct)
	}
	doc, _ := s.OpportunityByExternalID("DO4121")
	if len(doc.Lines) != 0 || doc.Title != "104233" {
		t.Errorf("document %+v", doc)
	}
}

// A card position that passes to another customer, in one request.
//
// Requirement: ACO-63
func TestSimulatorDisplace(t *testing.T) {
	s, c := simulated(t, unlimited)
	old := seeded(t, c)[record.Account].Key
	op := create(record.Account, "CU1873", record.Fields{"Name": record.TextOf("Another")})
	if got := c.Apply(t.Context(), []connectors.Op{update(record.Account, old, nil), {Kind: connectors.Update, Entity: record.Contact, Key: "999", Fields: record.Fields{"Fax": {}}}}); got[1].Outcome != connectors.NotApplied {
		t.Errorf("missing record: %+v", got[1])
	} else {
		wantError(t, got[1].Err, connectors.Rejected, centrixone.CodeRecordMissing)
	}
	op.Displace = &connectors.Op{Kind: connectors.Update, Entity: record.Account, Key: old, ExternalID: "CU1873.r1",
		Fields: record.Fields{"ERPActive": record.BoolOf(false)}}
	key := apply(t, c, op)[0]
	if key == old {
		t.Fatalf("the old record %s was updated", old)
	}
	was, _ := s.AccountByExternalID("CU1873.r1")
	now, _ := s.AccountByExternalID("CU1873")
	if fmt.Sprint(was.ID) != string(old) || was.ERPActive || fmt.Sprint(now.ID) != string(key) {
		t.Errorf("old %+v, new %+v", was, now)
	}
	taken := update(record.Account, old, nil)
	taken.ExternalID = "CU1873"
	got := c.Apply(t.Context(), []connectors.Op{taken})
	wantError(t, got[0].Err, connectors.Rejected, centrixone.CodeConflict)
}

// People's work shows in the next look: an edit, a new customer, another primary contact.
//
// Requirement: ACO-56, ACO-57
func TestSimulatorObserve(t *testing.T) {
	o := unlimited
	o.Write = true
	s, c := simulated(t, o)
	all := seeded(t, c)
	acct, contact := "account "+string(all[record.Account].Key), "contact "+string(all[record.Contact].Key)
	n := newNotebook()
	want(t, "first look", observe(t, c, n), acct, contact)
	if got := n.seen[all[record.Contact].Key]; !got.Fields.Equal(all[record.Contact].Fields) || got.ExternalID != "CC1873" {
		t.Errorf("seen %+v", got)
	}
	s.AdvanceClock(time.Minute)
	want(t, "nothing", observe(t, c, n))

	list, _ := s.ProtectedList("")
	clerk := s.Person(centrixonetest.Clerk)
	id := accountID(t, s, "CU1873")
	older, err := clerk.Create(centrixonetest.Contacts, centrixonetest.Fields{"AccountId": id, "FullName": "Zoé Roy"})
	if err != nil {
		t.Fatal(err)
	}
	if err := clerk.Edit(centrixonetest.Accounts, id, centrixonetest.Fields{"City": "Lévis"}); err != nil {
		t.Fatal(err)
	}
	born, err := clerk.Create(centrixonetest.Accounts, centrixonetest.Fields{"Name": "Newborn", "Lists": []int64{list.ID}})
	if err != nil {
		t.Fatal(err)
	}
	s.AdvanceClock(time.Minute)
	newborn := fmt.Sprintf("account %d", born)
	want(t, "an edit and a new customer", observe(t, c, n), sorted(acct, newborn)...)
	if got := n.seen[record.Key(fmt.Sprint(born))]; got.ExternalID != "" || got.Fields["Name"].Text != "Newborn" {
		t.Errorf("seen %+v", got)
	}
	// A contact outside the list comes in, younger than the primary one; then the primary one leaves.
	if err := clerk.CopyToList(centrixonetest.Contacts, older, list.ID); err != nil {
		t.Fatal(err)
	}
	s.AdvanceClock(time.Minute)
	want(t, "a second contact", observe(t, c, n))
	primary, _ := s.ContactByExternalID("CC1873")
	if err := s.Support().LeaveList(centrixonetest.Contacts, primary.ID, list.ID); err != nil {
		t.Fatal(err)
	}
	s.AdvanceClock(time.Minute)
	want(t, "the primary one left", observe(t, c, newNotebook()), sorted(acct, newborn, fmt.Sprintf("contact %d", older))...)
	if got := s.Counters(); got.OtherVerbs != 0 {
		t.Errorf("%d requests that are neither GET nor POST", got.OtherVerbs)
	}
}

func sorted(list ...string) []string {
	slices.Sort(list)
	return list
}

func accountID(t *testing.T, s *centrixonetest.Server, ext string) int64 {
	t.Helper()
	a, ok := s.AccountByExternalID(ext)
	if !ok {
		t.Fatalf("no account %s", ext)
	}
	return a.ID
}

// An unchanged CRM answers a quiet look with 304 only.
//
// Requirement: EXT-11
func TestSimulatorQuiet(t *testing.T) {
	s, c := simulated(t, unlimited)
	seeded(t, c)
	n := newNotebook()
	for range 3 {
		observe(t, c, n)
		s.AdvanceClock(time.Minute)
	}
	mark := s.Mark()
	want(t, "quiet", observe(t, c, n))
	calls := s.Journal(centrixonetest.JournalQuery{After: mark})
	for _, call := range calls {
		if call.Outcome != centrixonetest.NotModified {
			t.Errorf("%s %s: %s", call.Resource, call.Base, call.Outcome)
		}
	}
	if len(calls) != 3 {
		t.Errorf("%d calls, want one each for lists, accounts and contacts", len(calls))
	}
}

// Broken protected objects are found.
//
// Requirement: ACO-40, ACO-55
func TestSimulatorDrift(t *testing.T) {
	o := unlimited
	o.AutomaticBilling = true
	s, c := simulated(t, o, func(c *centrixone.Config) { c.Contracts = true })
	if err := c.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	stage, _ := s.StageByKey("contract")
	if err := s.Support().Edit(centrixonetest.Stages, stage.ID, centrixonetest.Fields{"NameFR": "Entente"}); err != nil {
		t.Fatal(err)
	}
	wantError(t, c.Check(t.Context()), connectors.Drift, centrixone.CodeStageRenamed)
	list, _ := s.ProtectedList("")
	if err := s.Support().Delete(centrixonetest.Lists, list.ID); err != nil {
		t.Fatal(err)
	}
	wantError(t, c.Check(t.Context()), connectors.Drift, centrixone.CodeListMissing)
	s.Reset()
	_, quick := simulated(t, centrixonetest.Options{Source: centrixonetest.QuickBooks}, func(c *centrixone.Config) { c.Source = "quickbooks" })
	if err := quick.Check(t.Context()); err != nil {
		t.Errorf("QuickBooks: %v", err)
	}
	_, north := simulated(t, centrixonetest.Options{Companies: []string{"north", "south"}}, func(c *centrixone.Config) { c.List = "Acomba north" })
	if err := north.Check(t.Context()); err != nil {
		t.Errorf("several companies: %v", err)
	}
}

// A deleted contact is told by a 500 for its invoices alone; the others arrive.
//
// Requirement: ACO-75, ACO-77, ACO-79
func TestSimulatorMissingReference(t *testing.T) {
	s, c := simulated(t, unlimited)
	all := seeded(t, c)
	gone, _ := s.ContactByExternalID("CC1873")
	if err := s.Support().Delete(centrixonetest.Contacts, gone.ID); err != nil {
		t.Fatal(err)
	}
	var ops []connectors.Op
	for i := range 6 {
		fields := record.Fields{"Title": record.TextOf(fmt.Sprint(i)), "DocumentKind": record.TextOf("invoice"), "StageId": record.TextOf("K.invoice"),
			"AccountId": record.RefOf(all[record.Account].Key)}
		if i == 2 {
			fields["ContactId"] = record.RefOf(all[record.Contact].Key)
		}
		ops = append(ops, create(record.Document, fmt.Sprintf("DO%d", i), fields))
	}
	got := c.Apply(t.Context(), ops)
	if outcomes(got) != "AARAAA" {
		t.Fatalf("outcomes %s", outcomes(got))
	}
	wantError(t, got[2].Err, connectors.Rejected, centrixone.CodeServerError)
	var keys []record.Key
	if err := c.Sweep(t.Context(), record.Contact, func(k record.Key) { keys = append(keys, k) }); err != nil || len(keys) != 0 {
		t.Errorf("sweep %v, %v", keys, err)
	}
}

// However a write goes wrong, its outcome never claims what is not so.
//
// Requirement: EXT-11, EXT-12
func TestSimulatorFaults(t *testing.T) {
	for _, tc := range []struct {
		fault   centrixonetest.Fault
		outcome string
	}{
		{centrixonetest.Fault{Kind: centrixonetest.Status, Status: 503, RetryAfter: time.Minute}, "NN"},
		{centrixonetest.Fault{Kind: centrixonetest.Status, Status: 503, RetryAfter: time.Minute, RetryDate: true}, "NN"},
		{centrixonetest.Fault{Kind: centrixonetest.Status, Status: 503}, "DD"},
		{centrixonetest.Fault{Kind: centrixonetest.Status, Status: 500}, "AA"}, // read back, and sent again in halves
		{centrixonetest.Fault{Kind: centrixonetest.Status, Status: 500, Done: true}, "RR"},
		{centrixonetest.Fault{Kind: centrixonetest.HTML200}, "RR"},
		{centrixonetest.Fault{Kind: centrixonetest.HTML200, Done: true}, "RR"},
		{centrixonetest.Fault{Kind: centrixonetest.NotSuccess}, "RR"},
		{centrixonetest.Fault{Kind: centrixonetest.WrongType}, "RR"},
		{centrixonetest.Fault{Kind: centrixonetest.CutBody, Keep: 30}, "DD"},
		{centrixonetest.Fault{Kind: centrixonetest.CloseBefore}, "DD"},
		{centrixonetest.Fault{Kind: centrixonetest.CloseAfter}, "DD"},
		{centrixonetest.Fault{Kind: centrixonetest.AppliedLate, Delay: time.Hour}, "DD"},
		{centrixonetest.Fault{Kind: centrixonetest.Delay, Delay: time.Hour}, "DD"},
		{centrixonetest.Fault{Kind: centrixonetest.DelayAnswer, Delay: time.Hour}, "DD"},
	} {
		t.Run(fmt.Sprintf("%s %d %v", tc.fault.Kind, tc.fault.Status, tc.fault.Done), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { faulty(t, tc.fault, tc.outcome) })
		})
	}
}

func faulty(t *testing.T, fault centrixonetest.Fault, want string) {
	o := unlimited
	o.After = func(time.Duration, func()) {}
	s, c := simulated(t, o)
	fault.Method = "POST"
	s.AddFault(fault)
	got := c.Apply(t.Context(), []connectors.Op{
		create(record.User, "VE1", record.Fields{"Number": record.TextOf("1")}), create(record.User, "VE2", record.Fields{"Number": record.TextOf("2")})})
	if outcomes(got) != want {
		t.Errorf("outcomes %s, want %s (%v)", outcomes(got), want, got[0].Err)
	}
	for i, r := range got {
		_, there := s.UserByExternalID(fmt.Sprintf("VE%d", i+1))
		if r.Outcome == connectors.Applied && !there || r.Outcome == connectors.NotApplied && there {
			t.Errorf("op %d: outcome %s, yet there: %v", i, outcomes(got), there)
		}
		if r.Err != nil && leaks(fmt.Sprintf("%+v %#v", r.Err, r.Err)) {
			t.Errorf("the error leaks: %v", r.Err)
		}
	}
	if twice := s.CreatedTwice(centrixonetest.Users); len(twice) != 0 {
		t.Errorf("created twice: %v", twice)
	}
}

// A long bad day: writes and looks with one call in five broken, and a 500 now and then. Outcomes are true, looks lose nothing,
// and nothing is made twice.
//
// Requirement: EXT-11
func TestSimulatorBadDay(t *testing.T) {
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { synctest.Test(t, func(t *testing.T) { badDay(t, seed) }) })
	}
}

func badDay(t *testing.T, seed uint64) {
	o := unlimited
	o.After = func(time.Duration, func()) {} // what is late stays away
	s, c := simulated(t, o, func(c *centrixone.Config) { c.Timeout, c.BatchSize = 20*time.Millisecond, 6 })
	kinds := []centrixonetest.FaultKind{centrixonetest.HTML200, centrixonetest.NotSuccess, centrixonetest.WrongType,
		centrixonetest.CutBody, centrixonetest.CloseBefore, centrixonetest.CloseAfter, centrixonetest.AppliedLate, centrixonetest.NoLastModified}
	s.SetRandomFaults(centrixonetest.RandomFaults{Seed: seed, Rate: 0.2, Kinds: kinds})
	n := newNotebook()
	told := map[string]bool{}
	look := func() error {
		err := c.Observe(t.Context(), n)
		n.waiting, n.pending = nil, map[string][]byte{}
		for _, text := range n.told {
			told[text] = true
		}
		return err
	}
	open := map[string]bool{}
	for i := range 60 {
		open[fmt.Sprintf("CU%d", i)] = true
	}
	for round := 0; len(open) > 0 && round < 200; round++ {
		var ops []connectors.Op
		before := map[string]bool{} // by an earlier write whose answer was lost
		for _, ext := range slices.Sorted(maps.Keys(open))[:min(6, len(open))] {
			ops = append(ops, create(record.Account, ext, record.Fields{"Name": record.TextOf(ext)}))
			_, before[ext] = s.AccountByExternalID(ext)
		}
		s.AddFault(centrixonetest.Fault{Kind: centrixonetest.Status, Method: "POST", Done: round%2 == 0, Skip: 1})
		for i, r := range c.Apply(t.Context(), ops) {
			_, there := s.AccountByExternalID(ops[i].ExternalID)
			switch {
			case r.Outcome == connectors.Applied && there:
				delete(open, ops[i].ExternalID)
			case r.Outcome == connectors.Applied, r.Outcome == connectors.NotApplied && there && !before[ops[i].ExternalID]:
				t.Fatalf("%s: %+v, yet there: %v", ops[i].ExternalID, r, there)
			}
		}
		look() // may fail; the last one tells what was missed
		s.AdvanceClock(time.Second)
	}
	s.ClearFaults()
	s.AdvanceClock(time.Minute)
	if err := look(); err != nil || len(open) > 0 {
		t.Fatalf("%v, %d left", err, len(open))
	}
	for _, a := range s.Accounts() {
		if !told[fmt.Sprintf("account %d", a.ID)] {
			t.Errorf("account %d was not told", a.ID)
		}
	}
	if twice := s.CreatedTwice(centrixonetest.Accounts); len(twice) != 0 || len(s.Accounts()) != 60 {
		t.Errorf("%d accounts, created twice: %v", len(s.Accounts()), twice)
	}
}

// A wrong key and a wrong account stop the side; neither is in the error.
//
// Requirement: EXT-12
func TestSimulatorLogOn(t *testing.T) {
	for _, change := range []func(*centrixone.Config){
		func(c *centrixone.Config) { c.APIKey = key + "x" },
		func(c *centrixone.Config) { c.Account = account + "1" },
	} {
		_, c := simulated(t, unlimited, change)
		wantError(t, c.Check(t.Context()), connectors.Auth, centrixone.CodeAuth)
		wantError(t, c.Observe(t.Context(), newNotebook()), connectors.Auth, centrixone.CodeAuth)
		got := c.Apply(t.Context(), []connectors.Op{update(record.User, "5", nil)})
		wantError(t, got[0].Err, connectors.Auth, centrixone.CodeAuth)
		if got[0].Outcome != connectors.NotApplied {
			t.Errorf("outcome %s", outcomes(got))
		}
	}
}

// The client keeps to its own rate, half of what the CRM allows, and never meets the CRM's limit.
func TestSimulatorRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := simulated(t, centrixonetest.Options{}, func(c *centrixone.Config) { c.Rate = 0 })
		var err error
		for range 50 {
			err = errors.Join(err, c.Check(t.Context()))
		}
		if got := s.Counters(); err != nil || got.Throttled != 0 || got.PeakConcurrent > 1 || got.PeakPerSecond > 6 {
			t.Errorf("counters %+v, error %v", got, err)
		}
	})
}
