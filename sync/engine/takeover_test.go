package engine_test

import (
	"testing"
	"time"

	"syncbox/connectors/record"
)

// A contact takes over while the one before it can't be read: that one is there all the same, and loses our identity.
func TestTakesOverFromOneThatIsInUse(t *testing.T) {
	w := newWorld(t, true)
	w.customer(2, "Client")
	w.cycles(2)
	former := "contact " + string(w.byExternal(record.Contact, "CC2").Key)
	w.crm.later = map[string]bool{former: true}
	passContact(w)
	w.cycles(2)
	if wrong := contactPassed(w); len(wrong) > 0 {
		t.Error(wrong, w.waits())
	}
}

// Somebody gives a contact the identity of the one from which it is to take over, and the answer to that is lost: it is
// looked for by the identity that it has, and nobody is asked.
func TestTakesOverWithTheIdentityInDoubt(t *testing.T) {
	for _, kind := range []string{lostBefore, lostAfter, late} {
		t.Run(kind, func(t *testing.T) {
			w := newWorld(t, true)
			w.customer(2, "Client")
			w.cycles(2)
			passContact(w)
			w.crm.records[record.Contact]["500"].ExternalID = "CC2"
			w.line.fault = fault{call: w.line.calls + 1, kind: kind}
			w.cycles(1)
			w.crm.arriveLate()
			w.clock.now = w.clock.now.Add(time.Hour)
			w.cycles(4)
			if wrong := contactPassed(w); len(wrong) > 0 {
				t.Error(wrong, w.journal())
			}
			wantWaits(t, w)
		})
	}
}
