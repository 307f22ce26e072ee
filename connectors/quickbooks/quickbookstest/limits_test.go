package quickbookstest_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/quickbooks/quickbookstest"
)

func limited(t *testing.T, l quickbookstest.Limits, w quickbookstest.Switches) *rig {
	r := newRig(t, w)
	r.SetLimits(l)
	return r
}

func TestRateLimits(t *testing.T) {
	for _, row := range []struct {
		name   string
		limits quickbookstest.Limits
		pause  time.Duration // before each call
		want   []int
	}{
		{"second", quickbookstest.Limits{PerSecond: 2}, 0, []int{200, 200, 429, 429}},
		{"spread over seconds", quickbookstest.Limits{PerSecond: 2}, time.Second / 2, []int{200, 200, 200, 200}},
		{"minute", quickbookstest.Limits{PerMinute: 3}, time.Second, []int{200, 200, 200, 429}},
		{"spread over minutes", quickbookstest.Limits{PerMinute: 3}, 20 * time.Second, []int{200, 200, 200, 200}},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := limited(t, row.limits, quickbookstest.Switches{})
			var got []int
			for range row.want {
				r.AdvanceClock(row.pause)
				got = append(got, r.query("SELECT * FROM Customer").status)
			}
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestBatchLimit(t *testing.T) {
	r := limited(t, quickbookstest.Limits{BatchPerMinute: 1}, quickbookstest.Switches{})
	batch := object{"BatchItemRequest": []any{object{"bId": "a", "Query": "select * from Customer"}}}
	if first, second, query := r.post("batch", batch).status, r.post("batch", batch).status, r.query("SELECT * FROM Item").status; first != 200 || second != 429 || query != 200 {
		t.Errorf("batch %d, batch %d, query %d, want 200, 429, 200", first, second, query)
	}
}

func TestTooManyAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := limited(t, quickbookstest.Limits{Concurrent: 1}, quickbookstest.Switches{})
		r.AddFault(quickbookstest.Fault{Kind: quickbookstest.Slow, Delay: time.Hour})
		first := make(chan result)
		go func() { first <- r.get("customer/1") }()
		synctest.Wait()
		if got := r.get("customer/1").status; got != 429 {
			t.Errorf("beside another: status %d, want 429", got)
		}
		<-first
		if got := r.get("customer/1").code(); got != "610" {
			t.Errorf("alone: code %q, want 610", got)
		}
	})
}

func TestA429HasManyForms(t *testing.T) {
	for _, row := range []struct {
		switches quickbookstest.Switches
		content  string
		part     string
		retry    string
	}{
		{quickbookstest.Switches{}, "application/xml", `<Fault type="SERVICE"><Error code="3001">`, ""},
		{quickbookstest.Switches{ThrottleBody: quickbookstest.ThrottleJSON, RetryAfter: true}, "application/json;charset=UTF-8", `"Fault":{"Error":[`, "60"},
		{quickbookstest.Switches{ThrottleBody: quickbookstest.ThrottleLower}, "application/json", `"fault":{"error":[`, ""},
	} {
		r := limited(t, quickbookstest.Limits{PerSecond: 1}, row.switches)
		r.get("customer/1")
		a := r.get("customer/1")
		if a.status != 429 || a.header.Get("Content-Type") != row.content || !strings.Contains(a.body, row.part) || a.header.Get("Retry-After") != row.retry {
			t.Errorf("%+v: %d %v %s", row.switches, a.status, a.header, a.body)
		}
	}
}

func TestTheMonthsReads(t *testing.T) {
	r := limited(t, quickbookstest.Limits{MonthlyReads: 3}, quickbookstest.Switches{})
	r.customer("Alpha")
	r.SpendReads(1)
	statuses := []int{r.get("customer/1").status, r.get("customer/99").status, r.query("SELECT * FROM Item").status, r.get("customer/1").status,
		r.post("customer", object{"DisplayName": "Beta"}).status}
	if diff := cmp.Diff([]int{200, 400, 200, 429, 200}, statuses); diff != "" {
		t.Errorf("reads that fail and writes are free: %s", diff)
	}
	r.AdvanceClock(time.Hour)
	if a := r.get("customer/1"); a.status != 429 || !strings.Contains(a.body, "monthly") {
		t.Errorf("an hour later: %d %s, want 429 of the month", a.status, a.body)
	}
	r.SetClock(time.Date(2026, 2, 1, 7, 0, 0, 0, time.UTC)) // still January in the product's zone
	if got := r.get("customer/1").status; got != 429 {
		t.Errorf("31 January: status %d, want 429", got)
	}
	r.SetClock(time.Date(2026, 2, 1, 9, 0, 0, 0, time.UTC))
	if got := r.get("customer/1").status; got != 200 || r.MonthReads() != 1 {
		t.Errorf("1 February: status %d with %d reads, want 200 with 1", got, r.MonthReads())
	}
	retries := r.EarlyRetries()
	if len(retries) == 0 || !retries[0].Quota {
		t.Errorf("retries: %+v, want those of the month", retries)
	}
}

func TestBatchQueriesAreMeteredOneByOne(t *testing.T) {
	for _, row := range []struct {
		metered bool
		want    int
	}{{false, 1}, {true, 2}} {
		r := newRig(t, quickbookstest.Switches{BatchMetered: row.metered})
		r.post("batch", object{"BatchItemRequest": []any{object{"bId": "a", "Query": "select * from Item"}, object{"bId": "b", "Query": "select * from Item"}}})
		if got := r.MonthReads(); got != row.want {
			t.Errorf("BatchMetered %t: %d reads, want %d", row.metered, got, row.want)
		}
	}
}

func TestEarlyRetriesAreSeen(t *testing.T) {
	for _, row := range []struct {
		name  string
		pause time.Duration
		want  int
	}{{"at once", 0, 1}, {"after 59 s", 59 * time.Second, 1}, {"after 60 s", time.Minute, 0}} {
		r := newRig(t, quickbookstest.Switches{})
		r.AddFault(quickbookstest.Fault{Kind: quickbookstest.Throttle})
		r.query("SELECT * FROM Item")
		r.AdvanceClock(row.pause)
		r.query("SELECT * FROM Item")
		if got := len(r.EarlyRetries()); got != row.want {
			t.Errorf("%s: %d, want %d", row.name, got, row.want)
		}
	}
}
