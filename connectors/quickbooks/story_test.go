package quickbooks_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/quickbooks"
	"syncbox/connectors/quickbooks/quickbookstest"
	"syncbox/connectors/record"
)

// story is a company at work, and who follows it and writes into it.
type story struct {
	*mirror
	*quickbookstest.Person
	gate                            *gate
	nord, sud, ouest, est           string // customers; ouest is inactive
	goods, work, screw, hour        string // two categories, and an item in each
	estimate, invoice, credit, last string // documents of nord; the last one of sud
	ops                             int
}

// newStory enters a small company.
func newStory(t *testing.T, w quickbookstest.Switches) *story {
	t.Helper()
	time.Sleep(time.Until(time.Date(2026, 11, 9, 9, 0, 0, 0, time.UTC))) // a clock before that ends no month
	g := &gate{"access-1"}
	m := newMirror(t, w, g)
	s := &story{mirror: m, Person: m.api.Person(), gate: g}
	enter := func(id string, err error) string { t.Helper(); must(t, err); return id }
	s.goods, s.work = enter(s.CreateCategory("Produits", "")), enter(s.CreateCategory("Travaux", ""))
	s.screw = enter(s.CreateItem(s.goods, quickbookstest.Object{"Name": "Vis", "Sku": "V-1", "Type": "NonInventory"}))
	s.hour = enter(s.CreateItem(s.work, quickbookstest.Object{"Name": "Heure", "Type": "Service"}))
	customer := func(name, mail string) string {
		return enter(s.CreateCustomer(quickbookstest.Object{"DisplayName": name, "CompanyName": name, "PrimaryEmailAddr": obj{"Address": mail},
			"BillAddr": obj{"Line1": "1, rue A", "City": "Lévis"}, "PrimaryPhone": obj{"FreeFormNumber": "(418) 555-0100"}}))
	}
	s.nord, s.sud = customer("Nord", "un@exemple.test, deux@exemple.test"), customer("Sud", "sud@exemple.test")
	s.ouest, s.est = customer("Ouest", ""), customer("Est", "est@exemple.test")
	must(t, s.Deactivate(quickbookstest.Customer, s.ouest))
	of := func(customer, item string) quickbookstest.NewDocument {
		return quickbookstest.NewDocument{Customer: customer, Tax: "14.975", Lines: []quickbookstest.NewLine{{Item: item, Description: "Ligne", Quantity: "3", UnitPrice: "10.33"}}}
	}
	s.estimate, s.credit = enter(s.CreateEstimate(of(s.nord, s.hour))), enter(s.CreateCreditMemo(of(s.nord, s.screw)))
	within := of(s.nord, s.screw)
	within.Inclusive, within.Shipping, within.Discount = true, "5", "10"
	s.invoice, s.last = enter(s.CreateInvoice(within)), enter(s.CreateInvoice(of(s.sud, s.screw)))
	time.Sleep(time.Hour)
	return s
}

// first is the first look.
func (s *story) first() {
	s.follow()
	s.equal()
	for _, e := range []record.Entity{record.Account, record.Document, record.Category} {
		var keys []record.Key
		s.patient("sweep", func() error {
			keys = nil
			return s.Sweep(s.t.Context(), e, func(k record.Key) { keys = append(keys, k) })
		})
		slices.Sort(keys)
		var want []record.Key
		for k := range s.known[e] {
			want = append(want, k)
		}
		slices.Sort(want)
		if diff := cmp.Diff(want, keys); diff != "" {
			s.t.Errorf("swept %s: %s", e, diff)
		}
	}
}

// people is a day of work.
func (s *story) people() {
	for _, deed := range []func() error{
		func() error {
			return s.EditCustomer(s.sud, quickbookstest.Object{"DisplayName": "Sud inc.", "CompanyName": "Sud inc."})
		},
		func() error { return s.EditItem(s.hour, quickbookstest.Object{"Name": "Heures"}) },
		func() error { return s.EditItem(s.screw, quickbookstest.Object{"ParentRef": obj{"value": s.work}}) },
		func() error { return s.Deactivate(quickbookstest.Item, s.goods) },
		func() error { return s.Deactivate(quickbookstest.Customer, s.est) },
		func() error { _, err := s.Convert(s.estimate); return err },
		func() error { return s.Void(quickbookstest.CreditMemo, s.credit) },
		func() error { return s.Activate(quickbookstest.Customer, s.est) },
		func() error { // it breaks each page that it is on
			_, err := s.CreateInvoice(quickbookstest.NewDocument{Customer: s.sud, BillEmail: "par la poste", Lines: []quickbookstest.NewLine{{Item: s.hour, UnitPrice: "7"}}})
			return err
		},
		func() error { return s.Delete(quickbookstest.Invoice, s.last) },
	} {
		must(s.t, deed())
		s.follow()
		s.equal()
		time.Sleep(20 * time.Minute)
	}
}

// merged is a merge: nothing goes on with it until a person has said so, and everything does then.
func (s *story) merged() {
	must(s.t, s.Merge(s.sud, s.nord))
	s.follow()
	held := []string{"account " + s.nord, "contact " + s.nord}
	for _, d := range s.api.Documents() {
		letter := map[quickbookstest.Entity]string{quickbookstest.Estimate: "E", quickbookstest.Invoice: "I", quickbookstest.CreditMemo: "C"}[d.Kind]
		if known := s.known[record.Document][record.Key(letter+d.ID)]; known.Held != "" {
			held = append(held, "document "+letter+d.ID)
		}
	}
	if len(held) < 5 {
		s.t.Errorf("held: %v, want two records and the three documents of the merged customer at least", held)
	}
	s.equal(held...)
	s.Relink(record.Account, record.Key(s.nord), record.Key(s.sud))
	s.follow()
	s.equal()
	time.Sleep(time.Hour)
}

// flood is more changes than the feed tells at once.
func (s *story) flood() {
	for range 1010 {
		_, err := s.CreateInvoice(quickbookstest.NewDocument{Customer: s.est})
		must(s.t, err)
	}
	must(s.t, s.Delete(quickbookstest.Invoice, s.invoice))
	must(s.t, s.EditCustomer(s.sud, quickbookstest.Object{"BillAddr": obj{"Line1": "1, rue A", "City": "Amos"}}))
	time.Sleep(10 * time.Minute) // the overlap of the next look does not show them once more
	s.follow()
	s.equal()
	time.Sleep(time.Hour)
}

// apply does a write under a new key, again after a pause where there is need.
func (s *story) apply(op connectors.Op) (r connectors.Result) {
	s.t.Helper()
	s.patient("write", func() error {
		s.ops++
		op.ID = fmt.Sprint("box-1-", s.ops)
		token, err := s.Prepare(s.t.Context(), op)
		if op.Token = token; err == nil {
			r = s.Apply(s.t.Context(), []connectors.Op{op})[0]
			err = r.Err
		}
		if connectors.KindOf(err) == connectors.Rejected {
			r = connectors.Result{Outcome: connectors.NotApplied, Err: err}
			return nil
		}
		return err
	})
	return r
}

// writes are changes of ours.
func (s *story) writes() {
	w := s.api.Switches()
	change := func(e record.Entity, customer string, pairs ...string) connectors.Result {
		return s.apply(connectors.Op{Kind: connectors.Update, Entity: e, Key: record.Key(customer), Fields: fieldsOf(pairs...)})
	}
	for _, r := range []connectors.Result{
		change(record.Account, s.sud, "city", "Gaspé", "address", "2, rue B"), change(record.Contact, s.est, "email", "", "phone", ""),
		change(record.Contact, s.sud, "email", "trois@exemple.test", "phone", "514 555-0199"), change(record.Account, s.est, "name", "Est inc."),
	} {
		if r.Outcome != connectors.Applied {
			s.t.Errorf("an update: %+v", r)
		}
	}
	s.api.AddFault(quickbookstest.Fault{Kind: quickbookstest.CloseAfter, Op: quickbookstest.OpCreate, Count: 1})
	born := func(name string) connectors.Result {
		return s.apply(connectors.Op{Kind: connectors.Create, Entity: record.Account, Fields: fieldsOf("name", name),
			With: []connectors.Op{{Entity: record.Contact, Fields: fieldsOf("full_name", "Ève Roy", "email", "eve@exemple.test")}}})
	}
	for _, try := range []struct {
		name string
		r    connectors.Result
		done bool
		code string
	}{
		{"a new customer", born("Neuf"), true, ""},
		{"the name of another", born("Sud inc."), false, quickbooks.CodeNameTaken},
		{"the name of an inactive one", born("Ouest"), w.InactiveFreesName, quickbooks.CodeNameTaken},
		{"a long title", change(record.Contact, s.est, "title", strings.Repeat("é", 16)), !w.ShortNames, quickbooks.CodeTooLong},
		{"an inactive customer", change(record.Account, s.ouest, "city", "Amos"), w.InactiveEditable, ""},
	} {
		switch {
		case try.done && try.r.Outcome != connectors.Applied, !try.done && try.r.Outcome != connectors.NotApplied:
			s.t.Errorf("%s: %+v", try.name, try.r)
		case !try.done && try.code != "" && connectors.CodeOf(try.r.Err) != try.code:
			s.t.Errorf("%s: %v", try.name, try.r.Err)
		}
	}
	c, _ := s.api.Customer(s.sud)
	if got := c.Line1 + "|" + c.City + "|" + c.Email + "|" + c.Phone; got != "2, rue B|Gaspé|trois@exemple.test|514 555-0199" {
		s.t.Errorf("what was written: %s", got)
	}
	s.follow()
	s.equal()
	if len(s.api.Forbidden()) > 0 {
		s.t.Errorf("written: %v", s.api.Forbidden())
	}
	time.Sleep(time.Hour)
}

// limits are reached, and a token has ended.
func (s *story) limits() {
	s.gate.token = "access-2"
	limits := quickbookstest.StandardLimits
	limits.PerMinute = 2
	s.api.SetLimits(limits)
	for n := range 4 {
		must(s.t, s.EditCustomer(s.est, quickbookstest.Object{"Fax": obj{"FreeFormNumber": fmt.Sprint(n)}, "PrimaryPhone": obj{"FreeFormNumber": fmt.Sprint("418 555-010", n)}}))
		s.follow()
	}
	if s.api.Counters().Throttled == 0 {
		s.t.Error("no limit was reached")
	}
	for _, early := range s.api.EarlyRetries() {
		s.t.Errorf("too early: %+v", early)
	}
	s.api.SetLimits(quickbookstest.StandardLimits)
	s.equal()
}

// usedUp is a month without reads left, and the next one.
func (s *story) usedUp() {
	limits := quickbookstest.StandardLimits
	limits.MonthlyReads = s.api.MonthReads()
	s.api.SetLimits(limits)
	must(s.t, s.EditCustomer(s.est, quickbookstest.Object{"PrimaryPhone": obj{"FreeFormNumber": "418 555-0177"}}))
	s.notes.Begin()
	if err := s.look(); err == nil {
		s.t.Error("a look in a month without reads left")
	}
	was := s.api.Counters().Calls
	if err := s.look(); err == nil || s.api.Counters().Calls != was {
		s.t.Error("it was asked again at once")
	}
	s.api.SetLimits(quickbookstest.StandardLimits)
	time.Sleep(32 * 24 * time.Hour)
	s.follow()
	s.equal()
}

// quiet is a time in which nothing happens: a look is one read.
func (s *story) quiet() {
	for range 3 {
		time.Sleep(time.Hour)
		before := s.api.MonthReads()
		s.follow()
		if n := s.api.MonthReads() - before; n != 1 || len(s.notes.Told) > 0 {
			s.t.Errorf("an idle look: %d reads, told %v", n, s.notes.Told)
		}
	}
}
