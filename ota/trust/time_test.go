package trust_test

import (
	"testing"
	"time"

	"syncbox/ota/trust"
)

// Indefinite freeze: the same valid timestamp for ever.
func TestFreeze(t *testing.T) {
	r := first(t)
	r.release("1.4.0")
	b := r.fresh()
	b.good(r.server())
	b.clock.Now = now.Add(7 * day)
	b.good(r.server())
	b.clock.Now = now.Add(7*day + time.Second)
	b.refused(r.server(), trust.Frozen)
	r.fresh().good(r.server())
	// A box that has lost everything, but whose clock is right.
	lost := r.fresh()
	lost.clock = b.clock
	lost.refused(r.server(), trust.Frozen)
	// The server comes back.
	r.timestamp.Signed.Version++
	r.timestamp.Signed.Expires = now.Add(14 * day)
	r.putTimestamp()
	b.good(r.server())
}

// A timestamp that had ended when it was stored still keeps older ones out.
func TestFrozenThenOlder(t *testing.T) {
	r := first(t)
	r.release("1.4.0")
	b := r.fresh()
	old := r.server()
	r.timestamp.Signed.Version += 5
	r.putTimestamp()
	b.good(r.server())
	b.clock.Now = now.Add(8 * day)
	b.floors = trust.Versions{}
	b.refused(r.server(), trust.Frozen)
	r.timestamp.Signed.Version = 3
	r.timestamp.Signed.Expires = now.Add(14 * day)
	r.putTimestamp()
	b.refused(r.server(), trust.Rollback)
	b.refused(old, trust.Rollback)
}

// The clock: 1970 and 2099, trusted and not.
func TestClocks(t *testing.T) {
	for _, tt := range []struct {
		name    string
		at      time.Time
		trusted bool
		code    trust.Code
	}{
		{"1970", time.Unix(0, 0), false, ""},
		{"1970, trusted", time.Unix(0, 0), true, ""},
		{"2099", time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC), false, ""},
		{"2099, trusted", time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC), true, trust.RootExpired},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := first(t)
			r.release("1.4.0")
			b := r.fresh()
			b.clock = trust.Clock{Now: tt.at, Trusted: tt.trusted}
			if tt.code == "" {
				b.good(r.server())
			} else {
				b.refused(r.server(), tt.code)
			}
			// Whatever it showed, the box goes on once it is right.
			b.clock = trust.Clock{Now: now, Trusted: true}
			r.release("1.5.0")
			b.good(r.server())
		})
	}
}

// Without a clock, a box takes the time from the timestamp: it refuses what had ended when that was issued.
func TestTimeFromTimestamp(t *testing.T) {
	r := first(t)
	r.release("1.4.0")
	b := r.fresh()
	b.clock = trust.Clock{}
	b.good(r.server())
	if !b.state.Issued.Equal(now) || !b.state.Clock.IsZero() {
		t.Errorf("issued %v, clock %v", b.state.Issued, b.state.Clock)
	}
	r.timestamp.Signed.Version++
	r.timestamp.Signed.Expires = now.Add(40 * day) // issued after the snapshot had ended
	r.putTimestamp()
	b.refused(r.server(), trust.Expired)
	if !b.state.Issued.Equal(now) {
		t.Errorf("after a refusal: issued %v", b.state.Issued)
	}
	r.snapshot.Signed.Expires = now.Add(60 * day)
	r.online()
	b.good(r.server())
	if got := b.state.Issued; !got.Equal(now.Add(33 * day)) {
		t.Errorf("issued %v", got)
	}
	// With a trusted clock, a timestamp says nothing of the future.
	b = r.fresh()
	b.good(r.server())
	if !b.state.Issued.Equal(now) || !b.state.Clock.Equal(now) {
		t.Errorf("with a clock: issued %v, clock %v", b.state.Issued, b.state.Clock)
	}
}

// Who has stolen the timestamp's keys moves the time of a box without a clock: not past the end of the root, and a root that
// takes the keys away takes that back.
func TestStolenTime(t *testing.T) {
	r := first(t)
	r.release("1.4.0")
	r.snapshot.Signed.Expires = now.Add(5000 * day) // generous makers
	r.targets.Signed.Expires = now.Add(5000 * day)
	r.putTargets()
	r.online()
	b := r.fresh()
	b.clock = trust.Clock{}
	b.good(r.server())

	theirs := *r
	theirs.files = r.server()
	timestamp := *r.timestamp
	theirs.timestamp = &timestamp
	timestamp.Signed.Version = 100
	timestamp.Signed.Expires = now.Add(4000 * day)
	theirs.putTimestamp()
	b.refused(theirs.server(), trust.RootExpired)
	if !b.state.Issued.Equal(now) {
		t.Errorf("issued %v", b.state.Issued)
	}
	timestamp.Signed.Expires = now.Add(370 * day)
	theirs.putTimestamp()
	b.good(theirs.server())
	r.online()
	b.refused(r.server(), trust.Rollback)
	r.next(func() {
		r.assign("timestamp", 1, 32)
		r.signers["timestamp"] = []byte{32}
	})
	r.timestamp.Signed.Version = 1
	r.putTimestamp()
	b.good(r.server())
	if !b.state.Issued.Equal(now) {
		t.Errorf("after the new root: issued %v", b.state.Issued)
	}
}

func TestExpired(t *testing.T) {
	for name, tt := range map[string]struct {
		change  func(r *repo)
		code    trust.Code
		noClock trust.Code // for a box without a clock: the time is that of the timestamp
	}{
		"root": {func(r *repo) {
			r.next(func() { r.root.Signed.Expires = now.Add(-time.Second) })
		}, trust.RootExpired, trust.RootExpired},
		"timestamp": {func(r *repo) {
			r.timestamp.Signed.Version++
			r.timestamp.Signed.Expires = now.Add(-time.Second)
			r.putTimestamp()
		}, trust.Frozen, ""},
		"snapshot": {func(r *repo) {
			r.snapshot.Signed.Expires = now.Add(-time.Second)
			r.online()
		}, trust.Expired, trust.Expired},
		"targets": {func(r *repo) {
			r.targets.Signed.Expires = now.Add(-time.Second)
			r.targets.Signed.Version++
			r.putTargets()
			r.online()
		}, trust.Expired, trust.Expired},
	} {
		t.Run(name, func(t *testing.T) {
			r := first(t)
			r.release("1.4.0")
			b := r.fresh()
			b.good(r.server())
			tt.change(r)
			b.refused(r.server(), tt.code)
			r.fresh().refused(r.server(), tt.code)
			noClock := r.fresh()
			noClock.clock.Trusted = false
			if tt.noClock == "" {
				noClock.good(r.server())
			} else {
				noClock.refused(r.server(), tt.noClock)
			}
		})
	}
	t.Run("root on the way", func(t *testing.T) {
		r := first(t)
		b := r.fresh()
		r.next(func() { r.root.Signed.Expires = now.Add(-day) })
		r.next(func() { r.root.Signed.Expires = now.Add(day) })
		b.good(r.server())
	})
	t.Run("factory root", func(t *testing.T) {
		r := first(t)
		r.root.Signed.Expires = now.Add(-day)
		r.putRoot()
		b := r.fresh()
		b.refused(r.server(), trust.RootExpired)
		r.next(func() { r.root.Signed.Expires = now.Add(day) })
		b.good(r.server())
	})
}
