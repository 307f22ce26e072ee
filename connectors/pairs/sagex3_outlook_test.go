package pairs_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/pairs"
	"syncbox/connectors/record"
)

// flow gives the fields of an entity by their policy, by the CRM's names.
func flow(p *connectors.Profile, e record.Entity) map[connectors.Policy][]string {
	got := map[connectors.Policy][]string{}
	for _, f := range p.Entity(e).Fields {
		got[f.Policy] = append(got[f.Policy], f.CRM)
	}
	return got
}

// What flows which way where a user has every right: the chrono, owners and persons to visit are X3's alone, an appointment is its
// owner's, and all else is both sides'.
//
// Requirement: X3-1, X3-22, X3-25, X3-29, X3-30, X3-31, X3-33, X3-34, X3-51
func TestSageX3Outlook(t *testing.T) {
	p := pairs.SageX3Outlook(pairs.SageX3OutlookOptions{Rights: pairs.Everything(), Owners: true})
	if err := p.Validate(); err != nil {
		t.Fatal(err)
	}
	got := map[record.Entity]map[connectors.Policy][]string{}
	var order []record.Entity
	for _, rule := range p.Entities {
		order = append(order, rule.Entity)
		got[rule.Entity] = flow(p, rule.Entity)
		if !rule.BornInCRM || rule.SkipNew != nil || rule.ExternalID != "" {
			t.Errorf("%s: born in Outlook %v, left alone %v, identity %q", rule.Entity, rule.BornInCRM, rule.SkipNew, rule.ExternalID)
		}
	}
	if want := []record.Entity{record.Contact, record.Task, record.Call, record.Appointment}; !slices.Equal(order, want) {
		t.Errorf("order %v, want %v", order, want)
	}
	if diff := cmp.Diff(map[record.Entity]map[connectors.Policy][]string{
		record.Contact: {connectors.OwnERP: {"Chrono"}, connectors.Shared: {"Surname", "GivenName", "Title", "JobTitle", "Department", "Company",
			"BusinessPhone", "HomePhone", "MobilePhone", "Email", "Street", "City", "PostalCode", "State", "Country", "Notes"}},
		record.Task: {connectors.OwnERP: {"Chrono", "Assignee"},
			connectors.Shared: {"Company", "ContactId", "Completed", "Start", "Due", "Title", "Body", "Minutes"}},
		record.Call: {connectors.OwnERP: {"Chrono", "Assignee"},
			connectors.Shared: {"Company", "ContactId", "Completed", "Start", "Title", "Body", "Minutes"}},
		record.Appointment: {connectors.OwnERP: {"Chrono", "Visited"}, connectors.OwnByState: {"Company", "Done", "Start", "End", "Subject", "Body"}},
	}, got); diff != "" {
		t.Errorf("what flows (-want +got):\n%s", diff)
	}
	for _, f := range p.Entity(record.Appointment).Fields {
		if f.When != nil && (f.When.Field != "mine" || f.When.Then != connectors.OwnERP || f.When.Else != connectors.Shared) {
			t.Errorf("%s: %+v", f.CRM, f.When)
		}
	}
}

// Up to version 6 a task shows its owner; later ones do not.
//
// Requirement: X3-30
func TestOwnersOfTasks(t *testing.T) {
	p := pairs.SageX3Outlook(pairs.SageX3OutlookOptions{Rights: pairs.Everything()})
	if slices.ContainsFunc(p.Entity(record.Task).Fields, func(f connectors.FieldRule) bool { return f.CRM == "Assignee" }) {
		t.Error("the owner is shown")
	}
}

// Two edits of a field are settled by the later one where the site wants it, else X3's wins.
//
// Requirement: X3-14
func TestNewestWins(t *testing.T) {
	for newest, want := range map[bool]connectors.Wins{false: connectors.ERPWins, true: connectors.NewestWins} {
		p := pairs.SageX3Outlook(pairs.SageX3OutlookOptions{Rights: pairs.Everything(), NewestWins: newest})
		for _, rule := range p.Entities {
			for _, f := range rule.Fields {
				if f.Conflict != want {
					t.Errorf("newest %v: %s of %s: %d, want %d", newest, f.CRM, rule.Entity, f.Conflict, want)
				}
			}
		}
	}
}

// Each right opens what it names and nothing else; without any, an object is not synchronised.
//
// Requirement: X3-3
func TestRights(t *testing.T) {
	type way = pairs.Rights
	create, update := way{Create: true}, way{Update: true}
	for _, test := range []struct {
		name       string
		rights     pairs.BothWays
		born, skip bool
		policy     connectors.Policy // of an appointment's subject
	}{
		{"everything", pairs.BothWays{ToCRM: pairs.All, ToERP: pairs.All}, true, false, connectors.OwnByState},
		{"to Outlook alone", pairs.BothWays{ToCRM: pairs.All}, false, false, connectors.OwnERPOnChange},
		{"new ones to Outlook", pairs.BothWays{ToCRM: create}, false, false, connectors.Derived},
		{"changes to Outlook", pairs.BothWays{ToCRM: update}, false, true, connectors.OwnERPOnChange},
		{"new ones to X3", pairs.BothWays{ToERP: create}, true, true, connectors.WriteOnce},
		{"new ones both ways", pairs.BothWays{ToCRM: create, ToERP: create}, true, false, connectors.WriteOnce},
		{"changes both ways", pairs.BothWays{ToCRM: update, ToERP: update}, false, true, connectors.OwnByState},
		{"new ones to X3, changes to Outlook", pairs.BothWays{ToCRM: update, ToERP: create}, true, true, connectors.OwnERPOnChange},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := pairs.Matrix{record.Appointment: test.rights}
			p := pairs.SageX3Outlook(pairs.SageX3OutlookOptions{Rights: m})
			if err := errors.Join(m.Validate(), p.Validate()); err != nil || len(p.Entities) != 1 {
				t.Fatalf("%d entities, %v", len(p.Entities), err)
			}
			rule := p.Entities[0]
			if rule.BornInCRM != test.born || (rule.SkipNew != nil) != test.skip {
				t.Errorf("born in Outlook %v, left alone %v, want %v, %v", rule.BornInCRM, rule.SkipNew != nil, test.born, test.skip)
			}
			if !slices.Contains(flow(p, record.Appointment)[test.policy], "Subject") || !slices.Contains(flow(p, record.Appointment)[connectors.OwnERP], "Chrono") {
				t.Errorf("got %v, want the subject by %d", flow(p, record.Appointment), test.policy)
			}
		})
	}
}

// Deletions travel where the user may delete. What is old and put away in Outlook stays in X3, by its end, its due date or its
// beginning; contacts are never too old. A site chooses another age.
//
// Requirement: X3-3, X3-15, X3-16, X3-18, X3-19
func TestDeletionsOfX3(t *testing.T) {
	const day = 24 * time.Hour
	of := func(o pairs.SageX3OutlookOptions) map[record.Entity]*connectors.Deletions {
		p := pairs.SageX3Outlook(o)
		if err := p.Validate(); err != nil {
			t.Fatal(err)
		}
		got := map[record.Entity]*connectors.Deletions{}
		for _, rule := range p.Entities {
			got[rule.Entity] = rule.Deletions
		}
		return got
	}
	type way = pairs.Rights
	keep := way{Create: true, Update: true}
	for _, test := range []struct {
		name string
		got  map[record.Entity]*connectors.Deletions
		want map[record.Entity]*connectors.Deletions
	}{
		{"everything", of(pairs.SageX3OutlookOptions{Rights: pairs.Everything()}), map[record.Entity]*connectors.Deletions{
			record.Contact:     {ToCRM: true, ToERP: true},
			record.Task:        {ToCRM: true, ToERP: true, KeepFields: []string{"due", "start"}, KeepAfter: 90 * day},
			record.Call:        {ToCRM: true, ToERP: true, KeepFields: []string{"date"}, KeepAfter: 90 * day},
			record.Appointment: {ToCRM: true, ToERP: true, KeepFields: []string{"end", "start"}, KeepAfter: 90 * day}}},
		{"rights and age", of(pairs.SageX3OutlookOptions{DeleteWithin: 30 * day, Rights: pairs.Matrix{record.Contact: {ToCRM: pairs.All, ToERP: keep},
			record.Task: {ToCRM: keep, ToERP: keep}, record.Call: {ToCRM: keep, ToERP: pairs.All}}}), map[record.Entity]*connectors.Deletions{
			record.Contact: {ToCRM: true}, record.Task: nil,
			record.Call: {ToERP: true, KeepFields: []string{"date"}, KeepAfter: 30 * day}}},
	} {
		if diff := cmp.Diff(test.want, test.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

// Who is not synchronised can't be referred to; and the zero matrix does nothing.
//
// Requirement: X3-3
func TestRightsOfSome(t *testing.T) {
	p := pairs.SageX3Outlook(pairs.SageX3OutlookOptions{Rights: pairs.Matrix{record.Task: {ToCRM: pairs.All, ToERP: pairs.All}, record.Contact: {}}})
	if err := p.Validate(); err != nil || len(p.Entities) != 1 || slices.Contains(flow(p, record.Task)[connectors.Shared], "ContactId") {
		t.Errorf("got %v, %v", p.Entities, err)
	}
	if p := pairs.SageX3Outlook(pairs.SageX3OutlookOptions{}); len(p.Entities) > 0 {
		t.Errorf("nothing is synchronised: got %v", p.Entities)
	}
}

// Rights that can't be kept are refused.
//
// Requirement: X3-3
func TestBadRights(t *testing.T) {
	for name, m := range map[string]pairs.Matrix{
		"changes to X3 alone": {record.Task: {ToERP: pairs.Rights{Update: true}}},
		"no such object":      {record.Document: {ToCRM: pairs.All}},
	} {
		if err := m.Validate(); !errors.Is(err, pairs.ErrRights) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if err := pairs.Everything().Validate(); err != nil {
		t.Error(err)
	}
}
