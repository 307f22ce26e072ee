package quickbooks_test

import (
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/quickbooks"
)

// budgeted makes a rig in the middle of a month, whose clock it gives.
func budgeted(t *testing.T) (*rig, *time.Time) {
	t.Helper()
	r := connected(t)
	r.cfg.MonthlyReads = 100
	now := time.Date(2026, 11, 10, 12, 0, 0, 0, time.UTC)
	r.cfg.Now = func() time.Time { return now }
	g := r.grant()
	g.Until = now.AddDate(10, 0, 0)
	r.put(g)
	return r, &now
}

func made(t *testing.T, a *quickbooks.API) int {
	t.Helper()
	reads, err := a.Reads()
	if err != nil {
		t.Fatal(err)
	}
	return reads.Made
}

// A power cut never makes the count too small, and at most a block too large; a clean end keeps it exactly.
// What the vendor does not count, we don't.
func TestReadsAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _ := budgeted(t)
		a := r.open()
		for n := 1; n <= 60; n++ {
			if err := read(t, a); err != nil {
				t.Fatal(err)
			}
			if got := made(t, a); got != n {
				t.Fatalf("count %d after %d reads", got, n)
			}
			if got := made(t, r.open()); got < n || got > n+quickbooks.Block {
				t.Fatalf("count %d after %d reads and a power cut", got, n)
			}
		}
		if r.meter.saves > 60/quickbooks.Block+1 {
			t.Errorf("%d writes of the count for 60 reads", r.meter.saves)
		}
		if _, err := a.Write(t.Context(), "customer", "op", []byte(`{}`)); err != nil {
			t.Fatal(err)
		}
		r.v.api = func(*http.Request) said { return said{status: 400, body: faultBody("4001", "ValidationFault")} }
		if err := read(t, a); err == nil {
			t.Fatal("no error")
		}
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
		if got := made(t, r.open()); got != 60 {
			t.Errorf("count %d after a clean end, want 60", got)
		}
	})
}

// At 80 % the pause doubles, at 100 % only what a write needs is read, and a new month begins anew, by the
// vendor's day.
func TestAllowance(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, now := budgeted(t)
		r.cfg.CycleDay = 15
		a := r.open()
		for n := range 100 {
			if got, want := a.Thrift(), 1+n/80; got != want {
				t.Fatalf("thrift %d after %d of 100 reads, want %d", got, n, want)
			}
			if err := read(t, a); err != nil {
				t.Fatal(err)
			}
		}
		want{connectors.Unavailable, quickbooks.CodeAllowanceUsed, true}.check(t, read(t, a))
		if _, err := a.ReadForWrite(t.Context(), "customer/1", nil); err != nil {
			t.Errorf("the read that a write needs: %v", err)
		}
		if _, err := a.Write(t.Context(), "customer", "op", []byte(`{}`)); err != nil {
			t.Errorf("the write: %v", err)
		}
		*now = time.Date(2026, 11, 14, 23, 59, 59, 0, time.UTC)
		want{connectors.Unavailable, quickbooks.CodeAllowanceUsed, true}.check(t, read(t, r.open()))
		*now = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) // a clock that is not set yet
		want{connectors.Unavailable, quickbooks.CodeAllowanceUsed, true}.check(t, read(t, r.open()))
		*now = time.Date(2026, 11, 15, 0, 0, 0, 0, time.UTC)
		if err := read(t, a); err != nil || made(t, a) != 1 || a.Thrift() != 1 {
			t.Errorf("in the new month: %v, count %d", err, made(t, a))
		}
	})
}

// The vendor's month that is used up is no throttle: reads rest until it ends, but for a rare probe, also
// after a restart.
func TestMonthUsedUp(t *testing.T) {
	for _, tc := range []struct {
		name, body string
		after      int // answers until it is known
	}{
		{"said", `{"Fault":{"Error":[{"Message":"Monthly CorePlus quota exceeded","code":"3001"}],"type":"SERVICE"}}`, 1},
		{"found out", faultBody("3001", "SERVICE"), 5},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, now := budgeted(t)
				r.v.api = func(*http.Request) said { return said{status: 429, body: tc.body} }
				a := r.open()
				for n := 1; n < tc.after; n++ {
					want{connectors.RateLimited, quickbooks.CodeRateLimited, true}.check(t, read(t, a))
					*now = now.Add(15 * time.Minute)
				}
				err := read(t, a)
				want{connectors.RateLimited, quickbooks.CodeMonthUsed, true}.check(t, err)
				var e *connectors.Error
				if !errors.As(err, &e) || e.Retry != quickbooks.ProbeEvery {
					t.Errorf("wait %v, want %s", e.Retry, quickbooks.ProbeEvery)
				}
				sent := len(r.v.seen)
				*now = now.Add(quickbooks.ProbeEvery - time.Minute)
				for _, a := range []*quickbooks.API{a, r.open()} {
					want{connectors.RateLimited, quickbooks.CodeMonthUsed, true}.check(t, read(t, a))
					_, err := a.ReadForWrite(t.Context(), "customer/1", nil)
					want{connectors.RateLimited, quickbooks.CodeMonthUsed, true}.check(t, err)
				}
				if len(r.v.seen) != sent {
					t.Errorf("%d requests while the month is used up", len(r.v.seen)-sent)
				}
				*now = now.Add(time.Minute)
				want{connectors.RateLimited, quickbooks.CodeMonthUsed, true}.check(t, read(t, a))
				if len(r.v.seen) != sent+1 || made(t, a) != 0 {
					t.Errorf("%d probes, count %d; want 1 and none counted", len(r.v.seen)-sent, made(t, a))
				}
				r.v.api = func(*http.Request) said { return said{status: 200, body: `{}`} }
				*now = time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
				if err := read(t, a); err != nil {
					t.Errorf("in the new month: %v", err)
				}
			})
		})
	}
}

// A count that can't be kept allows no read; one that is damaged counts as what the month has come to.
func TestMeterFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _ := budgeted(t)
		r.meter.kept = []byte(`{"mon`)
		if got := made(t, r.open()); got != 31 {
			t.Errorf("count %d on the tenth at noon, want 31 of 100", got)
		}
		r.meter.kept, r.meter.fail = nil, errors.New("no space left")
		want{connectors.Unavailable, quickbooks.CodeMeter, true}.check(t, read(t, r.open()))
		if len(r.v.seen) != 0 {
			t.Error("a read was made that is not counted")
		}
	})
}
