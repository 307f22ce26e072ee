package adt

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
)

// What the format fixes.
const (
	signature       = "Advantage Table"
	headerBytes     = 400
	descriptorBytes = 200
	nameBytes       = 128
	statusBytes     = 5 // of a row: status, and four bytes of zero
	maxFields       = 2048
	maxRow          = 64 << 10
)

// Table is an open table. It may be read by one goroutine at a time.
type Table struct {
	file       string
	r          io.ReaderAt
	fields     []Field
	byName     map[string]int
	page       *page
	memo       *MemoFile
	data       int64 // where the rows begin
	row        int   // length of one
	declared   int   // number of rows that the header tells
	present    int   // and that the bytes hold
	spare      int64 // bytes that are no whole row of these
	next       uint32
	memos      bool
	dictionary bool
}

// Open reads the header of a table of size bytes, and refuses what is none with a *FormatError; file is what errors call
// it. memo is the table's memo file, nil without one.
func Open(file string, r io.ReaderAt, size int64, memo *MemoFile, codePage CodePage) (*Table, error) {
	t := &Table{file: file, r: r, memo: memo}
	if t.page = pages[codePage]; t.page == nil {
		return nil, t.refuse("code page", "%q", string(codePage))
	}
	head := make([]byte, headerBytes)
	if size < headerBytes {
		return nil, t.refuse("size", "%d bytes, the header alone has %d", size, headerBytes)
	}
	if err := readAt(r, head, 0); err != nil {
		return nil, fmt.Errorf("read %s: header: %w", file, err)
	}
	n, err := t.header(head, size)
	if err != nil {
		return nil, err
	}
	descriptors := make([]byte, n*descriptorBytes)
	if err := readAt(r, descriptors, headerBytes); err != nil {
		return nil, fmt.Errorf("read %s: fields: %w", file, err)
	}
	if err := t.describe(descriptors); err != nil {
		return nil, err
	}
	return t, nil
}

func (t *Table) refuse(what, format string, args ...any) error {
	return &FormatError{File: t.file, What: what, Value: fmt.Sprintf(format, args...)}
}

// header takes the first 400 bytes and gives the number of fields.
func (t *Table) header(b []byte, size int64) (int, error) {
	u32 := func(at int) int64 { return int64(binary.LittleEndian.Uint32(b[at:])) }
	if string(b[:len(signature)]) != signature || b[len(signature)] != 0 {
		return 0, t.refuse("signature", "no Advantage table")
	}
	n := int64(binary.LittleEndian.Uint16(b[358:]))
	switch data, row := u32(32), u32(36); {
	case n < 1 || n > maxFields:
		return 0, t.refuse("number of fields", "%d", n)
	case data != headerBytes+descriptorBytes*n:
		return 0, t.refuse("header length", "%d with %d fields", data, n)
	case data > size:
		return 0, t.refuse("size", "%d bytes, the header has %d", size, data)
	case row <= statusBytes || row > maxRow:
		return 0, t.refuse("record length", "%d", row)
	default:
		t.data, t.row = data, int(row)
	}
	rows := (size - t.data) / int64(t.row)
	t.declared, t.present = int(u32(24)), int(rows)
	t.spare = size - t.data - rows*int64(t.row)
	t.next, t.memos = uint32(u32(80)), b[88]&1 != 0
	t.dictionary = !bytes.Equal(b[56:76], make([]byte, 20))
	return int(n), nil
}

// describe takes the descriptors. The fields must tile the row without gap or overlap; an encrypted table's don't.
func (t *Table) describe(b []byte) error {
	end := statusBytes
	t.byName = make(map[string]int, len(b)/descriptorBytes)
	for i := 0; len(b) > 0; i, b = i+1, b[descriptorBytes:] {
		name, _, _ := bytes.Cut(b[:nameBytes], []byte{0})
		f := Field{
			Name:     t.page.text(name),
			Type:     Type(binary.LittleEndian.Uint16(b[129:])),
			offset:   int(binary.LittleEndian.Uint16(b[131:])),
			Length:   int(binary.LittleEndian.Uint16(b[135:])),
			Decimals: int(binary.LittleEndian.Uint16(b[139:])),
		}
		what := fmt.Sprintf("field %d (%s)", i+1, f.Name)
		if f.Name == "" || strings.ContainsFunc(f.Name, control) {
			return t.refuse(fmt.Sprintf("field %d", i+1), "its name is no text")
		}
		if f.offset != end || f.Length == 0 || f.offset+f.Length > t.row {
			return t.refuse(what, "%d bytes at %d of %d, the one before ends at %d", f.Length, f.offset, t.row, end)
		}
		k := kinds[f.Type] // of a type that nobody knows: raw bytes of any length
		if k.width != 0 && f.Length != k.width {
			return t.refuse(what, "%s of %d bytes", f.Type, f.Length)
		}
		f.read = k.read
		if _, twice := t.byName[fold(f.Name)]; twice {
			return t.refuse(what, "a second field of this name")
		}
		t.byName[fold(f.Name)] = i
		t.fields = append(t.fields, f)
		end += f.Length
	}
	if end != t.row {
		return t.refuse("record length", "%d, the fields end at %d", t.row, end)
	}
	return nil
}

func control(r rune) bool { return r < ' ' || r == 0x7F }

// fold makes names comparable: Advantage does not tell case apart.
func fold(name string) string { return strings.ToUpper(strings.TrimSpace(name)) }

// Fields are the columns, in order.
func (t *Table) Fields() []Field { return t.fields }

// Column gives the place of a field among Fields, by its name without regard to case; -1 if there is none.
func (t *Table) Column(name string) int {
	if i, ok := t.byName[fold(name)]; ok {
		return i
	}
	return -1
}

// Rows is how many rows can be read, deleted ones included: what the header tells, and no more than the bytes hold.
func (t *Table) Rows() int { return min(t.declared, t.present) }

// Truncated says that header and size disagree: rows are missing, half written, or not yet counted. Who reads a copy takes
// such a table for unreadable.
func (t *Table) Truncated() bool { return t.declared != t.present || t.spare != 0 }

// Sizes gives the number of rows that the header tells, that the file holds, and the bytes after the last whole one.
func (t *Table) Sizes() (declared, present int, spare int64) { return t.declared, t.present, t.spare }

// NeedsMemo says that the table has fields whose values lie in a memo file.
func (t *Table) NeedsMemo() bool { return t.memos }

// Dictionary says that the header has what free tables lack: the table may belong to a data dictionary (.ADD).
func (t *Table) Dictionary() bool { return t.dictionary }

// NextAutoInc is the number that the next row's AUTOINC field gets; 0 in a table without one.
func (t *Table) NextAutoInc() uint32 { return t.next }

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
