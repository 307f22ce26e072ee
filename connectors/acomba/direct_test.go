package acomba_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"syncbox/connectors"
	"syncbox/connectors/acomba"
	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/record"
	"syncbox/connectors/share"
)

// touched lists the fields that differ between two snapshots, by table, position and field.
func touched(before, after acombatest.Snapshot) []string {
	var list []string
	for _, c := range acombatest.Diff(before, after) {
		list = append(list, fmt.Sprintf("%s %s %d %s[%d]", c.What, c.File, c.CardPos, c.Field, c.Index))
	}
	slices.Sort(list)
	return list
}

func stamped(position int32, fields ...string) []string {
	var list []string
	for _, f := range append(fields, "mod_seq[0]", "mod_time[0]", "rev[0]") {
		list = append(list, fmt.Sprintf("bytes changed CUSTOMER.DAT %d %s", position, f))
	}
	slices.Sort(list)
	return list
}

// Requirement: ACO-9, ACO-16, ACO-17, ACO-18, ACO-19, ACO-20
func TestUpdateMovesOnlyWhatWasAsked(t *testing.T) {
	r := newRig(t, acombatest.SIM1)
	c := r.customer(3)
	must(t, r.company.ModifyCustomer(c.CardPos, func(c *acombatest.Customer) {
		c.Phones = [5]acombatest.Phone{{Number: "514 555-0100", Ext: "9"}, {Number: "514 555-0199"}, {Desc: "Maison", Number: "450 555-0100"}, {Desc: "cellulaire", Number: "438 555-0100"}}
		c.Emails = [3]string{"old@exemple.ca", "two@exemple.ca", "three@exemple.ca"}
	}))
	tests := []struct {
		name   string
		entity record.Entity
		fields record.Fields
		want   []string
		check  func(acombatest.Customer) string
	}{
		{"address", record.Account, text("address", "12, rue de l'Église", "city", "Trois-Rivières", "postal_code", "G9A 1A1"),
			[]string{"address[0]", "city[0]", "postal_code[0]"}, func(c acombatest.Customer) string { return c.Address + "|" + c.City + "|" + c.Postal }},
		{"web", record.Account, text("web", "www.exemple.ca"), []string{"web[0]"}, func(c acombatest.Customer) string { return c.Web }},
		{"contact", record.Contact, text("full_name", "Zoé Côté"), []string{"care_of[0]"}, func(c acombatest.Customer) string { return c.CareOf }},
		{"phone with extension", record.Contact, text("phone", "514 555-0123 #45"), []string{"phone.ext[0]", "phone.number[0]"},
			func(c acombatest.Customer) string { return c.Phones[0].Number + "|" + c.Phones[0].Ext }},
		{"fax", record.Contact, text("fax", "514 555-7777"), []string{"phone.number[1]"}, func(c acombatest.Customer) string { return c.Phones[1].Number }},
		{"mobile by its description", record.Contact, text("mobile", "438 555-8888"), []string{"phone.number[3]"},
			func(c acombatest.Customer) string { return c.Phones[3].Number + "|" + c.Phones[2].Number }},
		{"first of three addresses", record.Contact, text("email", "new@exemple.ca"), []string{"email[0]"},
			func(c acombatest.Customer) string { return strings.Join(c.Emails[:], "|") }},
		{"cleared", record.Account, text("web", ""), []string{"web[0]"}, func(c acombatest.Customer) string { return c.Web }},
	}
	want := []string{"12, rue de l'Église|Trois-Rivières|G9A 1A1", "www.exemple.ca", "Zoé Côté", "514 555-0123|45", "514 555-7777",
		"438 555-8888|450 555-0100", "new@exemple.ca|two@exemple.ca|three@exemple.ca", ""}
	for i, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r.cycle()
			r.clock = r.clock.Add(time.Minute)
			before := r.snapshot()
			if got := r.write(update(test.entity, c.CardPos, test.fields)); got.Outcome != connectors.Applied || got.Key != keyOf(c.CardPos) {
				t.Fatalf("got %+v, want applied", got)
			}
			after := r.snapshot()
			if diff := cmp.Diff(stamped(c.CardPos, test.want...), touched(before, after)); diff != "" {
				t.Errorf("bytes moved (-want +got):\n%s", diff)
			}
			if faults := acombatest.CheckIndex(before, after); len(faults) > 0 {
				t.Errorf("index: %v", faults)
			}
			now := r.at(c.CardPos)
			if got := test.check(now); got != want[i] {
				t.Errorf("got %q, want %q", got, want[i])
			}
			if now.ModSeq%2 != 0 || now.ModTime != uint32(r.clock.Unix()) {
				t.Errorf("stamps: %+v", now.Prologue)
			}
		})
	}
}

// Requirement: ACO-18
func TestContactThatIsTheCustomerLeavesCareOfEmpty(t *testing.T) {
	r := newRig(t, acombatest.SIM1)
	c := r.customer(2)
	must(t, r.company.ModifyCustomer(c.CardPos, func(c *acombatest.Customer) { c.CareOf = "Paul Roy" }))
	for _, full := range []string{c.Name, strings.ToUpper(c.Name), ""} {
		must(t, r.company.ModifyCustomer(c.CardPos, func(c *acombatest.Customer) { c.CareOf = "Paul Roy" }))
		if got := r.write(update(record.Contact, c.CardPos, text("full_name", full))); got.Outcome != connectors.Applied {
			t.Fatalf("got %+v", got)
		}
		if got := r.at(c.CardPos).CareOf; got != "" {
			t.Errorf("full name %q: care of is %q, want none", full, got)
		}
	}
}

// Requirement: ACO-19
func TestMobileFindsItsSlot(t *testing.T) {
	blank := [5]acombatest.Phone{{Number: "514 555-0100"}}
	user1 := blank
	user1[2] = acombatest.Phone{Desc: "Maison", Number: "450 555-0100"}
	full := user1
	full[2].Number = ""
	full[3] = acombatest.Phone{Desc: "Chalet", Number: "819 555-0100"}
	full[4] = acombatest.Phone{Desc: "Usine", Number: "819 555-0101"}
	taken := full
	taken[3] = acombatest.Phone{}
	tests := []struct {
		name   string
		phones [5]acombatest.Phone
		slot   int
		want   acombatest.Phone
		code   string
	}{
		{"free slot gets a description", blank, 2, acombatest.Phone{Desc: "Cellulaire", Number: "438 555-0001"}, ""},
		{"the slot that the CRM shows", user1, 2, acombatest.Phone{Desc: "Maison", Number: "438 555-0001"}, ""},
		{"a described slot without number is not free", taken, 3, acombatest.Phone{Desc: "Cellulaire", Number: "438 555-0001"}, ""},
		{"no slot left", full, 2, acombatest.Phone{Desc: "Maison"}, acomba.CodeNoSlot},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, acombatest.SIM1)
			c := r.customer(1)
			must(t, r.company.ModifyCustomer(c.CardPos, func(c *acombatest.Customer) { c.Phones = test.phones }))
			got := r.write(update(record.Contact, c.CardPos, text("mobile", "438 555-0001")))
			if test.code != "" && (got.Outcome != connectors.NotApplied || connectors.CodeOf(got.Err) != test.code || connectors.KindOf(got.Err) != connectors.Rejected) {
				t.Errorf("got %+v, want %s", got, test.code)
			}
			if test.code == "" && got.Outcome != connectors.Applied {
				t.Fatalf("got %+v, want applied", got)
			}
			if diff := cmp.Diff(test.want, r.at(c.CardPos).Phones[test.slot]); diff != "" {
				t.Errorf("slot %d (-want +got):\n%s", test.slot, diff)
			}
		})
	}
}

// TestMobileThatIsTheMainNumber follows it. Requirement: ACO-19
func TestMobileThatIsTheMainNumber(t *testing.T) {
	r := newRig(t, acombatest.SIM1)
	c := r.customer(1)
	must(t, r.company.ModifyCustomer(c.CardPos, func(c *acombatest.Customer) {
		c.Phones = [5]acombatest.Phone{{Desc: "Cell.", Number: "514 555-0100"}}
	}))
	if got := r.write(update(record.Contact, c.CardPos, text("phone", "438 555-0001"))); got.Outcome != connectors.Applied {
		t.Fatalf("got %+v", got)
	}
	if diff := cmp.Diff([5]acombatest.Phone{{Desc: "Cell.", Number: "438 555-0001"}}, r.at(c.CardPos).Phones); diff != "" {
		t.Errorf("slots (-want +got):\n%s", diff)
	}
	got := r.write(update(record.Contact, c.CardPos, text("phone", "438 555-0001", "mobile", "438 555-0002")))
	if got.Outcome != connectors.NotApplied || connectors.CodeOf(got.Err) != acomba.CodeNotShown {
		t.Errorf("two numbers for one slot: got %+v", got)
	}
}

// TestExtensionThatStays needs no right to write extensions.
func TestExtensionThatStays(t *testing.T) {
	r := newRig(t, acombatest.SIM1)
	r.layout = r.layoutOf(acombatest.SIM1, `type = "str6",   pad = "space", count = 5, writable = true`, `type = "str6",   pad = "space", count = 5`)
	r.set.Confirmed = r.confirmation()
	r.boot()
	c := r.customer(1)
	must(t, r.company.ModifyCustomer(c.CardPos, func(c *acombatest.Customer) {
		c.Phones[0] = acombatest.Phone{Number: "514 555-0100", Ext: "12"}
	}))
	if got := r.write(update(record.Contact, c.CardPos, text("phone", "438 555-0001 #12"))); got.Outcome != connectors.Applied {
		t.Errorf("got %+v", got)
	}
	if got := r.write(update(record.Contact, c.CardPos, text("phone", "438 555-0001 #13"))); connectors.CodeOf(got.Err) != acomba.CodeNotWritable {
		t.Errorf("another extension: got %+v", got)
	}
}

func TestRefusedValuesAreNeverCut(t *testing.T) {
	r := newRig(t, acombatest.SIM1)
	c := r.customer(0)
	tests := []struct {
		name string
		op   connectors.Op
		code string
	}{
		{"too long", update(record.Account, c.CardPos, text("address", strings.Repeat("a", 61))), acomba.CodeTooLong},
		{"extension too long", update(record.Contact, c.CardPos, text("phone", "514 555-0100 #1234567")), acomba.CodeTooLong},
		{"not in the code page", update(record.Account, c.CardPos, text("city", "東京")), acomba.CodeCodePage},
		{"two lines", update(record.Account, c.CardPos, text("address", "1\n2")), acomba.CodeCodePage},
		{"indexed", update(record.Account, c.CardPos, text("name", "Autre inc.")), acomba.CodeNotWritable},
		{"number", update(record.Account, c.CardPos, text("number", "9")), acomba.CodeNotWritable},
		{"the account's copy of a phone", update(record.Account, c.CardPos, text("phone", "514 555-0100")), acomba.CodeNotWritable},
		{"language", update(record.Contact, c.CardPos, text("language", "fr")), acomba.CodeNotWritable},
		{"derived alone", update(record.Contact, c.CardPos, text("first_name", "Zoé")), acomba.CodeNotWritable},
		{"a reference", update(record.Contact, c.CardPos, record.Fields{"email": record.RefOf("3")}), acomba.CodeNotWritable},
		{"document", update(record.Document, 2, text("number", "1")), acomba.CodeNotWritable},
		{"category", update(record.Category, 2, text("description", "x")), acomba.CodeNotWritable},
		{"user", update(record.User, 2, text("name", "x")), acomba.CodeNotWritable},
		{"control card", update(record.Account, 1, text("city", "Laval")), acomba.CodeNotWritable},
	}
	before := r.snapshot()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := r.write(test.op)
			if got.Outcome != connectors.NotApplied || connectors.KindOf(got.Err) != connectors.Rejected || connectors.CodeOf(got.Err) != test.code {
				t.Errorf("got %+v, want %s", got, test.code)
			}
			refused, _ := errors.AsType[*connectors.Error](got.Err)
			for name, v := range test.op.Fields {
				if test.name != "control card" && test.name != "derived alone" && refused.Args["field"] != name {
					t.Errorf("args %v, want field %s", refused.Args, name)
				}
				if got.Err != nil && v.Text != "" && strings.Contains(got.Err.Error(), v.Text) && len(v.Text) > 2 {
					t.Errorf("error %q tells the value", got.Err)
				}
			}
		})
	}
	if got := touched(before, r.snapshot()); len(got) > 0 {
		t.Errorf("moved: %v", got)
	}
}

// TestWritesAnyValue writes random values and finds nothing else moved. Requirement: ACO-9
func TestWritesAnyValue(t *testing.T) {
	r := newRig(t, acombatest.SIM1)
	account := []string{"address", "city", "province", "postal_code", "iso_country", "web"}
	contact := []string{"full_name", "phone", "fax", "mobile", "email"}
	cards := map[string][]string{"full_name": {"care_of"}, "phone": {"phone.number", "phone.ext"}, "fax": {"phone.number", "phone.ext"},
		"mobile": {"phone.number", "phone.ext", "phone.desc"}, "email": {"email"}}
	all, err := r.company.Customers()
	must(t, err)
	rapid.Check(t, func(rt *rapid.T) {
		r.cycle()
		c := all[rapid.IntRange(0, len(all)-1).Draw(rt, "customer")]
		entity, names := record.Account, account
		if rapid.Bool().Draw(rt, "contact") {
			entity, names = record.Contact, contact
		}
		fields := record.Fields{}
		for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom(names), 1, 3, rapid.ID).Draw(rt, "fields") {
			fields[name] = record.TextOf(rapid.StringMatching(`[a-zA-Zéàç0-9 #'.@-]{0,24}`).Draw(rt, name))
		}
		before := r.snapshot()
		got := r.write(update(entity, c.CardPos, fields))
		after := r.snapshot()
		for _, change := range acombatest.Diff(before, after) {
			if change.What != acombatest.BytesMoved || change.File != "CUSTOMER.DAT" || change.CardPos != c.CardPos || got.Outcome != connectors.Applied {
				rt.Fatalf("%+v moved %v", got, change)
			}
			allowed := []string{"rev", "mod_seq", "mod_time"}
			for name := range fields {
				allowed = append(append(allowed, cards[name]...), name)
			}
			if !slices.Contains(allowed, change.Field) {
				rt.Fatalf("field %s moved for %v", change.Field, fields)
			}
		}
		if faults := acombatest.CheckIndex(before, after); len(faults) > 0 {
			rt.Fatalf("index: %v", faults)
		}
		if got.Outcome != connectors.Applied && connectors.KindOf(got.Err) != connectors.Rejected {
			rt.Fatalf("got %+v", got)
		}
	})
}

func TestLockedCardWaits(t *testing.T) {
	r := newRig(t, acombatest.SIM1)
	c := r.customer(4)
	held, err := r.company.LockCard(acombatest.CustomerTable, c.CardPos)
	must(t, err)
	op := update(record.Account, c.CardPos, text("city", "Laval"))
	before := r.snapshot()
	for n := 1; n <= 5; n++ {
		want := acomba.CodeCardLocked
		if n > 3 {
			want = acomba.CodeCardLockedLong
		}
		for range 2 { // a second try in the same cycle counts as the first
			got := r.write(op)
			if got.Outcome != connectors.NotApplied || connectors.KindOf(got.Err) != connectors.Busy || connectors.CodeOf(got.Err) != want {
				t.Errorf("cycle %d: got %+v, want %s", n, got, want)
			}
		}
		r.cycle()
	}
	if got := touched(before, r.snapshot()); len(got) > 0 {
		t.Errorf("moved: %v", got)
	}
	must(t, held.Release())
	if got := r.write(op); got.Outcome != connectors.Applied {
		t.Errorf("got %+v, want applied", got)
	}
}

func TestAnotherStationWasFaster(t *testing.T) {
	change := func(c *acombatest.Customer) { c.Comment = "vu" }
	tests := []struct {
		name string
		step func(r *rig, c acombatest.Customer)
	}{
		{"changes it between read and lock", func(r *rig, c acombatest.Customer) {
			hook := r.company.Interlope(c.CardPos, change)
			r.cards.before = func() { must(r.t, hook()) }
		}},
		{"changes the very field", func(r *rig, c acombatest.Customer) {
			hook := r.company.Interlope(c.CardPos, func(c *acombatest.Customer) { c.City = "Gaspé" })
			r.cards.before = func() { must(r.t, hook()) }
		}},
		{"deletes it", func(r *rig, c acombatest.Customer) {
			r.cards.before = func() { must(r.t, r.company.DeleteCustomer(c.CardPos)); r.cards.before = nil }
		}},
		{"reuses its place", func(r *rig, c acombatest.Customer) {
			r.cards.before = func() {
				must(r.t, r.company.ReusePosition(c.CardPos, acombatest.Customer{Number: "N9", Name: "Neuf"}))
				r.cards.before = nil
			}
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, acombatest.SIM1)
			c := r.customer(5)
			test.step(r, c)
			got := r.write(update(record.Account, c.CardPos, text("city", "Laval")))
			if got.Outcome != connectors.NotApplied || connectors.KindOf(got.Err) != connectors.Busy || connectors.CodeOf(got.Err) != acomba.CodeCardChanged {
				t.Errorf("got %+v, want %s", got, acomba.CodeCardChanged)
			}
			if got := r.at(c.CardPos).City; got == "Laval" {
				t.Error("the write went over the other station's")
			}
		})
	}
}

// TestTypographicSigns are written in the plain form that the code page has.
func TestTypographicSigns(t *testing.T) {
	r := newRig(t, acombatest.SIM1)
	c := r.customer(5)
	if got := r.write(update(record.Account, c.CardPos, text("address", "1, rue de l′Été"))); got.Outcome != connectors.Applied {
		t.Fatalf("got %+v", got)
	}
	if got := r.at(c.CardPos).Address; got != "1, rue de l'Été" {
		t.Errorf("got %q", got)
	}
}

// TestLayoutChangedSinceThePlan: even if a technician has confirmed the new one in between.
func TestLayoutChangedSinceThePlan(t *testing.T) {
	r := newRig(t, acombatest.SIM1)
	op := update(record.Account, r.customer(5).CardPos, text("city", "Laval"))
	var err error
	op.Token, err = r.writer.Prepare(context.Background(), op)
	must(t, err)
	r.layout = r.layoutOf(acombatest.SIM1, "max_writes_per_cycle = 20", "max_writes_per_cycle = 21")
	r.set.Confirmed = r.confirmation()
	r.boot()
	if got := r.writer.Apply(context.Background(), []connectors.Op{op})[0]; got.Outcome != connectors.NotApplied || connectors.CodeOf(got.Err) != acomba.CodeCardChanged {
		t.Errorf("got %+v, want %s", got, acomba.CodeCardChanged)
	}
}

func TestSeenValuesMustStillBeThere(t *testing.T) {
	r := newRig(t, acombatest.SIM1)
	c := r.customer(5)
	op := update(record.Account, c.CardPos, text("city", "Laval"))
	op.Seen = text("city", "Ailleurs")
	if got := r.write(op); connectors.CodeOf(got.Err) != acomba.CodeCardChanged || connectors.KindOf(got.Err) != connectors.Busy {
		t.Errorf("got %+v, want %s", got, acomba.CodeCardChanged)
	}
	op.Seen = text("city", c.City)
	if got := r.write(op); got.Outcome != connectors.Applied {
		t.Errorf("got %+v, want applied", got)
	}
}

func TestLimitOfACycle(t *testing.T) {
	r := newRig(t, acombatest.SIM1)
	all, err := r.company.Customers()
	must(t, err)
	var applied int
	for _, c := range all {
		switch got := r.write(update(record.Account, c.CardPos, text("web", "w.ca"))); {
		case got.Outcome == connectors.Applied:
			applied++
		case connectors.CodeOf(got.Err) != acomba.CodeWriteLimit || connectors.KindOf(got.Err) != connectors.Busy:
			t.Fatalf("got %+v", got)
		}
	}
	if applied != 20 {
		t.Errorf("%d cards written in one cycle, want 20", applied)
	}
	r.cycle()
	if got := r.write(update(record.Account, all[25].CardPos, text("web", "w.ca"))); got.Outcome != connectors.Applied {
		t.Errorf("next cycle: got %+v", got)
	}
}

// liar is a file that stores other bytes than it was given, or none.
type liar struct {
	share.LockedFile
	lies  int // writes it lies about, from the first
	drop  bool
	fails bool // the first write fails besides
}

func (l *liar) WriteAt(p []byte, off int64) (n int, err error) {
	if l.fails {
		l.fails, err = false, serverSays(share.Full)
		defer func() { n = 0 }()
	}
	if l.lies == 0 {
		return l.LockedFile.WriteAt(p, off)
	}
	l.lies--
	if l.drop {
		return len(p), nil
	}
	bent := slices.Clone(p)
	bent[200] ^= 0x20
	if n, bad := l.LockedFile.WriteAt(bent, off); bad != nil {
		return n, bad
	}
	return len(p), err
}

func TestWriteThatDoesNotReadBack(t *testing.T) {
	tests := []struct {
		name    string
		file    liar
		outcome connectors.Outcome
		kind    connectors.Kind
		code    string
		same    bool // the card is as it was
	}{
		{"other bytes, put back", liar{lies: 2}, connectors.NotApplied, connectors.Drift, acomba.CodeReadback, true},
		{"nothing at all", liar{lies: 3, drop: true}, connectors.NotApplied, connectors.Drift, acomba.CodeReadback, true},
		{"can't be put back", liar{lies: 3}, connectors.InDoubt, connectors.Rejected, acomba.CodeHalfWritten, false},
		{"can't be put back after an error", liar{lies: 2, fails: true}, connectors.InDoubt, connectors.Rejected, acomba.CodeHalfWritten, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, acombatest.SIM1)
			c, other := r.customer(3), r.customer(4)
			r.cards.wrap = func(f share.LockedFile) share.LockedFile { test.file.LockedFile = f; return &test.file }
			before := r.snapshot()
			got := r.write(update(record.Account, c.CardPos, text("city", "Laval")))
			if got.Outcome != test.outcome || connectors.KindOf(got.Err) != test.kind || connectors.CodeOf(got.Err) != test.code {
				t.Errorf("got %+v, want %v %s", got, test.outcome, test.code)
			}
			if same := len(touched(before, r.snapshot())) == 0; same != test.same {
				t.Errorf("card as before: %v, want %v", same, test.same)
			}
			r.cards.wrap = nil
			r.cycle()
			if got := r.write(update(record.Account, other.CardPos, text("city", "Laval"))); connectors.KindOf(got.Err) != connectors.Drift {
				t.Errorf("afterwards: got %+v, want drift", got)
			}
			if got := r.writer.WhyHandoff(); got != acomba.CodeReadback {
				t.Errorf("reason %q, want %s", got, acomba.CodeReadback)
			}
		})
	}
}

func TestApplyNeedsItsOwnIntent(t *testing.T) {
	r := newRig(t, acombatest.SIM1)
	a, b := r.customer(3), r.customer(4)
	op := update(record.Account, a.CardPos, text("city", "Laval"))
	token, err := r.writer.Prepare(context.Background(), op)
	must(t, err)
	tests := []struct {
		name  string
		op    connectors.Op
		token []byte
		code  string
	}{
		{"none", op, nil, acomba.CodeNotPrepared},
		{"garbage", op, []byte("{}"), acomba.CodeNotPrepared},
		{"of another card", update(record.Account, b.CardPos, op.Fields), token, acomba.CodeNotPrepared},
		{"of other values", update(record.Account, a.CardPos, text("city", "Rosemère")), token, acomba.CodeCardChanged},
	}
	before := r.snapshot()
	for _, test := range tests {
		test.op.Token = test.token
		if got := r.writer.Apply(context.Background(), []connectors.Op{test.op})[0]; got.Outcome != connectors.NotApplied || connectors.CodeOf(got.Err) != test.code {
			t.Errorf("%s: got %+v, want %s", test.name, got, test.code)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	op.Token = token
	if got := r.writer.Apply(ctx, []connectors.Op{op})[0]; got.Outcome != connectors.NotApplied || !errors.Is(got.Err, context.Canceled) || connectors.KindOf(got.Err) != connectors.Busy {
		t.Errorf("after the end: got %+v", got)
	}
	if got := touched(before, r.snapshot()); len(got) > 0 {
		t.Errorf("moved: %v", got)
	}
}

// stumble is a file in which single calls go wrong while the connection lives.
type stumble struct {
	share.LockedFile
	writes, syncs int // number of the call that fails, from 1; 0 = none
	half          bool
}

func (s *stumble) WriteAt(p []byte, off int64) (int, error) {
	if s.writes--; s.writes != 0 {
		return s.LockedFile.WriteAt(p, off)
	}
	if s.half {
		_, _ = s.LockedFile.WriteAt(p[:len(p)/2], off)
	}
	return 0, serverSays(share.Full)
}

func (s *stumble) Sync() error {
	if s.syncs--; s.syncs != 0 {
		return s.LockedFile.Sync()
	}
	return serverSays(share.Full)
}

func TestWriteFailsOnALivingConnection(t *testing.T) {
	tests := []struct {
		name    string
		file    stumble
		outcome connectors.Outcome
		same    bool
	}{
		{"nothing written", stumble{writes: 1}, connectors.NotApplied, true},
		{"half written", stumble{writes: 1, half: true}, connectors.NotApplied, true},
		{"left odd", stumble{writes: 2}, connectors.NotApplied, true},
		{"whole, but unanswered", stumble{writes: 2, half: true}, connectors.ReadBack, false},
		{"first not synced", stumble{syncs: 1}, connectors.NotApplied, true},
		{"last not synced", stumble{syncs: 2}, connectors.ReadBack, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, acombatest.SIM1)
			c := r.customer(3)
			file := test.file
			r.cards.wrap = func(f share.LockedFile) share.LockedFile { file.LockedFile = f; return &file }
			before := r.snapshot()
			got := r.write(update(record.Account, c.CardPos, text("city", "Laval")))
			if test.file == (stumble{writes: 1}) && file.writes != 0 {
				t.Error("written to once more, although the card was as before")
			}
			if got.Outcome != test.outcome || connectors.CodeOf(got.Err) != share.CodeFull {
				t.Errorf("got %+v, want %d %s", got, test.outcome, share.CodeFull)
			}
			if same := len(touched(before, r.snapshot())) == 0; same != test.same {
				t.Errorf("card as before: %v, want %v", same, test.same)
			}
			r.cards.wrap = nil
			if got := r.writer.WhyHandoff(); got != "" {
				t.Errorf("stopped by a full disk: %s", got)
			}
		})
	}
}
