package bob50test_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"syncbox/connectors/bob50/adt"
	"syncbox/connectors/bob50/bob50test"
)

func equal(a, b []string) bool { return slices.Equal(a, b) }

// complete says whether the AC_COMPAN of a folder decodes whole.
func complete(t testing.TB, folder string) bool {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(folder, "AC_COMPAN.ADT"))
	memos, err2 := os.ReadFile(filepath.Join(folder, "AC_COMPAN.ADM"))
	if err != nil || err2 != nil {
		return false
	}
	memo := must(adt.OpenMemo("AC_COMPAN.ADM", bytes.NewReader(memos), int64(len(memos))))(t)
	table, err := adt.Open("AC_COMPAN.ADT", bytes.NewReader(data), int64(len(data)), memo, adt.CP1252)
	if err != nil || table.Truncated() {
		return false
	}
	err = table.Scan(t.Context(), func(r *adt.Row) error {
		for i := range table.Fields() {
			if v := r.Value(i); v.Kind == adt.Reference {
				if _, err := table.ReadMemo(i, v.Ref()); err != nil {
					return err
				}
			}
		}
		return r.Err
	})
	return err == nil
}

// TestBackups: each quality of a backup is what it says.
//
// Requirement: BOB-2
func TestBackups(t *testing.T) {
	for _, test := range []struct {
		quality  bob50test.Quality
		complete bool
		age      time.Duration
		equal    bool // the live AC_COMPAN.ADT
	}{
		{bob50test.Good, true, 0, true}, {bob50test.TooOld, true, 72 * time.Hour, true}, {bob50test.Stale, true, 0, false},
		{bob50test.Cut, false, 0, false}, {bob50test.NoMemo, false, 0, true}, {bob50test.OldMemo, false, 0, true},
		{bob50test.NoParties, false, 0, false}, {bob50test.OtherDossier, true, 0, false},
	} {
		s := create(t, bob50test.Options{Switches: bob50test.Switches{BackupTimes: bob50test.BackupTimesMade}})
		if err := s.Edit("C000001", bob50test.Fields{"CMEMO": strings.Repeat("long ", 100)}); err != nil {
			t.Fatal(err)
		}
		s.Advance(time.Hour)
		path := must(s.Backup(test.quality))(t)
		if got := complete(t, path); got != test.complete {
			t.Errorf("%s: complete %v", test.quality, got)
		}
		copied, err := os.ReadFile(filepath.Join(path, "AC_COMPAN.ADT"))
		if got := err == nil && bytes.Equal(copied, must(os.ReadFile(s.Path(bob50test.Parties, ".ADT")))(t)); got != test.equal {
			t.Errorf("%s: equal to the live file: %v", test.quality, got)
		}
		if info := must(os.Stat(path))(t); s.Now().Sub(info.ModTime()) != test.age {
			t.Errorf("%s: of %s", test.quality, info.ModTime())
		}
	}
}

// TestBackupForms: a folder, a zip file, or something that nobody else reads.
func TestBackupForms(t *testing.T) {
	for _, form := range []string{bob50test.BackupFolder, bob50test.BackupZip, bob50test.BackupOther} {
		s := create(t, bob50test.Options{Switches: bob50test.Switches{BackupForm: form}})
		s.Advance(90 * time.Second)
		path := must(s.Backup(bob50test.Good))(t)
		name := strings.TrimPrefix(path, s.Backups()+string(filepath.Separator))
		switch form {
		case bob50test.BackupFolder:
			if ok := complete(t, path); !ok || name != "20261123-080130" {
				t.Errorf("%s: %v", name, ok)
			}
		case bob50test.BackupZip:
			z := must(zip.OpenReader(path))(t)
			f := must(z.Open("AC_COMPAN.ADT"))(t)
			got := must(io.ReadAll(f))(t)
			if want := must(os.ReadFile(s.Path(bob50test.Parties, ".ADT")))(t); !bytes.Equal(got, want) || name != "20261123-080130.zip" {
				t.Errorf("%s: %d bytes, want %d", name, len(got), len(want))
			}
			if err := errors.Join(f.Close(), z.Close()); err != nil {
				t.Error(err)
			}
		case bob50test.BackupOther:
			if name != "20261123-080130.BKP" {
				t.Error(name)
			}
		}
		if wrong := must(s.Trespasses())(t); len(wrong) != 0 {
			t.Error(wrong)
		}
	}
}
