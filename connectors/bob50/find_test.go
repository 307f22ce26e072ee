package bob50_test

import (
	"context"
	"errors"
	"io/fs"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/bob50"
	"syncbox/connectors/bob50/bob50test"
)

// Companies are found by the names of their files, those that can't be read too; a copy among the backups is none.
//
// Requirement: BOB-25
func TestCompanies(t *testing.T) {
	none := &fstest.MapFile{}
	share := fstest.MapFS{
		"DATA/DEMO/ac_compan.adt": none, "DATA/DEMO/SAVE/AC_COMPAN.ADT": none,
		"DATA/NEW/AC_COMPAN.ADT": none, "DATA/NEW/db.opt": none,
		"DATA/OLD/AC_COMPAN.DB":              none,
		"DATA/EMPTY/AC_DBK.ADT":              none,
		"Back-up BOB/monday/AC_COMPAN.ADT":   none,
		"archive/2026-11-22.ZIP":             none,
		"one/two/three/four/AC_COMPAN.ADT":   none,
		"one/two/three/AC_COMPAN.ADT/readme": none,
	}
	found, backups, err := bob50.Companies(t.Context(), share, ".")
	want := []bob50.Found{{Folder: "DATA/DEMO", Generation: bob50.GenerationADT}, {Folder: "DATA/NEW", Generation: "mysql"}, {Folder: "DATA/OLD", Generation: "paradox"}}
	if diff := cmp.Diff(want, found); diff != "" || err != nil {
		t.Errorf("companies (-want +got):\n%s%v", diff, err)
	}
	if diff := cmp.Diff([]string{"Back-up BOB", "archive"}, backups); diff != "" {
		t.Errorf("backups (-want +got):\n%s", diff)
	}
	if found, _, err := bob50.Companies(t.Context(), share, "Back-up BOB"); err != nil || len(found) != 1 {
		t.Errorf("from a folder of that name: %v, %v", found, err)
	}
	if _, _, err := bob50.Companies(t.Context(), share, "nowhere"); !errors.Is(err, fs.ErrNotExist) || connectors.KindOf(err) != connectors.Unavailable {
		t.Errorf("nowhere: %v", err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if _, _, err := bob50.Companies(ended, share, "."); !errors.Is(err, context.Canceled) {
		t.Errorf("ended: %v", err)
	}
}

// Set-up is told which backup would serve, and how many third parties in it can be synchronised.
//
// Requirement: BOB-2, BOB-3
func TestTry(t *testing.T) {
	r := newRig(t, bob50test.Options{})
	if _, err := r.site.Try(t.Context()); connectors.CodeOf(err) != bob50.CodeBackupMissing {
		t.Errorf("without a backup: %v", err)
	}
	r.Advance(time.Minute)
	_ = must(r.Backup(bob50test.Good))(t)
	got, err := r.site.Try(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	held := 0
	for _, n := range got.Held {
		held += n
	}
	if got.Path == "" || got.Customers == 0 || held == 0 || got.Customers+held != got.Parties || got.Persons == 0 || !got.Time.After(got.Changed.Add(-time.Second)) || got.Changed.IsZero() {
		t.Errorf("got %+v", got)
	}
}
