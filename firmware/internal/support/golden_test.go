package support_test

import (
	"bytes"
	"compress/gzip"
	"flag"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"syncbox/firmware/internal/support"
	"syncbox/firmware/internal/support/wire"
	"syncbox/ota/order"
)

var rewrite = flag.Bool("update", false, "write the memory of this version into testdata")

// golden is the memory of the first version that was published; a later form of it gets a file of its own, and this one stays.
const golden = "testdata/support-1.db.gz"

// write makes the memory of this version: an order that is done, one that was refused, a wish, one that was begun when the power
// went, one that waits, where support is found, and what is to be told. Whoever opens it knows the orders: they are the first ones of
// a new world.
func write(t *testing.T) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "support.db")
	s, _, err := support.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	w.use(s)
	for range 3 {
		if _, err := s.NextSession(); err != nil {
			t.Fatal(err)
		}
	}
	w.take(w.issue(order.Sync, `{"job":"north"}`)) // 1
	w.work()
	w.sent()
	w.take(w.issue(order.Sync, ``, func(o *order.Order) { o.NotBefore += 60 })) // 2
	w.sent()
	if err := w.desk.TakeWish(t.Context(), w.issue(order.Desired, wished[:len(wished)-1]+`,"groups":["eu-1"],"reconnect_spread_s":7}`)); err != nil { // 3
		t.Fatal(err)
	}
	w.sent()
	w.take(w.issue(order.Resync, `{"level":2}`)) // 4
	w.watch = func(string) { panic(cut{}) }
	w.cutOff(w.work)
	w.take(w.issue(order.Sync, `{"job":"south"}`)) // 5
	if err := s.SetHome(support.Home{Name: "north", Brokers: []string{"a.example.org:8883"}, EST: "https://est.example.org/"}); err != nil {
		t.Fatal(err)
	}
	if err := w.desk.Tell(wire.SecurityEvent, "order-bad-signature", nil); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// cutOff lets something happen until the power goes.
func (w *world) cutOff(what func()) {
	w.t.Helper()
	defer func() {
		if _, is := recover().(cut); !is {
			w.t.Fatal("the power did not go")
		}
	}()
	what()
}

// TestEarlierMemory: what the first version remembered is what this one goes on with.
func TestEarlierMemory(t *testing.T) {
	if *rewrite {
		var packed bytes.Buffer
		z, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression) // the level is right
		z.Write(write(t))                                          // a buffer takes everything
		z.Close()
		if err := os.WriteFile(golden, packed.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	f, err := os.Open(golden)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	goesOn(t, b)
}

// TestMemory: and so is what this one remembers.
func TestMemory(t *testing.T) { goesOn(t, write(t)) }

// goesOn opens a memory that write has made, and looks at what the box does with it.
func goesOn(t *testing.T, memory []byte) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "support.db")
	if err := os.WriteFile(path, memory, 0o600); err != nil {
		t.Fatal(err)
	}
	s, lost, err := support.OpenFile(path)
	if err != nil || lost != nil {
		t.Fatal(err, lost)
	}
	defer s.Close()
	w := newWorld(t)
	w.use(s)
	w.starts()
	if n, err := s.NextSession(); err != nil || n <= 3 {
		t.Errorf("session %d, %v: there were three", n, err)
	}
	if got, want := s.Standing(), (support.Standing{Groups: []string{"eu-1"}, Issued: start.Unix(), Heard: start.Unix(), Seq: start.UnixMilli() + 3,
		Spread: 7 * time.Second, SpreadSeq: start.UnixMilli() + 3}); !slices.Equal(got.Groups, want.Groups) || got.Issued != want.Issued ||
		got.Heard != want.Heard || got.Seq != want.Seq || got.Spread != want.Spread || got.SpreadSeq != want.SpreadSeq {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if h, err := s.Home(); err != nil || h.Name != "north" || !slices.Equal(h.Brokers, []string{"a.example.org:8883"}) || h.EST != "https://est.example.org/" {
		t.Errorf("got %+v, %v", h, err)
	}
	events := 0
	for _, m := range w.sent() {
		if strings.HasSuffix(m.Topic, "/evt/security") {
			events++
		}
	}
	if events != 1 {
		t.Errorf("%d events wait, want one", events)
	}
	w.work() // 4 was begun, 5 was not
	if got, want := w.acks(), []string{"failed order-interrupted", "succeeded"}; !slices.Equal(got, want) {
		t.Errorf("told %q, want %q", got, want)
	}
	w.take(w.issue(order.Sync, `{"job":"north"}`)) // 1, once more
	w.take(w.issue(order.Sync, ``))                // 2
	w.n = 8
	w.take(w.issue(order.Sync, ``, func(o *order.Order) { o.Seq = start.UnixMilli() })) // one of before
	w.work()
	if got, want := w.acks(), []string{"rejected replayed", "succeeded", "rejected not-yet"}; !slices.Equal(got, want) {
		t.Errorf("told %q of what came again, want %q", got, want)
	}
	w.take(w.issue(order.Sync, `{"job":"west"}`))
	w.work()
	if got, want := w.did, []string{"force south", "force west"}; !slices.Equal(got, want) {
		t.Errorf("did %q, want %q", got, want)
	}
}
