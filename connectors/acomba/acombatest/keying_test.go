package acombatest_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/acomba/acombatest"
)

const heading = "\"No\";\"Date\";\"Action\";\"NoClient\";\"Client\";\"Champ\";\"ValeurActuelle\";\"NouvelleValeur\";\"DemandePar\";\"Etat\"\r\n"

// sheet writes rows of ten cells as the box would, the short form leaving out what is empty.
func sheet(rows ...string) []byte {
	var b strings.Builder
	b.WriteString("\uFEFF" + heading)
	for _, r := range rows {
		b.WriteString(`"` + strings.ReplaceAll(r, "|", `";"`) + "\"\r\n")
	}
	return []byte(b.String())
}

func TestReadSheet(t *testing.T) {
	got, err := acombatest.ReadSheet(sheet("1|2026-01-05|Modifier|C01002|L'Épicerie ; \"\"Chez\r\nNous\"\"|Téléphone|'-|'+1 418 555-0001|ventes|en attente"))
	want := []acombatest.Row{{No: "1", Date: "2026-01-05", Action: "Modifier", Number: "C01002", Customer: "L'Épicerie ; \"Chez\r\nNous\"",
		Field: "Téléphone", Current: "-", Wanted: "+1 418 555-0001", By: "ventes", State: "en attente"}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	good := string(sheet("1|2|3|4|5|6|7|8|9|10"))
	for name, bad := range map[string]string{
		"no byte order mark": strings.TrimPrefix(good, "\uFEFF"),
		"other heading":      strings.Replace(good, "Champ", "Field", 1),
		"commas":             strings.ReplaceAll(good, ";", ","),
		"LF only":            strings.ReplaceAll(good, "\r\n", "\n"),
		"value not quoted":   strings.Replace(good, `"4"`, `4`, 1),
		"nine columns":       strings.Replace(good, `;"10"`, ``, 1),
		"a formula":          strings.Replace(good, `"8"`, `"=1+1"`, 1),
		"cut in a value":     good[:len(good)-4],
		"cut at the end":     good[:len(good)-2],
	} {
		if rows, err := acombatest.ReadSheet([]byte(bad)); err == nil {
			t.Errorf("%s: accepted as %v", name, rows)
		}
	}
}

func person(t *testing.T) (*acombatest.Person, func(name string, rows ...string)) {
	c := company(t, acombatest.Options{Customers: 10, Seed: 4})
	box := t.TempDir()
	p := &acombatest.Person{Station: c, Box: acombatest.NewDir(box), Company: `Exemple: "inc"`}
	return p, func(name string, rows ...string) {
		check(t, os.WriteFile(filepath.Join(box, name), sheet(rows...), 0o644))
	}
}

// backwards lists a folder in another order than by name, as a server may.
type backwards struct{ acombatest.Folder }

func (b backwards) ReadDir(name string) ([]fs.FileInfo, error) {
	infos, err := b.Folder.ReadDir(name)
	slices.Reverse(infos)
	return infos, err
}

func TestPersonKeysTheLatestSheet(t *testing.T) {
	p, put := person(t)
	if rows := must(p.Read())(t); rows != nil {
		t.Errorf("without a file: %v", rows)
	}
	a, b := must(p.Station.Customer(3))(t), must(p.Station.Customer(4))(t)
	put("A-SAISIR_Exemple_ _inc__20260105-080000.csv", "1||Modifier|"+a.Number+"|x|Nom||Vieux||")
	put("A-SAISIR_Autre_20270105-080000.csv", "1||Modifier|"+a.Number+"|x|Nom||Autre||")
	put("A-SAISIR_Exemple_ _inc__20260105-090000.csv",
		"1||Modifier|"+a.Number+"|x|Nom||Éric & Fils||en attente",
		"2||Modification|"+a.Number+"|x|Téléphone|| 418-555-0001 #77||en attente",
		"3||Modifier|"+b.Number+"|x|À l'attention de (contact)||Zoé||en attente",
		"4||Modifier|"+b.Number+"|x|Courriel||zoe@x.example||en attente",
		"5||Modifier|"+b.Number+"|x|phone.ext[4]||9||en attente",
		"6||Modifier|"+b.Number+"|x|Site Web||www||Fermé",
	)
	p.Box = backwards{p.Box}
	p.Words = map[string]string{"À l'attention de (contact)": "care_of"}
	touched := must(p.KeyLatest(acombatest.Manner{}))(t)
	if diff := cmp.Diff([]int32{3, 4}, touched); diff != "" {
		t.Errorf("touched %s", diff)
	}
	a2, b2 := must(p.Station.Customer(3))(t), must(p.Station.Customer(4))(t)
	a.Name, a.Phones[0].Number, a.Phones[0].Ext, a.Prologue = "Éric & Fils", "418-555-0001", "77", a2.Prologue
	b.CareOf, b.Emails[0], b.Phones[4].Ext, b.Prologue = "Zoé", "zoe@x.example", "9", b2.Prologue
	if diff := cmp.Diff([]acombatest.Customer{a, b}, []acombatest.Customer{a2, b2}); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestPersonKeysANewCustomer(t *testing.T) {
	for name, tc := range map[string]struct {
		how          acombatest.Manner
		number, city string
	}{
		"correctly":            {acombatest.Manner{}, "20260105080000123", "Lévis"},
		"with another number":  {acombatest.Manner{OtherNumber: func(n string) string { return "X" + n[10:] }}, "X0000123", "Lévis"},
		"with a typo":          {acombatest.Manner{Typo: true}, "20260105080000123", "Léivs"},
		"only what was chosen": {acombatest.Manner{Only: func(r acombatest.Row) bool { return r.Field != "Ville" }}, "20260105080000123", ""},
	} {
		p, put := person(t)
		put("A-SAISIR_Exemple_ _inc__20260105-080000.csv",
			"1||Créer|20260105080000123|Neuf inc.|Numéro||20260105080000123||",
			"1||Créer|20260105080000123|Neuf inc.|Ville||Lévis||",
			"1||Créer|20260105080000123|Neuf inc.|Cellulaire||418-555-0009||")
		touched := must(p.KeyLatest(tc.how))(t)
		if len(touched) != 1 {
			t.Fatalf("%s: touched %v", name, touched)
		}
		got := must(p.Station.Customer(touched[0]))(t)
		if got.Number != tc.number || got.City != tc.city || got.Name != "Neuf inc." || got.Phones[2].Desc != "Cellulaire" {
			t.Errorf("%s: %+v", name, got)
		}
		if _, err := p.KeyLatest(tc.how); !errors.Is(err, acombatest.ErrDuplicate) {
			t.Errorf("%s: keyed twice: %v", name, err)
		}
	}
}

func TestPersonKeysLate(t *testing.T) {
	p, put := person(t)
	number := must(p.Station.Customer(3))(t).Number
	put("A-SAISIR_Exemple_ _inc__20260105-080000.csv", "1||Modifier|"+number+"|x|Ville||Magog||")
	rows := must(p.Read())(t)
	put("A-SAISIR_Exemple_ _inc__20260105-090000.csv")
	check(t, p.Station.ModifyCustomer(3, func(r *acombatest.Customer) { r.City = "Sorel" }))
	must(p.Key(rows, acombatest.Manner{}))(t)
	if got := must(p.Station.Customer(3))(t).City; got != "Magog" {
		t.Errorf("city %q", got)
	}
	check(t, p.Station.DeleteCustomer(3))
	if _, err := p.Key(rows, acombatest.Manner{}); !errors.Is(err, acombatest.ErrNoCard) {
		t.Errorf("customer is gone: %v", err)
	}
}

func TestPersonFindsACardWithoutIndex(t *testing.T) {
	p, put := person(t)
	check(t, p.Station.Poke(cust, 5, 16, []byte("SANS-INDEX          ")))
	put("A-SAISIR_Exemple_ _inc__20260105-080000.csv", "1||Modifier|SANS-INDEX|x|Ville||Magog||")
	if diff := cmp.Diff([]int32{5}, must(p.KeyLatest(acombatest.Manner{}))(t)); diff != "" {
		t.Error(diff)
	}
}

func TestPersonDoesNotGuess(t *testing.T) {
	p, put := person(t)
	number := must(p.Station.Customer(3))(t).Number
	before := must(p.Station.Snapshot())(t)
	for _, row := range []string{"1||Modifier|" + number + "|x|Humeur||gaie||", "1||Supprimer|" + number + "|x|Ville||Magog||",
		"1||Modifier|" + number + "|x|phone.number[5]||1||"} {
		put("A-SAISIR_Exemple_ _inc__20260105-080000.csv", row)
		if _, err := p.KeyLatest(acombatest.Manner{}); err == nil {
			t.Errorf("%s: keyed", row)
		}
	}
	if d := acombatest.Diff(before, must(p.Station.Snapshot())(t)); len(d) != 0 {
		t.Errorf("something moved: %v", d)
	}
}
