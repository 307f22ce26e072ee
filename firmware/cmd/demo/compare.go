package main

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/centrixone/centrixonetest"
)

// picture is what the company holds, and so what the CRM should show. It is made from the two simulators
// alone; the box is not asked.
type picture struct {
	customers []acombatest.Customer
	documents []acombatest.Document
	replaced  map[int32]bool // documents that a valid other one was made from
}

func (s *stage) picture() (picture, error) {
	var p picture
	var err error
	if p.customers, err = s.erp.Customers(); err != nil {
		return p, err
	}
	if p.documents, err = s.erp.Documents(); err != nil {
		return p, err
	}
	p.replaced = map[int32]bool{}
	for _, d := range p.documents {
		if d.Source != 0 && d.Status == acombatest.InUse && d.State != acombatest.StateCancelled {
			p.replaced[d.Source] = true
		}
	}
	return p, nil
}

// missingCustomers lists customers whose account or contact is not there or shows something else.
func (s *stage) missingCustomers(p picture) []string {
	var wrong []string
	for _, c := range p.customers {
		if c.Status != acombatest.InUse {
			continue
		}
		a, ok := s.crm.AccountByExternalID(external("CU", c.CardPos))
		contact, ok2 := s.crm.ContactByExternalID(external("CC", c.CardPos))
		switch {
		case !ok, !ok2:
			wrong = append(wrong, external("CU", c.CardPos)+" is not there")
		case a.Name != strings.TrimSpace(c.Name), a.City != strings.TrimSpace(c.City), contact.Email != strings.TrimSpace(c.Emails[0]),
			a.Sync.CustomerNumber != strings.TrimSpace(c.Number), contact.AccountID != a.ID:
			wrong = append(wrong, external("CU", c.CardPos)+" shows something else")
		}
	}
	return wrong
}

// missingDocuments lists documents that the CRM does not show as they are.
func (s *stage) missingDocuments(p picture) []string {
	var wrong []string
	for _, d := range p.documents {
		if d.Status != acombatest.InUse {
			continue
		}
		ext := external("DO", d.CardPos)
		o, ok := s.crm.OpportunityByExternalID(ext)
		if !ok || !sameDocument(s.crm, p, d, o) {
			wrong = append(wrong, ext)
		}
	}
	return wrong
}

func sameDocument(crm *centrixonetest.Server, p picture, d acombatest.Document, o centrixonetest.Opportunity) bool {
	want := decimal.New(d.SubTotal+d.Freight-d.Discount, -2)
	if p.replaced[d.CardPos] || d.State == acombatest.StateCancelled {
		want = decimal.Zero
	}
	got, err := decimal.NewFromString(o.TotalBeforeTax)
	account, ok := crm.Account(o.AccountID)
	return err == nil && ok && got.Equal(want) && o.Title == strings.TrimSpace(d.Number) && account.ExternalID == external("CU", d.Customer)
}

// counts are read from the CRM's state.
func (s *stage) counts() (customers, documents int) {
	for _, a := range s.crm.Accounts() {
		if strings.HasPrefix(a.ExternalID, "CU") {
			customers++
		}
	}
	for _, o := range s.crm.Opportunities() {
		if strings.HasPrefix(o.ExternalID, "DO") {
			documents++
		}
	}
	return customers, documents
}

func some(list []string) string {
	if len(list) > 5 {
		return fmt.Sprintf("%s and %d more", strings.Join(list[:5], ", "), len(list)-5)
	}
	return strings.Join(list, ", ")
}
