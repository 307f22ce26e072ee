package adt

import (
	"context"
	"fmt"
)

// readBytes is about how much Scan reads at once.
const readBytes = 256 << 10

// Row is one row of a table. It and its values are valid until the next one.
type Row struct {
	Number  int  // from 1
	Deleted bool // its place may be given to another one
	Err     error

	table *Table
	bytes []byte
	text  []byte // texts of this row that are not as the table has them
}

// Value gives the cell of the field at this place of Fields. Only what is asked for is decoded, without an allocation: a table has
// some hundred columns of which a site's map names a dozen.
func (r *Row) Value(column int) Value {
	f := &r.table.fields[column]
	b := r.bytes[f.offset : f.offset+f.Length]
	switch f.read { // and no call by a pointer: a million rows have many cells
	case asText:
		return readText(r, b)
	case asInteger:
		return readInteger(b)
	case asShort:
		return readShort(b)
	case asLong:
		return readLong(b)
	case asAutoInc:
		return readAutoInc(b)
	case asDouble:
		return readDouble(b)
	case asMoney:
		return readMoney(b)
	case asNumeric:
		return readNumeric(b)
	case asLogical:
		return readLogical(b)
	case asDate:
		return readDate(b)
	case asTime:
		return readTime(b)
	case asTimestamp:
		return readTimestamp(b)
	case asMemo:
		return readMemo(b)
	case asWide:
		return readWide(r, b)
	}
	return readRaw(b)
}

// Bytes are the fields as the table has them, without the status: equal bytes are an unchanged row.
func (r *Row) Bytes() []byte { return r.bytes[statusBytes:] }

// decoded makes a text of what r.text holds from start on; its bytes live as long as the row.
func (r *Row) decoded(start int) Value {
	return Value{Kind: String, bytes: r.text[start:len(r.text):len(r.text)]}
}

// Scan gives every row in the order of the file, deleted ones too, until visit returns an error. A row that can't be read
// has a *RowError as its Err; a file that can't be read ends the scan.
func (t *Table) Scan(ctx context.Context, visit func(*Row) error) error {
	row := Row{table: t}
	at, left := t.data, t.Rows()
	buffer := make([]byte, min(max(1, readBytes/t.row), max(1, left))*t.row)
	for left > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		b := buffer[:min(len(buffer), left*t.row)]
		if err := readAt(t.r, b, at); err != nil {
			return fmt.Errorf("read %s: row %d: %w", t.file, row.Number+1, err)
		}
		at, left = at+int64(len(b)), left-len(b)/t.row
		for ; len(b) > 0; b = b[t.row:] {
			row.take(b[:t.row:t.row])
			if err := visit(&row); err != nil {
				return err
			}
		}
	}
	return nil
}

// Row reads one row by its number, from 1, and lives by itself. A row that can't be decoded has a *RowError as its Err.
func (t *Table) Row(number int) (*Row, error) {
	if number < 1 || number > t.Rows() {
		return nil, fmt.Errorf("read %s: row %d of %d", t.file, number, t.Rows())
	}
	b := make([]byte, t.row)
	if err := readAt(t.r, b, t.data+int64(number-1)*int64(t.row)); err != nil {
		return nil, fmt.Errorf("read %s: row %d: %w", t.file, number, err)
	}
	r := &Row{table: t, Number: number - 1}
	r.take(b)
	return r, nil
}

// take makes r the row that b is. Status 0 and 4 are live rows, of older and newer writers; an odd one is deleted.
func (r *Row) take(b []byte) {
	r.Number, r.bytes, r.text, r.Err = r.Number+1, b, r.text[:0], nil
	switch r.Deleted = b[0]&1 == 1; b[0] {
	case 0, 1, 4, 5:
	default:
		r.Err = &RowError{File: r.table.file, Row: r.Number, Status: b[0]}
	}
}
