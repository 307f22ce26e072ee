package pairs

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// Rights are what the synchronisation may do to the records of one object on one side.
type Rights struct{ Create, Update, Delete bool }

// All are all rights.
var All = Rights{Create: true, Update: true, Delete: true}

// BothWays are a user's rights on one object, by the side that is written.
type BothWays struct{ ToCRM, ToERP Rights }

// Matrix is what is synchronised for one user, by object (X3's GESSYP: COROTKCRE is the creation of a correspondent from
// Outlook). What is not in it is not synchronised, so that the zero Matrix does nothing.
//
// Without the right to delete, a deletion on the other side waits for a person.
type Matrix map[record.Entity]BothWays

// Everything is the matrix of a user of whom all is synchronised.
func Everything() Matrix {
	m := Matrix{}
	for _, e := range sageX3Objects {
		m[e] = BothWays{All, All}
	}
	return m
}

// sageX3Objects are in the order of writing: contacts are referred to (X3-33).
var sageX3Objects = []record.Entity{record.Contact, record.Task, record.Call, record.Appointment}

// ErrRights is what the mistakes in a Matrix are wrapped in.
var ErrRights = errors.New("bad rights")

// Validate finds an object that there is not, and rights that can't be kept: were changes to flow to X3 alone, those that are
// made in X3 would be overwritten.
func (m Matrix) Validate() error {
	for _, e := range slices.Sorted(maps.Keys(m)) {
		switch {
		case !slices.Contains(sageX3Objects, e):
			return fmt.Errorf("%w: %s is not synchronised", ErrRights, e)
		case m[e].ToERP.Update && !m[e].ToCRM.Update:
			return fmt.Errorf("%w: %s: changes can flow to the CRM alone or both ways, not to the ERP alone", ErrRights, e)
		}
	}
	return nil
}

// Entities are the objects of which anything is synchronised, in the order of writing.
func (m Matrix) Entities() []record.Entity {
	return slices.DeleteFunc(slices.Clone(sageX3Objects), func(e record.Entity) bool { return m[e] == BothWays{} })
}

// Writes says which sides are written at all.
func (m Matrix) Writes() (toCRM, toERP bool) {
	for _, r := range m {
		toCRM, toERP = toCRM || r.ToCRM != Rights{}, toERP || r.ToERP != Rights{}
	}
	return toCRM, toERP
}

// SageX3OutlookOptions are what a site chooses for one user of this pair.
type SageX3OutlookOptions struct {
	// Rights are the user's.
	Rights Matrix
	// NewestWins settles two edits of one field by the later one; else X3's wins (X3-14).
	NewestWins bool
	// Owners shows who is to do a task, as X3 did up to version 6.
	Owners bool
	// DeleteWithin is how old a record of X3 may be that is still deleted when its item is deleted in Outlook: an older one was
	// put away there, and stays (X3-18). 0 = DeleteWithin.
	DeleteWithin time.Duration
	// RecreateAuto creates an item again that was deleted in Outlook, without asking; where deletions do not travel to X3.
	RecreateAuto bool
}

// SageX3Outlook is the profile of one user of Sage X3 and this user's mailbox. The number that X3 gives (the chrono) is the
// identity in Outlook. What a user may not change is put back (appointments of somebody else) or stays as a difference.
func SageX3Outlook(o SageX3OutlookOptions) *connectors.Profile {
	rules := map[record.Entity]connectors.EntityRule{record.Contact: correspondents(), record.Task: tasks(o.Owners), record.Call: calls(),
		record.Appointment: appointments()}
	p := &connectors.Profile{Pair: "sagex3-outlook", Names: Names("sagex3-outlook"), RecreateAuto: o.RecreateAuto, Counted: true}
	for _, e := range o.Rights.Entities() {
		rule := rules[e]
		o.Rights[e].apply(&rule)
		rule.Deletions = o.Rights[e].deletions(e, cmp.Or(o.DeleteWithin, DeleteWithin))
		if o.Rights[record.Contact] == (BothWays{}) { // nobody to refer to
			rule.Fields = slices.DeleteFunc(rule.Fields, func(f connectors.FieldRule) bool { return f.Ref == record.Contact })
		}
		for i := range rule.Fields {
			if o.NewestWins {
				rule.Fields[i].Conflict = connectors.NewestWins
			}
		}
		p.Entities = append(p.Entities, rule)
	}
	return p
}

// apply makes a rule one of these rights. The chrono is always noted in Outlook, since it binds the records. Where records are
// made in X3 and never changed on either side, a field that is still empty is filled.
func (r BothWays) apply(rule *connectors.EntityRule) {
	rule.BornInCRM = r.ToERP.Create
	if !r.ToCRM.Create {
		rule.SkipNew = connectors.Always()
	}
	for i := range rule.Fields {
		f := &rule.Fields[i]
		switch {
		case f.ERP == "chrono":
		case !r.ToCRM.Update && r.ToERP.Create:
			f.Policy, f.When = connectors.WriteOnce, nil
		case !r.ToCRM.Update: // written with a new record, and no reason to write by itself
			f.Policy, f.When = connectors.Derived, nil
		case !r.ToERP.Update && (f.Policy == connectors.Shared || f.Policy == connectors.OwnByState):
			f.Policy, f.When = connectors.OwnERPOnChange, nil
		}
	}
}

// DeleteWithin is the usual age up to which a record of X3 is deleted with its item in Outlook.
const DeleteWithin = 90 * 24 * time.Hour

// ages are the fields that tell how old a record is: when it ends, is due, or begins (X3-18). A contact is never put away (X3-19).
var ages = map[record.Entity][]string{record.Task: {"due", "start"}, record.Call: {"date"}, record.Appointment: {"end", "start"}}

// deletions gives which deletions of an object travel. That of a contact takes from the correspondent in X3 the assignment
// alone, which the connector does (X3-16).
func (r BothWays) deletions(e record.Entity, within time.Duration) *connectors.Deletions {
	if !r.ToCRM.Delete && !r.ToERP.Delete {
		return nil
	}
	d := &connectors.Deletions{ToCRM: r.ToCRM.Delete, ToERP: r.ToERP.Delete}
	if fields := ages[e]; fields != nil {
		d.KeepFields, d.KeepAfter = fields, within
	}
	return d
}

// given is a field that X3 alone decides: what somebody writes there in Outlook is put back.
func given(erp, crm string, lens connectors.LensKind) connectors.FieldRule {
	return connectors.FieldRule{ERP: erp, CRM: crm, Policy: connectors.OwnERP, Lens: connectors.Lens{Kind: lens}}
}

// person is who a task or a call is about.
func person() connectors.FieldRule {
	return connectors.FieldRule{ERP: "contact", CRM: "ContactId", Policy: connectors.Shared, Lens: connectors.Lens{Kind: connectors.LensRef}, Ref: record.Contact}
}

func correspondents() connectors.EntityRule {
	return connectors.EntityRule{
		Entity: record.Contact, Match: [][]string{{"email"}, {"last_name", "first_name", "company"}},
		Fields: []connectors.FieldRule{
			given("chrono", "Chrono", connectors.LensText),
			shared("last_name", "Surname", connectors.LensText),
			shared("first_name", "GivenName", connectors.LensText),
			shared("title", "Title", connectors.LensText),
			shared("function", "JobTitle", connectors.LensText),
			shared("service", "Department", connectors.LensText),
			shared("company", "Company", connectors.LensText),
			shared("phone", "BusinessPhone", connectors.LensPhone),
			shared("phone_home", "HomePhone", connectors.LensPhone),
			shared("mobile", "MobilePhone", connectors.LensPhone),
			shared("email", "Email", connectors.LensEmail),
			shared("street", "Street", connectors.LensLines),
			shared("city", "City", connectors.LensText),
			shared("postal_code", "PostalCode", connectors.LensText),
			shared("province", "State", connectors.LensText),
			shared("country", "Country", connectors.LensText),
			shared("note", "Notes", connectors.LensLines),
		},
	}
}

func tasks(owners bool) connectors.EntityRule {
	rule := connectors.EntityRule{
		Entity: record.Task, Match: [][]string{{"subject", "company", "start", "due"}},
		Fields: []connectors.FieldRule{
			given("chrono", "Chrono", connectors.LensText),
			shared("company", "Company", connectors.LensText),
			person(),
			shared("done", "Completed", connectors.LensBool),
			shared("start", "Start", connectors.LensDate),
			shared("due", "Due", connectors.LensDate),
			shared("subject", "Title", connectors.LensText),
			shared("report", "Body", connectors.LensLines),
			shared("minutes", "Minutes", connectors.LensNumber),
		},
	}
	if owners {
		rule.Fields = append(rule.Fields, given("assignee", "Assignee", connectors.LensText))
	}
	return rule
}

func calls() connectors.EntityRule {
	return connectors.EntityRule{
		Entity: record.Call, Match: [][]string{{"subject", "company", "date"}},
		Fields: []connectors.FieldRule{
			given("chrono", "Chrono", connectors.LensText),
			shared("company", "Company", connectors.LensText),
			person(),
			shared("done", "Completed", connectors.LensBool),
			shared("date", "Start", connectors.LensDate),
			given("representative", "Assignee", connectors.LensText),
			shared("subject", "Title", connectors.LensText),
			shared("report", "Body", connectors.LensLines),
			shared("minutes", "Minutes", connectors.LensNumber),
		},
	}
}

// appointments are changed by their owner alone; what a co-worker changes in Outlook is put back (X3-25). One that X3 does not have
// yet is the user's own.
func appointments() connectors.EntityRule {
	owner := func(erp, crm string, lens connectors.LensKind) connectors.FieldRule {
		return connectors.FieldRule{ERP: erp, CRM: crm, Policy: connectors.OwnByState, Lens: connectors.Lens{Kind: lens},
			When: &connectors.When{Field: "mine", Values: []string{"false"}, Then: connectors.OwnERP, Else: connectors.Shared}}
	}
	return connectors.EntityRule{
		Entity: record.Appointment, Match: [][]string{{"subject", "start", "end"}},
		Fields: []connectors.FieldRule{
			given("chrono", "Chrono", connectors.LensText),
			owner("company", "Company", connectors.LensText),
			owner("done", "Done", connectors.LensBool),
			owner("start", "Start", connectors.LensTime),
			owner("end", "End", connectors.LensTime),
			given("visited", "Visited", connectors.LensLines),
			owner("subject", "Subject", connectors.LensText),
			owner("report", "Body", connectors.LensLines),
		},
	}
}
