package takeover_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"syncbox/firmware/internal/support"
	"syncbox/ota/order"
	"syncbox/ota/trust"
	"syncbox/sync/sim/memory"
	"syncbox/sync/store"
)

var (
	seeds = flag.Int("seeds", 1000, "histories that are tried")
	first = flag.Uint64("first", 1, "seed of the first one")
)

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// power is what a power cut panics with, or the box as it starts again because it was told to.
type power struct{ told bool }

// cuttable is a file whose machine loses its power at a commit, before or after it.
type cuttable struct {
	store.KV
	left  int // commits until then; negative is never
	after bool
}

func (c *cuttable) Update(fn func(store.Tx) error) error {
	if c.left < 0 {
		return c.KV.Update(fn)
	}
	if c.left--; c.left >= 0 {
		return c.KV.Update(fn)
	}
	if c.after {
		if err := c.KV.Update(fn); err != nil {
			return err
		}
	}
	panic(power{})
}

// issued is an order that support has signed.
type issued struct {
	id, op, tag string
	role        string
	doing       string // what it has done, as deeds tell it; empty for what only reads
	once        bool   // never a second time, whatever happens
	timely      bool   // could hurt if it came late: never done by a box that does not know the time
	nbf, exp    int64
	envelope    []byte
	delivered   int
	came        time.Time // first delivery
	taken       bool      // the box has confirmed it to the broker
	fine        bool      // came in time, in order, to a box that knew the time, and no power was cut since
	finals      []told
}

// told is an acknowledgement.
type told struct{ ID, Phase, Code string }

// world is a box, support and a broker between them for a month.
type world struct {
	chance  *rand.Rand
	honest  bool // the broker only loses what it may lose
	now     time.Time
	known   time.Time // latest instant that the box is sure of
	trusted bool
	count   uint64
	kv      *cuttable
	store   *support.Store
	desk    *support.Desk
	deeds   *deeds
	orders  []*issued
	byID    map[string]*issued
	erased  bool // a full reset was asked for
	leaving bool // the box is about to start again
	cuts    int
	cutAt   int // deeds until a power cut; negative is never
	stories []string
	wrong   []string
}

func newWorld(seed uint64) *world {
	w := &world{
		chance: rand.New(rand.NewPCG(seed, 0x7a6b)), now: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC),
		kv: &cuttable{KV: &memory.KV{}, left: -1}, byID: map[string]*issued{}, trusted: true, cutAt: -1,
	}
	w.honest = w.chance.IntN(4) == 0
	w.known = w.now
	w.deeds = &deeds{clock: w.clock, now: func() time.Time { return w.now }, before: w.beforeDeed, after: w.afterDeed}
	return w
}

func (w *world) tell(format string, args ...any) {
	w.stories = append(w.stories, fmt.Sprintf("%s %s", w.now.Format("02 15:04:05"), fmt.Sprintf(format, args...)))
}

func (w *world) n() uint64 { w.count++; return w.count }

func (w *world) clock() trust.Clock {
	if w.trusted {
		w.known = w.now
	}
	return trust.Clock{Now: w.known, Trusted: w.trusted}
}

func (w *world) beforeDeed(what string) {
	if w.cutAt == 0 {
		w.cutAt = -1
		w.tell("the power goes before: %s", what)
		panic(power{})
	}
}

func (w *world) afterDeed(what string) {
	w.tell("done: %s", what)
	w.now = w.now.Add(time.Duration(w.chance.IntN(20)) * time.Second)
	if what == "do reset-full" {
		w.erased = true
	}
	if w.cutAt > 0 {
		if w.cutAt--; w.cutAt == 0 {
			w.cutAt = -1
			w.tell("the power goes after: %s", what)
			panic(power{})
		}
	}
	if what == "do restart" || what == "do reset-full" {
		w.leaving = true
		if w.chance.IntN(2) == 0 {
			panic(power{told: true}) // what starts the box again may not return
		}
	}
}

// fewKeys are the least that there can be: what takes the time of a history is that each signature is held against each.
func fewKeys() (order.Keyring, error) {
	return order.Keyring{
		order.Ops:    {Threshold: 1, Public: publics(keyOps)},
		order.Fleet:  {Threshold: 1, Public: publics(keyFleet)},
		order.Danger: {Threshold: 2, Public: publics(keyDanger, keyDanger2)},
	}, nil
}

// start starts the box: what is not in its file is gone.
func (w *world) start() error {
	s, err := support.OpenStore(w.kv)
	if err != nil {
		return err
	}
	if w.erased {
		if err := s.NoteErased(); err != nil {
			return err
		}
		w.erased = false
	}
	w.store = s
	w.desk = support.NewDesk(support.DeskConfig{
		Box: boxName, Keys: fewKeys, Clock: w.clock,
		Actions: w.deeds, Wishes: w.deeds, Words: func(key string, _ map[string]string) string { return key }, Log: quiet,
	}, s)
	if _, err := s.NextSession(); err != nil {
		return err
	}
	return w.desk.Begin()
}

// alive does something with the box; a power cut in it starts the box anew.
func (w *world) alive(do func() error) (err error, cut bool) {
	defer func() {
		if p := recover(); p != nil {
			how, ours := p.(power)
			if !ours {
				panic(p)
			}
			cut, err = true, w.again(how)
		}
	}()
	return do(), false
}

// again starts the box after its power went, or as it was told.
func (w *world) again(p power) error {
	if !p.told {
		w.cuts++
	}
	w.leaving = false
	w.kv.left = -1
	w.cutAt = -1
	for _, o := range w.orders {
		o.fine = false
	}
	w.trusted = w.chance.IntN(3) > 0
	w.now = w.now.Add(time.Duration(w.chance.IntN(300)) * time.Second)
	w.tell("the box starts again, knows the time: %v", w.trusted)
	return w.start()
}

// issue has support sign an order.
func (w *world) issue() {
	n := w.n()
	tag := fmt.Sprint("n", n)
	o := &issued{tag: tag, nbf: w.now.Unix()}
	role, by, life, args := "ops", []byte{keyOps}, int64(60+w.chance.IntN(7*86400-60)), any(nil)
	short := func() { o.once, o.timely, life = true, true, int64(30+w.chance.IntN(870)) }
	danger := func() { role, by, o.once, o.timely = "danger", []byte{keyDanger2, keyDanger}, true, true }
	switch w.chance.IntN(13) {
	case 0, 1, 2:
		o.op, o.doing, args = "sync", "job force "+tag, draft{"job": tag}
	case 3:
		o.op, o.doing, o.timely, args = "stop", "job stop "+tag, true, draft{"job": tag}
	case 4:
		o.op, o.doing, o.once, o.timely = "config", "config [job."+tag+".interval]", true, true
		args = draft{"set": []draft{{"key": "job." + tag + ".interval", "value": "17m"}}}
	case 5:
		danger()
		o.op, o.doing, args = "resync", "job resync-2 "+tag, draft{"level": 2, "job": tag}
	case 6:
		o.op, o.doing, args = "resync", "job resync-1 "+tag, draft{"level": 1, "job": tag}
	case 7, 8:
		o.op, o.doing = "reboot", "do restart"
		short()
	case 9:
		danger()
		o.op, o.doing, args = "reset", "do reset-full", draft{"level": "full"}
		short()
	case 10:
		o.op = "diag"
	case 11:
		o.op, o.doing, args = "reset", "do reset-network", draft{"level": "network"}
		short()
	case 12:
		if len(w.orders) > 0 { // an order that may have begun, or not
			o.op, args = "cancel", draft{"id": w.orders[w.chance.IntN(len(w.orders))].id}
		} else {
			o.op, o.doing = "identify", "identify"
		}
	}
	o.role = role
	d := newDraft(w.now, n, o.op, role, args).with("exp", o.nbf+life, "seq", w.now.UnixMilli())
	o.id, o.exp, o.envelope = d["id"].(string), o.nbf+life, d.signed(by...)
	w.orders = append(w.orders, o)
	w.byID[o.id] = o
	w.tell("support signs %s %s until %s", o.op, tag, time.Unix(o.exp, 0).UTC().Format("02 15:04:05"))
}

// deliver brings an envelope to the box and has it work, at once or later.
func (w *world) deliver(what string, envelope []byte) (taken bool, err error) {
	w.tell("the broker delivers %s", what)
	err, cut := w.alive(func() error { return w.desk.Take(envelope) })
	if err != nil {
		return false, fmt.Errorf("take %s: %w", what, err)
	}
	return !cut, nil
}

func (w *world) work() error {
	for range 100 {
		err, cut := w.alive(func() error { return w.desk.Work(context.Background()) })
		if err != nil {
			return fmt.Errorf("work: %w", err)
		}
		if !cut && w.leaving {
			err, cut = w.again(power{told: true}), true
		}
		if err != nil || !cut {
			return err
		}
	}
	return errors.New("the box starts again and again")
}

// drain has the broker hear what waits; some of it is sent in vain, or confirmed in vain.
func (w *world) drain(losing bool) error {
	for range 2000 {
		more := true
		err, cut := w.alive(func() error {
			m, found, err := w.store.Next()
			if err != nil {
				return err
			}
			if !found || losing && w.chance.IntN(6) == 0 {
				more = false
				return nil
			}
			if err := w.hear(m.Topic, m.Payload); err != nil {
				return err
			}
			if losing && w.chance.IntN(6) == 0 {
				more = false
				return nil
			}
			return w.store.Sent(m)
		})
		if err != nil {
			return fmt.Errorf("outbox: %w", err)
		}
		if cut || !more {
			return nil
		}
	}
	return errors.New("the outbox has no end")
}

func (w *world) hear(topic string, payload []byte) error {
	id, ok := strings.CutPrefix(topic, topicAck)
	if !ok {
		return nil
	}
	var a told
	if err := json.Unmarshal(payload, &a); err != nil || a.ID != id {
		return fmt.Errorf("acknowledgement %s on %s: %w", payload, topic, err)
	}
	w.tell("support hears %s %s %s", w.name(id), a.Phase, a.Code)
	o := w.byID[id]
	if o == nil {
		return nil // of a forgery in another one's name
	}
	switch a.Phase {
	case "accepted", "running", "rebooting":
		if len(o.finals) > 0 {
			w.wrong = append(w.wrong, fmt.Sprintf("%s: told as %s after its end", w.name(id), a.Phase))
		}
	case "succeeded", "failed", "rejected", "expired", "superseded":
		if !slices.Contains(o.finals, a) {
			o.finals = append(o.finals, a)
		}
	default:
		return fmt.Errorf("phase %q of %s", a.Phase, o.op)
	}
	return nil
}

func (w *world) name(id string) string {
	if o := w.byID[id]; o != nil {
		return o.op + " " + o.tag
	}
	return id
}
