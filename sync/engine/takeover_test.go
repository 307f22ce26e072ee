package engine_test

import (
	"testing"

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
