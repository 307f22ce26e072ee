package adt

import "fmt"

// Type is the type code of a field, as in the Advantage Client Engine (ace.pas, ace.h).
type Type uint16

// The types. Eight of them have one meaning in the client's header and another in what others wrote; their values come raw.
const (
	Logical      Type = 1
	Numeric      Type = 2
	Date         Type = 3
	Character    Type = 4
	Memo         Type = 5
	Binary       Type = 6
	Image        Type = 7
	VarChar      Type = 8
	CompactDate  Type = 9
	Double       Type = 10
	Integer      Type = 11
	ShortInt     Type = 12
	Time         Type = 13
	Timestamp    Type = 14
	AutoInc      Type = 15
	Raw          Type = 16
	CurDouble    Type = 17
	Money        Type = 18
	LongLong     Type = 19
	CICharacter  Type = 20 // as Character, compared without case
	RowVersion   Type = 21
	ModTime      Type = 22
	VarCharFox   Type = 23
	VarBinaryFox Type = 24
	System       Type = 25
	NChar        Type = 26
	NVarChar     Type = 27
	NMemo        Type = 28
	GUID         Type = 29
)

// Layout says how well the bytes of a type are known.
type Layout uint8

const (
	// Unknown: nobody shows them, or sources differ; values are raw bytes.
	Unknown Layout = iota
	// Inferred: read by analogy with a measured type; no real table with one was seen.
	Inferred
	// Measured on tables that Advantage wrote.
	Measured
)

// form is how the bytes of a cell are read (Row.Value).
type form uint8

const (
	asRaw form = iota
	asText
	asInteger
	asShort
	asLong
	asAutoInc
	asDouble
	asMoney
	asNumeric
	asLogical
	asDate
	asTime
	asTimestamp
	asMemo
	asWide
)

// kind is how the bytes of a type are read.
type kind struct {
	name   string
	width  int // of the field in the record; 0: as its descriptor says
	layout Layout
	read   form
}

var kinds = map[Type]kind{
	Logical:      {"LOGICAL", 1, Measured, asLogical},
	Numeric:      {"NUMERIC", 0, Inferred, asNumeric},
	Date:         {"DATE", 4, Measured, asDate},
	Character:    {"CHARACTER", 0, Measured, asText},
	Memo:         {"MEMO", 9, Measured, asMemo},
	Binary:       {"BINARY", 9, Measured, asMemo},
	Image:        {"IMAGE", 9, Measured, asMemo},
	VarChar:      {"VARCHAR", 0, Unknown, asRaw},
	CompactDate:  {"COMPACTDATE", 0, Unknown, asRaw},
	Double:       {"DOUBLE", 8, Measured, asDouble},
	Integer:      {"INTEGER", 4, Measured, asInteger},
	ShortInt:     {"SHORTINT", 2, Measured, asShort},
	Time:         {"TIME", 4, Measured, asTime},
	Timestamp:    {"TIMESTAMP", 8, Measured, asTimestamp},
	AutoInc:      {"AUTOINC", 4, Measured, asAutoInc},
	Raw:          {"RAW", 0, Unknown, asRaw},
	CurDouble:    {"CURDOUBLE", 8, Measured, asDouble},
	Money:        {"MONEY", 8, Measured, asMoney},
	LongLong:     {"LONGLONG", 8, Inferred, asLong},
	CICharacter:  {"CICHARACTER", 0, Measured, asText},
	RowVersion:   {"ROWVERSION", 8, Unknown, asRaw},
	ModTime:      {"MODTIME", 8, Inferred, asTimestamp},
	VarCharFox:   {"VARCHAR_FOX", 0, Unknown, asRaw},
	VarBinaryFox: {"VARBINARY_FOX", 0, Unknown, asRaw},
	System:       {"SYSTEM", 0, Unknown, asRaw},
	NChar:        {"NCHAR", 0, Inferred, asWide},
	NVarChar:     {"NVARCHAR", 0, Unknown, asRaw},
	NMemo:        {"NMEMO", 9, Inferred, asMemo},
	GUID:         {"GUID", 16, Unknown, asRaw},
}

// String gives the type's name, or its code if nobody knows it.
func (t Type) String() string {
	if k, ok := kinds[t]; ok {
		return k.name
	}
	return fmt.Sprintf("type %d", uint16(t))
}

// Layout says how well the type's bytes are known.
func (t Type) Layout() Layout { return kinds[t].layout }

// Text says whether values are texts, the type String of BOB's custom fields.
func (t Type) Text() bool {
	return t == Character || t == CICharacter || t == NChar || t == VarChar || t == Memo
}

// Field is one column.
type Field struct {
	Name     string // as written; blanks, dashes and slashes occur
	Type     Type
	Length   int // bytes in the record
	Decimals int // declared; only NUMERIC and MONEY go by it

	offset int // inside the record
	read   form
}
