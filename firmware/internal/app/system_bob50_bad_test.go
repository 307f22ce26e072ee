package app_test

import (
	"os"
	"path/filepath"
	"testing"

	"syncbox/connectors/bob50/bob50test"
	"syncbox/connectors/record"
	"syncbox/connectors/rest/resttest"
	"syncbox/connectors/sagecrm/sagecrmtest"
)

// What is bad on either side as a whole is told by its code, nothing is written meanwhile, and the run after it was mended brings
// what changed. The plan that was ticked before stays undone.
//
// Requirement: BOB-2
func TestBobBadSides(t *testing.T) {
	t.Parallel()
	fault := func(kind sagecrmtest.FaultKind) func(*bobRig) {
		return func(r *bobRig) {
			r.backup()
			r.crm.AddFault(sagecrmtest.Fault{Kind: kind, Turn: resttest.Turn{Count: -1}})
		}
	}
	clear := func(r *bobRig) { r.crm.ClearFaults() }
	mend := func(r *bobRig) { must(r.t, r.bob.Mend()) }
	var whole bob50test.State
	restore := func(r *bobRig) { must(r.t, r.bob.Restore(whole)) }
	quality := func(q bob50test.Quality) func(*bobRig) {
		return func(r *bobRig) {
			r.bob.Advance(minute)
			_, err := r.bob.Backup(q)
			must(r.t, err)
		}
	}
	for _, tt := range []struct {
		name, code string
		spoil      func(*bobRig)
		mend       func(*bobRig)
	}{
		{"an encrypted table", "bob-table-unreadable", spoiled(func(r *bobRig) error { return r.bob.Encrypt(bob50test.Parties) }), mend},
		{"a torn table", "bob-backup-incomplete", spoiled(func(r *bobRig) error { return r.bob.TearLastRow(bob50test.Parties) }), mend},
		{"a header that counts too many", "bob-backup-incomplete", spoiled(func(r *bobRig) error { return r.bob.CountAhead(bob50test.Parties, 3) }), mend},
		{"a file that is cut", "bob-backup-incomplete", quality(bob50test.Cut), nil},
		{"a memo file that is missing", "bob-backup-incomplete", quality(bob50test.NoMemo), nil},
		{"a version that is not known", "bob-map-mismatch", func(r *bobRig) {
			whole = r.bob.Save()
			must(r.t, r.bob.DropColumn("CCUSTYPE"))
			r.backup()
		}, restore},
		{"an error that is a page of HTML", "crm-html-answer", func(r *bobRig) {
			r.backup()
			r.crm.AddFault(sagecrmtest.Fault{Kind: sagecrmtest.HTTPStatus, Status: 500, Turn: resttest.Turn{Count: -1}})
		}, clear},
		{"a backup of another day", "bob-backup-stale", func(r *bobRig) {}, nil},
		{"a backup of another company", "", quality(bob50test.OtherDossier), nil},
		{"faults in HTML", "crm-html-answer", fault(sagecrmtest.HTMLPage), clear},
		{"a stolen session", "crm-session-stolen", fault(sagecrmtest.SessionStolen), clear},
		{"an entity that is not enabled", "crm-entity-disabled", func(r *bobRig) { r.backup(); r.crm.Enable(sagecrmtest.Company, false) },
			func(r *bobRig) { r.crm.Enable(sagecrmtest.Company, true) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newSyncedBob(t, bobSet{})
			r.edit("C000001", bob50test.Fields{"CLOCALITY": "Dinant"})
			tt.spoil(r)
			_ = r.plan()
			st, err := r.job().Status()
			must(t, err)
			if code := st.Ways[0].Code; tt.code != "" && code != tt.code || code == "" {
				t.Errorf("told by %q, want %q", code, tt.code)
			}
			if r.city("C000001") == "Dinant" {
				t.Error("it was written all the same")
			}
			if tt.mend != nil {
				tt.mend(r)
			}
			r.backup()
			r.synced()
			r.until("the run after it brings what changed", func() bool { return r.city("C000001") == "Dinant" })
		})
	}
}

// A company that no decoder can read says what it is, and nothing is made in the CRM.
//
// Requirement: BOB-25
func TestBobOtherGenerations(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		code string
		set  bobSet
	}{
		{"bob-generation-unsupported", bobSet{site: bob50test.Switches{Generation: bob50test.GenerationMySQL}}},
		{"bob-generation-unsupported", bobSet{site: bob50test.Switches{Generation: bob50test.GenerationParadox}}},
		{"bob-code-page", bobSet{bob: "codepage = 850"}},
	} {
		r := newBobRig(t, tt.set)
		r.bob.Advance(minute)
		if _, err := r.bob.Backup(bob50test.Good); err != nil && tt.set.site.Generation == "" {
			t.Fatal(err)
		}
		r.start()
		var got string
		r.until("it is told", func() bool {
			st, err := r.job().Status()
			got = st.Ways[0].Code
			return err == nil && got != "" && st.Ways[1].Code == got
		})
		if got != tt.code {
			t.Errorf("told by %q, want %q", got, tt.code)
		}
		if n := len(r.crm.Records(sagecrmtest.Company)); n > 0 {
			t.Errorf("%s: %d companies were made", tt.code, n)
		}
		r.end()
	}
}

// Tables that belong to a data dictionary are read all the same, and it is told.
func TestBobDictionary(t *testing.T) {
	t.Parallel()
	r := newSyncedBob(t, bobSet{site: bob50test.Switches{Dictionary: bob50test.DictionaryYes}})
	if !r.told("bob-dictionary") {
		t.Errorf("told: %+v", r.job().Notices())
	}
}

// What is bad in one row holds that row and tells why; the others go on.
//
// Requirement: BOB-3, BOB-23
func TestBobBadRows(t *testing.T) {
	t.Parallel()
	r := newSyncedBob(t, bobSet{})
	r.bob.Advance(minute)
	must(t, r.bob.DuplicateVAT("C000002", "C000001"))
	p, err := r.bob.Party("C000005")
	must(t, err)
	r.edit("C000003", bob50test.Fields{"CVATREF": "BE", "CVATNO": dotted(p.Text("CVATNO"))})
	must(t, r.bob.SetCustomer("C000006", false))
	r.edit("C000011", bob50test.Fields{"CVATREF": nil, "CVATNO": nil})
	for _, cid := range []string{"C000001", "C000003", "C000006", "C000011", "C000012"} {
		r.edit(cid, bob50test.Fields{"CLOCALITY": "Dinant"})
	}
	r.backup()
	r.synced()
	r.until("the good row goes on", func() bool { return r.city("C000012") == "Dinant" })
	waits := r.waits()
	for cid, want := range map[string]string{"C000001": "bob-vat-twice", "C000002": "bob-vat-twice", "C000003": "bob-vat-spellings", "C000005": "bob-vat-spellings",
		"C000006": "bob-not-customer", "C000011": "bob-vat-missing", "C000012": ""} {
		if got := waits[record.Key("account "+cid)]; got != want {
			t.Errorf("%s: %q, want %q", cid, got, want)
		}
	}
	for _, cid := range []string{"C000001", "C000006"} {
		if r.city(cid) == "Dinant" {
			t.Errorf("%s was written", cid)
		}
	}
}

// dotted is another spelling of a number, as long as its column.
func dotted(digits string) string { return digits[:4] + "." + digits[4:7] + "." + digits[7:] }

// spoiled spoils the company's files and makes a backup of them as they lie there.
func spoiled(do func(*bobRig) error) func(*bobRig) {
	return func(r *bobRig) {
		r.backup()
		must(r.t, do(r))
		r.bob.Advance(minute)
		path, err := r.bob.Backup(bob50test.Good)
		must(r.t, err)
		files, err := os.ReadDir(r.bob.Dossier())
		must(r.t, err)
		for _, f := range files {
			text, err := os.ReadFile(filepath.Join(r.bob.Dossier(), f.Name()))
			must(r.t, err)
			to := filepath.Join(path, f.Name())
			was, err := os.ReadFile(to)
			must(r.t, err)
			must(r.t, os.WriteFile(to, text, 0o600))
			r.t.Cleanup(func() { must(r.t, os.WriteFile(to, was, 0o600)) })
		}
		must(r.t, os.Chtimes(path, r.bob.Now(), r.bob.Now()))
	}
}
