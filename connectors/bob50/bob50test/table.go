package bob50test

import (
	"encoding/binary"
	"fmt"
	"slices"
)

// The status byte of a row.
const (
	Active  byte = 0x00
	Touched byte = 0x04 // active as well: what newer writers leave behind
	Deleted byte = 0x05
)

const (
	headerSize     = 400
	descriptorSize = 200
	nameSize       = 128
	firstOffset    = 5 // in the record: the status and four bytes of zero come first
)

var le = binary.LittleEndian

// Table is an Advantage free table: its columns, its rows, and the images of both its files. Rows count from 0 here.
type Table struct {
	columns []Column
	page    Page
	rows    []row
	memos   []byte // the .ADM from its first block on
	next    uint32 // of an AUTOINC column

	Dictionary bool   // bytes 56 to 75 of the header are not zero
	Flags      uint32 // further bits of the header's flags; 0x10 is seen in real tables
}

type row struct {
	status byte
	cells  []any
	bytes  []byte
}

// NewTable makes an empty table. Its columns must fit in a record of 64 KiB.
func NewTable(page Page, columns ...Column) (*Table, error) {
	t := &Table{columns: columns, page: page, next: 1}
	if len(columns) > 2048 {
		return nil, fmt.Errorf("make table: %d columns", len(columns))
	}
	for _, c := range columns {
		if c.Name == "" || len(c.Name) > nameSize || c.width() < 1 {
			return nil, fmt.Errorf("make table: column %q of %d bytes", c.Name, c.width())
		}
	}
	if n := t.recordSize(); n > 0xFFFF {
		return nil, fmt.Errorf("make table: record of %d bytes", n)
	}
	return t, nil
}

// Columns are the table's columns, in order.
func (t *Table) Columns() []Column { return t.columns }

// Column is the place of a column, -1 if there is none.
func (t *Table) Column(name string) int {
	return slices.IndexFunc(t.columns, func(c Column) bool { return c.Name == name })
}

// Len is the number of rows, deleted ones included.
func (t *Table) Len() int { return len(t.rows) }

// Row gives the status and the cells of a row; the cells are the table's own.
func (t *Table) Row(i int) (status byte, cells []any) { return t.rows[i].status, t.rows[i].cells }

// NextID is the number that the next row's AUTOINC column gets.
func (t *Table) NextID() uint32 { return t.next }

// Append adds a row. A nil cell is NULL, that of an AUTOINC column the next number.
//
//	bool             LOGICAL
//	string           NUMERIC (its digits), CHARACTER, CICHARACTER, MEMO, NCHAR, NMEMO
//	time.Time        DATE, TIMESTAMP, MODTIME: what the clock shows, in whatever zone
//	time.Duration    TIME since midnight
//	float64          DOUBLE, CURDOUBLE
//	int, int64       INTEGER, SHORTINT, AUTOINC, LONGLONG
//	decimal.Decimal  MONEY, of at most four places
//	[]byte           BINARY, IMAGE, and all that is kept as bytes, of the column's length
func (t *Table) Append(status byte, cells ...any) error {
	t.rows = append(t.rows, row{})
	err := t.Set(len(t.rows)-1, status, cells...)
	if err != nil {
		t.rows = t.rows[:len(t.rows)-1]
	}
	return err
}

// Set puts a row in the place of another one. Memos are added at the end of their file: the old ones stay behind.
func (t *Table) Set(i int, status byte, cells ...any) error {
	if len(cells) != len(t.columns) {
		return fmt.Errorf("set row: %d cells for %d columns", len(cells), len(t.columns))
	}
	memos, next := len(t.memos), t.next
	b := make([]byte, firstOffset, t.recordSize())
	b[0] = status
	kept := slices.Clone(cells)
	for c, column := range t.columns {
		if n, ok := kept[c].(int); ok {
			kept[c] = int64(n)
		}
		if column.Type == AutoInc {
			kept[c] = t.number(kept[c])
		}
		cell, err := t.encode(column, kept[c])
		if err == nil && len(cell) != column.width() {
			err = fmt.Errorf("%d bytes, not %d", len(cell), column.width())
		}
		if err != nil {
			t.memos, t.next = t.memos[:memos], next
			return fmt.Errorf("set row: %s: %w", column.Name, err)
		}
		b = append(b, cell...)
	}
	t.rows[i] = row{status, kept, b}
	return nil
}

// number is the value of an AUTOINC cell: the next one if it has none.
func (t *Table) number(cell any) any {
	n, ok := cell.(int64)
	if !ok {
		n = int64(t.next)
	}
	t.next = max(t.next, uint32(n)+1)
	return n
}

func (t *Table) headerSize() int { return headerSize + descriptorSize*len(t.columns) }

func (t *Table) recordSize() int {
	n := firstOffset
	for _, c := range t.columns {
		n += c.width()
	}
	return n
}

// Bytes are the .ADT file.
func (t *Table) Bytes() []byte {
	b := t.header()
	for _, r := range t.rows {
		b = append(b, r.bytes...)
	}
	return b
}

func (t *Table) header() []byte {
	b := make([]byte, t.headerSize(), t.headerSize()+t.recordSize()*len(t.rows))
	copy(b, "Advantage Table")
	le.PutUint32(b[20:], 1)
	le.PutUint32(b[24:], uint32(len(t.rows)))
	le.PutUint32(b[32:], uint32(t.headerSize()))
	le.PutUint32(b[36:], uint32(t.recordSize()))
	if t.Dictionary {
		for i := range b[56:76] {
			b[56+i] = byte(0xA5 ^ i*7)
		}
	}
	le.PutUint32(b[88:], t.flags())
	if t.has(func(c Code) bool { return c == AutoInc }) {
		le.PutUint32(b[80:], t.next)
	}
	le.PutUint16(b[356:], 4)
	le.PutUint16(b[358:], uint16(len(t.columns)))
	at := firstOffset
	for i, c := range t.columns {
		d := b[headerSize+descriptorSize*i:]
		copy(d, c.Name)
		le.PutUint16(d[129:], uint16(c.Type))
		le.PutUint16(d[131:], uint16(at))
		le.PutUint16(d[135:], uint16(c.width()))
		le.PutUint16(d[139:], uint16(c.decimals()))
		at += c.width()
	}
	return b
}

func (c Column) decimals() int {
	if c.Type == Money {
		return 4
	}
	return c.Decimals
}

func (t *Table) has(is func(Code) bool) bool {
	return slices.ContainsFunc(t.columns, func(c Column) bool { return is(c.Type) })
}

func (t *Table) flags() uint32 {
	flags := t.Flags
	if t.has(Code.inMemo) {
		flags |= 1
	}
	if t.has(func(c Code) bool { return c == AutoInc }) {
		flags |= 2
	}
	return flags
}
