package record

import (
	"cmp"
	"encoding/binary"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
	"golang.org/x/text/unicode/norm"
)

// Kind tells how the text of a Value is to be read.
type Kind uint8

// The kinds of a value.
const (
	None   Kind = iota // nothing there: an empty field, a cleared one
	Text               // UTF-8, NFC, no leading or trailing blanks
	Number             // decimal without exponent and trailing zeros: "1234.5"
	Date               // "2006-01-02", a calendar day without zone
	Bool               // "true" or "false"
	Ref                // the key of a record of another entity
	Rows               // a list of rows, in order
	Time               // "2006-01-02T15:04:05Z", an instant, to the second
)

// Value is one field of a record in canonical form, so that two equal values are equal bytes.
// Money and quantities are exact decimals. The zero Value is None.
type Value struct {
	Kind Kind     `json:"k"`
	Text string   `json:"t,omitempty"`
	Rows []Fields `json:"r,omitempty"` // only of kind Rows
}

// Fields are the fields of a record or of a row, by the name that their side gives them.
type Fields map[string]Value

// TextOf makes a text, None if nothing but blanks is left.
func TextOf(s string) Value {
	s = norm.NFC.String(strings.TrimSpace(s))
	if s == "" {
		return Value{}
	}
	return Value{Kind: Text, Text: s}
}

// NumberOf makes a number.
func NumberOf(d decimal.Decimal) Value { return Value{Kind: Number, Text: d.String()} }

// DateOf makes a date from t's calendar day, None for the zero time.
func DateOf(t time.Time) Value {
	if t.IsZero() {
		return Value{}
	}
	return Value{Kind: Date, Text: t.Format(time.DateOnly)}
}

// TimeOf makes an instant, None for the zero time; parts of a second are dropped.
func TimeOf(t time.Time) Value {
	if t.IsZero() {
		return Value{}
	}
	return Value{Kind: Time, Text: t.UTC().Format(time.RFC3339)}
}

// BoolOf makes a truth value.
func BoolOf(b bool) Value {
	if b {
		return Value{Kind: Bool, Text: "true"}
	}
	return Value{Kind: Bool, Text: "false"}
}

// RefOf makes a reference to another record, None if k is empty.
func RefOf(k Key) Value {
	if k == "" {
		return Value{}
	}
	return Value{Kind: Ref, Text: string(k)}
}

// RowsOf makes a list of rows, None if there are none.
func RowsOf(rows ...Fields) Value {
	if len(rows) == 0 {
		return Value{}
	}
	return Value{Kind: Rows, Rows: rows}
}

// Empty says whether there is nothing.
func (v Value) Empty() bool { return v.Kind == None }

// Decimal gives the number; zero for any other kind.
func (v Value) Decimal() decimal.Decimal {
	if v.Kind != Number {
		return decimal.Decimal{}
	}
	d, err := decimal.NewFromString(v.Text)
	if err != nil {
		return decimal.Decimal{}
	}
	return d
}

// Time gives the instant, in UTC; zero for any other kind.
func (v Value) Time() time.Time {
	if v.Kind != Time {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, v.Text)
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

// Key gives the key of a reference; empty for any other kind.
func (v Value) Key() Key {
	if v.Kind != Ref {
		return ""
	}
	return Key(v.Text)
}

// Equal says whether both are the same value.
func (v Value) Equal(w Value) bool {
	return v.Kind == w.Kind && v.Text == w.Text && slices.EqualFunc(v.Rows, w.Rows, Fields.Equal)
}

// AppendCanonical appends bytes that are equal for equal values, and for no others.
func (v Value) AppendCanonical(b []byte) []byte {
	b = append(b, byte(v.Kind))
	if v.Kind != Rows {
		return appendString(b, v.Text)
	}
	b = binary.AppendUvarint(b, uint64(len(v.Rows)))
	for _, row := range v.Rows {
		b = row.AppendCanonical(b)
	}
	return b
}

// Equal says whether both hold the same fields; an absent field and an empty one are the same.
func (f Fields) Equal(g Fields) bool {
	for name, v := range f {
		if !v.Equal(g[name]) {
			return false
		}
	}
	for name, v := range g {
		if !v.Equal(f[name]) {
			return false
		}
	}
	return true
}

// AppendCanonical appends bytes that are equal for equal fields, and for no others.
func (f Fields) AppendCanonical(b []byte) []byte {
	for _, name := range f.Names() {
		if v := f[name]; !v.Empty() {
			b = v.AppendCanonical(appendString(b, name))
		}
	}
	return append(b, 0)
}

// Names gives the names in order.
func (f Fields) Names() []string { return slices.SortedFunc(maps.Keys(f), cmp.Compare[string]) }

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}
