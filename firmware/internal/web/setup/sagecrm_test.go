package setup_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"syncbox/connectors/bob50/bob50test"
	"syncbox/connectors/sagecrm/sagecrmtest"
)

// checked comes to the page of Sage CRM.
func (s *bobSite) checked(b *browser) {
	s.t.Helper()
	s.backup(bob50test.Good)
	s.shared(b)
	b.submit(bobPath + "dossier")
	b.follow(bobPath + "sagecrm")
}

// The CRM is asked once. What it refuses is not kept, what could not be tried is; a password that is kept goes to no other address.
func TestSageCRM(t *testing.T) {
	s, b := newBobSite(t, bob50test.Switches{}, nil)
	s.checked(b)
	b.submit(bobPath+"sagecrm", "url", s.at, "user", "syncbox", "password", "wrong-word")
	b.at(bobPath+"sagecrm", http.StatusForbidden)
	b.shows("a wrong password", "Sage CRM refuse le nom d'utilisateur ou le mot de passe")
	if c := s.draft().SageCRM.Site; c.BaseURL != "" || c.Password != "" {
		t.Errorf("what was refused is kept: %v", c)
	}
	for _, tt := range []struct{ name, field, value string }{
		{"in clear", "url", "http://crm.example.org"}, {"no address", "url", "crm"}, {"no user", "user", ""}, {"no password", "password", ""},
		{"no name", "install", "a/b"},
	} {
		values := map[string]string{"url": s.at, "user": "syncbox", "password": sageKey, "install": "crm"}
		values[tt.field] = tt.value
		var all []string
		for k, v := range values {
			all = append(all, k, v)
		}
		b.submit(bobPath+"sagecrm", all...)
		if b.status != 422 || !strings.Contains(b.text, `id="`+tt.field+`-error"`) {
			t.Errorf("%s: %d\n%s", tt.name, b.status, b.words())
		}
	}
	b.submit(bobPath+"sagecrm", "url", s.at, "user", "syncbox", "password", sageKey, "install", "crm")
	b.at(bobPath+"columns", 200)

	calls := 0
	foreign := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { calls++ }))
	defer foreign.Close()
	b.open(bobPath + "sagecrm")
	b.submit(bobPath+"sagecrm", "url", foreign.URL)
	if b.status != 422 || calls != 0 || s.draft().SageCRM.Site.BaseURL != s.at {
		t.Errorf("another address without the password: %d, asked %d times", b.status, calls)
	}
	b.shows("another address", "n'est envoyé à aucune autre adresse")
	foreign.Close()
	b.submit(bobPath+"sagecrm", "url", foreign.URL, "password", sageKey)
	b.at(bobPath+"sagecrm", 200)
	b.shows("no CRM", "Ces valeurs sont enregistrées.")
	b.follow(bobPath + "columns")
	b.submit(bobPath + "columns-again")
	b.shows("still none", s.said("do.crm-unreachable"))
	s.keepsTheirSecrets(b)
}

// Whether the CRM has columns for the VAT number and for BobSync is said in words; they are chosen by what people call them, and
// typed where the CRM does not tell. One that it does not have is refused.
//
// Requirement: BOB-3, BOB-5
func TestColumnsOfSageCRM(t *testing.T) {
	t.Run("told", func(t *testing.T) {
		s, b := newBobSite(t, bob50test.Switches{}, sagecrmtest.Switches{sagecrmtest.VATColumn: "comp_c_taxid", sagecrmtest.BobSyncColumn: "comp_c_bob50"})
		s.checked(b)
		b.submit(bobPath+"sagecrm", "url", s.at, "user", "syncbox", "password", sageKey)
		b.at(bobPath+"columns", 200)
		b.shows("found", "Numéro de TVA\u202f: 1 colonne possible.", "Case BobSync\u202f: 1 colonne possible.", "comp_c_taxid – ")
		b.submit(bobPath + "columns") // the likely ones are proposed
		b.at(bobPath+"rules", 200)
		if c := s.draft().SageCRM.Site; c.VATField != "comp_c_taxid" || c.BobSyncField != "comp_c_bob50" {
			t.Errorf("kept %s and %s", c.VATField, c.BobSyncField)
		}
	})
	t.Run("not told", func(t *testing.T) {
		s, b := newBobSite(t, bob50test.Switches{}, sagecrmtest.Switches{sagecrmtest.SoapMetadata: "refused"})
		s.checked(b)
		b.submit(bobPath+"sagecrm", "url", s.at, "user", "syncbox", "password", sageKey)
		b.at(bobPath+"columns", 200)
		b.shows("none", "Aucune case de la société ne s'appelle BobSync")
		for _, tt := range []struct{ name, vat, bobsync, field string }{
			{"another one", "comp_vatnumber", "comp_nothing", "bob_sync_field"},
			{"no column", "a b", "comp_bobsync", "vat_field"},
			{"empty", "", "comp_bobsync", "vat_field"},
		} {
			b.submit(bobPath+"columns", "vat_field", tt.vat, "bob_sync_field", tt.bobsync)
			if b.status != 422 || !strings.Contains(b.text, `id="`+tt.field+`-error"`) {
				t.Errorf("%s: %d\n%s", tt.name, b.status, b.words())
			}
		}
		b.submit(bobPath+"columns", "vat_field", "comp_vatnumber", "bob_sync_field", "comp_bobsync")
		b.at(bobPath+"rules", 200)
	})
}

// Both ways need the folder of LINK, and a country is two letters.
func TestRulesOfBob50Refused(t *testing.T) {
	s, b := newBobSite(t, bob50test.Switches{}, nil)
	s.checked(b)
	s.joined(b)
	was := s.text()
	for _, tt := range []struct{ name, field, value string }{
		{"no folder of LINK", "link", ""}, {"upwards", "link", "../LINK"}, {"no country", "country", "1x"}, {"no such start", "start", "never"},
		{"no such age", "backup_max_age", "1s"}, {"no such form", "link_format", "xls"},
	} {
		b.open(bobPath + "rules")
		values := []string{"direction", "two-way", "link", "LINK/DEMO"}
		b.submit(bobPath+"rules", append(values, tt.field, tt.value)...)
		if b.status != 422 || !strings.Contains(b.text, `id="`+tt.field+`-error"`) {
			t.Errorf("%s: %d\n%s", tt.name, b.status, b.words())
		}
	}
	if s.text() != was {
		t.Error("what was refused is kept")
	}
	b.submit(bobPath+"rules", "direction", "one-way", "link", "", "link_format", "dbf")
	b.at(bobPath+"first", 200)
	s.keepsTheirSecrets(b)
}

// A job of other products has none of these pages, and one of BOB 50 none of Acomba's.
func TestNoPagesOfBob50(t *testing.T) {
	s, b := newBobSite(t, bob50test.Switches{}, nil)
	for _, name := range []string{"check", "company", "crm", "crm-again", "moved", "found", "x3", "tenant"} {
		b.open(bobPath + name)
		b.at(bobPath+name, 404)
	}
	b.open("/setup/pair")
	b.submitPair("acomba-centrixone")
	for _, name := range []string{"dossier", "backup", "sagecrm", "columns", "columns-again"} {
		b.open(jobsPath + name)
		b.at(jobsPath+name, 404)
	}
	s.keepsTheirSecrets(b)
}
