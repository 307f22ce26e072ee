package main

import (
	"context"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/centrixone/centrixonetest"
	"syncbox/connectors/share/sharetest"
	"syncbox/firmware/internal/health"
	"syncbox/firmware/internal/sitetest"
	"syncbox/image/vm"
	"syncbox/ota/bootstate"
)

// cableStory is the life of a box that is switched on without a cable and with something that leans on its button. Later
// the cable is pulled again, DHCP ends and its lease as well, and somebody tries everything that the button can do, up to
// the full reset. Its share is sealed, and it writes nothing back.
func cableStory(t *testing.T, ctx context.Context, f factory) {
	s := newSite(t, ctx, f, sitetest.Options{Customers: 40, Documents: 80, Share: sharetest.ShareEnc, Back: sitetest.None, Seal: true})
	before := s.bootState()

	s.powerOn(vm.Config{Wire: true})
	s.no(s.SetLink(ctx, false))
	s.button(true)
	s.shows(health.Booting)
	s.shows(health.NoLink)
	s.no(s.SetLink(ctx, true))
	s.firstSync(40, 80)
	s.protected(sealed)

	s.worksLong("Kegaska")

	s.mark()
	s.button(false)
	s.pressFor("code=device-sync")
	s.hears("msg=status")
	if n := strings.Count(s.Console()[s.read:], "msg=event"); n != 1 {
		t.Errorf("a button that was stuck and one press were %d events", n)
	}

	s.mark()
	s.no(s.SetLink(ctx, false))
	s.shows(health.NoLink)
	s.no(s.ERP.ModifyCustomer(s.customer(4).CardPos, func(c *acombatest.Customer) { c.City = "Havre-Saint-Pierre" }))
	s.no(s.SetLeases(true, 20*time.Second))
	s.no(s.SetLink(ctx, true))
	s.hears("network up")
	s.loseLease()
	s.inCRM(s.customer(4), "Havre-Saint-Pierre")
	s.synced("with the cable back in")
	s.protected(sealed)

	s.stages()
	s.fullReset(before)
	if len(s.counted) < 2 { // on a busy machine two blinks may run together; that it counts is seen all the same
		t.Errorf("the light was seen to count the stages %v, want most of the four", s.counted)
	}
}

// worksLong has the box bring an edit across for so long that its light says so.
func (s *site) worksLong(city string) {
	s.t.Helper()
	s.CRM.AddFault(centrixonetest.Fault{Kind: centrixonetest.DelayAnswer, Method: http.MethodPost, Delay: 25 * time.Second})
	s.no(s.ERP.ModifyCustomer(s.customer(4).CardPos, func(c *acombatest.Customer) { c.City = city }))
	s.shows(health.Syncing)
}

// loseLease ends DHCP while the box has a short lease, and waits until that is over. The box keeps its address and works
// with it, as its light says; its console says what is wrong. Then DHCP is there again.
func (s *site) loseLease() {
	s.t.Helper()
	const words = "attribue pas d'adresse"
	s.no(s.SetLeases(false, 0))
	s.mark()
	s.hears("lease lost, asking for another", "no lease, asking again")
	s.says("etat", words)
	s.worksLong("Natashquan")
	s.inCRM(s.customer(4), "Natashquan")
	s.mark()
	s.no(s.SetLeases(true, 0))
	s.hears("network up")
	s.says("etat", "\n"+sitetest.Box+"> ")
	if s.heard(words) {
		s.t.Error("with DHCP back, the console says that it is not")
	}
	s.no(s.ERP.ModifyCustomer(s.customer(4).CardPos, func(c *acombatest.Customer) { c.City = "Havre-Saint-Pierre" }))
}

// stages lets the button go at each stage, and holds it for too long.
func (s *site) stages() {
	s.t.Helper()
	s.hold(2)
	s.hold(3)
	s.mark()
	begin := s.grasp()
	s.hears("code=button-cancelled")
	s.button(false)
	s.note(begin)
	s.pressFor("code=device-sync") // and nothing before it
	const event = "msg=event part=journal code="
	if s.heard(event+"button-armed") || s.heard(event+"device-re") {
		s.t.Errorf("a button that was held for too long did something:\n%s", s.Console()[s.read:])
	}
	s.synced("after a resync")
}

// fullReset asks for one that nobody confirms, and for one that is confirmed: it takes everything of the customer, and
// nothing of the box.
func (s *site) fullReset(before bootstate.State) {
	s.t.Helper()
	s.hold(4)
	s.hears("code=button-lapsed")
	s.no(s.ERP.ModifyCustomer(s.customer(4).CardPos, func(c *acombatest.Customer) { c.City = "Blanc-Sablon" }))
	s.inCRM(s.customer(4), "Blanc-Sablon")
	if s.heard("code=device-reset-full") {
		s.t.Error("a full reset that nobody confirmed")
	}
	s.confirm()
	s.startsAgain("code=device-reset-full", "code=config-incomplete")
	s.shows(health.SetUp)
	calls := s.CRM.Counters().Calls
	s.kept.erased = true
	s.powerOff()
	if after := s.CRM.Counters().Calls; after != calls {
		s.t.Errorf("a box without settings asked the CRM %d times", after-calls)
	}
	var names []string
	for name := range s.files() {
		names = append(names, name)
	}
	slices.Sort(names)
	// the journal and the settings are new; what the updates trust has stayed
	if d := cmp.Diff([]string{"clock", "identity/box.key", "journal.db", "ota/update.db", "setup-code.json", "syncbox.toml"}, names); d != "" {
		s.t.Errorf("files after a full reset (-want +got):\n%s", d)
	}
	if d := cmp.Diff(before, s.bootState()); d != "" {
		s.t.Errorf("boot state after a full reset (-before +after):\n%s", d)
	}
}

// confirm asks for a full reset and confirms it; again where the box found that too late.
func (s *site) confirm() {
	s.t.Helper()
	for range tries {
		s.hold(4)
		s.press()
		if s.hearsAny("code=device-reset-full", "code=button-lapsed") == "code=device-reset-full" {
			return
		}
	}
	s.t.Fatal("a full reset could not be confirmed in time")
}

// bootState reads which slot the box starts from.
func (b *device) bootState() bootstate.State {
	b.t.Helper()
	card, err := os.Open(b.card)
	b.no(err)
	defer card.Close()
	state, err := bootstate.Read(card)
	b.no(err)
	return state
}
