package bob50_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/bob50"
	"syncbox/connectors/bob50/adt"
	"syncbox/connectors/bob50/bob50test"
	"syncbox/connectors/connectortest"
	"syncbox/connectors/record"
)

// TestNoBackupNoSync: without a fresh and whole backup nothing is told, and the words say why.
//
// Requirement: BOB-2
func TestNoBackupNoSync(t *testing.T) {
	for _, test := range []struct {
		name string
		do   func(*rig)
		code string
	}{
		{"none", func(r *rig) {}, bob50.CodeBackupMissing},
		{"no folder", func(r *rig) { r.conf.Backups = "NOWHERE"; r.boot() }, bob50.CodeBackupMissing},
		{"too old", func(r *rig) { r.backup(bob50test.TooOld) }, bob50.CodeBackupOld},
		{"grown too old", func(r *rig) { r.backup(bob50test.Good); r.Advance(25 * time.Hour) }, bob50.CodeBackupOld},
		{"changed since", func(r *rig) { r.backup(bob50test.Good); r.edit("C000001", bob50test.Fields{"CNAME1": "X"}) }, bob50.CodeBackupStale},
		{"cut", func(r *rig) { r.backup(bob50test.Cut) }, bob50.CodeBackupIncomplete},
		{"no memos", func(r *rig) { r.backup(bob50test.NoMemo) }, bob50.CodeBackupIncomplete},
		{"no third parties", func(r *rig) { r.backup(bob50test.NoParties) }, bob50.CodeBackupIncomplete},
		{"old memos", func(r *rig) {
			r.edit("C000001", bob50test.Fields{"CMEMO": "a note that is longer than what there was before"})
			r.backup(bob50test.OldMemo)
		}, bob50.CodeBackupIncomplete},
		{"large", func(r *rig) { r.backup(bob50test.Good); r.conf.MaxCopy = 1000; r.boot() }, bob50.CodeBackupLarge},
		{"no dossier", func(r *rig) { r.backup(bob50test.Good); r.conf.Dossier = "DATA/NONE"; r.boot() }, bob50.CodeDossierMissing},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, bob50test.Options{})
			test.do(r)
			err := r.look()
			if connectors.CodeOf(err) != test.code || len(r.notes.Told) != 0 || len(r.notes.Kept) != 0 {
				t.Errorf("got %v, %d told, want %s", err, len(r.notes.Told), test.code)
			}
			if left, _ := filepath.Glob(filepath.Join(r.conf.Dir, "copy-*")); len(left) != 0 {
				t.Errorf("copies are left: %v", left)
			}
			if err := r.site.Check(t.Context()); connectors.CodeOf(err) != test.code {
				t.Errorf("check: got %v, want %s", err, test.code)
			}
		})
	}
}

// TestBackupOfAnotherForm: one that nobody reads is named, unless an older one will do.
//
// Requirement: BOB-2
func TestBackupOfAnotherForm(t *testing.T) {
	r := newRig(t, bob50test.Options{Switches: bob50test.Switches{BackupForm: bob50test.BackupOther}})
	r.backup(bob50test.Good)
	r.code(r.look(), connectors.Unavailable, bob50.CodeBackupForm)
	r = newRig(t, bob50test.Options{Switches: bob50test.Switches{BackupForm: bob50test.BackupZip}})
	path := r.backup(bob50test.Good)
	if err := os.WriteFile(filepath.Join(filepath.Dir(path), "NOTES.TXT"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if told := r.looked(record.Account); len(told) != 20 {
		t.Errorf("%d told", len(told))
	}
	if err := os.Truncate(r.backup(bob50test.Good), 700); err != nil {
		t.Fatal(err)
	}
	r.edit("C000001", bob50test.Fields{"CNAME1": "X"})
	r.code(r.look(), connectors.Unavailable, bob50.CodeBackupIncomplete)
}

// TestGenerations: those that can't be read are told by name.
//
// Requirement: BOB-25
func TestGenerations(t *testing.T) {
	for _, generation := range []string{bob50test.GenerationMySQL, bob50test.GenerationParadox} {
		r := newRig(t, bob50test.Options{Switches: bob50test.Switches{Generation: generation}})
		err := r.look()
		r.code(err, connectors.Drift, bob50.CodeGeneration)
		if e, ok := err.(*connectors.Error); !ok || e.Args["generation"] != generation {
			t.Errorf("%s: %v", generation, err)
		}
		if _, _, err := r.site.Read(t.Context(), record.Account, []record.Key{"C000001"}); connectors.CodeOf(err) != bob50.CodeGeneration {
			t.Errorf("read: %v", err)
		}
	}
}

// TestTablesThatCantBeRead: nothing of them is told.
//
// Requirement: LAB-5
func TestTablesThatCantBeRead(t *testing.T) {
	for _, test := range []struct {
		name string
		do   func(*rig) error
		code string
	}{
		{"encrypted", func(r *rig) error { return r.Encrypt(bob50test.Parties) }, bob50.CodeTableUnreadable},
		{"encrypted rows", func(r *rig) error { return r.EncryptRows(bob50test.Parties) }, bob50.CodeTableUnreadable},
		{"torn", func(r *rig) error { return r.TearLastRow(bob50test.Parties) }, bob50.CodeBackupIncomplete},
		{"counted ahead", func(r *rig) error { return r.CountAhead(bob50test.Parties, 2) }, bob50.CodeBackupIncomplete},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, bob50test.Options{})
			r.backup(bob50test.Good)
			r.looked(record.Account)
			if err := test.do(r); err != nil {
				t.Fatal(err)
			}
			r.copyLive()
			if err := r.look(); connectors.CodeOf(err) != test.code || len(r.notes.Told) != 0 {
				t.Errorf("got %v, %d told; want %s", err, len(r.notes.Told), test.code)
			}
			if err := r.Mend(); err != nil {
				t.Fatal(err)
			}
			r.backup(bob50test.Good)
			if told := r.looked(record.Account); len(told) != 0 {
				t.Errorf("mended: told %v", told)
			}
		})
	}
}

// copyLive makes a backup of the company's files as they lie there, faults and all.
func (r *rig) copyLive() {
	r.t.Helper()
	path := r.backup(bob50test.Good)
	for _, e := range must(os.ReadDir(r.Dossier()))(r.t) {
		b := must(os.ReadFile(filepath.Join(r.Dossier(), e.Name())))(r.t)
		if err := os.WriteFile(filepath.Join(path, e.Name()), b, 0o600); err != nil {
			r.t.Fatal(err)
		}
	}
}

// TestUnknownVersion: a column of the map that is missing is named; one that may be missing is left out.
func TestUnknownVersion(t *testing.T) {
	r := newRig(t, bob50test.Options{}, func(c *bob50.Config) {
		c.Map = bob50.DefaultMap()
		c.Map.Account.Fields["rating"] = bob50.MapField{Columns: []string{"CRATING"}}
	})
	r.backup(bob50test.Good)
	err := r.look()
	r.code(err, connectors.Drift, bob50.CodeMap)
	if e, ok := err.(*connectors.Error); !ok || e.Args["column"] != "CRATING" || e.Args["table"] != "AC_COMPAN" {
		t.Errorf("%v", err)
	}
	r.conf.Map.Account.Fields["rating"] = bob50.MapField{Columns: []string{"CRATING"}, Optional: true}
	r.notes = connectortest.NewNotes()
	r.boot()
	r.looked(record.Account)
	if _, there := r.site.Fields(record.Account)["rating"]; there {
		t.Error("a field without a column is described")
	}
}

// TestCodePage: texts of the other page stop everything before a wrong letter is told.
func TestCodePage(t *testing.T) {
	for page, conf := range map[bob50test.Page]adt.CodePage{bob50test.Page850: adt.CP1252, bob50test.Page1252: adt.CP850} {
		r := newRig(t, bob50test.Options{Page: page, Parties: -1}, func(c *bob50.Config) { c.CodePage = conf })
		for _, cid := range []string{"C000001", "C000002", "C000003"} {
			if err := r.Add(cid, bob50test.Fields{"CNAME1": "Crémerie Général"}); err != nil {
				t.Fatal(err)
			}
		}
		r.backup(bob50test.Good)
		r.code(r.look(), connectors.Drift, bob50.CodeCodePage)
		r.conf.CodePage = map[adt.CodePage]adt.CodePage{adt.CP1252: adt.CP850, adt.CP850: adt.CP1252}[conf]
		r.boot()
		r.looked(record.Account)
		if got := r.read(record.Account, "C000001").Fields["name"].Text; got != "Crémerie Général" {
			t.Errorf("%v: got %q", page, got)
		}
	}
}

// TestCustomVanished: a custom field that is gone from BOB takes no part, and is told by its name; the others go on, and so does it
// where it is back.
//
// Requirement: BOB-15, BOB-16
func TestCustomVanished(t *testing.T) {
	for _, store := range []string{bob50test.CustomColumns, bob50test.CustomTable} {
		r := newRig(t, bob50test.Options{Switches: bob50test.Switches{CustomStore: store}}, ownTables(bob50test.CustomName), synced("C_SECTOR", "C_SCORE"))
		r.edit("C000001", bob50test.Fields{"C_SECTOR": "Pain", "C_SCORE": int64(7)})
		whole := r.Save()
		for _, gone := range []bool{false, true, false} {
			if gone {
				must(0, r.DropColumn("C_SECTOR"))(t)
			} else {
				must(0, r.Restore(whole))(t)
				r.site.Accept() // it is what somebody who restores data is asked
			}
			r.backup(bob50test.Good)
			r.looked(record.Account)
			want := []record.Remark(nil)
			if gone {
				want = []record.Remark{{Code: bob50.CodeCustomVanished, Args: map[string]string{"table": bob50test.Parties, "column": "C_SECTOR"}}}
			}
			if d := cmp.Diff(want, r.site.Remarks()); d != "" {
				t.Errorf("%s: remarks: -want +got\n%s", store, d)
			}
			fields, shown := r.site.Fields(record.Account), r.read(record.Account, "C000001").Fields
			if fields["custom.C_SECTOR"].Absent != gone || fields["custom.C_SCORE"].Absent {
				t.Errorf("%s: fields: %+v", store, fields)
			}
			if sector := shown["custom.C_SECTOR"].Text; shown["custom.C_SCORE"].Text != "7" || (sector == "Pain") == gone {
				t.Errorf("%s: shown: %+v", store, shown)
			}
			if err := r.site.Check(t.Context()); err != nil {
				t.Errorf("%s: check: %v", store, err)
			}
		}
	}
}
