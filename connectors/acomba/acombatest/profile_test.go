package acombatest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/acomba/acombatest"
)

// The published tables, once more and by hand: field, first byte, bytes of one element, elements.
var tables = map[acombatest.Table]string{
	acombatest.CustomerTable: `number 16 20 1, sort_key 36 20 1, name 56 60 1, care_of 116 60 1, address 176 60 1,
		city 236 60 1, province 296 30 1, postal_code 326 12 1, iso_country 338 4 1, phone.desc 342 16 5,
		phone.number 422 24 5, phone.ext 542 6 5, email 572 80 3, web 812 80 1, language 892 2 1,
		price_level 894 2 1, term_cp 896 4 1, salesrep_cp 900 4 1, territory_cp 904 4 1, discount_bp 908 4 1,
		invoiced_to_cp 912 4 1, opened 916 4 1, comment 920 200 1`,
	acombatest.SalesRepTable:  `number 16 4 1, name 20 60 1, email 80 80 1`,
	acombatest.GroupTable:     `number 16 4 1, description 20 60 1, parent_cp 80 4 1`,
	acombatest.ProductTable:   `number 16 30 1, description 46 90 3, group_cp 316 4 1, price 320 8 6, upc 368 20 1, unit 388 10 1`,
	acombatest.TermTable:      `number 16 4 1, description 20 40 1, days 60 2 1, percent_bp 62 2 1`,
	acombatest.TerritoryTable: `number 16 4 1, description 20 40 1`,
	acombatest.PriceListTable: `number 16 4 1, description 20 40 1`,
	acombatest.DocumentTable: `doc_type 16 1 1, doc_state 17 1 1, num_lines 18 2 1, number 20 20 1, customer_cp 40 4 1,
		invoiced_to_cp 44 4 1, salesrep_cp 48 4 1, date 52 4 1, due 56 4 1, reference 60 30 1, description 90 60 1,
		term_cp 150 4 1, sub_total 154 8 1, freight 162 8 1, discount 170 8 1, discount_bp 178 4 1, taxes 182 8 4,
		total 214 8 1, first_line_cp 222 4 1, source_cp 226 4 1`,
	acombatest.LineTable: `parent_cp 16 4 1, next_cp 20 4 1, line_no 24 2 1, type 26 1 1, pad 27 1 1, product_cp 28 4 1,
		sku 32 30 1, description 62 90 1, group_cp 152 4 1, ordered_qty 156 8 1, invoiced_qty 164 8 1,
		unit_price 172 8 1, discount_bp 180 4 1, total 184 8 1`,
}

// expected spells a table out; shift is 0 for SIM-1 and 12 for SIM-2.
func expected(t *testing.T, table string, shift int, prologue []acombatest.Field) []acombatest.Field {
	t.Helper()
	out := prologue
	for row := range strings.SplitSeq(table, ",") {
		var name string
		var at, width, count int
		if _, err := fmt.Sscan(row, &name, &at, &width, &count); err != nil {
			t.Fatalf("bad row %q: %v", row, err)
		}
		for i := range count {
			out = append(out, acombatest.Field{Name: name, Index: i, At: at + i*width - shift, Width: width})
		}
	}
	return out
}

func TestFieldsLieWhereTheTablesSay(t *testing.T) {
	long := []acombatest.Field{{Name: "status", At: 0, Width: 1}, {Name: "active", At: 1, Width: 1},
		{Name: "rev", At: 2, Width: 2}, {Name: "unique_id", At: 4, Width: 4}, {Name: "mod_seq", At: 8, Width: 4},
		{Name: "mod_time", At: 12, Width: 4}}
	for table, text := range tables {
		for _, p := range []struct {
			profile  acombatest.Profile
			shift    int
			prologue []acombatest.Field
		}{{acombatest.SIM1, 0, long[:6:6]}, {acombatest.SIM2, 12, long[:3:3]}} {
			want := expected(t, text, p.shift, p.prologue)
			if diff := cmp.Diff(want, p.profile.Fields(table)); diff != "" {
				t.Errorf("%s %s (-want +got):\n%s", p.profile, table, diff)
			}
		}
	}
}

func TestGeometry(t *testing.T) {
	type row struct {
		table                           acombatest.Table
		size1, size2, header, used1, no int
	}
	rows := []row{
		{acombatest.CustomerTable, 1536, 1280, 0, 1120, 2},
		{acombatest.SalesRepTable, 256, 192, 64, 160, 1},
		{acombatest.GroupTable, 128, 96, 64, 84, 1},
		{acombatest.ProductTable, 640, 480, 0, 398, 2},
		{acombatest.TermTable, 128, 80, 64, 64, 1},
		{acombatest.TerritoryTable, 128, 96, 64, 60, 1},
		{acombatest.PriceListTable, 128, 96, 64, 60, 1},
		{acombatest.DocumentTable, 512, 320, 0, 230, 2},
		{acombatest.LineTable, 256, 216, 64, 192, 1},
	}
	if len(rows) != len(acombatest.Tables()) {
		t.Fatalf("%d tables, want %d", len(acombatest.Tables()), len(rows))
	}
	for _, want := range rows {
		s1, s2 := acombatest.SIM1, acombatest.SIM2
		got := row{want.table, s1.CardSize(want.table), s2.CardSize(want.table), s1.HeaderSize(want.table),
			s1.Used(want.table), int(s1.FirstData(want.table))}
		if got != want {
			t.Errorf("got %v, want %v", got, want)
		}
		if got, want := s2.Used(want.table), want.used1-12; got != want {
			t.Errorf("%v: SIM-2 uses %d bytes, want %d", want, got, want)
		}
		if got, want := s1.CardOffset(want.table, 3), int64(want.header+2*want.size1); got != want {
			t.Errorf("card 3 begins at %d, want %d", got, want)
		}
	}
}

// No gap and no overlap: each field begins where the one before it ends.
func TestFieldsFollowEachOther(t *testing.T) {
	for _, p := range []acombatest.Profile{acombatest.SIM1, acombatest.SIM2} {
		for _, table := range acombatest.Tables() {
			at := 0
			for _, f := range p.Fields(table) {
				if f.At != at {
					t.Errorf("%s %s: %s begins at %d, want %d", p, table, f, f.At, at)
				}
				at = f.At + f.Width
			}
			if at != p.Used(table) || at > p.CardSize(table) {
				t.Errorf("%s %s: fields end at %d, used %d, card %d", p, table, at, p.Used(table), p.CardSize(table))
			}
		}
	}
}
