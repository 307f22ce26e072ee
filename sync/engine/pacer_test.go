package engine_test

import (
	"testing"
	"time"

	"syncbox/connectors"
)

// sparing is an ERP that asks for a pause.
type sparing struct {
	erpSide
	pause time.Duration
	asked []time.Duration
}

func (s *sparing) Pause(usual time.Duration) time.Duration {
	s.asked = append(s.asked, usual)
	return s.pause
}

// An ERP whose looks are scarce is looked at less often than the schedule says, never more often. Of one that is looked at on demand,
// nobody is told a time.
func TestPacer(t *testing.T) {
	for _, tt := range []struct{ asks, want time.Duration }{
		{0, 15 * time.Minute}, {time.Minute, 15 * time.Minute}, {2 * time.Hour, 2 * time.Hour}, {connectors.Never, connectors.Never},
	} {
		w := newWorld(t, true)
		erp := &sparing{erpSide: erpSide{w.erp}, pause: tt.asks}
		w.simple = erp
		if got := w.runOnce(); got != tt.want {
			t.Errorf("the ERP asks for %s: the next look in %s, want %s", tt.asks, got, tt.want)
		}
		if len(erp.asked) == 0 || erp.asked[0] != 15*time.Minute {
			t.Errorf("it was told of %v, want the interval", erp.asked)
		}
		onDemand := tt.asks == connectors.Never
		if s := w.engine.Status(); s.OnDemand != onDemand || s.Next.IsZero() != onDemand {
			t.Errorf("the ERP asks for %s: on demand %v, next at %s", tt.asks, s.OnDemand, s.Next)
		}
	}
}
