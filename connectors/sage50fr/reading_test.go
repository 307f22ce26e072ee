package sage50fr_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/connectors/sage50fr"
)

// clients makes an export of the clients CL001 to CL<n>, without some of them.
func clients(n int, without ...int) []string {
	lines := []string{"Code client\tNom client\tVille"}
	for i := 1; i <= n; i++ {
		if !slices.Contains(without, i) {
			lines = append(lines, fmt.Sprintf("CL%03d\tÉtablissement %d\tLyon", i, i))
		}
	}
	return lines
}

func text(s string) record.Value { return record.TextOf(s) }

// Every field of every kind of export but documents.
//
// Requirement: S50-1, S50-9, S50-21, S50-26, S50-27, S50-28
func TestReadsFields(t *testing.T) {
	r := newRig(t)
	r.export("representants.txt", tabbed("Code représentant|Nom|Prénom|E-mail", "R1|Durand|Zoé|zoe@example.fr")...)
	r.export("clients.txt", tabbed(
		"Code client|Nom client|Type client|Adresse 1|Adresse 2|Adresse 3|Code postal|Ville|Code pays|Téléphone|Portable|Fax|E-mail|Site web|NII|Tarif client|Code représentant|Inactif|Référence externe|Encours",
		"CL001|Dupont & fils|Client|12 rue des Lilas|Bât. B|BP 4|69001|Lyon|France|04 72|06 12|04 73|a@example.fr|example.fr|FR123|T1|R1|Oui|SSM-7|12,5")...)
	r.export("contacts.txt", tabbed("Code contact|Code client|Prénom|Nom|Téléphone|E-mail|Fonction", "C1|CL001|Anne|Martin|01|b@example.fr|Gérante")...)
	r.export("articles.txt", tabbed("Code article|Description|PU HT|PU TTC|Taux TVA|Écotaxe|Stock|Suivi de stock|Inactif",
		"A1|Lampe|1 125,50|1350.60|20,00|0,12|3,00|Oui|Non", "A2|Pose|50|60|20||7|Non|Oui")...)
	r.check(r.look())
	for _, test := range []struct {
		e    record.Entity
		key  record.Key
		want record.Fields
	}{
		{record.User, "R1", record.Fields{"code": text("R1"), "name": text("Zoé Durand"), "email": text("zoe@example.fr")}},
		{record.Account, "CL001", record.Fields{"code": text("CL001"), "name": text("Dupont & fils"), "status": text("client"),
			"address1": text("12 rue des Lilas"), "address2": text("Bât. B"), "address3": text("BP 4"), "postcode": text("69001"),
			"city": text("Lyon"), "country": text("FR"), "phone": text("04 72"), "phone2": text("06 12"), "fax": text("04 73"),
			"email": text("a@example.fr"), "website": text("example.fr"), "vat": text("FR123"), "tariff": text("T1"),
			"representative": record.RefOf("R1"), "inactive": record.BoolOf(true), "reference": text("SSM-7")}},
		{record.Contact, "C1", record.Fields{"code": text("C1"), "account": record.RefOf("CL001"), "first_name": text("Anne"),
			"last_name": text("Martin"), "phone": text("01"), "email": text("b@example.fr"), "function": text("Gérante")}},
		{record.Product, "A1", record.Fields{"code": text("A1"), "description": text("Lampe"), "price": money("1125.5"),
			"price_with_tax": money("1350.6"), "vat_rate": money("20"), "other_taxes": money("0.12"), "stock": money("3"),
			"stock_applies": record.BoolOf(true), "inactive": record.BoolOf(false)}},
		{record.Product, "A2", record.Fields{"code": text("A2"), "description": text("Pose"), "price": money("50"),
			"price_with_tax": money("60"), "vat_rate": money("20"), "stock_applies": record.BoolOf(false), "inactive": record.BoolOf(true)}},
	} {
		got := r.read(test.e, test.key)
		if diff := cmp.Diff(test.want, got.Fields); diff != "" || got.Held != "" {
			t.Errorf("%s: held %q (-want +got):\n%s", got.Name(), got.Held, diff)
		}
	}
	if got := r.read(record.Account, "CL001").ExternalID; got != "SSM-7" {
		t.Errorf("external id: got %q", got)
	}
}

// The same clients in every encoding, with headings of another spelling and order.
func TestEncodingsAndHeadings(t *testing.T) {
	plain := strings.Join(clients(3), "\r\n") + "\r\n"
	for _, test := range []struct {
		name, encoding string
		content        []byte
	}{
		{"utf-8", sage50fr.Auto, []byte(plain)},
		{"utf-8 with its mark", sage50fr.Auto, append([]byte("\xef\xbb\xbf"), plain...)},
		{"cp1252", sage50fr.Auto, cp1252(plain)},
		{"cp850", sage50fr.CP850, must(charmap.CodePage850.NewEncoder().Bytes([]byte(plain)))(t)},
		{"utf-16", sage50fr.Auto, utf16le(plain)},
		{"line feeds alone", sage50fr.Auto, []byte(strings.ReplaceAll(plain, "\r", ""))},
		{"no line feed at the end", sage50fr.Auto, []byte(strings.TrimSpace(plain))},
		{"headings without accents, in another order", sage50fr.Auto, []byte("ville\tNOM  CLIENT\tX\tCodeclient\nLyon\tÉtablissement 2\t\tCL002\n")},
		{"set to utf-8", sage50fr.UTF8, []byte(plain)},
		{"set to cp1252", sage50fr.CP1252, cp1252(plain)},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, func(c *sage50fr.Config) { c.Encoding = test.encoding })
			r.raw("Clients novembre.TXT", test.content, r.now)
			r.check(r.look())
			want := record.Fields{"code": text("CL002"), "name": text("Établissement 2"), "status": text("client"), "city": text("Lyon")}
			if diff := cmp.Diff(want, r.read(record.Account, "CL002").Fields); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func utf16le(s string) []byte {
	b := []byte{0xff, 0xfe}
	for _, r := range s {
		b = append(b, byte(r), byte(r>>8))
	}
	return b
}

// An export that can't be read holds back its own kind alone, until there is a good one.
func TestRefusesAFile(t *testing.T) {
	for _, test := range []struct {
		name, kind, content, code string
		encoding                  string
	}{
		{"no name", "clients", "Code client\tVille\nCL001\tLyon\n", sage50fr.CodeColumnMissing, ""},
		{"two codes", "clients", "Code client\tNom\tcode  CLIENT\nCL001\tA\tB\n", sage50fr.CodeColumnTwice, ""},
		{"nothing", "clients", "", sage50fr.CodeExportEmpty, ""},
		{"not as set", "clients", "Code client\tNom\nCL001\tCaf\xe9\n", sage50fr.CodeEncoding, sage50fr.UTF8},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, func(c *sage50fr.Config) { c.Encoding = test.encoding })
			r.raw(test.kind+".txt", []byte(test.content), r.now)
			r.export("articles.txt", tabbed("Code article|Description", "A1|Lampe")...)
			if got := r.looked(record.Product); len(got) != 1 {
				t.Errorf("the other kinds: got %v", got)
			}
			r.code(r.notes.Skipped[record.Account], connectors.Drift, test.code)
			r.check(r.dossier.Check(t.Context())) // or nobody would look for the good one
			waits := len(r.waits)
			r.check(r.look())
			if len(r.waits) != waits {
				t.Error("a refused export is read at every look")
			}
			r.code(r.notes.Skipped[record.Account], connectors.Drift, test.code)
			r.now = r.now.Add(time.Minute)
			r.export(test.kind+".txt", clients(2)...)
			if got := r.looked(record.Account); len(got) != 2 || r.notes.Skipped[record.Account] != nil {
				t.Errorf("a good one afterwards: got %v, %v", got, r.notes.Skipped)
			}
		})
	}
}

// One bad row is held or listed with its line; the others are read.
func TestBadRows(t *testing.T) {
	r := newRig(t)
	r.export("articles.txt", tabbed("Code article|Description|PU HT|Suivi de stock", "A1|Lampe|10|Oui", "A2|Table|12|Oui", "A3|Lit|1|Non")...)
	r.check(r.look())
	r.now = r.now.Add(time.Minute)
	r.export("articles.txt", tabbed("Code article|Description|PU HT|Suivi de stock", "A1|Lampe|douze|Oui", "A2|Ta|ble|12|Oui", "|Nul|1|Oui",
		"A3|Lit|2|peut-être", "A4|Banc|4|Non", "A4|Banc|5|Non", "A5|Coussin")...)
	if diff := cmp.Diff([]record.Key{"A1", "A2", "A3", "A4"}, r.looked(record.Product)); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
	for _, test := range []struct {
		key        record.Key
		code, line string
		price      string
	}{
		{"A1", sage50fr.CodeRowValue, "2", ""}, {"A2", sage50fr.CodeRowColumns, "3", "12"}, {"A3", sage50fr.CodeRowValue, "5", "2"},
		{"A4", sage50fr.CodeRowTwice, "", "4"},
	} {
		got := r.read(record.Product, test.key)
		if got.Held != test.code || got.HeldArgs["line"] != test.line || got.HeldArgs["file"] != "articles.txt" {
			t.Errorf("%s: held %q %v, want %q, line %s", test.key, got.Held, got.HeldArgs, test.code, test.line)
		}
		if got.Fields["price"].Text != test.price {
			t.Errorf("%s: price %q, want %q", test.key, got.Fields["price"].Text, test.price)
		}
	}
	if got := r.read(record.Product, "A1").HeldArgs["column"]; got != "PU HT" {
		t.Errorf("column: got %q", got)
	}
	if found, _, err := r.dossier.Read(t.Context(), record.Product, []record.Key{"A5", "Coussin"}); err != nil || len(found) != 0 {
		t.Errorf("a row that may be anybody's: got %v, %v", found, err)
	}
	if n := r.notice(sage50fr.CodeRowColumns); n == nil || n.Args["line"] != "3" || n.Args["count"] != "2" {
		t.Errorf("columns: got %v", n)
	}
	if n := r.notice(sage50fr.CodeRowCode); n == nil || n.Args["line"] != "4" {
		t.Errorf("no code: got %v", n)
	}
}

// An export is read once two looks at it are equal.
func TestTwoLooks(t *testing.T) {
	r := newRig(t)
	r.export("clients.txt", clients(2)...)
	r.between = func() { r.export("clients.txt", clients(4)...) }
	if got := r.looked(record.Account); len(got) != 0 {
		t.Errorf("while it is written: told %v", got)
	}
	r.code(r.notes.Skipped[record.Account], connectors.Busy, sage50fr.CodeExportBusy)
	r.between = nil
	if got := r.looked(record.Account); len(got) != 4 {
		t.Errorf("afterwards: told %v", got)
	}
	if diff := cmp.Diff([]time.Duration{10 * time.Second, 10 * time.Second}, r.waits); diff != "" {
		t.Errorf("waits (-want +got):\n%s", diff)
	}
	r.export("pieces.txt", tabbed("Type de pièce|N° pièce|Date pièce|Code client", "Devis|DE1|21/11/2026|CL001")...)
	r.waits = nil
	if got := r.looked(record.Quote); len(got) != 1 || len(r.waits) != 1 || r.waits[0] != 5*time.Second {
		t.Errorf("documents: told %v after %v", got, r.waits)
	}
	r.waits = nil
	if r.check(r.look()); len(r.waits) != 0 {
		t.Errorf("nothing new: waited %v", r.waits)
	}
}

// A change that neither time nor size tells is found by content, after a while.
func TestTimeProvesNothing(t *testing.T) {
	r := newRig(t)
	at := r.now
	r.export("clients.txt", clients(2)...)
	r.check(r.look())
	r.raw("clients.txt", []byte(strings.ReplaceAll(strings.Join(clients(2), "\r\n")+"\r\n", "Lyon", "Nice")), at)
	r.now = r.now.Add(10 * time.Minute)
	if got := r.looked(record.Account); len(got) != 2 || r.read(record.Account, "CL001").Fields["city"].Text != "Nice" {
		t.Errorf("told %v", got)
	}
}
