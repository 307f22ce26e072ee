package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

// Verb is something a person asks for.
type Verb string

// The verbs. Those with a name take a store.Waiting.Name.
const (
	Start    Verb = "start"
	Stop     Verb = "stop"
	Force    Verb = "force"    // a cycle now
	Retry    Verb = "retry"    // name or "all": try again now
	Recreate Verb = "recreate" // name of a deletion: create it again in the CRM
	// DeleteToo takes the name of a deletion that did not travel by itself: delete the record that is left.
	DeleteToo Verb = "delete"
	Dismiss   Verb = "dismiss"  // name of a hand-off or refusal: the ERP's value stays and goes to the CRM; a record to be created is not
	KeepERP   Verb = "keep-erp" // name of a conflict or difference: the ERP's value stands; with a difference, all of that record
	KeepCRM   Verb = "keep-crm" // name of a conflict: the CRM's value stands
	Allow     Verb = "allow"    // name of a brake: let the changes through
	Accept    Verb = "accept"   // name of a hold: what is there now is the truth
	Same      Verb = "same"     // name of an identity question: it is still the same record
	NotSame   Verb = "other"    // name of an identity question: the place belongs to another record now
	Relink    Verb = "relink"   // name of a record that is held for a merge in the ERP: the other one took over

	// A resync is counted first and then waits for a word, or with the name "now" done at once.
	Resync1      Verb = "resync-1"      // everything is looked at again
	Resync2      Verb = "resync-2"      // which records belong together is found out anew
	ResyncSince  Verb = "resync-since"  // name = a day, 2006-01-31: what the CRM shows as changed since is looked at again, at once
	ResyncGo     Verb = "resync-go"     // what was counted is done
	ResyncCancel Verb = "resync-cancel" // what was counted is not done

	ShowPreview Verb = "preview" // what would the next run change?
	Tick        Verb = "confirm" // name = Preview.Digest: the run that waits may do just that

	// Those with the name of a record, see RecordName. The last word on a record counts.
	LeaveOut    Verb = "never"         // it is never written again, in neither direction
	NotThisTime Verb = "not-this-time" // the next run leaves it out, and ends that if it ends in success
	Unmark      Verb = "unmark"        // neither of these any more
)

// ErrNoSuch means that a verb or a name is not known; nothing was done.
var ErrNoSuch = errors.New("no such thing")

// errNotBorn means that records of this kind are not created in the ERP.
var errNotBorn = fmt.Errorf("%w: records of this kind are not created in the ERP", ErrNoSuch)

type command struct {
	verb Verb
	name string
	// shown is the digest of what a person saw of what waits; empty where nobody was shown anything.
	shown string
	act   func() error // instead of a verb
	done  chan error
}

// wakes says whether what is due must be asked again: after a stop, too, so that the status tells it at once.
func (v Verb) wakes() bool { return v != "" }

// Do has the engine do what a person asks for, once it holds nothing in its hands. It returns when that is
// durable, or with ctx's error. The engine must be running.
func (e *Engine) Do(ctx context.Context, v Verb, name string) error {
	return e.ask(ctx, command{verb: v, name: name, done: make(chan error, 1)})
}

// Between runs act in the engine's goroutine, between two batches or at rest, so that it may use both sides.
func (e *Engine) Between(ctx context.Context, act func() error) error {
	return e.ask(ctx, command{act: act, done: make(chan error, 1)})
}

func (e *Engine) ask(ctx context.Context, cmd command) error {
	select {
	case e.cmds <- cmd:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-cmd.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (e *Engine) stopped() bool { return e.setting("stopped") != "" }

// forced takes the wish for a cycle now.
func (e *Engine) forced() bool {
	if e.setting("forced") == "" {
		return false
	}
	return e.State.Update(func(t *store.Txn) error { t.Set("forced", ""); return nil }) == nil
}

func (e *Engine) setting(name string) string {
	v := ""
	_ = e.State.View(func(t *store.Txn) { v = t.Setting(name) })
	return v
}

// do carries out one command in the engine's goroutine.
func (e *Engine) do(cmd command) error {
	if cmd.act != nil {
		return cmd.act()
	}
	var dirty []store.Dirty
	err := e.durably(func(t *store.Txn) error {
		said := store.Event{At: e.Clock.Now(), Severity: store.Info, Code: "person-" + string(cmd.verb), Args: map[string]string{"name": cmd.name}}
		w, err := e.named(t, cmd.name)
		if err == nil { // what it is about
			said.Entity, said.ERP, said.CRM = w.Entity, w.ERP, w.CRM
		}
		dirty, err = e.obey(t, cmd)
		if err == nil {
			err = e.Cache.MarkDirty(dirty) // before the state forgets why
		}
		if err == nil {
			t.Journal(said)
		}
		return err
	})
	if err != nil {
		return err
	}
	e.rethink(cmd.verb)
	if cmd.verb == Start || cmd.verb == Retry || cmd.verb == Force {
		e.logOnAgain()
	}
	if cmd.verb == Retry || cmd.verb == Accept {
		e.forgetNewest()
	}
	e.knowResync()
	counts := e.waitingCounts()
	e.report(func(s *Status) { s.Waiting = counts })
	return nil
}

// logOnAgain lets sides whose log-on was refused try once more, now that a person has asked.
func (e *Engine) logOnAgain() {
	for _, side := range []connectors.Side{connectors.ERP, connectors.CRM} {
		if r, ok := e.source(side).(connectors.Retrier); ok {
			r.Retry()
		}
	}
}

func (e *Engine) obey(t *store.Txn, cmd command) ([]store.Dirty, error) {
	switch cmd.verb {
	case Start:
		t.Set("stopped", "")
		t.Set("forced", "yes")
		return nil, nil
	case Stop:
		t.Set("stopped", "yes")
		t.Set(previewAsked, "")
		return nil, nil
	case Force:
		t.Set("forced", "yes")
		return nil, nil
	case Resync1, Resync2:
		return nil, e.askResync(t, map[Verb]int{Resync1: 1, Resync2: 2}[cmd.verb], cmd.name)
	case ResyncSince:
		return nil, e.askSince(t, cmd.name)
	case ResyncGo:
		return nil, e.goResync(t)
	case ResyncCancel:
		return nil, e.cancelResync(t)
	case ShowPreview:
		return nil, e.askPreview(t)
	case Tick:
		return nil, e.tick(t, cmd.name)
	case LeaveOut, NotThisTime, Unmark:
		return e.markRecord(t, recordMarks[cmd.verb], cmd.name)
	}
	if r, _ := t.Repair(); exclusive(r) && cmd.verb != Allow { // a brake holds the resync up as well
		return nil, ErrResync
	}
	if cmd.verb == Retry {
		t.Set("forced", "yes")
		if cmd.name == "all" {
			return e.retryAll(t), nil
		}
	}
	w, err := e.named(t, cmd.name)
	if err != nil {
		return nil, err
	}
	if cmd.shown != "" && cmd.shown != w.Shown() {
		return nil, fmt.Errorf("%w: %s", ErrChanged, cmd.name)
	}
	t.Set("forced", "yes")
	return e.answer(t, cmd.verb, w)
}

func (e *Engine) retryAll(t *store.Txn) []store.Dirty {
	var dirty []store.Dirty
	t.AllWaiting(func(w store.Waiting) bool {
		if w.Link != 0 {
			dirty = append(dirty, dirtyOfWaiting(w)...)
		}
		return true
	})
	return dirty
}

// named finds a waiting by its name.
func (e *Engine) named(t *store.Txn, name string) (store.Waiting, error) {
	if id, kind, field, ok := store.ParseWaiting(name); ok {
		if w, ok := t.Waiting(id, kind, field); ok {
			return w, nil
		}
		if w, ok := t.Waiting(id, kind, ""); ok && slices.Contains(w.Candidates, record.Key(field)) {
			w.CRM = record.Key(field) // one of several that it may be
			return w, nil
		}
	}
	return store.Waiting{}, fmt.Errorf("%w: nothing waits under the name %q", ErrNoSuch, name)
}

// answer carries out what a person says about one waiting.
func (e *Engine) answer(t *store.Txn, v Verb, w store.Waiting) ([]store.Dirty, error) {
	l, _ := t.Get(w.Link)
	if !answered(v, w) && v != Retry {
		return nil, fmt.Errorf("%w: %s does not answer a %s", ErrNoSuch, v, w.Kind)
	}
	if w.Code == unclear && v != Retry {
		return e.recognise(t, v, w, l)
	}
	var referring []store.Dirty
	switch v {
	case Retry:
	case DeleteToo:
		if err := e.partedAsked(t, v, w, &l); err != nil {
			return nil, err
		}
	case Recreate:
		if err := e.partedAsked(t, v, w, &l); err != nil {
			return nil, err
		}
		referring = append(e.referring(t, l.Entity), lookAt(&l, connectors.CRM)) // which may have been moved since it was asked
	case Same:
		if w.Code == maybeKeyed {
			e.isKeyed(t, w)
		}
		e.Mapper.Rules(l.Entity).Same(&l)
		l.Gone = 0
	case NotSame:
		switch w.Code {
		case maybeKeyed: // that it is known to be another one is enough
		case createUndecidable:
			e.notThere(t, &l)
		default:
			l.Gone = max(1, l.Gone)
		}
	case Allow:
		t.Set("allowed-"+w.Field, "yes")
	case Accept:
		t.Set("accepting", "yes")
		e.accepting = true
	case Relink:
		noteRelink(t, w)
	case Dismiss, KeepERP, KeepCRM:
		if l.ERP == "" {
			return nil, e.unborn(t, &l)
		}
		if err := e.choose(v, w, &l); err != nil {
			return nil, err
		}
	}
	if v != Retry {
		t.DeleteWaiting(w)
	}
	if w.Link == 0 {
		return nil, nil
	}
	t.PutLink(&l)
	return append(referring, dirtyOfWaiting(w)...), nil
}

// notThere lets a record be created anew that a person did not find where it may have been created.
func (e *Engine) notThere(t *store.Txn, l *plan.Link) {
	if l.State == plan.Creating {
		t.DeleteIntent(l.ID)
		l.State = plan.Fresh
	}
}

// answers says which kinds of waiting a verb answers.
var answers = map[Verb][]store.WaitKind{
	Recreate: {store.Deleted}, DeleteToo: {store.Deleted}, Allow: {store.Brake}, Accept: {store.Held}, Same: {store.Identity}, NotSame: {store.Identity},
	Relink: {store.Quarantine}, Dismiss: {store.HandedOff, store.Refused}, KeepERP: {store.Conflicted, store.Difference}, KeepCRM: {store.Conflicted},
}

// unborn gives up a record of the CRM that was to be created in the ERP, with all its fields: it is left
// alone from now on.
func (e *Engine) unborn(t *store.Txn, l *plan.Link) error {
	for _, item := range t.WaitingOf(l.ID) {
		t.DeleteWaiting(item)
	}
	e.freeNumber(t, l)
	t.DeleteIntent(l.ID)
	l.State = plan.Closed
	t.PutLink(l)
	return nil
}

// choose makes one side's value the edit and the other's what was agreed, so that the planner carries it over.
func (e *Engine) choose(v Verb, w store.Waiting, l *plan.Link) error {
	rules := e.Mapper.Rules(l.Entity)
	for i, f := range rules.Fields {
		if w.Field != f.Name && w.Field != e.Mapper.FieldName(connectors.ERP, l.Entity, i) {
			continue
		}
		if l.Base.Each == nil {
			l.Base.Each = map[uint16]uint64{}
		}
		switch {
		case w.Kind == store.Difference:
			l.Base.Owned = 0 // the ERP's record counts as changed
		case v == KeepCRM:
			l.Base.Each[f.Code] = e.Mapper.Digest(l.Entity, i, w.ERPValue)
		case w.Kind == store.Conflicted:
			l.Base.Each[f.Code] = e.Mapper.Digest(l.Entity, i, w.CRMValue)
		default:
			l.Base.Each[f.Code] = w.Wanted
		}
		l.Base.Known = true
		return nil
	}
	return fmt.Errorf("%w: field %q", ErrNoSuch, w.Field)
}

// accepted ends a person's acceptance once a look has taken it up.
func (e *Engine) accepted() error {
	e.accepting = false
	return e.State.Update(func(t *store.Txn) error {
		t.Set("accepting", "")
		t.DeleteWaiting(store.Waiting{Kind: store.Held})
		return nil
	})
}
