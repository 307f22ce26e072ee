package bob50_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/bob50"
	"syncbox/connectors/bob50/bob50test"
	"syncbox/connectors/record"
)

// ownTables has a site's map name further tables.
func ownTables(tables ...string) func(*bob50.Config) {
	return func(c *bob50.Config) {
		c.Map = bob50.DefaultMap()
		c.Map.Account.CustomTables = tables
	}
}

func synced(columns ...string) func(*bob50.Config) {
	return func(c *bob50.Config) { c.Custom = columns }
}

// sector gives what a third party shows of one custom field.
func (r *rig) sector(cid record.Key) string {
	return r.read(record.Account, cid).Fields["custom.C_SECTOR"].Text
}

// TestCustomStore: custom fields are the same wherever the site keeps them, each change of them is told, and only of whom it is.
//
// Requirement: BOB-15, LAB-7
func TestCustomStore(t *testing.T) {
	for _, store := range []string{bob50test.CustomColumns, bob50test.CustomTable} {
		t.Run(store, func(t *testing.T) {
			r := newRig(t, bob50test.Options{Switches: bob50test.Switches{CustomStore: store}}, ownTables("NOWHERE", bob50test.CustomName), synced("C_SECTOR", "c_vip", "C_SINCE"))
			r.edit("C000001", bob50test.Fields{"C_SECTOR": "Crémerie", "C_VIP": true, "C_SINCE": time.Date(2026, 2, 28, 0, 0, 0, 0, time.UTC)})
			r.backup(bob50test.Good)
			r.looked(record.Account)
			got := r.read(record.Account, "C000001").Fields
			want := record.Fields{"custom.C_SECTOR": record.TextOf("Crémerie"), "custom.c_vip": record.BoolOf(true), "custom.C_SINCE": {Kind: record.Date, Text: "2026-02-28"}}
			for name, v := range want {
				if !got[name].Equal(v) {
					t.Errorf("%s: got %+v, want %+v", name, got[name], v)
				}
			}
			if f := r.site.Fields(record.Account); f["custom.c_vip"].Kind != record.Bool || f["custom.C_SINCE"].Kind != record.Date {
				t.Errorf("fields: %+v", f)
			}
			var columns []string
			for _, f := range r.site.CustomFields() {
				columns = append(columns, f.Column)
			}
			if d := cmp.Diff([]string{"C_SCORE", "C_SECTOR", "C_SINCE", "C_VIP"}, columns); d != "" {
				t.Errorf("custom fields: -want +got\n%s", d)
			}
			r.edit("C000002", bob50test.Fields{"C_SECTOR": "Pain"})
			r.backup(bob50test.Good)
			if told := r.looked(record.Account); !slices.Equal(told, []record.Key{"C000002"}) {
				t.Errorf("told %v", told)
			}
			if first, second := r.sector("C000001"), r.sector("C000002"); first != "Crémerie" || second != "Pain" {
				t.Errorf("sectors %q, %q", first, second)
			}
		})
	}
}

// TestCustomTableMissed: where a synced field is missed with its table, it takes no part and is told; the third parties go on.
//
// Requirement: BOB-15
func TestCustomTableMissed(t *testing.T) {
	for _, test := range []struct {
		name    string
		tables  []string
		columns []string
		code    string
	}{
		{"not named", nil, []string{"C_SECTOR"}, bob50.CodeCustomVanished},
		{"not there", []string{"NOWHERE"}, []string{"C_SECTOR"}, bob50.CodeCustomVanished},
		{"without the key", []string{bob50test.Contacts}, []string{"C_SECTOR"}, bob50.CodeMap},
		{"none synced", []string{bob50test.Contacts}, nil, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, bob50test.Options{Switches: bob50test.Switches{CustomStore: bob50test.CustomTable}}, ownTables(test.tables...), synced(test.columns...))
			r.backup(bob50test.Good)
			if err := r.look(); err != nil {
				t.Fatal(err)
			}
			var told []string
			for _, remark := range r.site.Remarks() {
				told = append(told, remark.Code)
			}
			if got := strings.Join(told, " "); got != test.code || len(r.notes.Told[record.Account]) == 0 {
				t.Errorf("remarks %q, %d third parties told", got, len(r.notes.Told[record.Account]))
			}
			if absent := r.site.Fields(record.Account)["custom.C_SECTOR"].Absent; absent != (test.code != "") {
				t.Errorf("absent: %v", absent)
			}
		})
	}
}
