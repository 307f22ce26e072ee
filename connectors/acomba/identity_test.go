package acomba_test

import (
	"os"
	"path/filepath"
	"testing"

	"syncbox/connectors"
	"syncbox/connectors/acomba"
	"syncbox/connectors/acomba/acombatest"
)

// A company is known again by its content, also after it went on without us, and not mistaken for another one.
//
// Requirement: ACO-71
func TestIdentity(t *testing.T) {
	for _, profile := range []acombatest.Profile{acombatest.SIM1, acombatest.SIM2} {
		t.Run(string(profile), func(t *testing.T) { knowsAgain(t, profile) })
	}
}

func knowsAgain(t *testing.T, profile acombatest.Profile) {
	s := newStage(t, small(profile))
	s.look()
	id := acomba.IdentityOf(s.eye.marks[acomba.MarkHigh])
	if len(id.Signs) < 25 {
		t.Fatalf("kept %d signs: %+v", len(id.Signs), id)
	}
	root := t.TempDir()
	must(t, os.CopyFS(filepath.Join(root, "moved"), os.DirFS(s.erp.Dir())))
	for seed := range uint64(3) { // others of the same program
		_, err := acombatest.Create(filepath.Join(root, "other"+string(rune('0'+seed))), acombatest.Options{Profile: profile, Seed: 100 + seed, Customers: 60, Documents: 40})
		must(t, err)
	}
	agree := func(folder string) int {
		t.Helper()
		cfg := acomba.Defaults()
		cfg.Folder = folder
		n, err := id.Agree(t.Context(), cfg, os.DirFS(root))
		must(t, err)
		return n
	}
	if got := agree("moved"); got != len(id.Signs) {
		t.Errorf("%d of %d signs agree in the same company", got, len(id.Signs))
	}
	for _, other := range []string{"other0", "other1", "other2"} {
		if got := agree(other); 2*got > len(id.Signs) {
			t.Errorf("%d of %d signs agree in %s", got, len(id.Signs), other)
		}
	}

	moved, err := acombatest.Open(filepath.Join(root, "moved"))
	must(t, err)
	customers, err := moved.Customers()
	must(t, err)
	for _, c := range customers[:3] {
		must(t, moved.ModifyCustomer(c.CardPos, func(c *acombatest.Customer) { c.Name = "Renamed" }))
	}
	_, err = moved.AddCustomer(acombatest.Customer{Number: "NEW-1", Name: "Nouveau client"})
	must(t, err)
	if got := agree("moved"); 4*got < 3*len(id.Signs) || got == len(id.Signs) {
		t.Errorf("%d of %d signs agree after some work", got, len(id.Signs))
	}

	must(t, os.Remove(filepath.Join(root, "moved", "CUSTOMER.DAT")))
	if got := agree("moved"); got == 0 || 2*got > len(id.Signs) {
		t.Errorf("%d signs agree without the customers", got)
	}
	cfg := acomba.Defaults()
	cfg.Folder = "nowhere"
	if _, err := id.Agree(t.Context(), cfg, os.DirFS(root)); connectors.CodeOf(err) != acomba.CodeFolderMissing {
		t.Errorf("got %v", err)
	}
}

// The customers that are kept follow a change of name, and marks of before they were kept are fine.
func TestIdentityFollows(t *testing.T) {
	s := newStage(t, small(acombatest.SIM1))
	s.look()
	first := s.customers()[0]
	before := acomba.IdentityOf(s.eye.marks[acomba.MarkHigh])
	must(t, s.erp.ModifyCustomer(first.CardPos, func(c *acombatest.Customer) { c.Name = "Renamed" }))
	s.look()
	after := acomba.IdentityOf(s.eye.marks[acomba.MarkHigh])
	changed := 0
	for i := range before.Signs {
		if before.Signs[i] != after.Signs[i] {
			changed++
		}
	}
	if changed != 1 || len(before.Signs) != len(after.Signs) {
		t.Errorf("%d of %d signs changed", changed, len(before.Signs))
	}
	if got := acomba.IdentityOf([]byte(`{"cards":{"CUSTOMER":3},"unique":{"CUSTOMER":{"at":2,"v":9}}}`)); len(got.Signs) != 1 {
		t.Errorf("got %+v", got)
	}
	if got := acomba.IdentityOf(nil); len(got.Signs) != 0 {
		t.Errorf("got %+v", got)
	}
}
