package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"syncbox/connectors/centrixone/centrixonetest"
	"syncbox/connectors/quickbooks/quickbookstest"
	"syncbox/connectors/quickbooks/quickbookstest/signin"
	"syncbox/firmware/internal/app"
	"syncbox/firmware/internal/sitetest"
	"syncbox/firmware/internal/storytest"
)

// quickBooksCompany is a company of the simulated QuickBooks Online.
type quickBooksCompany struct {
	storytest.Online
	platform *quickbookstest.Platform
	ends     []func() error
}

// The allowance is a multiple of a real one, since the demo looks every second.
const quickBooksSettings = `pair = "quickbooks-centrixone"
direction = "two-way"
interval = "1s"

[job.quickbooks]
relay = %q
api_url = %q
max_idle = "1m"
monthly_reads = 100000
rate = 8.0
per_minute = 450
`

func (q *quickBooksCompany) name() string { return "QuickBooks" }

func (q *quickBooksCompany) open(_ string, o options) (*centrixonetest.Server, string, string, error) {
	ctx, end := context.WithCancel(context.Background())
	q.ends = append(q.ends, func() error { end(); return nil })
	var err error
	if q.platform, err = quickbookstest.Listen(ctx, quickbookstest.Options{}, signin.Options{}); err != nil {
		return nil, "", "", err
	}
	q.ERP = q.platform.API
	q.ERP.Fill(quickbookstest.Seed{Seed: 1, Customers: o.customers, Documents: o.documents})
	crm, address, endCRM, err := sitetest.ServeCRM(centrixonetest.QuickBooks)
	if err != nil {
		return nil, "", "", err
	}
	q.CRM, q.ends = crm, append(q.ends, endCRM)
	return crm, fmt.Sprintf(quickBooksSettings, q.platform.URL, q.platform.URL) + crmSettings(address), crmSecrets, nil
}

// signIn plays the technician who follows the box's link, signs in at Intuit and comes back to the relay.
func (q *quickBooksCompany) signIn(ctx context.Context, with *app.SignIns) error {
	link, err := with.Begin(ctx, sitetest.Job)
	if err != nil {
		return fmt.Errorf("begin sign-in: %w", err)
	}
	back, err := q.platform.SignIn.SignIn(link, signin.Choice{})
	if err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	if _, err := read(ctx, back); err != nil {
		return fmt.Errorf("come back from the sign-in: %w", err)
	}
	done, err := with.Collect(ctx, sitetest.Job)
	if err != nil || !done {
		return fmt.Errorf("collect the connection (done %v): %w", done, err)
	}
	return nil
}

func (q *quickBooksCompany) tryWriting(context.Context, *app.Job) (bool, error) { return false, nil }

func (q *quickBooksCompany) customers() ([]string, error) {
	var keys []string
	for _, c := range q.ERP.Customers() {
		if c.Active && c.City != "" {
			keys = append(keys, c.ID)
		}
	}
	return keys, nil
}

func (q *quickBooksCompany) city(customer string) (string, error) {
	c, ok := q.ERP.Customer(customer)
	if !ok {
		return "", fmt.Errorf("no customer %s in QuickBooks", customer)
	}
	return c.City, nil
}

func (q *quickBooksCompany) setCity(customer, city string) error {
	object, ok := q.ERP.Object(quickbookstest.Customer, customer)
	if !ok {
		return fmt.Errorf("no customer %s in QuickBooks", customer)
	}
	address, _ := object["BillAddr"].(map[string]any)
	address["City"] = city
	return q.ERP.Person().EditCustomer(customer, quickbookstest.Object{"BillAddr": address})
}

func (q *quickBooksCompany) documents() (map[string][]string, error) {
	alone := map[string][]string{}
	for _, d := range q.ERP.Documents() {
		if c, ok := q.ERP.Customer(d.Customer); ok && c.Active && !d.Voided && storytest.Placed(d) && len(d.LinkedFrom)+len(d.LinkedTo) == 0 {
			alone[d.Customer] = append(alone[d.Customer], storytest.DocumentKey(d))
		}
	}
	return alone, nil
}

func (q *quickBooksCompany) addFreight(document string) error {
	for _, d := range q.ERP.Documents() {
		if storytest.DocumentKey(d) == document {
			return q.ERP.Person().SetShipping(d.Kind, d.ID, d.Freight.Add(decimal.NewFromInt(1)).StringFixed(2))
		}
	}
	return fmt.Errorf("no document %s in QuickBooks", document)
}

func (q *quickBooksCompany) missing() ([]string, error) { return q.Missing(), q.Forbidden() }

func (q *quickBooksCompany) missingDocuments() ([]string, error) { return q.MissingDocuments(), nil }

func (q *quickBooksCompany) mustWait() []string { return q.Unplaced() }

func (q *quickBooksCompany) counts() (customers, documents int) { return q.Counts() }

func (q *quickBooksCompany) noDoubles() error { return errors.Join(q.NoDoubles(), q.Forbidden()) }

func (q *quickBooksCompany) close() error {
	var all []error
	for _, end := range slices.Backward(q.ends) {
		all = append(all, end())
	}
	return errors.Join(all...)
}
