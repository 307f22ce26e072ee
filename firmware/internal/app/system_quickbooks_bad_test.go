package app_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"syncbox/connectors/pairs"
	"syncbox/connectors/quickbooks"
	"syncbox/connectors/quickbooks/quickbookstest"
	"syncbox/connectors/quickbooks/quickbookstest/signin"
	"syncbox/firmware/internal/health"
	"syncbox/firmware/internal/locale"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// said gives every health code that people are shown of the job.
func (o *online) said() (codes []string) {
	job := o.app.Jobs[0]
	st, _ := job.Status() // nothing while it begins
	for _, way := range st.Ways {
		codes = append(codes, way.Code)
	}
	for _, n := range job.Notices() {
		codes = append(codes, n.Code)
	}
	_, state, err := job.Engine()
	if err != nil {
		return codes
	}
	must(o.t, state.View(func(tx *store.Txn) {
		tx.AllWaiting(func(w store.Waiting) bool { codes = append(codes, w.Code); return true })
	}))
	return codes
}

// people gives customers who live somewhere.
func (o *online) people() (ids []string) {
	for _, c := range o.ERP.Customers() {
		if c.Active && c.City != "" {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

// lives says whether both sides show a customer in a city.
func (o *online) lives(customer, city string) bool {
	c, _ := o.ERP.Customer(customer)
	a, _ := o.CRM.AccountByExternalID("CU" + customer)
	return c.City == city && a.City == city
}

// inWords makes sure that a code says in both languages what is wrong and what to do.
func inWords(t *testing.T, code string) {
	t.Helper()
	if _, known := health.Lookup(code); !known {
		t.Errorf("%s is no health code", code)
	}
	for _, tag := range []string{"fr-CA", "en"} {
		p, err := locale.New(tag, nil)
		must(t, err)
		p = p.Of(pairs.Names("quickbooks-centrixone"))
		if what, do := p.Text("code."+code, nil), p.Cause(code, nil); strings.HasPrefix(what, "code.") || do == "" || strings.Contains(what+do, "Acomba") {
			t.Errorf("%s %s: %q, %q", tag, code, what, do)
		}
	}
}

// broken is one way in which QuickBooks lets the box down.
type broken struct {
	name   string
	codes  []string // one of these is said
	begins func(o *online)
	ends   func(o *online)
}

// faulty breaks every call in a way, until the faults are cleared.
func faulty(name string, f quickbookstest.Fault, codes ...string) broken {
	f.Count = -1
	return broken{name, codes, func(o *online) { o.ERP.AddFault(f) }, func(o *online) { o.ERP.ClearFaults() }}
}

// brokenWays are what can end again. That of the month ends with the month.
var brokenWays = []broken{
	faulty("a page of HTML", quickbookstest.Fault{Kind: quickbookstest.Unavailable, Status: 502}, quickbooks.CodeServerError, quickbooks.CodeBadAnswer),
	faulty("a body that ends early", quickbookstest.Fault{Kind: quickbookstest.Truncated, Keep: 30}, quickbooks.CodeBadAnswer),
	faulty("a body that breaks off", quickbookstest.Fault{Kind: quickbookstest.CutBody, Keep: 30}, quickbooks.CodeBadAnswer, quickbooks.CodeUnreachable),
	faulty("200 with a Fault", quickbookstest.Fault{Kind: quickbookstest.Fault200, Code: "9999", Text: "odd"}, quickbooks.CodeRequestRefused),
	{"the subscription has ended", []string{quickbooks.CodeCompanyClosed}, func(o *online) { o.ERP.SetUnpaid(true) }, func(o *online) { o.ERP.SetUnpaid(false) }},
	{"the person lost the access", []string{quickbooks.CodeUserLost}, func(o *online) { o.ERP.SetLostUser(true) }, func(o *online) { o.ERP.SetLostUser(false) }},
	{"a revoked connection", []string{quickbooks.CodeReconnect}, func(o *online) {
		o.platform.SignIn.Disconnect(o.app.Jobs[0].QuickBooks().Connection.Realm)
	}, (*online).connect},
	{"a lost rotation", []string{quickbooks.CodeReconnectLost}, func(o *online) {
		o.platform.SignIn.AddFault(signin.Fault{Kind: signin.RotateAndDrop, What: signin.Refresh})
		o.ERP.AdvanceClock(2 * time.Hour)
	}, (*online).connect},
	{"a cursor that is too old", nil, func(o *online) {
		o.ERP.AdvanceClock(2 * time.Hour) // the box's clock is behind, and can't tell how old the cursor is
		o.city(o.people()[0], false, "Avant")
		o.until("a look by the product's time", func() bool { return o.lives(o.people()[0], "Avant") })
		o.ERP.AdvanceClock(40 * 24 * time.Hour)
	}, func(*online) {}},
}

// Whatever QuickBooks answers, people are told by a code with words in both languages; once it has ended, both sides show what
// was typed meanwhile, nothing is there twice, and nothing was written that must not be. Each way has a company of its own: what
// one box may ask for in a minute is soon used up by all of them.
//
// Requirement: QBO-9, QBO-52
func TestQuickBooksBadInput(t *testing.T) {
	for _, b := range brokenWays {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			o := plainOnline(t, 11)
			b.begins(o)
			o.typed()
			if len(b.codes) > 0 {
				o.toldOf(b.codes...)
			}
			b.ends(o)
			o.goesOn()
		})
	}
}

// typed has people change a customer on either side.
func (o *online) typed() {
	o.t.Helper()
	o.city(o.people()[0], false, "Là-bas")
	o.city(o.people()[1], true, "Ici")
}

// toldOf waits until people are shown one of some codes, which have their words.
func (o *online) toldOf(codes ...string) {
	o.t.Helper()
	o.until(codes[0]+" is said", func() bool {
		said := o.said()
		return slices.ContainsFunc(codes, func(code string) bool { return slices.Contains(said, code) })
	})
	for _, code := range codes {
		inWords(o.t, code)
	}
}

// goesOn waits until what was typed is on both sides, and judges what was written.
func (o *online) goesOn() {
	o.t.Helper()
	_ = o.app.Jobs[0].Do(o.t.Context(), engine.Retry, "all") // not yet, where it is just starting
	people := o.people()
	o.until("it goes on", func() bool { return o.lives(people[0], "Là-bas") && o.lives(people[1], "Ici") && o.equal() })
	must(o.t, o.NoDoubles())
	must(o.t, o.Forbidden())
}

// Other boxes use up the month's reads: the box says so, and goes on writing nothing wrong.
func TestQuickBooksMonthUsed(t *testing.T) {
	t.Parallel()
	o := plainOnline(t, 11)
	o.ERP.SetLimits(quickbookstest.Limits{MonthlyReads: o.ERP.MonthReads()})
	o.toldOf(quickbooks.CodeMonthUsed)
	must(t, o.NoDoubles())
	must(t, o.Forbidden())
}

// An invoice that breaks every page it is on keeps nothing from the CRM: it is found and read alone, and all else goes on.
//
// Requirement: QBO-1, QBO-2
func TestQuickBooksPoisonRow(t *testing.T) {
	t.Parallel()
	o := newOnline(t, quickbookstest.Seed{Seed: 12, Customers: 8, Documents: 20, Poison: 1, WithoutAbnormal: true, Inactive: -1, Converted: -1})
	o.until("every document", o.equal)
	if o.ERP.Counters().Refused == 0 {
		t.Error("no page was refused")
	}
	inWords(t, quickbooks.CodeRowUnreadable)
	people := o.people()
	o.city(people[0], false, "Gaspé")
	o.until("customers go on", func() bool { return o.lives(people[0], "Gaspé") })
	must(t, o.NoDoubles())
}
