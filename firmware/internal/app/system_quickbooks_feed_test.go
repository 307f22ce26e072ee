package app_test

import (
	"fmt"
	"testing"

	"syncbox/connectors/quickbooks"
	"syncbox/connectors/quickbooks/quickbookstest"
	"syncbox/sync/engine"
)

// More changes at once than the change feed holds, which it cuts off without a word: all of them arrive all the same, and so does
// what was typed in the CRM meanwhile.
//
// Requirement: QBO-1, QBO-9
func TestQuickBooksFeedFull(t *testing.T) {
	t.Parallel()
	const many = 1020                                                        // the feed holds 1,000
	const unbraked = "[job.limits]\nto_crm_min = 5000\nto_crm_percent = 100" // so many changes would wait for a person's word
	o := newOnline(t, quickbookstest.Seed{Seed: 31, Customers: many, Documents: 4, WithoutAbnormal: true, Inactive: -1, Converted: -1}, unbraked)
	o.until("first sync", o.equal)
	must(t, o.app.Jobs[0].Do(t.Context(), engine.Stop, "")) // or some would be told before the others are typed
	typed := o.people()[0]
	for n, c := range o.ERP.Customers() {
		if c.ID != typed {
			must(t, o.ERP.Person().EditCustomer(c.ID, quickbookstest.Object{"CompanyName": fmt.Sprintf("Entreprise %d inc.", n)}))
		}
	}
	o.city(typed, true, "Amos")
	must(t, o.app.Jobs[0].Do(t.Context(), engine.Start, ""))
	o.until("all changes are across", func() bool { return o.lives(typed, "Amos") && o.equal() })
	must(t, o.NoDoubles())
	must(t, o.Forbidden())
}

// The change feed alone ends early, again and again: that is told, nothing is compared without it and so nothing is written, and
// nothing is lost.
//
// Requirement: QBO-9, QBO-52
func TestQuickBooksFeedTruncated(t *testing.T) {
	t.Parallel()
	o := plainOnline(t, 32)
	b := faulty("a feed that ends early", quickbookstest.Fault{Kind: quickbookstest.Truncated, Op: quickbookstest.OpCDC, Keep: 200}, quickbooks.CodeBadAnswer)
	b.begins(o)
	o.typed()
	o.toldOf(b.codes...)
	o.restsUntil(func() { b.ends(o) })
}

// restsUntil makes sure that nothing of what was typed is across while QuickBooks can't be looked at, and that all of it is once
// that has ended.
func (o *online) restsUntil(end func()) {
	o.t.Helper()
	people := o.people()
	if o.lives(people[0], "Là-bas") || o.lives(people[1], "Ici") {
		o.t.Error("something was written that was not compared")
	}
	end()
	o.goesOn()
}
