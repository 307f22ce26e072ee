package cuts

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"syncbox/ota/bootstate"
	"syncbox/ota/otatest"
	"syncbox/ota/trust"
	"syncbox/ota/update"
)

// OldServer cuts a life behind each operation since its metadata were trusted, and starts a box from that whose server
// has gone back to what was published before. It gives how often that was refused; any other answer is an error. With
// lost, the record is gone as well.
func (w *World) OldServer(t *testing.T, ops []otatest.Op, lost bool) (refused int, err error) {
	r := otatest.NewReplay(w.Start)
	old := *w
	published := *w.Published
	published.After = published.Before
	old.Published = &published
	trusted := false
	for i, o := range ops {
		r.Step(o)
		if trusted = trusted || o.Note == markPayload; !trusted || o.Kind == otatest.Mark {
			continue
		}
		s := r.Cut(otatest.Lost, nil, 0, nil)
		if lost {
			lose(&s, nil)
		}
		start, err := old.Judge.Boot(&s[otatest.TheDisk])
		if err != nil {
			return refused, err
		}
		p := &powerOn{world: &old, start: start, tried: -1}
		synctest.Test(t, func(*testing.T) { err = p.check(s) })
		if trust.CodeOf(err) != trust.Rollback {
			return refused, fmt.Errorf("behind operation %d (%v): the old server gives: %w", i, o, err)
		}
		refused++
	}
	return refused, nil
}

// check starts a box that only looks for what is published.
func (p *powerOn) check(s otatest.State) error {
	if err := p.prepare(s); err != nil {
		return err
	}
	u := update.New(p.config(time.Now(), func() {}))
	defer u.Close()
	if _, err := u.Begin(bootstate.ParseStart(p.start.CommandLine())); err != nil {
		return err
	}
	return u.Check(context.Background())
}
