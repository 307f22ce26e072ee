package store

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
)

// childVar makes this test program the child of a test: what to do, in which folder, by which seed, how often.
const childVar = "STORE_TEST_CHILD"

// ackName is the file in which a child says, line by line, that it has come a step further.
const ackName = "acks"

// children are what a child can be asked to do. Each calls ack when a step is done.
var children = map[string]func(dir string, seed uint64, steps int, ack func()) error{
	"script":  runScript,
	"migrate": func(dir string, _ uint64, _ int, ack func()) error { return openOnce(dir, ack) },
	"rescue":  func(dir string, _ uint64, _ int, ack func()) error { return openOnce(dir, ack) },
	"nobody": func(dir string, _ uint64, _ int, ack func()) error {
		return errors.Join(becomeNobody(), openOnce(dir, ack))
	},
	"denied": func(dir string, _ uint64, _ int, _ func()) error { return errors.Join(becomeNobody(), openDenied(dir)) },
}

func beChild(spec string) error {
	runtime.GOMAXPROCS(1)
	runtime.LockOSThread()
	var name, dir string
	var seed uint64
	var steps int
	if _, err := fmt.Sscan(spec, &name, &dir, &seed, &steps); err != nil {
		return err
	}
	acks, err := os.Create(filepath.Join(filepath.Dir(dir), ackName))
	if err != nil {
		return err
	}
	return children[name](dir, seed, steps, func() { _, _ = acks.WriteString("done\n") })
}

func openOnce(dir string, ack func()) error {
	f, err := OpenJob(dir, "box", "job", 42, at(0))
	if err != nil {
		return err
	}
	ack()
	return f.Close()
}

// script is work on a state and a cache that only the seed determines, so that a second one, on databases in
// memory, tells what the files must hold.
type script struct {
	seed  uint64
	state *State
	cache *Cache
}

// kind is what a step does.
type kind int

const (
	stateStep kind = iota
	cacheStep
	copyStep
	reopenStep
	compactStep
)

func (s *script) rng(step int) *rand.Rand { return rand.New(rand.NewPCG(s.seed, uint64(step))) }

func (s *script) kind(step int) kind {
	switch n := s.rng(step).IntN(20); {
	case n < 10:
		return stateStep
	case n < 16:
		return cacheStep
	case n < 18:
		return copyStep
	default:
		return []kind{reopenStep, compactStep}[n-18]
	}
}

// write does a step that changes the content.
func (s *script) write(step int) error {
	rng := s.rng(step)
	if s.kind(step) == cacheStep {
		return s.writeCache(rng)
	}
	return s.state.Update(func(t *Txn) error {
		for range 1 + rng.IntN(12) {
			s.writeLink(t, rng)
		}
		for range rng.IntN(4) {
			t.Journal(Event{At: at(step), Code: "record-updated", Args: map[string]string{"n": strings.Repeat("x", rng.IntN(300))}})
		}
		t.SetSteady(at(step))
		if rng.IntN(8) == 0 {
			t.SetMark(connectors.ERP, "long", bytes.Repeat([]byte{byte(step)}, 3000+rng.IntN(9000)))
		}
		return nil
	})
}

func (s *script) writeLink(t *Txn, rng *rand.Rand) {
	key := fmt.Sprint(rng.IntN(300))
	l, known := t.Find(connectors.ERP, record.Account, record.Key(key))
	if !known {
		l = plan.Link{Entity: record.Account, ERP: record.Key(key)}
	}
	switch rng.IntN(5) {
	case 0:
		t.PutLink(&l)
		t.PutIntent(Intent{Link: l.ID, Side: connectors.CRM, Seq: t.Next("send"), At: at(1)})
	case 1:
		t.PutLink(&l)
		t.PutWaiting(Waiting{Link: l.ID, Kind: Reference, Entity: l.Entity, ERP: l.ERP, On: &plan.Ref{Entity: record.Contact, ERP: "1"}})
	default:
		l.CRM, l.State = record.Key("c"+key), plan.Linked
		l.Base = plan.Base{Known: true, Owned: rng.Uint64(), Each: map[uint16]uint64{1: rng.Uint64(), 2: rng.Uint64()}}
		t.PutLink(&l)
		t.DeleteIntent(l.ID)
		t.DeleteWaiting(Waiting{Link: l.ID, Kind: Reference})
	}
}

func (s *script) writeCache(rng *rand.Rand) error {
	var dirty, clean []Dirty
	for range rng.IntN(30) {
		d := Dirty{Entity: record.Account, Side: connectors.ERP, Key: record.Key(fmt.Sprint(rng.IntN(300)))}
		if rng.IntN(2) == 0 {
			dirty = append(dirty, d)
		} else {
			clean = append(clean, d)
		}
	}
	if rng.IntN(2) == 0 {
		return s.cache.Settle(clean, append(dirty, Dirty{Entity: record.Contact, Key: "1"}))
	}
	notes := map[string][]byte{}
	for range 1 + rng.IntN(6) {
		notes[fmt.Sprint("sig/", rng.IntN(40))] = bytes.Repeat([]byte{byte(rng.Uint32())}, 1984)
	}
	notes[fmt.Sprint("sig/", 40+rng.IntN(10))] = nil
	return s.cache.Commit(connectors.ERP, notes, dirty)
}

// runScript does the work on files.
func runScript(dir string, seed uint64, steps int, ack func()) error {
	var f *Files
	open := func() (err error) { f, err = OpenJob(dir, "box", "job", 42, at(0)); return err }
	if err := open(); err != nil {
		return err
	}
	ack()
	for step := 1; step <= steps; step++ {
		s := &script{seed: seed, state: f.State, cache: f.Cache}
		var err error
		switch s.kind(step) {
		case copyStep:
			err = f.Copy()
		case reopenStep, compactStep:
			if err = f.Close(); err == nil && s.kind(step) == compactStep {
				err = compactNow(filepath.Join(dir, stateName))
			}
			if err == nil {
				err = open()
			}
		default:
			err = s.write(step)
		}
		if err != nil {
			return err
		}
		ack()
	}
	return f.Close()
}

// compactNow compacts a file as opening does with a large one that is mostly free.
func compactNow(path string) error {
	kv, err := openBolt(path)
	if err != nil {
		return err
	}
	kv.opened.pages, kv.opened.free = compactFrom, compactFrom
	if kv, err = compacted(path, kv); err != nil {
		return err
	}
	return kv.Close()
}

// both is what the two files hold.
type both struct{ state, cache content }

// expected gives what the files must hold after each step of a script, the first being their making; and of
// which of them there is a copy after it, -1 for none.
func expected(t *testing.T, seed uint64, steps int) (after []both, copyOf []int) {
	t.Helper()
	stateKV, cacheKV := newMemKV(), newMemKV()
	state, err := Open(stateKV, "box", "job", 42)
	must(t, err)
	cache, err := OpenCache(cacheKV, state)
	must(t, err)
	s := &script{seed: seed, state: state, cache: cache}
	copied := -1
	for step := range steps + 1 {
		if step > 0 && s.kind(step) <= cacheStep {
			must(t, s.write(step))
		}
		if step > 0 && s.kind(step) == copyStep {
			copied = step
		}
		after, copyOf = append(after, both{contentOf(t, stateKV), contentOf(t, cacheKV)}), append(copyOf, copied)
	}
	return after, copyOf
}
