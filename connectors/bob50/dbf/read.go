package dbf

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/encoding/charmap"
)

// What the format fixes.
const (
	headerBytes     = 32
	descriptorBytes = 32
	nameBytes       = 11
	endOfFields     = 0x0D
	endOfFile       = 0x1A
	live            = ' '
	deleted         = '*'
	maxHeader       = headerBytes + 255*descriptorBytes + 1 + 263 // 263: the backlink of a FoxPro database
)

// types are the files that are read, and whether they have a memo file.
var types = map[byte]bool{0x03: false, 0x30: false, 0x31: false, 0x83: true, 0x8B: true, 0xF5: true}

// codePages are the marks at offset 29; none means the caller's.
var codePages = map[byte]*charmap.Charmap{0x02: charmap.CodePage850, 0x03: charmap.Windows1252}

// Table is an open table.
type Table struct {
	file    string
	r       io.ReaderAt
	memo    *memoFile
	fields  []Field
	offsets []int
	page    *charmap.Charmap
	data    int64
	row     int
	rows    int
	present int
}

// Row is one row, valid until the next one.
type Row struct {
	Number  int // from 1
	Deleted bool
	table   *Table
	bytes   []byte
}

// Open reads the header of a table of size bytes and refuses what is none with a *FormatError. memo is its memo file, nil
// without one, memoSize its size.
func Open(file string, r io.ReaderAt, size int64, memo io.ReaderAt, memoSize int64) (*Table, error) {
	t := &Table{file: file, r: r, page: charmap.Windows1252}
	b := make([]byte, min(size, maxHeader))
	if err := readAt(r, b, 0); err != nil {
		return nil, fmt.Errorf("read %s: header: %w", file, err)
	}
	if len(b) < headerBytes+1 {
		return nil, t.refuse("size", "%d bytes", size)
	}
	hasMemo, known := types[b[0]]
	if !known {
		return nil, t.refuse("type", "0x%02x", b[0])
	}
	t.rows, t.data, t.row = int(binary.LittleEndian.Uint32(b[4:])), int64(binary.LittleEndian.Uint16(b[8:])), int(binary.LittleEndian.Uint16(b[10:]))
	if t.data <= headerBytes || t.data > size {
		return nil, t.refuse("header length", "%d of %d bytes", t.data, size)
	}
	if page := codePages[b[29]]; page != nil {
		t.page = page
	}
	if err := t.describe(b[headerBytes:min(t.data, int64(len(b)))]); err != nil {
		return nil, err
	}
	t.present = int((size - t.data) / int64(t.row))
	if memo != nil && (hasMemo || b[28]&2 != 0) {
		m, err := openMemo(file, memo, memoSize)
		if err != nil {
			return nil, err
		}
		t.memo = m
	}
	return t, nil
}

func (t *Table) refuse(what, format string, args ...any) error {
	return &FormatError{File: t.file, What: what, Value: fmt.Sprintf(format, args...)}
}

func (t *Table) describe(b []byte) error {
	at := 1
	for len(b) > 0 && b[0] != endOfFields {
		if len(b) < descriptorBytes {
			return t.refuse("fields", "the list is cut off")
		}
		name, _, _ := bytes.Cut(b[:nameBytes], []byte{0})
		f := Field{Name: strings.ToUpper(strings.TrimSpace(string(name))), Type: b[11], Length: int(b[16]), Decimals: int(b[17])}
		if f.Name == "" || f.Length == 0 || at+f.Length > t.row {
			return t.refuse(fmt.Sprintf("field %d", len(t.fields)+1), "%d bytes at %d of %d", f.Length, at, t.row)
		}
		t.fields, t.offsets = append(t.fields, f), append(t.offsets, at)
		at, b = at+f.Length, b[descriptorBytes:]
	}
	switch {
	case len(b) == 0:
		return t.refuse("fields", "the list has no end")
	case len(t.fields) == 0 || at != t.row:
		return t.refuse("record length", "%d, the %d fields end at %d", t.row, len(t.fields), at)
	}
	return nil
}

// Fields are the columns, in order.
func (t *Table) Fields() []Field { return t.fields }

// Column gives the place of a field by its name, -1 if there is none.
func (t *Table) Column(name string) int {
	for i, f := range t.fields {
		if strings.EqualFold(f.Name, name) {
			return i
		}
	}
	return -1
}

// Rows is how many rows can be read: what the header tells, and no more than the bytes hold.
func (t *Table) Rows() int { return min(t.rows, t.present) }

// Truncated says that the header tells of more rows than there are.
func (t *Table) Truncated() bool { return t.rows > t.present }

// Scan gives every row, deleted ones too, until visit returns an error.
func (t *Table) Scan(ctx context.Context, visit func(*Row) error) error {
	const readBytes = 64 << 10
	left, at, number := t.Rows(), t.data, 0
	buffer := make([]byte, min(max(1, readBytes/t.row), max(1, left))*t.row)
	for left > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		b := buffer[:min(len(buffer), left*t.row)]
		if err := readAt(t.r, b, at); err != nil {
			return fmt.Errorf("read %s: row %d: %w", t.file, number+1, err)
		}
		at, left = at+int64(len(b)), left-len(b)/t.row
		for ; len(b) > 0; b = b[t.row:] {
			number++
			if b[0] != live && b[0] != deleted {
				return t.refuse(fmt.Sprintf("row %d", number), "status 0x%02x", b[0])
			}
			if err := visit(&Row{Number: number, Deleted: b[0] == deleted, table: t, bytes: b[:t.row]}); err != nil {
				return err
			}
		}
	}
	return nil
}

// Value gives the cell of the field at this place of Fields. Only a memo can fail, with a *FormatError.
func (r *Row) Value(column int) (Value, error) {
	f, at := r.table.fields[column], r.table.offsets[column]
	b := r.bytes[at : at+f.Length]
	switch f.Type {
	case 'N', 'F', 'D':
		return Value(strings.Trim(string(b), " \x00")), nil
	case 'L':
		switch b[0] {
		case 'T', 't', 'Y', 'y':
			return "T", nil
		case 'F', 'f', 'N', 'n':
			return "F", nil
		}
		return "", nil
	case 'M':
		return r.memo(f, b)
	}
	return r.table.text(b), nil
}

func (t *Table) text(b []byte) Value {
	b = bytes.TrimRight(b, " \x00")
	var s strings.Builder
	s.Grow(len(b))
	for _, c := range b {
		s.WriteRune(t.page.DecodeByte(c))
	}
	return Value(s.String())
}

func (r *Row) memo(f Field, b []byte) (Value, error) {
	block, ok := memoBlock(b)
	switch {
	case !ok:
		return "", r.table.refuse(fmt.Sprintf("row %d: %s", r.Number, f.Name), "no block of a memo file")
	case block == 0:
		return "", nil
	case r.table.memo == nil:
		return "", r.table.refuse("memo file", "missing")
	}
	text, err := r.table.memo.read(block)
	if err != nil {
		return "", err
	}
	return r.table.text(text), nil
}

// readAt fills b; fewer bytes are an error, also at the end of the file.
func readAt(r io.ReaderAt, b []byte, at int64) error {
	n, err := r.ReadAt(b, at)
	switch {
	case n == len(b):
		return nil
	case err == nil || err == io.EOF:
		return io.ErrUnexpectedEOF
	default:
		return err
	}
}
