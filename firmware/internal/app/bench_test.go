package app_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/centrixone/centrixonetest"
	"syncbox/firmware/internal/app"
	"syncbox/firmware/internal/config"
	"syncbox/sync/engine"
)

// benchCustomers is the size of a large company.
const benchCustomers = 20_000

// boxConfig names the configuration that a child process of this test runs as the box, so that its memory is
// the box's alone and not that of both simulators.
const boxConfig = "SYNCBOX_BENCH_CONFIG"

// cycleEnded says whether the first cycle of every job is over; one that was no success is an error.
func cycleEnded(jobs []*app.Job) (bool, error) {
	for _, j := range jobs {
		switch st, err := j.Status(); {
		case err != nil || st.LastEnd.IsZero():
			return false, nil
		case st.Ways[0].Outcome != engine.Success:
			return false, fmt.Errorf("first sync: %s %s", st.Ways[0].Outcome, st.Ways[0].Code)
		}
	}
	return true, nil
}

// firstSyncOf runs the box until its first complete cycle is over, and prints the seconds that took and the most memory that the process
// ever had, in KiB: all that was resident, and what of it was its own.
func firstSyncOf(path string) error {
	conf, err := config.Load(path)
	if err != nil {
		return err
	}
	box, err := app.New(conf, slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ended := make(chan error, 1)
	begin := time.Now()
	go func() { ended <- box.Run(ctx) }()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	own := 0
	for range tick.C {
		own = max(own, statusKiB("RssAnon"))
		if ended, err := cycleEnded(box.Jobs); err != nil {
			return err
		} else if ended {
			break
		}
	}
	took := time.Since(begin)
	cancel()
	if err := <-ended; err != nil {
		return err
	}
	fmt.Println(took.Seconds(), statusKiB("VmHWM"), own)
	return box.Close()
}

// BenchmarkFirstSync brings a large company without documents across for the first time, over loopback HTTP
// and to a CRM that limits nothing but as fast as the configuration allows (100 requests a second). records/s
// counts accounts and contacts in the CRM.
func BenchmarkFirstSync(b *testing.B) {
	dir := b.TempDir()
	share := filepath.Join(dir, "share")
	must(b, os.MkdirAll(share, 0o755))
	_, err := acombatest.Create(filepath.Join(share, "EXEMPLE"), acombatest.Options{Customers: benchCustomers, Seed: 1})
	must(b, err)
	must(b, os.WriteFile(filepath.Join(dir, "secrets.toml"), []byte(secretText), 0o600))
	for n := 0; b.Loop(); n++ {
		crm := centrixonetest.New(centrixonetest.Options{Account: crmAccount, Key: crmKey, Source: centrixonetest.Acomba, AutomaticBilling: true,
			RateLimit: &centrixonetest.Rate{}})
		text := fmt.Sprintf(boxText, filepath.Join(dir, "data"+strconv.Itoa(n)), "one-way", "1h", "", share, "", "", serve(b, crm), "", "")
		path := filepath.Join(dir, "syncbox.toml")
		must(b, os.WriteFile(path, []byte(strings.Replace(text, "batch = 20", "batch = 100", 1)), 0o600))
		alone := boxAlone(b, path)
		records := len(crm.Accounts()) + len(crm.Contacts())
		if records < 2*benchCustomers {
			b.Fatalf("%d records in the CRM, want at least %d", records, 2*benchCustomers)
		}
		alone.report(b, records)
	}
}
