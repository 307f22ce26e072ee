package sage50test_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/sage50fr/sage50test"
)

// Prospects and contacts get their codes from Sage; those with a code are changed.
//
// Requirement: LAB-1
func TestImportRecords(t *testing.T) {
	s := create(t, options{})
	lay(t, s, "prospects-1.TXT", "Nom client|VILLE|Reference libre|Code client", "Crémerie|Évry|SSM-7|", "|Lyon||CL00007")
	lay(t, s, "contacts-1.TXT", "Code client|Nom|Prénom|Référence libre", "CL00001|Nœl|Léa|SSM-8")
	reports := must(s.Import(dossier))(t)
	want := []sage50test.Report{{File: dossier + "/in/contacts-1.TXT", Added: []string{"CT00009"}}, {File: dossier + "/in/prospects-1.TXT", Added: []string{"CL00009"}, Updated: []string{"CL00007"}}}
	if diff := cmp.Diff(want, reports); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(fields{"Code client": "CL00009", "Nom client": "Crémerie", "Ville": "Évry", "Référence libre": "SSM-7", "Type tiers": "Prospect"},
		must(s.Record(dossier, sage50test.Clients, "CL00009"))(t)); diff != "" {
		t.Error(diff)
	}
	if got := must(s.Record(dossier, sage50test.Clients, "CL00007"))(t); got["Ville"] != "Lyon" || got["Nom client"] == "" {
		t.Errorf("%v", got)
	}
	if got := files(t, s); got != "contacts-1.BAK prospects-1.BAK" || len(must(s.Import(dossier))(t)) != 0 {
		t.Errorf("%s", got)
	}
	if got := s.Find(dossier, sage50test.Contacts, "Référence libre", "SSM-8"); len(got) != 1 || got[0] != "CT00009" {
		t.Errorf("%v", got)
	}
}

// A quote comes back with number, address, prices and taxes.
func TestImportQuote(t *testing.T) {
	s := create(t, options{})
	no(t, s.Edit(dossier, sage50test.Clients, "CL00001", fields{"Tarif client": "T1", "Ville": "Évry"}))
	quote(t, s, "devis-1.TXT", "SSM-131", "CL00001")
	must(s.Import(dossier))(t)
	f := read(t, s, sage50test.Export{Kind: sage50test.Documents})
	for heading, want := range map[string][]string{"Enregistrement": {"E", "L"}, "N° pièce": {"DE000001", ""}, "Référence pièce": {"SSM-131", ""}, "Ville": {"Évry", ""},
		"Statut devis": {"En attente", ""}, "Mt total TTC": {"31,50", ""}, "PU HT": {"", "10,50"}, "PU TTC": {"", "12,60"}, "Taux TVA": {"", "20,00"}, "Description": {"", "Lampe de bureau"}} {
		if diff := cmp.Diff(want, f.column(heading)); diff != "" {
			t.Errorf("%s: %s", heading, diff)
		}
	}
}

// What Sage would not take is refused with its line, and the other rows go on.
//
// Requirement: LAB-2, LAB-5
func TestRefused(t *testing.T) {
	const head, e = "E/L|Type de pièce|N° pièce|Référence pièce|Code client|Code article|Quantité|Date pièce", "E|Devis|||CL00001|||"
	for _, tt := range []struct {
		file, lines, want string
		taken             int
	}{
		{"prospects", "Nom client|Nez;a|b", "Ligne 1;Nez;colonne inconnue / ", 0}, {"prospects", "Nom client|NOM CLIENT;a|b", "Ligne 1;Nom client;colonne en double / ", 0},
		{"prospects", "Nom client", "Ligne 0;;fichier vide / ", 0}, {"prospects", "Nom client|Ville;a|b;a|b|c;a", "Ligne 3;;nombre de colonnes / Ligne 4;;nombre de colonnes / ", 1},
		{"prospects", "Nom client|Ville;|b;x|y", "Ligne 2;Nom client;valeur obligatoire / ", 1}, {"prospects", "Nom client|Code client;a|CL99999", "Ligne 2;Code client;code inconnu / ", 0},
		{"prospects", "Nom client|Inactif;a|Oui;b|true", "Ligne 3;Inactif;valeur refusée / ", 1}, {"prospects", "Nom client|Type tiers;a|Prospect;b|Fournisseur", "Ligne 3;Type tiers;valeur refusée / ", 1},
		{"prospects", "Nom client;" + strings.Repeat("é", 61), "Ligne 2;Nom client;valeur refusée / ", 0}, {"prospects", "Nom client;" + strings.Repeat("é", 60), "", 1},
		{"contacts", "Code client|Nom;CL99999|a;CL00001|a", "Ligne 2;Code client;code inconnu / ", 1}, {"contacts", "Nom;a", "Ligne 2;Code client;code inconnu / ", 0},
		{"devis", head + ";" + e + ";L|||||AR00001|1|;" + e + ";L|||||AR99999|1|", "Ligne 5;Code article;code inconnu / ", 1},
		{"devis", head + ";L|||||AR00001|1|;" + e + ";L|||||AR00001|1|", "Ligne 2;;ligne sans en-tête / ", 1}, {"devis", head + ";" + e, "Ligne 2;;pièce sans ligne / ", 0},
		{"devis", head + ";" + e + ";L|||||AR00001|1.5|", "Ligne 3;Quantité;valeur refusée / ", 0}, {"devis", head + ";" + e + ";L|||||AR00001|-1|", "Ligne 3;Quantité;valeur refusée / ", 0},
		{"devis", head + ";E|Facture|||CL00001|||;L|||||AR00001|1|", "Ligne 2;Type de pièce;valeur refusée / ", 0},
		{"devis", head + ";E|Devis|DE1||CL00001|||;L|||||AR00001|1|", "Ligne 2;N° pièce;numéro attribué par Sage / ", 0},
		{"devis", head + ";E|Devis|||CL00001|||2026-11-23;L|||||AR00001|1|", "Ligne 2;Date pièce;valeur refusée / ", 0},
		{"devis", head + ";E|Devis|||CL99999|||;L|||||AR00001|1|", "Ligne 2;Nom client;valeur obligatoire / ", 0}, {"devis", head + ";E|Devis|||CL00001|||29/02/2028;L|||||AR00001|0,125|", "", 1},
	} {
		s := create(t, options{})
		lay(t, s, tt.file+"-1.TXT", strings.Split(tt.lines, ";")...)
		r := must(s.Import(dossier))(t)[0]
		got := ""
		if len(r.Refused) > 0 {
			got = log(t, s, tt.file+"-1.ERR")
		}
		if got != tt.want || len(r.Added) != tt.taken {
			t.Errorf("%s: got %q and %d taken", tt.lines, got, len(r.Added))
		}
		names := map[bool]string{true: "BAK", false: "TXT"}[tt.taken > 0]
		if got := files(t, s); !strings.Contains(got, tt.file+"-1."+names) {
			t.Errorf("%s: %s", tt.lines, got)
		}
		if again := must(s.Import(dossier))(t); len(again) != 0 {
			t.Errorf("%s: imported again", tt.lines)
		}
	}
}

// A file in another encoding is taken for what it looks like, or is unreadable; files of other names are nobody's.
func TestEncodings(t *testing.T) {
	for encoding, want := range map[string]string{sage50test.CP1252: "CrÃ©merie", sage50test.UTF8: "Crémerie", sage50test.CP850: "Cr├®merie"} {
		s := create(t, options{ImportEncoding: encoding})
		no(t, os.WriteFile(filepath.Join(s.In(dossier), "prospects-1.TXT"), []byte("Nom client\r\nCrémerie\r\n"), 0o644))
		must(s.Import(dossier))(t)
		if got := must(s.Record(dossier, sage50test.Clients, "CL00009"))(t)["Nom client"]; got != want {
			t.Errorf("%s: %s", encoding, got)
		}
	}
	s := create(t, options{ImportEncoding: sage50test.UTF8})
	lay(t, s, "prospects-1.TXT", "Nom client", "Crémerie")
	lay(t, s, "prospects-2.tmp", "Nom client", "a")
	lay(t, s, "invoices-2.TXT", "Nom client", "a")
	if all := must(s.Import(dossier))(t); len(all) != 1 || len(all[0].Added) != 0 || log(t, s, "prospects-1.ERR") != "Ligne 0;;fichier illisible / " {
		t.Errorf("%v", all)
	}
}

// Two persons import one file; the journal tells what no client may do.
//
// Requirement: LAB-4
func TestImportAgain(t *testing.T) {
	s := create(t, options{})
	quote(t, s, "devis-1.TXT", "SSM-131", "CL00001")
	must(s.Import(dossier))(t)
	must(s.ImportAgain(dossier, "devis-1.BAK"))(t)
	if n := len(s.Documents(dossier)); n != 2 || files(t, s) != "devis-1.BAK" {
		t.Errorf("%d documents, %s", n, files(t, s))
	}
	lay(t, s, "prospects-2.TXT", "Nom client|Code client|Type tiers", "a|CL00001|", "b||Client")
	lay(t, s, "devis-3.TXT", "Type de pièce|Code client|Code article|Quantité|PU HT", "Devis|CL00001|||", "||AR00001|1|9,99")
	must(s.Import(dossier))(t)
	if _, err := s.ImportAgain(dossier, "devis-9.TXT"); err == nil {
		t.Error("imported a file that there is not")
	}
	var got []string
	for _, e := range s.Journal() {
		if e.Who == "import" && !strings.Contains(e.What, "added") {
			got = append(got, e.What)
		}
	}
	if diff := cmp.Diff([]string{"price sent", "client changed", "client made"}, got); diff != "" {
		t.Error(diff)
	}
	if doc := s.Documents(dossier)[2]; fmt.Sprint(doc.Lines[0]["PU HT"], doc.Number) != "9.99DE000003" {
		t.Errorf("%v", doc)
	}
}
