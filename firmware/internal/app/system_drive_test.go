package app_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"syncbox/connectors/acomba"
	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/centrixone/centrixonetest"
	"syncbox/sync/engine"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

// status gives the box's own view; the zero status while the job does not run.
func (r *rig) status() engine.Status {
	st, _ := r.job.Status()
	return st
}

// until waits for a condition.
func (r *rig) until(what string, met func() bool) {
	r.t.Helper()
	stop := time.After(deadline)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !met() {
		select {
		case <-stop:
			r.t.Fatalf("did not happen: %s\n%s", what, r.trouble())
		case <-tick.C:
		}
	}
}

// trouble tells status, waiting list and the end of the journal.
func (r *rig) trouble() string {
	var b strings.Builder
	st := r.status()
	fmt.Fprintf(&b, "status: %s, to CRM %s %s, to ERP %s %s\n", st.Service, st.Ways[0].Outcome, st.Ways[0].Code, st.Ways[1].Outcome, st.Ways[1].Code)
	for _, w := range r.waiting() {
		fmt.Fprintf(&b, "waits: %s %s erp=%s crm=%s %s %v tries=%d\n", w.Name(), w.Entity, w.ERP, w.CRM, w.Code, w.Args, w.Tries)
	}
	r.view(func(t *store.Txn) {
		t.Links(func(l plan.Link) bool {
			if in, open := t.Intent(l.ID); open || l.State != plan.Linked && l.State != plan.Inactive {
				fmt.Fprintf(&b, "link %d: %s erp=%s crm=%s %s, %d doubts, open write: %v until %v\n", l.ID, l.Entity, l.ERP, l.CRM, l.State, len(l.Doubts), open, in.Until)
			}
			return true
		})
	})
	events := r.journal()
	for _, e := range events[max(0, len(events)-15):] {
		fmt.Fprintf(&b, "journal %d: %s %s %s %s erp=%s crm=%s %v\n", e.Seq, e.Severity, e.Code, e.Direction, e.Entity, e.ERP, e.CRM, e.Args)
	}
	return b.String()
}

// view reads the job's state.
func (r *rig) view(fn func(*store.Txn)) {
	if _, state, err := r.job.Engine(); err == nil {
		_ = state.View(fn)
	}
}

func (r *rig) waiting() (all []store.Waiting) {
	r.view(func(t *store.Txn) { t.AllWaiting(func(w store.Waiting) bool { all = append(all, w); return true }) })
	return all
}

func (r *rig) journal() (all []store.Event) {
	r.view(func(t *store.Txn) { t.Events(0, func(e store.Event) bool { all = append(all, e); return true }) })
	return all
}

// mark gives the number of the newest event.
func (r *rig) mark() (n uint64) {
	r.view(func(t *store.Txn) { n = t.LastEvent() })
	return n
}

// journalled says whether an event with the code, and the cause if one is given, came after mark.
func (r *rig) journalled(after uint64, code, cause string) bool {
	for _, e := range r.journal() {
		if e.Seq > after && e.Code == code && (cause == "" || e.Args["cause"] == cause) {
			return true
		}
	}
	return false
}

// waits gives the waitings of a kind with a code.
func (r *rig) waits(kind store.WaitKind, code string) (all []store.Waiting) {
	for _, w := range r.waiting() {
		if w.Kind == kind && (code == "" || w.Code == code) {
			all = append(all, w)
		}
	}
	return all
}

// do has the engine obey.
func (r *rig) do(verb engine.Verb, name string) {
	r.t.Helper()
	if err := r.job.Do(context.Background(), verb, name); err != nil {
		r.t.Fatalf("%s %q: %v\n%s", verb, name, err, r.trouble())
	}
}

// now gives the time of day that the job goes by.
func (r *rig) now() time.Time {
	if r.clock != nil {
		return r.clock()
	}
	return time.Now()
}

// cycle waits for a cycle that began after the call, and for its end.
func (r *rig) cycle() {
	r.t.Helper()
	asked := r.now()
	r.do(engine.Force, "")
	r.until("a cycle", func() bool {
		st := r.status()
		return st.LastBegin.After(asked) && !st.LastEnd.Before(st.LastBegin)
	})
}

func (r *rig) cycles(n int) {
	r.t.Helper()
	for range n {
		r.cycle()
	}
}

// drive runs cycles until a condition is met.
func (r *rig) drive(what string, met func() bool) {
	r.t.Helper()
	pause := time.NewTicker(20 * time.Millisecond)
	defer pause.Stop()
	for stop := time.Now().Add(deadline); !met(); <-pause.C {
		if time.Now().After(stop) {
			r.t.Fatalf("did not happen: %s\n%s", what, r.trouble())
		}
		r.cycle()
	}
}

// ways holds how both directions stood at the end of the last cycle: first to the CRM, then to the ERP.
func (r *rig) ways(outcome engine.Outcome, code string) {
	r.t.Helper()
	var st engine.Status
	r.until("the cycle is over", func() bool { st = r.status(); return st.Phase == "" && st.Ways[0].Outcome != engine.Working })
	for i, w := range st.Ways {
		if w.Outcome != outcome || w.Code != code {
			r.t.Fatalf("direction %d: got %s %s, want %s %s\n%s", i, w.Outcome, w.Code, outcome, code, r.trouble())
		}
	}
}

// listed holds that exactly so many things of a kind wait for a reason, and gives them.
func (r *rig) listed(n int, kind store.WaitKind, code string) []store.Waiting {
	r.t.Helper()
	all := r.waits(kind, code)
	if len(all) != n {
		r.t.Fatalf("waiting as %s for %s: got %d, want %d\n%s", kind, code, len(all), n, r.trouble())
	}
	return all
}

// noted holds that the journal tells an event, of a cause if one is given. A cycle's status is there a moment
// before its journal.
func (r *rig) noted(after uint64, code, cause string) {
	r.t.Helper()
	r.until("the journal tells "+code+" "+cause, func() bool { return r.journalled(after, code, cause) })
}

// quiet holds that nothing was written to the CRM since a call of it.
func (r *rig) quiet(since int64) {
	r.t.Helper()
	if w := r.crm.Writes(centrixonetest.JournalQuery{After: since}); w.Calls > 0 {
		r.t.Errorf("the CRM was written to meanwhile: %+v\n%s", w, r.trouble())
	}
}

// settled runs cycles until both sides are equal, and holds that nothing was created twice. Records named
// in but are left out.
func (r *rig) settled(what string, but ...string) {
	r.t.Helper()
	r.up()
	var wrong []string
	pause := time.NewTicker(20 * time.Millisecond)
	defer pause.Stop()
	for stop := time.Now().Add(deadline); ; <-pause.C {
		r.cycle()
		if wrong = r.differences(but...); len(wrong) == 0 {
			break
		}
		if time.Now().After(stop) {
			r.t.Fatalf("%s: %d records differ:\n%s\n%s", what, len(wrong), strings.Join(wrong[:min(8, len(wrong))], "\n"), r.trouble())
		}
	}
	r.noDoubles()
}

// noDoubles holds that the sync created nothing twice, but for what a person deleted or passed on in between.
func (r *rig) noDoubles() {
	r.t.Helper()
	for _, res := range []centrixonetest.Resource{centrixonetest.Accounts, centrixonetest.Contacts, centrixonetest.Opportunities,
		centrixonetest.Users, centrixonetest.RevenueCategories} {
		for _, ext := range r.crm.CreatedTwice(res) {
			if !slices.Contains(r.again, ext) {
				r.t.Errorf("%s %s was created twice", res, ext)
			}
		}
	}
}

// still holds that some more cycles write nothing, once no lost write can arrive any more.
func (r *rig) still() {
	r.t.Helper()
	r.drive("nothing is in doubt", func() bool {
		doubts := r.crm.PendingLate()
		r.view(func(t *store.Txn) { t.Links(func(l plan.Link) bool { doubts += len(l.Doubts); return true }) })
		return doubts == 0
	})
	mark := r.crm.Mark()
	r.cycles(2)
	if w := r.crm.Writes(centrixonetest.JournalQuery{After: mark}); w.Created+w.Updated > 0 {
		r.t.Errorf("two cycles after all was settled: %+v\n%s", w, r.trouble())
	}
}

// confirm plays the technician who tries the writing on a customer.
func (r *rig) confirm(position int32) {
	r.t.Helper()
	ctx := context.Background()
	c, err := r.erp.Customer(position)
	must(r.t, err)
	job := r.app.Jobs[0]
	test, err := job.StartWriteTest(ctx, c.Number)
	if err != nil {
		r.t.Fatalf("start write test: %v\n%s", err, r.trouble())
	}
	must(r.t, r.erp.ModifyCustomer(test.Position, func(c *acombatest.Customer) { c.Web = test.Reply }))
	old, _, err := job.Engine()
	must(r.t, err)
	must(r.t, job.CheckWriteTest(ctx, acomba.Seen{By: "test", ByNumber: true, ByName: true}))
	r.until("the job is built anew", func() bool { e, _, err := r.job.Engine(); return err == nil && e != old })
	r.settled("after the write test")
}

// customer gives the n-th active customer.
func (r *rig) customer(n int) acombatest.Customer {
	r.t.Helper()
	all, err := r.erp.Customers()
	must(r.t, err)
	for _, c := range all {
		if c.Active {
			if n == 0 {
				return c
			}
			n--
		}
	}
	r.t.Fatal("too few customers")
	return acombatest.Customer{}
}

// modify changes a customer in the ERP.
func (r *rig) modify(position int32, change func(*acombatest.Customer)) {
	r.t.Helper()
	must(r.t, r.erp.ModifyCustomer(position, change))
}

func (r *rig) account(position int32) centrixonetest.Account {
	a, _ := r.crm.AccountByExternalID(ext("CU", position))
	return a
}

func (r *rig) contact(position int32) centrixonetest.Contact {
	c, _ := r.crm.ContactByExternalID(ext("CC", position))
	return c
}

// edit changes an account as a person in the CRM.
func (r *rig) edit(position int32, f centrixonetest.Fields) {
	r.t.Helper()
	must(r.t, r.crm.Person(centrixonetest.Administrator).Edit(centrixonetest.Accounts, r.account(position).ID, f))
}

// arrives changes a customer's city in the ERP and runs cycles until the CRM shows it.
func (r *rig) arrives(position int32, city string) {
	r.t.Helper()
	r.modify(position, func(c *acombatest.Customer) { c.City = city })
	r.drive(ext("CU", position)+" shows "+city, func() bool { return r.account(position).City == city })
}

// repArrives does the same with a salesperson's name, which has a file of its own.
func (r *rig) repArrives(name string) {
	r.t.Helper()
	reps, err := r.erp.SalesReps()
	must(r.t, err)
	must(r.t, r.erp.RenameSalesRep(reps[0].CardPos, name))
	r.drive("a salesperson is called "+name, func() bool {
		u, _ := r.crm.UserByExternalID(ext("VE", reps[0].CardPos))
		return u.FullName == name
	})
}

func ext(prefix string, position int32) string { return prefix + strconv.Itoa(int(position)) }

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
