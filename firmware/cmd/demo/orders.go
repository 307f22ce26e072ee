package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/journal"
	"syncbox/firmware/internal/local"
	"syncbox/firmware/internal/locale"
	"syncbox/firmware/internal/panel"
	"syncbox/firmware/internal/support"
	"syncbox/firmware/internal/usage"
	"syncbox/ota/order"
	"syncbox/ota/update"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// orders is what support can have done with the demo's box: all that is about its job. It has no light, no slots and nothing
// that could be reset.
type orders struct {
	*stage
	words *locale.Printer
}

var _ support.Actions = (*orders)(nil)

// Identify says it on the terminal, where a box would blink.
func (o *orders) Identify(context.Context) error {
	fmt.Println("\n" + o.words.Text("demo.identify", nil))
	return nil
}

// Job has a job do something, or all of them where none is named.
func (o *orders) Job(ctx context.Context, name string, v engine.Verb) error {
	if name == "" {
		var all []error
		for _, j := range o.app.Jobs {
			all = append(all, o.Job(ctx, j.Name(), v))
		}
		return errors.Join(all...)
	}
	j, err := o.app.Job(name)
	if err != nil {
		return fmt.Errorf("%w: %w", support.ErrArgs, err)
	}
	at := ""
	if v == engine.Resync1 || v == engine.Resync2 {
		at = "now" // nobody would see the count
	}
	return j.Do(ctx, v, at)
}

// Journal gives events of the job; the box has none of its own.
func (o *orders) Journal(_ context.Context, name string, from uint64, limit int) ([]store.Event, error) {
	j, err := o.app.Job(name)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", support.ErrArgs, err)
	}
	_, state, err := j.Engine()
	if err != nil {
		return nil, err
	}
	return journal.Page(state, from, limit)
}

// Facts gives what a diagnosis is made of.
func (o *orders) Facts(context.Context) support.Facts {
	f := support.Facts{Board: "demo"}
	f.Usage, _ = usage.Read(os.DirFS("/proc")) // a laptop may have none: nothing is told of it then
	for _, j := range local.Statuses(o.app) {
		f.Jobs, f.Down, f.Pairs = append(f.Jobs, j.Status), append(f.Down, ""), append(f.Pairs, j.Pair)
	}
	return f
}

// Configure is not for the demo: its settings are those of its story.
func (*orders) Configure(context.Context, []config.Change, bool) ([]string, error) {
	return nil, cannot()
}

// Update is not for the demo.
func (*orders) Update(context.Context) error { return cannot() }

// Renew is not for the demo: its certificate outlives it.
func (*orders) Renew(context.Context) error { return cannot() }

// Do is not for the demo: it would be the laptop that restarts.
func (*orders) Do(context.Context, panel.Action) error { return cannot() }

// noUpdates is the updater of a box that has no slots.
type noUpdates struct{}

var _ support.Wishes = noUpdates{}

// Wish refuses.
func (noUpdates) Wish(_ context.Context, envelope []byte) (update.Answer, error) {
	o, _ := order.Peek(envelope) // of what can't be read there is no id
	return update.Answer{ID: o.ID, Phase: update.PhaseRejected, Code: update.Code(order.UnknownOp)}, nil
}

// Has says that there is none.
func (noUpdates) Has(string) bool { return false }

// Cancel has nothing to forget.
func (noUpdates) Cancel() error { return nil }
