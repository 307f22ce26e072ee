package sagex3_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/connectors/sagex3"
	"syncbox/connectors/sagex3/sagex3test"
)

// broken are the ways in which a write goes wrong, and what is known of it then.
var broken = []struct {
	fault   sagex3test.Fault
	outcome connectors.Outcome
	kind    connectors.Kind
	done    bool
}{
	{sagex3test.Fault{Kind: sagex3test.CloseBefore}, connectors.InDoubt, connectors.Unavailable, false},
	{sagex3test.Fault{Kind: sagex3test.CloseAfter}, connectors.InDoubt, connectors.Unavailable, true},
	{sagex3test.Fault{Kind: sagex3test.CutBody, Keep: 300}, connectors.InDoubt, connectors.Unavailable, true},
	{sagex3test.Fault{Kind: sagex3test.Truncated, Keep: 300}, connectors.InDoubt, connectors.Unavailable, true},
	{sagex3test.Fault{Kind: sagex3test.BadEnvelope}, connectors.InDoubt, connectors.Unavailable, true},
	{sagex3test.Fault{Kind: sagex3test.Slow, Delay: 90 * time.Second}, connectors.InDoubt, connectors.Unavailable, true},
	{sagex3test.Fault{Kind: sagex3test.SlowAnswer, Delay: 90 * time.Second}, connectors.InDoubt, connectors.Unavailable, true},
	{sagex3test.Fault{Kind: sagex3test.AppliedLate, Delay: time.Minute}, connectors.InDoubt, connectors.Unavailable, true},
	{sagex3test.Fault{Kind: sagex3test.HTTPStatus, Status: 502, Done: true}, connectors.InDoubt, connectors.Unavailable, true},
	{sagex3test.Fault{Kind: sagex3test.HTTPStatus, Status: 502}, connectors.InDoubt, connectors.Unavailable, false},
	{sagex3test.Fault{Kind: sagex3test.DeadWorker}, connectors.InDoubt, connectors.Unavailable, false},
	{sagex3test.Fault{Kind: sagex3test.BusyPool}, connectors.NotApplied, connectors.Unavailable, false},
	{sagex3test.Fault{Kind: sagex3test.NoChildren}, connectors.NotApplied, connectors.Auth, false},
	{sagex3test.Fault{Kind: sagex3test.LoginError}, connectors.NotApplied, connectors.Auth, false},
	{sagex3test.Fault{Kind: sagex3test.Unauthorized}, connectors.NotApplied, connectors.Auth, false},
	{sagex3test.Fault{Kind: sagex3test.UnknownService}, connectors.NotApplied, connectors.Drift, false},
	{sagex3test.Fault{Kind: sagex3test.RefuseRecord, Text: "Relance"}, connectors.NotApplied, connectors.Rejected, false},
	{sagex3test.Fault{Kind: sagex3test.Warn, Text: "Relance"}, connectors.Applied, connectors.Unknown, true},
}

// settled does an op whose call breaks, as the engine does, and says what became of it once nothing can come late any more.
func (r *rig) settled(u *sagex3.User, op connectors.Op, i int, operation string) connectors.Result {
	r.t.Helper()
	want := broken[i]
	f := want.fault
	f.Op = operation
	token, err := u.Prepare(r.t.Context(), op)
	must(r.t, err)
	op.Token = token
	r.AddFault(f)
	result := u.Apply(r.t.Context(), []connectors.Op{op})[0]
	outcome := want.outcome
	if operation == "save" && result.Outcome == connectors.ReadBack {
		outcome = connectors.ReadBack
	}
	if result.Outcome != outcome || connectors.KindOf(result.Err) != want.kind {
		r.t.Fatalf("got %d %v, want %d of kind %v", result.Outcome, result.Err, outcome, want.kind)
	}
	if result.Err != nil {
		r.quiet(result.Err.Error())
	}
	if result.Outcome == connectors.Applied || result.Outcome == connectors.NotApplied {
		return result
	}
	time.Sleep(u.Traits().ServerLate)
	return u.Resolve(r.t.Context(), op)
}

// What was sent without an answer is found again, and only what was not done is sent again: nothing is doubled.
//
// Requirement: X3-23, X3-42
func TestLostCreate(t *testing.T) {
	for _, reference := range []string{"", "XREF"} {
		for i, test := range broken {
			t.Run(string(test.fault.Kind)+reference, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					r := newRig(t, nil, func(o *sagex3test.Options) { o.Reference = reference })
					u := r.user("1")
					for _, e := range entities {
						r.make(e)
						r.lostCreate(u, e, i)
					}
				})
			})
		}
	}
}

func (r *rig) lostCreate(u *sagex3.User, e record.Entity, i int) {
	r.t.Helper()
	fields := written(nil)[e]
	delete(fields, "contact")
	if e != record.Appointment {
		fields["company"] = record.TextOf("INCONNU") // X3 makes it without
	}
	before := len(r.Created(object[e]))
	op := connectors.Op{ID: "box-" + string(e), Kind: connectors.Create, Entity: e, Fields: fields}
	result := r.settled(u, op, i, "save")
	if want := map[bool]connectors.Outcome{true: connectors.Applied, false: connectors.NotApplied}[broken[i].done]; result.Outcome != want {
		r.t.Fatalf("%s: settled as %d %v, want %d", e, result.Outcome, result.Err, want)
	}
	if result.Outcome == connectors.NotApplied {
		if n := len(r.Created(object[e])); n != before {
			r.t.Fatalf("%s: not applied, and %d were made", e, n-before)
		}
		if _, result = r.apply(u, op); result.Outcome != connectors.Applied {
			r.t.Fatalf("%s: %+v", e, result)
		}
	}
	if made := r.Created(object[e]); len(made) != before+1 || made[before] != string(result.Key) || len(r.Duplicates(object[e])) > 0 {
		r.t.Errorf("%s: made %v, key %s", e, made[before:], result.Key)
	}
}

// A change or a deletion without an answer is told by what is there.
func TestLostChange(t *testing.T) {
	for i, test := range broken {
		for operation, kind := range map[string]connectors.OpKind{"modify": connectors.Update, "delete": connectors.Delete} {
			t.Run(string(test.fault.Kind)+"/"+operation, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					r := newRig(t, nil)
					u, key := r.user("1"), r.make(record.Task)
					op := connectors.Op{ID: "box-1", Kind: kind, Entity: record.Task, Key: key, Seen: record.Fields{"subject": record.TextOf("Relance devis")}}
					if kind == connectors.Update {
						op.Fields = record.Fields{"subject": record.TextOf("Relance")}
					}
					result := r.settled(u, op, i, operation)
					if want := map[bool]connectors.Outcome{true: connectors.Applied, false: connectors.NotApplied}[test.done]; result.Outcome != want {
						t.Fatalf("settled as %d %v, want %d", result.Outcome, result.Err, want)
					}
					if result.Outcome == connectors.NotApplied {
						if _, result = r.apply(u, op); result.Outcome != connectors.Applied {
							t.Fatalf("again: %+v", result)
						}
					}
				})
			})
		}
	}
}

// A success whose result is missing or damaged is read back; of a change, success is enough.
func TestSuccessWithoutResult(t *testing.T) {
	for _, kind := range []sagex3test.FaultKind{sagex3test.EmptyResult, sagex3test.BadXML} {
		t.Run(string(kind), func(t *testing.T) {
			r := newRig(t, nil)
			u := r.user("1")
			r.AddFault(sagex3test.Fault{Kind: kind, Op: "save"})
			op, result := r.apply(u, connectors.Op{ID: "box-1", Kind: connectors.Create, Entity: record.Task, Fields: task("Relance")})
			if result.Outcome != connectors.ReadBack {
				t.Fatalf("create: %+v", result)
			}
			found := u.Resolve(t.Context(), op)
			if made := r.Created(sagex3test.Tasks); found.Outcome != connectors.Applied || !slices.Equal(made, []string{string(found.Key)}) {
				t.Errorf("resolved as %+v, made %v", found, made)
			}
			r.AddFault(sagex3test.Fault{Kind: kind, Op: "modify"})
			op = connectors.Op{ID: "box-2", Kind: connectors.Update, Entity: record.Task, Key: found.Key, Fields: record.Fields{"subject": record.TextOf("Autre")}}
			if _, result = r.apply(u, op); result.Outcome != connectors.Applied {
				t.Errorf("change: %+v", result)
			}
		})
	}
}

// A record that somebody else made of the same words is not taken for ours, if it was there before; two that came since are a
// person's matter.
func TestTwins(t *testing.T) {
	r := newRig(t, nil)
	u := r.user("1")
	twin := func() {
		_, err := r.Person("U1").Create(sagex3test.Tasks, values{sagex3test.Subject: "Relance", sagex3test.Done: sagex3test.No})
		must(t, err)
	}
	twin()
	op := connectors.Op{ID: "box-1", Kind: connectors.Create, Entity: record.Task, Fields: record.Fields{"subject": record.TextOf("Relance"), "done": record.BoolOf(false)}}
	token, err := u.Prepare(t.Context(), op)
	must(t, err)
	op.Token = token
	if got := u.Resolve(t.Context(), op); got.Outcome != connectors.NotApplied {
		t.Errorf("what was there before: %+v", got)
	}
	twin()
	twin()
	if got := u.Resolve(t.Context(), op); got.Outcome != connectors.InDoubt || connectors.KindOf(got.Err) != connectors.Rejected {
		t.Errorf("two since: %+v", got)
	}
}
