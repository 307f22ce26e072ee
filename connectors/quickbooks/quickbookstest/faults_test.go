package quickbookstest_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/quickbooks/quickbookstest"
)

func TestFaultsBreakCalls(t *testing.T) {
	for _, row := range []struct {
		name    string
		fault   quickbookstest.Fault
		status  int // 0: no answer
		code    string
		content string // part of Content-Type
		done    bool
	}{
		{"500", quickbookstest.Fault{Kind: quickbookstest.SystemError}, 500, "10000", "json", false},
		{"500 done", quickbookstest.Fault{Kind: quickbookstest.SystemError, Done: true}, 500, "10000", "json", true},
		{"503", quickbookstest.Fault{Kind: quickbookstest.Unavailable}, 503, "", "html", false},
		{"504", quickbookstest.Fault{Kind: quickbookstest.Unavailable, Status: 504, Done: true}, 504, "", "html", true},
		{"200 with a fault", quickbookstest.Fault{Kind: quickbookstest.Fault200}, 200, "6000", "json", false},
		{"429", quickbookstest.Fault{Kind: quickbookstest.Throttle}, 429, "3001", "xml", false},
		{"401", quickbookstest.Fault{Kind: quickbookstest.Unauthorized}, 401, "3200", "json", false},
		{"truncated", quickbookstest.Fault{Kind: quickbookstest.Truncated, Keep: 20}, 200, "", "json", true},
		{"cut before", quickbookstest.Fault{Kind: quickbookstest.CloseBefore}, 0, "", "", false},
		{"cut after", quickbookstest.Fault{Kind: quickbookstest.CloseAfter}, 0, "", "", true},
		{"cut body", quickbookstest.Fault{Kind: quickbookstest.CutBody, Keep: 20}, 200, "", "json", true},
		{"another method", quickbookstest.Fault{Kind: quickbookstest.SystemError, Method: "GET"}, 200, "", "json", true},
		{"another path", quickbookstest.Fault{Kind: quickbookstest.SystemError, Path: "vendor"}, 200, "", "json", true},
		{"its path", quickbookstest.Fault{Kind: quickbookstest.SystemError, Path: "customer", Method: "POST"}, 500, "10000", "json", false},
		{"another entity", quickbookstest.Fault{Kind: quickbookstest.SystemError, Entity: quickbookstest.Invoice}, 200, "", "json", true},
		{"for queries", quickbookstest.Fault{Kind: quickbookstest.Poison}, 200, "", "json", true},
		{"later", quickbookstest.Fault{Kind: quickbookstest.SystemError, Skip: 1}, 200, "", "json", true},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := newRig(t, quickbookstest.Switches{})
			r.AddFault(row.fault)
			a := r.post("customer", object{"DisplayName": "Alpha"})
			if a.status != row.status || a.code() != row.code || row.status != 0 && !strings.Contains(a.header.Get("Content-Type"), row.content) {
				t.Errorf("got %d %q %v, want %d %q %s", a.status, a.code(), a.header, row.status, row.code, row.content)
			}
			if broken := row.fault.Keep > 0; broken && (a.object != nil || row.fault.Kind == quickbookstest.CutBody && a.err == nil) {
				t.Errorf("got %q, %v, want half an object", a.body, a.err)
			}
			if done := len(r.Customers()) == 1; done != row.done {
				t.Errorf("done %t, want %t", done, row.done)
			}
		})
	}
}

func TestFaultsAreCounted(t *testing.T) {
	r := newRig(t, quickbookstest.Switches{})
	r.AddFault(quickbookstest.Fault{Kind: quickbookstest.SystemError, Skip: 1, Count: 2})
	r.AddFault(quickbookstest.Fault{Kind: quickbookstest.Unavailable, Count: -1, Entity: quickbookstest.Invoice})
	var got []int
	for range 5 {
		got = append(got, r.query("SELECT * FROM Customer").status)
	}
	got = append(got, r.query("SELECT * FROM Invoice").status, r.cdc("Customer,Invoice", noon).status)
	if diff := cmp.Diff([]int{200, 500, 500, 200, 200, 503, 503}, got); diff != "" {
		t.Error(diff)
	}
	r.ClearFaults()
	if got := r.query("SELECT * FROM Invoice").status; got != 200 {
		t.Errorf("after ClearFaults: %d, want 200", got)
	}
}

// A lost answer is repeated with its requestid and is done once.
func TestALostAnswerOverTCP(t *testing.T) {
	s := quickbookstest.New(quickbookstest.Options{})
	web := httptest.NewServer(s)
	defer web.Close()
	s.AddFault(quickbookstest.Fault{Kind: quickbookstest.CloseAfter})
	post := func() result {
		q, err := http.NewRequestWithContext(t.Context(), "POST", web.URL+"/v3/company/"+realm+"/customer?minorversion=75&requestid=r1",
			strings.NewReader(`{"DisplayName":"Alpha"}`))
		if err != nil {
			t.Fatal(err)
		}
		q.Header = http.Header{"Authorization": {"Bearer TOKEN"}, "Accept": {"application/json"}, "Content-Type": {"application/json"}}
		return answerOf(http.DefaultClient.Do(q))
	}
	if a := post(); a.err == nil {
		t.Fatalf("first: %s, want a cut connection", a.body)
	}
	if a := post(); a.at("Customer", "Id") != "1" || len(s.Customers()) != 1 {
		t.Errorf("again: %s, customers %d, want the first", a.body, len(s.Customers()))
	}
}

func TestSlowCalls(t *testing.T) {
	for _, row := range []struct {
		name string
		kind quickbookstest.FaultKind
		done bool // before its delay is over
	}{
		{"works late", quickbookstest.Slow, false},
		{"answers late", quickbookstest.SlowAnswer, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, quickbookstest.Switches{})
				r.AddFault(quickbookstest.Fault{Kind: row.kind, Delay: 2 * time.Minute})
				begun := time.Now()
				answered := make(chan result)
				go func() { answered <- r.post("customer", object{"DisplayName": "Alpha"}) }()
				time.Sleep(time.Minute)
				synctest.Wait()
				if done := len(r.Customers()) == 1; done != row.done {
					t.Errorf("after a minute: done %t, want %t", done, row.done)
				}
				if a := <-answered; a.status != 200 || time.Since(begun) != 2*time.Minute {
					t.Errorf("answer %d after %s, want 200 after 2 minutes", a.status, time.Since(begun))
				}
			})
		})
	}
}

func TestAppliedLate(t *testing.T) {
	var later []func()
	s := quickbookstest.New(quickbookstest.Options{After: func(_ time.Duration, f func()) { later = append(later, f) }})
	r := &rig{s, t, http.Client{Transport: s.RoundTripper()}}
	r.AddFault(quickbookstest.Fault{Kind: quickbookstest.AppliedLate, Delay: time.Hour})
	if a := r.post("customer", object{"DisplayName": "Alpha"}); a.err == nil || len(r.Customers()) != 0 || r.PendingLate() != 1 {
		t.Fatalf("got %+v with %d customers, want a cut connection and nothing done", a, len(r.Customers()))
	}
	later[0]()
	if calls := r.Journal(quickbookstest.JournalQuery{}); len(r.Customers()) != 1 || !calls[1].Late || !calls[1].Writes[0].Applied {
		t.Errorf("later: %+v", calls)
	}
}

func TestFaultsOfReads(t *testing.T) {
	newBooks := func(f quickbookstest.Fault) *rig {
		r := newRig(t, quickbookstest.Switches{})
		r.customer("Alpha")
		must(0, r.Person().EditCustomer("1", object{"Notes": "x"}))
		r.customer("Beta")
		r.AddFault(f)
		return r
	}
	r := newBooks(quickbookstest.Fault{Kind: quickbookstest.FalseDeleted, ID: "1", Entity: quickbookstest.Customer})
	rows := r.cdc("Customer", noon).block(0)["Customer"].([]any)
	if last := rows[len(rows)-1].(object); last["status"] != "Deleted" || last["Id"] != "1" || last["SyncToken"] != nil {
		t.Errorf("false-deleted by Id: %v", rows)
	}
	r = newBooks(quickbookstest.Fault{Kind: quickbookstest.FalseDeleted, Row: 1})
	rows = r.cdc("Customer", noon).block(0)["Customer"].([]any)
	if second := rows[1].(object); len(rows) != 2 || second["status"] != "Deleted" || r.get("customer/2").status != 200 {
		t.Errorf("false-deleted by row: %v", rows)
	}
	r = newBooks(quickbookstest.Fault{Kind: quickbookstest.StaleTokens})
	if a := r.query("SELECT * FROM Customer"); a.at("QueryResponse", "Customer", 0, "SyncToken") != "0" || r.get("customer/1").at("Customer", "SyncToken") != "1" {
		t.Errorf("stale-tokens: %s", a.body)
	}
	r = newBooks(quickbookstest.Fault{Kind: quickbookstest.Poison})
	if got := r.query("SELECT * FROM Customer").code(); got != "4002" {
		t.Errorf("poison: code %q, want 4002", got)
	}
	r = newBooks(quickbookstest.Fault{Kind: quickbookstest.BatchItem, Row: 1})
	a := r.post("batch", object{"BatchItemRequest": []any{object{"bId": "a", "Query": "select * from Customer"}, object{"bId": "b", "Query": "select * from Customer"}}})
	if a.at("BatchItemResponse", 0, "Fault") != nil || a.at("BatchItemResponse", 1, "Fault") == nil {
		t.Errorf("batch-item: %s", a.body)
	}
}

// A row that is touched while pages are read goes to the end, and another one slips through.
func TestTouchRowMovesARowBetweenPages(t *testing.T) {
	r := newRig(t, quickbookstest.Switches{})
	for _, name := range []string{"a", "b", "c", "d"} {
		r.customer(name)
		r.AdvanceClock(time.Minute)
	}
	r.AddFault(quickbookstest.Fault{Kind: quickbookstest.TouchRow, Row: 0})
	statement := "SELECT * FROM Customer ORDERBY MetaData.LastUpdatedTime MAXRESULTS 2"
	first := r.query(statement).ids(quickbookstest.Customer)
	second := r.query(strings.Replace(statement, "MAXRESULTS", "STARTPOSITION 3 MAXRESULTS", 1)).ids(quickbookstest.Customer)
	if diff := cmp.Diff([][]string{{"1", "2"}, {"4", "1"}}, [][]string{first, second}); diff != "" {
		t.Error(diff)
	}
}

func TestRandomFaultsRepeat(t *testing.T) {
	run := func() (kinds []quickbookstest.FaultKind) {
		r := newRig(t, quickbookstest.Switches{})
		r.SetRandomFaults(quickbookstest.RandomFaults{Seed: 3, Rate: 0.5, MaxDelay: time.Nanosecond, MaxLate: time.Nanosecond})
		for range 40 {
			r.query("SELECT * FROM Customer")
		}
		for _, c := range r.Journal(quickbookstest.JournalQuery{}) {
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
	if !strings.Contains(strings.Join(texts(first), " "), string(quickbookstest.SystemError)) {
		t.Errorf("kinds %v, want a system-error among them", first)
	}
}

func texts[T ~string](all []T) (out []string) {
	for _, one := range all {
		out = append(out, string(one))
	}
	return out
}

func TestACallerWhoLeft(t *testing.T) {
	r := newRig(t, quickbookstest.Switches{})
	r.AddFault(quickbookstest.Fault{Kind: quickbookstest.Slow, Delay: time.Hour})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	q, err := http.NewRequestWithContext(ctx, "GET", "https://quickbooks.example/", nil)
	if err != nil {
		t.Fatal(err)
	}
	if a := answerOf(r.client.Do(q)); a.err == nil {
		t.Errorf("got %+v, want an error", a)
	}
}
