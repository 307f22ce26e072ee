package outlooktest_test

import (
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"syncbox/connectors/outlook/outlooktest"
)

// four calls may be at work for one mailbox; a fifth is refused, one for another mailbox is not.
func TestConcurrency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, outlooktest.Switches{})
		r.AddFault(outlooktest.Fault{Kind: outlooktest.Slow, Delay: time.Minute, Count: 4})
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() { r.get("contacts") })
		}
		synctest.Wait()
		a := r.get("contacts")
		if a.status != 429 || a.code() != "ApplicationThrottled" || a.text("error", "message") != "Application is over its MailboxConcurrency limit." || a.header.Get("Retry-After") != "5" {
			t.Errorf("the fifth: %d %s, Retry-After %q", a.status, a.body, a.header.Get("Retry-After"))
		}
		if b := r.get("https://graph.example/v1.0/users/" + bob + "/contacts"); b.status != 200 {
			t.Errorf("another mailbox: %d, want 200", b.status)
		}
		wg.Wait()
		if a := r.get("contacts"); a.status != 200 {
			t.Errorf("later: %d, want 200", a.status)
		}
		if got := r.Counters(); got.Throttled != 1 || got.PeakConcurrent != 5 {
			t.Errorf("counters: %+v", got)
		}
	})
}

// Each position of the switch is how a refusal says when to come back. What is refused does not count.
func TestRateAndRetryAfter(t *testing.T) {
	for position, want := range map[string]string{outlooktest.RetrySeconds: "540", outlooktest.RetryDate: "Mon, 12 Jan 2026 09:10:01 GMT", outlooktest.RetryAbsent: ""} {
		t.Run(position, func(t *testing.T) {
			r := newRig(t, outlooktest.Switches{RetryAfter: position})
			limits := outlooktest.StandardLimits
			limits.PerTenMinutes = 3
			r.SetLimits(limits)
			for range 3 {
				r.get("contacts")
			}
			r.AdvanceClock(time.Minute)
			for range 2 {
				if a := r.get("contacts"); a.status != 429 || a.header.Get("Retry-After") != want {
					t.Errorf("the fourth: %d, Retry-After %q, want 429 %q", a.status, a.header.Get("Retry-After"), want)
				}
			}
			if got := len(r.EarlyRetries()); (got > 0) != (position != outlooktest.RetryAbsent) {
				t.Errorf("%d early retries", got)
			}
			r.AdvanceClock(9 * time.Minute)
			if a := r.get("contacts"); a.status != 200 {
				t.Errorf("after ten minutes: %d, want 200", a.status)
			}
		})
	}
}

func TestStandardLimits(t *testing.T) {
	want := outlooktest.Limits{Concurrent: 4, PerTenMinutes: 10000, UploadBytes: 157286400, BatchItems: 20}
	if outlooktest.StandardLimits != want {
		t.Errorf("got %+v, want %+v", outlooktest.StandardLimits, want)
	}
}

func TestUploads(t *testing.T) {
	r := newRig(t, outlooktest.Switches{})
	r.SetLimits(outlooktest.Limits{UploadBytes: 60})
	r.made("contacts", object{"surname": "0123456789012345678901234567890"})
	if a := r.do("POST", "contacts", object{"surname": "0123456789"}); a.status != 429 || a.header.Get("Retry-After") != "300" {
		t.Errorf("too much: %d, Retry-After %q", a.status, a.header.Get("Retry-After"))
	}
	r.AdvanceClock(5 * time.Minute)
	if a := r.do("POST", "contacts", object{"surname": "0123456789"}); a.status != 201 {
		t.Errorf("later: %d, want 201", a.status)
	}
}

const batch = "https://graph.example/v1.0/$batch"

func step(id, method, url string, more ...object) object {
	out := object{"id": id, "method": method, "url": "/users/" + alice + "/" + url}
	for _, m := range more {
		for name, v := range m {
			out[name] = v
		}
	}
	return out
}

var jsonHeaders = object{"Content-Type": "application/json"}

func TestBatch(t *testing.T) {
	r := newRig(t, outlooktest.Switches{})
	id := r.made("contacts", object{"surname": "A"})
	mark := r.Mark()
	a := r.do("POST", batch, object{"requests": []any{
		step("1", "GET", "contacts/"+id, object{"headers": object{"Prefer": `IdType="ImmutableId"`}}),
		step("2", "GET", "contacts/AAAAAAAAAAAA"),
		step("3", "POST", "contacts", object{"headers": jsonHeaders, "body": object{"surname": "B"}, "dependsOn": []any{"2"}}),
		step("4", "POST", "contacts", object{"headers": jsonHeaders, "body": object{"surname": "C"}, "dependsOn": []any{"1"}}),
		step("5", "DELETE", "contacts/"+id, object{"headers": object{"Prefer": `IdType="ImmutableId"`}}),
		object{"id": "6", "method": "GET", "url": "/users/carol@contoso.example/contacts"},
	}})
	want := []float64{200, 404, 424, 201, 204, 404}
	for i, status := range want {
		if a.at("responses", i, "status") != status {
			t.Errorf("%v: %v, want %v", a.at("responses", i, "id"), a.at("responses", i), status)
		}
	}
	if a.status != 200 || a.at("responses", 0, "body", "surname") != "A" || len(r.Items(alice, outlooktest.Contact)) != 1 {
		t.Errorf("batch: %d %s", a.status, a.body)
	}
	calls := r.Journal(outlooktest.JournalQuery{After: mark})
	if len(calls) != 7 || calls[0].Batch != calls[6].Seq || calls[6].Op != outlooktest.OpBatch {
		t.Errorf("journal: %v", calls)
	}
}

func TestBatchRefusals(t *testing.T) {
	r := newRig(t, outlooktest.Switches{})
	many := func(n int) (out []any) {
		for i := range n {
			out = append(out, step(string(rune('a'+i)), "GET", "contacts"))
		}
		return out
	}
	for name, body := range map[string]object{
		"21 calls": {"requests": many(21)}, "none": {"requests": []any{}}, "an id twice": {"requests": []any{step("a", "GET", "contacts"), step("A", "GET", "contacts")}},
		"no url": {"requests": []any{object{"id": "1", "method": "GET"}}}, "body without headers": {"requests": []any{step("1", "POST", "contacts", object{"body": object{}})}},
		"depends on nothing": {"requests": []any{step("1", "GET", "contacts", object{"dependsOn": []any{"2"}})}},
	} {
		if a := r.do("POST", batch, body); a.status != 400 {
			t.Errorf("%s: %d %s, want 400", name, a.status, a.body)
		}
	}
	if a := r.do("POST", batch, object{"requests": many(20)}); a.status != 200 || len(a.at("responses").([]any)) != 20 {
		t.Errorf("20 calls: %d", a.status)
	}
	if a := r.get(batch); a.status != http.StatusMethodNotAllowed {
		t.Errorf("GET: %d, want 405", a.status)
	}
}

// Four calls of a batch run at once; beside another call the fourth finds no place.
func TestBatchBesideAnotherCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, outlooktest.Switches{})
		r.AddFault(outlooktest.Fault{Kind: outlooktest.Slow, Delay: time.Minute})
		var wg sync.WaitGroup
		wg.Go(func() { r.get("contacts") })
		synctest.Wait()
		a := r.do("POST", batch, object{"requests": []any{step("1", "GET", "contacts"), step("2", "GET", "contacts"), step("3", "GET", "contacts"), step("4", "GET", "contacts")}})
		for i, want := range []float64{200, 200, 200, 429} {
			if got := a.at("responses", i, "status"); got != want {
				t.Errorf("%d: %v, want %v", i+1, got, want)
			}
		}
		if a.text("responses", 3, "headers", "Retry-After") != "5" {
			t.Errorf("the refused one: %v", a.at("responses", 3))
		}
		wg.Wait()
		if a := r.do("POST", batch, object{"requests": []any{step("1", "GET", "contacts")}}); a.at("responses", 0, "status") != 200.0 {
			t.Errorf("later: %s", a.body)
		}
	})
}
