package sagecrm_test

import (
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/connectortest"
	"syncbox/connectors/record"
	"syncbox/connectors/sagecrm"
	"syncbox/connectors/sagecrm/sagecrmtest"
)

// A custom field that is gone from the CRM takes no part, and is told by its name; the others go on, and so does it where it is back.
// What a site may choose is told with its caption and kind; a field of several values is one without being told.
//
// Requirement: BOB-15, BOB-16
func TestCustomVanished(t *testing.T) {
	for _, position := range []string{"database", "refused"} {
		s := newSite(t, sagecrmtest.Options{Switches: sagecrmtest.Switches{sagecrmtest.SoapMetadata: position}}, func(c *sagecrm.Config) {
			c.Custom = map[string]string{"comp_c_segment": sagecrm.FormText, "comp_c_ceiling": sagecrm.FormNumber, "comp_c_activities": sagecrm.FormText}
		})
		segment := sagecrmtest.Field{Name: "comp_c_segment", Caption: "Segment", Size: 40}
		id, err := s.Console("anne").Create(sagecrmtest.Company, sagecrmtest.Values{"comp_name": "A", "comp_c_segment": "Pain", "comp_c_ceiling": "7", "comp_c_activities": "20,10"})
		s.must(err)
		for _, gone := range []bool{false, true, false} {
			if s.DropColumn(sagecrmtest.Company, segment.Name); !gone {
				s.AddColumn(sagecrmtest.Company, segment)
			}
			n := connectortest.NewNotes()
			s.must(s.crm.Observe(t.Context(), n))
			want := []record.Remark(nil)
			if gone {
				want = []record.Remark{{Code: sagecrm.CodeCustomVanished, Args: map[string]string{"column": segment.Name}}}
			}
			if d := cmp.Diff(want, s.crm.Remarks()); d != "" {
				t.Errorf("%s: remarks: -want +got\n%s", position, d)
			}
			if f := s.crm.Fields(record.Account); f[segment.Name].Absent != gone || f["comp_c_ceiling"].Absent {
				t.Errorf("%s: fields: %+v", position, f)
			}
			found, _, err := s.crm.Read(t.Context(), record.Account, []record.Key{record.Key(strconv.FormatInt(id, 10))})
			if err != nil || len(found) != 1 || found[0].Fields["comp_c_ceiling"].Text != "7" || (found[0].Fields[segment.Name].Text == "Pain") == gone {
				t.Errorf("%s: shown: %+v, %v", position, found, err)
			}
			if several := found[0].Fields["comp_c_activities"].Text; position == "database" && several != "10,20" {
				t.Errorf("several values: %q", several)
			}
		}
		columns := s.crm.CustomColumns(record.Account)
		has := func(c connectors.CustomColumn) bool { return slices.Contains(columns, c) }
		if position == "database" && (!has(connectors.CustomColumn{Name: "comp_c_visit", Title: "Visite", Kind: record.Date}) || !has(connectors.CustomColumn{Name: segment.Name, Title: "Segment", Kind: record.Text})) {
			t.Errorf("columns: %+v", columns)
		}
		for _, c := range columns {
			if slices.Contains([]string{"comp_name", "comp_type", "comp_vatnumber", "comp_bobsync", "comp_companyid", "comp_updateddate"}, c.Name) {
				t.Errorf("%s is no custom field", c.Name)
			}
		}
	}
}
