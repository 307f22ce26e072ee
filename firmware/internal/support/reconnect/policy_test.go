package reconnect_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"syncbox/firmware/internal/support/reconnect"
)

const (
	s   = time.Second
	m   = time.Minute
	fit = 120 * s // the spread of 100,000 boxes
)

// lost gives the wait after a connection that held for age was lost.
func lost(age time.Duration, why reconnect.Cause) func(*reconnect.Policy) time.Duration {
	return func(p *reconnect.Policy) time.Duration {
		p.Connected(7 * m)
		return p.Lost(7*m+age, why)
	}
}

func failed(why reconnect.Cause) func(*reconnect.Policy) time.Duration {
	return func(p *reconnect.Policy) time.Duration { return p.Failed(why) }
}

// after lets the first thing happen, and gives the wait of the second.
func after(first, second func(*reconnect.Policy) time.Duration) func(*reconnect.Policy) time.Duration {
	return func(p *reconnect.Policy) time.Duration { first(p); return second(p) }
}

// TestWaits holds every row of the table against the smallest, the greatest and many drawn numbers.
func TestWaits(t *testing.T) {
	rows := []struct {
		name        string
		spread      time.Duration
		wait        func(*reconnect.Policy) time.Duration
		least, most time.Duration
	}{
		{"first attempt after the start", fit, (*reconnect.Policy).Boot, 0, fit},
		{"first attempt, small fleet", 0, (*reconnect.Policy).Boot, 0, 0},
		{"attempt failed", fit, failed(reconnect.Unknown), 100 * s, 280 * s},
		{"attempt failed by our own network", fit, failed(reconnect.Own), 100 * s, 280 * s},
		{"attempt failed, small fleet", 0, failed(reconnect.Unknown), 30 * s, 300 * s},
		{"attempt failed, fleet of a few thousand", 12 * s, failed(reconnect.Unknown), 30 * s, 298 * s},
		{"attempt failed, middling fleet", 60 * s, failed(reconnect.Unknown), 50 * s, 290 * s},
		{"attempt failed, huge fleet", 6 * m, failed(reconnect.Unknown), 5 * m, 14 * m},
		{"second attempt failed", fit, after(failed(reconnect.Unknown), failed(reconnect.Unknown)), 100 * s, 280 * s},
		{"not let in", fit, failed(reconnect.Refused), 5 * m, 30 * m},
		{"not let in twice", 0, after(failed(reconnect.Refused), failed(reconnect.Refused)), 5 * m, 30 * m},
		{"failed after having been refused", fit, after(failed(reconnect.Refused), failed(reconnect.Unknown)), 100 * s, 280 * s},
		{"lost", fit, lost(5*m, reconnect.Unknown), 0, fit},
		{"lost after a day", fit, lost(24*time.Hour, reconnect.Unknown), 0, fit},
		{"lost, nearly single", 4 * s, lost(11*m, reconnect.Unknown), 0, 4 * s},
		{"single drop", fit, lost(11*m, reconnect.Own), 500 * time.Millisecond, 3 * s},
		{"single drop, small fleet", 3 * s, lost(11*m, reconnect.Unknown), 500 * time.Millisecond, 3 * s},
		{"single drop, no spread", 0, lost(11*m, reconnect.Unknown), 500 * time.Millisecond, 3 * s},
		{"dropped again within ten minutes", fit, lost(10*m, reconnect.Own), 0, fit},
		{"dropped again, small fleet", 2 * s, lost(9*m, reconnect.Unknown), 0, 2 * s},
		{"the short wait comes once", fit, after(lost(11*m, reconnect.Own), failed(reconnect.Unknown)), 100 * s, 280 * s},
		{"thrown out", fit, lost(11*m, reconnect.Refused), 5 * m, 30 * m},
		{"closed at once", 0, lost(59*s, reconnect.Unknown), 30 * s, 300 * s},
		{"ended by itself at once", fit, lost(59*s, reconnect.Own), 500 * time.Millisecond, 3 * s},
		{"ended by itself at once, small fleet", 0, lost(0, reconnect.Own), 500 * time.Millisecond, 3 * s},
		{"ended by itself at once, twice", fit, after(lost(m-s, reconnect.Own), lost(m-s, reconnect.Own)), 100 * s, 280 * s},
		{"ended by itself at once, and later again", fit, after(after(lost(0, reconnect.Own), lost(m, reconnect.Unknown)), lost(0, reconnect.Own)), 500 * time.Millisecond, 3 * s},
		{"ended by itself at once, failed, and again", 0, after(after(lost(0, reconnect.Own), failed(reconnect.Unknown)), lost(0, reconnect.Own)), 500 * time.Millisecond, 3 * s},
		{"held for a minute", fit, lost(60*s, reconnect.Unknown), 0, fit},
		{"told lost without a connection", fit, func(p *reconnect.Policy) time.Duration { return p.Lost(time.Hour, reconnect.Own) }, 100 * s, 280 * s},
		{"told lost twice", fit, after(lost(11*m, reconnect.Unknown), func(p *reconnect.Policy) time.Duration { return p.Lost(time.Hour, reconnect.Own) }), 100 * s, 280 * s},
		{"fleet tells nonsense", -s, (*reconnect.Policy).Boot, 0, 0},
		{"fleet tells too much", 1000 * time.Hour, (*reconnect.Policy).Boot, 0, reconnect.MaxSpread},
		{"fleet tells anew", 0, func(p *reconnect.Policy) time.Duration { p.SetSpread(9 * s); return p.Boot() }, 0, 9 * s},
	}
	smallest, greatest := func(int64) int64 { return 0 }, func(n int64) int64 { return n - 1 }
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			if got := row.wait(reconnect.New(row.spread, smallest)); got != row.least {
				t.Errorf("least wait: got %v, want %v", got, row.least)
			}
			if got := row.wait(reconnect.New(row.spread, greatest)); got != row.most {
				t.Errorf("greatest wait: got %v, want %v", got, row.most)
			}
			halfway, sum, n := rand.New(rand.NewPCG(1, 2)), time.Duration(0), time.Duration(2000)
			for range n {
				sum += row.wait(reconnect.New(row.spread, halfway.Int64N))
			}
			if got, want, off := sum/n, (row.least+row.most)/2, (row.most-row.least)/20; got < want-off || got > want+off {
				t.Errorf("mean of %d waits: got %v, want %v ± %v: not drawn evenly", n, got, want, off)
			}
		})
	}
}
