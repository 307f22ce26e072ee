package signin_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/quickbooks/quickbookstest/signin"
)

// What the caller sees of a refresh that breaks, and whether tokens were made.
func TestBrokenRefresh(t *testing.T) {
	for _, row := range []struct {
		name   string
		fault  signin.Fault
		status int    // 0: the connection is cut
		text   string // in the body
		done   bool
	}{
		{"503", signin.Fault{Kind: signin.Status}, 503, "<h1>503 Service Unavailable</h1>", false},
		{"504", signin.Fault{Kind: signin.Status, Status: 504}, 504, "<h1>504 Gateway Timeout</h1>", false},
		{"503 and done", signin.Fault{Kind: signin.Status, Done: true}, 503, "<h1>503", true},
		{"a page", signin.Fault{Kind: signin.HTML200}, 200, "<html>", false},
		{"200 without a token", signin.Fault{Kind: signin.NoToken}, 200, bareGrant, false},
		{"cut before", signin.Fault{Kind: signin.CloseBefore}, 0, "", false},
		{"cut after", signin.Fault{Kind: signin.CloseAfter}, 0, "", true},
		{"cut body", signin.Fault{Kind: signin.CutBody, Keep: 30}, 0, "", true},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := open(t, signin.Switches{})
			token := s.connect().Refresh
			s.AddFault(row.fault)
			a := s.refresh(token)
			if row.status == 0 {
				lost(t, a)
			} else if want(t, a, row.status, ""); !strings.Contains(a.body, row.text) {
				t.Errorf("got %q, want %q in it", a.body, row.text)
			}
			calls := s.Journal(signin.Refresh)
			if c := calls[0]; c.Done != row.done || c.Outcome != signin.Faulted || c.Fault != row.fault.Kind || c.Lost != (row.status == 0) {
				t.Errorf("journal %+v, want done %v", c, row.done)
			}
			grant(t, s.refresh(token)) // within 24 hours the same token is good once more
		})
	}
}

func TestCutBodyHasAPart(t *testing.T) {
	s := open(t, signin.Switches{})
	token := s.connect().Refresh
	s.AddFault(signin.Fault{Kind: signin.CutBody, Keep: 11})
	a := s.refresh(token)
	if a.err == nil || a.status != 200 || len(a.body) != 11 {
		t.Errorf("got %d %q err %v, want 11 bytes and an error", a.status, a.body, a.err)
	}
}

// A lost answer in the first 24 hours costs nothing; with a new token in it the connection is severed.
func TestRotateThenDropTheConnection(t *testing.T) {
	for _, row := range []struct {
		name    string
		kind    signin.FaultKind
		after   time.Duration
		severed bool
	}{
		{"dropped, young", signin.CloseAfter, 0, false},
		{"dropped, due", signin.CloseAfter, day, true},
		{"rotated and dropped, young", signin.RotateAndDrop, 0, true},
		{"rotated and dropped, due", signin.RotateAndDrop, day, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := open(t, signin.Switches{})
			token := s.connect().Refresh
			s.AdvanceClock(row.after)
			s.AddFault(signin.Fault{Kind: row.kind, What: signin.Refresh})
			lost(t, s.refresh(token))
			if row.severed {
				want(t, s.refresh(token), 400, bareGrant)
			} else {
				grant(t, s.refresh(token))
			}
			if n := s.Counters(); n.Lost[signin.Refresh] != 1 || (n.Rotations == 1) != row.severed {
				t.Errorf("counters %+v", n)
			}
			if got := s.StaleUses(); len(got) != 0 {
				t.Errorf("stale uses %v: the caller never had the new token", got)
			}
		})
	}
}

// A caller that gives up does not stop the work, and its next refresh is no overlap.
func TestCallerLeaves(t *testing.T) {
	for _, kind := range []signin.FaultKind{signin.Hold, signin.HoldAnswer} {
		synctest.Test(t, func(t *testing.T) {
			s := open(t, signin.Switches{})
			token := s.connect().Refresh
			s.AddFault(signin.Fault{Kind: kind})
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			q := request(t, "POST", "https://intuit.test"+signin.TokenPath, form, values("grant_type", "refresh_token", "refresh_token", token).Encode())
			q.SetBasicAuth(appID, appSecret)
			if a := send(t, s.http, q.WithContext(ctx)); !errors.Is(a.err, context.DeadlineExceeded) {
				t.Errorf("%s: got %v", kind, a.err)
			}
			grant(t, s.refresh(token))
			if c := s.Journal(signin.Refresh)[0]; !c.Done || !c.Lost || len(s.Overlaps()) != 0 || s.Held() != 0 {
				t.Errorf("%s: journal %+v, overlaps %v, held %d", kind, c, s.Overlaps(), s.Held())
			}
		})
	}
}

func TestScriptOfFaults(t *testing.T) {
	s := open(t, signin.Switches{})
	token := s.connect().Refresh
	s.AddFault(signin.Fault{Kind: signin.Status, What: signin.Revoke, Count: -1})
	s.AddFault(signin.Fault{Kind: signin.Status, What: signin.Refresh, Skip: 1, Count: 2})
	got := []int{}
	for range 4 {
		got = append(got, s.refresh(token).status)
	}
	if diff := cmp.Diff([]int{200, 503, 503, 200}, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if f := s.Faults(); len(f) != 1 || f[0].What != signin.Revoke {
		t.Errorf("faults that wait: %+v", f)
	}
	s.ClearFaults()
	if f := s.Faults(); len(f) != 0 {
		t.Errorf("faults after clearing: %+v", f)
	}
}

// The same seed breaks the same calls alike, and what breaks is survived on the first day.
func TestFaultsByChance(t *testing.T) {
	run := func(seed uint64) (kinds []signin.FaultKind) {
		s := open(t, signin.Switches{})
		token := s.connect().Refresh
		s.SetRandomFaults(signin.RandomFaults{Seed: seed, Rate: 0.5})
		for range 200 {
			s.refresh(token)
		}
		s.SetRandomFaults(signin.RandomFaults{})
		grant(t, s.refresh(token))
		for _, c := range s.Journal() {
			kinds = append(kinds, c.Fault)
		}
		return kinds
	}
	first := run(1)
	if diff := cmp.Diff(first, run(1)); diff != "" {
		t.Errorf("the same seed: -first +second\n%s", diff)
	}
	if cmp.Equal(first, run(2)) {
		t.Error("another seed breaks the same calls")
	}
	seen := map[signin.FaultKind]int{}
	for _, k := range first {
		seen[k]++
	}
	if len(seen) != 7 || seen[""] < 60 || seen[""] > 150 {
		t.Errorf("kinds %v", seen)
	}
}
