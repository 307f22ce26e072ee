package support

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"syncbox/connectors"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/panel"
	"syncbox/firmware/internal/support/wire"
	"syncbox/ota/order"
	"syncbox/ota/update"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// Actions is what orders can have done. Each returns when it is done or on its way; what restarts the box may not return
// at all. The errors' codes are told support (connectors.CodeOf), their texts are not.
type Actions interface {
	// Identify has the light single this box out.
	Identify(ctx context.Context) error
	// Job has a job do something; an empty name means all.
	Job(ctx context.Context, job string, verb engine.Verb) error
	// Configure sets values, all or none, and gives the names of what has another value now. Those that move data come only
	// with an order of two keys, which vouches for them: a new address is taken without the secret that goes there.
	Configure(ctx context.Context, changes []config.Change, vouched bool) ([]string, error)
	// Update takes up at once what is wished, whatever the hour.
	Update(ctx context.Context) error
	// Renew gets a new certificate.
	Renew(ctx context.Context) error
	// Do has something done to the box as a whole, and journals it as asked for by support.
	Do(ctx context.Context, a panel.Action) error
	// Journal gives at most limit events from a number on, of a job or, with an empty name, of the box.
	Journal(ctx context.Context, job string, from uint64, limit int) ([]store.Event, error)
	// Facts gives what a diagnosis is made of.
	Facts(ctx context.Context) Facts
}

// Wishes is the updater.
type Wishes interface {
	Wish(ctx context.Context, envelope []byte) (update.Answer, error)
	// Has says whether the wish of this id stands, or is the last one that ended.
	Has(id string) bool
	// Cancel forgets the wish that stands.
	Cancel() error
}

// op is how the box does one thing.
type op struct {
	// once: what must not be done again where it is not known whether it was done.
	once bool
	// restarts: the box restarts, and the start after it is the proof that it was done.
	restarts bool
	// do gives what there is to tell, nil for nothing.
	do func(ctx context.Context, d *Desk, e Entry) (detail any, err error)
}

// opOf gives how an order is done; false where this version can't.
func opOf(e Entry) (op, bool) {
	o, known := ops[e.Op]
	switch level := levelOf(e.Args); {
	case e.Op == order.Resync:
		o.once = level == "2"
	case e.Op == order.Reset:
		o.restarts = level != "network"
	}
	return o, known
}

var ops = map[order.Op]op{
	order.Identify:  {do: func(ctx context.Context, d *Desk, _ Entry) (any, error) { return nil, d.c.Actions.Identify(ctx) }},
	order.Diag:      {do: diagnose},
	order.Journal:   {do: journal},
	order.Sync:      {do: job(engine.Force)},
	order.Start:     {do: job(engine.Start)},
	order.Stop:      {do: job(engine.Stop)},
	order.Resync:    {do: resync},
	order.Config:    {once: true, do: configure},
	order.Update:    {do: func(ctx context.Context, d *Desk, _ Entry) (any, error) { return nil, d.c.Actions.Update(ctx) }},
	order.Renew:     {do: func(ctx context.Context, d *Desk, _ Entry) (any, error) { return nil, d.c.Actions.Renew(ctx) }},
	order.Reboot:    {once: true, restarts: true, do: device(panel.Restart)},
	order.Reset:     {once: true, do: reset},
	order.Cancel:    {do: cancel},
	order.Desired:   {do: wish},
	order.Downgrade: {do: wish},
	order.Rollout:   {do: wish},
}

func device(a panel.Action) func(context.Context, *Desk, Entry) (any, error) {
	return func(ctx context.Context, d *Desk, _ Entry) (any, error) { return nil, d.c.Actions.Do(ctx, a) }
}

// ErrStarting: nothing was done, as a job is not up yet. Actions may give it, and are asked again.
var ErrStarting error = &connectors.Error{Kind: connectors.Unavailable, Code: CodeStarting, Err: errors.New("the job is not up yet")}

// ErrArgs: the order asks for what can't be. Actions may give it.
var ErrArgs = errors.New("arguments can't be used")

// argsOf reads arguments; none at all are empty ones.
func argsOf(e Entry, into any) error {
	if len(e.Args) == 0 {
		return nil
	}
	if err := json.Unmarshal(e.Args, into); err != nil {
		return fmt.Errorf("%w: %w", ErrArgs, err)
	}
	return nil
}

func job(verb engine.Verb) func(context.Context, *Desk, Entry) (any, error) {
	return func(ctx context.Context, d *Desk, e Entry) (any, error) {
		var args struct {
			Job string `json:"job"`
		}
		if err := argsOf(e, &args); err != nil {
			return nil, err
		}
		return nil, d.c.Actions.Job(ctx, args.Job, verb)
	}
}

// levelOf gives the level of a resync or reset as text: "1", "full"; empty where there is none.
func levelOf(args json.RawMessage) string {
	var a struct {
		Level json.RawMessage `json:"level"`
	}
	if json.Unmarshal(args, &a) != nil {
		return ""
	}
	return strings.Trim(string(a.Level), `"`)
}

func resync(ctx context.Context, d *Desk, e Entry) (any, error) {
	verb, known := map[string]engine.Verb{"1": engine.Resync1, "2": engine.Resync2}[levelOf(e.Args)]
	if !known {
		return nil, fmt.Errorf("%w: no such level", ErrArgs)
	}
	return job(verb)(ctx, d, e)
}

func reset(ctx context.Context, d *Desk, e Entry) (any, error) {
	action, known := map[string]panel.Action{"app": panel.Restart, "network": panel.ResetNetwork, "full": panel.FullReset}[levelOf(e.Args)]
	if !known {
		return nil, fmt.Errorf("%w: no such level", ErrArgs)
	}
	return nil, d.c.Actions.Do(ctx, action)
}

// cancel takes back an order that has not begun, {"id":…}, or the wish that stands.
func cancel(_ context.Context, d *Desk, e Entry) (any, error) {
	var args struct {
		ID string `json:"id"`
	}
	if err := argsOf(e, &args); err != nil {
		return nil, err
	}
	if args.ID == "" {
		return nil, d.c.Wishes.Cancel()
	}
	other, found, err := d.store.Entry(args.ID)
	switch {
	case err != nil:
		return nil, err
	case !found:
		return nil, fmt.Errorf("%w: no order %s", ErrArgs, args.ID)
	case other.Begun && isWish(other.Op) && !other.Last.Phase.Final():
		return nil, d.c.Wishes.Cancel()
	case other.Begun || other.Last.Phase.Final():
		return map[string]any{"phase": other.Last.Phase}, fmt.Errorf("%w: order %s is %s", ErrArgs, args.ID, other.Last.Phase)
	}
	return nil, d.finish(other, wire.Superseded, "", nil)
}

func isWish(o order.Op) bool {
	return o == order.Desired || o == order.Downgrade || o == order.Rollout
}

// wish hands an order to the updater, which looks at it once more. How it ends is told later.
func wish(ctx context.Context, d *Desk, e Entry) (any, error) {
	if d.c.Wishes.Has(e.ID) { // the power went after the updater had taken it: by now it may look too old
		return nil, errLater
	}
	a, err := d.c.Wishes.Wish(ctx, e.Envelope)
	switch {
	case err != nil:
		return nil, err
	case a.Phase == update.PhaseRejected:
		return nil, &refusal{string(a.Code)}
	}
	return nil, errLater
}

// errLater: how it ends is told by an event of the updater.
var errLater = errors.New("goes on elsewhere")

// refusal is an order that was taken and then refused.
type refusal struct{ code string }

func (r *refusal) Error() string { return "refused: " + r.code }
