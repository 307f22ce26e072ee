package sagex3test_test

import (
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/sagex3/sagex3test"
)

type fault = sagex3test.Fault

// Requirement: LAB-5
func TestFaultsBreakCalls(t *testing.T) {
	for _, row := range []struct {
		name    string
		fault   fault
		http    int // 0: no answer
		status  string
		message string // or fault
		done    bool
	}{
		{"no children", fault{Kind: sagex3test.NoChildren}, 500, "", "No Web services accepted", false},
		{"busy pool", fault{Kind: sagex3test.BusyPool}, 200, "0", "No free entry", false},
		{"unknown service", fault{Kind: sagex3test.UnknownService}, 200, "0", "Unknown web service (0)", false},
		{"login error", fault{Kind: sagex3test.LoginError}, 200, "0", "Change login error", false},
		{"dead worker", fault{Kind: sagex3test.DeadWorker}, 200, "0", "", false},
		{"401", fault{Kind: sagex3test.Unauthorized}, 401, "", "", false},
		{"503", fault{Kind: sagex3test.HTTPStatus}, 503, "", "", false},
		{"502 done", fault{Kind: sagex3test.HTTPStatus, Status: 502, Done: true}, 502, "", "", true},
		{"refused", fault{Kind: sagex3test.RefuseRecord, Text: "Contrôle maison"}, 200, "0", "Contrôle maison", false},
		{"warned", fault{Kind: sagex3test.Warn, Text: "Attention"}, 200, "1", "Attention", true},
		{"empty result", fault{Kind: sagex3test.EmptyResult}, 200, "1", "", true},
		{"bad XML", fault{Kind: sagex3test.BadXML}, 200, "1", "", true},
		{"truncated", fault{Kind: sagex3test.Truncated, Keep: 100}, 200, "", "", true},
		{"cut body", fault{Kind: sagex3test.CutBody, Keep: 100}, 200, "", "", true},
		{"cut before", fault{Kind: sagex3test.CloseBefore}, 0, "", "", false},
		{"cut after", fault{Kind: sagex3test.CloseAfter}, 0, "", "", true},
		{"of another operation", fault{Kind: sagex3test.HTTPStatus, Op: "read"}, 200, "1", "", true},
		{"of another object", fault{Kind: sagex3test.HTTPStatus, Object: sagex3test.Calls}, 200, "1", "", true},
		{"of another record", fault{Kind: sagex3test.HTTPStatus, Key: "TSK9"}, 200, "1", "", true},
		{"of REST", fault{Kind: sagex3test.HTTPStatus, Endpoint: sagex3test.EndpointREST}, 200, "1", "", true},
		{"of queries", fault{Kind: sagex3test.PartialResult}, 200, "1", "", true},
		{"its operation and object", fault{Kind: sagex3test.HTTPStatus, Op: "save", Object: sagex3test.Tasks}, 503, "", "", false},
		{"later", fault{Kind: sagex3test.HTTPStatus, Skip: 1}, 200, "1", "", true},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := newRig(t, options{})
			r.AddFault(row.fault)
			a := r.save("TSK", owned())
			if a.http != row.http || a.status != row.status || !strings.Contains(strings.Join(a.messages, "\n")+a.fault, row.message) {
				t.Errorf("got %d %q %q %q, want %d %q %q", a.http, a.status, a.messages, a.fault, row.http, row.status, row.message)
			}
			if done := len(r.Records(sagex3test.Tasks)) == 1; done != row.done {
				t.Errorf("done %t, want %t", done, row.done)
			}
		})
	}
}

// What is spoiled is spoiled: nothing that a parser would take for whole.
//
// Requirement: LAB-5
func TestSpoiledAnswers(t *testing.T) {
	r := newRig(t, options{})
	key := r.task("x")
	get := func(f fault) reply {
		r.AddFault(f)
		return r.read("TSK", "TSKNUM", key)
	}
	if a := get(fault{Kind: sagex3test.EmptyResult}); !a.ok() || a.result != "" {
		t.Errorf("empty result: %s %q", a.status, a.result)
	}
	if a := get(fault{Kind: sagex3test.BadXML}); !a.ok() || wellFormed(a.result) || !wellFormed(a.body) {
		t.Errorf("bad XML: %s %q", a.status, a.result)
	}
	if a := get(fault{Kind: sagex3test.BadEnvelope}); a.http != 200 || wellFormed(a.body) {
		t.Errorf("bad envelope: %d %s", a.http, a.body)
	}
	if a := get(fault{Kind: sagex3test.CutBody, Keep: 300}); a.err == nil || len(a.body) != 300 {
		t.Errorf("cut: %v, %d bytes", a.err, len(a.body))
	}
	if a := get(fault{Kind: sagex3test.Truncated, Keep: 300}); a.err != nil || len(a.body) != 300 {
		t.Errorf("truncated: %v, %d bytes", a.err, len(a.body))
	}
	for range 4 {
		r.task("y")
	}
	for quiet, kinds := range map[bool][]string{false: {"2"}, true: nil} {
		r.AddFault(fault{Kind: sagex3test.PartialResult, Row: 2, Quiet: quiet})
		a := r.query("TSK", 10)
		if diff := cmp.Diff(kinds, a.kinds); !a.ok() || diff != "" || len(rows(a.result)) != 2 || !strings.Contains(a.result, `SIZE="5"`) {
			t.Errorf("partial, quiet %t: %s %s", quiet, diff, a.result)
		}
	}
	lost := 0
	for _, c := range r.Journal(sagex3test.JournalQuery{}) {
		if c.Lost {
			lost++
		}
	}
	if lost != 2 {
		t.Errorf("%d lost answers in the journal, want the 2 that broke off", lost)
	}
}

func wellFormed(doc string) bool {
	d := xml.NewDecoder(strings.NewReader(doc))
	for {
		if _, err := d.Token(); err != nil {
			return errors.Is(err, io.EOF)
		}
	}
}

func TestFaultsAreCounted(t *testing.T) {
	r := newRig(t, options{})
	r.AddFault(fault{Kind: sagex3test.HTTPStatus, Skip: 1, Count: 2})
	r.AddFault(fault{Kind: sagex3test.HTTPStatus, Status: 504, Count: -1, Object: sagex3test.Calls})
	var got []int
	for range 4 {
		got = append(got, r.query("TSK", 1).http)
	}
	got = append(got, r.query("CLL", 1).http, r.query("CLL", 1).http)
	r.ClearFaults()
	got = append(got, r.query("CLL", 1).http)
	if diff := cmp.Diff([]int{200, 503, 503, 200, 504, 504, 200}, got); diff != "" {
		t.Error(diff)
	}
	if len(r.Faults()) != 0 {
		t.Errorf("faults %v", r.Faults())
	}
}

// A pool of 90 seconds: what is slow works late, or answers late.
//
// Requirement: LAB-5
func TestSlowPool(t *testing.T) {
	for kind, early := range map[sagex3test.FaultKind]bool{sagex3test.Slow: false, sagex3test.SlowAnswer: true} {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t, options{})
			r.AddFault(fault{Kind: kind, Delay: 90 * time.Second})
			begun := time.Now()
			answered := make(chan reply)
			go func() { answered <- r.save("TSK", owned()) }()
			time.Sleep(time.Minute)
			synctest.Wait()
			if done := len(r.Records(sagex3test.Tasks)) == 1; done != early {
				t.Errorf("%s: done %t after a minute, want %t", kind, done, early)
			}
			if a := <-answered; !a.ok() || time.Since(begun) != 90*time.Second {
				t.Errorf("%s: %s after %s", kind, a.status, time.Since(begun))
			}
		})
	}
}

func TestAppliedLate(t *testing.T) {
	var later []func()
	r := newRig(t, options{After: func(_ time.Duration, f func()) { later = append(later, f) }})
	r.AddFault(fault{Kind: sagex3test.AppliedLate, Delay: time.Hour})
	if a := r.save("TSK", owned()); a.err == nil || len(r.Records(sagex3test.Tasks)) != 0 || r.PendingLate() != 1 {
		t.Fatalf("got %+v, %d tasks, want a cut connection and nothing done", a, len(r.Records(sagex3test.Tasks)))
	}
	later[0]()
	calls := r.Journal(sagex3test.JournalQuery{})
	if len(r.Records(sagex3test.Tasks)) != 1 || len(calls) != 2 || calls[0].Outcome != sagex3test.Cut || !calls[1].Late || !calls[1].Writes[0].Applied {
		t.Errorf("later: %+v", calls)
	}
	r.AddFault(fault{Kind: sagex3test.AppliedLate, Delay: time.Hour})
	r.save("TSK", owned())
	r.FlushLate()
	later[1]()
	if got := len(r.Records(sagex3test.Tasks)); got != 2 || r.PendingLate() != 0 {
		t.Errorf("%d tasks, want each one applied once", got)
	}
}

// The answer of a save is lost; a second save makes a second record.
func TestSaveIsNotIdempotent(t *testing.T) {
	r := newRig(t, options{Reference: "YSYNCREF"})
	r.AddFault(fault{Kind: sagex3test.CloseAfter})
	payload := groups(owned("FULOBJ", "Relance"), param("TSK0_1", "YSYNCREF", "box-1"))
	if a := r.save("TSK", payload); a.err == nil {
		t.Fatalf("got %s, want a cut connection", a.body)
	}
	if a := r.query("TSK", 10, "YSYNCREF", "box-1"); len(rows(a.result)) != 1 {
		t.Errorf("by the reference: %s", a.result)
	}
	if got := r.Duplicates(sagex3test.Tasks); len(got) != 0 {
		t.Errorf("duplicates %v, want none", got)
	}
	r.save("TSK", payload)
	if diff := cmp.Diff([][]string{{"TSK000000000001", "TSK000000000002"}}, r.Duplicates(sagex3test.Tasks)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"TSK000000000001", "TSK000000000002"}, r.Created(sagex3test.Tasks)); diff != "" {
		t.Error(diff)
	}
}

// Requirement: LAB-3, LAB-5
func TestRandomFaultsRepeat(t *testing.T) {
	run := func() (kinds []sagex3test.FaultKind) {
		r := newRig(t, options{})
		r.SetRandomFaults(sagex3test.RandomFaults{Seed: 3, Rate: 0.5, MaxDelay: time.Nanosecond, MaxLate: time.Nanosecond})
		for range 60 {
			r.query("TSK", 3)
		}
		for _, c := range r.Journal(sagex3test.JournalQuery{}) {
			if !c.Late { // those end when they like
				kinds = append(kinds, c.Fault)
			}
		}
		return kinds
	}
	first := run()
	if diff := cmp.Diff(first, run()); diff != "" {
		t.Error(diff)
	}
	seen := map[sagex3test.FaultKind]bool{}
	for _, kind := range first {
		seen[kind] = true
	}
	if len(seen) < 8 {
		t.Errorf("%d kinds, want more", len(seen))
	}
}

func TestTooMuchData(t *testing.T) {
	r := newRig(t, options{SizeLimit: 3000})
	r.Fill(sagex3test.Seed{Users: 1, Tasks: 40})
	if a := r.query("TSK", 40); a.ok() || !a.said("WSSIZELIMIT") {
		t.Errorf("40 rows: %s %q", a.status, a.messages)
	}
	if a := r.query("TSK", 1); !a.ok() {
		t.Errorf("1 row: %s %q", a.status, a.messages)
	}
}

// Over a network too.
func TestListen(t *testing.T) {
	s, url, err := sagex3test.Listen(t.Context(), options{})
	if err != nil {
		t.Fatal(err)
	}
	q, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+sagex3test.PathWSDL+"?wsdl", nil)
	if err != nil {
		t.Fatal(err)
	}
	q.SetBasicAuth("syncbox", "SECRET")
	a, err := http.DefaultClient.Do(q)
	if err != nil {
		t.Fatal(err)
	}
	a.Body.Close()
	if a.StatusCode != 200 || len(s.Journal(sagex3test.JournalQuery{Endpoint: sagex3test.EndpointWSDL})) != 1 {
		t.Errorf("got %d", a.StatusCode)
	}
}
