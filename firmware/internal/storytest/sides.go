// Package storytest judges a story of the box by what both simulated sides hold in the end. The box itself
// is not asked, so that nothing it believes of itself can pass for a result.
package storytest

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/centrixone/centrixonetest"
)

// Sides are the two products of a story.
type Sides struct {
	ERP *acombatest.Company
	CRM *centrixonetest.Server
}

// Picture is what the company holds, and so what the CRM should show.
type Picture struct {
	Customers []acombatest.Customer
	Documents []acombatest.Document
	Replaced  map[int32]bool // documents that a valid other one was made from
}

// Picture reads the company's folder.
func (s Sides) Picture() (Picture, error) {
	var p Picture
	var err error
	if p.Customers, err = s.ERP.Customers(); err != nil {
		return p, err
	}
	if p.Documents, err = s.ERP.Documents(); err != nil {
		return p, err
	}
	p.Replaced = map[int32]bool{}
	for _, d := range p.Documents {
		if d.Source != 0 && d.Status == acombatest.InUse && d.State != acombatest.StateCancelled {
			p.Replaced[d.Source] = true
		}
	}
	return p, nil
}

// Missing lists everything of the picture that the CRM does not show as it is.
func (s Sides) Missing(p Picture) []string {
	return append(s.MissingCustomers(p), s.MissingDocuments(p)...)
}

// MissingCustomers lists customers whose account or contact is not there or shows something else.
func (s Sides) MissingCustomers(p Picture) []string {
	var wrong []string
	for _, c := range p.Customers {
		if c.Status != acombatest.InUse {
			continue
		}
		a, ok := s.CRM.AccountByExternalID(External("CU", c.CardPos))
		contact, ok2 := s.CRM.ContactByExternalID(External("CC", c.CardPos))
		switch {
		case !ok, !ok2:
			wrong = append(wrong, External("CU", c.CardPos)+" is not there")
		case a.Name != strings.TrimSpace(c.Name), a.City != strings.TrimSpace(c.City), contact.Email != strings.TrimSpace(c.Emails[0]),
			a.Sync.CustomerNumber != strings.TrimSpace(c.Number), contact.AccountID != a.ID:
			wrong = append(wrong, External("CU", c.CardPos)+" shows something else")
		}
	}
	return wrong
}

// MissingDocuments lists, by external id, documents that the CRM does not show as they are.
func (s Sides) MissingDocuments(p Picture) []string {
	var wrong []string
	for _, d := range p.Documents {
		if d.Status != acombatest.InUse {
			continue
		}
		ext := External("DO", d.CardPos)
		o, ok := s.CRM.OpportunityByExternalID(ext)
		if !ok || !s.same(p, d, o) {
			wrong = append(wrong, ext)
		}
	}
	return wrong
}

func (s Sides) same(p Picture, d acombatest.Document, o centrixonetest.Opportunity) bool {
	want := decimal.New(d.SubTotal+d.Freight-d.Discount, -2)
	if p.Replaced[d.CardPos] || d.State == acombatest.StateCancelled {
		want = decimal.Zero
	}
	got, err := decimal.NewFromString(o.TotalBeforeTax)
	account, ok := s.CRM.Account(o.AccountID)
	return err == nil && ok && got.Equal(want) && o.Title == strings.TrimSpace(d.Number) && account.ExternalID == External("CU", d.Customer)
}

// Counts are the customers and documents that the CRM has from the ERP.
func (s Sides) Counts() (customers, documents int) { return counts(s.CRM) }

func counts(crm *centrixonetest.Server) (customers, documents int) {
	for _, a := range crm.Accounts() {
		if strings.HasPrefix(a.ExternalID, "CU") {
			customers++
		}
	}
	for _, o := range crm.Opportunities() {
		if strings.HasPrefix(o.ExternalID, "DO") {
			documents++
		}
	}
	return customers, documents
}

// NoDoubles makes sure that nothing was created twice in the CRM.
func (s Sides) NoDoubles() error { return noDoubles(s.CRM) }

func noDoubles(crm *centrixonetest.Server) error {
	for _, res := range []centrixonetest.Resource{centrixonetest.Accounts, centrixonetest.Contacts, centrixonetest.Opportunities, centrixonetest.Users} {
		if twice := crm.CreatedTwice(res); len(twice) > 0 {
			return fmt.Errorf("%s created twice: %s", res, Some(twice))
		}
	}
	return nil
}

// External gives the external id of a card's record in the CRM.
func External(prefix string, position int32) string { return prefix + strconv.Itoa(int(position)) }

// Some shows the first few of a list.
func Some(list []string) string {
	if len(list) > 5 {
		return fmt.Sprintf("%s and %d more", strings.Join(list[:5], ", "), len(list)-5)
	}
	return strings.Join(list, ", ")
}

// Until asks again and again whether something has arrived, and gives up after within. It rests up to nine times as long as
// asking took: whoever compares two products whole is not to keep the box from working.
func Until(ctx context.Context, what string, within time.Duration, arrived func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	for {
		begin := time.Now()
		if arrived() {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s: did not happen within %v", what, within)
		case <-time.After(min(max(50*time.Millisecond, 9*time.Since(begin)), 2*time.Second)):
		}
	}
}
