package setup_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"syncbox/connectors"
	"syncbox/connectors/centrixone"
	"syncbox/connectors/quickbooks"
	"syncbox/firmware/internal/config"
	"syncbox/sync/engine"
)

const quickPath = "/setup/jobs/quickbooks/"

// online is a company of QuickBooks at which somebody signs in, whose fields a test sets.
type online struct {
	is     quickbooks.Connection
	signed bool
	pasted string
	err    error
}

func (o *online) Begin(context.Context, string) (string, error) {
	return "https://appcenter.example/connect?state=abc", o.err
}

func (o *online) Collect(context.Context, string) (bool, error) {
	if o.signed {
		o.connect()
	}
	return o.signed, nil
}

func (o *online) Finish(_ context.Context, _, pasted string) error {
	if o.pasted = pasted; !strings.Contains(pasted, "code=") {
		return connectors.Errorf(connectors.Rejected, quickbooks.CodePasteUnreadable, "no address")
	}
	o.connect()
	return nil
}

func (o *online) connect() {
	o.is = quickbooks.Connection{State: quickbooks.Connected, Realm: "9130", Since: time.Date(2026, 11, 22, 14, 5, 0, 0, time.UTC)}
}

func (o *online) Disconnect(context.Context, string) error {
	o.is.State = quickbooks.Disconnected
	return connectors.Errorf(connectors.Unavailable, quickbooks.CodeNotRevoked, "no answer")
}

func (o *online) Connection(context.Context, string) (quickbooks.Connection, error) { return o.is, nil }

// quickSite is a box as it is delivered, which somebody makes one for QuickBooks.
func quickSite(t *testing.T) (*site, *online, *browser) {
	t.Helper()
	s, o := newSite(t), &online{is: quickbooks.Connection{State: quickbooks.Never}}
	s.conf.SignIns = o
	s.conf.CRM = func(context.Context, centrixone.Config) error { return nil }
	b := s.logOn()
	b.at("/setup/pair", 200)
	b.submitPair(string(config.QuickBooksCentrixOne))
	b.at(quickPath+"connect", 200)
	return s, o, b
}

// submitPair clicks on one of the products.
func (b *browser) submitPair(pair string) {
	b.t.Helper()
	var others []*html.Node
	for n := range b.page.Descendants() {
		if n.Data == "input" && attr(n, "name") == "pair" && attr(n, "value") != pair {
			others = append(others, n.Parent)
		}
	}
	for _, form := range others {
		form.Parent.RemoveChild(form)
	}
	b.submit("/setup/pair")
}

// A new box is made one for QuickBooks, connected, and told from when, in which languages and in which direction; nothing
// begins before somebody starts it. Orders are said to be unavailable.
//
// Requirement: QBO-3, QBO-4, QBO-5, QBO-6, QBO-7, QBO-8, QBO-10, QBO-46, QBO-56
func TestSetUpOfQuickBooks(t *testing.T) {
	s, o, b := quickSite(t)
	b.shows("before", "jamais connectée", "Les commandes ne sont pas disponibles", "avant la première synchronisation")
	b.submit(quickPath+"relay", "relay", "http://relay.example")
	b.shows("a relay in clear", "https://")
	b.submit(quickPath+"relay", "relay", "https://relay.example")
	b.submit(quickPath + "connect")
	b.shows("the link", "Ouvrir une session", "Connecter")
	if !strings.Contains(b.text, `<a href="https://appcenter.example/connect?state=abc" target="_blank" rel="noopener noreferrer">`) {
		t.Error("no link to Intuit in a new tab")
	}
	b.submit(quickPath + "collect")
	b.shows("nobody yet", "jamais connectée", "Ouvrir une session")
	o.signed = true
	b.submit(quickPath + "collect")
	b.at(quickPath+"rules", 200)
	b.shows("rules", "Les commandes ne sont pas disponibles", "Bidirectionnelle (utilisateurs)", "Unidirectionnelle (vers le CRM)")
	b.submit(quickPath+"rules", "start", "2026-01-31", "language", "en", "customer_language", "en", "direction", "one-way")
	b.at(quickPath+"crm", 200)
	b.submit(quickPath+"crm", "account", "10234", "key", crmKey)
	b.at(quickPath+"first", 200)
	c, err := config.Load(s.path())
	must(t, err)
	j := c.Jobs[0]
	if q := j.QuickBooks; q.Start.Format(time.DateOnly) != "2026-01-31" || q.Language != "en" || q.CustomerLanguage != "en" || j.TwoWay || q.RelayURL != "https://relay.example" {
		t.Errorf("set: %v, start %s, languages %q %q", q, q.Start, q.Language, q.CustomerLanguage)
	}
	if j.Engine.Confirm != engine.ConfirmFirst {
		t.Errorf("the first sync waits for nobody: %q", j.Engine.Confirm)
	}
	b.open("/setup/pair")
	if b.path == "/setup/pair" {
		t.Error("the products can be chosen again")
	}
}

// Where the hand-over fails, the address is pasted; it is not shown again. What is wrong is said in words. The connection is
// ended on the same page.
func TestPastedAddress(t *testing.T) {
	s, o, b := quickSite(t)
	b.submit(quickPath+"relay", "relay", "https://relay.example")
	b.submit(quickPath + "connect")
	b.submit(quickPath+"paste", "pasted", "https://relay.example/")
	b.shows("not the address", "Copiez toute la barre d'adresse")
	b.submit(quickPath+"paste", "pasted", "https://relay.example/back?code=SECRET&state=abc&realmId=9130")
	b.at(quickPath+"rules", 200)
	if !strings.Contains(o.pasted, "code=SECRET") {
		t.Errorf("pasted: %q", o.pasted)
	}
	b.open(quickPath + "connect")
	b.shows("connected", "connectée à l'entreprise 9130")
	b.submit(quickPath + "disconnect")
	b.shows("ended", "déconnectée de QuickBooks", "n'a pas pu en être averti")
	o.is = quickbooks.Connection{State: quickbooks.Reconnect, Realm: "9130", Code: quickbooks.CodeReconnect}
	b.open(quickPath + "connect")
	b.shows("ended by Intuit", "à reconnecter à l'entreprise 9130", "choisissez la même entreprise")
	if text := s.log.String(); strings.Contains(text, "SECRET") {
		t.Error("the log tells the address")
	}
}

// With Acomba nothing changes but the question; a job of Acomba has no page of a connection.
func TestChooseAcomba(t *testing.T) {
	s := newSite(t)
	s.conf.SignIns = &online{}
	b := s.logOn()
	b.at("/setup/pair", 200)
	b.submitPair(string(config.AcombaCentrixOne))
	b.at(jobsPath+"server", 200)
	b.open(jobsPath + "connect")
	b.at(jobsPath+"connect", 404)
}
