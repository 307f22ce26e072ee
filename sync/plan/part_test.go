package plan_test

import (
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
)

// What took no part in a record, and what the ERP had empty and left as it was in the CRM, was never agreed, and tells nothing of an
// edit: such a record is deleted as any other. What was agreed still tells.
//
// Requirement: S50-19, S50-24
func TestPartOfAFewFields(t *testing.T) {
	const blank = 5
	rules := &plan.Rules{Entity: record.Contact, TwoWay: true, Active: -1, DeletesCRM: true, Fields: []plan.Field{
		{Name: "Reference", Code: 1, Policy: connectors.BusinessKey, KeepFilled: true, Blank: blank},
		{Name: "Owner", Code: 2, Policy: connectors.OwnERP},
		{Name: "Dash", Code: 3, Policy: connectors.OwnERP, Sometimes: true},
		{Name: "Fax", Code: 4, Policy: connectors.Shared, Sometimes: true},
	}}
	view := func(reference, owner, dash, fax uint64, out bool) *plan.View {
		return &plan.View{Cells: []plan.Cell{{Digest: reference}, {Digest: owner}, {Digest: dash, Out: out}, {Digest: fax, Out: out}}}
	}
	for _, tt := range []struct {
		name     string
		erp, crm *plan.View
		want     plan.Verdict
	}{
		{"all alike", view(8, 2, 3, 4, false), view(8, 2, 3, 4, false), plan.DeleteCRM},
		{"out of it", view(8, 2, 3, 4, true), view(8, 2, 9, 9, false), plan.DeleteCRM},
		{"empty in the ERP", view(blank, 2, 3, 4, false), view(8, 2, 3, 4, false), plan.DeleteCRM},
		{"both", view(blank, 2, 3, 4, true), view(8, 2, 9, 9, false), plan.DeleteCRM},
		{"another owner", view(blank, 2, 3, 4, true), view(8, 6, 9, 9, false), plan.Wait},
		{"another reference", view(7, 2, 3, 4, false), view(8, 2, 3, 4, false), plan.Wait},
		{"another dash", view(8, 2, 3, 4, false), view(8, 2, 9, 4, false), plan.Wait},
		{"another fax", view(8, 2, 3, 4, false), view(8, 2, 3, 9, false), plan.Wait},
	} {
		l := plan.Link{ID: 1, Entity: record.Contact, ERP: "e", CRM: "c", State: plan.Inactive, Base: rules.Agreed(&plan.Item{ERP: tt.erp})}
		if d := plan.Part(rules, plan.Item{Link: l, CRM: tt.crm}, plan.Loss{}); d.Verdict != tt.want {
			t.Errorf("%s: got %d %q, want %d", tt.name, d.Verdict, d.Why.Code, tt.want)
		}
	}
}

// Part decides by what the record that is left shows, and by nothing else.
//
// Requirement: X3-15, X3-16, X3-18, X3-41
func TestPart(t *testing.T) {
	rules := &plan.Rules{Entity: record.Task, TwoWay: true, Active: -1, DeletesCRM: true, DeletesERP: true, Fields: []plan.Field{
		{Name: "Title", Code: 1, Policy: connectors.Shared},
		{Name: "Owner", Code: 2, Policy: connectors.OwnERP},
		{Name: "Class", Code: 3, Policy: connectors.OwnByState, When: &connectors.When{Then: connectors.OwnERP, Else: connectors.Shared}},
	}}
	view := func(title, owner uint64) *plan.View {
		return &plan.View{Cells: []plan.Cell{{Digest: title}, {Digest: owner}, {Digest: 7}}}
	}
	agreed := rules.Agreed(&plan.Item{ERP: view(1, 2)})
	link := func(s plan.State, doubts ...plan.Doubt) plan.Link {
		return plan.Link{ID: 1, Entity: record.Task, ERP: "e", CRM: "c", State: s, Base: agreed, Doubts: doubts}
	}
	held, sent := view(1, 2), plan.Doubt{Field: 1, Side: connectors.CRM, Digest: 9, Seq: 1, Until: time.Unix(9, 0)}
	held.Held = "outlook-private"
	ours := plan.Doubt{Field: plan.WholeRecord, Side: connectors.ERP, Seq: 1, Until: time.Unix(9, 0)}
	state := &plan.View{Cells: []plan.Cell{{Digest: 1}, {Digest: 2}, {Digest: 7}}, State: map[string]string{"": ""}}
	unknown := link(plan.Inactive)
	unknown.Base = plan.Base{}
	once := link(plan.CRMGone)
	once.Gone = 1
	for _, tt := range []struct {
		name     string
		link     plan.Link
		erp, crm *plan.View
		loss     plan.Loss
		want     plan.Verdict
		code     string
	}{
		{"gone from the ERP", link(plan.Inactive), nil, view(1, 2), plan.Loss{}, plan.DeleteCRM, ""},
		{"shown as gone", link(plan.Inactive), &plan.View{Gone: true}, view(1, 2), plan.Loss{}, plan.DeleteCRM, ""},
		{"deleted in the CRM", link(plan.CRMGone), view(1, 2), nil, plan.Loss{}, plan.DeleteERP, ""},
		{"whatever the state was", link(plan.CRMGone), state, nil, plan.Loss{}, plan.DeleteERP, ""},
		{"edited in the CRM", link(plan.Inactive), nil, view(3, 2), plan.Loss{}, plan.Wait, plan.DeletedAndEdited},
		{"edited in the ERP", link(plan.CRMGone), view(3, 2), nil, plan.Loss{}, plan.Wait, plan.DeletedAndEdited},
		{"a field of the ERP's own", link(plan.CRMGone), view(1, 3), nil, plan.Loss{}, plan.Wait, plan.DeletedAndEdited},
		{"what was sent there", link(plan.Inactive, sent), nil, view(9, 2), plan.Loss{}, plan.DeleteCRM, ""},
		{"what was sent to the other side", link(plan.CRMGone, sent), view(9, 2), nil, plan.Loss{}, plan.Wait, plan.DeletedAndEdited},
		{"nothing agreed", unknown, nil, view(1, 2), plan.Loss{}, plan.Wait, plan.DeletedAndEdited},
		{"gone by our own deletion", link(plan.Inactive, ours), nil, view(1, 2), plan.Loss{}, plan.Wait, plan.DeletedAndEdited},
		{"edited, and a person is sure", link(plan.Inactive), nil, view(3, 2), plan.Loss{Sure: rules.Print(connectors.CRM, view(3, 2))}, plan.DeleteCRM, ""},
		{"edited since a person was sure", link(plan.Inactive), nil, view(4, 2), plan.Loss{Sure: rules.Print(connectors.CRM, view(3, 2))}, plan.Wait, plan.DeletedAndEdited},
		{"edited, and a person was sure of the other side's record", link(plan.Inactive), nil, view(3, 2), plan.Loss{Sure: rules.Print(connectors.ERP, view(3, 2))}, plan.Wait, plan.DeletedAndEdited},
		{"only a reference is gone", link(plan.CRMGone), view(3, 2), nil, plan.Loss{Else: [2]*plan.View{view(1, 2), nil}}, plan.DeleteERP, ""},
		{"old", link(plan.CRMGone), view(1, 2), nil, plan.Loss{Keep: plan.KeepOld}, plan.Archive, ""},
		{"old and edited", link(plan.CRMGone), view(3, 2), nil, plan.Loss{Keep: plan.KeepOld}, plan.Wait, plan.DeletedAndEdited},
		{"old, in a resync", link(plan.CRMGone), view(1, 2), nil, plan.Loss{Keep: plan.KeepOld, Listed: true}, plan.Archive, ""},
		{"old or not, nobody knows", link(plan.CRMGone), view(1, 2), nil, plan.Loss{Keep: plan.KeepUnknown}, plan.Nothing, ""},
		{"old, and a person is sure", link(plan.CRMGone), view(1, 2), nil, plan.Loss{Keep: plan.KeepOld, Sure: rules.Print(connectors.ERP, view(1, 2))}, plan.DeleteERP, ""},
		{"old, and gone from the ERP", link(plan.Inactive), nil, view(1, 2), plan.Loss{Keep: plan.KeepOld}, plan.DeleteCRM, ""},
		{"in a resync", link(plan.Inactive), nil, view(1, 2), plan.Loss{Listed: true}, plan.Wait, plan.DeletionListed},
		{"in a resync, and a person is sure", link(plan.Inactive), nil, view(1, 2), plan.Loss{Listed: true, Sure: rules.Print(connectors.CRM, view(1, 2))}, plan.DeleteCRM, ""},
		{"held", link(plan.Inactive), nil, held, plan.Loss{}, plan.Nothing, ""},
		{"back", link(plan.Inactive), view(1, 2), view(1, 2), plan.Loss{}, plan.Again, ""},
		{"missed on the other side once", link(plan.CRMGone), nil, nil, plan.Loss{}, plan.Nothing, ""},
		{"missed on the other side twice", once, nil, nil, plan.Loss{}, plan.End, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := plan.Part(rules, plan.Item{Link: tt.link, ERP: tt.erp, CRM: tt.crm}, tt.loss)
			if d.Verdict != tt.want || d.Why.Code != tt.code {
				t.Errorf("got %d %q, want %d %q", d.Verdict, d.Why.Code, tt.want, tt.code)
			}
		})
	}
	if d := plan.Part(&plan.Rules{DeletesCRM: true}, plan.Item{Link: link(plan.CRMGone), ERP: &plan.View{}}, plan.Loss{}); d.Verdict != plan.Again {
		t.Errorf("a deletion that does not travel: got %d", d.Verdict)
	}
}

// A deletion of ours stays in doubt until its side shows the record later than the deletion can arrive.
func TestDeletionInDoubt(t *testing.T) {
	rules := &plan.Rules{Entity: record.Task, TwoWay: true, Active: -1, DeletesCRM: true, Fields: []plan.Field{{Name: "Title", Code: 1, Policy: connectors.Shared}}}
	view := &plan.View{Cells: []plan.Cell{{Digest: 1}}}
	l := plan.Link{ID: 1, ERP: "e", CRM: "c", State: plan.Linked, Base: rules.Agreed(&plan.Item{ERP: view}),
		Doubts: []plan.Doubt{{Field: plan.WholeRecord, Side: connectors.CRM, Seq: 1, Until: time.Unix(10, 0)}}}
	for _, tt := range []struct {
		name     string
		erp, crm *plan.View
		at       int64
		want     int
	}{
		{"it may still arrive", view, view, 9, 1},
		{"it can't any more, and the record is there", view, view, 11, 0},
		{"it can't any more, and the record is not shown", &plan.View{Gone: true}, nil, 11, 1},
	} {
		d := plan.Make(rules, plan.Item{Link: l, ERP: tt.erp, CRM: tt.crm}, time.Unix(tt.at, 0))
		if len(d.Link.Doubts) != tt.want {
			t.Errorf("%s: got %d doubts, want %d", tt.name, len(d.Link.Doubts), tt.want)
		}
	}
}
