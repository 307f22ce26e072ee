package engine_test

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"slices"

	"syncbox/connectors"
	"syncbox/sync/store"
)

var errPower = errors.New("power is off")

// power is cut at a chosen point: before or after a commit or a call to a target.
type power struct {
	points int // passed so far
	cut    int // the point at which it goes off; 0 = never
	off    bool
}

// point passes one point; false if the power is off behind it.
func (p *power) point() bool {
	if p.off {
		return false
	}
	p.points++
	p.off = p.points == p.cut
	return !p.off
}

// memory is a KV whose content outlives the power.
type memory struct {
	power   *power
	buckets map[string]map[string][]byte
}

var _ store.KV = (*memory)(nil)

func newMemory(p *power) *memory { return &memory{power: p, buckets: map[string]map[string][]byte{}} }

func (m *memory) View(fn func(store.Tx) error) error {
	if m.power.off {
		return errPower
	}
	return fn(&memoryTx{buckets: m.buckets})
}

func (m *memory) Update(fn func(store.Tx) error) error {
	if m.power.off {
		return errPower
	}
	tx := &memoryTx{buckets: maps.Clone(m.buckets), own: map[string]bool{}}
	if err := fn(tx); err != nil {
		return err
	}
	if !m.power.point() {
		return errPower
	}
	m.buckets = tx.buckets
	if !m.power.point() {
		return errPower
	}
	return nil
}

func (m *memory) Close() error { return nil }

type memoryTx struct {
	buckets map[string]map[string][]byte
	own     map[string]bool // copied in this transaction
}

func (t *memoryTx) Get(bucket string, key []byte) []byte { return t.buckets[bucket][string(key)] }

func (t *memoryTx) write(bucket string) map[string][]byte {
	if !t.own[bucket] {
		t.own[bucket] = true
		if t.buckets[bucket] = maps.Clone(t.buckets[bucket]); t.buckets[bucket] == nil {
			t.buckets[bucket] = map[string][]byte{}
		}
	}
	return t.buckets[bucket]
}

func (t *memoryTx) Put(bucket string, key, value []byte) error {
	t.write(bucket)[string(key)] = append([]byte{}, value...)
	return nil
}

func (t *memoryTx) Delete(bucket string, key []byte) error {
	delete(t.write(bucket), string(key))
	return nil
}

func (t *memoryTx) Scan(bucket string, from []byte, fn func(key, value []byte) bool) {
	b := t.buckets[bucket]
	for _, k := range slices.Sorted(maps.Keys(b)) {
		if k >= string(from) && !fn([]byte(k), bytes.Clone(b[k])) {
			return
		}
	}
}

// fault is what goes wrong with one write, by its number among all writes.
type fault struct {
	call int // from 1; 0 = none
	kind string
}

// The kinds of faults.
const (
	lostBefore = "answer lost, nothing done"
	lostAfter  = "answer lost, done"
	late       = "answer lost, done later"
	busy       = "refused for now"
	serverErr  = "500, nothing done"
)

// line is the way to a target: calls are counted, cut and spoiled on it.
type line struct {
	power *power
	fault fault
	calls int
}

func unavailable(outcome connectors.Outcome) connectors.Result {
	return connectors.Result{Outcome: outcome, Err: connectors.Errorf(connectors.Unavailable, "crm-unreachable", "no answer")}
}

// send does one write over the line.
func (l *line) send(s *side, op connectors.Op) connectors.Result {
	if !l.power.point() {
		return unavailable(connectors.InDoubt)
	}
	l.calls++
	r := l.spoil(s, op)
	if !l.power.point() {
		return unavailable(connectors.InDoubt)
	}
	return r
}

func (l *line) spoil(s *side, op connectors.Op) connectors.Result {
	if l.calls != l.fault.call {
		return s.do(op)
	}
	switch l.fault.kind {
	case lostBefore:
	case lostAfter:
		s.do(op)
	case late:
		s.late = append(s.late, func() { s.do(op) })
	case busy:
		return connectors.Result{Outcome: connectors.NotApplied, Err: connectors.Errorf(connectors.RateLimited, "crm-rate-limited", "429")}
	case serverErr:
		return connectors.Result{Outcome: connectors.ReadBack, Err: connectors.Errorf(connectors.Rejected, "crm-server-error", "500")}
	}
	return unavailable(connectors.InDoubt)
}

// erpSide is the ERP: a half-done write of it can be told apart later, by the record before and after.
type erpSide struct{ *side }

func (s erpSide) Prepare(_ context.Context, op connectors.Op) ([]byte, error) {
	if r := s.records[op.Entity][op.Key]; r != nil {
		return r.Fields.AppendCanonical(nil), nil
	}
	return []byte("new"), nil
}

func (s erpSide) Resolve(_ context.Context, op connectors.Op) connectors.Result {
	notDone := connectors.Result{Outcome: connectors.NotApplied, Err: connectors.Errorf(connectors.Busy, "card-changed", "as before")}
	if op.Kind == connectors.Create {
		for k, r := range s.records[op.Entity] {
			if r.Fields["number"].Equal(op.Fields["number"]) {
				return connectors.Result{Outcome: connectors.Applied, Key: k}
			}
		}
		return notDone
	}
	r := s.records[op.Entity][op.Key]
	if r != nil && bytes.Equal(r.Fields.AppendCanonical(nil), op.Token) {
		return notDone
	}
	for name, v := range op.Fields {
		if r == nil || !r.Fields[name].Equal(v) {
			return connectors.Result{Outcome: connectors.InDoubt, Err: connectors.Errorf(connectors.Rejected, "card-half-written", "card %s", op.Key)}
		}
	}
	return connectors.Result{Outcome: connectors.Applied, Key: op.Key}
}
