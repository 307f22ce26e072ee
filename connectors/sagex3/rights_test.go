package sagex3_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/connectors/sagex3"
	"syncbox/connectors/sagex3/sagex3test"
)

// What the settings of a user do not let into X3 is refused record by record, with what was tried on which object, and changes
// nothing.
//
// Requirement: X3-3, X3-9, X3-10
func TestNotAuthorised(t *testing.T) {
	for _, test := range []struct {
		kind connectors.OpKind
		verb sagex3test.Verb
		told string
	}{
		{connectors.Create, sagex3test.MayCreate, "create"}, {connectors.Update, sagex3test.MayUpdate, "update"}, {connectors.Delete, sagex3test.MayDelete, "delete"},
	} {
		for _, e := range entities {
			t.Run(test.told+" "+string(e), func(t *testing.T) {
				r := newRig(t, nil)
				u, key := r.user("1"), r.make(e)
				r.SetRight("U1", object[e], sagex3test.IntoX3, test.verb, false)
				if e == record.Contact && test.kind == connectors.Delete { // which takes the assignment away
					r.SetRight("U1", object[e], sagex3test.IntoX3, sagex3test.MayUpdate, false)
				}
				op := connectors.Op{ID: "box-1", Kind: test.kind, Entity: e, Key: key}
				switch test.kind {
				case connectors.Create:
					op.Key, op.Fields = "", written(nil)[e]
					delete(op.Fields, "contact")
				case connectors.Update:
					op.Fields = record.Fields{"company": record.TextOf("C00002")}
				}
				before := r.Records(object[e])
				_, result := r.apply(u, op)
				r.broke(result.Err, connectors.Rejected, sagex3.CodeRecordRefused)
				args := result.Err.(*connectors.Error).Args
				if result.Outcome != connectors.NotApplied || args["object"] != string(object[e]) || args["verb"] != test.told || args["trace"] == "" {
					t.Errorf("got %+v with %v", result, args)
				}
				if diff := cmp.Diff(before, r.Records(object[e])); diff != "" {
					t.Errorf("refused, and changed: %s", diff)
				}
			})
		}
	}
}

// A correspondent's deletion takes only the assignment away: the record stays with all that it has.
//
// Requirement: X3-16
func TestCorrespondentStays(t *testing.T) {
	r := newRig(t, nil)
	u, key := r.user("1"), r.make(record.Contact)
	before := r.Records(sagex3test.Correspondents)[0]
	if _, result := r.apply(u, connectors.Op{ID: "box-1", Kind: connectors.Delete, Entity: record.Contact, Key: key}); result.Outcome != connectors.Applied {
		t.Fatalf("got %+v", result)
	}
	for _, c := range r.Changes(sagex3test.ChangeQuery{Calls: true}) {
		if c.Field != sagex3test.Owner || c.After != "" || c.Key != string(key) {
			t.Errorf("changed %s of %s", c.Field, c.Key)
		}
	}
	after := r.Records(sagex3test.Correspondents)[0]
	delete(before.Values, sagex3test.Owner)
	delete(after.Values, sagex3test.Owner)
	if diff := cmp.Diff(before.Values, after.Values); diff != "" {
		t.Errorf("more than the assignment went: %s", diff)
	}
	if found, later, err := u.Read(t.Context(), record.Contact, []record.Key{key}); err != nil || len(found)+len(later) > 0 {
		t.Errorf("the user still has it: %v %v %v", found, later, err)
	}
}

// A tiers that X3 does not know: a task is made without it, and a line of anomalies says so; an appointment is refused. A
// correspondent's own is filled in.
//
// Requirement: X3-23, X3-24, X3-33
func TestCompany(t *testing.T) {
	r := newRig(t, nil)
	u := r.user("1")
	fields := record.Fields{"subject": record.TextOf("Relance"), "company": record.TextOf("inconnu")}
	_, result := r.apply(u, connectors.Op{ID: "box-1", Kind: connectors.Create, Entity: record.Task, Fields: fields})
	if got := r.Anomalies(); result.Outcome != connectors.Applied || len(got) != 1 || got[0].Key != string(result.Key) || got[0].Value != "INCONNU" {
		t.Errorf("%+v, anomalies %+v", result, got)
	}
	if v := r.one(u, record.Task, result.Key).Fields["company"]; !v.Empty() {
		t.Errorf("the task's tiers: %v", v)
	}
	fields = record.Fields{"company": record.TextOf("INCONNU"), "start": at("2026-02-02T08:00:00Z"), "end": at("2026-02-02T09:00:00Z")}
	_, result = r.apply(u, connectors.Op{ID: "box-2", Kind: connectors.Create, Entity: record.Appointment, Fields: fields})
	r.broke(result.Err, connectors.Rejected, sagex3.CodeRecordRefused)
	key := r.make(record.Contact)
	fields = record.Fields{"subject": record.TextOf("Relance"), "contact": record.RefOf(key)}
	_, result = r.apply(u, connectors.Op{ID: "box-3", Kind: connectors.Create, Entity: record.Task, Fields: fields})
	if got := r.one(u, record.Task, result.Key).Fields; got["company"].Text != "C00001" || got["contact"].Text != string(key) {
		t.Errorf("got %v", got)
	}
}
