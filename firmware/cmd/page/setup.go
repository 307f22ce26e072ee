package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"time"

	"syncbox/connectors/share/sharetest"
	"syncbox/firmware/internal/sitetest"
	"syncbox/firmware/internal/storytest"
	"syncbox/firmware/internal/web/browsertest"
)

// The longest that looking at a server, and bringing a company across, may take. Nothing depends on how fast they are.
const (
	lookWithin = 5 * time.Minute
	syncWithin = 20 * time.Minute
)

// technician is somebody who sets a box up by its page.
type technician struct {
	*stage
	page    *browsertest.Page
	err     error    // the first one: nothing is done after it
	weight  int      // of the heaviest page so far
	serious []string // what axe-core found
}

// setUp sets the box up from its label to the first complete sync, judges that by what the CRM holds, and tells what it took.
func (s *stage) setUp(ctx context.Context) error {
	p, err := s.browser.Open(browsertest.Reader{Size: browsertest.Desktop, Language: s.Language}, s.url, "/")
	if err != nil {
		return err
	}
	defer p.Close()
	t := &technician{stage: s, page: p}
	begin := time.Now()
	for _, step := range []func(){t.logOn, t.pair, t.server, t.company, t.crm, t.rules, t.first} {
		step()
		t.tells(begin)
	}
	t.try(func() error { return s.judge(ctx) })
	took := time.Since(begin)
	t.reads("way.success")
	if t.err != nil {
		at, _ := p.At()
		return errors.Join(fmt.Errorf("set up, at %s: %w", at, t.err), fmt.Errorf("console:\n%s", s.box.Console()))
	}
	for _, wrong := range t.serious {
		fmt.Println("axe-core:", wrong)
	}
	fmt.Printf("page fields=%d clicks=%d bytes=%d axe_serious=%d seconds=%.1f\n", p.Fields, p.Clicks, t.weight, len(t.serious), took.Seconds())
	if len(t.serious) > 0 {
		return errors.New("not everybody can use these pages")
	}
	return nil
}

// judge waits until the CRM shows all of the company, each record once.
func (s *stage) judge(ctx context.Context) error {
	p, err := s.Picture()
	if err != nil {
		return err
	}
	if err := storytest.Until(ctx, "first sync", syncWithin, func() bool { return len(s.Missing(p)) == 0 }); err != nil {
		missing := s.Missing(p)
		return fmt.Errorf("%w: %d records missing: %s", err, len(missing), storytest.Some(missing))
	}
	customers, _ := s.Counts()
	fmt.Fprintf(os.Stderr, "page: %d customers in the CRM\n", customers)
	return s.NoDoubles()
}

// try does something, unless something has failed before.
func (t *technician) try(do func() error) {
	if t.err == nil {
		t.err = do()
	}
}

// tells a person how far it is.
func (t *technician) tells(begin time.Time) {
	t.try(func() error {
		at, err := t.page.At()
		fmt.Fprintf(os.Stderr, "page: %5.1f s: at %s\n", time.Since(begin).Seconds(), at)
		return err
	})
}

func (t *technician) says(key string) string { return t.words.Text(key, nil) }

// reads waits for a text that only the page has which is to come, and judges that page.
func (t *technician) reads(key string) {
	t.try(func() error { return t.page.SeeWithin(lookWithin, t.says(key)) })
	t.try(func() error {
		weight, err := t.page.Weight()
		t.weight = max(t.weight, weight)
		return err
	})
	t.try(func() error {
		wrong, err := t.page.Axe()
		t.serious = append(t.serious, wrong...)
		return err
	})
}

func (t *technician) fills(name, text string) { t.try(func() error { return t.page.Fill(name, text) }) }

func (t *technician) chooses(name, value string) {
	t.try(func() error { return t.page.Choose(name, value) })
}

func (t *technician) clicks(selector, text string) {
	t.try(func() error { return t.page.Click(selector, text) })
}

// follows clicks on what leads on.
func (t *technician) follows(selector, key string) {
	t.try(func() error {
		status, err := t.page.Follow(selector, t.says(key))
		if err == nil && status != http.StatusOK {
			err = fmt.Errorf("%s %q leads to status %d", selector, t.says(key), status)
		}
		return err
	})
}

// logOn goes from the first page of a box that nobody has set up to its settings.
func (t *technician) logOn() {
	t.reads("code.config-incomplete")
	t.follows("header a", "page.login")
	t.reads("page.login.hint")
	t.fills("code", t.Code)
	t.follows("main button", "page.login")
	t.follows("nav a", "page.nav.setup")
}

// pair chooses the products.
func (t *technician) pair() {
	t.reads("page.setup.pair-intro")
	t.follows("main button", "page.setup.pair-acomba-centrixone")
}

// server names the server by its address, at a port that is not the usual one.
func (t *technician) server() {
	t.reads("page.setup.server-intro")
	t.fills("server", sitetest.Server)
	t.fills("user", sharetest.UserBox)
	t.fills("password", t.Password)
	t.clicks("summary", t.says("page.setup.more"))
	t.fills("port", strconv.Itoa(t.Samba.Port))
	t.follows("main button", "page.setup.log-on")
}

// company chooses share and company, and has the company checked.
func (t *technician) company() {
	t.reads("page.setup.other-server")
	t.chooses("share", sharetest.ShareERP)
	t.follows("main button", "page.setup.go-on")
	t.reads("page.setup.check")
	t.chooses("company", sitetest.Company)
	t.follows("main button", "page.setup.check")
	t.reads("page.setup.fine")
	t.follows("main a", "page.setup.go-on")
}

func (t *technician) crm() {
	t.reads("page.setup.crm-intro")
	t.fills("account", sitetest.CRMAccount)
	t.fills("key", sitetest.CRMKey)
	t.follows("main button", "page.setup.log-on")
}

// rules leaves them as they are proposed.
func (t *technician) rules() {
	t.reads("page.setup.rules-intro")
	t.follows("main button", "page.setup.keep")
}

// first agrees to what the first sync will create, and goes to see it done.
func (t *technician) first() {
	t.reads("page.preview.right")
	t.clicks("[name=right]", "")
	t.follows("main button", "page.preview.go")
	t.follows("nav a", "page.nav.status")
}
