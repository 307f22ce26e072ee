package bob50_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/bob50"
	"syncbox/connectors/bob50/bob50test"
	"syncbox/connectors/record"
)

// linked is a rig with a folder of LINK, which has looked once.
func linked(t *testing.T, o bob50test.Options, change ...func(*bob50.Config)) *rig {
	t.Helper()
	r := newRig(t, o, change...)
	r.conf.Link = r.below(r.Link())
	r.boot()
	r.backup(bob50test.Good)
	r.looked(record.Account)
	return r
}

// change is what the sync asks of a third party.
func change(key record.Key, by string, fields record.Fields) (all []connectors.Handoff) {
	for _, name := range fields.Names() {
		all = append(all, connectors.Handoff{Entity: record.Account, Key: key, Field: name, Wanted: fields[name], By: record.Key(by)})
	}
	return all
}

func texts(pairs ...string) record.Fields {
	f := record.Fields{}
	for i := 0; i < len(pairs); i += 2 {
		f[pairs[i]] = record.TextOf(pairs[i+1])
	}
	return f
}

func (r *rig) publish(changes ...[]connectors.Handoff) error {
	var all []connectors.Handoff
	for _, c := range changes {
		all = append(all, c...)
	}
	return r.site.Publish(r.t.Context(), all)
}

// inLink are the names of what lies in LINK, its own tables left out.
func (r *rig) inLink() (names []string) {
	r.t.Helper()
	for _, e := range must(os.ReadDir(r.Link()))(r.t) {
		if !e.IsDir() && !strings.HasPrefix(e.Name(), "LINK_") {
			names = append(names, e.Name())
		}
	}
	return names
}

func (r *rig) imported() bob50test.Report {
	r.t.Helper()
	r.Advance(time.Minute)
	return must(r.Import())(r.t)
}

// TestHandedOverAndShown: a new third party and a changed one go to LINK, stay what they are when nothing comes of it, and are
// as wanted in the next backup, in every position of every switch that lets them in.
//
// Requirement: BOB-24, LAB-7
func TestHandedOverAndShown(t *testing.T) {
	for _, switches := range bob50test.Positions() {
		if switches.Generation != "" && switches.Generation != bob50test.GenerationADS || switches.BackupForm == bob50test.BackupOther {
			continue
		}
		for _, format := range []string{bob50.LinkDBF, bob50.LinkFixed} {
			t.Run(positionName(switches)+" "+format, func(t *testing.T) { handOver(t, switches, format) })
		}
	}
}

func handOver(t *testing.T, switches bob50test.Switches, format string) {
	r := linked(t, bob50test.Options{Switches: switches}, func(c *bob50.Config) { c.LinkFormat, c.Trigger = format, "BOBLINK.TXT" })
	r.edit("C000001", plain)
	r.backup(bob50test.Good)
	r.looked(record.Account)
	asked := [][]connectors.Handoff{
		change("C000001", "7", texts("city", "Mons", "phone", "065 33 44 55")),
		change("", "9", texts("name", "Nouvelle Maison", "vat", "BE 0403.170.701", "city", "Namur", "country", "BE")),
	}
	for range 2 {
		if err := r.publish(asked...); err != nil {
			t.Fatal(err)
		}
	}
	before := r.inLink()
	report := r.imported()
	if switches.LinkModule == bob50test.ModuleOff {
		if d := cmp.Diff(before, r.inLink()); d != "" || report.Files != nil {
			t.Errorf("%+v %s", report, d)
		}
		return
	}
	if want := 2; report.Added+report.Updated+len(report.Refused) != want {
		t.Errorf("import: %+v", report)
	}
	r.backup(bob50test.Good)
	told := r.looked(record.Account)
	born := r.read(record.Account, "C000021")
	if got := born.Fields; got["name"].Text != "Nouvelle Maison" || got["vat"].Text != "BE0403170701" || got["city"].Text != "Namur" || got["country"].Text != "BE" || born.Held != "" {
		t.Errorf("told %v, born %+v", told, born)
	}
	if switches.LinkExisting == bob50test.ExistingRefused {
		return
	}
	p := must(r.Party("C000001"))(t)
	want := bob50test.Fields{"CLOCALITY": "Mons", "CTELNO": "065 33 44 55", "CADDRESS1": plain["CADDRESS1"], "EMAILADDRESS": plain["EMAILADDRESS"], "CCUSCTRACC": plain["CCUSCTRACC"]}
	for column, v := range want {
		if p[column] != v {
			t.Errorf("%s: got %v, want %v", column, p[column], v)
		}
	}
	if err := r.publish(); err != nil || switches.LinkAfter != bob50test.AfterRename && len(r.inLink()) != 0 && switches.LinkAnswer != bob50test.AnswerAlways {
		t.Errorf("when nothing is wanted any more: %v, %v", r.inLink(), err)
	}
}

// plain is a third party that lines of ASCII can hold.
var plain = bob50test.Fields{"CNAME1": "Maison Martin", "CNAME2": nil, "CADDRESS1": "Rue Haute 1", "CADDRESS2": nil, "CLOCALITY": "Liege", "CZIPCODE": "4000",
	"CTELNO": nil, "CFAXNO": nil, "EMAILADDRESS": "a@b.example", "HTTPADDRESS": nil, "CCUSCTRACC": "400000"}

// TestTakenOnce: what BOB took is not handed over again while no backup shows it, over a restart of the box.
//
// Requirement: BOB-24, BOB-30
func TestTakenOnce(t *testing.T) {
	r := linked(t, bob50test.Options{})
	asked := change("C000001", "7", texts("city", "Mons"))
	if err := r.publish(asked); err != nil {
		t.Fatal(err)
	}
	r.imported()
	r.edit("C000001", bob50test.Fields{"CLOCALITY": "Ath"}) // somebody knows better
	r.boot()
	r.backup(bob50test.Good)
	r.looked(record.Account)
	for range 2 {
		if err := r.publish(asked); err != nil || len(r.inLink()) != 0 {
			t.Fatalf("handed over again: %v, %v", r.inLink(), err)
		}
	}
	if err := r.publish(change("C000001", "7", texts("city", "Dinant"))); err != nil || len(r.inLink()) != 1 {
		t.Errorf("another wish: %v, %v", r.inLink(), err)
	}
}

// TestBackupBeforeEachWrite: a backup serves for one file of LINK, which may be replaced until BOB takes it.
//
// Requirement: BOB-2
func TestBackupBeforeEachWrite(t *testing.T) {
	r := linked(t, bob50test.Options{})
	one, two, three := change("C000001", "7", texts("city", "Mons")), change("C000002", "8", texts("city", "Ath")), change("C000003", "9", texts("city", "Huy"))
	for _, asked := range [][]connectors.Handoff{one, append(one, two...)} {
		if err := r.publish(asked); err != nil {
			t.Fatal(err)
		}
	}
	if report := r.imported(); report.Updated != 2 {
		t.Errorf("%+v", report)
	}
	r.code(r.publish(one, two, three), connectors.Busy, bob50.CodeBackupUsed)
	if len(r.inLink()) != 0 {
		t.Errorf("%v", r.inLink())
	}
	r.backup(bob50test.Good)
	r.looked(record.Account)
	if err := r.publish(three); err != nil || len(r.inLink()) != 1 {
		t.Errorf("%v, %v", r.inLink(), err)
	}
}

// TestUnconfirmed: what no backup shows is told after some days.
//
// Requirement: BOB-24
func TestUnconfirmed(t *testing.T) {
	r := linked(t, bob50test.Options{Switches: bob50test.Switches{LinkModule: bob50test.ModuleOff}})
	if err := r.publish(change("C000001", "7", texts("city", "Mons"))); err != nil {
		t.Fatal(err)
	}
	for day, want := range map[int]bool{6: false, 7: true} {
		r.t.Logf("day %d", day)
		late := newDay(r, day)
		if late != want {
			t.Errorf("day %d: told %v, want %v", day, late, want)
		}
	}
}

// newDay looks so many days after the change, and says whether it is told as unconfirmed.
func newDay(r *rig, day int) bool {
	r.t.Helper()
	begin := r.conf.Now
	r.conf.MaxAge = 100 * 24 * time.Hour
	r.conf.Now = func() time.Time { return begin().AddDate(0, 0, day) }
	r.boot()
	r.conf.Now = begin
	r.looked(record.Account)
	for _, n := range r.site.Remarks() {
		if n.Code == bob50.CodeLinkUnconfirmed {
			return true
		}
	}
	return false
}

// TestApply: a write is Pending, or refused with its reason; nothing is sent when the context has ended.
func TestApply(t *testing.T) {
	r := linked(t, bob50test.Options{})
	seen := r.read(record.Account, "C000001").Fields
	for _, test := range []struct {
		name string
		op   connectors.Op
		kind connectors.Kind
		code string
	}{
		{"update", connectors.Op{ID: "1", Kind: connectors.Update, Entity: record.Account, Key: "C000001", Fields: texts("city", "Mons"), Seen: record.Fields{"city": seen["city"]}}, 0, ""},
		{"create", connectors.Op{ID: "2", Kind: connectors.Create, Entity: record.Account, Fields: texts("name", "Neuf", "vat", "BE0403170701")}, 0, ""},
		{"changed since", connectors.Op{ID: "3", Kind: connectors.Update, Entity: record.Account, Key: "C000002", Fields: texts("city", "Mons"), Seen: texts("city", "Elsewhere")}, connectors.Busy, bob50.CodeRecordChanged},
		{"nobody", connectors.Op{ID: "4", Kind: connectors.Update, Entity: record.Account, Key: "X", Fields: texts("city", "Mons")}, connectors.Rejected, bob50.CodeRecordMissing},
		{"too long", connectors.Op{ID: "5", Kind: connectors.Update, Entity: record.Account, Key: "C000002", Fields: texts("city", strings.Repeat("x", 41))}, connectors.Rejected, bob50.CodeBadValue},
		{"no such letter", connectors.Op{ID: "6", Kind: connectors.Update, Entity: record.Account, Key: "C000002", Fields: texts("city", "Łódź")}, connectors.Rejected, bob50.CodeBadValue},
		{"no such column", connectors.Op{ID: "7", Kind: connectors.Update, Entity: record.Account, Key: "C000002", Fields: texts("CCUSCTRACC", "400")}, connectors.Rejected, bob50.CodeBadOp},
		{"name too long for dBASE", connectors.Op{ID: "8", Kind: connectors.Update, Entity: record.Account, Key: "C000002", Fields: texts("email", "a@b.example")}, connectors.Rejected, bob50.CodeBadOp},
		{"a person", connectors.Op{ID: "9", Kind: connectors.Update, Entity: record.Contact, Key: "1", Fields: texts("mobile", "1")}, connectors.Rejected, bob50.CodeBadOp},
		{"delete", connectors.Op{ID: "10", Kind: connectors.Delete, Entity: record.Account, Key: "C000002"}, connectors.Rejected, bob50.CodeBadOp},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := r.site.Apply(t.Context(), []connectors.Op{test.op})[0]
			if test.code == "" {
				if got.Outcome != connectors.Pending || got.Err != nil {
					t.Errorf("got %+v", got)
				}
				return
			}
			if got.Outcome != connectors.NotApplied {
				t.Errorf("outcome %v", got.Outcome)
			}
			r.code(got.Err, test.kind, test.code)
		})
	}
	if report := r.imported(); report.Added != 1 || report.Updated != 1 {
		t.Errorf("%+v", report)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	op := connectors.Op{ID: "11", Kind: connectors.Update, Entity: record.Account, Key: "C000002", Fields: texts("city", "Mons")}
	if got := r.site.Apply(ctx, []connectors.Op{op})[0]; got.Outcome != connectors.NotApplied || got.Err == nil || len(r.inLink()) != 0 {
		t.Errorf("got %+v, %v", got, r.inLink())
	}
}

// TestLinkUnavailable: without a folder nothing is lost, and somebody else's file is left alone.
//
// Requirement: BOB-24
func TestLinkUnavailable(t *testing.T) {
	r := linked(t, bob50test.Options{})
	asked := change("C000001", "7", texts("city", "Mons"))
	rename(t, r.Link(), r.Link()+".away")
	r.code(r.publish(asked), connectors.Unavailable, bob50.CodeLinkUnavailable)
	rename(t, r.Link()+".away", r.Link())
	foreign := filepath.Join(r.Link(), "clients.dbf")
	if err := os.WriteFile(foreign, []byte("somebody's"), 0o600); err != nil {
		t.Fatal(err)
	}
	r.code(r.publish(asked), connectors.Busy, bob50.CodeLinkTaken)
	if err := r.publish(); err != nil {
		t.Error(err)
	}
	if got := string(must(os.ReadFile(foreign))(t)); got != "somebody's" {
		t.Errorf("the other one's file: %q", got)
	}
	r.conf.Link = ""
	r.boot()
	r.code(r.publish(asked), connectors.Unavailable, bob50.CodeLinkUnavailable)
	if f := r.site.Fields(record.Account)["city"]; f.Write != connectors.WriteNone || r.site.Creating(record.Account) != connectors.WriteNone {
		t.Errorf("written without LINK: %+v", f)
	}
}

// TestPowerCut: a file that was noted and never put there is put there by the next cycle.
//
// Requirement: BOB-30
func TestPowerCut(t *testing.T) {
	r := linked(t, bob50test.Options{})
	asked := change("C000001", "7", texts("city", "Mons"))
	whole := r.drops
	r.drops = cut{whole}
	r.boot()
	r.looked(record.Account)
	r.code(r.publish(asked), connectors.Unavailable, bob50.CodeLinkUnavailable)
	r.drops = whole
	r.boot()
	r.looked(record.Account)
	if err := r.publish(asked); err != nil || len(r.inLink()) != 1 {
		t.Errorf("%v, %v", r.inLink(), err)
	}
}

// cut loses its power before the file has its name.
type cut struct{ bob50.Drops }

func (cut) Drop(context.Context, string, string, []byte) error { return errOther }
