package setup_test

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/share/sharetest"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/survey"
	"syncbox/firmware/internal/web/setup"
)

// The technician's way from the label to the rules says at each step what it found, and what nobody has to type is proposed.
// It is interrupted after each step, by a restart of the box, and goes on where it was.
//
// Requirement: ACO-4, ACO-5, ACO-6, ACO-7, ACO-26, ACO-73
func TestInterrupted(t *testing.T) {
	s := newSite(t)
	s.withServer(60)
	b := s.logOn()
	b.at(jobsPath+"server", 200)
	b.submit(jobsPath + "search")
	b.shows("the servers", "ERPSRV", "Choisir ERPSRV")
	b.follow(jobsPath + "server?domain=")
	b.submit(jobsPath+"server", "user", sharetest.UserBox, "password", secret, "port", s.port())
	b.at(jobsPath+"way", 200)
	b.shows("the way", "127.0.0.1", "SMB 3.1.1", "2 partages")
	if j := s.draft(); j.Share.Server != "127.0.0.1" || string(j.Share.Password) != secret || j.Engine.Confirm != "first" {
		t.Errorf("kept: %v, %q", j.Share, j.Engine.Confirm)
	}

	b = s.logOn()
	b.at(jobsPath+"way", 200)
	b.submit(jobsPath + "way") // with the password that is kept
	b.submit(jobsPath+"way", "share", sharetest.ShareERP)
	b.shows("the companies", "F1000.dta/Nord", "1 compagnie trouvée")

	b = s.logOn()
	b.submit(jobsPath + "way")
	b.submit(jobsPath+"way", "share", sharetest.ShareERP)
	b.submit(jobsPath + "company")
	b.at(jobsPath+"check", 200)
	b.shows("the company", "Toutes les fiches ont la forme attendue.", "refacomba/1", "contrôles réussis")

	b = s.logOn()
	b.at(jobsPath+"check", 200)
	b.submit(jobsPath + "check")
	b.follow(jobsPath + "crm")
	b.submit(jobsPath+"crm", "account", "10234", "key", crmKey)
	b.shows("the CRM", "Le CRM répond et accepte la clé.")

	b = s.logOn()
	b.at(jobsPath+"rules", 200)
	b.submit(jobsPath+"rules", "direction", "two-way", "backup", "23:00-01:00, 12:00-12:30", "interval", "30m", "doc-quotes", "", "zone", "America/Vancouver",
		"language", "en", "automatic", "")
	j := s.draft()
	if !j.TwoWay || len(j.Engine.Schedule.Backup) != 2 || j.Engine.Schedule.Interval.Minutes() != 30 || slices.Contains(j.Acomba.Documents, "quotes") || len(j.Acomba.Documents) != 4 {
		t.Errorf("rules: %+v, %+v", j.Acomba, j.Engine.Schedule)
	}
	m, err := config.LoadMachine(s.path())
	must(t, err)
	if m.Box.Language != "en" || m.Box.Zone.String() != "America/Vancouver" || m.Updates.Automatic {
		t.Errorf("box: %+v, %+v", m.Box, m.Updates)
	}

	b = s.logOn()
	b.at("/setup", 200)
	b.shows("the overview", `\\127.0.0.1\erp`, "F1000.dta/Nord", "(défini)")
	b.follow(jobsPath + "rules")
	b.submit(jobsPath+"rules", "doc-orders", "", "doc-open_orders", "", "doc-invoices", "", "doc-contracts", "")
	b.at("/setup", 200)
	if j := s.draft(); j.Acomba.Documents == nil || len(j.Acomba.Documents) != 0 || !j.TwoWay {
		t.Errorf("no documents: %q", j.Acomba.Documents)
	}
	s.keepsSecrets(b)
}

// counted counts the ways that are gone.
type counted struct {
	setup.Survey
	n *int
}

func (c counted) Steps(ctx context.Context, r survey.StepsRequest, told func(survey.Result)) ([]survey.Result, error) {
	*c.n++
	return c.Survey.Steps(ctx, r, told)
}

// A password that the server refuses is tried once, however often the page is read: servers lock accounts.
func TestOneTry(t *testing.T) {
	s := newSite(t)
	s.withServer(20)
	tries := 0
	s.conf.Survey = counted{s.conf.Survey, &tries}
	b := s.logOn()
	b.submit(jobsPath+"server", "server", "127.0.0.1", "user", sharetest.UserBox, "password", "another", "port", s.port())
	for _, path := range []string{"way", "server", "way", "company", "check"} {
		b.open(jobsPath + path)
	}
	if tries != 1 {
		t.Errorf("tried %d times", tries)
	}
}

// What is wrong is said beside its field, and nothing of it is kept.
func TestServerRefused(t *testing.T) {
	s := newSite(t)
	s.withServer(20)
	b := s.logOn()
	right := map[string]string{"server": "127.0.0.1", "user": sharetest.UserBox, "password": secret, "domain": "", "port": s.port()}
	for _, tt := range []struct{ name, field, value, shown string }{
		{"no server", "server", "", "À remplir."},
		{"no user", "user", "", "À remplir."},
		{"no password", "password", "", "À remplir."},
		{"a long name", "server", strings.Repeat("a", 254), "au plus 253"},
		{"a path", "server", `\\srv\acomba`, "le nom ou l'adresse du serveur"},
		{"an odd user", "user", "a\x00b", "caractères"},
		{"no port", "port", "70000", "1 à 65535"},
		{"no number", "port", "x", "1 à 65535"},
	} {
		b.open(jobsPath + "server")
		b.submit(jobsPath+"server", with(right, tt.field, tt.value)...)
		if b.status != http.StatusUnprocessableEntity || !strings.Contains(b.text, `id="`+tt.field+`-error"`) || !b.has(tt.shown) {
			t.Errorf("%s: %d:\n%s", tt.name, b.status, b.words())
		}
	}
	for _, tt := range []struct{ name, field, value, shown string }{
		{"another password", "password", "another", "refuse l'utilisateur ou le mot de passe"},
		{"no such server", "server", "srv-that-is-not.invalid", "(pas essayé)"},
		{"nothing listens", "port", "1", "(pas essayé)"},
	} {
		b.open(jobsPath + "server")
		b.submit(jobsPath+"server", with(right, tt.field, tt.value)...)
		b.at(jobsPath+"way", 200)
		b.shows(tt.name, tt.shown)
		if b.form(jobsPath+"way") != nil || b.form(jobsPath+"company") != nil {
			t.Errorf("%s: it goes on", tt.name)
		}
	}
	if j := s.draft(); j.Share.Server != "" || j.Share.User != "" || j.Share.Password != "" {
		t.Errorf("kept: %v", j.Share)
	}
	b.follow(jobsPath + "server")
	b.submit(jobsPath+"server", with(right, "user", sharetest.UserBox)...)
	b.submit(jobsPath+"way", "share", sharetest.ShareEnc)
	b.shows("a share without a company", "Dossier du partage")
	b.submit(jobsPath+"way", "share", sharetest.ShareERP, "folder", "none")
	b.shows("no such folder", "Dossier du partage")
	b.submit(jobsPath+"way", "share", sharetest.ShareERP, "folder", "F1000.dta")
	b.submit(jobsPath+"company", "company", "elsewhere")
	b.shows("another company", "Choisissez une des compagnies trouvées.")
	s.keepsSecrets(b)
}

// with gives all values with another one of one field.
func with(all map[string]string, field, value string) (pairs []string) {
	for _, name := range slices.Sorted(maps.Keys(all)) {
		is := all[name]
		if name == field {
			is = value
		}
		pairs = append(pairs, name, is)
	}
	return pairs
}

// A child process that fails is told, and the page goes on.
func TestSurveyFails(t *testing.T) {
	s := newSite(t)
	s.conf.Survey = &survey.Helper{Program: "/bin/false"}
	b := s.logOn()
	b.submit(jobsPath + "search")
	b.at(jobsPath+"server", 200)
	b.shows("a search", s.word("code.survey-died"))
	b.submit(jobsPath+"server", "server", "srv", "user", "u", "password", secret)
	b.shows("a way", s.word("code.survey-died"))
	s.keepsSecrets(b)
}

// What goes wrong in a look for a mistake of our own ends that look, and nothing else.
func TestLookPanics(t *testing.T) {
	s := newSite(t)
	s.conf.Survey = clumsy{}
	b := s.logOn()
	b.submit(jobsPath + "search")
	b.at(jobsPath+"server", 200)
	b.shows("a search", s.word("console.failed"))
}

// clumsy is a survey with a mistake in it.
type clumsy struct{ slow }

func (clumsy) Sweep(context.Context, survey.SweepRequest, func(survey.Progress)) ([]survey.Server, error) {
	panic("a mistake")
}

// A version of Acomba that no layout is meant for leads to the calibration.
func TestUnknownVersion(t *testing.T) {
	s := newSite(t)
	north := s.withServer(20)
	b := s.logOn()
	s.reach(b)
	must(t, north.SetVersion("0.0.0.0"))
	b.submit(jobsPath + "check")
	b.shows("the check", s.word("code.layout-unknown"))
	if !strings.Contains(b.text, `href="/calibrate"`) {
		t.Errorf("nothing leads to the calibration:\n%s", b.words())
	}
}

// The probe that fails is shown.
func TestProbeFails(t *testing.T) {
	s := newSite(t)
	north := s.withServer(20)
	all, err := north.Customers()
	must(t, err)
	for _, c := range all {
		must(t, north.SetRaw(acombatest.CustomerTable, c.CardPos, "language", 77))
	}
	b := s.logOn()
	s.reach(b)
	b.shows("the check", "Contrôles qui ont échoué", "CUSTOMER enum_known language")
}

// One look at a time: a second one is refused, and the one that goes on can be cancelled.
func TestBusy(t *testing.T) {
	s := newSite(t)
	stuck := slow{make(chan struct{})}
	s.conf.Survey = stuck
	b := s.logOn()
	b.patient = true
	other := s.here(b)
	other.open(jobsPath + "server")
	b.submit(jobsPath + "search")
	b.shows("at work", "La boîte cherche les serveurs")
	<-stuck.begun
	other.submit(jobsPath + "search")
	other.at(jobsPath+"search", http.StatusConflict)
	other.open(jobsPath + "server")
	other.shows("another browser", "La boîte cherche les serveurs")
	b.submit("/setup/cancel")
	b.at(jobsPath+"server", 200)
}

// slow is a survey that ends only when it is cancelled.
type slow struct{ begun chan struct{} }

func (s slow) Sweep(ctx context.Context, _ survey.SweepRequest, _ func(survey.Progress)) ([]survey.Server, error) {
	close(s.begun)
	<-ctx.Done()
	return nil, ctx.Err()
}

func (slow) Steps(context.Context, survey.StepsRequest, func(survey.Result)) ([]survey.Result, error) {
	return nil, nil
}

func (slow) Probes(context.Context, survey.ProbesRequest, func(survey.Progress)) ([]survey.Result, survey.Report, error) {
	return nil, survey.Report{}, nil
}

func (slow) Find(context.Context, survey.FindRequest, func(survey.Progress)) ([]survey.Result, []survey.Candidate, error) {
	return nil, nil, nil
}
