package engine_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/engine"
)

// scarce is an ERP that asks to be looked at less often.
type scarce struct {
	erpSide
	pause time.Duration
	asked []time.Duration
}

func (s *scarce) Pause(usual time.Duration) time.Duration {
	s.asked = append(s.asked, usual)
	return s.pause
}

// bubble is the clock of a bubble.
type bubble struct{ begin time.Time }

func (bubble) Now() time.Time                         { return time.Now() }
func (b bubble) Steady() time.Duration                { return time.Since(b.begin) }
func (bubble) After(d time.Duration) <-chan time.Time { return time.After(d) }

// spared is a world whose ERP asks for a pause, with one customer on both sides, in the bubble of a test.
type spared struct {
	*world
	erp     *scarce
	account record.Key
	begin   time.Time
}

func newSpared(t *testing.T, pause time.Duration) *spared {
	w := newWorld(t, true)
	s := &spared{world: w, erp: &scarce{erpSide: erpSide{w.erp}, pause: pause}, begin: time.Now()}
	w.simple = s.erp
	s.account = w.customer(1, "Exemple inc.")
	must(t, w.build(w.crm, bubble{s.begin}))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- w.engine.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		must(t, <-ended)
	})
	synctest.Wait()
	return s
}

// until lets time pass until so long after the begin.
func (s *spared) until(d time.Duration) {
	time.Sleep(time.Until(s.begin.Add(d)))
	synctest.Wait()
}

// inCRM is the customer in the CRM.
func (s *spared) inCRM() *record.Record { return s.byExternal(record.Account, "CU1") }

// An ERP whose looks are scarce is looked at no more often than it asks for; the CRM keeps its pace. What somebody changes in
// the CRM is in the ERP after the next cycle, and what changes in the ERP is told by its next look.
func TestSparedERP(t *testing.T) {
	for _, tt := range []struct {
		name     string
		pause    time.Duration
		erp, crm int // looks within four hours
	}{
		{"in no need of it", 0, 17, 17},
		{"less than the interval", time.Minute, 17, 17},
		{"two hours", 2 * time.Hour, 3, 17},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSpared(t, tt.pause)
				s.until(20 * time.Minute)
				s.crm.put(record.Account, s.inCRM().Key, record.Fields{"City": text("Matane")})
				s.until(31 * time.Minute)
				if got := s.erp.records[record.Account][s.account].Fields["city"].Text; got != "Matane" {
					t.Errorf("an edit in the CRM eleven minutes ago: the ERP has %q, want Matane", got)
				}
				s.side(s.account, "Rimouski")
				s.until(4*time.Hour + time.Minute)
				if got := s.inCRM().Fields["City"].Text; got != "Rimouski" {
					t.Errorf("an edit in the ERP more than %s ago: the CRM has %q, want Rimouski", tt.pause, got)
				}
				if s.erp.looks != tt.erp || s.crm.looks != tt.crm {
					t.Errorf("looks at the ERP and at the CRM: %d and %d, want %d and %d", s.erp.looks, s.crm.looks, tt.erp, tt.crm)
				}
				if len(s.erp.asked) == 0 || s.erp.asked[0] != 15*time.Minute {
					t.Errorf("it was told of %v, want the interval", s.erp.asked)
				}
			})
		})
	}
}

// side edits the customer in the ERP.
func (s *spared) side(k record.Key, city string) {
	s.erp.put(record.Account, k, record.Fields{"city": text(city)})
}

// Both sides changed while the ERP was spared: the edit in the CRM has the record read there, so that the conflict is seen
// and not written over.
func TestSparedERPConflict(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSpared(t, 2*time.Hour)
		s.until(20 * time.Minute)
		s.side(s.account, "Rimouski")
		s.crm.put(record.Account, s.inCRM().Key, record.Fields{"City": text("Matane")})
		s.until(31 * time.Minute)
		if s.erp.looks != 1 {
			t.Errorf("%d looks at the ERP, want one", s.erp.looks)
		}
		if got := s.erp.records[record.Account][s.account].Fields["city"].Text; got != s.inCRM().Fields["City"].Text {
			t.Errorf("the ERP has %q, the CRM %q", got, s.inCRM().Fields["City"].Text)
		}
		if !s.told("conflict-settled") {
			t.Errorf("no conflict in %v", s.journal())
		}
	})
}

func (s *spared) told(code string) bool {
	for _, c := range s.journal() {
		if c == code {
			return true
		}
	}
	return false
}

// A look that failed is done again in the next cycle, and a person who wants a run is not put off.
func TestSparedERPIsLookedAtWhenAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSpared(t, 2*time.Hour)
		s.until(20 * time.Minute)
		must(t, s.engine.Do(t.Context(), engine.Force, ""))
		synctest.Wait()
		if s.erp.looks != 2 {
			t.Errorf("a person wants a run: %d looks at the ERP, want 2", s.erp.looks)
		}
		s.until(40 * time.Minute)
		if s.erp.looks != 2 {
			t.Errorf("a cycle later: %d looks at the ERP, want 2", s.erp.looks)
		}
		s.erp.observeErr = connectors.Errorf(connectors.Unavailable, "qbo-unreachable", "no answer")
		must(t, s.engine.Do(t.Context(), engine.Force, ""))
		synctest.Wait()
		s.erp.observeErr = nil
		s.side(s.account, "Rimouski")
		s.until(56 * time.Minute)
		if got := s.inCRM().Fields["City"].Text; got != "Rimouski" || s.erp.looks != 4 {
			t.Errorf("after a look that failed: the CRM has %q after %d looks, want Rimouski after 4", got, s.erp.looks)
		}
	})
}
