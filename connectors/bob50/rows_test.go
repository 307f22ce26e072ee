package bob50_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/bob50"
	"syncbox/connectors/bob50/bob50test"
	"syncbox/connectors/record"
)

// TestRecord: a third party with all that is synced, and a person.
//
// Requirement: BOB-15, BOB-28
func TestRecord(t *testing.T) {
	r := newRig(t, bob50test.Options{Phone: 25}, func(c *bob50.Config) { c.Custom = []string{"C_SECTOR", "C_SCORE", "C_SINCE", "C_VIP"} })
	r.edit("C000001", bob50test.Fields{"CNAME1": "Crème & Cœur", "CNAME2": "SPRL €", "CADDRESS1": "Rue d'Été 1", "CADDRESS2": nil, "CZIPCODE": "1000",
		"CLOCALITY": "Bruxelles", "CCTRYCODE": nil, "CCOUNTRY": "BE", "CTELNO": "+32 2 555 00 00", "CFAXNO": nil, "EMAILADDRESS": "info@creme.example",
		"HTTPADDRESS": nil, "CLANGUAGE": "F", "CVATREF": "BE", "CVATNO": "403.170.701", "C_SECTOR": "Lait", "C_SCORE": 42,
		"C_SINCE": time.Date(2026, 2, 28, 0, 0, 0, 0, time.UTC), "C_VIP": true})
	r.backup(bob50test.Good)
	r.looked(record.Account)
	want := record.Fields{"reference": record.TextOf("C000001"), "name": record.TextOf("Crème & Cœur SPRL €"), "address1": record.TextOf("Rue d'Été 1"),
		"postcode": record.TextOf("1000"), "city": record.TextOf("Bruxelles"), "country": record.TextOf("BE"), "phone": record.TextOf("+32 2 555 00 00"),
		"email": record.TextOf("info@creme.example"), "language": record.TextOf("F"), "vat": record.TextOf("BE0403170701"), "customer": record.BoolOf(true),
		"custom.C_SECTOR": record.TextOf("Lait"), "custom.C_SCORE": {Kind: record.Number, Text: "42"}, "custom.C_SINCE": {Kind: record.Date, Text: "2026-02-28"},
		"custom.C_VIP": record.BoolOf(true)}
	got := r.read(record.Account, "C000001")
	for name, v := range got.Fields {
		if v.Empty() {
			delete(got.Fields, name)
		}
	}
	if d := cmp.Diff(want, got.Fields); d != "" || got.Held != "" {
		t.Errorf("held %q, -want +got\n%s", got.Held, d)
	}
	if f := r.site.Fields(record.Account); f["phone"].MaxLen != 25 || f["name"].MaxLen != 80 || f["custom.C_VIP"].Kind != record.Bool {
		t.Errorf("fields: %+v", f)
	}
	var custom []string
	for _, f := range r.site.CustomFields() {
		custom = append(custom, f.Column+strconv.FormatBool(f.String))
	}
	if d := cmp.Diff([]string{"C_SCOREfalse", "C_SECTORtrue", "C_SINCEfalse", "C_VIPfalse"}, custom); d != "" {
		t.Error(d)
	}
	person := r.read(record.Contact, r.notes.Told[record.Contact][0])
	if person.Fields["last_name"].Empty() || person.Fields["account"].Key() == "" || person.Incarnation != string(person.Fields["account"].Key()) {
		t.Errorf("person: %+v", person)
	}
}

// TestHeldRows: each row that can't be taken has its reason, and the others go on.
//
// Requirement: BOB-3, BOB-22, BOB-23
func TestHeldRows(t *testing.T) {
	for _, test := range []struct {
		name   string
		do     func(*rig) error
		key    record.Key
		held   string
		others []record.Key // told besides
	}{
		{"loses its tick", func(r *rig) error { return r.SetCustomer("C000001", false) }, "C000001", bob50.CodeNotCustomer, nil},
		{"loses its number", func(r *rig) error { return r.Edit("C000001", r.VAT("")) }, "C000001", bob50.CodeVATMissing, nil},
		{"same number", func(r *rig) error { return r.DuplicateVAT("C000001", "C000002") }, "C000001", bob50.CodeVATTwice, []record.Key{"C000002"}},
		{"same number in two spellings", func(r *rig) error {
			return r.Edit("C000002", bob50test.Fields{"CVATREF": "BE", "CVATNO": "403.170.701"})
		}, "C000001", bob50.CodeVATSpellings, []record.Key{"C000002"}},
		{"unknown status", func(r *rig) error { return r.StrangeStatus(bob50test.Parties, 3) }, "", bob50.CodeRowUnreadable, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, bob50test.Options{})
			r.edit("C000001", bob50test.Fields{"CVATREF": "BE", "CVATNO": "0403170701"})
			r.backup(bob50test.Good)
			r.looked(record.Account)
			r.Advance(time.Minute)
			if err := test.do(r); err != nil {
				t.Fatal(err)
			}
			r.copyLive()
			told := r.looked(record.Account)
			if test.key == "" && len(told) == 1 {
				test.key = told[0]
			}
			if d := cmp.Diff(append([]record.Key{test.key}, test.others...), told); d != "" {
				t.Error(d)
			}
			for _, key := range told {
				if got := r.read(record.Account, key); got.Held != test.held || got.Gone {
					t.Errorf("%s: held %q, want %q", key, got.Held, test.held)
				}
			}
			if got := r.read(record.Account, "C000005"); got.Held != "" {
				t.Errorf("another one is held: %q", got.Held)
			}
			if err := r.Mend(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// TestTwinGoes: who was held for its twin is told when that one goes.
//
// Requirement: BOB-23, BOB-27
func TestTwinGoes(t *testing.T) {
	r := newRig(t, bob50test.Options{})
	if err := r.DuplicateVAT("C000001", "C000002"); err != nil {
		t.Fatal(err)
	}
	r.backup(bob50test.Good)
	r.looked(record.Account)
	r.Advance(time.Minute)
	if err := r.Remove("C000002"); err != nil {
		t.Fatal(err)
	}
	r.backup(bob50test.Good)
	if d := cmp.Diff([]record.Key{"C000001", "C000002"}, r.looked(record.Account)); d != "" {
		t.Error(d)
	}
	if got := r.read(record.Account, "C000001"); got.Held != "" {
		t.Errorf("held %q", got.Held)
	}
	found, later, err := r.site.Read(t.Context(), record.Account, []record.Key{"C000002"})
	if len(found) != 0 || len(later) != 0 || err != nil {
		t.Errorf("removed: %v, %v, %v", found, later, err)
	}
}

// TestOlderCopies: an older backup, another company's and one that lost many rows stop both directions until a person has looked.
//
// Requirement: BOB-29
func TestOlderCopies(t *testing.T) {
	for _, test := range []struct {
		name     string
		switches bob50test.Switches
		do       func(*rig, bob50test.State) error
		code     string
	}{
		{"restored", bob50test.Switches{}, func(r *rig, old bob50test.State) error { return r.Restore(old) }, bob50.CodeRestored},
		{"restored, no dates", bob50test.Switches{ModifyDate: bob50test.ModifyNever}, func(r *rig, old bob50test.State) error { return r.Restore(old) }, bob50.CodeRestored},
		{"another company", bob50test.Switches{}, nil, bob50.CodeOtherDossier},
		{"many gone", bob50test.Switches{}, func(r *rig, _ bob50test.State) error {
			for _, cid := range r.CIDs()[:3] {
				if err := r.Remove(cid); err != nil {
					return err
				}
			}
			return nil
		}, bob50.CodeRowsFell},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, bob50test.Options{Switches: test.switches})
			r.backup(bob50test.Good)
			r.looked(record.Account)
			old := r.Save()
			for i := range 4 {
				r.edit("C00000"+strconv.Itoa(i+1), bob50test.Fields{"CNAME1": "Nouveau " + strconv.Itoa(i)})
			}
			r.backup(bob50test.Good)
			if told := r.looked(record.Account); len(told) != 4 {
				t.Fatalf("told %v", told)
			}
			r.Advance(time.Minute)
			quality := bob50test.OtherDossier
			if test.do != nil {
				quality = bob50test.Good
				if err := test.do(r, old); err != nil {
					t.Fatal(err)
				}
			}
			r.backup(quality)
			for range 2 {
				r.code(r.look(), connectors.Hold, test.code)
			}
			if _, _, err := r.site.Read(t.Context(), record.Account, []record.Key{"C000001"}); connectors.CodeOf(err) != test.code {
				t.Errorf("read: %v", err)
			}
			r.site.Accept()
			if told := r.looked(record.Account); len(told) < 3 {
				t.Errorf("accepted: told %v", told)
			}
			if told := r.looked(record.Account); len(told) != 0 {
				t.Errorf("once more: told %v", told)
			}
		})
	}
}

// TestReadsNothingAlive: whatever the box does, the company's own files are only listed.
func TestReadsNothingAlive(t *testing.T) {
	r := newRig(t, bob50test.Options{})
	r.backup(bob50test.Good)
	watch := &opened{FS: r.files}
	r.files = watch
	r.boot()
	r.looked(record.Account)
	r.read(record.Account, "C000001")
	if alive := watch.below(r.conf.Dossier); len(alive) != 0 || len(watch.names) == 0 {
		t.Errorf("opened: %v of %v", alive, watch.names)
	}
	if wrong := must(r.Trespasses())(t); len(wrong) != 0 {
		t.Error(wrong)
	}
}
