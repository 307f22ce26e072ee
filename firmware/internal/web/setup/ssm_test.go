package setup_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"syncbox/connectors/sage50fr/sage50test"
	"syncbox/connectors/salesmanagement/salesmanagementtest"
)

// toKey comes to the page of the API key.
func (s *sageSite) toKey(b *browser) {
	s.t.Helper()
	must(s.t, s.sage.ExportAll("DUPONT"))
	s.read(b)
	b.follow(sagePath + "ssm")
}

// The API is asked once. What it refuses is not kept, what could not be tried is; keys that are kept go to no other address.
func TestKeyOfSalesManagement(t *testing.T) {
	s, b := newSageSite(t, sage50test.Options{}, salesmanagementtest.Options{})
	s.toKey(b)
	b.submit(sagePath+"ssm", "url", s.at, "public_key", publicKey, "private_key", "another")
	b.at(sagePath+"ssm", http.StatusForbidden)
	b.shows("another key", "Sage Sales Management refuse la clé d'API")
	empty := httptest.NewServer(http.NotFoundHandler())
	defer empty.Close()
	b.submit(sagePath+"ssm", "url", empty.URL, "public_key", publicKey, "private_key", privateKey)
	b.at(sagePath+"ssm", http.StatusUnprocessableEntity)
	b.shows("another address", "Rien à cette adresse ne répond comme Sage Sales Management.")
	for _, tt := range []struct{ name, field, value string }{
		{"in clear", "url", "http://api.example.org"}, {"no address", "url", "api"}, {"no public key", "public_key", ""}, {"no private key", "private_key", ""},
		{"no such rate", "rate", "many"},
	} {
		values := map[string]string{"url": s.at, "public_key": publicKey, "private_key": privateKey, "rate": "4"}
		values[tt.field] = tt.value
		b.open(sagePath + "ssm")
		b.submit(sagePath+"ssm", with(values, tt.field, tt.value)...)
		if b.status != 422 || !strings.Contains(b.text, `id="`+tt.field+`-error"`) {
			t.Errorf("%s: %d\n%s", tt.name, b.status, b.words())
		}
	}
	if c := s.draft().SalesManagement.Site; c.BaseURL != "" || c.PublicKey != "" || c.PrivateKey != "" {
		t.Errorf("what was refused is kept: %v", c)
	}
	b.submit(sagePath+"ssm", "url", s.at, "public_key", publicKey, "private_key", privateKey, "rate", "13")
	b.at(sagePath+"lists", 200)

	calls := 0
	foreign := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { calls++ }))
	b.open(sagePath + "ssm")
	b.submit(sagePath+"ssm", "url", foreign.URL)
	if c := s.draft().SalesManagement.Site; b.status != 422 || calls != 0 || c.BaseURL != s.at || c.Rate != 13 {
		t.Errorf("another address without the key: %d, asked %d times", b.status, calls)
	}
	b.shows("another address", "n'est envoyée à aucune autre adresse")
	foreign.Close()
	b.submit(sagePath+"ssm", "url", foreign.URL, "public_key", publicKey, "private_key", privateKey)
	b.at(sagePath+"ssm", 200)
	b.shows("no API", "Sage Sales Management ne répond pas.", "Ces valeurs sont enregistrées.")
	b.follow(sagePath + "lists")
	b.submit(sagePath + "lists-again")
	b.shows("still none", s.said("do.ssm-unreachable"))
	s.keepsTheirSecrets(b)
}

// What is chosen is held against what the tenant has; a session that ends meanwhile is begun anew. Custom fields that are missing are
// named, and hold nothing up.
//
// Requirement: S50-29
func TestListsOfSalesManagement(t *testing.T) {
	s, b := newSageSite(t, sage50test.Options{}, salesmanagementtest.Options{Extra: map[salesmanagementtest.Entity][]salesmanagementtest.Field{},
		Switches: salesmanagementtest.Switches{salesmanagementtest.TokenLife: "one-call"}})
	s.toKey(b)
	b.open(sagePath + "lists")
	b.submit(sagePath + "lists-again")
	b.at(sagePath+"ssm", 200) // without a key there is nothing to ask
	b.submit(sagePath+"ssm", "url", s.at, "public_key", publicKey, "private_key", privateKey)
	b.at(sagePath+"lists", 200)
	was := s.text()
	b.submit(sagePath + "lists") // no branch is proposed of several
	b.at(sagePath+"lists", 422)
	right := map[string]string{"admin_user": "admin@example.com", "branch": "1", "client": "Client", "prospect": "Prospect", "clients": "", "prospects": "", "dossier": ""}
	for _, tt := range []struct{ name, field, value string }{
		{"nobody", "admin_user", ""}, {"somebody else", "admin_user", "eve@example.com"}, {"no branch", "branch", ""}, {"another branch", "branch", "77"},
		{"no such status", "client", "Kunde"}, {"the same status", "prospect", "Client"}, {"a status twice", "clients", "Prospect"}, {"a colon", "dossier", "a:b"},
	} {
		b.submit(sagePath+"lists", with(right, tt.field, tt.value)...)
		field := map[string]string{"clients": "client"}[tt.field]
		if field == "" {
			field = tt.field
		}
		if b.status != 422 || !strings.Contains(b.text, `id="`+field+`-error"`) {
			t.Errorf("%s: %d\n%s", tt.name, b.status, b.words())
		}
	}
	b.submit(sagePath+"lists", with(right, "prospect", "Client")...)
	b.shows("the same status", "Un même statut ne peut pas vouloir dire client et prospect.")
	if s.text() != was {
		t.Error("what was refused is kept")
	}
	s.crm.EndTokens()
	b.submit(sagePath+"lists", with(right, "", "")...)
	b.at(sagePath+"lists", 200)
	b.shows("missing fields", "Il manque des champs personnalisés", "Z_stock_affiche", "Z_tva_taux", "Z_prix_ttc", "Z_autres_taxes")
	b.follow(sagePath + "rules")
	s.wroteNothing()
	s.keepsTheirSecrets(b)
}

// A tenant without the statuses of quotes is told so; all else is kept, and the set-up goes on.
func TestNoStatusesOfQuotes(t *testing.T) {
	s, b := newSageSite(t, sage50test.Options{}, salesmanagementtest.Options{})
	s.toKey(b)
	must(t, s.crm.App(1).Delete(salesmanagementtest.OrderStatuses, s.crm.Status(salesmanagementtest.Imported)))
	b.submit(sagePath+"ssm", "url", s.at, "public_key", publicKey, "private_key", privateKey)
	b.at(sagePath+"lists", 200)
	b.submit(sagePath+"lists", "admin_user", "admin@example.com", "branch", "1")
	b.at(sagePath+"lists", 200)
	b.shows("no status", "Pour les devis, Sage Sales Management doit avoir les statuts Brouillon")
	if c := s.draft().SalesManagement.Site; c.Admin != "admin@example.com" || c.Branch != 1 {
		t.Errorf("kept %+v", c)
	}
	b.submit(sagePath + "lists-again")
	b.shows("still none", "Pour les devis,")
	b.follow(sagePath + "rules")
	b.submit(sagePath+"rules", "direction", "one-way")
	b.open(sagePath + "lists")
	b.submit(sagePath + "lists-again")
	b.shows("without quotes", "Sage Sales Management a ce qui est choisi.")
}

// Where the lists can't be read, what they would offer is typed.
func TestListsNotTold(t *testing.T) {
	s, b := newSageSite(t, sage50test.Options{}, salesmanagementtest.Options{})
	s.toKey(b)
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	b.submit(sagePath+"ssm", "url", gone.URL, "public_key", publicKey, "private_key", privateKey)
	b.follow(sagePath + "lists")
	b.submit(sagePath+"lists", "admin_user", "admin@example.com", "branch", "one")
	b.at(sagePath+"lists", 422)
	b.submit(sagePath+"lists", "admin_user", "admin@example.com", "branch", "", "client", "Client actif", "prospect", "Prospect")
	b.at(sagePath+"lists", 200)
	b.shows("kept all the same", "Sage Sales Management ne répond pas.", "Ces valeurs sont enregistrées.")
	if c := s.draft().SalesManagement.Site; c.Admin != "admin@example.com" || c.Clients[0] != "Client actif" || c.Branch != 0 {
		t.Errorf("kept %+v", c)
	}
	b.follow(sagePath + "rules")
	s.keepsTheirSecrets(b)
}

// What the rules of Sage 50 do not know is refused.
func TestRulesOfSage50Refused(t *testing.T) {
	s, b := newSageSite(t, sage50test.Options{}, salesmanagementtest.Options{})
	s.toKey(b)
	s.joined(b)
	was := s.text()
	for _, tt := range []struct{ name, field, value string }{
		{"no such direction", "direction", "sideways"}, {"no such answer", "send_ssm_clients", "perhaps"}, {"nobody's", "representatives", "crm"},
		{"no such time", "export_expected", "1s"}, {"no time", "import_remind", ""}, {"too often", "interval", "1m"},
	} {
		b.open(sagePath + "rules")
		b.submit(sagePath+"rules", tt.field, tt.value)
		if b.status != 422 || !strings.Contains(b.text, `id="`+tt.field+`-error"`) {
			t.Errorf("%s: %d\n%s", tt.name, b.status, b.words())
		}
	}
	if s.text() != was {
		t.Error("what was refused is kept")
	}
}
