package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cloudsoda/go-smb2"

	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/centrixone/centrixonetest"
	"syncbox/connectors/share/sharetest"
	"syncbox/firmware/internal/health"
	"syncbox/firmware/internal/sitetest"
	"syncbox/firmware/internal/storytest"
	"syncbox/image/vm"
)

// TestQEMUBox switches boxes on that have the image of the product on their cards: the boot loader starts a slot, this
// the program as process 1, this the data partition with settings and secrets, and a sync between a folder of an SMB
// server on this machine and a CRM on this machine. What they did is judged by what those two hold, by what the server
// says of its client, by the light, and by the console; and in the end, everything that they wrote is searched for
// secrets.
//
// Requirement: ACO-9, ACO-72, EXT-12
func TestQEMUBox(t *testing.T) {
	begin := time.Now()
	f := newFactory(t, t.Context())
	t.Run("story", func(t *testing.T) {
		var boxes sync.WaitGroup
		on := make(chan struct{}, 5)     // boxes at a time: they mostly wait
		for _, story := range []struct { // the longest begin first
			name  string
			limit time.Duration
			tell  func(*testing.T, context.Context, factory)
		}{
			// Requirement: ACO-65, ACO-68, ACO-69, S50-31
			{"update", 25 * time.Minute, updateStory},
			// Requirement: S50-31
			{"hangs", 20 * time.Minute, hangs.farStory},
			{"stall", 20 * time.Minute, stallStory},
			// Requirement: ACO-8, ACO-10
			{"cable", 15 * time.Minute, cableStory},
			{"unreachable", 20 * time.Minute, unreachable.story},
			{"panics", 20 * time.Minute, panics.story},
			{"sync", 20 * time.Minute, syncStory},
			// Requirement: ACO-5, ACO-8
			{"console", 20 * time.Minute, consoleStory},
			{"stick", 10 * time.Minute, stickStory},
			// Requirement: ACO-71, ACO-76, EXT-12
			{"support", 15 * time.Minute, supportStory},
			{"enrol", 10 * time.Minute, enrolStory},
			{"spoilt", 8 * time.Minute, spoiltStory},
		} {
			on <- struct{}{}
			boxes.Go(func() {
				defer func() { <-on }()
				t.Run(story.name, func(t *testing.T) {
					ctx, cancel := context.WithTimeout(t.Context(), story.limit)
					defer cancel()
					begin := time.Now()
					story.tell(t, ctx, f)
					t.Logf("%s took %.0f s", story.name, time.Since(begin).Seconds())
				})
			})
		}
		boxes.Wait()
	})
	t.Logf("all stories of the box: %.0f s", time.Since(begin).Seconds())
}

func signed(s sharetest.SessionStatus) bool { return s.Signed && s.Encryption == "" }
func sealed(s sharetest.SessionStatus) bool { return s.Encryption != "" }

// syncStory is the life of a box that writes back into a folder whose traffic is signed: other stations at work in the
// same files, a server that dies, a restart by button.
func syncStory(t *testing.T, ctx context.Context, f factory) {
	s := newSite(t, ctx, f, sitetest.Options{Customers: 200, Documents: 1000, Share: sharetest.ShareERP, Back: sitetest.Direct})
	s.powerOn(vm.Config{})
	s.hears("AB: slot a part 2", "data partition mounted", "network up", "box starts")
	s.firstSync(200, 1000)
	s.protected(signed)
	s.replaceWhileHeld()
	s.writeUnderLock()
	s.killWhileRead()
	s.synced("after all that")

	s.mark()
	s.hold(1)
	s.startsAgain("code=device-restart", "starting again", "box starts")
	s.editCRM(s.customer(2), "Trois-Rivières")
	s.no(s.station().ModifyCustomer(s.customer(3).CardPos, func(c *acombatest.Customer) { c.City = "Matane" }))
	s.inCRM(s.customer(3), "Matane")
	s.until("edit of the CRM in the folder", func() bool { return s.customer(2).City == "Trois-Rivières" })
	s.synced("after the restart")
	s.protected(signed)
	if s.heard("did not end well") {
		t.Error("the end was not orderly")
	}
}

// firstSync waits for the first one of a site, of which at least so much is to be in the CRM.
func (s *site) firstSync(customers, documents int) {
	s.t.Helper()
	s.synced("first sync")
	if c, d := s.Counts(); c < customers || d < documents {
		s.t.Errorf("the CRM has %d customers and %d documents, want at least %d and %d", c, d, customers, documents)
	}
}

// synced waits until the CRM shows all of the company, each record once.
func (s *site) synced(when string) {
	s.t.Helper()
	p, err := s.Picture()
	s.no(err)
	begin := time.Now()
	s.until(when, func() bool { return len(s.Missing(p)) == 0 })
	s.no(s.NoDoubles())
	s.t.Logf("%s: %.1f s", when, time.Since(begin).Seconds())
}

// protected looks at every session that there is on the server.
func (s *site) protected(enough func(sharetest.SessionStatus) bool) {
	s.t.Helper()
	all, err := s.Samba.Status(s.ctx)
	s.no(err)
	if len(all.Sessions) == 0 {
		s.t.Error("nobody has a session on the server")
	}
	for _, one := range all.Sessions {
		if one.Dialect != "SMB3_11" || !enough(one) {
			s.t.Errorf("session is not protected as it must be: %+v", one)
		}
	}
}

// replaceWhileHeld changes, renames, replaces and deletes a file that the box has open at that moment.
func (s *site) replaceWhileHeld() {
	customer, station := s.customer(0), s.station()
	held := s.pauseHolding(file(acombatest.CustomerTable))
	s.no(station.ModifyCustomer(customer.CardPos, func(c *acombatest.Customer) { c.City = "Natashquan" }))
	fresh := filepath.Join(s.t.TempDir(), "fresh")
	content, err := os.ReadFile(filepath.Join(s.Samba.Dir(s.share), held))
	s.no(err)
	s.no(os.WriteFile(fresh, content, 0o600))
	name := strings.ReplaceAll(held, "/", `\`)
	s.smbclient(fmt.Sprintf(`rename %s %s.OLD; put %s %s; del %s.OLD`, name, name, fresh, name, name))
	s.no(s.Resume())
	s.inCRM(customer, "Natashquan")
	s.until("the deleted file is gone", func() bool {
		_, err := os.Stat(filepath.Join(s.Samba.Dir(s.share), held+".OLD"))
		return errors.Is(err, fs.ErrNotExist)
	})
}

// pauseHolding pauses the box at a moment at which it has a file of the company open, any card file where name
// is empty, and gives the file's name. It makes sure that this is the only one it has open, only for reading,
// in a way that leaves everybody every right.
func (s *site) pauseHolding(name string) string {
	s.t.Helper()
	wanted := func(got string) bool { return got == name || name == "" && isCards(got) }
	for {
		_, err := s.Samba.AwaitOpen(s.ctx, s.share, wanted)
		s.no(err)
		s.no(s.Pause())
		all, err := s.Samba.Status(s.ctx)
		s.no(err)
		held := s.harmless(all.Open)
		if held != "" && wanted(held) {
			return held
		}
		s.no(s.Resume()) // it was closed in that very moment
	}
}

// harmless gives the one card file that is open, "" for none.
func (s *site) harmless(open []sharetest.OpenStatus) (name string) {
	s.t.Helper()
	const everybody = sharetest.ShareRead | sharetest.ShareWrite | sharetest.ShareDelete
	for _, o := range open {
		if !isCards(o.Name) {
			continue
		}
		if name != "" || o.Share != everybody || o.Access&sharetest.AccessWrite != 0 || o.Held != "" {
			s.t.Fatalf("the box has this open: %+v; want one file for reading, shared with everybody, without a lease", open)
		}
		name = o.Name
	}
	return name
}

func isCards(name string) bool { return filepath.Ext(name) == ".DAT" }

// writeUnderLock has the CRM's edits arrive in the company's folder, and has another station read that very
// card all the while: at some moment it must be refused, because the box holds the card's lock.
func (s *site) writeUnderLock() {
	customer, station := s.customer(1), s.station()
	refused := 0
	for _, city := range []string{"Chibougamau", "Kuujjuaq", "Gaspé", "Amos"} {
		s.editCRM(customer, city)
		refused += s.readUntil(station, customer.CardPos, city)
		if refused > 0 {
			break
		}
	}
	if refused == 0 {
		s.t.Error("a station could read the card at all times while the box wrote it: no lock reached the server")
	}
	s.until("the box has put the card down", func() bool {
		all, err := s.Samba.Status(s.ctx)
		s.no(err)
		return !slices.ContainsFunc(all.Open, func(o sharetest.OpenStatus) bool { return o.Access&sharetest.AccessWrite != 0 })
	})
}

// lockConflict is STATUS_FILE_LOCK_CONFLICT of MS-ERREF 2.3.1.
const lockConflict = 0xC0000054

// readUntil reads a card, as often as it can, until it shows the city, and counts how often a lock was in
// the way.
func (s *site) readUntil(station *acombatest.Company, position int32, city string) (refused int) {
	s.t.Helper()
	for s.ctx.Err() == nil {
		c, err := station.Customer(position)
		if answer, ok := errors.AsType[*smb2.ResponseError](err); ok && answer.Code == lockConflict {
			refused++
			continue
		}
		s.no(err)
		if c.City == city {
			return refused
		}
	}
	s.t.Fatalf("edit of the CRM did not arrive: %v", s.ctx.Err())
	return 0
}

// killWhileRead kills the server while the box has a file open, and starts it again once the box has noticed.
// Edits that both sides made meanwhile must arrive without anybody doing anything.
func (s *site) killWhileRead() {
	s.pauseHolding("")
	s.no(s.Samba.Kill())
	before := len(s.Console())
	s.no(s.Resume())
	s.editCRM(s.customer(2), "Saint-Jérôme")
	begin := time.Now()
	s.until("box notices", func() bool { return strings.Contains(s.Console()[before:], "code=share-unreachable") })
	s.t.Logf("box noticed after %.1f s", time.Since(begin).Seconds())
	s.shows(health.ShareUnreachable)
	s.no(s.Samba.Restart(s.ctx))
	begin = time.Now()
	s.no(s.station().ModifyCustomer(s.customer(3).CardPos, func(c *acombatest.Customer) { c.City = "Rimouski" }))
	s.inCRM(s.customer(3), "Rimouski")
	s.until("edit of the CRM in the folder", func() bool { return s.customer(2).City == "Saint-Jérôme" })
	s.t.Logf("box recovered after %.1f s", time.Since(begin).Seconds())
}

// customer gives the n-th customer in use that is active.
func (s *site) customer(n int) acombatest.Customer {
	s.t.Helper()
	all, err := s.ERP.Customers()
	s.no(err)
	for _, c := range all {
		if c.Active && n == 0 {
			return c
		} else if c.Active {
			n--
		}
	}
	s.t.Fatal("the company has too few customers")
	return acombatest.Customer{}
}

func (s *site) inCRM(c acombatest.Customer, city string) {
	s.t.Helper()
	s.until("edit of the ERP in the CRM", func() bool {
		a, _ := s.CRM.AccountByExternalID(storytest.External("CU", c.CardPos))
		return a.City == city
	})
}

func (s *site) editCRM(c acombatest.Customer, city string) {
	s.t.Helper()
	a, _ := s.CRM.AccountByExternalID(storytest.External("CU", c.CardPos))
	s.no(s.CRM.Person(centrixonetest.Administrator).Edit(centrixonetest.Accounts, a.ID, centrixonetest.Fields{"City": city}))
}

// station is somebody at work in the ERP: a second session on the server. A server that has just started may refuse
// one while it sorts out what was open before; people try again.
func (s *site) station() *acombatest.Company {
	s.t.Helper()
	var session *sharetest.Session
	var err error
	try := func() bool {
		session, err = s.Samba.Session(s.ctx, s.share, sharetest.UserERP)
		return err == nil
	}
	if late := storytest.Until(s.ctx, "station has a session", time.Minute, try); late != nil {
		s.t.Fatalf("%v: %v", late, err)
	}
	s.t.Cleanup(func() { session.Close() })
	return s.ERP.Through(acombatest.NewSMB(session.Share, sitetest.Company))
}

// file gives the name of a table's file, as the server knows it.
func file(t acombatest.Table) string { return sitetest.Company + "/" + t.Path() }

// smbclient has Samba's own client do something in a session of its own: it deletes and renames what others
// have open, as the session of station cannot.
func (s *site) smbclient(commands string) {
	s.t.Helper()
	account := filepath.Join(s.t.TempDir(), "account")
	text := fmt.Sprintf("username = %s\npassword = %s\ndomain = LABGRP\n", sharetest.UserERP, s.Password)
	s.no(os.WriteFile(account, []byte(text), 0o600))
	c := exec.CommandContext(s.ctx, "smbclient", "//127.0.0.1/"+s.share, "--port", fmt.Sprint(s.Samba.Port),
		"--authentication-file", account, "--max-protocol", "SMB3_11", "--command", commands)
	out, err := c.CombinedOutput()
	if err != nil || strings.Contains(string(out), "NT_STATUS_") {
		s.t.Fatalf("smbclient %s: %v\n%s", commands, err, out)
	}
}
