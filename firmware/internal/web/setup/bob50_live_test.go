package setup_test

import (
	"testing"

	"syncbox/connectors/bob50/bob50test"
	"syncbox/connectors/sagecrm/sagecrmtest"
)

// From the label to the first run with BOB 50: what is pending is shown, and nothing is written before somebody has ticked it; then
// the companies are made, and the assistant is over.
//
// Requirement: BOB-6, BOB-10, BOB-19
func TestFirstSyncOfBob50(t *testing.T) {
	s, b := newBobSite(t, bob50test.Switches{}, nil, (*site).live)
	s.checked(b)
	s.joined(b)
	b.submit(bobPath + "rules") // as they are proposed: to Sage CRM only
	b.at(bobPath+"first", 200)
	b.until(bobPath+"first", "Les informations de synchronisation sont correctes")
	b.shows("before it", "fiches seront créées dans Sage CRM.", "chacune peut rester dehors")
	if n := s.sage.Created(sagecrmtest.Company); len(n) > 0 {
		t.Errorf("%d companies before anybody has said so", len(n))
	}
	b.follow("/preview")
	b.shows("the rows", "Jamais sync.", "Pas cette fois")
	b.open(bobPath + "first")
	b.submit("/preview/confirm", "right", "yes")
	b.until(bobPath+"first", "La première synchronisation est complétée. La suivante se prépare après la prochaine sauvegarde.")
	if n := s.sage.Created(sagecrmtest.Company); len(n) != 12 {
		t.Errorf("%d companies were made, want 12", len(n))
	}
	if wrong, err := s.bob.Trespasses(); err != nil || len(wrong) > 0 {
		t.Errorf("written to the server: %v, %v", wrong, err)
	}
	b.open("/setup")
	b.at("/setup", 200)
	b.shows("the overview", "DATA/DEMO")
	s.keepsTheirSecrets(b)
}
