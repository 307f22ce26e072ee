package app_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"syncbox/connectors/centrixone/centrixonetest"
	"syncbox/connectors/quickbooks/quickbookstest"
	"syncbox/connectors/quickbooks/quickbookstest/signin"
	"syncbox/firmware/internal/app"
	"syncbox/firmware/internal/config"
)

// onlineCustomers and onlineDocuments are the size of a large company of QuickBooks Online.
const (
	onlineCustomers = 20_000
	onlineDocuments = 50_000
)

// BenchmarkQuickBooksFirstSync has the box bring a company of QuickBooks Online across for the first time, a large one and one of a fifth
// of its size, over loopback HTTP and as fast as the configuration allows, which is faster than its default.
func BenchmarkQuickBooksFirstSync(b *testing.B) {
	for _, share := range []int{5, 1} {
		customers, documents := onlineCustomers/share, onlineDocuments/share
		b.Run(fmt.Sprintf("customers=%d", customers), func(b *testing.B) {
			for b.Loop() {
				firstSyncOnline(b, customers, documents)
			}
		})
	}
}

func firstSyncOnline(b *testing.B, customers, documents int) {
	platform, err := quickbookstest.Listen(b.Context(), quickbookstest.Options{Limits: &quickbookstest.Limits{}}, signin.Options{})
	must(b, err)
	platform.API.Fill(quickbookstest.Seed{Seed: 1, Customers: customers, Documents: documents, WithoutAbnormal: true, Inactive: -1, Converted: -1})
	crm := centrixonetest.New(centrixonetest.Options{Account: crmAccount, Key: crmKey, Source: centrixonetest.QuickBooks, Write: true, RateLimit: &centrixonetest.Rate{}})
	dir := b.TempDir()
	text := fmt.Sprintf(onlineText, filepath.Join(dir, "data"), platform.URL, platform.URL, serve(b, crm))
	text = strings.NewReplacer(`timeout = "2s"`, `timeout = "60s"`, `interval = "1s"`, `interval = "1h"`, `max_idle = "1m"`, `max_idle = "2h"`).Replace(text)
	path := filepath.Join(dir, "syncbox.toml")
	must(b, os.WriteFile(path, []byte(text), 0o644))
	must(b, os.WriteFile(filepath.Join(dir, "secrets.toml"), []byte(onlineSecrets), 0o600))
	signInAt(b, path, platform)
	alone := boxAlone(b, path)
	if a, o := len(crm.Accounts()), len(crm.Opportunities()); a != customers || o != documents {
		b.Fatalf("%d accounts and %d opportunities in the CRM", a, o)
	}
	alone.report(b, 2*customers+documents)
	b.ReportMetric(float64(platform.API.MonthReads()), "erp_reads")
}

// signInAt connects the box that is not running yet.
func signInAt(b *testing.B, path string, platform *quickbookstest.Platform) {
	b.Helper()
	conf, err := config.Load(path)
	must(b, err)
	must(b, os.MkdirAll(filepath.Join(conf.Box.Data, "exemple"), 0o700))
	with := &app.SignIns{Draft: func() (config.Config, error) { return conf, nil }, Log: slog.New(slog.DiscardHandler), Changed: func(context.Context, string, bool) {}}
	link, err := with.Begin(b.Context(), "exemple")
	must(b, err)
	back, err := platform.SignIn.SignIn(link, signin.Choice{})
	must(b, err)
	page, err := http.Get(back)
	must(b, err)
	must(b, page.Body.Close())
	if done, err := with.Collect(b.Context(), "exemple"); err != nil || !done {
		b.Fatalf("sign in: %v, %v", done, err)
	}
}

// BenchmarkQuickBooksFloor prints how long the first sync of a large company takes in a time of its own, in which both products keep to
// the limits that they are said to have, and how much that is more than the floor. It is TestFirstSyncFloor at that size.
func BenchmarkQuickBooksFloor(b *testing.B) {
	for b.Loop() {
		run := exec.CommandContext(b.Context(), os.Args[0], "-test.run", "^TestFirstSyncFloor$", "-test.v")
		run.Env, run.Stderr = append(os.Environ(), fmt.Sprintf("%s=%d %d", floorSize, onlineCustomers, onlineDocuments)), os.Stderr
		out, err := run.Output()
		if err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
		for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
			for _, word := range strings.Fields(lines.Text()) {
				name, value, is := strings.Cut(word, "=")
				if v, err := strconv.ParseFloat(value, 64); is && err == nil && strings.HasPrefix(name, "floor_") {
					b.ReportMetric(v, name)
				}
			}
		}
	}
}
