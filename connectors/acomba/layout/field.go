package layout

import (
	"strconv"
	"strings"
	"time"
)

// Kind is what a field holds, seen from outside.
type Kind uint8

// The kinds of fields and the accessor of Card that reads them.
const (
	KindSkip    Kind = iota // filler, never read
	KindText                // Text
	KindInt                 // Int, Decimal
	KindDecimal             // Decimal
	KindDate                // Date
	KindBool                // Bool
	KindEnum                // Enum, Int (the raw value)
	KindRef                 // Int (a card position, 0 none)
)

var kindNames = [...]string{"skip", "text", "int", "decimal", "date", "bool", "enum", "ref"}

// String gives the kind's name.
func (k Kind) String() string { return kindNames[k] }

// Ref is what a field points to: a card of a file by position, or by the value of a field.
type Ref struct {
	File  string
	Field string // empty: by card position
}

// primitive is how a value lies in the bytes.
type primitive uint8

const (
	primSkip primitive = iota
	primText
	primU8
	primI8
	primU16
	primI16
	primU32
	primI32
	primI64
	primF32
	primF64
	primBCD
	primDate // the date encoding says how
)

// pads of text fields
type padding uint8

const (
	padEither padding = iota
	padSpace
	padNUL
)

// dateEncoding is the key enc of a date.
type dateEncoding uint8

const (
	dateYMD32 dateEncoding = iota
	dateDaysSince
	dateDelphi
	dateDOS16
	dateText
)

// field is one declared field of a card. Offsets and sizes are bytes.
type field struct {
	name   string
	at     int
	size   int // of one element, with its length prefix
	count  int
	stride int
	kind   Kind
	prim   primitive
	text   int // bytes of text or of packed decimal
	prefix int // bytes of the length prefix
	pad    padding
	big    bool
	scaled bool
	scale  int32 // power of ten, -2 = hundredths
	enc    dateEncoding
	base   time.Time // of days_since
	tokens map[int64]string
	raws   map[string]int64
	ref    Ref

	key, indexed, writable, volatile bool
}

// offset gives where element i begins in the card.
func (f *field) offset(i int) int { return f.at + i*f.stride }

// slice gives the bytes of element i.
func (f *field) slice(raw []byte, i int) []byte {
	at := f.offset(i)
	return raw[at : at+f.size : at+f.size]
}

// label names an element in messages: "name", or "phone.number[2]" for an array.
func (f *field) label(i int) string {
	if f.count == 1 {
		return f.name
	}
	return f.name + "[" + strconv.Itoa(i) + "]"
}

// isInteger reports whether the field is a plain integer that counters, status and stamps can use.
func (f *field) isInteger() bool {
	return f.prim >= primU8 && f.prim <= primI64 && f.kind == KindInt && f.count == 1
}

var numberTypes = map[string]struct {
	prim primitive
	size int
}{
	"u8": {primU8, 1}, "i8": {primI8, 1}, "u16": {primU16, 2}, "i16": {primI16, 2},
	"u32": {primU32, 4}, "i32": {primI32, 4}, "i64": {primI64, 8},
	"f32": {primF32, 4}, "f64": {primF64, 8},
}

// setType fills in what the key type says. It returns why the type is wrong, or "".
func (f *field) setType(name string) string {
	if n, ok := numberTypes[name]; ok {
		f.prim, f.size, f.kind = n.prim, n.size, KindInt
		if n.prim >= primF32 {
			f.kind = KindDecimal
		}
		return ""
	}
	switch name {
	case "cp":
		f.prim, f.size, f.kind = primI32, 4, KindRef
		return ""
	case "date": // the size comes with enc
		f.prim, f.kind = primDate, KindDate
		return ""
	case "skip":
		f.prim, f.size, f.kind = primSkip, 1, KindSkip
		return ""
	case "enum":
		return "an enum is an integer type with a map"
	}
	return f.setSizedType(name)
}

func (f *field) setSizedType(name string) string {
	if n, ok := typeLength(name, "str", maxCardSize); ok {
		f.prim, f.text, f.size, f.kind = primText, n, n, KindText
		return ""
	}
	if n, ok := typeLength(name, "bcd", maxBCD); ok {
		f.prim, f.text, f.size, f.kind = primBCD, n, n, KindInt
		return ""
	}
	return "unknown type"
}

// typeLength splits "str20" into its length, 1 to limit.
func typeLength(name, prefix string, limit int) (int, bool) {
	digits, ok := strings.CutPrefix(name, prefix)
	if !ok || digits == "" || digits[0] < '1' || digits[0] > '9' {
		return 0, false
	}
	n, err := strconv.Atoi(digits)
	return n, err == nil && n <= limit
}
