package update

import (
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"syncbox/ota/trust"
)

// tooLong is how long anything may take on a busy machine before a test gives up; no test ends by it that succeeds.
const tooLong = 20 * time.Second

// TestLightDoesNotWait: while the card takes no write, whoever shows how the box is hears what there was before.
func TestLightDoesNotWait(t *testing.T) {
	disk, err := os.Create(filepath.Join(t.TempDir(), "disk"))
	if err != nil {
		t.Fatal(err)
	}
	defer disk.Close()
	now := time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)
	u := New(Config{Disk: disk, Database: filepath.Join(t.TempDir(), "update.db"), Log: slog.New(slog.DiscardHandler),
		Clock: func() trust.Clock { return trust.Clock{Now: now, Trusted: true} }})
	writes, err := u.store.db.Begin(true) // nobody else writes until it ends
	if err != nil {
		t.Fatal(err)
	}
	kept := make(chan error, 1)
	go func() { kept <- u.change(func(r *Record) { r.Last = &Outcome{Wish: "one"} }) }()
	for u.mu.TryLock() { // until it is kept
		u.mu.Unlock()
		runtime.Gosched()
	}
	shown := make(chan Status, 1)
	go func() {
		u.Clock()
		u.Has("one")
		shown <- u.Status()
	}()
	select {
	case s := <-shown:
		if s.Last != nil {
			t.Errorf("shown before it is durable: %+v", s.Last)
		}
	case <-time.After(tooLong):
		t.Error("the light waits for the disk")
	}
	if err := writes.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := <-kept; err != nil {
		t.Fatal(err)
	}
	if s := u.Status(); s.Last == nil || s.Last.Wish != "one" {
		t.Errorf("kept, but shown %+v", s.Last)
	}
	if err := u.Close(); err != nil {
		t.Error(err)
	}
}
