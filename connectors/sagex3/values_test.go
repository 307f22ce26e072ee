package sagex3

import (
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"syncbox/connectors/record"
)

// TestValues: each kind of field as X3 writes it, and back.
//
// Requirement: X3-29, X3-30, X3-31, X3-51
func TestValues(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	c := Config{Zone: paris}
	minutes := func(n int64) record.Value { return record.NumberOf(decimal.NewFromInt(n)) }
	at := func(text string) record.Value { return record.Value{Kind: record.Time, Text: text} }
	for _, test := range []struct {
		name string
		how  how
		code string
		in   row
		want record.Value
		back row // nil: as in
	}{
		{"text", asText, "A", row{"A": {"Relance"}}, record.TextOf("Relance"), nil},
		{"code", asCode, "A", row{"A": {"c001"}}, record.TextOf("C001"), row{"A": {"C001"}}},
		{"lines", asLines, "A", row{"A": {"un", "deux"}}, record.TextOf("un\ndeux"), row{"A": {"un\ndeux"}}},
		{"yes", asYes, "A", row{"A": {"2"}}, record.BoolOf(true), nil},
		{"no", asYes, "A", row{"A": {"1"}}, record.BoolOf(false), nil},
		{"not said", asYes, "A", row{"A": {"0"}}, record.BoolOf(false), row{"A": {"1"}}},
		{"day", asDay, "A", row{"A": {"20260228"}}, record.Value{Kind: record.Date, Text: "2026-02-28"}, nil},
		{"day of REST", asDay, "A", row{"A": {"2026-02-28"}}, record.Value{Kind: record.Date, Text: "2026-02-28"}, row{"A": {"20260228"}}},
		{"no day", asDay, "A", row{"A": {"00000000"}}, record.Value{}, row{"A": {""}}},
		{"moment in two", asMoment, "A,B", row{"A": {"20260715"}, "B": {"0930"}}, at("2026-07-15T07:30:00Z"), nil},
		{"moment in winter", asMoment, "A,B", row{"A": {"20260115"}, "B": {"0930"}}, at("2026-01-15T08:30:00Z"), nil},
		{"moment in one", asMoment, "A", row{"A": {"20260715093000"}}, at("2026-07-15T07:30:00Z"), nil},
		{"moment of REST", asMoment, "A", row{"A": {"2026-07-15T07:30:00Z"}}, at("2026-07-15T07:30:00Z"), row{"A": {"20260715093000"}}},
		{"no moment", asMoment, "A,B", row{"A": {""}, "B": {""}}, record.Value{}, nil},
		{"span in two", asSpan, "A,B", row{"A": {"1"}, "B": {"45"}}, minutes(105), nil},
		{"span in one", asSpan, "A", row{"A": {"105"}}, minutes(105), nil},
		{"span with decimals", asSpan, "A,B", row{"A": {"2.0"}, "B": {""}}, minutes(120), row{"A": {"2"}, "B": {"0"}}},
		{"no span", asSpan, "A,B", row{"A": {"0"}, "B": {""}}, record.Value{}, row{"A": {"0"}, "B": {"0"}}},
		{"reference", asRef, "A", row{"A": {"COR0001"}}, record.RefOf("COR0001"), nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := &payload{groups: map[string]row{"X_1": test.in}}
			got, err := c.read(field{how: test.how}, test.code, p)
			if err != nil || !got.Equal(test.want) {
				t.Fatalf("read %+v, %v, want %+v", got, err, test.want)
			}
			back, err := c.write(field{how: test.how}, test.code, place{}, got)
			want := test.back
			if want == nil {
				want = test.in
			}
			if err != nil || len(back) != len(want) {
				t.Fatalf("written %v, %v, want %v", back, err, want)
			}
			for code := range want {
				if len(back[code]) != 1 || back[code][0] != want[code][0] {
					t.Errorf("written %v, want %v", back, want)
				}
			}
		})
	}
}

// TestUnreadable: a value that its field can't mean holds the record back; its other fields are read.
func TestUnreadable(t *testing.T) {
	c := Config{Zone: time.UTC}
	for _, test := range []struct{ name, code, text string }{
		{"done", "TSKDON", "3"}, {"due", "TSKDAT", "20260230"}, {"start", "TSKSTR", "soon"},
	} {
		p := &payload{groups: map[string]row{"TSK0_1": {"FULOBJ": {"Relance"}, test.code: {test.text}}}}
		r := c.record(record.Task, "TSK1", p)
		if r.Held != CodeRecordUnreadable || r.HeldArgs["field"] != test.name || r.Fields["subject"].Text != "Relance" {
			t.Errorf("%s: %+v", test.name, r)
		}
	}
	if v, err := c.read(field{how: asMoment}, "A,B", &payload{groups: map[string]row{"": {"A": {"20260101"}, "B": {"2561"}}}}); err == nil {
		t.Errorf("a moment at 25:61: %+v", v)
	}
	if v, err := c.read(field{how: asSpan}, "A", &payload{groups: map[string]row{"": {"A": {"1e99999999"}}}}); err == nil {
		t.Errorf("a span of %+v", v)
	}
}
