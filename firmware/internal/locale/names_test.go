package locale

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"syncbox/connectors"
	"syncbox/connectors/all"
	"syncbox/connectors/pairs"
)

// A product's name melts into the sentence that it stands in; a common name has its article, and a capital where a sentence
// begins.
func TestNamesOfProducts(t *testing.T) {
	const text = "{erpname} va de {erpname} à {crmname}, que {erpname} (de {crmname}). {crmname} : {erpshort} -> {crmshort}"
	for _, tt := range []struct {
		tag   string
		names connectors.Names
		want  string
	}{
		{"fr-CA", connectors.Names{ERP: "Acomba", CRM: "CRM"}, "Acomba va d'Acomba au CRM, qu'Acomba (du CRM). Le CRM : Acomba -> CRM"},
		{"fr-CA", connectors.Names{ERP: "QuickBooks", CRM: "Outlook"}, "QuickBooks va de QuickBooks à Outlook, que QuickBooks (d'Outlook). Outlook : QuickBooks -> Outlook"},
		{"fr-CA", connectors.Names{}, "Le logiciel comptable va du logiciel comptable au CRM, que le logiciel comptable (du CRM). Le CRM : ERP -> CRM"},
		{"fr-CA", connectors.Names{ERP: "Sage X3"}, "Sage X3 va de Sage X3 au CRM, que Sage X3 (du CRM). Le CRM : Sage X3 -> CRM"},
	} {
		if got := printers(t)[tt.tag].Of(tt.names).named(text); got != tt.want {
			t.Errorf("%s %+v:\ngot  %q\nwant %q", tt.tag, tt.names, got, tt.want)
		}
	}
}

// What is said of any job names the products of its pair.
func TestTextsNameThePair(t *testing.T) {
	for _, tt := range []struct{ tag, key, pair, want string }{
		{"fr-CA", "direction.erp-crm", "quickbooks-centrixone", "QuickBooks -> CRM"},
		{"fr-CA", "phase.observe-erp", "quickbooks-centrixone", "Lecture de QuickBooks"},
		{"fr-CA", "phase.observe-erp", "acomba-centrixone", "Lecture d'Acomba"},
		{"en", "page.waiting.keep-erp", "quickbooks-centrixone", "Keep QuickBooks' value"},
		{"fr-CA", "light.share-unreachable", "", "Le dossier du logiciel comptable ne répond pas"},
		{"fr-CA", "light.crm-refuses", "acomba-centrixone", "Le CRM refuse"},
		{"fr-CA", "light.crm-refuses", "sagex3-outlook", "Outlook refuse"},
		{"fr-CA", "code.x3-unreachable", "sagex3-outlook", "Sage X3 ne répond pas."},
	} {
		if got := printers(t)[tt.tag].Of(pairs.Names(tt.pair)).Text(tt.key, nil); got != tt.want {
			t.Errorf("%s %s of %s: got %q, want %q", tt.tag, tt.key, tt.pair, got, tt.want)
		}
	}
	p := printers(t)["fr-CA"].Of(pairs.Names("quickbooks-centrixone"))
	if got, want := p.Text("event.conflict-settled", map[string]string{"won": "erp", "field": "email", "erp": "a", "crm": "b"}),
		"QuickBooks\u202f: «\u00a0a\u00a0». CRM\u202f: «\u00a0b\u00a0». Valeur gardée\u202f: QuickBooks."; !strings.HasSuffix(got, want) {
		t.Errorf("got %q, want it to end in %q", got, want)
	}
	if got, want := p.Of(connectors.Names{CRM: "Outlook"}).Count("page.preview.births", 2), "2 fiches seront créées dans Outlook."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Every pair's products have names, and its profile has the same ones.
func TestEveryPairHasNames(t *testing.T) {
	for _, pair := range all.Names() {
		if n := pairs.Names(pair); n.ERP == "" || n.CRM == "" {
			t.Errorf("%s: names %+v", pair, n)
		}
	}
	for _, p := range []*connectors.Profile{pairs.AcombaCentrixOne(pairs.AcombaCentrixOneOptions{}), pairs.QuickBooksCentrixOne(pairs.QuickBooksCentrixOneOptions{}),
		pairs.SageX3Outlook(pairs.SageX3OutlookOptions{}), pairs.Sage50SalesManagement(pairs.Sage50SalesManagementOptions{})} {
		if p.Names != pairs.Names(p.Pair) {
			t.Errorf("%s: the profile says %+v, want %+v", p.Pair, p.Names, pairs.Names(p.Pair))
		}
	}
}

// belongs says in which texts the name of a product may stand: in those that are about that product alone, whatever else the
// box keeps in sync. All others take names from the pair.
var belongs = map[string]*regexp.Regexp{
	"Acomba": regexp.MustCompile(`^(page\.calibrate\.|event\.settings-layout-approved$|want\.job\.acomba\.|page\.setup\.(pair|about)-acomba-)`),
	"QuickBooks": regexp.MustCompile(`^((code|do)\.qbo-|connect\.|connection\.|event\.quickbooks-|help\.(connect|disconnect)$|want\.job\.|` +
		`page\.setup\.((pair|about)-quickbooks-|quickbooks-|connect|title-connect$|step-connect$|disconnect$|sign-in))`),
	"Intuit":     regexp.MustCompile(`^((code|do)\.qbo-|want\.job\.|page\.setup\.(about-quickbooks-|sign-in))`),
	"CentrixOne": regexp.MustCompile(`^(do\.crm-|want\.job\.crm_|page\.setup\.(crm-intro|about-(acomba|quickbooks)-centrixone|quickbooks-customer-language)$)`),
	"Sage":       regexp.MustCompile(`^(want\.job\.outlook\.|page\.setup\.((pair|about)-(sagex3|bob50|sage50)-|ssm-quotes$|x3-))`),
	"Outlook":    regexp.MustCompile(`^(want\.job\.rights\.|page\.setup\.((pair|about)-sagex3-|x3-))`),
}

func TestProductsAreNamedOnlyWhereTheyBelong(t *testing.T) {
	for tag, p := range printers(t) {
		for _, key := range p.Keys() {
			text := p.texts[key].one + " " + p.texts[key].other
			for name, at := range belongs {
				if strings.Contains(text, name) && !at.MatchString(key) {
					t.Errorf("%s %s names %s: %q; want {erpname} or {crmname}", tag, key, name, text)
				}
			}
		}
	}
}

// Where French writes a gap for a name, the words before it are those that melt into some names, never melted themselves.
func TestNothingIsMeltedByHand(t *testing.T) {
	bad := regexp.MustCompile(`(?i)(\b(du|au|le|la|les|the)|d'|qu'|l'|\bjusqu'à|\bsi) ?\{(erp|crm)(name|short)\}`)
	for tag, p := range printers(t) {
		for _, key := range p.Keys() {
			for _, text := range []string{p.texts[key].one, p.texts[key].other} {
				if found := bad.FindString(text); found != "" {
					t.Errorf("%s %s: %q in %q", tag, key, found, text)
				}
			}
		}
	}
}

// ofPair are the gaps that the printer itself fills.
var ofPair = []string{"{erpname}", "{crmname}", "{erpshort}", "{crmshort}"}

// told are the gaps of a text that whoever shows it has to fill.
func told(e entry) []string {
	return slices.DeleteFunc(gaps(e), func(gap string) bool { return slices.Contains(ofPair, gap) })
}
