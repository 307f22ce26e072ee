package dbf_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/bob50/dbf"
)

var fields = []dbf.Field{{Name: "CID", Type: 'C', Length: 10}, {Name: "CNAME1", Type: 'C', Length: 12}, {Name: "AMOUNT", Type: 'N', Length: 9, Decimals: 2},
	{Name: "SINCE", Type: 'D', Length: 8}, {Name: "ACTIVE", Type: 'L', Length: 1}}

func write(t testing.TB, rows ...[]dbf.Value) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := dbf.Write(&b, "CLIENTS.DBF", fields, rows, time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func readAll(t testing.TB, table *dbf.Table) (rows [][]dbf.Value, gone []int) {
	t.Helper()
	err := table.Scan(t.Context(), func(r *dbf.Row) error {
		var row []dbf.Value
		for i := range table.Fields() {
			v, err := r.Value(i)
			if err != nil {
				return err
			}
			row = append(row, v)
		}
		if rows = append(rows, row); r.Deleted {
			gone = append(gone, r.Number)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows, gone
}

func open(b []byte) (*dbf.Table, error) {
	return dbf.Open("CLIENTS.DBF", bytes.NewReader(b), int64(len(b)), nil, 0)
}

// TestBytes holds the writer against the documented layout, byte by byte.
func TestBytes(t *testing.T) {
	b := write(t, []dbf.Value{"C000001", "Crème & Cœur", "-1234.5", "20260228", "T"})
	want := "\x03\x7e\x0b\x17" + "\x01\x00\x00\x00" + "\xc1\x00" + "\x29\x00" + strings.Repeat("\x00", 17) + "\x03\x00\x00"
	if got := string(b[:32]); got != want {
		t.Errorf("header\n%q, want\n%q", got, want)
	}
	if got, want := string(b[64:96]), "CNAME1\x00\x00\x00\x00\x00C\x00\x00\x00\x00\x0c\x00"+strings.Repeat("\x00", 14); got != want {
		t.Errorf("descriptor %q, want %q", got, want)
	}
	if got, want := string(b[192:]), "\r C000001   Cr\xe8me & C\x9cur -1234.5020260228T\x1a"; got != want {
		t.Errorf("row %q, want %q", got, want)
	}
}

// TestRoundTrip: what is written is read again, deleted rows are told.
func TestRoundTrip(t *testing.T) {
	rows := [][]dbf.Value{{"C000001", "Crème & Cœur", "-1234.50", "20260228", "T"}, {"C2", "", "", "", ""}, {"C3", "  kept", "0.00", "19000101", "F"}}
	b := write(t, rows...)
	b[193+41] = '*'
	table, err := open(b)
	if err != nil {
		t.Fatal(err)
	}
	got, gone := readAll(t, table)
	if d := cmp.Diff(rows, got); d != "" || len(gone) != 1 || gone[0] != 2 || table.Truncated() || table.Column("amount") != 2 || table.Column("X") != -1 {
		t.Errorf("deleted %v, -want +got\n%s", gone, d)
	}
	if d := cmp.Diff(fields, table.Fields()); d != "" {
		t.Error(d)
	}
}

// TestCodePage: the mark in the header decides.
func TestCodePage(t *testing.T) {
	b := write(t, []dbf.Value{"C1", "Cr?me", "", "", ""})
	b[29], b[193+13] = 0x02, 0x8A // è in 850
	table, err := open(b)
	if err != nil {
		t.Fatal(err)
	}
	if rows, _ := readAll(t, table); rows[0][1] != "Crème" {
		t.Errorf("%q", rows[0][1])
	}
}

// TestMemo reads memos of Visual FoxPro and of its forerunner.
func TestMemo(t *testing.T) {
	fpt := make([]byte, 512)
	binary.BigEndian.PutUint16(fpt[6:], 64)
	block := make([]byte, 64)
	binary.BigEndian.PutUint32(block, 1)
	binary.BigEndian.PutUint32(block[4:], 7)
	copy(block[8:], "caf\xe9 no")
	fpt = append(fpt, block...)
	for _, test := range []struct {
		name  string
		cell  string
		want  dbf.Value
		wrong string
	}{
		{"four bytes", "\x08\x00\x00\x00", "café no", ""},
		{"digits", "         8", "café no", ""},
		{"none", "          ", "", ""},
		{"none in four bytes", "\x00\x00\x00\x00", "", ""},
		{"outside", "\x09\x00\x00\x00", "", "at 576 of 576"},
		{"no number", "abcdefghij", "", "no block"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := make([]byte, 32+32+1)
			b[0], b[28] = 0x30, 2
			b[4], b[8], b[10] = 1, byte(len(b)), byte(1+len(test.cell))
			copy(b[32:], "CMEMO")
			b[43], b[48], b[64] = 'M', byte(len(test.cell)), 0x0D
			b = append(append(b, ' '), test.cell...)
			table, err := dbf.Open("X.DBF", bytes.NewReader(b), int64(len(b)), bytes.NewReader(fpt), int64(len(fpt)))
			if err != nil {
				t.Fatal(err)
			}
			err = table.Scan(t.Context(), func(r *dbf.Row) error {
				got, err := r.Value(0)
				if got != test.want || (err == nil) != (test.wrong == "") || err != nil && !strings.Contains(err.Error(), test.wrong) {
					t.Errorf("%q, %v, want %q %q", got, err, test.want, test.wrong)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}

// TestNotWritten: a value that does not fit is refused with its field's name, and never shown.
func TestNotWritten(t *testing.T) {
	for _, test := range []struct {
		row  []dbf.Value
		want string
	}{
		{[]dbf.Value{"C1", "Трактир", "", "", ""}, "row 1: CNAME1: a character that code page 1252 lacks"},
		{[]dbf.Value{"C1", "two\nlines", "", "", ""}, "row 1: CNAME1: a character"},
		{[]dbf.Value{"C1", "thirteen long", "", "", ""}, "row 1: CNAME1: longer than 12"},
		{[]dbf.Value{"C1", "", "1234567.89", "", ""}, "row 1: AMOUNT: a number that does not fit"},
		{[]dbf.Value{"C1", "", "1.234", "", ""}, "row 1: AMOUNT: a number that does not fit"},
		{[]dbf.Value{"C1", "", "many", "", ""}, "row 1: AMOUNT: no number"},
		{[]dbf.Value{"C1", "", "", "20260230", ""}, "row 1: SINCE: no day"},
		{[]dbf.Value{"C1", "", "", "", "x"}, "row 1: ACTIVE: neither"},
		{[]dbf.Value{"C1"}, "row 1: 1 values for 5 fields"},
	} {
		var b bytes.Buffer
		err := dbf.Write(&b, "CLIENTS.DBF", fields, [][]dbf.Value{test.row}, time.Time{})
		var format *dbf.FormatError
		if !errors.As(err, &format) || !strings.Contains(err.Error(), test.want) || b.Len() != 0 {
			t.Errorf("%v, want %q; %d bytes written", err, test.want, b.Len())
		}
	}
}

// TestRefused: what is no whole table is refused by name.
func TestRefused(t *testing.T) {
	for _, test := range []struct {
		name string
		do   func([]byte) []byte
		want string
	}{
		{"empty", func([]byte) []byte { return nil }, "size: 0 bytes"},
		{"another type", func(b []byte) []byte { b[0] = 0x43; return b }, "type: 0x43"},
		{"header past the end", func(b []byte) []byte { return b[:150] }, "header length: 193 of 150"},
		{"no end of the fields", func(b []byte) []byte { b[192] = 'X'; return b }, "the list is cut off"},
		{"record length", func(b []byte) []byte { b[10] = 42; return b }, "record length: 42, the 5 fields end at 41"},
		{"a field past the end", func(b []byte) []byte { b[48] = 99; return b }, "field 1: 99 bytes"},
		{"a field without a name", func(b []byte) []byte { clear(b[64:75]); return b }, "field 2"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := open(test.do(write(t, []dbf.Value{"C1", "", "", "", ""})))
			var format *dbf.FormatError
			if !errors.As(err, &format) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want %q", err, test.want)
			}
		})
	}
}

// TestCut: a table whose last row is torn tells so, and gives the whole rows.
func TestCut(t *testing.T) {
	b := write(t, []dbf.Value{"C1", "", "", "", ""}, []dbf.Value{"C2", "", "", "", ""})
	table, err := open(b[:len(b)-10])
	if err != nil {
		t.Fatal(err)
	}
	if rows, _ := readAll(t, table); !table.Truncated() || table.Rows() != 1 || len(rows) != 1 {
		t.Errorf("truncated %v, %d rows", table.Truncated(), len(rows))
	}
}

// FuzzTable: no file makes the reader panic.
func FuzzTable(f *testing.F) {
	f.Add(write(f, []dbf.Value{"C1", "x", "1.00", "20260101", "T"}), make([]byte, 600))
	f.Fuzz(func(t *testing.T, data, memo []byte) {
		table, err := dbf.Open("fuzz.dbf", bytes.NewReader(data), int64(len(data)), bytes.NewReader(memo), int64(len(memo)))
		if err != nil {
			return
		}
		rows := 0
		err = table.Scan(t.Context(), func(r *dbf.Row) error {
			rows++
			for i := range table.Fields() {
				v, err := r.Value(i)
				if year := v.Day().Year(); err == nil && (year < 0 || year > 9999) {
					t.Fatalf("year %d", year)
				}
			}
			return nil
		})
		if rows > table.Rows() || err == nil && rows != table.Rows() {
			t.Fatalf("%d rows of %d, %v", rows, table.Rows(), err)
		}
	})
}
