package connectors_test

import (
	"errors"
	"testing"

	"github.com/shopspring/decimal"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// Requirement: BOB-18
func TestConditions(t *testing.T) {
	text := record.TextOf
	number := func(s string) record.Value { return record.NumberOf(decimal.RequireFromString(s)) }
	date := func(s string) record.Value { return record.Value{Kind: record.Date, Text: s} }
	none := record.Value{}
	for _, tt := range []struct {
		op     connectors.Operator
		values []string
		is     []record.Value
		isNot  []record.Value
	}{
		{connectors.Equals, []string{" Lait "}, []record.Value{text("Lait"), text("LAIT")}, []record.Value{text("Laiterie"), none}},
		{connectors.Equals, []string{"12,50"}, []record.Value{number("12.5")}, []record.Value{number("12.51"), none}},
		{connectors.Equals, []string{"TRUE"}, []record.Value{record.BoolOf(true)}, []record.Value{record.BoolOf(false), none}},
		{connectors.Equals, []string{"soon"}, nil, []record.Value{number("0"), date("2026-01-01")}},
		{connectors.Differs, []string{"Lait"}, []record.Value{text("Pain"), none}, []record.Value{text("lait")}},
		{connectors.Differs, []string{"soon"}, []record.Value{number("0")}, nil},
		{connectors.Contains, []string{"ÉCOLE"}, []record.Value{text("L'école du bois")}, []record.Value{text("Ecole"), none}},
		{connectors.StartsWith, []string{"l'"}, []record.Value{text("L'école")}, []record.Value{text("de l'école"), none}},
		{connectors.IsEmpty, nil, []record.Value{none}, []record.Value{text("x")}},
		{connectors.IsFilled, nil, []record.Value{text("x"), record.BoolOf(false)}, []record.Value{none}},
		{connectors.Above, []string{"9"}, []record.Value{number("10")}, []record.Value{number("9"), number("-10"), none}},
		{connectors.AtLeast, []string{"9"}, []record.Value{number("9"), number("9.0001")}, []record.Value{number("8.9999"), none}},
		{connectors.Below, []string{"2026-02-01"}, []record.Value{date("2026-01-31")}, []record.Value{date("2026-02-01"), none}},
		{connectors.AtMost, []string{"m"}, []record.Value{text("M"), text("k")}, []record.Value{text("Na"), none}},
		{connectors.Between, []string{"1", "3"}, []record.Value{number("1"), number("3")}, []record.Value{number("0"), number("4"), none}},
		{connectors.OneOf, []string{"a", "b"}, []record.Value{text("A"), text("b")}, []record.Value{text("c"), none}},
		{"like", []string{"a"}, nil, []record.Value{text("a"), none}},
	} {
		c := connectors.Condition{Field: "f", Op: tt.op, Values: tt.values}
		for _, v := range tt.is {
			if !c.Met(v) {
				t.Errorf("%s %q: %q does not meet it", tt.op, tt.values, v.Text)
			}
		}
		for _, v := range tt.isNot {
			if c.Met(v) {
				t.Errorf("%s %q: %q meets it", tt.op, tt.values, v.Text)
			}
		}
	}
}

// Requirement: BOB-18
func TestBadConditions(t *testing.T) {
	for _, tt := range []struct {
		name string
		c    connectors.Condition
		kind record.Kind
		ok   bool
	}{
		{"no such operator", connectors.Condition{Op: "like", Values: []string{"a"}}, record.Text, false},
		{"no value", connectors.Condition{Op: connectors.Equals}, record.Text, false},
		{"two values", connectors.Condition{Op: connectors.Equals, Values: []string{"a", "b"}}, record.Text, false},
		{"blanks are no value", connectors.Condition{Op: connectors.Equals, Values: []string{"  "}}, record.Text, false},
		{"empty with a value", connectors.Condition{Op: connectors.IsEmpty, Values: []string{"a"}}, record.Text, false},
		{"one end", connectors.Condition{Op: connectors.Between, Values: []string{"a"}}, record.Text, false},
		{"one of none", connectors.Condition{Op: connectors.OneOf}, record.Text, false},
		{"no number", connectors.Condition{Op: connectors.Above, Values: []string{"much"}}, record.Number, false},
		{"no date", connectors.Condition{Op: connectors.Above, Values: []string{"31/02/2026"}}, record.Date, false},
		{"neither yes nor no", connectors.Condition{Op: connectors.Equals, Values: []string{"oui"}}, record.Bool, false},
		{"a number", connectors.Condition{Op: connectors.Above, Values: []string{"1,5"}}, record.Number, true},
		{"three of them", connectors.Condition{Op: connectors.OneOf, Values: []string{"1", "2", "3"}}, record.Number, true},
		{"of a kind that is not known", connectors.Condition{Op: connectors.Above, Values: []string{"much"}}, record.None, true},
	} {
		if err := tt.c.Validate(tt.kind); (err == nil) != tt.ok || err != nil && !errors.Is(err, connectors.ErrCondition) {
			t.Errorf("%s: got %v", tt.name, err)
		}
	}
}

// Requirement: BOB-17, BOB-18
func TestBadFieldOptions(t *testing.T) {
	only := []connectors.Condition{{Field: "sector", Op: connectors.IsFilled}}
	for name, f := range map[string]connectors.FieldRule{
		"a condition on what a record is recognised by": {ERP: "name", CRM: "Name", Only: only},
		"a condition that is none":                      {ERP: "f", CRM: "F", Only: []connectors.Condition{{Op: "like"}}},
		"a number in capitals":                          {ERP: "f", CRM: "F", Lens: connectors.Lens{Kind: connectors.LensNumber, Text: &connectors.TextRule{}}},
		"a case nobody knows":                           {ERP: "f", CRM: "F", Lens: connectors.Lens{Text: &connectors.TextRule{Case: "title"}}},
		"a length nobody knows":                         {ERP: "f", CRM: "F", Lens: connectors.Lens{Text: &connectors.TextRule{Long: "wrap"}}},
		"a value of one side":                           {ERP: "f", CRM: "F", Lens: connectors.Lens{Text: &connectors.TextRule{Codes: map[string]string{"A": ""}}}},
	} {
		f.Policy = connectors.Shared
		p := &connectors.Profile{Entities: []connectors.EntityRule{{Entity: record.Account, Identity: []string{"name"}, Fields: []connectors.FieldRule{f}}}}
		if err := p.Validate(); !errors.Is(err, connectors.ErrProfile) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
