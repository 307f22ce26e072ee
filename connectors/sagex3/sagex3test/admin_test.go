package sagex3test_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"syncbox/connectors/sagex3/sagex3test"
)

// Requirement: LAB-3, LAB-4, LAB-5, LAB-6
func TestControlOverHTTP(t *testing.T) {
	r := newRig(t, options{})
	for _, row := range []struct {
		name, call, body string
		status           int
		part             string
	}{
		{"task", "create", `{"User":"U1","Object":"TSK","Values":{"subject":"Relance"}}`, 200, `"Key":"TSK000000000001"`},
		{"edit", "edit", `{"User":"U1","Object":"TSK","Key":"TSK000000000001","Values":{"done":"2"}}`, 200, "{}"},
		{"unknown field", "edit", `{"Object":"TSK","Key":"TSK000000000001","Values":{"colour":"2"}}`, 400, "colour"},
		{"unknown record", "edit", `{"Object":"TSK","Key":"TSK9","Values":{"done":"2"}}`, 400, "does not exist"},
		{"unknown object", "create", `{"Object":"XYZ"}`, 400, "Object"},
		{"reassign", "reassign", `{"Object":"TSK","Key":"TSK000000000001","Representative":"R2"}`, 200, "{}"},
		{"appointment", "create", `{"User":"U1","Object":"BAP","Values":{"start":"20260120","start-time":"0900","end":"20260120","end-time":"1000"}}`, 200, "BAP"},
		{"overlap", "create", `{"User":"U1","Object":"BAP","Values":{"start":"20260120","start-time":"0930","end":"20260120","end-time":"1000"}}`, 400, "overlaps"},
		{"co-worker", "coworker", `{"User":"U1","Key":"BAP000000000002","Representative":"R2"}`, 200, "{}"},
		{"leaves", "uncoworker", `{"User":"U1","Key":"BAP000000000002","Representative":"R2"}`, 200, "{}"},
		{"force", "force", `{"For":"U2","Objects":["TSK"]}`, 200, `"Lines":1`},
		{"drop", "drop-line", `{"Number":"1"}`, 200, "{}"},
		{"drop nothing", "drop-line", `{"Number":"99"}`, 400, "does not exist"},
		{"correct nothing", "correct", `{"Number":"99","Value":"C00001"}`, 400, "does not exist"},
		{"publish", "publish", `{"Name":"YTSK","Object":"TSK"}`, 200, "{}"},
		{"a long name", "publish", `{"Name":"YTSKSYNCBOX","Object":"TSK"}`, 400, "10 characters"},
		{"unpublish", "unpublish", `{"Name":"TSK"}`, 200, "{}"},
		{"parameter", "parameter", `{"Name":"CRMSYNC","Value":"1"}`, 200, "{}"},
		{"unknown parameter", "parameter", `{"Name":"CRMX","Value":"1"}`, 400, "unknown"},
		{"right", "right", `{"User":"U1","Object":"TSK","Direction":"OTK","Verb":"CRE","Allowed":false}`, 200, "{}"},
		{"fault", "faults", `{"Kind":"slow","Delay":"1ms"}`, 200, "{}"},
		{"unknown fault", "faults", `{"Kind":"fire"}`, 400, "Kind"},
		{"faults end", "faults/clear", "", 200, "{}"},
		{"clock", "clock", `{"Advance":"1h"}`, 200, "2026-01-15T13:00:00+01:00"},
		{"clock stands", "clock", `{"Freeze":"2026-07-01T10:00:00Z"}`, 200, "2026-07-01T12:00:00+02:00"},
		{"not a duration", "clock", `{"Advance":"soon"}`, 400, "1.5s"},
		{"switches", "switches", `{"MultiRef":true,"Children":1}`, 200, "{}"},
		{"fill", "fill", `{"Users":1,"Calls":3}`, 200, "{}"},
		{"late", "late/flush", ``, 200, "{}"},
		{"delete", "delete", `{"Object":"TSK","Key":"TSK000000000001"}`, 200, "{}"},
	} {
		if status, text := r.sim("POST", row.call, row.body); status != row.status || !strings.Contains(text, row.part) {
			t.Errorf("%s: %d %s, want %d with %s", row.name, status, text, row.status, row.part)
		}
	}
	if a := r.query("YTSK", 5); !a.ok() {
		t.Errorf("under its new name: %q", a.messages)
	}
	if a := r.query("TSK", 5); a.ok() || !a.said("Unknown web service (0)") {
		t.Errorf("under the old one: %q", a.messages)
	}
	for name, part := range map[string]string{"log?op=query": `"PublicName":"YTSK"`, "counters": `"Queries":2`, "forbidden": "null", "duplicates?object=TSK": "null", "changes?object=TSK": "Relance",
		"records?object=CLL": "CLL00000000000", "queue?user=U1": `"Object":"BAP"`, "anomalies": "null", "traces": "F364233", "faults": "null", "state": `"Counters"`} {
		if status, text := r.sim("GET", name, ""); status != 200 || !strings.Contains(text, part) {
			t.Errorf("%s: %d %s, want %s", name, status, text, part)
		}
	}
	r.sim("POST", "reset", "")
	if got := len(r.Records(sagex3test.Tasks)) + len(r.Journal(sagex3test.JournalQuery{})) + len(r.Traces()); got != 0 {
		t.Errorf("after a reset %d things are left", got)
	}
}

// Requirement: LAB-6
func TestStateIsSavedRestoredAndCompared(t *testing.T) {
	r := newRig(t, options{})
	r.Fill(sagex3test.Seed{Seed: 4, Users: 2, Customers: 4, Correspondents: 5, Contacts: 5, Tasks: 9, Calls: 9, Appointments: 9})
	saved := r.Save()
	if again := r.Save(); !bytes.Equal(saved, again) {
		t.Error("the same state gives two texts")
	}
	key := r.task("x")
	if changed := r.Save(); bytes.Equal(saved, changed) {
		t.Error("another state gives the same text")
	}
	r.no(r.Restore(saved))
	if _, there := r.Record(sagex3test.Tasks, key); there || !bytes.Equal(saved, r.Save()) {
		t.Errorf("restored: %s is there: %t", key, there)
	}
	if a := r.save("TSK", owned()); flds(a.result)["TSKNUM"] != key {
		t.Errorf("the counter goes on with %s, want %s", flds(a.result)["TSKNUM"], key)
	}
	if err := r.Restore([]byte(`{"Nonsense":1}`)); err == nil {
		t.Error("nonsense: want an error")
	}
}

// The same seed gives the same site.
//
// Requirement: LAB-3
func TestSeedsRepeat(t *testing.T) {
	fill := func(seed uint64) []byte {
		s := sagex3test.New(options{Clock: func() time.Time { return noon }})
		s.Fill(sagex3test.Seed{Seed: seed, Users: 3, Customers: 5, Correspondents: 20, Contacts: 20, Tasks: 50, Calls: 50, Appointments: 50})
		return s.Save()
	}
	if !bytes.Equal(fill(1), fill(1)) || bytes.Equal(fill(1), fill(2)) {
		t.Error("the same seed gave another site, or another seed the same")
	}
}
