package sage50test_test

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"syncbox/connectors/sage50fr/sage50test"
)

// probe asks a site what tells the positions of one switch apart.
type probe struct {
	name string
	set  func(*switches) *string
	ask  func(testing.TB, *sage50test.Site) string
	want map[string]string // by position
}

// afterQuote is what is left of a file of one quote, and how many clients and quotes there are then.
func afterQuote(t testing.TB, s *sage50test.Site) string {
	quote(t, s, "devis-1.TXT", "SSM-1", "CL99999")
	must(s.Import(dossier))(t)
	return fmt.Sprint(files(t, s), " ", len(s.Codes(dossier, sage50test.Clients)), " ", len(s.Documents(dossier)))
}

func sentTwice(t testing.TB, s *sage50test.Site) string {
	for _, name := range []string{"devis-1.TXT", "devis-2.TXT"} {
		quote(t, s, name, "SSM-1", "CL00001")
	}
	lay(t, s, "prospects-1.TXT", "Nom client|Référence libre", "a|SSM-2", "a|SSM-2")
	must(s.Import(dossier))(t)
	return fmt.Sprint(len(s.Documents(dossier)), " ", len(s.Find(dossier, sage50test.Clients, "Référence libre", "SSM-2")))
}

func halfWrong(t testing.TB, s *sage50test.Site) string {
	events := len(s.Journal())
	lay(t, s, "prospects-1.TXT", "Nom client|Type tiers|Code client", "a|Client|", "|Prospect|")
	r := must(s.Import(dossier))(t)[0]
	return fmt.Sprint(files(t, s), " ", len(r.Added), " ", len(s.Codes(dossier, sage50test.Clients)), " ", len(s.Journal())-events)
}

func blankCell(t testing.TB, s *sage50test.Site) string {
	no(t, s.Edit(dossier, sage50test.Clients, "CL00008", fields{"Ville": "Évry"}))
	lay(t, s, "prospects-1.TXT", "Ville|Adresse 2|Code client", "|x|CL00008")
	must(s.Import(dossier))(t)
	r := must(s.Record(dossier, sage50test.Clients, "CL00008"))(t)
	return r["Ville"] + r["Adresse 2"]
}

func refused(t testing.TB, s *sage50test.Site) string {
	lay(t, s, "prospects-1.TXT", "Nom client", strings.Repeat("x", 99))
	must(s.Import(dossier))(t)
	return files(t, s)
}

func provided(t testing.TB, s *sage50test.Site) (out string) {
	for _, k := range sage50test.Kinds() {
		if _, err := s.Export(dossier, sage50test.Export{Kind: k}); err == nil {
			out += string(k) + " "
		} else if !errors.Is(err, sage50test.ErrNotProvided) {
			t.Error(err)
		}
	}
	return out
}

func encoded(t testing.TB, s *sage50test.Site) string {
	no(t, s.Edit(dossier, sage50test.Clients, "CL00001", fields{"Ville": "é€😀"}))
	b := content(t, s, must(s.Export(dossier, sage50test.Export{Kind: sage50test.Clients, Only: []string{"CL00001"}}))(t))
	mark := map[bool]string{true: "BOM "}[bytes.HasPrefix(b, []byte("\xef\xbb\xbf"))]
	row := bytes.Split(bytes.Split(b, []byte("\r\n"))[1], []byte("\t"))
	return fmt.Sprintf("%s%x", mark, row[6])
}

func headings(t testing.TB, s *sage50test.Site) string {
	one, other := read(t, s, sage50test.Export{Kind: sage50test.Clients}), read(t, s, sage50test.Export{Kind: sage50test.Clients})
	accents := slices.Contains(one.headings, "Téléphone") && slices.Contains(one.headings, "Code représentant")
	sorted := func(f table) string { h := slices.Sorted(slices.Values(f.headings)); return strings.Join(h, "") }
	return fmt.Sprint(accents, slices.Equal(one.headings, other.headings), sorted(one) == sorted(other))
}

func records(t testing.TB, s *sage50test.Site) string {
	must(s.Bill(dossier, sage50test.Invoice, "CL00001", true, sage50test.Item{Article: "AR00001", Quantity: "1"}))(t)
	f := read(t, s, sage50test.Export{Kind: sage50test.Documents})
	for i, row := range f.rows {
		if len(row) != len(f.headings) {
			t.Errorf("row %d: %d cells", i, len(row))
		}
	}
	return fmt.Sprint(slices.Index(f.headings, "Enregistrement") == 0, slices.Index(f.headings, "Enregistrement") == len(f.headings)-1, " ", strings.Join(f.column("Code article"), ","))
}

func inactive(t testing.TB, s *sage50test.Site) string {
	return strings.Join(read(t, s, sage50test.Export{Kind: sage50test.Articles}).column("Inactif"), " ")
}

func changed(t testing.TB, s *sage50test.Site) string {
	var n []int
	for range 2 {
		n = append(n, len(read(t, s, sage50test.Export{Kind: sage50test.Clients}).rows))
	}
	no(t, s.Edit(dossier, sage50test.Clients, "CL00003", fields{"Ville": "Évry"}))
	return fmt.Sprint(append(n, len(read(t, s, sage50test.Export{Kind: sage50test.Clients}).rows)))
}

func named(t testing.TB, s *sage50test.Site) string {
	first := must(s.Export(dossier, sage50test.Export{Kind: sage50test.Clients}))(t)
	no(t, s.Advance(time.Minute))
	return filepath.Base(first) + " " + filepath.Base(must(s.Export(dossier, sage50test.Export{Kind: sage50test.Clients}))(t))
}

func stock(t testing.TB, s *sage50test.Site) string {
	f := read(t, s, sage50test.Export{Kind: sage50test.Articles})
	return strings.Join([]string{f.column("Type article")[3], f.column("Suivi de stock")[3], f.column("Stock")[3], f.column("Stock")[0]}, ",")
}

func image(t testing.TB, s *sage50test.Site) string {
	no(t, s.SetImage(dossier, "AR00001", ".png", []byte("x")))
	told := read(t, s, sage50test.Export{Kind: sage50test.Articles}).column("Image")[0]
	found := must(filepath.Glob(filepath.Join(s.Out(dossier), "images", "*")))(t)
	return told + " " + filepath.Base(found[0])
}

var probes = []probe{
	{"ack", func(w *switches) *string { return &w.Ack }, afterQuote, map[string]string{sage50test.AckBak: "devis-1.BAK 9 1", sage50test.AckDeleted: " 9 1", sage50test.AckLeft: "devis-1.TXT 9 1"}},
	{"create client", func(w *switches) *string { return &w.CreateClient }, afterQuote, map[string]string{sage50test.ClientMade: "devis-1.BAK 9 1", sage50test.ClientRefused: "devis-1.ERR devis-1.TXT 8 0"}},
	{"duplicate", func(w *switches) *string { return &w.Duplicate }, sentTwice, map[string]string{sage50test.DuplicateMade: "2 2", sage50test.DuplicateRefused: "1 1"}},
	{"partial", func(w *switches) *string { return &w.Partial }, halfWrong, map[string]string{sage50test.PartialRows: "prospects-1.BAK prospects-1.ERR 1 9 3", sage50test.PartialAll: "prospects-1.ERR prospects-1.TXT 0 8 2"}},
	{"blank", func(w *switches) *string { return &w.Blank }, blankCell, map[string]string{sage50test.BlankKeeps: "Évryx", sage50test.BlankClears: "x"}},
	{"refusal", func(w *switches) *string { return &w.Refusal }, refused, map[string]string{sage50test.RefusalTold: "prospects-1.ERR prospects-1.TXT", sage50test.RefusalSilent: "prospects-1.TXT"}},
	{"kinds", func(w *switches) *string { return &w.Kinds }, provided, map[string]string{sage50test.KindsAll: "clients contacts articles pieces representants ", sage50test.KindsSome: "clients pieces "}},
	{"encoding", func(w *switches) *string { return &w.Encoding }, encoded, map[string]string{sage50test.CP1252: "e9803f", sage50test.UTF8: "c3a9e282acf09f9880", sage50test.UTF8BOM: "BOM c3a9e282acf09f9880", sage50test.CP850: "823f3f"}},
	{"headers", func(w *switches) *string { return &w.Headers }, headings, map[string]string{sage50test.HeadMarked: "true true true", sage50test.HeadPlain: "false true true", sage50test.HeadOrder: "true false true"}},
	{"record", func(w *switches) *string { return &w.Record }, records, map[string]string{sage50test.RecordFirst: "true false ,AR00001", sage50test.RecordLast: "false true ,AR00001", sage50test.RecordAbsent: "false false ,AR00001"}},
	{"inactive", func(w *switches) *string { return &w.Inactive }, inactive, map[string]string{sage50test.InactiveShown: "Non Non Non Non Oui", sage50test.InactiveAbsent: "absent absent absent absent absent"}},
	{"delta", func(w *switches) *string { return &w.Delta }, changed, map[string]string{sage50test.DeltaFull: "[8 8 8]", sage50test.DeltaChanged: "[8 0 1]"}},
	{"names", func(w *switches) *string { return &w.Names }, named, map[string]string{sage50test.NameFixed: "clients.txt clients.txt", sage50test.NameDated: "clients-20261123-080000.txt clients-20261123-080100.txt"}},
	{"stock", func(w *switches) *string { return &w.Stock }, stock, map[string]string{sage50test.StockColumn: "absent,Non,,0,00", sage50test.StockType: "Service,absent,,0,00", sage50test.StockBlank: "absent,absent,,0,00"}},
	{"image", func(w *switches) *string { return &w.Image }, image, map[string]string{sage50test.ImageByCode: "absent AR00001.png", sage50test.ImageByColumn: "photo ar00001.png photo ar00001.png"}},
}

// Every switch is seen in every position.
//
// Requirement: LAB-7
func TestPositions(t *testing.T) {
	seen := 0
	for _, p := range probes {
		for position, want := range p.want {
			var w switches
			*p.set(&w) = position
			s := create(t, options{Switches: w})
			if got := p.ask(t, s); got != want {
				t.Errorf("%s %s: got %q, want %q", p.name, position, got, want)
			}
			if wrong := must(s.Trespasses())(t); len(wrong) != 0 {
				t.Errorf("%s %s: %v", p.name, position, wrong)
			}
			seen++
		}
	}
	if want := len(sage50test.Positions()) - 1 + len(probes); seen != want {
		t.Errorf("%d positions were tried, want %d", seen, want)
	}
	if _, err := sage50test.Create(t.TempDir(), options{Switches: switches{Ack: "sometimes"}}); err == nil {
		t.Error("a position that there is not was taken")
	}
}

// A quote comes in whatever the headings, and wherever E and L stand in it.
func TestFormsOfQuotes(t *testing.T) {
	for name, lines := range map[string][]string{
		"first": {"x|Type de pièce|Code client|Code article|Quantité", "E|Devis|CL00001||", "L|||AR00001|1"}, "last": {"TYPE DE PIECE|Code Client|Code-Article|Quantite|E/L", "Devis|CL00001|||E", "||AR00001|1|L"},
		"absent": {"Type de pièce|Code client|Code article|Quantité", "Devis|CL00001||", "||AR00001|1"},
	} {
		s := create(t, options{})
		lay(t, s, "devis-1.TXT", lines...)
		if r := must(s.Import(dossier))(t)[0]; len(r.Added) != 1 {
			t.Errorf("%s: %+v", name, r)
		}
	}
}
