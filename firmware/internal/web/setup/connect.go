package setup

import (
	"context"
	"net/http"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/quickbooks"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/web/page"
)

// connectData is what the page of the connection to QuickBooks shows.
type connectData struct {
	steps
	Relay      *page.Field // asked for where none is set
	Link       string      // where somebody is to sign in; empty before that was asked for
	Pasted     page.Field
	Connection string // in words
	Connected  bool
	Warning    *notice // what is the matter with the connection, or soon will be
	Notice     *notice // what came of the latest try
	Onward     string
}

// connectWithin bounds what the page waits for.
const connectWithin = 20 * time.Second

func (p *Pages) newConnect(r *page.Request, j config.Job) *connectData {
	t := r.P.Text
	d := &connectData{steps: p.stepsAt(r, j, stepConnect), Connection: p.connectionWords(r, j), Onward: planOf(j).after(stepConnect),
		Pasted: page.Field{Name: "pasted", Most: 4000, Label: t("page.setup.paste", nil), Hint: t("page.setup.paste-hint", nil)}}
	if j.QuickBooks.RelayURL == "" && j.QuickBooks.ClientID == "" {
		d.Relay = &page.Field{Name: "relay", Label: t("page.setup.relay", nil), Hint: t("page.setup.relay-hint", nil)}
	}
	p.mu.Lock()
	d.Link = p.links[j.Name]
	p.mu.Unlock()
	c := p.connection(r.Context(), j)
	d.Connected = c.State == quickbooks.Connected
	if c.Code != "" {
		d.Warning = noticeOf(r, c.Code, nil)
	}
	return d
}

// connection tells how the connection of a job is; the zero value where that can't be told yet.
func (p *Pages) connection(ctx context.Context, j config.Job) quickbooks.Connection {
	if p.SignIns == nil {
		return quickbooks.Connection{}
	}
	c, err := p.SignIns.Connection(ctx, j.Name)
	if err != nil {
		return quickbooks.Connection{}
	}
	return c
}

func (p *Pages) connectionWords(r *page.Request, j config.Job) string {
	c := p.connection(r.Context(), j)
	if c.State == "" {
		c.State = quickbooks.Never
	}
	return r.P.Text("connection."+c.State, map[string]string{"realm": c.Realm, "since": r.P.Time(c.Since)})
}

// nextOfQuickBooks gives where the set-up of a job with QuickBooks goes on. What is taken and from when is asked before the
// CRM's key: with that, the job begins to read.
func (p *Pages) nextOfQuickBooks(j config.Job) place {
	switch {
	case p.connection(context.Background(), j).State != quickbooks.Connected:
		return place{stepConnect, "connect"}
	case !p.ruled(j.Name):
		return place{stepRules, "rules"}
	case j.CentrixOne.Account == "" || j.CentrixOne.APIKey == "":
		return place{stepCRM, "crm"}
	}
	return place{stepFirst, "first"}
}

func (p *Pages) showConnect(w http.ResponseWriter, r *page.Request, j config.Job) {
	p.connectPage(w, r, j, http.StatusOK, p.newConnect(r, j))
}

// connectPage shows the page; a job of another pair has none.
func (p *Pages) connectPage(w http.ResponseWriter, r *page.Request, j config.Job, status int, d *connectData) {
	if config.Pair(j.Pair) != config.QuickBooksCentrixOne || p.SignIns == nil {
		p.Site.Message(w, r, http.StatusNotFound, "page.missing.title", r.P.Text("console.connect-none", nil))
		return
	}
	p.Site.Show(w, r, set, status, "connect", "page.setup.title-connect", d)
}

// takeRelay keeps the relay's address.
func (p *Pages) takeRelay(w http.ResponseWriter, r *page.Request, j config.Job) {
	d := p.newConnect(r, j)
	if d.Relay == nil {
		on(w, r, j.Name, "connect")
		return
	}
	address, ok := r.Take(d.Relay)
	if ok {
		changes := append(changesOf(j.Name, "quickbooks.relay", address), p.waits(j.Name)...)
		if rest := p.refused(r, p.keep(changes...), map[string]*page.Field{"job." + j.Name + ".quickbooks.relay": d.Relay}); rest != "" {
			d.Relay.Error = rest
		}
	}
	if d.Relay.Error != "" {
		p.connectPage(w, r, j, http.StatusUnprocessableEntity, d)
		return
	}
	on(w, r, j.Name, "connect")
}

// signIn asks for the address at which somebody signs in, and shows it as a link. The first sync of a job that is begun here
// waits for a person.
func (p *Pages) signIn(w http.ResponseWriter, r *page.Request, j config.Job) {
	if config.Pair(j.Pair) != config.QuickBooksCentrixOne || p.SignIns == nil {
		p.connectPage(w, r, j, http.StatusNotFound, nil)
		return
	}
	if waits := p.waits(j.Name); waits != nil {
		if err := p.keep(waits...); err != nil {
			p.Site.Log.Warn("first sync can't be made to wait", "job", j.Name, "err", err)
		}
	}
	p.trying(w, r, j, func(ctx context.Context) (bool, error) {
		link, err := p.SignIns.Begin(ctx, j.Name)
		p.mu.Lock()
		defer p.mu.Unlock()
		p.links[j.Name] = link
		return false, err
	})
}

// collect asks whether somebody has signed in.
func (p *Pages) collect(w http.ResponseWriter, r *page.Request, j config.Job) {
	p.trying(w, r, j, func(ctx context.Context) (bool, error) { return p.SignIns.Collect(ctx, j.Name) })
}

// paste takes the address at which a sign-in ended. It holds a key that works once: it is neither kept nor shown again.
func (p *Pages) paste(w http.ResponseWriter, r *page.Request, j config.Job) {
	f := page.Field{Name: "pasted", Most: 4000}
	text, ok := r.Take(&f)
	if !ok {
		d := p.newConnect(r, j)
		d.Pasted.Error = f.Error
		p.connectPage(w, r, j, http.StatusUnprocessableEntity, d)
		return
	}
	p.trying(w, r, j, func(ctx context.Context) (bool, error) {
		err := p.SignIns.Finish(ctx, j.Name, text)
		return err == nil, err
	})
}

// disconnect ends the connection. The page says it if Intuit could not be told.
func (p *Pages) disconnect(w http.ResponseWriter, r *page.Request, j config.Job) {
	p.trying(w, r, j, func(ctx context.Context) (bool, error) { return false, p.SignIns.Disconnect(ctx, j.Name) })
}

// trying does a step and shows what it came to, or goes on where the job is connected now.
func (p *Pages) trying(w http.ResponseWriter, r *page.Request, j config.Job, do func(context.Context) (bool, error)) {
	if config.Pair(j.Pair) != config.QuickBooksCentrixOne || p.SignIns == nil {
		p.connectPage(w, r, j, http.StatusNotFound, nil)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), connectWithin)
	defer cancel()
	done, err := do(ctx)
	if done && err == nil {
		p.mu.Lock()
		delete(p.links, j.Name)
		p.mu.Unlock()
		p.Site.Say(r, r.P.Text("connect.done", nil))
		on(w, r, j.Name, p.next(j).page)
		return
	}
	d := p.newConnect(r, j)
	if err != nil {
		p.Site.Log.Warn("page did not connect a job", "job", j.Name, "code", connectors.CodeOf(err))
		d.Notice = noticeOfError(r, err)
	}
	p.connectPage(w, r, j, http.StatusOK, d)
}

// customersKey gives the text of one of the three settings of customers.
func customersKey(value string) string { return "page.setup.quickbooks-" + value }

// ofQuickBooks makes the form that of a job with QuickBooks.
func (d *rulesData) ofQuickBooks(r *page.Request, j config.Job) {
	t, start := r.P.Text, ""
	if !j.QuickBooks.Start.IsZero() {
		start = j.QuickBooks.Start.Format(time.DateOnly)
	}
	d.Direction = choice("direction", t("page.setup.direction", nil), j.QuickBooks.Customers)
	for _, value := range []string{quickbooks.CustomersTwoWayAutomations, quickbooks.CustomersTwoWay, quickbooks.CustomersOneWay} {
		d.Direction.Options = append(d.Direction.Options, page.Option{Value: value, Label: t(customersKey(value), nil)})
	}
	d.Direction.Hint = t("page.setup.quickbooks-direction-hint", nil)
	d.Backup.Label = t("page.setup.quiet-hours", nil)
	languages := []page.Option{{Value: "fr", Label: "Français"}, {Value: "en", Label: "English"}}
	language := j.QuickBooks.Language
	if language == "" {
		language = "fr"
	}
	of, new := choice("language", t("page.setup.quickbooks-language", nil), language, languages...),
		choice("customer_language", t("page.setup.quickbooks-customer-language", nil), j.QuickBooks.CustomerLanguage, languages...)
	key := "job." + j.Name + ".quickbooks."
	d.Own = []ownField{{page.Field{Name: "start", Kind: "date", Optional: true, Label: t("page.setup.quickbooks-from", nil),
		Hint: t("page.setup.quickbooks-from-hint", nil), Value: start}, key + "start"}, {of, key + "language"}, {new, key + "customer_language"}}
	d.Hint = t("page.setup.quickbooks-no-orders", nil)
}
