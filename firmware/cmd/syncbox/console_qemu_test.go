package main

import (
	"context"
	"slices"
	"testing"
	"time"

	"syncbox/board"
	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/share/sharetest"
	"syncbox/firmware/internal/health"
	"syncbox/firmware/internal/sitetest"
	"syncbox/image/vm"
)

// ownCode takes the place of the label's code.
const ownCode = "PLANTED-8CODE"

// consoleStory is a technician at the serial line of a new box, who finds the DHCP server switched off; then what is missing
// is typed, secrets without echo, and tried out, until the box syncs; then everything else that the console can do.
func consoleStory(t *testing.T, ctx context.Context, f factory) {
	s := newSite(t, ctx, f, sitetest.Options{Customers: 40, Documents: 80, Share: sharetest.ShareERP, Back: sitetest.None, Unfinished: true})
	s.kept.secrets = append(s.kept.secrets, codes(ownCode)...)
	s.powerOn(vm.Config{Wire: true})
	s.no(s.SetServed(false))
	s.hears("Tapez aide. (English : lang en)", "\n"+sitetest.Box+"> ", "code=config-incomplete")
	s.shows(health.SetUp)
	s.says("etat", "pas sur le r") // nobody answers DHCP
	s.no(s.SetServed(true))
	s.hears("network up")
	s.setUpInFrench()
	s.firstSync(40, 80)
	s.tryInEnglish()
	s.codeInEnglish()

	s.says("reboot", "The box starts again.")
	s.startsAgain("code=device-restart", "Tapez aide.", "box starts")
	s.no(s.ERP.ModifyCustomer(s.customer(3).CardPos, func(c *acombatest.Customer) { c.City = "Paspébiac" }))
	s.logsOn(s.Code)
	s.says("synchro", "Fait.")
	s.inCRM(s.customer(3), "Paspébiac")
	s.synced("after the restart")
	s.switchOff()
}

// says types a line and waits for the answers.
func (b *device) says(line string, answers ...string) {
	b.t.Helper()
	b.mark()
	b.no(b.Type(line + "\r"))
	b.hears(answers...)
}

// logsOn logs on, in French.
func (b *device) logsOn(code string) {
	b.t.Helper()
	b.says("connexion", "Code d'installation")
	b.says(code, "Session ouverte.")
}

// setsSecret sets a secret, in French.
func (b *device) setsSecret(name, value string) {
	b.t.Helper()
	b.says("secret "+name, "rien ne s'affiche")
	b.says(value, "Encore une fois")
	b.says(value, "Enregistr", name)
}

// setUpInFrench types what the box needs, and everything that may go wrong with that.
func (s *site) setUpInFrench() {
	s.t.Helper()
	s.says("aide", "connexion", "demandent", "\n"+sitetest.Box+"> ")
	s.says("reglages", "Cette commande demande le code d'installation.")
	s.says("rm -rf /", "Commande inconnue. Tapez aide pour la liste.")
	s.says("\xff\xfe", "illisibles")
	s.says("connexion", "Code d'installation")
	s.says("ABCDE-FGH1J", "Ce n'est pas le code")
	s.logsOn(s.Code)
	s.hears("\n" + sitetest.Box + "# ")

	s.says("regler job.exemple.share.server "+sitetest.Server, "job.exemple.share.server")
	s.says("regler job.exemple.share.port abc", "want a number", "Rien n'est chang")
	s.says("regler box.name x", "Cette valeur n'existe pas")
	s.says("regler job.exemple.crm_key x", "Un secret ne se tape pas sur cette ligne")
	for _, secret := range []struct{ name, value string }{
		{"job.exemple.share_password", s.Password}, {"job.exemple.crm_account", sitetest.CRMAccount}, {"job.exemple.crm_key", sitetest.CRMKey},
	} {
		s.says("secret "+secret.name, "rien ne s'affiche")
		s.says(secret.value, "Encore une fois")
		s.says(secret.value+"x", "pas identiques")
		s.setsSecret(secret.name, secret.value)
	}
	s.hears("Il ne manque plus rien", "box starts")
}

// tryInEnglish has the console tell and try everything.
func (s *site) tryInEnglish() {
	s.t.Helper()
	s.says("lang en", "Service console of "+sitetest.Box+". Type help.")
	s.says("help", "this list", "test-share", "log off", "\n"+sitetest.Box+"# ")
	s.says("status", "exemple")
	s.says("network", "10.0.2.15/24", "cable in", "10.0.2.3")
	s.says("test-share", "The share and the company's folder answer.")
	s.says("test-crm", "The CRM answers and takes the key.")
	s.says("settings", "job.exemple.share_password", "(set)", sitetest.Server)
	s.says("set job.exemple.interval 1m", "Saved: job.exemple.interval")
	s.shows(health.Ready)
	s.lightTest()
	s.says("set job.exemple.share.server 10.0.2.200", "enter it again", "nothing is shown")
	s.says("\x03", "Cancelled.")
	s.says("test-share", "The share and the company's folder answer.")
}

// lightTest looks at the light while the console says what it shows, and presses the button for it.
func (s *site) lightTest() {
	s.t.Helper()
	begin := time.Now()
	s.says("test-light", "Watch the light", "red", "Done.")
	var seen []board.Colour
	for _, one := range s.Recording(begin, time.Now()) {
		if one.For > time.Second && one.Colour != board.Dark && !slices.Contains(seen, one.Colour) {
			seen = append(seen, one.Colour)
		}
	}
	for _, want := range []board.Colour{board.Red, board.Green, board.Blue, board.Amber, board.White} {
		if !slices.Contains(seen, want) {
			s.t.Errorf("the light test showed %v, want %s among them", seen, want)
		}
	}
	s.says("test-button", "does nothing else.")
	s.press()
	s.hears("Let it go.", "The button works.")
	if s.heard("code=device-sync") {
		s.t.Error("a press for the test did something")
	}
}

// codeInEnglish changes the code, and has it changed back by a reset of the network.
func (s *site) codeInEnglish() {
	s.t.Helper()
	s.says("code", "New code:")
	s.says(ownCode, "Once more:")
	s.says(ownCode, "Done.")
	s.says("logout", "You are logged off.")
	s.says("journal", "\n"+sitetest.Box+"> ")
	s.says("login", "Set-up code")
	s.says(s.Code, "This is not this box's code.")
	s.says("login", "Set-up code")
	s.says(ownCode, "You are logged on.")
	s.says("reset full", "will be erased", "type the box's name")
	s.says("no", "Nothing was changed.")
	s.says("reset network", "type the box's name")
	s.says(sitetest.Box, "code=device-reset-network", "You are logged off.")
	s.says("login", "Set-up code")
	s.says(s.Code, "You are logged on.")
}
