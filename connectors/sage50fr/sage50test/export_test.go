package sage50test_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/sage50fr/sage50test"
)

// Every kind is there, with headings and the forms of Sage.
//
// Requirement: LAB-1, LAB-10
func TestExports(t *testing.T) {
	s := create(t, options{})
	must(s.Bill(dossier, sage50test.Invoice, "CL00002", true, sage50test.Item{Article: "AR00001", Quantity: "2"}, sage50test.Item{Article: "AR00003", Quantity: "1.5"}))(t)
	must(s.Bill(dossier, sage50test.Credit, "CL00001", true, sage50test.Item{Article: "AR00001", Quantity: "1"}))(t)
	no(t, s.ExportAll(dossier))
	counts := map[sage50test.Kind]int{sage50test.Clients: 8, sage50test.Contacts: 8, sage50test.Articles: 5, sage50test.Representatives: 2, sage50test.Documents: 5}
	for _, k := range sage50test.Kinds() {
		f := parse(t, content(t, s, dossier+"/out/"+string(k)+".txt"))
		if len(f.rows) != counts[k] || len(f.headings) != len(f.rows[0]) {
			t.Errorf("%s: %d rows", k, len(f.rows))
		}
	}
	f := parse(t, content(t, s, dossier+"/out/pieces.txt"))
	for heading, want := range map[string][]string{"Enregistrement": {"E", "L", "L", "E", "L"}, "Type de pièce": {"Facture", "", "", "Avoir", ""},
		"N° pièce": {"FA000001", "", "", "AV000001", ""}, "Date pièce": {"23/11/2026", "", "", "23/11/2026", ""}, "Validée": {"Oui", "", "", "Oui", ""},
		"Soldée": {"Non", "", "", "Non", ""}, "Quantité": {"", "2,00", "1,50", "", "1,00"}, "Taux TVA": {"", "20,00", "5,50", "", "20,00"}, "N° ligne": {"", "1", "2", "", "1"}} {
		got := f.column(heading)
		if heading == "N° ligne" {
			for i := range got {
				got[i] = strings.TrimSuffix(got[i], ",00")
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", heading, diff)
		}
	}
	if wrong := must(s.Trespasses())(t); len(wrong) != 0 {
		t.Error(wrong)
	}
}

// Prices are those of the article and the client's list, taxes on top; a credit note is negative.
func TestPrices(t *testing.T) {
	s := create(t, options{})
	no(t, s.Edit(dossier, sage50test.Clients, "CL00001", fields{"Tarif client": "T2"}))
	no(t, s.Edit(dossier, sage50test.Clients, "CL00002", fields{"Tarif client": "T1"}))
	total := func(number string) string {
		for _, doc := range s.Documents(dossier) {
			if doc.Number == number {
				return doc.Fields["Mt total TTC"]
			}
		}
		return ""
	}
	item := sage50test.Item{Article: "AR00001", Quantity: "3"} // 10.50 at 20 %
	cheap := must(s.Bill(dossier, sage50test.Quote, "CL00001", false, item))(t)
	dear := must(s.Bill(dossier, sage50test.Quote, "CL00002", false, item))(t)
	back := must(s.Bill(dossier, sage50test.Credit, "CL00002", true, item))(t)
	if got := total(cheap) + " " + total(dear) + " " + total(back); got != "34.02 37.8 -37.8" {
		t.Errorf("got %s", got)
	}
	no(t, s.Discount(dossier, dear, "10"))
	no(t, s.Edit(dossier, sage50test.Articles, "AR00001", fields{"PU HT": "20"}))
	kept := total(dear)
	no(t, s.Reprice(dossier, dear))
	if got := kept + " " + total(dear); got != "34.02 64.8" {
		t.Errorf("changed: %s", got)
	}
	no(t, s.RemoveDocument(dossier, dear))
	if total(dear) != "" || s.Reprice(dossier, dear) == nil {
		t.Error("a document outlived its removal")
	}
	if _, err := s.Bill(dossier, "Bon", "CL00001", false, item); err == nil {
		t.Error("a document of no type")
	}
}

// What people do to an export: parts of it, other rows, columns, headings, times.
//
// Requirement: LAB-5
func TestBadExports(t *testing.T) {
	s := create(t, options{Dossiers: []string{dossier, "MARTIN"}, Clients: 9, Prospects: 1})
	no(t, s.Remove("MARTIN", sage50test.Clients, "CL00001"))
	of := func(e sage50test.Export) table { e.Kind = sage50test.Clients; return read(t, s, e) }
	all := of(sage50test.Export{})
	for _, tt := range []struct {
		name string
		e    sage50test.Export
		want int
	}{{"half", sage50test.Export{Portion: 50}, 5}, {"some", sage50test.Export{Only: []string{"CL00003"}}, 1}, {"none", sage50test.Export{Only: []string{}}, 0},
		{"another dossier's", sage50test.Export{Of: "MARTIN"}, 9}, {"one twice", sage50test.Export{Twice: "CL00004"}, 11}} {
		if got := of(tt.e); len(got.rows) != tt.want || len(got.headings) != len(all.headings) {
			t.Errorf("%s: %d rows", tt.name, len(got.rows))
		}
	}
	if f := of(sage50test.Export{Drop: []string{"Ville"}, Double: "Nom client", English: true}); slices.Contains(f.headings, "Ville") || len(f.headings) != len(all.headings) ||
		f.headings[0] != "Customer code" || f.headings[1] != "Customer name" || f.headings[2] != "Customer name" || len(f.rows[0]) != len(f.headings) {
		t.Errorf("%v", f.headings)
	}
	whole := len(content(t, s, must(s.Export(dossier, sage50test.Export{Kind: sage50test.Clients}))(t)))
	if cut := len(content(t, s, must(s.Export(dossier, sage50test.Export{Kind: sage50test.Clients, Cut: 60}))(t))); cut != whole*60/100 {
		t.Errorf("cut: %d of %d", cut, whole)
	}
	if _, err := s.Export("NOBODY", sage50test.Export{Kind: sage50test.Clients}); err == nil {
		t.Error("exported nobody's")
	}
	name := must(s.Export(dossier, sage50test.Export{Kind: sage50test.Clients, As: "CLIENTS.TXT"}))(t)
	if name != dossier+"/out/CLIENTS.TXT" || len(must(os.ReadDir(s.Out(dossier)))(t)) != 3 {
		t.Errorf("two names: %s", name)
	}
}

// A TAB inside a value shifts what is behind it, a line break makes two lines.
func TestTabInside(t *testing.T) {
	s := create(t, options{})
	no(t, s.Edit(dossier, sage50test.Clients, "CL00001", fields{"Adresse 1": "3\tRUE"}))
	no(t, s.Edit(dossier, sage50test.Clients, "CL00002", fields{"Adresse 1": "3\r\nRUE"}))
	f := read(t, s, sage50test.Export{Kind: sage50test.Clients})
	if len(f.rows) != 9 || len(f.rows[0]) != len(f.headings)+1 || len(f.rows[1]) >= len(f.headings) || len(f.rows[3]) != len(f.headings) {
		t.Errorf("%d rows of %d %d cells", len(f.rows), len(f.rows[0]), len(f.rows[1]))
	}
}

// An export grows; whoever looks meanwhile sees a part. Times are the file server's.
//
// Requirement: LAB-1
func TestSlowExport(t *testing.T) {
	s := create(t, options{})
	before := content(t, s, must(s.Export(dossier, sage50test.Export{Kind: sage50test.Clients}))(t))
	no(t, s.Edit(dossier, sage50test.Clients, "CL00008", fields{"Ville": "Évry"}))
	w := must(s.Begin(dossier, sage50test.Export{Kind: sage50test.Clients}, 4))(t)
	sizes := []int{len(content(t, s, w.Name()))}
	for done := false; !done; {
		no(t, s.Advance(time.Second))
		done = must(w.Step())(t)
		sizes = append(sizes, len(content(t, s, w.Name())))
	}
	if len(sizes) != 5 || sizes[0] != 0 || !slices.IsSorted(sizes) || sizes[3] == sizes[4] {
		t.Errorf("sizes %v of %d", sizes, len(before))
	}
	modified := func() time.Time { return must(os.Stat(filepath.Join(s.Root(), w.Name())))(t).ModTime().UTC() }
	if got := modified(); !got.Equal(s.Now()) {
		t.Errorf("file of %v at %v", got, s.Now())
	}
	s.Skew(2 * time.Hour)
	no(t, s.Advance(time.Minute))
	must(s.Export(dossier, sage50test.Export{Kind: sage50test.Clients, KeepTime: true}))(t)
	kept := modified()
	must(s.Export(dossier, sage50test.Export{Kind: sage50test.Clients}))(t)
	if got := modified(); !got.Equal(s.Now().Add(2*time.Hour)) || !kept.Equal(s.Now().Add(-time.Minute)) {
		t.Errorf("kept %v, skewed %v", kept, got)
	}
}

// Formats are parametrised: delimiter, headings, comma, line ends.
func TestFormats(t *testing.T) {
	s := create(t, options{Format: sage50test.Format{Delimiter: ";", NoHeadings: true, Point: true, LineEnd: "\n"}})
	b := string(content(t, s, must(s.Export(dossier, sage50test.Export{Kind: sage50test.Articles}))(t)))
	if first, _, _ := strings.Cut(b, "\n"); !strings.HasPrefix(first, "AR00001;Lampe de bureau;") || !strings.Contains(first, ";10.50;12.60;20.00;") || strings.Contains(b, "\r") {
		t.Errorf("%s", first)
	}
}

// A line of nobody's stands before the first document.
func TestLooseLine(t *testing.T) {
	s := create(t, options{})
	if _, err := s.LooseLine(dossier); err == nil {
		t.Error("a line of no document")
	}
	must(s.Bill(dossier, sage50test.Invoice, "CL00001", true, sage50test.Item{Article: "AR00001", Quantity: "1"}))(t)
	f := parse(t, content(t, s, must(s.LooseLine(dossier))(t)))
	if diff := cmp.Diff([]string{"L", "E", "L"}, f.column("Enregistrement")); diff != "" {
		t.Error(diff)
	}
}

// Pictures lie beside the exports, under the names of their articles.
//
// Requirement: LAB-6
func TestImages(t *testing.T) {
	s := create(t, options{})
	no(t, s.SetImage(dossier, "AR00001", ".png", []byte("one")))
	no(t, s.SetImage(dossier, "AR00001", ".jpg", []byte("two")))
	no(t, s.SetImage(dossier, "AR00002", ".jpg", []byte("x")))
	no(t, s.SetImage(dossier, "AR00002", ".jpg", nil))
	names := must(os.ReadDir(filepath.Join(s.Out(dossier), "images")))(t)
	if len(names) != 1 || string(content(t, s, dossier+"/out/images/AR00001.jpg")) != "two" {
		t.Errorf("%v", names)
	}
	if s.SetImage(dossier, "nobody", ".png", nil) == nil || len(must(s.Trespasses())(t)) != 0 {
		t.Error("a picture of nobody's")
	}
}
