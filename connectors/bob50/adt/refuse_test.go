package adt_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"syncbox/connectors/bob50/adt"
)

// TestRefused: what is no whole free table is refused by name, never guessed at.
func TestRefused(t *testing.T) {
	u16 := func(at int, v uint16) func([]byte) []byte {
		return func(b []byte) []byte { binary.LittleEndian.PutUint16(b[at:], v); return b }
	}
	u32 := func(at int, v uint32) func([]byte) []byte {
		return func(b []byte) []byte { binary.LittleEndian.PutUint32(b[at:], v); return b }
	}
	const second = 400 + 200 // descriptor of Capital
	for _, test := range []struct {
		name string
		do   func([]byte) []byte
		want string // of the message
	}{
		{"empty", func([]byte) []byte { return nil }, "size: 0 bytes"},
		{"only the header", func(b []byte) []byte { return b[:1399] }, "size: 1399 bytes"},
		{"another format", func(b []byte) []byte { b[0] = 'a'; return b }, "signature"},
		{"a longer signature", func(b []byte) []byte { b[15] = 'X'; return b }, "signature"},
		{"no fields", u16(358, 0), "number of fields: 0"},
		{"too many fields", u16(358, 2049), "number of fields: 2049"},
		{"header length", u32(32, 1401), "header length: 1401"},
		{"no record length", u32(36, 5), "record length: 5"},
		{"record length", u32(36, 65537), "record length: 65537"},
		{"fields end too early", u32(36, 94), "record length: 94, the fields end at 93"},
		{"a gap", u16(second+131, 30), "field 2 (Capital)"},
		{"an overlap", u16(second+131, 28), "field 2 (Capital)"},
		{"a field without bytes", u16(second+135, 0), "field 2 (Capital)"},
		{"past the end", u16(second+135, 90), "field 2 (Capital)"},
		{"a number of the wrong width", u16(second+129, uint16(adt.Integer)), "INTEGER of 24 bytes"},
		{"no name", func(b []byte) []byte { clear(b[second : second+128]); return b }, "field 2: its name is no text"},
		{"a name of controls", func(b []byte) []byte { b[second] = 7; return b }, "field 2: its name is no text"},
		{"one name twice", func(b []byte) []byte { copy(b[second:second+128], b[400:528]); return b }, "field 2 (Name): a second field"},
		{"encrypted", func(b []byte) []byte {
			for i := 16; i < len(b); i++ {
				b[i] ^= byte(i*131 + 89)
			}
			return b
		}, "number of fields"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := test.do(bytes.Clone(sample(t, "country.adt")))
			_, err := adt.Open("country.adt", bytes.NewReader(b), int64(len(b)), nil, adt.CP1252)
			var format *adt.FormatError
			if !errors.As(err, &format) || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "country.adt: ") {
				t.Errorf("%v, want %q", err, test.want)
			}
		})
	}
}

// TestSizes: header and file that disagree are told, and no row is made of what is not there.
func TestSizes(t *testing.T) {
	for _, test := range []struct {
		name              string
		do                func([]byte) []byte
		rows              int
		declared, present int
		spare             int64
	}{
		{"torn last row", func(b []byte) []byte { return b[:len(b)-40] }, 17, 18, 17, 53},
		{"count too big", func(b []byte) []byte { b[24] = 200; return b }, 18, 200, 18, 0},
		{"count too small", func(b []byte) []byte { b[24] = 10; return b }, 10, 10, 18, 0},
		{"bytes behind", func(b []byte) []byte { return append(b, 1, 2, 3) }, 18, 18, 18, 3},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := test.do(bytes.Clone(sample(t, "country.adt")))
			table, err := adt.Open("country.adt", bytes.NewReader(b), int64(len(b)), nil, adt.CP1252)
			if err != nil {
				t.Fatal(err)
			}
			rows := 0
			if err := table.Scan(t.Context(), func(*adt.Row) error { rows++; return nil }); err != nil {
				t.Fatal(err)
			}
			declared, present, spare := table.Sizes()
			if !table.Truncated() || rows != test.rows || declared != test.declared || present != test.present || spare != test.spare {
				t.Errorf("truncated %v, %d rows, %d declared, %d present, %d bytes behind", table.Truncated(), rows, declared, present, spare)
			}
		})
	}
}

// TestStatus: four values are known; any other is an error of its row alone.
func TestStatus(t *testing.T) {
	b := bytes.Clone(sample(t, "country.adt"))
	for i, status := range []byte{0, 1, 4, 5, 2, 0xFF} {
		b[1400+93*i] = status
	}
	table, err := adt.Open("country.adt", bytes.NewReader(b), int64(len(b)), nil, adt.CP1252)
	if err != nil {
		t.Fatal(err)
	}
	var deleted, bad []int
	err = table.Scan(t.Context(), func(r *adt.Row) error {
		var row *adt.RowError
		switch {
		case errors.As(r.Err, &row) && row.Row == r.Number:
			bad = append(bad, r.Number)
		case r.Deleted:
			deleted = append(deleted, r.Number)
		}
		return nil
	})
	if err != nil || len(deleted) != 2 || deleted[0] != 2 || deleted[1] != 4 || len(bad) != 2 || bad[0] != 5 || bad[1] != 6 {
		t.Errorf("deleted %v, bad %v, %v", deleted, bad, err)
	}
}

// TestRowByNumber: one row is read as a scan shows it; a number that no row has is refused.
func TestRowByNumber(t *testing.T) {
	table := open(t, "country.adt")
	err := table.Scan(t.Context(), func(want *adt.Row) error {
		got, err := table.Row(want.Number)
		if err != nil || got.Number != want.Number || !bytes.Equal(got.Bytes(), want.Bytes()) || got.Value(0).Text() != want.Value(0).Text() {
			t.Errorf("row %d: got %v, %v", want.Number, got, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, number := range []int{-1, 0, table.Rows() + 1} {
		if r, err := table.Row(number); err == nil {
			t.Errorf("row %d: got %v", number, r.Value(0))
		}
	}
}
