package sagecrm_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"syncbox/connectors"
	"syncbox/connectors/sagecrm"
	"syncbox/connectors/sagecrm/sagecrmtest"
)

// inBoth are the switches that have to do with REST too, although they are called after SOAP.
var inBoth = []sagecrmtest.Switch{sagecrmtest.SoapMultiValue, sagecrmtest.SoapDropdown, sagecrmtest.SoapEmpty, sagecrmtest.SoapDeleted}

// concerns says whether a switch has to do with an interface.
func concerns(w sagecrmtest.Switch, way string) bool {
	of, _, _ := strings.Cut(string(w), ".")
	return of == way || of != "soap" && of != "rest" && (w != sagecrmtest.ETag || way == "rest") || slices.Contains(inBoth, w)
}

// further are positions in which the client has another way than the one that the position asks for.
var further = []struct {
	name string
	at   positions
	set  change
}{
	{"rest, fixed at PATCH", positions{sagecrmtest.RestUpdate: "patch"}, func(c *sagecrm.Config) { c.Interface, c.RESTUpdate = "rest", "patch" }},
	{"rest, fixed at PUT", positions{sagecrmtest.RestPut: "replace"}, func(c *sagecrm.Config) { c.Interface, c.RESTUpdate = "rest", "put" }},
	{"rest, fixed at 2022", positions{sagecrmtest.RestVersion: "2022 R2"}, func(c *sagecrm.Config) { c.Interface, c.RESTVersion = "rest", "2022R2" }},
	{"rest, fixed at 2024", nil, func(c *sagecrm.Config) { c.Interface, c.RESTVersion = "rest", "2024R2" }},
	{"rest, times at", positions{sagecrmtest.RestTimes: "zone"}, func(c *sagecrm.Config) { c.Interface, c.RESTDate = "rest", "at" }},
	{"rest, lists", nil, func(c *sagecrm.Config) { c.Interface, c.MultiValue = "rest", "list" }},
	{"rest, small pages", positions{sagecrmtest.RestOrder: "unsorted", sagecrmtest.RestVersion: "2019 R2"}, func(c *sagecrm.Config) { c.Interface, c.PageSize = "rest", 2 }},
	{"soap, fixed profile", positions{sagecrmtest.SoapProfile: "plain"}, func(c *sagecrm.Config) { c.Profile = "plain" }},
	{"soap, lists", positions{sagecrmtest.SoapMultiValue: "comma"}, func(c *sagecrm.Config) { c.MultiValue = "list" }},
	{"soap, repeated children", positions{sagecrmtest.SoapChildren: "flat"}, func(c *sagecrm.Config) { c.ChildList = "repeated" }},
	{"soap, by dates", positions{sagecrmtest.SoapQueryID: "refused"}, func(c *sagecrm.Config) { c.Changes = "dates" }},
	{"soap, children by their owners", positions{sagecrmtest.UpdatedDate: "owners"}, func(c *sagecrm.Config) { c.ChildEdits = "parent" }},
	{"rest, children by their owners", positions{sagecrmtest.UpdatedDate: "owners"}, func(c *sagecrm.Config) { c.Interface, c.ChildEdits = "rest", "parent" }},
	{"soap, all apart", nil, func(c *sagecrm.Config) { c.Nested = "none" }},
	{"soap, whatever answers", nil, func(c *sagecrm.Config) { c.Interface = "auto" }},
}

// The same story in every position of every switch, by the interfaces that it has to do with.
//
// Requirement: LAB-7
func TestEverySwitch(t *testing.T) {
	for _, w := range sagecrmtest.AllSwitches() {
		for _, position := range sagecrmtest.Positions(w)[1:] { // the first ones are TestStory's
			for _, way := range interfaces {
				if !concerns(w, way.name) {
					continue
				}
				t.Run(fmt.Sprintf("%s=%s/%s", w, position, way.name), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						tell(newSite(t, sagecrmtest.Options{Switches: positions{w: position}}, way.set, paced(w)))
					})
				})
			}
		}
	}
	for _, test := range further {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { tell(newSite(t, sagecrmtest.Options{Switches: test.at}, test.set)) })
		})
	}
	t.Run("all away", func(t *testing.T) {
		for _, way := range interfaces {
			synctest.Test(t, func(t *testing.T) { tell(newSite(t, sagecrmtest.Options{Switches: allAway()}, way.set)) })
		}
	})
}

// paced asks no faster than usual where the site counts.
func paced(w sagecrmtest.Switch) change {
	return func(c *sagecrm.Config) {
		if w == sagecrmtest.RestLimit {
			c.Rate = 0 // the default
		}
	}
}

// A setting that does not fit the site is found out at the first look at the latest, and told by a code.
//
// Requirement: BOB-3, LAB-7
func TestWrongSettings(t *testing.T) {
	for _, test := range []struct {
		name string
		at   positions
		set  change
		kind connectors.Kind
		code string
	}{
		{"profile", positions{sagecrmtest.SoapProfile: "plain"}, func(c *sagecrm.Config) { c.Profile = "type" }, connectors.Unavailable, sagecrm.CodeFault},
		{"other profile", positions{sagecrmtest.SoapProfile: "type"}, func(c *sagecrm.Config) { c.Profile = "plain" }, connectors.Unavailable, sagecrm.CodeFault},
		{"queryid", positions{sagecrmtest.SoapQueryID: "refused"}, func(c *sagecrm.Config) { c.Changes = "queryid" }, connectors.Unavailable, sagecrm.CodeFault},
		{"box", positions{sagecrmtest.BobSyncColumn: "comp_c_bob50"}, func(c *sagecrm.Config) { c.BobSyncField = "comp_bobsync" }, connectors.Drift, sagecrm.CodeFieldsMissing},
		{"box, no metadata", positions{sagecrmtest.SoapMetadata: "refused"}, func(c *sagecrm.Config) { c.BobSyncField = "comp_c_bob50" }, connectors.Drift, sagecrm.CodeFieldsMissing},
		{"VAT", positions{sagecrmtest.VATColumn: "comp_c_taxid"}, func(c *sagecrm.Config) { c.VATField = "comp_vatnumber" }, connectors.Drift, sagecrm.CodeFieldsMissing},
		{"VAT, rest", nil, func(c *sagecrm.Config) { c.Interface, c.VATField = "rest", "comp_c_taxid" }, connectors.Drift, sagecrm.CodeFieldsMissing},
		{"prefix", nil, func(c *sagecrm.Config) { c.VATPrefixField = "comp_vatnumberprefix" }, connectors.Drift, sagecrm.CodeFieldsMissing},
		{"keys", positions{sagecrmtest.ContactKeys: "short"}, func(c *sagecrm.Config) { c.Children = nil }, connectors.Drift, sagecrm.CodeChildren},
		{"keys, no metadata", positions{sagecrmtest.ContactKeys: "short", sagecrmtest.SoapMetadata: "refused"}, func(c *sagecrm.Config) { c.Children = nil }, connectors.Drift, sagecrm.CodeChildren},
		{"keys, rest", positions{sagecrmtest.ContactKeys: "short"}, func(c *sagecrm.Config) { c.Interface, c.Children = "rest", nil }, connectors.Drift, sagecrm.CodeChildren},
		{"links", nil, func(c *sagecrm.Config) { c.Children = map[string]sagecrm.Child{"email": {Person: "pers"}} }, connectors.Drift, sagecrm.CodeChildren},
		{"nested", positions{sagecrmtest.SoapNested: "none"}, func(c *sagecrm.Config) { c.Nested = "company" }, connectors.Drift, sagecrm.CodeChildren},
		{"nested, no metadata", positions{sagecrmtest.SoapNested: "none", sagecrmtest.SoapMetadata: "refused"}, func(c *sagecrm.Config) { c.Nested = "both" }, connectors.Drift, sagecrm.CodeChildren},
		{"from 1", positions{sagecrmtest.RestStart: "0"}, func(c *sagecrm.Config) { c.Interface, c.RESTStart = "rest", "one" }, connectors.Drift, sagecrm.CodePaging},
		{"from 0", nil, func(c *sagecrm.Config) { c.Interface, c.RESTStart = "rest", "zero" }, connectors.Drift, sagecrm.CodeQueryFailed},
		{"version", positions{sagecrmtest.RestVersion: "2022 R2"}, func(c *sagecrm.Config) { c.Interface, c.RESTVersion = "rest", "2024R2" }, connectors.Drift, sagecrm.CodeQueryFailed},
		{"installation", nil, func(c *sagecrm.Config) { c.Install = "crm2" }, connectors.Drift, sagecrm.CodeNoInterface},
		{"installation, rest", nil, func(c *sagecrm.Config) { c.Interface, c.Install = "rest", "crm2" }, connectors.Drift, sagecrm.CodeNoInterface},
		{"password", nil, func(c *sagecrm.Config) { c.Password = "other" }, connectors.Auth, sagecrm.CodeAuth},
		{"password, rest", nil, func(c *sagecrm.Config) { c.Interface, c.Password = "rest", "other" }, connectors.Auth, sagecrm.CodeAuth},
		{"password, rest, pages", positions{sagecrmtest.RestError: "html"}, func(c *sagecrm.Config) { c.Interface, c.Password = "rest", "other" }, connectors.Auth, sagecrm.CodeAuth},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newSite(t, sagecrmtest.Options{Switches: test.at}, test.set)
			s.notes.Begin()
			err := s.crm.Observe(t.Context(), s.notes)
			if err == nil { // what a look that is not the first one needs
				err = s.crm.Observe(t.Context(), s.notes)
			}
			s.refused("look", err, test.kind, test.code)
		})
	}
}

// A site that fixes PUT and is told to take nothing else refuses the write, and did nothing.
func TestVerbFixed(t *testing.T) {
	s := newSite(t, sagecrmtest.Options{Switches: positions{sagecrmtest.RestUpdate: "patch"}}, rest, func(c *sagecrm.Config) { c.RESTUpdate = "put" })
	_, result := s.apply(s.website("www.x.example"))
	if result.Outcome != connectors.NotApplied {
		t.Errorf("got %+v", result)
	}
	s.refused("PUT", result.Err, connectors.Unavailable, sagecrm.CodeFault)
}

// An entity whose box an administrator has not ticked is named.
func TestEntityDisabled(t *testing.T) {
	for _, way := range interfaces {
		for _, form := range sagecrmtest.Positions(sagecrmtest.RestError) {
			s := newSite(t, sagecrmtest.Options{Switches: positions{sagecrmtest.RestError: form}}, way.set)
			s.look()
			s.Enable(sagecrmtest.Phone, false)
			err := s.crm.Observe(t.Context(), s.notes)
			s.refused(way.name+", "+form, err, connectors.Drift, sagecrm.CodeEntityDisabled)
			if e, _ := unwrapped(err); e.Args["entity"] != "phone" {
				t.Errorf("%s, %s: entity %q", way.name, form, e.Args["entity"])
			}
		}
	}
}
