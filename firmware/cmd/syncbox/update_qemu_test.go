package main

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/share/sharetest"
	"syncbox/firmware/internal/sitetest"
	"syncbox/image/vm"
)

// second is an edition that is well.
var second = edition{"1.1.0", []change{{"firmware/cmd/syncbox/appliance.go", "	m.hardware()\n", `	m.hardware()
	for i, what := range []string{"a change", "of some", "lines"} {
		if len(what) > 99+i {
			m.log.Warn("more than there is", "what", what, "i", i)
		}
	}
`}}}

// updateStory: a box that syncs is brought to a second version by a delta, whose line breaks once, and then to one that
// cannot sync, from which it comes back to the second. Whatever reached its card is cut in the end; some of those disks are
// started, from which the box must come to the second version.
func updateStory(t *testing.T, ctx context.Context, f factory) {
	o := f.maker.open(t, ctx, first)
	s := newSite(t, ctx, f, updated(o))
	l := life{start: s.diskNow(), log: filepath.Join(t.TempDir(), "disk.log")}
	s.powerOn(vm.Config{USB: true, DiskLog: l.log})
	s.firstSync(30, 40)

	o.publish(ctx, second)
	o.interrupt()
	s.wishFor(o, second, func() { l.from = s.logged(l) })
	s.starts++
	s.hears("AB: slot b part 3", "duty=look", "code=update-done")
	l.to = s.logged(l)
	if asked := o.given(); len(asked) < 2 || !strings.Contains(asked[1], "bytes=") ||
		slices.ContainsFunc(asked, func(path string) bool {
			return !strings.Contains(path, ".1.0.0 ") && !strings.HasSuffix(path, ".1.0.0")
		}) {
		t.Errorf("asked for %q, want the delta, and the rest of it", asked)
	}
	s.runs(second)
	s.edited("Rimouski")

	o.publish(ctx, cannotSync.edition)
	s.comesBack(cannotSync, second, func() { s.wishFor(o, cannotSync.edition) })
	s.powerOff()
	s.plainJournal()
	s.journalled("update-wished", "update-begins", "update-done", "update-rolled-back", cannotSync.why)
	for _, d := range s.cut(l, o, s.draw(l, *goOn)) {
		s.goesOn(d, second)
	}
}

// updated is a small site that both sides of can be edited, whose box has updates.
func updated(o *outlet) sitetest.Options {
	return sitetest.Options{Customers: 30, Documents: 40, Share: sharetest.ShareERP, Back: sitetest.Direct, Updates: o.address()}
}

// wishFor brings an order on a stick, which is pulled once the box is about to restart. taken is called once the order is.
func (s *site) wishFor(o *outlet, e edition, taken ...func()) {
	s.t.Helper()
	stick := newStickOf(s.t, s.ctx, "wish-"+e.version, map[string][]byte{"syncbox-wish.json": o.wish(e.version)})
	s.plugIn(stick)
	s.hears("code=update-wished")
	for _, call := range taken {
		call()
	}
	s.hears("code=update-begins", "code=update-restarts")
	s.pullOut(stick)
}

// runs makes sure of the version that runs, at the console.
func (s *site) runs(e edition) {
	s.t.Helper()
	s.says("versions", "Version            "+e.version)
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
