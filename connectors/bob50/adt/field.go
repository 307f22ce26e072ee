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

// kind is how the bytes of a type are read.
type kind struct {
	name   string
	width  int // of the field in the record; 0: as its descriptor says
	layout Layout
	read   func(*Row, *Field, []byte) Value
}

var kinds = map[Type]kind{
	Logical:      {"LOGICAL", 1, Measured, readLogical},
	Numeric:      {"NUMERIC", 0, Inferred, readNumeric},
	Date:         {"DATE", 4, Measured, readDate},
	Character:    {"CHARACTER", 0, Measured, readText},
	Memo:         {"MEMO", 9, Measured, readMemo},
	Binary:       {"BINARY", 9, Measured, readMemo},
	Image:        {"IMAGE", 9, Measured, readMemo},
	VarChar:      {"VARCHAR", 0, Unknown, readRaw},
	CompactDate:  {"COMPACTDATE", 0, Unknown, readRaw},
	Double:       {"DOUBLE", 8, Measured, readDouble},
	Integer:      {"INTEGER", 4, Measured, readInteger},
	ShortInt:     {"SHORTINT", 2, Measured, readShort},
	Time:         {"TIME", 4, Measured, readTime},
	Timestamp:    {"TIMESTAMP", 8, Measured, readTimestamp},
	AutoInc:      {"AUTOINC", 4, Measured, readAutoInc},
	Raw:          {"RAW", 0, Unknown, readRaw},
	CurDouble:    {"CURDOUBLE", 8, Measured, readDouble},
	Money:        {"MONEY", 8, Measured, readMoney},
	LongLong:     {"LONGLONG", 8, Inferred, readLong},
	CICharacter:  {"CICHARACTER", 0, Measured, readText},
	RowVersion:   {"ROWVERSION", 8, Unknown, readRaw},
	ModTime:      {"MODTIME", 8, Inferred, readTimestamp},
	VarCharFox:   {"VARCHAR_FOX", 0, Unknown, readRaw},
	VarBinaryFox: {"VARBINARY_FOX", 0, Unknown, readRaw},
	System:       {"SYSTEM", 0, Unknown, readRaw},
	NChar:        {"NCHAR", 0, Inferred, readWide},
	NVarChar:     {"NVARCHAR", 0, Unknown, readRaw},
	NMemo:        {"NMEMO", 9, Inferred, readMemo},
	GUID:         {"GUID", 16, Unknown, readRaw},
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
	read   func(*Row, *Field, []byte) Value
}
