package dbf

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"golang.org/x/text/encoding/charmap"
)

// Write writes a table of type 03 in code page 1252, with rows of one Value for each field, as Row.Value gives them. modified
// is the day in its header. A value that the field or the code page can't hold is a *FormatError that names the field and not
// the value; nothing was written then.
func Write(w io.Writer, file string, fields []Field, rows [][]Value, modified time.Time) error {
	var b bytes.Buffer
	if err := writeHeader(&b, file, fields, len(rows), modified); err != nil {
		return err
	}
	for i, row := range rows {
		if len(row) != len(fields) {
			return &FormatError{File: file, What: fmt.Sprintf("row %d", i+1), Value: fmt.Sprintf("%d values for %d fields", len(row), len(fields))}
		}
		b.WriteByte(live)
		for j, f := range fields {
			cell, why := f.cell(row[j])
			if why != "" {
				return &FormatError{File: file, What: fmt.Sprintf("row %d: %s", i+1, f.Name), Value: why}
			}
			b.Write(cell)
		}
	}
	b.WriteByte(endOfFile)
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	return nil
}

func writeHeader(b *bytes.Buffer, file string, fields []Field, rows int, modified time.Time) error {
	length := 1
	for _, f := range fields {
		if f.Name == "" || len(f.Name) >= nameBytes || !strings.ContainsRune("CNDL", rune(f.Type)) || f.Length < 1 || f.Length > 254 {
			return &FormatError{File: file, What: "field " + f.Name, Value: "can't be written"}
		}
		length += f.Length
	}
	header := headerBytes + descriptorBytes*len(fields) + 1
	if len(fields) == 0 || length > math.MaxUint16 || header > math.MaxUint16 {
		return &FormatError{File: file, What: "fields", Value: fmt.Sprintf("%d of %d bytes", len(fields), length)}
	}
	head := make([]byte, headerBytes)
	year, month, day := modified.Date()
	head[0], head[1], head[2], head[3] = 0x03, byte(year-1900), byte(month), byte(day)
	binary.LittleEndian.PutUint32(head[4:], uint32(rows))
	binary.LittleEndian.PutUint16(head[8:], uint16(header))
	binary.LittleEndian.PutUint16(head[10:], uint16(length))
	head[29] = 0x03
	b.Write(head)
	for _, f := range fields {
		d := make([]byte, descriptorBytes)
		copy(d, strings.ToUpper(f.Name))
		d[11], d[16], d[17] = f.Type, byte(f.Length), byte(f.Decimals)
		b.Write(d)
	}
	b.WriteByte(endOfFields)
	return nil
}

// cell gives the bytes of a value, or why there are none.
func (f Field) cell(v Value) (cell []byte, why string) {
	cell = bytes.Repeat([]byte{' '}, f.Length)
	switch {
	case v == "":
	case f.Type == 'C':
		return f.text(cell, string(v))
	case f.Type == 'N':
		d, ok := v.Decimal()
		if !ok {
			return nil, "no number"
		}
		text := d.StringFixed(int32(f.Decimals))
		if len(text) > f.Length || !d.Equal(d.Round(int32(f.Decimals))) {
			return nil, "a number that does not fit"
		}
		copy(cell[f.Length-len(text):], text)
	case f.Type == 'D':
		if v.Day().IsZero() || f.Length != 8 {
			return nil, "no day"
		}
		copy(cell, v)
	case v != "T" && v != "F":
		return nil, "neither T nor F"
	default:
		cell[0] = v[0]
	}
	return cell, ""
}

func (f Field) text(cell []byte, text string) ([]byte, string) {
	n := 0
	for _, r := range text {
		c, ok := charmap.Windows1252.EncodeRune(r)
		switch {
		case !ok || c < ' ':
			return nil, "a character that code page 1252 lacks"
		case n == len(cell):
			return nil, fmt.Sprintf("longer than %d characters", len(cell))
		}
		cell[n] = c
		n++
	}
	return cell, ""
}
