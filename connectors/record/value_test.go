package record_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"syncbox/connectors/record"
)

// value draws any value, rows included.
func value() *rapid.Generator[record.Value] {
	return rapid.Custom(func(t *rapid.T) record.Value {
		switch rapid.IntRange(0, 6).Draw(t, "kind") {
		case 1:
			return record.TextOf(rapid.SampledFrom([]string{"", " a ", "é", "e\u0301", "A", "œuvre €"}).Draw(t, "text"))
		case 2:
			return record.NumberOf(decimal.New(rapid.Int64Range(-20, 20).Draw(t, "number"), rapid.Int32Range(-2, 1).Draw(t, "scale")))
		case 3:
			return record.DateOf(time.Date(2026, 11, rapid.IntRange(1, 4).Draw(t, "day"), 0, 0, 0, 0, time.UTC))
		case 4:
			return record.BoolOf(rapid.Bool().Draw(t, "bool"))
		case 5:
			return record.RefOf(record.Key(rapid.SampledFrom([]string{"", "1", "12"}).Draw(t, "key")))
		case 6:
			row := record.Fields{"a": record.TextOf(rapid.SampledFrom([]string{"", "x", "y"}).Draw(t, "cell"))}
			return record.RowsOf(row)
		}
		return record.Value{}
	})
}

// Two values are equal exactly if their canonical bytes are; so are fields, where an empty one counts as absent.
func TestCanonicalBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v, w := value().Draw(t, "v"), value().Draw(t, "w")
		same := bytes.Equal(v.AppendCanonical(nil), w.AppendCanonical(nil))
		if v.Equal(w) != same {
			t.Fatalf("%+v and %+v: equal %v, same bytes %v", v, w, v.Equal(w), same)
		}
		f, g := record.Fields{"a": v, "b": record.Value{}}, record.Fields{"a": w}
		same = bytes.Equal(f.AppendCanonical(nil), g.AppendCanonical(nil))
		if f.Equal(g) != same || f.Equal(g) != v.Equal(w) {
			t.Fatalf("%+v and %+v: equal %v, same bytes %v", f, g, f.Equal(g), same)
		}
	})
}

func TestMakers(t *testing.T) {
	for _, test := range []struct {
		name      string
		got, want record.Value
	}{
		{"blanks are nothing", record.TextOf("  "), record.Value{}},
		{"text is composed", record.TextOf("e\u0301"), record.Value{Kind: record.Text, Text: "é"}},
		{"no trailing zeros", record.NumberOf(decimal.RequireFromString("12.50")), record.NumberOf(decimal.RequireFromString("12.5"))},
		{"no instant", record.TimeOf(time.Time{}), record.Value{}},
		{"an instant", record.TimeOf(time.Date(2026, 2, 3, 23, 0, 1, 9, time.FixedZone("", -3600))), record.Value{Kind: record.Time, Text: "2026-02-04T00:00:01Z"}},
		{"no day", record.DateOf(time.Time{}), record.Value{}},
		{"a day", record.DateOf(time.Date(2026, 2, 3, 23, 0, 0, 0, time.UTC)), record.Value{Kind: record.Date, Text: "2026-02-03"}},
		{"no key", record.RefOf(""), record.Value{}},
		{"no rows", record.RowsOf(), record.Value{}},
	} {
		if !test.got.Equal(test.want) {
			t.Errorf("%s: got %+v, want %+v", test.name, test.got, test.want)
		}
	}
	if got := record.NumberOf(decimal.New(1234, -2)).Decimal(); !got.Equal(decimal.New(1234, -2)) {
		t.Errorf("number: got %v", got)
	}
	if got := record.TextOf("12").Decimal(); !got.IsZero() {
		t.Errorf("a text is no number: got %v", got)
	}
}
