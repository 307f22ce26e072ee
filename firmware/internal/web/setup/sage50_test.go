package setup_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"syncbox/connectors/pairs"
	"syncbox/connectors/sage50fr"
	"syncbox/connectors/sage50fr/sage50test"
	"syncbox/connectors/salesmanagement"
	"syncbox/connectors/salesmanagement/salesmanagementtest"
	"syncbox/connectors/share"
	"syncbox/connectors/share/sharetest"
	"syncbox/firmware/internal/app"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/locale"
	"syncbox/sync/engine"
)

const (
	sagePath   = "/setup/jobs/sage50/"
	publicKey  = "public-of-the-tenant"
	privateKey = "private-of-the-tenant"
)

// sageSite is a customer's site with Sage 50 and Sage Sales Management.
type sageSite struct {
	*site
	sage *sage50test.Site
	crm  *salesmanagementtest.Server
	at   string // address of Sage Sales Management
}

// newSageSite makes a box as it is delivered, which somebody makes one for Sage 50. Before that, it is made ready.
func newSageSite(t *testing.T, at sage50test.Options, crm salesmanagementtest.Options, ready ...func(*site)) (*sageSite, *browser) {
	t.Helper()
	s := &sageSite{site: newSite(t)}
	s.server = sharetest.New(t, sharetest.Options{Users: map[string]string{sharetest.UserBox: secret}})
	var err error
	at.Start = time.Now().UTC().Add(-3 * time.Hour)
	s.sage, err = sage50test.Create(s.server.Dir(sharetest.ShareERP), at)
	must(t, err)
	crm.PublicKey, crm.PrivateKey, crm.Rate = publicKey, privateKey, -1
	s.crm, s.at, err = salesmanagementtest.Listen(t.Context(), crm)
	must(t, err)
	s.conf.SignIns = &online{}
	copies := t.TempDir()
	s.conf.TrySage50 = func(ctx context.Context, j config.Job) (sage50fr.Trial, error) {
		j.Share = share.Config{Kind: share.Directory, Path: s.server.Dir(j.Share.Share)}
		j.Sage50.Site.Settle = time.Millisecond
		return app.TrySage50(ctx, j, copies, s.logger())
	}
	s.conf.TrySalesManagement = func(ctx context.Context, j config.Job) (salesmanagement.Proposal, error) {
		j.SalesManagement.Site.Rate = 10_000
		return app.TrySalesManagement(ctx, j, s.logger())
	}
	for _, do := range ready {
		do(s.site)
	}
	b := s.logOn()
	b.at("/setup/pair", 200)
	b.submitPair(string(config.Sage50SalesManagement))
	b.at(sagePath+"server", 200)
	return s, b
}

// shared goes the way to the share.
func (s *sageSite) shared(b *browser) {
	s.t.Helper()
	b.submit(sagePath+"server", "server", "127.0.0.1", "user", sharetest.UserBox, "password", secret, "port", s.port())
	b.at(sagePath+"way", 200)
	if b.form(sagePath+"exchange") == nil {
		b.submit(sagePath+"way", "share", sharetest.ShareERP)
	}
}

// read has the exports be looked at, as they are now.
func (s *sageSite) read(b *browser) {
	s.t.Helper()
	s.shared(b)
	b.submit(sagePath + "exchange")
	b.at(sagePath+"exports", 200)
}

// joined gives the API key, and who and what.
func (s *sageSite) joined(b *browser) {
	s.t.Helper()
	b.submit(sagePath+"ssm", "url", s.at, "public_key", publicKey, "private_key", privateKey)
	b.at(sagePath+"lists", 200)
	b.submit(sagePath+"lists", "admin_user", "admin@example.com", "branch", "1")
	b.at(sagePath+"rules", 200)
}

// said gives what people read of a key, up to its first gap.
func (s *sageSite) said(key string) string {
	s.t.Helper()
	p, err := locale.New("fr-CA", time.UTC)
	must(s.t, err)
	text, _, _ := strings.Cut(p.Of(pairs.Names("sage50-salesmanagement")).Text(key, nil), "…")
	return text
}

// keepsTheirSecrets is keepsSecrets with both parts of the API key.
func (s *sageSite) keepsTheirSecrets(b *browser) {
	s.t.Helper()
	s.keepsSecrets(b)
	all := b.seen.String() + strings.Join(b.sent, "\n") + s.log.String() + strings.Join(s.events, "\n")
	for _, x := range []string{publicKey, privateKey} {
		if strings.Contains(all, x) {
			s.t.Errorf("a key of Sage Sales Management is shown: %s", x)
		}
	}
}

// wroteNothing checks that neither side was written.
func (s *sageSite) wroteNothing() {
	s.t.Helper()
	if wrong, err := s.sage.Trespasses(); err != nil || len(wrong) > 0 {
		s.t.Errorf("set-up wrote to the server: %v, %v", wrong, err)
	}
	if names, err := os.ReadDir(s.sage.In("DUPONT")); err != nil || len(names) > 0 {
		s.t.Errorf("set-up wrote import files: %v, %v", names, err)
	}
	for _, c := range s.crm.Journal(salesmanagementtest.JournalQuery{}) {
		if c.Method != "GET" && c.Endpoint != "login" && c.Op != "schema" && c.Op != "login" {
			s.t.Errorf("set-up wrote to the CRM: %s %s %s", c.Method, c.Endpoint, c.Op)
		}
	}
}

// A new box is made one for Sage 50 and Sage Sales Management. The exchange folder is found on the share, each export is told with
// what was recognised in it, the tenant's users, branches and statuses are chosen from what it has, and the rules are proposed; clients
// that are born in the CRM stay there unless somebody says otherwise. Nothing is written, and no secret is shown.
//
// Requirement: S50-1, S50-2, S50-29, S50-31, S50-33, S50-35, S50-38
func TestSetUpOfSage50(t *testing.T) {
	s, b := newSageSite(t, sage50test.Options{}, salesmanagementtest.Options{})
	must(t, s.sage.ExportAll("DUPONT"))
	s.shared(b)
	b.shows("what was found", "Dossiers d'échange de Sage 50", "1 dossier d'échange trouvé", "DUPONT")
	b.submit(sagePath + "exchange")
	b.at(sagePath+"exports", 200)
	b.shows("the exports", `\\127.0.0.1\erp\DUPONT\out`, `\DUPONT\in`, "Les clients peuvent être lus", "clients.txt – ", "representants.txt – ", "dont prospects", "Code client, Nom client")
	if j := s.draft(); j.Sage50.Site.Dossier != "DUPONT" || j.Share.Share != sharetest.ShareERP || j.Engine.Confirm != engine.ConfirmFirst {
		t.Errorf("kept: %+v %v %s", j.Sage50.Site, j.Share, j.Engine.Confirm)
	}
	b.follow(sagePath + "ssm")
	b.submit(sagePath+"ssm", "url", s.at, "public_key", publicKey, "private_key", privateKey)
	b.at(sagePath+"lists", 200)
	b.shows("the lists", "Admin", "Siège", "Lyon", "Prospect", "Inactif")
	b.submit(sagePath+"lists", "admin_user", "admin@example.com", "branch", "2", "prospects", "Inactif")
	b.at(sagePath+"rules", 200)
	b.shows("the rules", "Les commandes ne sont pas synchronisées", "pas en temps réel", "Ne pas les envoyer", "Europe/Paris", "Mettre la boîte à jour automatiquement")
	b.submit(sagePath+"rules", "interval", "4h", "export_expected", "72h", "import_remind", "12h", "representatives", "erp")
	b.at(sagePath+"first", 200)
	c, err := config.Load(s.path())
	must(t, err)
	j := c.Jobs[0]
	if x := j.Sage50.Site; x.SendClients || x.ExportExpected != 72*time.Hour || x.ImportRemind != 12*time.Hour || !j.TwoWay || j.Engine.Schedule.Interval != 4*time.Hour {
		t.Errorf("the rules: %+v, both ways %v, %v", x, j.TwoWay, j.Engine.Schedule.Interval)
	}
	x := j.SalesManagement
	if y := x.Site; y.PrivateKey != privateKey || y.PublicKey != publicKey || y.Admin != "admin@example.com" || y.Branch != 2 || strings.Join(y.Clients, "") != "Client" ||
		strings.Join(y.Prospects, "+") != "Prospect+Inactif" || y.Dossier != "DUPONT" || y.Rate != 4 || !x.Representatives {
		t.Errorf("the CRM: %+v, %v", y, x.Representatives)
	}
	if c.Box.Zone.String() != "Europe/Paris" {
		t.Errorf("zone %s", c.Box.Zone)
	}
	s.wroteNothing()
	b.open(sagePath + "rules")
	b.submit(sagePath+"rules", "send_ssm_clients", "true", "automatic", "")
	b.at("/setup", 200)
	b.shows("overview", "DUPONT", "admin@example.com", "Bidirectionnelle\u202f: Sage 50 <-> Sage Sales Management")
	if m, err := config.LoadMachine(s.path()); err != nil || m.Updates.Automatic || !s.draft().Sage50.Site.SendClients {
		t.Errorf("automatic updates %v, clients sent %v, %v", m.Updates.Automatic, s.draft().Sage50.Site.SendClients, err)
	}
	s.keepsTheirSecrets(b)
}

// The exchange folder is typed as people do where none was found, and refused where it can't be.
func TestExchangeOfSage50(t *testing.T) {
	s, b := newSageSite(t, sage50test.Options{Dossiers: []string{"DUPONT", "MARTIN & FILS"}}, salesmanagementtest.Options{})
	must(t, s.sage.ExportAll("DUPONT"))
	s.shared(b)
	b.shows("both", "2 dossiers d'échange trouvés", "MARTIN & FILS – sans export")
	was := s.text()
	for _, tt := range []struct{ name, folder string }{{"another one", "ELSEWHERE"}, {"upwards", "../DUPONT"}, {"none", ""}, {"no name of identities", "MARTIN & FILS"}} {
		b.submit(sagePath+"exchange", "exchange", tt.folder)
		if b.status != 422 || !strings.Contains(b.text, `id="exchange-error"`) {
			t.Errorf("%s: %d\n%s", tt.name, b.status, b.words())
		}
	}
	if s.text() != was {
		t.Error("what was refused is kept")
	}
	for _, name := range []string{"DUPONT", "MARTIN & FILS"} {
		must(t, os.RemoveAll(s.server.Dir(sharetest.ShareERP)+"/"+name))
	}
	b.open(sagePath + "server")
	s.shared(b)
	b.shows("none", "Aucun dossier d'échange ne se trouve dans erp", "Créez sur le partage un dossier")
	for _, folder := range []string{`\`, "../DUPONT"} {
		if b.submit(sagePath+"exchange", "exchange", folder); b.status != 422 || !strings.Contains(b.text, `id="exchange-error"`) {
			t.Errorf("%s: %d\n%s", folder, b.status, b.words())
		}
	}
	b.submit(sagePath+"exchange", "exchange", `\DUPONT\OUT\`)
	b.at(sagePath+"exports", 200)
	b.shows("gone", "Le dossier d'échange de Sage 50 est introuvable")
	if got := s.draft().Sage50.Site.Dossier; got != "DUPONT" {
		t.Errorf("kept %q", got)
	}
	s.keepsTheirSecrets(b)
}

// A job of other products has none of these pages, and one of Sage 50 none of Acomba's.
func TestNoPagesOfSage50(t *testing.T) {
	s, b := newSageSite(t, sage50test.Options{}, salesmanagementtest.Options{})
	for _, name := range []string{"check", "company", "crm", "crm-again", "moved", "found", "x3", "tenant", "dossier", "backup", "sagecrm", "columns"} {
		b.open(sagePath + name)
		b.at(sagePath+name, 404)
	}
	b.open("/setup/pair")
	b.submitPair("acomba-centrixone")
	for _, name := range []string{"exchange", "exports", "headings", "ssm", "lists", "lists-again"} {
		b.open(jobsPath + name)
		b.at(jobsPath+name, 404)
	}
	s.keepsTheirSecrets(b)
}
