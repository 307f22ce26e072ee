package signin_test

import (
	"context"
	"net/http/httptest"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/quickbooks/quickbookstest/signin"
)

// race lets two refreshes of one token be under way at the same time. The held one is the first to
// arrive; it is worked on first if its answer is held, else second.
func race(t *testing.T, s *intuit, token string, hold signin.FaultKind) (first, second reply) {
	s.AddFault(signin.Fault{Kind: hold, What: signin.Refresh})
	held := make(chan reply)
	go func() { held <- s.refresh(token) }()
	synctest.Wait()
	if n := s.Held(); n != 1 {
		t.Errorf("%d calls are held, want 1", n)
	}
	free := s.refresh(token)
	s.Release()
	if hold == signin.HoldAnswer {
		return <-held, free
	}
	return free, <-held
}

func TestRaceOfTwoRefreshes(t *testing.T) {
	for _, row := range []struct {
		name           string
		race           signin.Race
		refused        bool // the second
		shared         bool // both have the same refresh token
		firstStaysGood bool
	}{
		{"refused", signin.RaceRefused, true, false, true},
		{"same", signin.RaceSame, false, true, true},
		{"another", signin.RaceAnother, false, false, false},
	} {
		for _, hold := range []signin.FaultKind{signin.Hold, signin.HoldAnswer} {
			for _, young := range []bool{true, false} {
				t.Run(row.name+" "+string(hold)+map[bool]string{true: " young", false: " due"}[young], func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						s := open(t, signin.Switches{Race: row.race})
						old := s.connect().Refresh
						if !young {
							s.AdvanceClock(day)
						}
						a, b := race(t, s, old, hold)
						first := grant(t, a)
						if (first.Refresh == old) != young {
							t.Errorf("the first has the old token: %v, want %v", first.Refresh == old, young)
						}
						if row.refused {
							want(t, b, 400, bareGrant)
						} else if second := grant(t, b); (second.Refresh == first.Refresh) != row.shared || second.Access == first.Access {
							t.Errorf("the tokens are the same: %v, want %v", second.Refresh == first.Refresh, row.shared)
						}
						after := s.refresh(first.Refresh)
						if (after.status == 200) != row.firstStaysGood {
							t.Errorf("after the race the first token gives %d %s", after.status, after.body)
						}
						want := []signin.Overlap{{First: 4, Second: 5}}
						if diff := cmp.Diff(want, s.Overlaps()); diff != "" {
							t.Errorf("-want +got\n%s", diff)
						}
					})
				})
			}
		}
	}
}

// One after the other is no race, nor are two connections.
func TestNoRace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, signin.Switches{KeepOld: true})
		one, two := s.connect().Refresh, s.connect().Refresh
		s.AddFault(signin.Fault{Kind: signin.HoldAnswer, What: signin.Refresh})
		held := make(chan reply)
		go func() { held <- s.refresh(one) }()
		synctest.Wait()
		grant(t, s.refresh(two))
		s.Release()
		grant(t, <-held)
		grant(t, s.refresh(one))
		if got := s.Overlaps(); len(got) != 0 {
			t.Errorf("overlaps %v", got)
		}
	})
}

// slow is a connection whose caller has left and that the service has not closed yet.
type slow struct {
	*httptest.ResponseRecorder
	until chan struct{}
}

func (w slow) Write(b []byte) (int, error) {
	<-w.until
	return w.ResponseRecorder.Write(b)
}

// Who left before the second refresh came is not under way any more.
func TestCallerWhoLeftOverlapsNobody(t *testing.T) {
	for _, leaves := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			s := open(t, signin.Switches{})
			token := s.connect().Refresh
			ctx, leave := context.WithCancel(t.Context())
			defer leave()
			q := request(t, "POST", "https://intuit.test"+signin.TokenPath, form, values("grant_type", "refresh_token", "refresh_token", token).Encode())
			q.SetBasicAuth(appID, appSecret)
			w := slow{httptest.NewRecorder(), make(chan struct{})}
			go s.ServeHTTP(w, q.WithContext(ctx))
			synctest.Wait()
			if leaves {
				leave()
			}
			s.refresh(token)
			close(w.until)
			if got := len(s.Overlaps()); (got == 0) != leaves {
				t.Errorf("leaves %v: %d overlaps", leaves, got)
			}
		})
	}
}

// The first of a race lost its answer and the second's is in use: the old token is stale.
func TestStaleUseAfterARace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, signin.Switches{Race: signin.RaceAnother})
		old := s.connect().Refresh
		s.AdvanceClock(day)
		_, b := race(t, s, old, signin.HoldAnswer)
		if _, err := s.Check("Bearer "+grant(t, b).Access, s.Now()); err != nil || len(s.StaleUses()) != 0 {
			t.Errorf("Check: %v, stale uses %v", err, s.StaleUses())
		}
		want(t, s.refresh(old), 400, bareGrant)
		if got := s.StaleUses(); len(got) != 1 || got[0].Token != 1 {
			t.Errorf("stale uses %v, want one of token 1", got)
		}
	})
}
