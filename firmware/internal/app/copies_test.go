package app

import (
	"testing"
	"time"

	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// TestCopyDue asks when a copy of the truth is made.
func TestCopyDue(t *testing.T) {
	noon := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	rest := engine.Status{Service: engine.Running, LastEnd: noon}
	for _, row := range []struct {
		name   string
		status engine.Status
		after  time.Duration // since the last copy, in the job's own time; 0 = there is none
		lost   bool
		want   bool
	}{
		{"the first one", rest, 0, false, true},
		{"before the first cycle has ended", engine.Status{Service: engine.Running}, 0, false, false},
		{"within a cycle", engine.Status{Service: engine.Running, LastEnd: noon, Phase: "account"}, 0, false, false},
		{"some hours later", rest, 23 * time.Hour, false, false},
		{"a day later", rest, 24 * time.Hour, false, true},
		{"some hours later, closed", engine.Status{Service: engine.Blackout}, 11 * time.Hour, false, false},
		{"half a day later, closed", engine.Status{Service: engine.Blackout}, 12 * time.Hour, false, true},
		{"half a day later, stopped", engine.Status{Service: engine.Stopped}, 12 * time.Hour, false, true},
		{"the truth is not yet made good", rest, 48 * time.Hour, true, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			files, err := store.OpenJob(t.TempDir(), "box", "job", 1, noon)
			if err != nil {
				t.Fatal(err)
			}
			defer files.Close()
			keep := func(at time.Time) {
				err := files.State.Update(func(tx *store.Txn) error {
					if row.lost {
						tx.PutRepair(store.Repair{Level: 2, Lost: true})
					}
					tx.SetSteady(at)
					return nil
				})
				if err != nil {
					t.Fatal(err)
				}
			}
			keep(noon)
			if row.after > 0 {
				if err := copyOnce(files); err != nil {
					t.Fatal(err)
				}
				if copyDue(row.status, files) {
					t.Error("due again at once")
				}
				keep(noon.Add(row.after))
			}
			if got := copyDue(row.status, files); got != row.want {
				t.Errorf("got %v, want %v", got, row.want)
			}
		})
	}
}
