package setup_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

// Account and key are tried once. What the CRM refuses is not kept; what could not be tried is.
func TestCRM(t *testing.T) {
	s := newSite(t)
	s.reached()
	b := s.logOn()
	b.open(jobsPath + "crm")
	b.submit(jobsPath+"crm", "account", "10234", "key", "WRONG")
	b.at(jobsPath+"crm", http.StatusForbidden)
	b.shows("a wrong key", s.word("code.crm-auth"))
	b.submit(jobsPath+"crm", "account", "10-234", "key", "A,B")
	b.at(jobsPath+"crm", http.StatusUnprocessableEntity)
	b.submit(jobsPath+"crm", "account", "10234")
	b.at(jobsPath+"crm", http.StatusUnprocessableEntity)
	if c := s.draft().CentrixOne; c.Account != "" || c.APIKey != "" {
		t.Error("what was refused is kept")
	}
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	was := s.draft().CentrixOne.BaseURL
	s.set("job.acomba.centrixone.url", gone.URL)
	b.open(jobsPath + "crm")
	b.submit(jobsPath+"crm", "account", "10234", "key", crmKey)
	b.at(jobsPath+"crm", http.StatusOK)
	b.shows("no CRM", s.word("code.crm-unreachable"), "Le numéro et la clé sont enregistrés.")
	must(t, os.WriteFile(s.path(), []byte(strings.Replace(s.text(), gone.URL, was, 1)), 0o600))
	b.submit(jobsPath + "crm-again")
	b.at(jobsPath+"rules", http.StatusOK)
	s.keepsSecrets(b)
}

func TestRulesRefused(t *testing.T) {
	s := newSite(t)
	s.reached()
	b := s.logOn()
	b.open(jobsPath + "crm")
	b.submit(jobsPath+"crm", "account", "10234", "key", crmKey)
	b.at(jobsPath+"rules", 200)
	was := s.text()
	for _, tt := range []struct{ name, field, value string }{
		{"no hours", "backup", "at night"},
		{"an hour that there is not", "backup", "25:00-26:00"},
		{"too many hours", "backup", strings.Repeat("22:00-23:00,", 20)},
		{"no such direction", "direction", "sideways"},
		{"no such time", "interval", "1ns"},
		{"no such zone", "zone", "Mars/Olympus"},
		{"no such language", "language", "de"},
	} {
		b.open(jobsPath + "rules")
		b.submit(jobsPath+"rules", tt.field, tt.value)
		if b.status != http.StatusUnprocessableEntity || !strings.Contains(b.text, `id="`+tt.field+`-error"`) {
			t.Errorf("%s: %d:\n%s", tt.name, b.status, b.words())
		}
	}
	if s.text() != was {
		t.Error("something was kept")
	}
}

// Nothing of set-up is for whoever has not given the code, and nothing is changed by reading a page.
func TestClosed(t *testing.T) {
	s := newSite(t)
	was := s.text()
	b := s.start()
	paths := []string{"/setup", "/setup/box"}
	for _, name := range []string{"server", "search", "way", "company", "check", "crm", "crm-again", "rules", "first", "moved", "found"} {
		paths = append(paths, jobsPath+name)
	}
	for _, path := range paths {
		b.open(path)
		if !strings.HasPrefix(b.path, "/login?to=") {
			t.Errorf("%s is open", path)
		}
		if status := s.post(b, path); status != http.StatusForbidden && status != http.StatusNotFound {
			t.Errorf("POST %s: %d", path, status)
		}
	}
	for _, path := range []string{"/setup/box/network", "/setup/box/code", "/setup/box/restart", "/setup/box/reset", "/setup/cancel"} {
		if status := s.post(b, path); status != http.StatusForbidden {
			t.Errorf("POST %s: %d", path, status)
		}
	}
	b = s.logOn()
	for _, path := range paths {
		b.open(path + "?lang=en")
		b.open(path + "?server=srv&password=x&code=y")
		if status := s.post(b, path); status != http.StatusForbidden && status != http.StatusNotFound {
			t.Errorf("POST %s without its token: %d", path, status)
		}
	}
	b.open("/setup/jobs/none/server")
	b.at("/setup/jobs/none/server", http.StatusNotFound)
	if s.text() != was || len(s.acts) != 0 || len(s.events) != 0 {
		t.Errorf("something was done: %q %q", s.acts, s.events)
	}
}
