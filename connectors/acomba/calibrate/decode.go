package calibrate

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// The forms of numbers and dates are written down here once more, apart from package layout: that one reads what a
// layout says, this one asks which of them bytes may be.

// numeric is how a number may lie in a card, without its place and scale.
type numeric struct {
	name  string // of the type in a layout
	width int
}

var integers = []numeric{{"i64", 8}, {"i32", 4}, {"u16", 2}, {"u8", 1}} // the widest first

func order(big bool) binary.ByteOrder {
	if big {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

// whole reads an integer; ok is false where the type has none there.
func whole(raw []byte, f Form) (v int64, ok bool) {
	n := width(f)
	if f.At < 0 || n == 0 || f.At+n > len(raw) {
		return 0, false
	}
	b := raw[f.At : f.At+n]
	switch f.Type {
	case "u8":
		return int64(b[0]), true
	case "i8":
		return int64(int8(b[0])), true
	case "u16":
		return int64(order(f.Big).Uint16(b)), true
	case "i16":
		return int64(int16(order(f.Big).Uint16(b))), true
	case "u32":
		return int64(order(f.Big).Uint32(b)), true
	case "i32", "cp":
		return int64(int32(order(f.Big).Uint32(b))), true
	case "i64":
		return int64(order(f.Big).Uint64(b)), true
	}
	return packed(b)
}

// width gives the bytes of a type, 0 for an unknown one.
func width(f Form) int {
	switch f.Type {
	case "u8", "i8":
		return 1
	case "u16", "i16":
		return 2
	case "u32", "i32", "cp", "f32":
		return 4
	case "i64", "f64":
		return 8
	case "date":
		switch f.Enc {
		case "dos16":
			return 2
		case "delphi_f64", "str_yyyymmdd":
			return 8
		}
		return 4
	}
	for _, sized := range []string{"str", "bcd"} {
		if digits, ok := strings.CutPrefix(f.Type, sized); ok {
			n, err := strconv.Atoi(digits)
			if err != nil || n < 1 || n > maxCard {
				return 0
			}
			return n + f.LenPrefix
		}
	}
	return 0
}

// packed reads packed decimal: two digits a byte, the last half byte is the sign.
func packed(b []byte) (v int64, ok bool) {
	if len(b) > 9 {
		return 0, false
	}
	for i, c := range b {
		high, low := int64(c>>4), int64(c&15)
		if high > 9 || i < len(b)-1 && low > 9 {
			return 0, false
		}
		if v = v*10 + high; i < len(b)-1 {
			v = v*10 + low
		}
	}
	switch b[len(b)-1] & 15 {
	case 0xC, 0xF:
		return v, true
	case 0xD:
		return -v, true
	}
	return 0, false
}

// real reads a float; ok is false for what no amount can be.
func real(raw []byte, f Form) (v float64, ok bool) {
	n := width(f)
	if f.At < 0 || f.At+n > len(raw) {
		return 0, false
	}
	if n == 4 {
		v = float64(math.Float32frombits(order(f.Big).Uint32(raw[f.At:])))
	} else {
		v = math.Float64frombits(order(f.Big).Uint64(raw[f.At:]))
	}
	tiny := v != 0 && math.Abs(v) < 1e-9
	return v, !math.IsNaN(v) && math.Abs(v) < 1e12 && !tiny
}

func isReal(f Form) bool { return f.Type == "f64" || f.Type == "f32" }

// amount reads a number with its scale; ok is false where the bytes are none.
func amount(raw []byte, f Form) (decimal.Decimal, bool) {
	if isReal(f) {
		v, ok := real(raw, f)
		if !ok {
			return decimal.Decimal{}, false
		}
		return decimal.NewFromFloat(v).RoundBank(-f.Scale), true
	}
	v, ok := whole(raw, f)
	return decimal.New(v, f.Scale), ok
}

// day reads a date, the zero time for none; ok is false where the bytes are none.
func day(raw []byte, f Form) (time.Time, bool) {
	n := width(f)
	if f.At < 0 || f.At+n > len(raw) {
		return time.Time{}, false
	}
	b := raw[f.At : f.At+n]
	switch f.Enc {
	case "ymd32":
		return civil(int64(order(f.Big).Uint32(b)))
	case "dos16":
		v := int64(order(f.Big).Uint16(b))
		if v == 0 {
			return time.Time{}, true
		}
		return civil((1980+(v>>9))*10000 + ((v>>5)&15)*100 + (v & 31))
	case "str_yyyymmdd":
		if len(bytes.Trim(b, " 0\x00")) == 0 {
			return time.Time{}, true
		}
		v, err := strconv.ParseUint(string(b), 10, 32)
		if err != nil {
			return time.Time{}, false
		}
		return civil(int64(v))
	case "delphi_f64":
		v := math.Float64frombits(order(f.Big).Uint64(b))
		if !(v >= 0 && v < 1e6) || v != 0 && v < 1 {
			return time.Time{}, false
		}
		return since(delphiZero, int64(v))
	}
	base, err := time.Parse("days_since:"+time.DateOnly, f.Enc)
	if err != nil {
		return time.Time{}, false
	}
	return since(base, int64(int32(order(f.Big).Uint32(b))))
}

var delphiZero = time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)

func since(base time.Time, days int64) (time.Time, bool) {
	if days == 0 {
		return time.Time{}, true
	}
	if days < -4_000_000 || days > 4_000_000 {
		return time.Time{}, false
	}
	t := base.AddDate(0, 0, int(days))
	return t, sensibleYear(t.Year())
}

// sensibleYear bounds what an accounting program has dates of.
func sensibleYear(y int) bool { return y >= 1950 && y <= 2100 }

func civil(ymd int64) (time.Time, bool) {
	if ymd == 0 {
		return time.Time{}, true
	}
	y, m, d := int(ymd/10000), ymd/100%100, int(ymd%100)
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	return t, sensibleYear(y) && m >= 1 && m <= 12 && d >= 1 && int64(t.Month()) == m
}

// String gives the form in short, for people who compare two of them.
func (f Form) String() string {
	s := fmt.Sprintf("%s at %d", f.Type, f.At)
	if f.Enc != "" {
		s += " " + f.Enc
	}
	if f.Scale != 0 {
		s += fmt.Sprintf(" scale %d", f.Scale)
	}
	if f.Big {
		s += " big"
	}
	return s
}
