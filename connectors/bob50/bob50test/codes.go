package bob50test

// Code is the type of a column: the constants of the Advantage Client Engine (X#, FireDAC, ace.pas).
type Code uint16

// The types. What is said of some is what real tables show; the layout of the others is inferred.
const (
	Logical      Code = 1
	Numeric      Code = 2
	Date         Code = 3
	Character    Code = 4
	Memo         Code = 5
	Binary       Code = 6
	Image        Code = 7
	VarChar      Code = 8 // bytes only: sources differ on 8, 9, 23, 24 and 25
	CompactDate  Code = 9
	Double       Code = 10
	Integer      Code = 11
	ShortInt     Code = 12
	TimeOfDay    Code = 13
	TimeStamp    Code = 14
	AutoInc      Code = 15
	Raw          Code = 16
	CurDouble    Code = 17
	Money        Code = 18
	LongLong     Code = 19
	CICharacter  Code = 20
	RowVersion   Code = 21
	ModTime      Code = 22
	VarCharFox   Code = 23
	VarBinaryFox Code = 24
	System       Code = 25
	NChar        Code = 26
	NVarChar     Code = 27
	NMemo        Code = 28
	GUID         Code = 29
)

// fixed are the lengths that a type has by itself, in bytes; the other types take the column's.
var fixed = map[Code]int{
	Logical: 1, Date: 4, Memo: 9, Binary: 9, Image: 9, NMemo: 9, Double: 8, CurDouble: 8, Integer: 4, ShortInt: 2, TimeOfDay: 4,
	TimeStamp: 8, AutoInc: 4, Money: 8, LongLong: 8, RowVersion: 8, ModTime: 8, GUID: 16,
}

// inMemo says whether the values lie in the memo file.
func (c Code) inMemo() bool { return c == Memo || c == Binary || c == Image || c == NMemo }

// Column is one field of a table.
type Column struct {
	Name     string // at most 128 bytes, which it may fill
	Type     Code
	Length   int // bytes in the record; may be 0 where the type has a length of its own
	Decimals int // of NUMERIC; others only declare them
}

// width is the column's length in the record.
func (c Column) width() int {
	if n, ok := fixed[c.Type]; ok {
		return n
	}
	return c.Length
}
