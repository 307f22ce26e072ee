package main

import (
	"context"
	"slices"
	"testing"
	"time"

	"syncbox/board"
	"syncbox/board/boardtest"
	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/share/sharetest"
	"syncbox/firmware/internal/sitetest"
	"syncbox/image/vm"
)

// stallStory is a card that takes nothing any more: the database can't get on, and because nobody keeps the watchdog
// quiet for it, that starts the board again. With the card well again the box goes on where it was: what people did
// meanwhile arrives, and nothing arrives twice.
func stallStory(t *testing.T, ctx context.Context, f factory) {
	s := newSite(t, ctx, f, sitetest.Options{Customers: 40, Documents: 80, Share: sharetest.ShareERP, Back: sitetest.Direct})
	s.powerOn(vm.Config{})
	s.hears("watchdog.bit=false")
	s.firstSync(40, 80)

	s.mark()
	begin := time.Now()
	s.no(s.Stall(ctx, true))
	station := s.station()
	s.no(station.ModifyCustomer(s.customer(3).CardPos, func(c *acombatest.Customer) { c.City = "Natashquan" }))
	fresh := s.customer(6)
	fresh.Number, fresh.Name, fresh.SortKey = "STALL-1", "Quincaillerie du Fjord", "QUINCAILLERIE"
	position, err := station.AddCustomer(fresh)
	s.no(err)
	s.editCRM(s.customer(2), "Sept-Îles")
	s.no(s.WaitAfter(ctx, s.read, `msg="no progress: the watchdog will start the board again"`)) // minutes: the product has patience
	s.hears(bootLoader)
	red := func(one boardtest.Segment) bool { return one.Colour == board.Red && one.For > 100*time.Millisecond }
	if !slices.ContainsFunc(s.Recording(begin, time.Now()), red) {
		t.Error("the light did not say that the box is broken")
	}
	if s.heard("starting again") || s.heard("panic") {
		t.Errorf("it was not the watchdog that started the board again:\n%s", s.Console()[s.read:])
	}
	s.no(s.Stall(ctx, false))

	s.startsAgain("watchdog.bit=true", "box starts")
	s.inCRM(s.customer(3), "Natashquan")
	s.until("edit of the CRM in the folder", func() bool { return s.customer(2).City == "Sept-Îles" })
	fresh, err = s.ERP.Customer(position)
	s.no(err)
	s.inCRM(fresh, fresh.City)
	s.synced("after the watchdog")
}
