package storytest

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"syncbox/connectors/sage50fr/sage50test"
	"syncbox/connectors/salesmanagement/salesmanagementtest"
)

// Exchanged are the two products of a story with Sage 50 and Sage Sales Management: one dossier and one tenant.
type Exchanged struct {
	Sage    *sage50test.Site
	CRM     *salesmanagementtest.Server
	Dossier string
}

// Known gives the one living record that has a code of the dossier; false if there is none, or there are several.
func (s Exchanged) Known(e salesmanagementtest.Entity, code string) (salesmanagementtest.Record, bool) {
	if all := s.CRM.ByExtID(e, s.Dossier+":"+code); len(all) == 1 {
		return all[0], true
	}
	return salesmanagementtest.Record{}, false
}

// Missing lists the records of Sage, by their codes, that Sales Management does not show as Sage does.
func (s Exchanged) Missing() (wrong []string, err error) {
	for kind, look := range map[sage50test.Kind]struct {
		entity salesmanagementtest.Entity
		same   func(f sage50test.Fields, r salesmanagementtest.Values) bool
	}{
		sage50test.Clients: {salesmanagementtest.Accounts, func(f sage50test.Fields, v salesmanagementtest.Values) bool {
			return v["name"] == f[sage50test.NomClient] && v["city"] == f["Ville"] && (v["readOnly"] == "true") == (f[sage50test.TypeTiers] == "Client")
		}},
		sage50test.Contacts: {salesmanagementtest.Contacts, func(f sage50test.Fields, v salesmanagementtest.Values) bool {
			account, there := s.Known(salesmanagementtest.Accounts, f[sage50test.CodeClient])
			return there && v["lastName"] == f["Nom"] && v["email"] == f["E-mail"] && v["accountId"] == strconv.FormatInt(account.ID, 10)
		}},
		sage50test.Articles: {salesmanagementtest.Products, func(f sage50test.Fields, v salesmanagementtest.Values) bool {
			return amount(v["price"]).Equal(amount(f["PU HT"])) && (v["notAvailable"] == "true") == (f[sage50test.Inactif] != "") &&
				(v["Z_stock_affiche"] == "-") == (f["Type article"] == "Service")
		}},
	} {
		for _, code := range s.Sage.Codes(s.Dossier, kind) {
			f, readErr := s.Sage.Record(s.Dossier, kind, code)
			err = errors.Join(err, readErr)
			if r, there := s.Known(look.entity, code); !there || !look.same(f, r.Values) {
				wrong = append(wrong, code)
			}
		}
	}
	for _, d := range s.Sage.Documents(s.Dossier) {
		if _, there := s.Known(salesmanagementtest.Sales, d.Number); there != (d.Fields["Validée"] != "" && d.Fields[sage50test.TypePiece] != sage50test.Quote) {
			wrong = append(wrong, d.Number)
		}
	}
	slices.Sort(wrong)
	return wrong, err
}

// SameAmount says whether two texts are the same number; what is none is zero.
func SameAmount(a, b string) bool { return amount(a).Equal(amount(b)) }

// amount reads a number; what is none is zero.
func amount(text string) decimal.Decimal {
	d, _ := decimal.NewFromString(text)
	return d
}

// Forbidden tells what must never be: something written on the share but import files, a client or a price that an import brought, a
// record that was made twice.
func (s Exchanged) Forbidden() error {
	wrong, err := s.Sage.Trespasses()
	for _, e := range s.Sage.Journal() {
		if e.Who == "import" && slices.Contains([]string{"client changed", "client made", "price sent"}, e.What) {
			wrong = append(wrong, e.What+" "+e.Of)
		}
	}
	for _, e := range []salesmanagementtest.Entity{salesmanagementtest.Accounts, salesmanagementtest.Contacts, salesmanagementtest.Products, salesmanagementtest.Sales} {
		for external := range s.CRM.Duplicates(e) {
			wrong = append(wrong, external+" twice")
		}
	}
	if len(wrong) > 0 {
		err = errors.Join(err, fmt.Errorf("%d things must never be: %s", len(wrong), Some(wrong)))
	}
	return err
}

// Bound counts the living records of the tenant that belong to the dossier; clients are told from prospects by their mark.
func (s Exchanged) Bound() (clients, prospects, contacts, products int) {
	count := func(e salesmanagementtest.Entity, readOnly string) (n int) {
		for _, r := range s.CRM.Records(e) {
			if !r.Deleted && strings.HasPrefix(r.Values["extId"], s.Dossier+":") && (e != salesmanagementtest.Accounts || r.Values["readOnly"] == readOnly) {
				n++
			}
		}
		return n
	}
	return count(salesmanagementtest.Accounts, "true"), count(salesmanagementtest.Accounts, ""), count(salesmanagementtest.Contacts, ""), count(salesmanagementtest.Products, "")
}
