package journal_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/firmware/internal/journal"
	"syncbox/sync/store"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// codes gives what stands in a journal.
func codes(t *testing.T, j *journal.Journal) []string {
	t.Helper()
	all, err := j.Events(100)
	must(t, err)
	var list []string
	for _, e := range all {
		if e.At.IsZero() {
			t.Errorf("%s has no time", e.Code)
		}
		list = append(list, fmt.Sprint(e.Seq, " ", e.Severity, " ", e.Code, " ", e.Args["by"]))
	}
	return list
}

func same(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// lives is a box that starts and ends again and again.
func lives(t *testing.T, path string, log *slog.Logger, bit bool, before ...string) *journal.Journal {
	t.Helper()
	j := journal.New(log)
	for _, code := range before {
		j.Event(code, map[string]string{"by": "button"})
	}
	must(t, j.Open(path, bit))
	return j
}

func TestStarts(t *testing.T) {
	path, log := filepath.Join(t.TempDir(), "journal.db"), slog.New(slog.DiscardHandler)
	j := lives(t, path, log, false, "device-sync")
	j.Event("device-action-failed", map[string]string{"by": "console"})
	must(t, j.Close())
	must(t, j.Close())
	j.Event("device-sync", nil) // after its end: in the log alone
	if all, err := j.Events(9); len(all) > 0 || err != nil {
		t.Errorf("closed journal: %v, %v", all, err)
	}

	j = lives(t, path, log, false)
	cut := filepath.Join(t.TempDir(), "journal.db") // what a power cut leaves: every event is durable at once
	text, err := os.ReadFile(path)
	must(t, err)
	must(t, os.WriteFile(cut, text, 0o600))
	must(t, j.Close())
	j = lives(t, cut, log, false)
	must(t, j.Close())
	j = lives(t, cut, log, true)
	same(t, "journal", codes(t, j), "1 info box-started ", "2 info device-sync button", "3 warning device-action-failed console",
		"4 info box-ended ", "5 info box-started ", "6 warning box-started-power ", "7 info box-ended ", "8 warning box-started-watchdog ")
	if newest, err := j.Events(2); err != nil || len(newest) != 2 || newest[1].Seq != 8 {
		t.Errorf("the two newest are %v, %v", newest, err)
	}
	must(t, j.Close())
}

func TestDamagedIsSetAside(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	must(t, os.WriteFile(path, bytes.Repeat([]byte("garbage "), 4096), 0o600))
	var logs bytes.Buffer
	j := lives(t, path, slog.New(slog.NewTextHandler(&logs, nil)), false, "device-restart")
	same(t, "journal", codes(t, j), "1 warning box-journal-anew ", "2 info box-started ", "3 info device-restart button")
	must(t, j.Close())
	if _, err := os.Stat(path + ".bad"); err != nil || !strings.Contains(logs.String(), "set aside") {
		t.Errorf("damaged file: %v; log %s", err, logs.String())
	}
}

// What happens before the file is there is written once it is, the oldest of it, and not without end.
func TestBeforeItIsOpen(t *testing.T) {
	j := journal.New(slog.New(slog.DiscardHandler))
	for i := range 1000 {
		j.Event("device-sync", map[string]string{"by": fmt.Sprint(i)})
	}
	must(t, j.Open(filepath.Join(t.TempDir(), "journal.db"), false))
	all, err := j.Events(2000)
	must(t, err)
	if n := len(all); n < 10 || n > 100 || all[0].Code != journal.Started || all[n-1].Args["by"] != fmt.Sprint(n-2) {
		t.Errorf("%d events are kept, the last is %v", n, all[n-1])
	}
	must(t, j.Close())
}

// A journal that can't be had keeps nobody from going on, and everything stands in the log.
func TestWithoutAFile(t *testing.T) {
	var logs bytes.Buffer
	j := journal.New(slog.New(slog.NewTextHandler(&logs, nil)))
	if err := j.Open(filepath.Join(t.TempDir(), "gone", "journal.db"), false); err == nil {
		t.Error("a folder that is not there is no error")
	}
	for range 1000 {
		j.Event("device-sync", nil)
	}
	if all, err := j.Events(10); len(all) > 0 || err != nil {
		t.Errorf("got %v, %v", all, err)
	}
	if n := strings.Count(logs.String(), "code=device-sync"); n != 1000 {
		t.Errorf("%d events in the log", n)
	}
	must(t, j.Close())
}

// What grows without end must not fill the data partition: the file is that of a job's journal, with its bound.
func TestBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	kv, err := store.OpenBolt(path)
	must(t, err)
	s, err := store.Open(kv, "box", "box", 0)
	must(t, err)
	long := map[string]string{"names": strings.Repeat("x", 1<<20)}
	for range store.JournalBytes>>20 + 3 {
		must(t, s.Update(func(tx *store.Txn) error { tx.Journal(store.Event{Code: "settings-changed", Args: long}); return nil }))
	}
	must(t, s.Close())
	j := lives(t, path, slog.New(slog.DiscardHandler), false)
	all, err := j.Events(100)
	must(t, err)
	if len(all) < 3 || len(all) > store.JournalBytes>>20 || all[len(all)-1].Code != journal.AfterPower {
		t.Errorf("%d events are left", len(all))
	}
	must(t, j.Close())
}

// TestFrom: page by page, every event comes once.
func TestFrom(t *testing.T) {
	path, log := filepath.Join(t.TempDir(), "journal.db"), slog.New(slog.DiscardHandler)
	if all, err := journal.New(log).From(0, 10); len(all) > 0 || err != nil {
		t.Errorf("a journal that is not open gives %v, %v", all, err)
	}
	j := lives(t, path, log, false)
	for range 24 {
		j.Event("device-sync", map[string]string{"by": "support"})
	}
	var seen []uint64
	for next, more := uint64(0), true; more; {
		all, err := j.From(next, 10)
		must(t, err)
		for _, e := range all {
			seen, next = append(seen, e.Seq), e.Seq+1
		}
		more = len(all) == 10
	}
	for i, n := range seen {
		if n != uint64(i+1) {
			t.Fatalf("got %v", seen)
		}
	}
	if len(seen) != 25 {
		t.Errorf("%d events, want 25", len(seen))
	}
	must(t, j.Close())
}

// TestBefore: page by page from the newest on, every event comes once, also where the oldest made room.
func TestBefore(t *testing.T) {
	path, log := filepath.Join(t.TempDir(), "journal.db"), slog.New(slog.DiscardHandler)
	if all, err := journal.New(log).Before(0, 10); len(all) > 0 || err != nil {
		t.Errorf("a journal that is not open gives %v, %v", all, err)
	}
	j := lives(t, path, log, false)
	for range 24 {
		j.Event("device-sync", nil)
	}
	for limit, want := range map[int]int{1: 25, 4: 25, 10: 25, 25: 25, 1000: 25, 0: 0, -1: 0} {
		seen, before := 0, uint64(0)
		for {
			all, err := j.Before(before, limit)
			must(t, err)
			for i, e := range all {
				if seen++; e.Seq != all[0].Seq+uint64(i) || before > 0 && e.Seq >= before {
					t.Fatalf("limit %d, before %d: got %d", limit, before, e.Seq)
				}
			}
			if len(all) == 0 {
				break
			}
			before = all[0].Seq
		}
		if seen != want {
			t.Errorf("limit %d: %d events came, want %d", limit, seen, want)
		}
	}
	must(t, j.Close())
}
