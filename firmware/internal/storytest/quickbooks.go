package storytest

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"syncbox/connectors/centrixone/centrixonetest"
	"syncbox/connectors/quickbooks/quickbookstest"
)

// Online are the two products of a story with QuickBooks Online.
type Online struct {
	ERP *quickbookstest.Server
	CRM *centrixonetest.Server
}

// letters stand before the Id of a document in its external id: Ids of different kinds may be the same.
var letters = map[quickbookstest.Entity]string{quickbookstest.Estimate: "E", quickbookstest.Invoice: "I", quickbookstest.CreditMemo: "C"}

// DocumentKey gives the last part of a document's external id, behind DO.
func DocumentKey(d quickbookstest.DocumentRow) string { return letters[d.Kind] + d.ID }

// Missing lists everything in the books that the CRM does not show as it is.
func (s Online) Missing() []string { return append(s.MissingCustomers(), s.MissingDocuments()...) }

// MissingCustomers lists customers whose account or contact is not there or shows something else.
func (s Online) MissingCustomers() []string {
	var wrong []string
	for _, c := range s.ERP.Customers() {
		a, ok := s.CRM.AccountByExternalID("CU" + c.ID)
		contact, ok2 := s.CRM.ContactByExternalID("CC" + c.ID)
		switch {
		case !ok, !ok2:
			wrong = append(wrong, "CU"+c.ID+" is not there")
		case a.Name != nameOf(c), c.City != "" && a.City != strings.TrimSpace(c.City), contact.Email != firstOf(c.Email), contact.AccountID != a.ID:
			wrong = append(wrong, "CU"+c.ID+" shows something else")
		}
	}
	return wrong
}

var suffix = regexp.MustCompile(`(?i) \(deleted\)$`)

func nameOf(c quickbookstest.CustomerRow) string {
	if c.CompanyName != "" {
		return strings.TrimSpace(c.CompanyName)
	}
	return strings.TrimSpace(suffix.ReplaceAllString(c.DisplayName, ""))
}

// firstOf gives the first of several addresses.
func firstOf(emails string) string {
	first, _, _ := strings.Cut(strings.ReplaceAll(emails, ";", ","), ",")
	return strings.TrimSpace(first)
}

// MissingDocuments lists, by external id, documents that the CRM does not show as they are.
func (s Online) MissingDocuments() []string {
	var wrong []string
	for _, d := range s.ERP.Documents() {
		external := "DO" + DocumentKey(d)
		o, ok := s.CRM.OpportunityByExternalID(external)
		if !ok || !s.same(d, o) {
			wrong = append(wrong, external)
		}
	}
	return wrong
}

func (s Online) same(d quickbookstest.DocumentRow, o centrixonetest.Opportunity) bool {
	got, err := decimal.NewFromString(o.TotalBeforeTax)
	account, ok := s.CRM.Account(o.AccountID)
	title := d.DocNumber == "" && strings.HasSuffix(o.Title, "#"+d.ID) || d.DocNumber != "" && o.Title == d.DocNumber
	return err == nil && ok && title && account.ExternalID == "CU"+d.Customer && got.Sub(netOf(d)).Abs().LessThanOrEqual(cent)
}

// cent is how far the products' own roundings may be apart.
var cent = decimal.New(1, -2)

// netOf is what a document counts: an estimate that became an invoice nothing, a credit memo less than nothing.
func netOf(d quickbookstest.DocumentRow) decimal.Decimal {
	switch {
	case d.Voided, d.Kind == quickbookstest.Estimate && len(d.LinkedTo) > 0:
		return decimal.Zero
	case d.Kind == quickbookstest.CreditMemo:
		return d.Net.Neg()
	}
	return d.Net
}

// statuses are those of an estimate that have a stage in the CRM.
var statuses = []string{"Pending", "Accepted", "Closed", "Rejected"}

// Placed says whether a document has a stage in the CRM.
func Placed(d quickbookstest.DocumentRow) bool {
	return d.Kind != quickbookstest.Estimate || slices.Contains(statuses, d.Status)
}

// Unplaced lists, by external id, estimates in a state that no stage of the CRM is for: they wait for a person.
func (s Online) Unplaced() []string {
	var all []string
	for _, d := range s.ERP.Documents() {
		if !Placed(d) {
			all = append(all, "DO"+DocumentKey(d))
		}
	}
	return all
}

// Counts are the customers and documents that the CRM has from the ERP.
func (s Online) Counts() (customers, documents int) { return counts(s.CRM) }

// NoDoubles makes sure that nothing was created twice, on either side.
func (s Online) NoDoubles() error {
	var wrong error
	if twice := s.ERP.Duplicates(); len(twice) > 0 {
		wrong = fmt.Errorf("customers created twice in QuickBooks: %d", len(twice))
	}
	return errors.Join(noDoubles(s.CRM), wrong)
}

// Forbidden makes sure that nobody wrote a document, deleted anything, or made a customer inactive.
func (s Online) Forbidden() error {
	if all := s.ERP.Forbidden(); len(all) > 0 {
		return fmt.Errorf("%d writes that must not be, the first one: %s of %s", len(all), all[0].Op, all[0].Entity)
	}
	return nil
}
