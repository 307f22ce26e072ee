package adt_test

import (
	"bytes"
	"testing"

	"syncbox/connectors/bob50/adt"
)

// FuzzTable: no file makes the reader panic, or give a row or a memo that the bytes do not hold.
func FuzzTable(f *testing.F) {
	for _, name := range []string{"AbrGru.ADT", "test.adt", "country.adt", "custoly.adt"} {
		f.Add(sample(f, name), sample(f, "custoly.adm"))
	}
	f.Add([]byte("Advantage Table"), []byte{})
	f.Fuzz(func(t *testing.T, data, memos []byte) {
		memo, err := adt.OpenMemo("fuzz.adm", bytes.NewReader(memos), int64(len(memos)))
		if err != nil {
			memo = nil
		}
		for _, page := range []adt.CodePage{adt.CP1252, adt.CP850} {
			table, err := adt.Open("fuzz.adt", bytes.NewReader(data), int64(len(data)), memo, page)
			if err != nil {
				continue
			}
			rows := 0
			if err := table.Scan(t.Context(), func(r *adt.Row) error { rows++; readRow(t, table, r); return nil }); err != nil {
				t.Fatal(err)
			}
			if rows != table.Rows() || len(data) < 400+200*len(table.Fields())+rows*len(table.Fields()) {
				t.Fatalf("%d rows of %d bytes, %d promised", rows, len(data), table.Rows())
			}
		}
	})
}

func readRow(t *testing.T, table *adt.Table, r *adt.Row) {
	t.Helper()
	for i := range table.Fields() {
		v := r.Value(i)
		_, _, _, _, _, _ = v.Text(), v.Int(), v.Float(), v.Truth(), v.Clock(), v.Decimal()
		if year := v.Time().Year(); year < 1 || year > 9999 {
			t.Fatalf("year %d", year)
		}
		if v.Kind == adt.Reference {
			if memo, err := table.ReadMemo(i, v.Ref()); err == nil && len(memo) > 16<<20*3 {
				t.Fatalf("a memo of %d bytes", len(memo))
			}
		}
	}
}
