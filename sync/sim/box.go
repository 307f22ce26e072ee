package sim

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"runtime/debug"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/engine"
	"syncbox/sync/mapping"
	"syncbox/sync/plan"
	"syncbox/sync/sim/product"
	"syncbox/sync/store"
)

// errPower is what a power cut unwinds the engine with.
var errPower = errors.New("power cut")

// box runs the real engine in a goroutine of its own. Only one of both runs at a time: the world waits while
// the box works, and the box works only while the world waits.
type box struct {
	w      *world
	engine *engine.Engine
	state  *store.State
	cache  *store.Cache
	cancel context.CancelFunc
	over   context.Context    // done when the engine's goroutine has ended
	parked chan time.Duration // the engine has nothing to do for so long
	wake   chan time.Time
	ended  chan error
}

// boot switches the box on and lets it run until it rests, or its power is cut.
func (w *world) boot() {
	w.booted = w.steady
	ctx, cancel := context.WithCancel(context.Background())
	over, end := context.WithCancel(context.Background())
	b := &box{w: w, cancel: cancel, over: over, parked: make(chan time.Duration), wake: make(chan time.Time), ended: make(chan error, 1)}
	w.box = b
	go func() {
		defer end()
		b.ended <- b.life(ctx)
	}()
	w.await()
}

// life is from switching on to the power cut, or until ctx ends.
func (b *box) life(ctx context.Context) (err error) {
	defer func() {
		switch p := recover(); {
		case p == nil:
		case p == any(errPower):
			err = errPower
		default:
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	if err := b.open(); err != nil {
		return err
	}
	return b.engine.Run(ctx)
}

func (b *box) open() (err error) {
	w := b.w
	if b.state, err = store.Open(w.file(0), "box", "job", w.spec.Seed|1); err != nil {
		return err
	}
	if b.cache, err = store.OpenCache(w.file(1), b.state); err != nil {
		return err
	}
	if err := b.state.Check(); err != nil {
		w.fail("S", "when the box was switched on: %v", err)
	}
	erp := w.erpSource()
	crm := w.crmSource()
	m, err := mapping.New(w.book.profile, erp, crm, w.shape.TwoWay, b.state.Seed)
	if err != nil {
		return err
	}
	b.engine, err = engine.New(engine.Ports{Profile: w.book.profile, ERP: erp, CRM: crm, Mapper: m, State: b.state, Cache: b.cache, Scratch: w.scratch,
		Clock: boxClock{w, b}, Log: slog.New(slog.DiscardHandler)}, w.shape.Set)
	return err
}

func (w *world) erpSource() connectors.Source {
	switch plain := (product.PlainERP{ERP: w.erp}); w.shape.ERP {
	case Resolving:
		return product.ResolvingERP{HandoffERP: product.HandoffERP{PlainERP: plain}}
	case ByHand:
		return product.HandoffERP{PlainERP: plain}
	case ReadOnly:
		return w.erp.ReadOnly()
	case Cloud:
		return w.cloudSource()
	default:
		return plain
	}
}

func (w *world) crmSource() connectors.Source {
	if w.shape.CRMForm.TellsHeirs {
		return product.FollowedCRM{CRM: w.crm}
	}
	return w.crm
}

// await lets the box work until it rests or ends.
func (w *world) await() {
	select {
	case w.pause = <-w.box.parked:
	case err := <-w.box.ended:
		w.ended(err)
	}
}

// ended notes that the engine is gone.
func (w *world) ended(err error) {
	b := w.box
	w.asleep = w.asleep[:0]
	w.view(func(t *store.Txn) {
		t.Links(func(l plan.Link) bool { w.asleep = append(w.asleep, l); return true })
	})
	w.unanswered = w.waiting()
	w.box, w.ticked = nil, nil
	b.cancel()
	<-b.over.Done()
	if errors.Is(err, errPower) {
		w.crashes++
		w.limited = w.limitedBefore // it was told in this pass, which the box does not remember
	} else if err != nil {
		w.fail("W9", "the engine ended: %v", err)
	}
	b.close()
}

// find gives the link that the box has of a record, also while it is off.
func (w *world) find(side connectors.Side, e record.Entity, key record.Key) (l plan.Link, ok bool) {
	if w.box != nil {
		w.view(func(t *store.Txn) { l, ok = t.Find(side, e, key) })
		return l, ok
	}
	for _, l := range w.asleep {
		if l.Entity == e && key != "" && [2]record.Key{l.ERP, l.CRM}[side] == key {
			return l, true
		}
	}
	return l, false
}

// close lets go of the files.
func (b *box) close() {
	for _, kv := range b.w.real {
		if kv != nil {
			_ = kv.Close()
		}
	}
	b.w.real = [2]store.KV{}
}

// switchOff ends the box in good order.
func (w *world) switchOff() {
	if w.box == nil {
		return
	}
	w.box.cancel()
	w.ended(<-w.box.ended)
}

// ask gives the box a person's command, and lets it work until it rests again.
func (w *world) ask(v engine.Verb, name string) error {
	if w.box == nil {
		return nil
	}
	w.trace("person: %s %s", v, name)
	w.deleted = nil // the box makes a pass for it
	err := w.box.engine.Do(w.box.over, v, name)
	w.await()
	w.newest() // before people go on
	return err
}

// file gives a database whose commits are points at which the power can be cut.
func (w *world) file(n int) store.KV {
	if w.spec.Dir == "" {
		return pointed{w, &w.files[n]}
	}
	kv, err := store.OpenBolt(filepath.Join(w.spec.Dir, [...]string{"state.db", "cache.db"}[n]))
	if err != nil {
		panic(err)
	}
	w.real[n] = kv
	return pointed{w, kv}
}

// pointed is a KV whose commits are points.
type pointed struct {
	w  *world
	kv store.KV
}

func (p pointed) View(fn func(store.Tx) error) error { return p.kv.View(fn) }

func (p pointed) Update(fn func(store.Tx) error) error {
	err := p.kv.Update(func(tx store.Tx) error {
		err := fn(tx)
		if err == nil {
			p.w.point("commit")
		}
		return err
	})
	if err == nil {
		p.w.stirred = true
		p.w.point("committed")
	}
	return err
}

func (p pointed) Close() error { return p.kv.Close() }
