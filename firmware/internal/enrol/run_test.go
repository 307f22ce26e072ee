package enrol_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"syncbox/firmware/internal/enrol"
)

// running starts the box anew and runs its part, in a time of its own, while story is told. pass lets time go by for everybody; the
// server is outside.
func (r *rig) running(story func(pass func(time.Duration))) {
	synctest.Test(r.t, func(t *testing.T) {
		r.reopen()
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- r.Run(ctx) }()
		synctest.Wait()
		story(func(d time.Duration) {
			for ; d > 0; d -= time.Hour {
				r.pass(min(d, time.Hour))
				time.Sleep(min(d, time.Hour))
				synctest.Wait()
			}
		})
		cancel()
		must(t, <-ended)
	})
	r.reopen()
}

// times gives how often the server was asked for something since the last time.
func (f *fake) times(operation string) (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, o := range f.asked {
		if o == operation {
			n++
		}
	}
	f.asked = nil
	return n
}

// A certificate is renewed once, when it is due.
func TestRunRenews(t *testing.T) {
	r := enrolled(t)
	f := r.newFake(r.ca)
	due := r.Status().Renewal
	r.running(func(pass func(time.Duration)) {
		pass(due.Sub(r.time()) - 2*time.Hour)
		if n := f.times("simplereenroll"); n != 0 || r.changed.Load() != 1 {
			t.Errorf("asked %d times before, %d changes", n, r.changed.Load())
		}
		pass(3 * time.Hour)
		if n := f.times("simplereenroll"); n != 1 || r.changed.Load() != 2 {
			t.Errorf("asked %d times, %d changes", n, r.changed.Load())
		}
		pass(10 * day) // the broker is away: nothing has connected
		if n := f.times("simplereenroll"); n != 0 {
			t.Errorf("asked %d times more", n)
		}
	})
	if got := r.connects(); !got.After(later(240 * day)) {
		t.Errorf("the certificate until %s", got)
	}
}

// Where the server makes the box wait, it asks when it was told to, across a restart too.
func TestRunWaitsForTheServer(t *testing.T) {
	r := newRig(t)
	f := r.newFake(r.ca)
	refuse := func(w http.ResponseWriter, req *http.Request) bool {
		if strings.HasSuffix(req.URL.Path, "cacerts") {
			return false
		}
		w.Header().Set("Retry-After", "18000")
		w.WriteHeader(http.StatusAccepted)
		return true
	}
	f.hurdle = refuse
	must(t, r.Install(nil, r.ca.Certificate()))
	must(t, r.Claim(serial, code))
	r.running(func(pass func(time.Duration)) {
		if n := f.times("simpleenroll"); n != 1 {
			t.Errorf("asked %d times at once", n)
		}
		pass(24 * time.Hour)
		if n := f.times("simpleenroll"); n != 4 {
			t.Errorf("asked %d times in a day, want 4", n)
		}
		if got := r.Conditions(); !slices.Contains(got, string(enrol.Waiting)) {
			t.Errorf("conditions %q", got)
		}
	})
	f.hurdle = nil
	r.running(func(func(time.Duration)) {
		if n := f.times("simpleenroll"); n != 1 {
			t.Errorf("asked %d times after a start", n)
		}
	})
	if got := r.connects(); !got.Equal(later(24 * time.Hour)) {
		t.Errorf("the certificate until %s", got)
	}
}

// A server that is about to decide is asked as soon as it says, but not without end.
func TestRunWaitsForSeconds(t *testing.T) {
	r := newRig(t)
	f := r.newFake(r.ca)
	f.hurdle = func(w http.ResponseWriter, req *http.Request) bool {
		if strings.HasSuffix(req.URL.Path, "cacerts") {
			return false
		}
		w.Header().Set("Retry-After", "2")
		w.WriteHeader(http.StatusAccepted)
		return true
	}
	must(t, r.Install(nil, r.ca.Certificate()))
	must(t, r.Claim(serial, code))
	r.running(func(pass func(time.Duration)) {
		pass(19 * time.Second)
		if n := f.times("simpleenroll"); n != 10 {
			t.Errorf("asked %d times in 19 seconds, want 10", n)
		}
		pass(10 * time.Minute)
		if n := f.times("simpleenroll"); n != 20 {
			t.Errorf("asked %d times in ten minutes, want 20", n)
		}
	})
}

// A wrong label is not shown again and again; the right one at once.
func TestRunIsRefused(t *testing.T) {
	r := newRig(t)
	f := r.newFake(r.ca)
	must(t, r.Install(nil, r.ca.Certificate()))
	must(t, r.Claim(serial, "0000000000"))
	r.running(func(pass func(time.Duration)) {
		pass(10 * day)
		if n := f.times("simpleenroll"); n < 10 || n > 16 {
			t.Errorf("asked %d times in ten days", n)
		}
		must(t, r.Claim(serial, code))
		synctest.Wait()
		if n := f.times("simpleenroll"); n != 1 || r.Status().Until.IsZero() {
			t.Errorf("the right one: asked %d times, %+v", n, r.Status())
		}
	})
}

// With a clock that nobody trusts a date leads to one renewal; the next one waits for the time, or for support.
func TestRunWithoutClock(t *testing.T) {
	r := enrolled(t)
	f := r.newFake(r.ca)
	r.blind, r.clock, r.now = true, start.Add(5000*day), start.Add(day)
	r.running(func(pass func(time.Duration)) {
		pass(30 * day)
		r.connects()
		pass(30 * day)
		if n := f.times("simplereenroll"); n != 1 {
			t.Errorf("asked %d times", n)
		}
	})
	r.now = r.now.Add(day)
	must(t, r.Renew(t.Context()))
	r.connects()
	r.blind, r.clock = false, time.Time{}
	r.now = r.now.Add(300 * day)
	r.running(func(func(time.Duration)) {})
	if n := f.times("simplereenroll"); n != 2 {
		t.Errorf("then asked %d times, want by word and by date", n)
	}
}

// A new certificate that was refused is shown again after a while.
func TestRunShowsItAgain(t *testing.T) {
	r := enrolled(t)
	r.now = r.now.Add(250 * day)
	must(t, r.Install(r.issue(), nil))
	r.running(func(pass func(time.Duration)) {
		r.refused()
		r.connects()
		before := r.changed.Load()
		pass(30 * time.Minute)
		if got := r.shown(); !got.Equal(later(0)) || r.changed.Load() != before {
			t.Errorf("shows the one until %s, %d changes", got, r.changed.Load()-before)
		}
		pass(time.Hour)
		if got := r.shown(); !got.Equal(later(250*day)) || r.changed.Load() != before+1 {
			t.Errorf("then shows the one until %s, %d changes", got, r.changed.Load()-before)
		}
	})
}
