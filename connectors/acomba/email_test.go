package acomba_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/record"
)

// TestFirstAddressKeepsTheOthers: a card holds three e-mail addresses, of which only the first is a contact's.
// What comes back from the CRM, and be it what the card shows, is put in its place; the others stay where they are.
//
// Requirement: ACO-20
func TestFirstAddressKeepsTheOthers(t *testing.T) {
	r := newRig(t, acombatest.SIM1)
	c := r.customer(3)
	long := strings.Repeat("x", 74) + "@ca.ca" // all that the field holds
	for _, was := range [][3]string{{"a@ca.ca", "b@ca.ca", "c@ca.ca"}, {"", "b@ca.ca", ""}, {"a@ca.ca", "", "c@ca.ca"}, {"b@ca.ca", "b@ca.ca", "b@ca.ca"}, {}} {
		for _, now := range []string{"new@ca.ca", "b@ca.ca", "", long, was[0]} {
			t.Run(fmt.Sprintf("%q gets %.10q", was, now), func(t *testing.T) {
				r.clock = r.clock.Add(time.Minute)
				must(t, r.company.ModifyCustomer(c.CardPos, func(c *acombatest.Customer) { c.Emails = was }))
				r.cycle()
				r.clock = r.clock.Add(time.Minute)
				before := r.snapshot()
				if got := r.write(update(record.Contact, c.CardPos, text("email", now))); got.Outcome != connectors.Applied {
					t.Fatalf("got %+v", got)
				}
				if diff := cmp.Diff([3]string{now, was[1], was[2]}, r.at(c.CardPos).Emails); diff != "" {
					t.Errorf("addresses (-want +got):\n%s", diff)
				}
				for _, moved := range touched(before, r.snapshot()) {
					if !slices.Contains(stamped(c.CardPos, "email[0]"), moved) {
						t.Errorf("moved as well: %s", moved)
					}
				}
			})
		}
	}
}
