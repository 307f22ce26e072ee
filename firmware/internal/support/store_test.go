package support_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"syncbox/firmware/internal/support"
	"syncbox/firmware/internal/support/wire"
	"syncbox/ota/order"
)

// TestSessions: no number is given twice, whenever the power goes, and few of them are written.
func TestSessions(t *testing.T) {
	w := newWorld(t)
	last := uint64(0)
	for i := range 500 {
		if i%37 == 0 {
			w.boot()
		}
		n, err := w.store.NextSession()
		if err != nil || n <= last {
			t.Fatalf("session %d after %d: %v", n, last, err)
		}
		last = n
	}
	if w.steps > 60 {
		t.Errorf("%d writes for 500 sessions", w.steps/2)
	}
	w.boot()
	w.file.broken = errors.New("no space")
	if n, err := w.store.NextSession(); err == nil {
		t.Errorf("session %d, which is not kept", n)
	}
}

// TestOutboxIsFull: events make room first, what tells how an order ended last.
func TestOutboxIsFull(t *testing.T) {
	w := newWorld(t)
	for i := range 150 {
		w.take(w.issue(order.Sync, fmt.Sprintf(`{"job":"j%d"}`, i)))
	}
	w.work()
	for range 200 {
		if err := w.desk.Tell(wire.SyncEvent, "cycle-complete", nil); err != nil {
			t.Fatal(err)
		}
	}
	w.boot()
	final := map[string]bool{}
	events := 0
	for _, m := range w.sent() {
		if m.Ack == "" {
			events++
		}
		final[m.Ack] = final[m.Ack] || m.Final
	}
	for i := range 150 {
		if !final[id(i+1)] {
			t.Errorf("how order %d ended was dropped", i+1)
		}
	}
	if events != 150 {
		t.Errorf("%d events are left, want 150", events)
	}
}

// TestLogIsBounded: a box forgets how old orders ended, and still refuses them.
func TestLogIsBounded(t *testing.T) {
	w := newWorld(t)
	first := w.issue(order.Sync, ``)
	w.take(first)
	for range 400 {
		w.take(w.issue(order.Sync, ``))
		w.work()
		w.sent()
	}
	if _, found, err := w.store.Entry(id(1)); found || err != nil {
		t.Errorf("the first of 401 orders is remembered, %v", err)
	}
	was := len(w.did)
	w.take(first)
	w.work()
	if len(w.did) != was {
		t.Error("a forgotten order was carried out again")
	}
}

// TestStrangersDontWearTheCard: what anybody can send again and again is not written.
func TestStrangersDontWearTheCard(t *testing.T) {
	w := newWorld(t)
	old := make([][]byte, 300)
	for i := range old {
		old[i] = w.issue(order.Sync, ``, func(o *order.Order) { o.Issued -= 3600; o.NotBefore -= 3600; o.Expires = o.Issued + 60 })
	}
	w.steps = 0
	for range 4 {
		w.take([]byte("rubbish"))
		for _, e := range old {
			w.take(e)
		}
	}
	if got := w.steps / 2; got > 31 {
		t.Errorf("%d writes for 1204 messages", got)
	}
}

// TestErased: a full reset takes what the box told of its jobs, and leaves that it was done.
func TestErased(t *testing.T) {
	w := newWorld(t)
	w.take(w.issue(order.Config, `{"set":[{"key":"job.acomba.share.folder","value":"Confidential"}]}`))
	w.take(w.issue(order.Diag, ``))
	if err := w.desk.Tell(wire.SyncEvent, "cycle-complete", map[string]any{"job": "Confidential"}); err != nil {
		t.Fatal(err)
	}
	w.work()
	w.now = w.now.Add(time.Second)
	reset := w.issue(order.Reset, `{"level":"full"}`)
	w.take(reset)
	w.work()
	if !w.reboot {
		t.Fatal("no restart")
	}
	w.boot()
	w.starts()
	w.take(reset)
	w.work()
	var all []byte
	for _, m := range w.sent() {
		all = append(all, m.Payload...)
		if m.Ack == "" {
			t.Errorf("event %s is left", m.Payload)
		}
	}
	for i := range 3 {
		e, _, err := w.store.Entry(id(i + 1))
		if err != nil {
			t.Fatal(err)
		}
		b, _ := json.Marshal(e)
		all = append(all, b...)
	}
	if bytes.Contains(all, []byte("Confidential")) || bytes.Contains(all, []byte("detail")) {
		t.Errorf("left: %s", all)
	}
	if n := strings.Count(strings.Join(w.did, ","), "reset-full"); n != 1 || !bytes.Contains(all, []byte("succeeded")) {
		t.Errorf("did %q, told %s", w.did, all)
	}
}

// TestFile: the real file keeps what it was told, and one that is damaged is set aside.
func TestFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "support.db")
	open := func() (*support.Store, error) {
		t.Helper()
		s, lost, err := support.OpenFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return s, lost
	}
	s, lost := open()
	if lost != nil {
		t.Error(lost)
	}
	if err := s.Post(support.Message{Topic: "t", Payload: json.RawMessage(`{"x":1}`)}); err != nil {
		t.Fatal(err)
	}
	if n, err := s.NextSession(); n != 1 || err != nil {
		t.Error(n, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s, _ = open()
	if m, found, err := s.Next(); !found || m.Topic != "t" || string(m.Payload) != `{"x":1}` || err != nil {
		t.Errorf("got %+v, %v, %v", m, found, err)
	}
	if l, err := s.Lost(); l || err != nil {
		t.Error(l, err)
	}
	s.Close()
	if err := os.WriteFile(path, bytes.Repeat([]byte("x"), 40000), 0o600); err != nil {
		t.Fatal(err)
	}
	s, lost = open()
	if l, err := s.Lost(); !l || err != nil || lost == nil {
		t.Errorf("a damaged file: lost %t, %v, %v", l, err, lost)
	}
	if err := s.Refound(start); err != nil {
		t.Fatal(err)
	}
	s.Close()
	s, lost = open()
	t.Cleanup(func() { s.Close() })
	seq, err := s.Seq()
	if l, e := s.Lost(); l || e != nil || lost != nil || err != nil || seq[order.Danger] != start.UnixMilli() {
		t.Errorf("found again: lost %t, %v, %v, seq %v, %v", l, e, lost, seq, err)
	}
}
