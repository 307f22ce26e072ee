package pairs_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/pairs"
	"syncbox/connectors/record"
)

// Fields of the same name belong together, but for case, accents and what products put before it; none is synchronised before a person
// wants it.
//
// Requirement: BOB-15, BOB-16
func TestMatchCustom(t *testing.T) {
	column := func(name string, kind record.Kind) connectors.CustomColumn {
		return connectors.CustomColumn{Name: name, Kind: kind}
	}
	got := pairs.MatchCustom(
		[]connectors.CustomColumn{column("custom.C_SECTEUR", record.Text), column("custom.SCORE", record.Number), column("custom.Région", record.Text),
			column("custom.SINCE", record.Date), column("custom.ALONE", record.Text), column("custom.TWICE", record.Text), column("custom.C_TWICE", record.Text),
			column("custom.C_", record.Text), column("custom.LINES", record.Rows)},
		[]connectors.CustomColumn{column("comp_secteur", record.None), column("comp_c_score", record.Number), column("comp_REGION", record.Text), column("comp_since", record.Text),
			column("comp_twice", record.Text), column("comp_", record.Text), column("comp_lines", record.None)})
	want := []pairs.CustomField{
		{ERP: "custom.C_SECTEUR", CRM: "comp_secteur", Kind: record.Text, Direction: pairs.ToCRM},
		{ERP: "custom.Région", CRM: "comp_REGION", Kind: record.Text, Direction: pairs.ToCRM},
		{ERP: "custom.SCORE", CRM: "comp_c_score", Kind: record.Number, Direction: pairs.ToCRM},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// What a person chose is what the profile says. Nothing flows to an ERP that is not written.
//
// Requirement: BOB-16, BOB-17, BOB-18
func TestCustomise(t *testing.T) {
	only := []connectors.Condition{{Field: "custom.SCORE", Op: connectors.AtLeast, Values: []string{"10"}}}
	text := connectors.TextRule{Trim: true, Case: connectors.CaseUpper, Long: connectors.LongCut, Codes: map[string]string{"A": "Agriculture"}}
	all := []pairs.CustomField{
		{ERP: "a", CRM: "A", Kind: record.Text, Sync: true, Direction: pairs.BothWay, Text: text, Only: only},
		{ERP: "b", CRM: "B", Kind: record.Number, Sync: true, Clear: true},
		{ERP: "c", CRM: "C", Kind: record.Date, Sync: true, Direction: pairs.ToERP},
		{ERP: "d", CRM: "D", Kind: record.Bool},
	}
	a := connectors.FieldRule{ERP: "a", CRM: "A", Policy: connectors.Shared, Lens: connectors.Lens{Text: &text}, Only: only, KeepFilled: true}
	b := connectors.FieldRule{ERP: "b", CRM: "B", Policy: connectors.OwnERPOnChange, Lens: connectors.Lens{Kind: connectors.LensNumber, Scale: 4}}
	c := connectors.FieldRule{ERP: "c", CRM: "C", Policy: connectors.OwnCRM, Lens: connectors.Lens{Kind: connectors.LensDate}, KeepFilled: true}
	for twoWay, want := range map[bool][]connectors.FieldRule{true: {a, b, c}, false: {a, b}} {
		p := &connectors.Profile{Entities: []connectors.EntityRule{{Entity: record.Account}}}
		pairs.Customise(p, record.Account, twoWay, all)
		if diff := cmp.Diff(want, p.Entity(record.Account).Fields); diff != "" {
			t.Errorf("two ways %v: %s", twoWay, diff)
		}
		if err := p.Validate(); err != nil {
			t.Error(err)
		}
	}
	for _, f := range all {
		if err := f.Validate(); err != nil {
			t.Error(err)
		}
	}
}

// Requirement: BOB-17, BOB-18
func TestBadCustomFields(t *testing.T) {
	for want, spoil := range map[string]func(*pairs.CustomField){
		"lacks a side": func(f *pairs.CustomField) { f.CRM = "" },
		"of a kind":    func(f *pairs.CustomField) { f.Kind = record.Rows },
		"no direction": func(f *pairs.CustomField) { f.Direction = "up" },
		"only a text":  func(f *pairs.CustomField) { f.Kind, f.Text.Case = record.Date, connectors.CaseUpper },
		"no case":      func(f *pairs.CustomField) { f.Text.Case = "title" },
		"no operator":  func(f *pairs.CustomField) { f.Only = []connectors.Condition{{Field: "b", Op: "like"}} },
		"is no value of it": func(f *pairs.CustomField) {
			f.Kind = record.Number
			f.Only = []connectors.Condition{{Field: "a", Op: connectors.Above, Values: []string{"x"}}}
		},
		"takes 1 values":       func(f *pairs.CustomField) { f.Only = []connectors.Condition{{Field: "b", Op: connectors.Above}} },
		`"A" -> "" lacks`:      func(f *pairs.CustomField) { f.Text.Codes = map[string]string{"A": ""} },
		"nothing that becomes": func(f *pairs.CustomField) { f.Text.Long = "wrap" },
	} {
		f := pairs.CustomField{ERP: "a", CRM: "A", Kind: record.Text}
		spoil(&f)
		if err := f.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
