package adt_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/bob50/adt"
)

// sample reads a real table of shared/data/adt, which lies beside the repository or above it; nil if the file is not there.
func sample(t testing.TB, name string) []byte {
	t.Helper()
	for _, folder := range []string{"../../../../shared/data/adt", "../../../../../shared/data/adt"} {
		if _, err := os.Stat(folder); err != nil {
			continue
		}
		b, err := os.ReadFile(filepath.Join(folder, name))
		if os.IsNotExist(err) {
			return nil
		}
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	t.Skip("shared/data/adt, the real tables, is not beside this repository")
	return nil
}

// open opens a real table with its memo file, if it has one.
func open(t testing.TB, name string) *adt.Table {
	t.Helper()
	b := sample(t, name)
	var memo *adt.MemoFile
	if m := sample(t, strings.TrimSuffix(name, ".adt")+".adm"); m != nil {
		var err error
		if memo, err = adt.OpenMemo(name+".adm", bytes.NewReader(m), int64(len(m))); err != nil {
			t.Fatal(err)
		}
	}
	table, err := adt.Open(name, bytes.NewReader(b), int64(len(b)), memo, adt.CP1252)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// shown is a value as a line of a list.
func shown(t testing.TB, table *adt.Table, column int, v adt.Value) string {
	t.Helper()
	switch v.Kind {
	case adt.Null:
		return "NULL"
	case adt.String:
		return v.Text()
	case adt.Int, adt.Float, adt.Decimal:
		return v.Decimal().String()
	case adt.Day:
		return v.Time().Format("2006-01-02")
	case adt.DayAndTime:
		return v.Time().Format("2006-01-02T15:04:05")
	case adt.Clock:
		return v.Clock().String()
	case adt.Truth:
		if v.Truth() {
			return "true"
		}
		return "false"
	case adt.Reference:
		memo, err := table.ReadMemo(column, v.Ref())
		if err != nil {
			t.Fatal(err)
		}
		if table.Fields()[column].Type == adt.Memo {
			return string(memo)
		}
		sum := sha256.Sum256(memo)
		return "sha256 " + hex.EncodeToString(sum[:])
	}
	return "kind " + string('0'+v.Kind)
}

// TestSamples decodes tables that Advantage wrote to the counts and first rows that are known of them.
func TestSamples(t *testing.T) {
	for _, test := range []struct {
		name   string
		rows   int
		next   uint32
		null   map[string]int    // fields in which some rows are NULL, and how many
		first  map[string]string // of row 1
		fields int
	}{
		{"AbrGru.ADT", 9, 0, map[string]int{"ErstHonLst": 9, "FolgHonLst": 9, "FAnzeige": 2, "Wahlarzt": 1, "MwstGrup": 8},
			map[string]string{"AbrGruId": "1", "Such": "WGK", "Bez": "WGK", "VerrKennz": "1", "KassenArt": "2", "OpKennz": "false",
				"FAnzeige": "NULL", "MwstAusgl": "0", "DateHidden": "00000000", "MwstGrup": "NULL"}, 20},
		{"test.adt", 1, 3, map[string]int{"kk": 1, "jhh": 1, "bh": 1},
			map[string]string{"test" + strings.Repeat("h", 124): "99", "test2": "9999", "inc": "2"}, 6},
		{"country.adt", 18, 0, nil, map[string]string{"Name": "Argentina", "Capital": "Buenos Aires",
			"Continent": "South America", "Area": "2777815", "Population": "32300003"}, 5},
		{"parts.adt", 59, 0, nil, map[string]string{"PartNo": "900", "VendorNo": "3820", "Description": "Dive kayak", "OnHand": "24",
			"OnOrder": "16", "Cost": "1356.75", "ListPrice": "3999.95"}, 7},
		{"master.adt", 109, 0, nil, map[string]string{"SYMBOL": "SMC", "CO_NAME": "STAR MOTOR CORP", "EXCHANGE": "    NYSE",
			"CUR_PRICE": "59.625", "P_E_RATIO": "9.4", "PROJ_GRTH": "-16", "INDUSTRY": "3710", "RISK": "MED"}, 17},
		{"orders.adt", 205, 0, map[string]int{"ShipDate": 1, "ShipToContact": 203, "ShipToAddr1": 203, "ShipToAddr2": 204,
			"ShipToCity": 203, "ShipToState": 204, "ShipToZip": 203, "ShipToCountry": 203, "ShipToPhone": 203, "PO": 204},
			map[string]string{"OrderNo": "1003", "SaleDate": "1988-04-12T00:00:00", "ShipDate": "1988-05-03T12:00:00", "EmpNo": "114",
				"ShipVIA": "UPS", "Terms": "FOB", "ItemsTotal": "1250", "TaxRate": "4.5"}, 21},
		{"custoly.adt", 30, 31, map[string]int{"First_Name": 1, "VIP_Status": 9, "Address2": 30, "State/Prov": 5, "Post_Code": 7,
			"Fax": 1, "EMail": 2, "Remarks": 15},
			map[string]string{"CustNo": "1", "Last_Name": "Ferguson", "Address1": "4-976 Sugarloaf Hwy", "Address2": "NULL",
				"Remarks": "VIP status since 1995.  Check on availability for translations (French, Indonesian)"}, 14},
		{"events.adt", 23, 24, map[string]int{"VenueNo": 6, "Event_Description": 7, "Ticket_price": 5},
			map[string]string{"EventNo": "1", "VenueNo": "5", "Event_Name": "Men's Track and Field", "Event_Date": "1996-06-15",
				"Event_Time": "10h0m0s", "Ticket_price": "5",
				"Event_Photo": "sha256 ad9ca3fd5017b6eb2eb5a62c1ee19ea3dcbd527b70dc8bfea4520f0015604081"}, 8},
	} {
		t.Run(test.name, func(t *testing.T) {
			table := open(t, test.name)
			if table.Rows() != test.rows || table.Truncated() || len(table.Fields()) != test.fields || table.NextAutoInc() != test.next {
				t.Errorf("%d rows, truncated %v, %d fields, next %d", table.Rows(), table.Truncated(), len(table.Fields()), table.NextAutoInc())
			}
			first, null, rows := map[string]string{}, map[string]int{}, 0
			err := table.Scan(t.Context(), func(r *adt.Row) error {
				rows++
				if r.Number != rows || r.Deleted || r.Err != nil {
					t.Errorf("row %d: number %d, deleted %v, %v", rows, r.Number, r.Deleted, r.Err)
				}
				for i, f := range table.Fields() {
					v := r.Value(i)
					text := shown(t, table, i, v)
					if _, asked := test.first[f.Name]; asked && rows == 1 {
						first[f.Name] = text
					}
					if v.Kind == adt.Null {
						null[f.Name]++
					}
					if v.Kind == adt.Bad || v.Kind == adt.Opaque {
						t.Errorf("row %d: %s is %v", rows, f.Name, v)
					}
				}
				return nil
			})
			if err != nil || rows != test.rows {
				t.Fatal(rows, err)
			}
			if test.null == nil {
				test.null = map[string]int{}
			}
			if d := cmp.Diff(test.null, null); d != "" {
				t.Errorf("NULL: -want +got\n%s", d)
			}
			if d := cmp.Diff(test.first, first); d != "" {
				t.Errorf("row 1: -want +got\n%s", d)
			}
		})
	}
}

// TestMemoOutside: a memo file of another day ends no scan, and gives no bytes of somebody else.
func TestMemoOutside(t *testing.T) {
	b := sample(t, "events.adm")
	memo, err := adt.OpenMemo("events.adm", bytes.NewReader(b[:30000]), 30000)
	if err != nil {
		t.Fatal(err)
	}
	data := sample(t, "events.adt")
	table, err := adt.Open("events.adt", bytes.NewReader(data), int64(len(data)), memo, adt.CP1252)
	if err != nil {
		t.Fatal(err)
	}
	column, refused, given := table.Column("EVENT_PHOTO"), 0, 0
	err = table.Scan(t.Context(), func(r *adt.Row) error {
		if _, err := table.ReadMemo(column, r.Value(column).Ref()); err != nil {
			refused++
		} else {
			given++
		}
		return nil
	})
	if err != nil || given != 1 || refused != 22 {
		t.Errorf("%d memos given, %d refused, %v", given, refused, err)
	}
}
