package peers

import (
	"bytes"
	"encoding/csv"
	"fmt"
)

// field gives the n-th field of a row without its quotes; empty if the row has fewer.
func field(row []byte, n int) []byte {
	row = bytes.TrimRight(row, "\r\n")
	for {
		value, rest, more := cut(row)
		if n == 0 {
			return value
		}
		if !more {
			return nil
		}
		row, n = rest, n-1
	}
}

// cut gives the first field of a row, and what comes after its comma.
func cut(row []byte) (value, rest []byte, more bool) {
	if len(row) == 0 || row[0] != '"' {
		return bytes.Cut(row, comma)
	}
	for at := 1; ; at += 2 {
		i := bytes.IndexByte(row[at:], '"')
		if i < 0 {
			return row[1:], nil, false // never closed
		}
		at += i
		if at+1 == len(row) || row[at+1] != '"' { // not a doubled quote
			_, rest, more = bytes.Cut(row[at+1:], comma)
			return bytes.ReplaceAll(row[1:at], doubled, quote), rest, more
		}
	}
}

var quote, doubled, comma = []byte{'"'}, []byte(`""`), []byte{','}

// fields gives all fields of a row.
func fields(row []byte) ([]string, error) {
	values, err := csv.NewReader(bytes.NewReader(row)).Read()
	if err != nil {
		return nil, fmt.Errorf("row of %d bytes: %w", len(row), err)
	}
	return values, nil
}
