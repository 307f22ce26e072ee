package sagecrm_test

import (
	"syncbox/connectors/sagecrm"
	"syncbox/connectors/sagecrm/sagecrmtest"
)

// captions are what people see of codes, where the CRM shows that.
func captions(c *sagecrm.Config) {
	c.Dropdown = "strings"
	c.Captions = map[string]map[string]string{
		"comp_language": {"Français": "FR", "Nederlands": "NL", "Deutsch": "DE", "English": "UK"}, "pers_salutation": {"Monsieur": "Mr.", "Madame": "Mrs."},
		"comp_c_activities": {"Négoce": "10", "Santé & soins": "20", "Construction": "30"},
	}
}

// settings are what an installer sets where a switch is in a position. Positions that are not here need no setting.
var settings = map[sagecrmtest.Switch]map[string]change{
	sagecrmtest.SoapDropdown:  {"strings": captions},
	sagecrmtest.BobSyncValue:  {"true": func(c *sagecrm.Config) { c.Flags = "true" }, "1": func(c *sagecrm.Config) { c.Flags = "1" }},
	sagecrmtest.BobSyncColumn: {"comp_c_bob50": func(c *sagecrm.Config) { c.BobSyncField = "comp_c_bob50" }},
	sagecrmtest.VATColumn:     {"comp_c_taxid": func(c *sagecrm.Config) { c.VATField = "comp_c_taxid" }},
	sagecrmtest.VATField:      {"two": func(c *sagecrm.Config) { c.VATPrefixField = c.VATField + "prefix" }},
	sagecrmtest.ContactKeys: {"short": func(c *sagecrm.Config) {
		c.Children = map[string]sagecrm.Child{"phone": {Key: "id"}, "email": {Key: "id"}}
	}},
	sagecrmtest.SoapNested: {
		"both": func(c *sagecrm.Config) { c.Nested = "both" }, "none": func(c *sagecrm.Config) { c.Nested = "none" },
	},
	sagecrmtest.RestStart: {"0": func(c *sagecrm.Config) { c.RESTStart = "zero" }},
}

// setUp sets what the positions of the site ask for.
func (s *site) setUp(c *sagecrm.Config) {
	at := s.Switches()
	for _, w := range []sagecrmtest.Switch{sagecrmtest.VATColumn, sagecrmtest.VATField} { // the second one goes by the first one's name
		if set := settings[w][at[w]]; set != nil {
			set(c)
		}
	}
	for w, position := range at {
		if set := settings[w][position]; set != nil && w != sagecrmtest.VATColumn && w != sagecrmtest.VATField {
			set(c)
		}
	}
}
