package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/share/sharetest"
	"syncbox/firmware/internal/health"
	"syncbox/firmware/internal/sitetest"
	"syncbox/image/vm"
	"syncbox/ota/order"
	"syncbox/ota/release"
)

// farBox is what a box is called whose settings are erased, after its network card in the virtual machine.
const farBox = "syncbox-3456"

// timeless is a machine whose clock begins in 1970, as that of a board without a battery does.
var timeless = vm.Config{Args: []string{"-rtc", "base=1970-01-02"}}

// nobody is an address where no broker listens.
const nobody = "mqtts://" + sitetest.Server + ":9"

const ofJob = `{"job":"` + sitetest.Job + `"}`

// supportStory: a box at a real broker, by the recipe that operators use, with somebody of support on the other side. It tells
// how it is, does what is signed and nothing else, once, whatever becomes of its power, of the broker and of its clock, follows the
// company's folder to where that is moved, and tells nothing of the customer's.
func supportStory(t *testing.T, ctx context.Context, f factory) {
	h := newHelpdesk(t, ctx, f.maker.open(t, ctx, first))
	s := newSite(t, ctx, f, sitetest.Options{Customers: 20, Documents: 10, Share: sharetest.ShareERP, Name: farBox, Support: nobody, Identity: h.identity})
	h.publish("desired", true, h.wish("1.0.0"))
	s.powerOn(timeless)
	s.hears("clock set to the least it can be", "was=1970-01-02T")
	s.firstSync(20, 10)
	s.logsOn(s.Code)
	s.says("regler support.broker "+h.address(), "support reached") // at once, and not some time within two minutes
	h.there(0)
	came := time.Now()
	if st := h.last("status"); st.FW != "1.0.0" || st.Slot != "a" {
		t.Errorf("the status is %+v", st)
	}
	h.until("what the first cycle did", func() bool { return h.heard("/evt/sync", `"created":[`) })
	s.learnsTheTime(h)
	h.until("the version that runs", func() bool { return h.acked("succeeded") >= 1 })
	h.does(order.Diag, ``, "succeeded")
	h.does(order.Journal, ofJob, "succeeded")
	h.does(order.Journal, ``, "succeeded")

	// One key is not enough, and says so to support alone.
	s.mark()
	h.publish("cmd", false, h.sign(order.Reset, `{"level":"full"}`, h.keys(release.Danger)[:1]))
	h.until("the alarm", func() bool { return h.heard("/evt/security", "order-bad-signature") })
	s.followsTheFolder(h)
	s.losesItsBroker(h, came)

	// The plug is pulled when the order is known to be under way.
	resync := h.sign(order.Resync, `{"level":2,"job":"`+sitetest.Job+`"}`, h.keys(release.Danger)[:2])
	id := idOf(t, resync)
	h.publish("cmd", false, resync)
	h.until("the order taken", func() bool { return len(h.phases(id)) > 0 })
	s.powerOff()
	h.until("the loss told by the broker", func() bool { return h.status("lost") })
	s.powerOn(timeless)
	s.hears(`msg="clock set" `, "support reached")
	h.does(order.Diag, ``, "succeeded") // an order that had not begun is looked at with the next one, or within a minute
	h.until("how it ended", func() bool { return h.ended(id) })
	h.publish("cmd", false, resync)
	h.until("it told once more", func() bool { return h.count(id) > 1 })
	s.synced("after the power cut")

	h.does(order.Reboot, ``, "succeeded")
	s.starts++
	s.hears("code=device-restart")

	s.mark()
	h.does(order.Reset, `{"level":"full"}`, "succeeded")
	s.starts++
	s.hears("code=device-reset-full", "code=box-erased", "code=config-incomplete")
	s.kept.erased = true
	h.silent(s.kept, 15)
	s.powerOff()
	if toml := s.files()["syncbox.toml"]; !strings.Contains(toml, "mqtts://") || strings.Contains(toml, "company") {
		t.Errorf("the settings after a full reset are %s", toml)
	}
}

// losesItsBroker: the broker dies, and is there again when the box comes back to it, which it does at once, as nobody has told its fleet to
// spread. It was connected since an instant, or before.
func (s *site) losesItsBroker(h *helpdesk, since time.Time) {
	s.t.Helper()
	const settled = 65 * time.Second // one that ends within a minute counts as a failure, after which the box waits for up to five
	h.until("a connection whose end is a loss", func() bool { return time.Since(since) > settled })
	s.no(s.Pause())
	h.no(h.broker.Kill())
	h.no(h.broker.Start(s.ctx))
	s.mark()
	s.no(s.Resume())
	s.hears("support left", "support reached")
	h.connect()
}

// learnsTheTime: a box that does not know the time has its connection, does what is harmless late, and refuses what is not. It goes
// on once there is a time server.
func (s *site) learnsTheTime(h *helpdesk) {
	s.t.Helper()
	h.does(order.Sync, ofJob, "succeeded")
	for op, args := range map[order.Op]string{
		order.Reboot: ``, order.Stop: ofJob, order.Config: `{"set":[{"key":"box.language","value":"en"}]}`, order.Reset: `{"level":"full"}`,
	} {
		h.refuses(op, args, "clock-untrusted")
	}
	timeServer(s.t)
	s.hears(`msg="clock set" `)
}

// followsTheFolder: people move the company's folder. Support stops the company, says where it is now, and starts it again; the
// box knows it for the same one.
func (s *site) followsTheFolder(h *helpdesk) {
	s.t.Helper()
	const place = "Compta/Exemple 2027"
	h.does(order.Stop, ofJob, "succeeded")
	s.shows(health.Stopped)
	share := s.Samba.Dir(s.share)
	s.no(os.Mkdir(filepath.Join(share, filepath.Dir(place)), 0o755))
	s.no(s.ERP.Move(filepath.Join(share, place)))
	s.no(s.ERP.ModifyCustomer(s.customer(3).CardPos, func(c *acombatest.Customer) { c.City = "Matagami" }))
	s.mark()
	h.does(order.Config, `{"set":[{"key":"job.`+sitetest.Job+`.acomba.company","value":"`+place+`"}]}`, "succeeded")
	s.hears("box starts")
	// A company that is just being taken up again fails an order; somebody orders it once more.
	h.until("the company started", func() bool { return h.orders(order.Start, ofJob, "succeeded").Phase == "succeeded" })
	s.inCRM(s.customer(3), "Matagami")
	s.synced("after the move")
}
