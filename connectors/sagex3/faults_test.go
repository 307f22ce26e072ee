package sagex3_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/connectortest"
	"syncbox/connectors/record"
	"syncbox/connectors/sagex3"
	"syncbox/connectors/sagex3/sagex3test"
)

// Whatever breaks a look or a read has its kind and code, tells no record as gone, and shows none of X3's words. The next look
// tells what was changed.
//
// Requirement: X3-42
func TestBrokenLook(t *testing.T) {
	for _, test := range []struct {
		fault sagex3test.Fault
		kind  connectors.Kind
		code  string
	}{
		{sagex3test.Fault{Kind: sagex3test.NoChildren}, connectors.Auth, sagex3.CodeNoChildren},
		{sagex3test.Fault{Kind: sagex3test.LoginError}, connectors.Auth, sagex3.CodeAuth},
		{sagex3test.Fault{Kind: sagex3test.Unauthorized}, connectors.Auth, sagex3.CodeAuth},
		{sagex3test.Fault{Kind: sagex3test.UnknownService}, connectors.Drift, sagex3.CodeNotPublished},
		{sagex3test.Fault{Kind: sagex3test.BusyPool}, connectors.Unavailable, sagex3.CodeBusy},
		{sagex3test.Fault{Kind: sagex3test.DeadWorker}, connectors.Unavailable, sagex3.CodeServerError},
		{sagex3test.Fault{Kind: sagex3test.HTTPStatus, Status: 502}, connectors.Unavailable, sagex3.CodeServerError},
		{sagex3test.Fault{Kind: sagex3test.HTTPStatus, Status: 503}, connectors.RateLimited, sagex3.CodeRateLimited},
		{sagex3test.Fault{Kind: sagex3test.EmptyResult}, connectors.Unavailable, sagex3.CodeBadAnswer},
		{sagex3test.Fault{Kind: sagex3test.BadXML}, connectors.Unavailable, sagex3.CodeBadAnswer},
		{sagex3test.Fault{Kind: sagex3test.BadEnvelope}, connectors.Unavailable, sagex3.CodeBadAnswer},
		{sagex3test.Fault{Kind: sagex3test.Truncated, Keep: 700}, connectors.Unavailable, sagex3.CodeBadAnswer},
		{sagex3test.Fault{Kind: sagex3test.CutBody, Keep: 700}, connectors.Unavailable, sagex3.CodeUnreachable},
		{sagex3test.Fault{Kind: sagex3test.CloseAfter}, connectors.Unavailable, sagex3.CodeUnreachable},
		{sagex3test.Fault{Kind: sagex3test.Slow, Delay: 90 * time.Second}, connectors.Unavailable, sagex3.CodeUnreachable},
		{sagex3test.Fault{Kind: sagex3test.SlowAnswer, Delay: 90 * time.Second}, connectors.Unavailable, sagex3.CodeUnreachable},
		{sagex3test.Fault{Kind: sagex3test.RefuseRecord, Text: "Relance"}, connectors.Rejected, sagex3.CodeRecordRefused},
		{sagex3test.Fault{Kind: sagex3test.PartialResult}, connectors.Unavailable, sagex3.CodeBadAnswer},
		{sagex3test.Fault{Kind: sagex3test.PartialResult, Quiet: true}, connectors.Unavailable, sagex3.CodeBadAnswer},
	} {
		for _, payload := range []string{"xml", "json"} {
			t.Run(string(test.fault.Kind)+"/"+payload, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					r := newRig(t, func(c *sagex3.Config) { c.Payload, c.Now = payload, time.Now })
					r.brokenLook(test.fault, test.kind, test.code)
				})
			})
		}
	}
}

func (r *rig) brokenLook(fault sagex3test.Fault, kind connectors.Kind, code string) {
	r.t.Helper()
	key, u, notes := r.make(record.Task), r.user("1"), connectortest.NewNotes()
	look(r.t, u, notes)
	r.AdvanceClock(time.Minute)
	r.edit(record.Task, key)
	fault.Op, fault.Object, fault.Count = "query", sagex3test.Tasks, 3
	r.AddFault(fault)
	notes.Begin()
	err := u.Observe(r.t.Context(), notes)
	if err == nil {
		err = notes.Skipped[record.Task]
	}
	r.broke(err, kind, code)
	if len(notes.Told[record.Task]) > 0 {
		r.t.Errorf("told %v", notes.Told)
	}
	time.Sleep(time.Hour) // of the bubble: what a server asked for is over
	r.broke(u.Sweep(r.t.Context(), record.Task, func(record.Key) {}), kind, code)
	time.Sleep(time.Hour)
	if fault.Kind != sagex3test.PartialResult { // of which JSON tells nothing to somebody who has seen no list before
		r.broke(r.user("1").Sweep(r.t.Context(), record.Task, func(record.Key) {}), kind, code)
	}
	r.ClearFaults()
	time.Sleep(time.Hour)
	if told := look(r.t, u, notes); !slices.Contains(told[record.Task], key) {
		r.t.Errorf("%s was changed, and the look after the broken one told %v", key, told)
	}
	r.brokenRead(u, key, fault)
}

// brokenRead: a record that is not given is not gone.
func (r *rig) brokenRead(u *sagex3.User, key record.Key, fault sagex3test.Fault) {
	r.t.Helper()
	if fault.Kind == sagex3test.PartialResult {
		return
	}
	fault.Op, fault.Count = "read", 1
	r.AddFault(fault)
	_, later, err := u.Read(r.t.Context(), record.Task, []record.Key{key})
	if err == nil && !slices.Equal(later, []record.Key{key}) {
		r.t.Errorf("a read that broke: %d later and no error", len(later))
	}
}

func (r *rig) broke(err error, kind connectors.Kind, code string) {
	r.t.Helper()
	if connectors.KindOf(err) != kind || connectors.CodeOf(err) != code {
		r.t.Fatalf("got %v %v, want %v %s", connectors.KindOf(err), err, kind, code)
	}
	r.quiet(err.Error())
}

// A look goes on without an object that is not published or lacks a field of the settings; the code names what is missing.
//
// Requirement: X3-4
func TestMissingPublication(t *testing.T) {
	for _, test := range []struct {
		name   string
		change config
		code   string
		arg    string
	}{
		{"not published", nil, sagex3.CodeNotPublished, "publication"},
		{"a field is missing", func(c *sagex3.Config) { c.Fields[record.Call]["subject"] = "NOSUCH" }, sagex3.CodeFields, "field"},
		{"no field for the number", func(c *sagex3.Config) { delete(c.Fields[record.Call], "chrono") }, sagex3.CodeFields, "field"},
		{"no field for the owner", func(c *sagex3.Config) { delete(c.Fields[record.Call], "representative") }, sagex3.CodeFields, "field"},
		{"the list is cut", func(c *sagex3.Config) { c.ListSize = 2 }, sagex3.CodeListCut, "publication"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, test.change)
			task := r.make(record.Task)
			r.make(record.Call)
			switch test.code {
			case sagex3.CodeNotPublished:
				r.Unpublish("CLL")
			case sagex3.CodeListCut:
				r.make(record.Call)
			}
			u, notes := r.user("1"), connectortest.NewNotes()
			must(t, u.Observe(t.Context(), notes))
			err := notes.Skipped[record.Call]
			r.broke(err, connectors.Drift, test.code)
			if e, ok := err.(*connectors.Error); !ok || e.Args[test.arg] == "" || len(notes.Skipped) != 1 || !slices.Contains(notes.Told[record.Task], task) {
				t.Errorf("skipped %v, told %v", notes.Skipped, notes.Told)
			}
			if err := u.Check(t.Context()); test.code != sagex3.CodeListCut {
				r.broke(err, connectors.Drift, test.code)
			}
		})
	}
}

// A record that somebody has open is neither gone nor written; when it is free again, it is.
func TestLocked(t *testing.T) {
	r := newRig(t, nil)
	u := r.user("1")
	for _, e := range entities {
		key := r.make(e)
		r.AddFault(sagex3test.Fault{Kind: sagex3test.RefuseRecord, Op: "read", Key: string(key), Text: "Relance", Count: -1})
		if found, later, err := u.Read(t.Context(), e, []record.Key{key}); err != nil || len(found) > 0 || !slices.Equal(later, []record.Key{key}) {
			t.Errorf("%s: found %d, later %v, %v", e, len(found), later, err)
		}
		for _, kind := range []connectors.OpKind{connectors.Update, connectors.Delete} {
			op := connectors.Op{ID: "box-l", Kind: kind, Entity: e, Key: key}
			if op, result := r.apply(u, op); result.Outcome != connectors.NotApplied || connectors.CodeOf(result.Err) != sagex3.CodeRecordInUse {
				t.Errorf("%s: %+v", e, result)
			} else if again := u.Resolve(t.Context(), op); again.Outcome != connectors.InDoubt {
				t.Errorf("%s: resolved as %+v", e, again)
			}
		}
		r.ClearFaults()
		r.one(u, e, key)
	}
}
