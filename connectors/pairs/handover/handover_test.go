package handover_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/pairs/handover"
	"syncbox/connectors/record"
	"syncbox/connectors/sage50fr"
	"syncbox/connectors/sage50fr/sage50test"
)

// A quote is shown under its reference from the moment it is taken up: sent, imported, priced, with prices that follow Sage's, and
// invoiced. Each step is told once, also to a box that was started anew.
//
// Requirement: S50-11, S50-12, S50-13
func TestStagesOfAQuote(t *testing.T) {
	for _, restarts := range []bool{false, true} {
		t.Run(fmt.Sprintf("restarts %v", restarts), func(t *testing.T) {
			r := newRig(t, sage50test.Options{})
			step := func() {
				if restarts {
					r.boot()
				}
				r.told("SSM-131")
			}
			asked := rows(r.article(0), "3")
			for range 2 {
				if got := r.ask("SSM-131", asked); got.Outcome != connectors.Applied || got.Key != "SSM-131" {
					t.Fatalf("%+v", got)
				}
			}
			step()
			if got := r.state("SSM-131", handover.Sent); !got[handover.FieldAsked].Equal(asked) || got["account"].Key() != record.Key(r.client()) {
				t.Errorf("sent: %v", got)
			}
			if n := r.imports(); n != 1 {
				t.Fatalf("%d were imported", n)
			}
			step()
			if got := r.state("SSM-131", handover.Imported); !got[handover.FieldAsked].Empty() || !got["lines"].Empty() {
				t.Errorf("imported: %v", got)
			}
			r.exportOnly()
			step()
			before := r.state("SSM-131", handover.Priced)
			withTax := before["total"].Decimal().Add(before["total_tax"].Decimal())
			if before["lines"].Rows[0]["price"].Empty() || !before[handover.FieldAsked].Empty() || !before[handover.FieldTotalWithTax].Decimal().Equal(withTax) {
				t.Errorf("priced: %v", before)
			}
			r.check(r.Discount(dupont, before["number"].Text, "10"))
			r.exportOnly()
			step()
			if got := r.state("SSM-131", handover.Priced); !got["total"].Decimal().LessThan(before["total"].Decimal()) {
				t.Errorf("with a discount: %v, before %v", got["total"], before["total"])
			}
			_, err := r.ToInvoice(dupont, before["number"].Text)
			r.check(err)
			for range 2 {
				r.exportOnly()
				r.look()
				r.check(r.Advance(2 * time.Hour))
			}
			if got := r.state("SSM-131", handover.Invoiced); !got["lines"].Empty() {
				t.Errorf("invoiced: %v", got)
			}
			r.once()
		})
	}
}

// exportOnly has somebody export everything, and nobody look.
func (r *rig) exportOnly() {
	r.t.Helper()
	r.check(r.Advance(2 * time.Minute))
	r.check(r.ExportAll(dupont))
}

// A quote that is gone from two full exports is gone; one that people made without our reference was never there.
//
// Requirement: S50-11, S50-35
func TestQuotesThatAreGone(t *testing.T) {
	r := newRig(t, sage50test.Options{})
	own, err := r.Bill(dupont, sage50test.Quote, r.client(), false, sage50test.Item{Article: r.article(0), Quantity: "1"})
	r.check(err)
	r.ask("SSM-131", rows(r.article(0), "3"))
	r.imports()
	r.export()
	r.check(r.RemoveDocument(dupont, r.state("SSM-131", handover.Priced)["number"].Text))
	r.exportOnly()
	if told := r.look(); len(told) > 0 {
		t.Errorf("told after one export: %v", told)
	}
	r.state("SSM-131", handover.Priced)
	r.check(r.Advance(2 * time.Hour))
	r.exportOnly()
	r.told("SSM-131")
	if got := r.quote("SSM-131"); got != nil {
		t.Errorf("gone, but %v", got)
	}
	var keys []record.Key
	r.check(r.dossier.Sweep(t.Context(), record.Quote, func(k record.Key) { keys = append(keys, k) }))
	if len(keys) > 0 || r.quote(record.Key(own)) != nil {
		t.Errorf("listed %v; %s is shown", keys, own)
	}
}

// A refused quote shows why, and what was asked for no more. It is corrected and handed over anew under its reference, and as often as
// people ask again; what Sage has is not.
//
// Requirement: S50-11
func TestRefusedQuotes(t *testing.T) {
	r := newRig(t, sage50test.Options{})
	r.ask("SSM-131", rows("NUL", "3"))
	r.look()
	r.imports()
	r.told("SSM-131")
	first := r.state("SSM-131", handover.Refused)
	if why := first[handover.FieldReason].Text; !strings.Contains(why, "Code article") || !first[handover.FieldAsked].Empty() {
		t.Errorf("refused: %v", first)
	}
	again := func(fields record.Fields) connectors.Result {
		return r.apply(connectors.Op{ID: "other", Kind: connectors.Update, Entity: record.Quote, Key: "SSM-131", Fields: fields})
	}
	if got := again(record.Fields{handover.FieldAsked: rows("NUL", "3")}); got.Outcome != connectors.Applied || got.Key != "SSM-131" {
		t.Fatalf("asked again: %+v", got)
	}
	r.told("SSM-131")
	r.state("SSM-131", handover.Sent)
	if got := again(record.Fields{handover.FieldAsked: rows(r.article(0), "3")}); got.Outcome != connectors.NotApplied || connectors.KindOf(got.Err) != connectors.Busy {
		t.Errorf("while its file lies there: %+v", got)
	}
	r.imports()
	r.told("SSM-131")
	if second := r.state("SSM-131", handover.Refused); second[handover.FieldReason].Equal(first[handover.FieldReason]) {
		t.Error("the second refusal looks like the first one")
	}
	other := record.RefOf(record.Key(r.Codes(dupont, sage50test.Clients)[1]))
	if got := again(record.Fields{"account": other}); got.Outcome != connectors.Applied || !r.state("SSM-131", handover.Refused)["account"].Equal(other) {
		t.Errorf("for another client: %+v", got)
	}
	if got := again(record.Fields{"account": {}}); connectors.CodeOf(got.Err) != sage50fr.CodeAccountUnknown || !r.state("SSM-131", handover.Refused)["account"].Equal(other) {
		t.Errorf("for nobody: %+v", got)
	}
	r.boot()
	r.look()
	again(record.Fields{handover.FieldAsked: rows(r.article(0), "3")})
	r.once()
	if n := r.imports(); n != 1 {
		t.Fatalf("%d were imported", n)
	}
	r.export()
	if got := r.state("SSM-131", handover.Priced); !got["account"].Equal(other) {
		t.Errorf("priced for %v", got["account"])
	}
	if got := again(record.Fields{handover.FieldAsked: rows(r.article(1), "1")}); got.Outcome != connectors.NotApplied || connectors.KindOf(got.Err) != connectors.Busy {
		t.Errorf("of a priced one: %+v", got)
	}
	r.once()
}

// Quotes that were refused together are handed over anew only once an export has shown that Sage took none of them.
//
// Requirement: S50-11
func TestRefusedTogether(t *testing.T) {
	r := newRig(t, sage50test.Options{Switches: sage50test.Switches{Partial: sage50test.PartialAll}})
	r.ask("SSM-1", rows(r.article(0), "1")) // its file keeps the next two waiting
	r.ask("SSM-2", rows(r.article(0), "2"))
	r.ask("SSM-3", rows("NUL", "3"))
	r.imports()
	r.export()
	r.state("SSM-1", handover.Priced)
	r.check(r.dossier.Publish(t.Context(), nil))
	r.imports()
	r.look()
	again := connectors.Op{ID: "x", Kind: connectors.Update, Entity: record.Quote, Key: "SSM-2", Fields: record.Fields{handover.FieldAsked: rows(r.article(0), "2")}}
	r.state("SSM-2", handover.Refused)
	if got := r.apply(again); connectors.KindOf(got.Err) != connectors.Busy || connectors.CodeOf(got.Err) != sage50fr.CodeQuoteOpen {
		t.Fatalf("before an export: %+v", got)
	}
	r.export()
	if got := r.apply(again); got.Outcome != connectors.Applied {
		t.Fatalf("after one: %+v", got)
	}
	r.once()
	r.state("SSM-2", handover.Sent)
	r.state("SSM-3", handover.Refused)
}

// A file whose refusal somebody took back may still be imported: its quote is in no other one before an export has shown that it was not.
//
// Requirement: S50-11
func TestRefusalTakenBack(t *testing.T) {
	r := newRig(t, sage50test.Options{})
	r.ask("SSM-131", rows("NUL", "3"))
	r.imports()
	r.look()
	r.state("SSM-131", handover.Refused)
	files, err := filepath.Glob(filepath.Join(r.In(dupont), "devis-*.ERR"))
	if err != nil || len(files) != 1 {
		t.Fatalf("refusals %v, %v", files, err)
	}
	r.check(os.Remove(files[0]))
	again := connectors.Op{ID: "x", Kind: connectors.Update, Entity: record.Quote, Key: "SSM-131", Fields: record.Fields{handover.FieldAsked: rows(r.article(0), "2")}}
	if got := r.apply(again); got.Outcome != connectors.NotApplied || connectors.CodeOf(got.Err) != sage50fr.CodeQuoteOpen {
		t.Errorf("%+v", got)
	}
	r.once()
}

// A quote whose client Sage does not have is not taken up, and nothing of it comes later by itself.
//
// Requirement: S50-11
func TestQuoteForNobody(t *testing.T) {
	r := newRig(t, sage50test.Options{})
	op := connectors.Op{ID: "1", Kind: connectors.Create, Entity: record.Quote,
		Fields: record.Fields{"reference": text("SSM-131"), "account": record.RefOf("NEW1"), handover.FieldAsked: rows(r.article(0), "1")}}
	if got := r.apply(op); got.Outcome != connectors.NotApplied || connectors.CodeOf(got.Err) != sage50fr.CodeAccountUnknown || connectors.KindOf(got.Err) != connectors.Busy {
		t.Fatalf("%+v", got)
	}
	_, err := r.Add(dupont, sage50test.Clients, sage50test.Fields{sage50test.CodeClient: "NEW1", sage50test.NomClient: "Neuf", sage50test.TypeTiers: "Client"})
	r.check(err)
	r.export()
	r.check(r.dossier.Publish(t.Context(), nil))
	if got := r.quote("SSM-131"); got != nil || len(r.takeable()) > 0 {
		t.Errorf("taken up: %v, files %v", got, r.takeable())
	}
	if got := r.apply(op); got.Outcome != connectors.Applied {
		t.Errorf("once Sage has the client: %+v", got)
	}
}

// Wherever the power is cut, a quote is in one file at last, when it is asked for first and when it is asked for again, and Sage makes
// one document of it. What the box says it has taken up is there after the cut.
//
// Requirement: S50-11
func TestPowerCutsOfAQuote(t *testing.T) {
	for _, after := range []bool{false, true} {
		for cut := 1; cut <= 4; cut++ {
			t.Run(fmt.Sprintf("call %d, after %v", cut, after), func(t *testing.T) {
				r := newRig(t, sage50test.Options{})
				survived := func() {
					t.Helper()
					r.boot()
					r.state("SSM-131", handover.Sent)
					r.look()
					r.check(r.dossier.Publish(t.Context(), nil))
					if n := r.takeable()["SSM-131"]; n != 1 {
						t.Errorf("it is in %d files", n)
					}
				}
				r.drops.left, r.drops.after = cut, after
				if got := r.ask("SSM-131", rows("NUL", "3")); got.Outcome != connectors.Applied {
					t.Fatalf("%+v", got)
				}
				survived()
				r.imports()
				r.look()
				r.state("SSM-131", handover.Refused)
				r.drops.left, r.drops.after = cut, after
				r.apply(connectors.Op{ID: "2", Kind: connectors.Update, Entity: record.Quote, Key: "SSM-131",
					Fields: record.Fields{handover.FieldAsked: rows(r.article(0), "4")}})
				survived()
				if n := r.imports(); n != 1 {
					t.Errorf("%d were imported", n)
				}
				r.export()
				r.state("SSM-131", handover.Priced)
				r.once()
			})
		}
	}
}

// A quote is found by its reference, and by what it shows; other records as the dossier finds them.
//
// Requirement: S50-9
func TestFindingQuotes(t *testing.T) {
	r := newRig(t, sage50test.Options{})
	r.ask("SSM-131", rows(r.article(0), "3"))
	r.ask("SSM-7", rows(r.article(1), "3"))
	for _, test := range []struct {
		field, value string
		want         []record.Key
	}{
		{connectors.ExternalIDField, "SSM-131", []record.Key{"SSM-131"}},
		{"reference", "SSM-7", []record.Key{"SSM-7"}},
		{"reference", "SSM-8", nil},
		{"reference", "", nil},
		{handover.FieldState, handover.Sent, []record.Key{"SSM-131", "SSM-7"}},
	} {
		got, err := r.dossier.Find(t.Context(), record.Quote, test.field, text(test.value))
		if err != nil || !slices.Equal(got, test.want) {
			t.Errorf("by %s %q: got %v, %v, want %v", test.field, test.value, got, err, test.want)
		}
	}
	name, err := r.Record(dupont, sage50test.Clients, r.client())
	r.check(err)
	if got, err := r.dossier.Find(t.Context(), record.Account, "name", text(name[sage50test.NomClient])); err != nil || !slices.Contains(got, record.Key(r.client())) {
		t.Errorf("an account: %v, %v", got, err)
	}
}
