package bob50

import (
	"syncbox/connectors"
	"syncbox/connectors/record"
)

var _ connectors.Customised = (*Site)(nil)

// CustomColumns are the columns of the third parties that are none of BOB's own, as the latest look saw them.
func (s *Site) CustomColumns(e record.Entity) []connectors.CustomColumn {
	if e != record.Account {
		return nil
	}
	var all []connectors.CustomColumn
	for _, f := range s.CustomFields() {
		all = append(all, connectors.CustomColumn{Name: customPrefix + f.Column, Title: f.Column, Kind: f.Kind})
	}
	return all
}

var _ connectors.Grounded = (*Site)(nil)

// Ground names the backup that the latest look read.
func (s *Site) Ground() string { return s.Evidence().Path }
