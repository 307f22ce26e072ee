package browsertest_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/centrixone/centrixonetest"
	"syncbox/firmware/internal/app"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/console/setupcode"
	"syncbox/firmware/internal/local"
	"syncbox/firmware/internal/sitetest"
	"syncbox/firmware/internal/storytest"
	"syncbox/firmware/internal/web"
)

const boxText = `[box]
name = "syncbox-7Q2K"
data = %q
socket = %q
[[job]]
name = "nord"
pair = "acomba-centrixone"
interval = "1h"
[job.share]
kind = "directory"
path = %q
[job.acomba]
company = %q
quiet_ms = 40
[job.centrixone]
url = "http://%s"
plain_http = true
rate = 80.0
max_server_late = "2s"
`

// realBox runs a box as an ordinary process does, with a company and a CRM, and serves its page.
func realBox(t *testing.T) (*site, storytest.Sides) {
	t.Helper()
	dir := t.TempDir()
	door, err := os.MkdirTemp("", "door") // a socket's path must be short
	must(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(door) })
	var sides storytest.Sides
	sides.ERP, err = sitetest.NewCompany(dir, 30, 10)
	must(t, err)
	crm, address, end, err := sitetest.ServeCRM(centrixonetest.Acomba)
	must(t, err)
	sides.CRM = crm
	t.Cleanup(func() { _ = end() })
	data := filepath.Join(dir, "data")
	must(t, os.MkdirAll(data, 0o700))
	must(t, setupcode.Write(filepath.Join(data, web.CodeFile), code))
	file := filepath.Join(dir, "syncbox.toml")
	must(t, os.WriteFile(file, fmt.Appendf(nil, boxText, data, filepath.Join(door, "s"), dir, sitetest.Company, address), 0o600))
	must(t, os.WriteFile(filepath.Join(dir, "secrets.toml"), fmt.Appendf(nil, "[job.nord]\ncrm_account = %q\ncrm_key = %q\n", sitetest.CRMAccount, sitetest.CRMKey), 0o600))
	conf, err := config.Load(file)
	must(t, err)
	log := slog.New(slog.DiscardHandler)
	a, err := app.New(conf, log)
	must(t, err)
	t.Cleanup(func() { _ = a.Close() })
	background(t, func(ctx context.Context) error { return a.Run(ctx) })
	background(t, (&local.Server{Path: conf.Box.Socket, App: a, Log: log}).Run)
	return at(t, web.OfProcess(conf, a, log)), sides
}

// inUse gives the card of one of the company's customers.
func inUse(t *testing.T, sides storytest.Sides, which int) int32 {
	t.Helper()
	p, err := sides.Picture()
	must(t, err)
	for _, c := range p.Customers {
		if c.Status == acombatest.InUse {
			if which--; which < 0 {
				return c.CardPos
			}
		}
	}
	t.Fatal("too few customers")
	return 0
}

// background runs a part until the test ends.
func background(t *testing.T, run func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// A real box, between a company and a CRM: what is clicked on the page is judged by what the CRM holds.
//
// Requirement: ACO-8, ACO-85, ACO-86, ACO-87, ACO-90
func TestBrowserRealBox(t *testing.T) {
	t.Parallel()
	s, sides := realBox(t)
	v := s.visit(readers[0], "/")
	arrived := func(what string) {
		t.Helper()
		must(t, storytest.Until(t.Context(), what, time.Minute, func() bool {
			p, err := sides.Picture()
			return err == nil && len(sides.Missing(p)) == 0
		}))
	}
	arrived("first sync")
	v.sees(v.says("light.ready"), v.says("way.success")) // without anybody having touched the page
	v.logsOn()
	must(t, v.Go("/"))

	stop := func() { v.follows(http.StatusOK, "button", v.says("page.status.stop")) }
	stop()
	v.sees(v.says("service.stopped"))
	must(t, sides.ERP.ModifyCustomer(inUse(t, sides, 0), func(c *acombatest.Customer) { c.City = "Rimouski" }))
	v.follows(http.StatusOK, "button", v.says("page.status.start"))
	must(t, v.NotSee(v.says("service.stopped")))
	arrived("what was changed while the box was stopped")
	v.sees(v.says("service.running"))

	must(t, sides.ERP.ModifyCustomer(inUse(t, sides, 1), func(c *acombatest.Customer) { c.City = "Matane" }))
	v.follows(http.StatusOK, "button", v.says("page.status.force"))
	arrived("what was changed, an hour early")
	must(t, sides.NoDoubles())

	v.follows(http.StatusOK, "nav a", v.says("page.nav.journal"))
	v.sees(v.says("event.record-updated"))
	v.isFine("journal of a real box")
}
