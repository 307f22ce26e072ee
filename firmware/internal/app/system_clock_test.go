package app_test

import (
	"fmt"
	"testing"
	"time"

	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/centrixone/centrixonetest"
	"syncbox/sync/store"
)

// TestClockOf1970And2100 sets the box's clock far back or far ahead while calls are lost and carried out late, and
// right again in the end. Nothing is created twice, no late value passes for a person's edit, what waits does not
// wait for decades, and people are told of the clock once.
//
// Requirement: ACO-9, ACO-58
func TestClockOf1970And2100(t *testing.T) {
	for _, year := range []int{1970, 2100} {
		t.Run(fmt.Sprint(year), func(t *testing.T) {
			r, p := newPortsLate(t, 6*time.Second)
			mark := r.mark()
			one, two := r.customer(0), r.customer(1)
			r.crm.AddFault(centrixonetest.Fault{Kind: centrixonetest.AppliedLate, Method: "POST", Resource: centrixonetest.Accounts, Delay: deadline})
			r.modify(one.CardPos, func(c *acombatest.Customer) { c.City = "Amqui" })
			r.drive("an answer is lost", func() bool { return r.crm.PendingLate() == 1 })
			p.clock.set(year)
			r.modify(one.CardPos, func(c *acombatest.Customer) { c.City = "Matane" })
			r.drive("the city is there", func() bool { return r.account(one.CardPos).City == "Matane" })
			r.crm.FlushLate() // Amqui comes now
			r.noted(mark, "clock-wrong", "")

			r.crm.AddFault(centrixonetest.Fault{Kind: centrixonetest.CloseAfter, Method: "POST", Resource: centrixonetest.Accounts})
			added, err := r.erp.AddCustomer(acombatest.Customer{Name: "Horlogerie du Parc", Country: "CA", CareOf: "Zoé Roy"})
			must(t, err)
			r.drive("the new customer is there", func() bool { return r.contact(added).ID != 0 })
			account, contact := r.bornInCRM()
			r.edit(two.CardPos, map[string]any{"City": "Chibougamau"})
			r.drive("what is to be keyed is handed to people", func() bool { rows, _ := r.clerk().Read(); return len(rows) > 4 })
			_, err = r.clerk().KeyLatest(acombatest.Manner{})
			must(t, err)
			r.born(account, contact, `^\d{17}$`)

			p.clock.jump.Store(0)
			r.drive("a cycle by the right clock is over", func() bool { // until then the times of cycles can't be compared
				st := r.status()
				return time.Since(st.LastBegin).Abs() < time.Hour && time.Since(st.LastEnd).Abs() < time.Hour
			})
			r.drive("nothing waits", func() bool { return len(r.waiting()) == 0 })
			r.settled("with the right clock")
			if got := r.account(one.CardPos).City; got != "Matane" {
				t.Errorf("city: got %q, want the ERP's last word", got)
			}
			if got := r.account(two.CardPos).City; got != "Chibougamau" {
				t.Errorf("city: got %q, want the person's", got)
			}
			if st := r.status(); st.ClockWrong {
				t.Error("the right clock is called wrong")
			}
			r.once(mark, "clock-wrong")
			r.noReverts()
			r.still()
		})
	}
}

// once holds that the journal tells an event exactly once since a mark.
func (r *rig) once(after uint64, code string) {
	r.t.Helper()
	var all []store.Event
	for _, e := range r.journal() {
		if e.Seq > after && e.Code == code {
			all = append(all, e)
		}
	}
	if len(all) != 1 {
		r.t.Errorf("the journal tells %s %d times, want once: %v", code, len(all), all)
	}
}
