package adt

import (
	"math"
	"strconv"
	"time"

	"github.com/shopspring/decimal"
)

// Kind tells what a Value is.
type Kind uint8

// The kinds.
const (
	Null       Kind = iota
	Bad             // bytes that the field's type has no meaning for; Bytes gives them
	String          // text in UTF-8, blanks at its end removed; may be empty
	Int             // whole number
	Float           // binary number, as the table has it
	Decimal         // exact: MONEY has four places
	Day             // calendar day
	Clock           // time of day
	DayAndTime      // day and time of day, without zone
	Truth           // yes or no
	Reference       // to the memo file: Table.ReadMemo
	Opaque          // bytes of a layout that nobody knows
)

// Value is one cell. It is valid until the next row.
type Value struct {
	Kind  Kind
	n     int64
	bytes []byte
}

// Text is the text of a String, of a Decimal as written, else empty.
func (v Value) Text() string {
	if v.Kind == String || v.Kind == Decimal && v.bytes != nil {
		return string(v.bytes)
	}
	return ""
}

// Bytes are the UTF-8 of a String, or the raw bytes of a Bad or Opaque one.
func (v Value) Bytes() []byte { return v.bytes }

// Int is the number of an Int, else 0.
func (v Value) Int() int64 {
	if v.Kind != Int {
		return 0
	}
	return v.n
}

// Float is the number of a Float, else 0.
func (v Value) Float() float64 {
	if v.Kind != Float {
		return 0
	}
	return math.Float64frombits(uint64(v.n))
}

// Decimal is the number of a Decimal or an Int; a Float's is the shortest decimal that gives the same bits. Else 0.
func (v Value) Decimal() decimal.Decimal {
	switch {
	case v.Kind == Int:
		return decimal.NewFromInt(v.n)
	case v.Kind == Float:
		d, err := decimal.NewFromString(strconv.FormatFloat(v.Float(), 'f', -1, 64))
		if err != nil {
			return decimal.Decimal{}
		}
		return d
	case v.Kind == Decimal && v.bytes != nil:
		d, err := decimal.NewFromString(string(v.bytes))
		if err != nil {
			return decimal.Decimal{}
		}
		return d
	case v.Kind == Decimal:
		return decimal.New(v.n, -moneyPlaces)
	}
	return decimal.Decimal{}
}

// Truth is the answer of a Truth, else false.
func (v Value) Truth() bool { return v.Kind == Truth && v.n != 0 }

// Time is the day of a Day at midnight, or the day and time of a DayAndTime. The table knows no zone: it is given as UTC
// and means the site's own. The zero time for any other kind.
func (v Value) Time() time.Time {
	switch v.Kind {
	case Day:
		return midnight(v.n)
	case DayAndTime:
		return midnight(v.n / dayMillis).Add(time.Duration(v.n%dayMillis) * time.Millisecond)
	}
	return time.Time{}
}

// Clock is the time since midnight of a Clock, in milliseconds' steps, else 0.
func (v Value) Clock() time.Duration {
	if v.Kind != Clock {
		return 0
	}
	return time.Duration(v.n) * time.Millisecond
}

// Ref is what a Reference refers to.
func (v Value) Ref() MemoRef {
	if v.Kind != Reference {
		return MemoRef{}
	}
	return MemoRef{Block: uint32(v.n >> 32), Length: uint32(v.n)}
}

// Julian days, as Advantage counts them: 2440588 is 1970-01-01.
const (
	epochDay  = 2440588
	firstDay  = 1721426 // 0001-01-01
	lastDay   = 5373484 // 9999-12-31
	dayMillis = 24 * 60 * 60 * 1000
)

func midnight(day int64) time.Time { return time.Unix((day-epochDay)*24*60*60, 0).UTC() }
