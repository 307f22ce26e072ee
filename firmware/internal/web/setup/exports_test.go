package setup_test

import (
	"os"
	"strings"
	"testing"

	"syncbox/connectors/sage50fr/sage50test"
	"syncbox/connectors/salesmanagement/salesmanagementtest"
)

// What is the matter with an export is told in words, with what a person must do in Sage; the others are told all the same, and the
// set-up can go on.
//
// Requirement: S50-38
func TestExportsOfSage50(t *testing.T) {
	for _, tt := range []struct {
		name  string
		at    sage50test.Options
		bad   sage50test.Export
		fine  bool
		wants []string
	}{
		{name: "a column is missing", bad: sage50test.Export{Kind: sage50test.Clients, Drop: []string{"Nom client"}},
			wants: []string{"Il manque la colonne Nom client dans clients.txt", "avec au moins ces colonnes\u202f: Nom client; séparateur tabulation"}},
		{name: "a column is there twice", bad: sage50test.Export{Kind: sage50test.Clients, Double: "Nom client"},
			wants: []string{"clients.txt contient deux fois la colonne Nom client"}},
		{name: "headings in another language", bad: sage50test.Export{Kind: sage50test.Clients, English: true},
			wants: []string{"Il manque la colonne Code client dans clients.txt", "Customer code", "Sous quel titre sont-elles dans le fichier?"}},
		{name: "half an export", bad: sage50test.Export{Kind: sage50test.Clients, Cut: 60}, fine: true, wants: []string{"clients.txt s'arrête au milieu de la ligne", "laissez-le se terminer"}},
		{name: "a code twice", bad: sage50test.Export{Kind: sage50test.Clients, Twice: "CL00001"}, fine: true, wants: []string{"ont le même code"}},
		{name: "no representatives", at: sage50test.Options{Switches: sage50test.Switches{Kinds: sage50test.KindsSome}}, bad: sage50test.Export{Kind: sage50test.Clients}, fine: true,
			wants: []string{"Pas d'export\u202f: la boîte continue sans lui.", "avec au moins ces colonnes\u202f: Code représentant, Nom représentant", `\DUPONT\out\representants.txt`}},
		{name: "another separator", at: sage50test.Options{Format: sage50test.Format{Delimiter: ";"}}, bad: sage50test.Export{Kind: sage50test.Clients},
			wants: []string{"Tous les titres sont dans une seule colonne", "choisissez la tabulation"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, b := newSageSite(t, tt.at, salesmanagementtest.Options{})
			must(t, s.sage.ExportAll("DUPONT"))
			if code := s.sage.Codes("DUPONT", sage50test.Clients)[0]; tt.bad.Twice != "" {
				tt.bad.Twice = code
			}
			_, err := s.sage.Export("DUPONT", tt.bad)
			must(t, err)
			s.read(b)
			b.shows(tt.name, tt.wants...)
			if fine := b.has("Les clients peuvent être lus"); fine != tt.fine {
				t.Errorf("fine: %v\n%s", fine, b.words())
			}
			b.follow(sagePath + "ssm") // all the same
			s.keepsTheirSecrets(b)
		})
	}
}

// A folder without exports says which is needed and how it is made; once it is there, it is read.
func TestNoExportsOfSage50(t *testing.T) {
	s, b := newSageSite(t, sage50test.Options{}, salesmanagementtest.Options{})
	must(t, os.Remove(s.sage.In("DUPONT")))
	s.read(b)
	b.shows("nothing", "Cet export manque, et il est nécessaire.", "avec au moins ces colonnes\u202f: Code client, Nom client; séparateur tabulation", `\DUPONT\out\clients.txt`,
		"Le dossier des imports n'existe pas.")
	must(t, s.sage.ExportAll("DUPONT"))
	b.submit(sagePath + "exports")
	b.shows("clients", "Les clients peuvent être lus", "dont prospects")
	b = s.logOn() // after a restart it is asked once more
	b.at(sagePath+"exports", 200)
	b.submit(sagePath + "exports")
	b.shows("again", "Les clients peuvent être lus")
}

// Headings of the site's own are chosen among those of the file, and given back; what the files' forms are is kept with them.
func TestFormatsOfSage50(t *testing.T) {
	s, b := newSageSite(t, sage50test.Options{}, salesmanagementtest.Options{})
	_, err := s.sage.Export("DUPONT", sage50test.Export{Kind: sage50test.Clients, English: true})
	must(t, err)
	s.read(b)
	was := s.text()
	for _, tt := range []struct{ name, field, value string }{
		{"no such heading", "h-clients-code", "Elsewhere"}, {"no such encoding", "encoding", "ebcdic"},
	} {
		b.submit(sagePath+"headings", tt.field, tt.value)
		if b.status != 422 || !strings.Contains(b.text, `id="`+tt.field+`-error"`) {
			t.Errorf("%s: %d\n%s", tt.name, b.status, b.words())
		}
	}
	if s.text() != was {
		t.Error("what was refused is kept")
	}
	b.open(sagePath + "exports")
	b.submit(sagePath+"headings", "h-clients-code", "Customer code", "h-clients-name", "Customer name", "import_encoding", "utf-8", "prospect_types", "Prospect, Suspect froid")
	b.at(sagePath+"exports", 200)
	b.shows("recognised", "Les clients peuvent être lus")
	c := s.draft().Sage50.Site
	if c.Columns["clients"]["code"][0] != "Customer code" || c.ImportEncoding != "utf-8" || strings.Join(c.ProspectTypes, "+") != "Prospect+Suspect froid" {
		t.Errorf("kept %+v", c)
	}
	must(t, s.sage.ExportAll("DUPONT"))
	b.submit(sagePath + "exports")
	b.shows("the usual ones again", "Il manque la colonne Customer")
	b.submit(sagePath+"headings", "h-clients-code", "", "h-clients-name", "", "prospect_types", "")
	b.shows("given back", "Les clients peuvent être lus")
	if c := s.draft().Sage50.Site; len(c.Columns["clients"]) > 0 || len(c.ProspectTypes) > 0 {
		t.Errorf("kept %+v", c)
	}
}
