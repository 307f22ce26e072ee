package bob50test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/text/encoding/charmap"
)

// importFile is a file of LINK as it was read: its columns, and its rows of one text for each.
type importFile struct {
	columns []string
	rows    [][]string
}

// errIncomplete says that a file is not whole.
var errIncomplete = errors.New("file is not complete")

// dbfField is one field of a dBASE table.
type dbfField struct {
	name   string
	kind   byte
	length int
}

// readDBF reads a dBASE table as Microsoft documents it ("Table File Structure"); fpt is its memo file, nil without one. Deleted rows
// are left out.
func readDBF(b, fpt []byte) (*importFile, error) {
	if len(b) < 33 || !strings.ContainsRune("\x03\x30\x31\u0083\u008B\u00F5", rune(b[0])) {
		return nil, errors.New("no dBASE table")
	}
	count, header, size := int(le.Uint32(b[4:])), int(le.Uint16(b[8:])), int(le.Uint16(b[10:]))
	if header < 33 || header > len(b) || size < 2 || (len(b)-header)/size < count || len(b) < header+count*size+1 || b[header+count*size] != 0x1A {
		return nil, errIncomplete
	}
	fields, err := dbfFields(b[32:header], size)
	if err != nil {
		return nil, err
	}
	page := charmap.Windows1252
	if b[29] == 0x02 {
		page = charmap.CodePage850
	}
	f := &importFile{}
	for _, c := range fields {
		f.columns = append(f.columns, c.name)
	}
	for i := range count {
		record := b[header+i*size:][:size]
		if record[0] == '*' {
			continue
		}
		row, err := dbfRow(record[1:], fields, fpt, page)
		if err != nil {
			return nil, fmt.Errorf("row %d: %w", i+1, err)
		}
		f.rows = append(f.rows, row)
	}
	return f, nil
}

func dbfFields(b []byte, size int) (fields []dbfField, err error) {
	at := 1
	for ; len(b) >= 32 && b[0] != 0x0D; b = b[32:] {
		name, _, _ := strings.Cut(string(b[:11]), "\x00")
		f := dbfField{name, b[11], int(b[16])}
		if !strings.ContainsRune("CNDLM", rune(f.kind)) || f.length == 0 {
			return nil, fmt.Errorf("field %s of type %q with %d bytes", f.name, f.kind, f.length)
		}
		fields, at = append(fields, f), at+f.length
	}
	if len(b) == 0 || b[0] != 0x0D || at != size {
		return nil, errors.New("the fields do not make up the rows")
	}
	return fields, nil
}

func dbfRow(b []byte, fields []dbfField, fpt []byte, page *charmap.Charmap) (row []string, err error) {
	for _, f := range fields {
		cell := b[:f.length]
		b = b[f.length:]
		if f.kind == 'M' {
			if cell, err = dbfMemo(cell, fpt); err != nil {
				return nil, fmt.Errorf("%s: %w", f.name, err)
			}
		}
		var text strings.Builder
		for _, c := range cell {
			text.WriteRune(page.DecodeByte(c))
		}
		value := strings.TrimRight(text.String(), " \x00")
		if f.kind != 'C' && f.kind != 'M' {
			value = strings.TrimSpace(value)
		}
		row = append(row, value)
	}
	return row, nil
}

// dbfMemo gives the text of a memo: a block number as digits, or as four bytes.
func dbfMemo(cell, fpt []byte) ([]byte, error) {
	block := 0
	if len(cell) == 4 {
		block = int(le.Uint32(cell))
	} else if digits := strings.TrimSpace(string(cell)); digits != "" {
		if _, err := fmt.Sscanf(digits, "%d", &block); err != nil {
			return nil, errors.New("no block number")
		}
	}
	if block == 0 {
		return nil, nil
	}
	if len(fpt) < 512 {
		return nil, errors.New("no memo file")
	}
	at := int64(block) * int64(binary.BigEndian.Uint16(fpt[6:]))
	if at < 512 || at+8 > int64(len(fpt)) {
		return nil, errors.New("memo outside of its file")
	}
	length := int64(binary.BigEndian.Uint32(fpt[at+4:]))
	if at+8+length > int64(len(fpt)) {
		return nil, errors.New("memo outside of its file")
	}
	return fpt[at+8 : at+8+length], nil
}
