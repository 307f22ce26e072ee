package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"syncbox/connectors"
	"syncbox/firmware/internal/app"
	"syncbox/firmware/internal/config"
	boxjournal "syncbox/firmware/internal/journal"
	"syncbox/firmware/internal/panel"
	"syncbox/firmware/internal/support"
	"syncbox/firmware/internal/usage"
	"syncbox/ota/update"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// orders is what support can have done. Whatever a person can have done without a screen goes the same way, and leaves the same
// trace.
type orders struct{ m *machine }

var _ support.Actions = orders{}

// Identify has the light single this box out.
func (o orders) Identify(context.Context) error {
	o.m.panel.Identify()
	return nil
}

// Job has one job do something, or all.
func (o orders) Job(ctx context.Context, job string, v engine.Verb) error {
	if job != "" {
		return o.one(ctx, job, v)
	}
	if a, known := map[engine.Verb]panel.Action{engine.Force: panel.Sync, engine.Resync1: panel.Resync}[v]; known {
		return panel.Do(ctx, everyJob{actions(o)}, o.m.events, a, panel.Support)
	}
	return o.all(ctx, v)
}

// everyJob is the actions of the button, but a job that does not run is an error: nobody stands beside the box.
type everyJob struct{ actions }

// SyncNow begins a sync of every job.
func (e everyJob) SyncNow(ctx context.Context) error { return orders{e.m}.all(ctx, engine.Force) }

// Resync1 begins a level 1 resync of every job.
func (e everyJob) Resync1(ctx context.Context) error { return orders{e.m}.all(ctx, engine.Resync1) }

// app gives the jobs that run. Without any, the error has the code of why.
func (o orders) app() (*app.App, error) {
	if jobs, _ := o.m.atWork(); jobs != nil {
		return jobs, nil
	}
	if err := ready(); err != nil {
		return nil, &connectors.Error{Kind: connectors.Hold, Code: config.CodeOf(err), Err: err}
	}
	return nil, support.ErrStarting // other settings are being taken up
}

func (o orders) one(ctx context.Context, name string, v engine.Verb) error {
	a, err := o.app()
	if err != nil {
		return err
	}
	j, err := a.Job(name)
	if err != nil {
		return fmt.Errorf("%w: %w", support.ErrArgs, err)
	}
	return soon(j.Do(ctx, v, atOnce(v)))
}

// soon gives an error of a job the code by which support knows that the order may be given again; one that is not up yet is asked
// again by the desk.
func soon(err error) error {
	if errors.Is(err, app.ErrStarting) {
		return fmt.Errorf("%w: %w", support.ErrStarting, err)
	}
	return ended(err)
}

// ended does so for a job that was built afresh while it was asked. It is not asked again by itself: it may have done it.
func ended(err error) error {
	if errors.Is(err, app.ErrEnded) || errors.Is(err, app.ErrStarting) {
		return &connectors.Error{Kind: connectors.Unavailable, Code: support.CodeStarting, Err: err}
	}
	return err
}

func (o orders) all(ctx context.Context, v engine.Verb) error {
	a, err := o.app()
	if err != nil {
		return err
	}
	for _, j := range a.Jobs { // before any: what is asked again must not be done twice
		if _, _, err := j.Engine(); errors.Is(err, app.ErrStarting) {
			return soon(err)
		}
	}
	var all []error
	for _, j := range a.Jobs {
		if err := j.Do(ctx, v, atOnce(v)); err != nil {
			all = append(all, fmt.Errorf("job %s: %w", j.Name(), ended(err)))
		}
	}
	return errors.Join(all...)
}

// atOnce has a resync done without being counted first: nobody would see the count.
func atOnce(v engine.Verb) string {
	if v == engine.Resync1 || v == engine.Resync2 {
		return "now"
	}
	return ""
}

// Configure sets values.
func (o orders) Configure(_ context.Context, changes []config.Change, vouched bool) ([]string, error) {
	set := o.m.writer.Set
	if vouched {
		set = o.m.writer.SetVouched
	}
	changed, err := set(changes...)
	if err == nil && len(changed) > 0 {
		o.m.events.Event(boxjournal.SettingsSet, map[string]string{"by": string(panel.Support), "names": strings.Join(changed, ", ")})
	}
	return changed, err
}

// Update has what is wished taken up at once.
func (o orders) Update(context.Context) error {
	if o.m.news == nil {
		return &connectors.Error{Kind: connectors.Rejected, Code: string(update.Unselected), Err: errNoUpdates}
	}
	o.m.news.Approve()
	return nil
}

// Renew gets another certificate.
func (o orders) Renew(ctx context.Context) error { return o.m.renew(ctx) }

// Do has something done to the box as a whole.
func (o orders) Do(ctx context.Context, a panel.Action) error {
	return panel.Do(ctx, actions(o), o.m.events, a, panel.Support)
}

// Journal gives events of a job, or of the box.
func (o orders) Journal(_ context.Context, job string, from uint64, limit int) ([]store.Event, error) {
	if job == "" {
		return o.m.events.From(from, limit)
	}
	a, err := o.app()
	if err != nil {
		return nil, err
	}
	j, err := a.Job(job)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", support.ErrArgs, err)
	}
	_, state, err := j.Engine()
	if err != nil {
		return nil, soon(err)
	}
	return boxjournal.Page(state, from, limit)
}

// journalled is how many events of the box's journal a diagnosis is made of.
const journalled = 50

// Facts gives what a diagnosis is made of.
func (o orders) Facts(context.Context) support.Facts {
	s := o.m.standing()
	f := support.Facts{FW: s.FW, Slot: s.Slot, Cfg: s.Cfg, Board: o.m.model.Name, Codes: o.m.state.Codes()}
	var err error
	if f.Usage, err = usage.Read(os.DirFS("/proc")); err != nil {
		o.m.log.Warn("diagnosis without what is used", "err", err)
	}
	if f.Journal, err = o.m.events.Events(journalled); err != nil {
		o.m.log.Warn("diagnosis without the journal", "err", err)
	}
	jobs, _ := o.m.jobStatuses()
	for _, j := range jobs {
		down := ""
		if j.Err != "" {
			down = j.Status.Ways[0].Code
		}
		f.Jobs, f.Down, f.Pairs = append(f.Jobs, j.Status), append(f.Down, down), append(f.Pairs, j.Pair)
	}
	return f
}
