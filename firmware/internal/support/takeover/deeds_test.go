package takeover_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/panel"
	"syncbox/firmware/internal/support"
	"syncbox/ota/order"
	"syncbox/ota/trust"
	"syncbox/ota/update"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// deed is something that orders had done to the box.
type deed struct {
	at      time.Time
	trusted bool   // the box knew the time
	what    string // "job sync n7", "config n7", "do restart", "identify"
}

// deeds writes down what a box is asked to do, and does none of it. It is the box's actions and its updater.
type deeds struct {
	clock func() trust.Clock
	now   func() time.Time // what time it really is
	// before and after are called around each deed, and may panic for a power cut.
	before, after func(what string)

	mu     sync.Mutex // guards all below
	all    []deed
	wishes []string // ids that were taken
	seq    map[order.Role]int64
}

func (d *deeds) note(format string, args ...any) error {
	what := fmt.Sprintf(format, args...)
	if d.before != nil {
		d.before(what)
	}
	at, known := d.now(), d.clock().Trusted
	d.mu.Lock()
	d.all = append(d.all, deed{at, known, what})
	d.mu.Unlock()
	if d.after != nil {
		d.after(what)
	}
	return nil
}

// done gives what was done so far.
func (d *deeds) done() []deed {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]deed(nil), d.all...)
}

func (d *deeds) Identify(context.Context) error { return d.note("identify") }
func (d *deeds) Update(context.Context) error   { return d.note("update") }
func (d *deeds) Renew(context.Context) error    { return d.note("renew") }

func (d *deeds) Job(_ context.Context, job string, verb engine.Verb) error {
	return d.note("job %s %s", verb, job)
}

func (d *deeds) Configure(_ context.Context, changes []config.Change, _ bool) (names []string, err error) {
	for _, c := range changes {
		names = append(names, c.Key)
	}
	return names, d.note("config %v", names)
}

func (d *deeds) Do(_ context.Context, a panel.Action) error { return d.note("do %s", a) }

// What only reads is no deed.
func (d *deeds) Journal(context.Context, string, uint64, int) ([]store.Event, error) { return nil, nil }
func (d *deeds) Facts(context.Context) support.Facts                                 { return support.Facts{} }

func (d *deeds) Wish(_ context.Context, envelope []byte) (update.Answer, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	c := d.clock()
	o, err := order.Verify(envelope, ring(), order.Box{Name: boxName, Groups: []string{"eu-1"}, Now: c.Now, ClockTrusted: c.Trusted, Seq: d.seq})
	var refused *order.Refusal
	if errors.As(err, &refused) {
		return update.Answer{ID: refused.ID, Phase: update.PhaseRejected, Code: update.Code(refused.Code)}, nil
	}
	if o.Op != order.Desired && o.Op != order.Downgrade && o.Op != order.Rollout {
		return update.Answer{ID: o.ID, Phase: update.PhaseRejected, Code: update.Code(order.UnknownOp)}, nil
	}
	if d.seq == nil {
		d.seq = map[order.Role]int64{}
	}
	d.seq[o.Role] = o.Seq
	d.wishes = append(d.wishes, o.ID)
	return update.Answer{ID: o.ID, Phase: update.PhaseAccepted}, nil
}

func (d *deeds) Has(id string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.wishes) > 0 && d.wishes[len(d.wishes)-1] == id
}

func (d *deeds) Cancel() error { return nil }

var (
	_ support.Actions = (*deeds)(nil)
	_ support.Wishes  = (*deeds)(nil)
)
