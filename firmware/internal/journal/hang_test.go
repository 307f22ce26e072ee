package journal

import (
	"bytes"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"syncbox/sync/store"
)

// hanging is a database whose disk takes nothing until it is well.
type hanging struct {
	store.KV
	well chan struct{}
}

func (h hanging) Update(fn func(store.Tx) error) error {
	<-h.well
	return h.KV.Update(fn)
}

// A disk that hangs holds nobody up for long, neither with many events nor at the end; what waited is written if the disk
// takes it after all.
func TestHangingDisk(t *testing.T) {
	kv, err := store.OpenBolt(filepath.Join(t.TempDir(), "journal.db"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(kv, owner, owner, digestSeed); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		var logs bytes.Buffer
		j := New(slog.New(slog.NewTextHandler(&logs, nil)))
		h := hanging{kv, make(chan struct{})}
		state, err := store.Open(h, owner, owner, digestSeed)
		if err != nil {
			t.Fatal(err)
		}
		j.state.Store(state)
		begin := time.Now()
		j.Event("device-restart", nil)
		if took := time.Since(begin); took > patience {
			t.Errorf("held up for %s", took)
		}
		for range 3 * mostQueued {
			go j.Event("device-sync", nil)
		}
		synctest.Wait()
		if all, err := j.Events(10); len(all) > 0 || err != nil {
			t.Errorf("read meanwhile: %v, %v", all, err)
		}
		begin = time.Now()
		if err := j.Close(); err == nil || time.Since(begin) > patience {
			t.Errorf("closed after %s: %v", time.Since(begin), err)
		}
		time.Sleep(patience)
		synctest.Wait()
		if n := strings.Count(logs.String(), "event not kept"); n != 3*mostQueued+1 {
			t.Errorf("%d events were told not to be kept", n)
		}
		close(h.well)
		synctest.Wait()
		if all, err := j.Events(mostQueued + 10); len(all) != mostQueued || err != nil {
			t.Errorf("%d events in the end, %v, want the %d that waited", len(all), err, mostQueued)
		}
	})
	if err := kv.Close(); err != nil {
		t.Error(err)
	}
}
