package setup_test

import (
	"fmt"
	"testing"

	"syncbox/connectors/sage50fr/sage50test"
	"syncbox/connectors/salesmanagement/salesmanagementtest"
)

// From the label to the first sync with Sage 50: what will be made is shown, and nothing is written before somebody has ticked it; then
// the accounts are there, and the assistant is over.
//
// Requirement: S50-1, S50-6
func TestFirstSyncOfSage50(t *testing.T) {
	s, b := newSageSite(t, sage50test.Options{}, salesmanagementtest.Options{}, (*site).live)
	s.toKey(b)
	s.joined(b)
	b.submit(sagePath + "rules") // as they are proposed
	b.at(sagePath+"first", 200)
	b.until(sagePath+"first", "Les informations de synchronisation sont correctes")
	b.shows("before it", "fiches seront créées dans Sage Sales Management.", "La boîte reconnaît un compte à son code")
	s.wroteNothing()
	b.follow("/preview")
	b.shows("the rows", "Articles", "La boîte reconnaît un compte à son code")
	b.open(sagePath + "first")
	b.submit("/preview/confirm", "right", "yes")
	b.until(sagePath+"first", "La première synchronisation est complétée.")
	if n := len(s.crm.Records(salesmanagementtest.Accounts)); n != 8 {
		t.Errorf("%d accounts, want 8", n)
	}
	for _, a := range s.crm.Records(salesmanagementtest.Accounts) {
		if client := a.Values["statusId"] == fmt.Sprint(s.crm.ListID(salesmanagementtest.AccountStatuses, "Client")); client != (a.Values["readOnly"] == "true") {
			t.Errorf("account %d: a client %v, read-only %q", a.ID, client, a.Values["readOnly"])
		}
	}
	if twice := s.crm.Duplicates(salesmanagementtest.Accounts); len(twice) > 0 {
		t.Errorf("made twice: %v", twice)
	}
	if wrong, err := s.sage.Trespasses(); err != nil || len(wrong) > 0 {
		t.Errorf("written to the server: %v, %v", wrong, err)
	}
	b.open("/setup")
	b.at("/setup", 200)
	b.shows("the overview", "DUPONT")
	s.keepsTheirSecrets(b)
}
