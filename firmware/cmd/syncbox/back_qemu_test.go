package main

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"syncbox/firmware/internal/health"
	"syncbox/firmware/internal/locale"
	"syncbox/firmware/internal/sitetest"
	"syncbox/firmware/internal/storytest"
	"syncbox/firmware/internal/updates"
	"syncbox/image/recipe"
	"syncbox/image/vm"
	"syncbox/ota/order"
)

// badEdition is an edition that must not stay.
type badEdition struct {
	edition
	why    string   // the code of the reason that people are told
	starts int      // until the one before runs again
	seen   []string // on the console, one after the other, before it does
}

// The editions that must not stay.
var (
	// Three tries and the old one, twice.
	panics = badEdition{edition{"1.2.0", []change{{"firmware/cmd/syncbox/appliance.go",
		"	m.hardware()\n", "	m.hardware()\n	panic(\"made to fail\")\n"}}},
		"trial-interrupted", 8, []string{"made to fail", "AB: ROLLBACK", "duty=try-again", "made to fail", "AB: ROLLBACK"}}

	// Nobody keeps the watchdog quiet.
	hangs = badEdition{edition{"1.3.0", []change{
		{"firmware/cmd/syncbox/appliance.go", "	m.openUpdates()\n", "	m.openUpdates()\n	m.log.Info(\"made to hang\")\n	select {}\n"},
		{"firmware/internal/pulse/pulse.go", "func (w *Watch) Run(ctx context.Context) error {\n",
			"func (w *Watch) Run(ctx context.Context) error {\n	<-ctx.Done()\n"}}},
		"trial-crashed", 3, []string{"duty=look", "made to hang", bootLoader, "watchdog.bit=true", "made to hang", bootLoader}}

	cannotSync = badEdition{edition{"1.4.0", []change{{"firmware/internal/app/job.go",
		"	files, err := j.open()\n", "	panic(\"made to fail\")\n	files, err := j.open()\n"}}},
		"trial-job", 2, []string{"duty=look", "system is no good"}}

	// It gets no address. Of both sides, a pass tries the CRM first.
	unreachable = badEdition{edition{"1.5.0", []change{{"board/boot/dhcp_linux.go",
		"func request(ctx context.Context, link netlink.Link, hostname string) (lease, error) {\n",
		"func request(ctx context.Context, link netlink.Link, hostname string) (lease, error) {\n	if hostname != \"\" {\n		return lease{}, ErrNoAddress\n	}\n"}}},
		"trial-crm", 2, []string{"duty=look", "system is no good", "duty=compare"}}
)

// story: a box that runs the second version and syncs is brought to the edition by a stick, and comes back by itself.
func (e badEdition) story(t *testing.T, ctx context.Context, f factory) {
	o := f.maker.open(t, ctx, e.edition)
	s := e.begin(t, ctx, f, updated(o))
	s.comesBack(e, second, func() { s.wishFor(o, e.edition) })
	s.ends(e)
}

// farStory: the same, of a box whose customer wants to say when, by an order of support at a broker: the box waits, until
// support says now. What became of it is told there.
func (e badEdition) farStory(t *testing.T, ctx context.Context, f factory) {
	o := f.maker.open(t, ctx, e.edition)
	o.later = true
	h := newHelpdesk(t, ctx, o)
	options := updated(o)
	options.Name, options.Support, options.Identity = farBox, h.address(), h.identity
	s := e.begin(t, ctx, f, options)
	s.says("connexion", "Code d'installation")
	s.says(s.Code, "Session ouverte.")
	s.says("regler updates.automatic false", "Enregistr")
	s.says("quitter")
	var id string
	s.comesBack(e, second, func() { id = s.orderedBy(h, e.edition) })
	h.until("how it ended", func() bool { return h.last("/ack/"+id).Phase == "rolled_back" })
	if told := h.phases(id); told[0] != "accepted" || h.last("/ack/"+id).Code != e.why {
		t.Errorf("told %q, and last %+v", told, h.last("/ack/"+id))
	}
	h.until("a status that says so", func() bool {
		last := h.last("/" + farBox + "/status")
		return last.FW == second.version && strings.Contains(last.text, updates.CodeRolledBack)
	})
	s.ends(e)
}

// begin has a box that runs the second version and syncs. Nothing else is published, so that no delta need be made.
func (e badEdition) begin(t *testing.T, ctx context.Context, f factory, o sitetest.Options) *site {
	t.Helper()
	f.maker.build(t, ctx, second)
	f.image = f.maker.file(second, recipe.ImageFile)
	s := newSite(t, ctx, f, o)
	s.powerOn(vm.Config{USB: true})
	s.firstSync(30, 40)
	s.runs(second)
	return s
}

// ends switches the box off and reads what it has kept.
func (s *site) ends(e badEdition) {
	s.t.Helper()
	s.powerOff()
	s.journalled("update-wished", "update-begins", "update-rolled-back", e.why)
}

// orderedBy has support order an edition at the broker, where it is kept for the box, and then say now. It gives the order's id.
func (s *site) orderedBy(h *helpdesk, e edition) (id string) {
	s.t.Helper()
	s.mark()
	wish := h.wish(e.version)
	id = idOf(s.t, wish)
	h.publish("desired", true, wish)
	s.hears("code=update-wished")
	h.until("the order taken", func() bool { return h.last("/ack/"+id).Phase == "accepted" })
	s.asksVersions("attend ses heures")
	if s.heard("code=update-begins") {
		s.t.Error("the box does not wait for its customer")
	}
	h.does(order.Update, ``, "succeeded")
	s.hears("code=update-begins", "code=update-restarts")
	return id
}

// comesBack has an edition ordered that is no good. The box comes back to the one before, says why in its journal, by its
// light and at its console, and syncs on.
func (s *site) comesBack(bad badEdition, before edition, ordered func()) {
	s.t.Helper()
	begin := time.Now()
	ordered()
	s.starts += bad.starts
	for _, text := range bad.seen {
		s.next(text)
	}
	s.hears("code=update-rolled-back", "cause:"+bad.why)
	s.t.Logf("back from %s, which is %s, after %.0f s", bad.version, bad.why, time.Since(begin).Seconds())
	s.runs(before)
	s.shows(health.RolledBack)
	s.tells(bad)
	s.edited(bad.version)
}

// next waits for a text after all that was heard before it.
func (s *site) next(text string) {
	s.t.Helper()
	s.hears(text)
	s.read += strings.Index(s.Console()[s.read:], text) + len(text)
}

// tells makes sure that the console says why the box came back.
func (s *site) tells(bad badEdition) {
	s.t.Helper()
	words, err := locale.New("fr-CA", nil)
	s.no(err)
	s.asksVersions(words.Text("event.update-rolled-back", map[string]string{"version": bad.version, "cause": bad.why, "job": sitetest.Job}))
}

// asksVersions makes sure that the console says so of the versions, in however many lines. What the box logs meanwhile may stand
// in between, and it may not be that far; then people ask again.
func (s *site) asksVersions(want string) {
	s.t.Helper()
	inOneLine := func(text string) string { return strings.Join(strings.Fields(text), " ") }
	want = inOneLine(want)
	shown := func() string { return inOneLine(s.Console()[s.read:]) }
	for range tries {
		s.says("versions")
		if storytest.Until(s.ctx, fmt.Sprintf("%q", want), 15*time.Second, func() bool { return strings.Contains(shown(), want) }) == nil {
			return
		}
	}
	s.t.Errorf("the console says %q, want %q", shown(), want)
}

// journalled makes sure of codes in the journal of a box that is off.
func (s *site) journalled(codes ...string) {
	s.t.Helper()
	journal := s.files()["journal.db"]
	for _, code := range codes {
		if !strings.Contains(journal, code) {
			s.t.Errorf("%s is not in the journal", code)
		}
	}
}
