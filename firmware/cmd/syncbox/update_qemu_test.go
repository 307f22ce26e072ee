package main

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/share/sharetest"
	"syncbox/firmware/internal/health"
	"syncbox/firmware/internal/sitetest"
	"syncbox/image/vm"
)

// The editions of the story: one that is well, and one that must not stay.
var (
	second = edition{"1.1.0", []change{{"firmware/cmd/syncbox/appliance.go", "	m.hardware()\n", `	m.hardware()
	for i, what := range []string{"a change", "of some", "lines"} {
		if len(what) > 99+i {
			m.log.Warn("more than there is", "what", what, "i", i)
		}
	}
`}}}

	cannotSync = edition{"1.4.0", []change{{"firmware/internal/app/job.go",
		"	files, err := j.open()\n", "	panic(\"made to fail\")\n	files, err := j.open()\n"}}}
)

// updateStory: a box that syncs is brought to a second version by a delta, whose line breaks once, and then to one that
// is no good. It comes back to the second by itself, and says why in its journal, by its light and at its console. It
// syncs all along.
func updateStory(t *testing.T, ctx context.Context, f factory) {
	s := newSite(t, ctx, f, sitetest.Options{Customers: 30, Documents: 40, Share: sharetest.ShareERP, Back: sitetest.Direct, Updates: f.maker.address()})
	start, log := s.diskNow(), filepath.Join(t.TempDir(), "disk.log")
	s.powerOn(vm.Config{USB: true, DiskLog: log})
	s.firstSync(30, 40)

	f.maker.publish(ctx, second)
	f.maker.interrupt()
	s.wishFor(f.maker, "1.1.0")
	s.starts++
	s.hears("AB: slot b part 3", "duty=look", "code=update-done")
	if asked := payloads(f.maker.given()); len(asked) < 2 || !strings.Contains(asked[1], "bytes=") ||
		slices.ContainsFunc(asked, func(path string) bool {
			return !strings.Contains(path, ".1.0.0 ") && !strings.HasSuffix(path, ".1.0.0")
		}) {
		t.Errorf("asked for %q, want the delta, and the rest of it", asked)
	}
	s.runs("1.1.0")
	s.edited("Rimouski")

	for _, bad := range []struct {
		edition
		why    string
		starts int // until the second one runs again
	}{
		{cannotSync, "trial-job", 2},
	} {
		begin := time.Now()
		f.maker.publish(ctx, bad.edition)
		s.wishFor(f.maker, bad.version)
		s.starts += bad.starts
		s.hears("code=update-rolled-back", "cause:"+bad.why)
		s.runs("1.1.0")
		s.shows(health.RolledBack)
		s.edited(bad.version)
		t.Logf("back from %s, which %s, after %.0f s", bad.version, bad.why, time.Since(begin).Seconds())
	}
	s.powerOff()
	s.cut(start, log, f.maker)
	journal := s.files()["journal.db"]
	for _, code := range []string{"update-wished", "update-begins", "update-done", "update-rolled-back", "trial-job"} {
		if !strings.Contains(journal, code) {
			t.Errorf("%s is not in the journal", code)
		}
	}
}

// payloads gives what was asked for of payloads.
func payloads(asked []string) (all []string) {
	for _, path := range asked {
		if strings.HasPrefix(path, "/targets/") && !strings.HasSuffix(path, ".windows") {
			all = append(all, path)
		}
	}
	return all
}

// wishFor brings an order on a stick, which is pulled once the box is about to restart.
func (s *site) wishFor(m *maker, version string) {
	s.t.Helper()
	stick := newStickOf(s.t, s.ctx, "wish-"+version, map[string][]byte{"syncbox-wish.json": m.wish(version)})
	s.plugIn(stick)
	s.hears("code=update-wished", "code=update-begins", "code=update-restarts")
	s.pullOut(stick)
}

// runs makes sure of the version that runs, at the console.
func (s *site) runs(version string) {
	s.t.Helper()
	s.says("versions", "Version            "+version)
}

// edited has somebody change a customer on each side, and waits until the other side shows it.
func (s *site) edited(city string) {
	s.t.Helper()
	s.no(s.ERP.ModifyCustomer(s.customer(3).CardPos, func(c *acombatest.Customer) { c.City = city }))
	s.inCRM(s.customer(3), city)
	s.editCRM(s.customer(2), city)
	s.until("edit of the CRM in the folder", func() bool { return s.customer(2).City == city })
	s.synced("after " + city)
}
