package acomba_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/acomba"
	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/record"
	"syncbox/connectors/share"
)

// birth is a customer born in the CRM, with its contact.
func birth(number string) connectors.Op {
	contact := text("full_name", "Zoé Côté", "first_name", "Zoé", "last_name", "Côté", "phone", "514 555-0100 #12", "fax", "514 555-0101",
		"mobile", "438 555-0102", "email", "zoe@neuve.ca")
	return connectors.Op{Kind: connectors.Create, Entity: record.Account,
		Fields: text("number", number, "name", "Neuve inc.", "address", "1, rue Neuve", "city", "Québec", "province", "QC",
			"postal_code", "G1R 1A1", "iso_country", "CA", "web", "www.neuve.ca"),
		With: []connectors.Op{{Kind: connectors.Create, Entity: record.Contact, Fields: contact}}}
}

// Requirement: ACO-15, ACO-16, ACO-17, ACO-18, ACO-19, ACO-20, ACO-58
func TestCreateAppendsOneCard(t *testing.T) {
	r := newRig(t, acombatest.SIM1)
	must(t, r.company.ReusePosition(r.customer(2).CardPos, acombatest.Customer{Number: "N9", Name: "Neuf"})) // the highest unique id comes early
	var unique uint32
	for c, err := range r.company.CustomerCards() {
		must(t, err)
		unique = max(unique, c.UniqueID)
	}
	count, err := r.company.Count(acombatest.CustomerTable)
	must(t, err)
	before := r.snapshot()
	var checker acombatest.IndexChecker
	checker.Look(before)
	r.cards.wrap = func(f share.LockedFile) share.LockedFile { return &watched{f, func() { checker.Look(r.snapshot()) }} }

	got := r.write(birth("20261121093005123"))
	if got.Outcome != connectors.Applied || got.Key != keyOf(count+1) {
		t.Fatalf("got %+v, want applied as %d", got, count+1)
	}
	after := r.snapshot()
	if faults := checker.Look(after); len(faults) > 0 {
		t.Errorf("index: %v", faults)
	}
	for _, change := range acombatest.Diff(before, after) {
		if change.What != acombatest.CardAdded || change.CardPos != count+1 {
			t.Errorf("moved: %v", change)
		}
	}
	want := acombatest.Customer{
		Prologue: acombatest.Prologue{CardPos: count + 1, Active: true, Rev: 1, UniqueID: unique + 1, ModSeq: 2, ModTime: uint32(r.clock.Unix())},
		Number:   "20261121093005123", Name: "Neuve inc.", CareOf: "Zoé Côté", Address: "1, rue Neuve", City: "Québec", Province: "QC",
		Postal: "G1R 1A1", Country: "CA", Web: "www.neuve.ca", Emails: [3]string{"zoe@neuve.ca"},
		Phones: [5]acombatest.Phone{{Number: "514 555-0100", Ext: "12"}, {Number: "514 555-0101"}, {Desc: "Cellulaire", Number: "438 555-0102"}},
	}
	if diff := cmp.Diff(want, r.at(count+1)); diff != "" {
		t.Errorf("card (-want +got):\n%s", diff)
	}
}

// watched tells after each write to the disk.
type watched struct {
	share.LockedFile
	wrote func()
}

func (f *watched) Sync() error {
	err := f.LockedFile.Sync()
	f.wrote()
	return err
}

// TestCreateShowsTheCardOnlyWhenWhole: until it is verified the card is being created.
func TestCreateShowsTheCardOnlyWhenWhole(t *testing.T) {
	r := newRig(t, acombatest.SIM1)
	count, err := r.company.Count(acombatest.CustomerTable)
	must(t, err)
	var states []acombatest.Status
	r.cards.wrap = func(f share.LockedFile) share.LockedFile {
		return &watched{f, func() { states = append(states, r.at(count+1).Status) }}
	}
	if got := r.write(birth("20261121093005123")); got.Outcome != connectors.Applied {
		t.Fatalf("got %+v", got)
	}
	if diff := cmp.Diff([]acombatest.Status{acombatest.Creating, acombatest.InUse}, states); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
}

func TestCreateRefusals(t *testing.T) {
	tests := []struct {
		name string
		op   func(r *rig) connectors.Op
		kind connectors.Kind
		code string
	}{
		{"number taken", func(r *rig) connectors.Op { return birth(r.customer(3).Number) }, connectors.Rejected, acomba.CodeNumberTaken},
		{"number of a card being created", func(r *rig) connectors.Op {
			c := r.customer(3)
			must(r.t, r.company.SetRaw(acombatest.CustomerTable, c.CardPos, "status", int64(acombatest.Creating)))
			return birth(c.Number)
		}, connectors.Rejected, acomba.CodeHalfWritten},
		{"no number", func(*rig) connectors.Op { return birth("") }, connectors.Rejected, acomba.CodeNumberMissing},
		{"number too long", func(*rig) connectors.Op { return birth("123456789012345678901") }, connectors.Rejected, acomba.CodeTooLong},
		{"name too long", func(*rig) connectors.Op {
			op := birth("1234")
			op.Fields["name"] = record.TextOf("1234567890123456789012345678901234567890123456789012345678901")
			return op
		}, connectors.Rejected, acomba.CodeTooLong},
		{"a contact alone", func(*rig) connectors.Op {
			return connectors.Op{Kind: connectors.Create, Entity: record.Contact, Fields: text("full_name", "Zoé Côté")}
		}, connectors.Rejected, acomba.CodeNoCreate},
		{"a document", func(*rig) connectors.Op {
			return connectors.Op{Kind: connectors.Create, Entity: record.Document, Fields: text("number", "1")}
		}, connectors.Rejected, acomba.CodeNoCreate},
		{"born with a user", func(*rig) connectors.Op {
			op := birth("1234")
			op.With[0].Entity = record.User
			return op
		}, connectors.Rejected, acomba.CodeNoCreate},
		{"the file is growing", func(r *rig) connectors.Op {
			must(r.t, r.company.ExtendPartly(acombatest.CustomerTable, 100))
			return birth("1234")
		}, connectors.Busy, acomba.CodeCardChanged},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, acombatest.SIM1)
			op := test.op(r)
			before := r.snapshot()
			got := r.write(op)
			if got.Outcome != connectors.NotApplied || connectors.KindOf(got.Err) != test.kind || connectors.CodeOf(got.Err) != test.code {
				t.Errorf("got %+v, want %v %s", got, test.kind, test.code)
			}
			if len(r.cards.names) > 0 {
				t.Error("opened for writing")
			}
			if moved := touched(before, r.snapshot()); len(moved) > 0 {
				t.Errorf("moved: %v", moved)
			}
		})
	}
}

func TestCreateLosesTheRaceForThePlace(t *testing.T) {
	r := newRig(t, acombatest.SIM1)
	r.cards.before = func() {
		_, err := r.company.AddCustomer(acombatest.Customer{Number: "C9999", Name: "Plus vite inc."})
		must(t, err)
		r.cards.before = nil
	}
	op := birth("20261121093005123")
	if got := r.write(op); got.Outcome != connectors.NotApplied || connectors.KindOf(got.Err) != connectors.Busy || connectors.CodeOf(got.Err) != acomba.CodeCardChanged {
		t.Errorf("got %+v, want %s", got, acomba.CodeCardChanged)
	}
	if got := r.write(op); got.Outcome != connectors.Applied {
		t.Errorf("next time: got %+v", got)
	}
}

// TestCreateIsFoundByItsNumber wherever the card is by now, and whoever made it.
func TestCreateIsFoundByItsNumber(t *testing.T) {
	const number = "20261121093005123"
	tests := []struct {
		name    string
		step    func(r *rig) record.Key
		outcome connectors.Outcome
	}{
		{"keyed by a person behind another new one", func(r *rig) record.Key {
			_, err := r.company.AddCustomer(acombatest.Customer{Number: "C9998", Name: "Autre inc."})
			must(r.t, err)
			at, err := r.company.AddCustomer(acombatest.Customer{Number: number, Name: "Neuve inc."})
			must(r.t, err)
			return keyOf(at)
		}, connectors.Applied},
		{"only another card was added", func(r *rig) record.Key {
			_, err := r.company.AddCustomer(acombatest.Customer{Number: "C9998", Name: "Autre inc."})
			must(r.t, err)
			return ""
		}, connectors.NotApplied},
		{"two cards have it", func(r *rig) record.Key {
			a, err := r.company.AddCustomer(acombatest.Customer{Number: number, Name: "Neuve inc."})
			must(r.t, err)
			must(r.t, r.company.DuplicateNumber(2, a))
			return ""
		}, connectors.InDoubt},
		{"a file that ends inside a card", func(r *rig) record.Key {
			must(r.t, r.company.ExtendPartly(acombatest.CustomerTable, 700))
			return ""
		}, connectors.InDoubt},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, acombatest.SIM1)
			op := birth(number)
			token, err := r.writer.Prepare(context.Background(), op)
			must(t, err)
			op.Token = token
			key := test.step(r)
			got := r.writer.Resolve(context.Background(), op)
			if got.Outcome != test.outcome || got.Key != key {
				t.Errorf("got %+v, want %d as %q", got, test.outcome, key)
			}
		})
	}
}

// TestCreateThatDoesNotReadBack leaves a card that nobody takes for a customer, and writes nothing more.
func TestCreateThatDoesNotReadBack(t *testing.T) {
	r := newRig(t, acombatest.SIM1)
	r.cards.wrap = func(f share.LockedFile) share.LockedFile { return &liar{LockedFile: f, lies: 1} }
	count, err := r.company.Count(acombatest.CustomerTable)
	must(t, err)
	op := birth("20261121093005123")
	got := r.write(op)
	if got.Outcome != connectors.InDoubt || connectors.CodeOf(got.Err) != acomba.CodeHalfWritten {
		t.Errorf("got %+v, want %s", got, acomba.CodeHalfWritten)
	}
	if c := r.at(count + 1); c.Status != acombatest.Creating {
		t.Errorf("the card's status is %d", c.Status)
	}
	if got := r.writer.WhyHandoff(); got != acomba.CodeReadback {
		t.Errorf("reason %q", got)
	}
}

// TestCreateIsEndedAfterACut: a card that a power cut left being created is made whole by the next try, unless
// it is held, or anything in it is not as it was to be written.
//
// Requirement: ACO-9, ACO-58
func TestCreateIsEndedAfterACut(t *testing.T) {
	r := newRig(t, acombatest.SIM1)
	count, err := r.company.Count(acombatest.CustomerTable)
	must(t, err)
	under := r.cards.under
	r.cards.under = &wire{under: under, left: 5, when: beforeCall} // in the look after the first write
	if got := r.write(birth("20261121093005123")); got.Outcome != connectors.InDoubt {
		t.Fatalf("cut: got %+v", got)
	}
	if c := r.at(count + 1); c.Status != acombatest.Creating {
		t.Fatalf("after the cut the card's status is %d", c.Status)
	}
	r.cards.under = under
	r.boot()
	held, err := r.company.LockCard(acombatest.CustomerTable, count+1)
	must(t, err)
	if got := r.write(birth("20261121093005123")); got.Outcome != connectors.NotApplied || connectors.KindOf(got.Err) != connectors.Busy {
		t.Errorf("while somebody has the card: got %+v", got)
	}
	must(t, held.Release())
	other := birth("20261121093005123")
	other.Fields["city"] = record.TextOf("Gaspé")
	before := r.snapshot()
	if got := r.write(other); got.Outcome != connectors.NotApplied || connectors.CodeOf(got.Err) != acomba.CodeHalfWritten {
		t.Errorf("with another value: got %+v, want %s", got, acomba.CodeHalfWritten)
	}
	if moved := touched(before, r.snapshot()); len(moved) > 0 {
		t.Errorf("moved: %v", moved)
	}
	if got := r.write(birth("20261121093005123")); got.Outcome != connectors.Applied || got.Key != keyOf(count+1) {
		t.Fatalf("again: got %+v", got)
	}
	c := r.at(count + 1)
	now, err := r.company.Count(acombatest.CustomerTable)
	must(t, err)
	if now != count+1 || c.Status != acombatest.InUse || c.Name != "Neuve inc." || c.ModSeq%2 != 0 {
		t.Errorf("%d cards, the last is %+v", now, c)
	}
}

// A card that was begun changes between the plan and its lock: it stays as it is.
func TestCreateIsNotEndedOverAChange(t *testing.T) {
	r := newRig(t, acombatest.SIM1)
	under := r.cards.under
	r.cards.under = &wire{under: under, left: 5, when: beforeCall}
	r.write(birth("20261121093005123"))
	r.cards.under = under
	r.boot()
	count, err := r.company.Count(acombatest.CustomerTable)
	must(t, err)
	r.cards.before = func() {
		must(t, r.company.SetRaw(acombatest.CustomerTable, count, "language", 9))
		r.cards.before = nil
	}
	if got := r.write(birth("20261121093005123")); got.Outcome != connectors.NotApplied || connectors.CodeOf(got.Err) != acomba.CodeCardChanged {
		t.Errorf("got %+v, want %s", got, acomba.CodeCardChanged)
	}
	if c := r.at(count); c.Status != acombatest.Creating || c.Language != 9 {
		t.Errorf("the card is %+v", c)
	}
}

func TestCreateNeedsItsOwnIntent(t *testing.T) {
	r := newRig(t, acombatest.SIM1)
	ctx, op := context.Background(), birth("20261121093005123")
	own, err := r.writer.Prepare(ctx, op)
	must(t, err)
	change := update(record.Account, r.customer(3).CardPos, text("city", "Laval"))
	foreign, err := r.writer.Prepare(ctx, change)
	must(t, err)
	otherCity, otherNumber := birth("20261121093005123"), birth("17")
	otherCity.Fields["city"] = record.TextOf("Rosemère")
	tests := []struct {
		name  string
		op    connectors.Op
		token []byte
		code  string
	}{
		{"of a change", op, foreign, acomba.CodeNotPrepared},
		{"of another number", otherNumber, own, acomba.CodeNotPrepared},
		{"of other values", otherCity, own, acomba.CodeCardChanged},
		{"of a new card, for a change", change, own, acomba.CodeNotPrepared},
	}
	before := r.snapshot()
	for _, test := range tests {
		test.op.Token = test.token
		if got := r.writer.Apply(ctx, []connectors.Op{test.op})[0]; got.Outcome != connectors.NotApplied || connectors.CodeOf(got.Err) != test.code {
			t.Errorf("%s: got %+v, want %s", test.name, got, test.code)
		}
	}
	if moved := touched(before, r.snapshot()); len(moved) > 0 {
		t.Errorf("moved: %v", moved)
	}
}
