package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"

	"syncbox/connectors/acomba"
	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/centrixone/centrixonetest"
	"syncbox/firmware/internal/app"
	"syncbox/firmware/internal/sitetest"
	"syncbox/firmware/internal/storytest"
)

// acombaCompany is a generated company of Acomba in a folder.
type acombaCompany struct {
	storytest.Sides
	end func() error // of the CRM
}

const acombaSettings = `pair = "acomba-centrixone"
direction = "two-way"
interval = "1s"

[job.share]
kind = "directory"
path = %q

[job.acomba]
company = %q
write_back = "direct"
quiet_ms = 300
`

func (a *acombaCompany) name() string { return "Acomba" }

func (a *acombaCompany) open(dir string, o options) (*centrixonetest.Server, string, string, error) {
	share := filepath.Join(dir, "share")
	var err error
	if a.ERP, err = sitetest.NewCompany(share, o.customers, o.documents); err != nil {
		return nil, "", "", err
	}
	var address string
	if a.CRM, address, a.end, err = sitetest.ServeCRM(centrixonetest.Acomba); err != nil {
		return nil, "", "", err
	}
	return a.CRM, fmt.Sprintf(acombaSettings, share, sitetest.Company) + crmSettings(address), crmSecrets, nil
}

func (a *acombaCompany) signIn(context.Context, *app.SignIns) error { return nil }

// tryWriting plays the technician who tries the writing on a customer: sees the mark, types the answer.
func (a *acombaCompany) tryWriting(ctx context.Context, job *app.Job) (bool, error) {
	keys, err := a.customers()
	if err != nil {
		return false, err
	}
	c, err := a.customer(keys[0])
	if err != nil {
		return false, err
	}
	test, err := job.StartWriteTest(ctx, c.Number)
	if err != nil {
		return false, fmt.Errorf("start write test: %w", err)
	}
	if err := a.ERP.ModifyCustomer(test.Position, func(c *acombatest.Customer) { c.Web = test.Reply }); err != nil {
		return false, fmt.Errorf("answer write test: %w", err)
	}
	if err := job.CheckWriteTest(ctx, acomba.Seen{By: "demo", ByNumber: true, ByName: true}); err != nil {
		return false, fmt.Errorf("confirm write test: %w", err)
	}
	return true, nil
}

func (a *acombaCompany) customers() ([]string, error) {
	all, err := a.ERP.Customers()
	var keys []string
	for _, c := range all {
		if c.Status == acombatest.InUse && c.Active {
			keys = append(keys, key(c.CardPos))
		}
	}
	return keys, err
}

func (a *acombaCompany) customer(key string) (acombatest.Customer, error) {
	n, err := position(key)
	if err != nil {
		return acombatest.Customer{}, err
	}
	return a.ERP.Customer(n)
}

func (a *acombaCompany) city(customer string) (string, error) {
	c, err := a.customer(customer)
	return c.City, err
}

func (a *acombaCompany) setCity(customer, city string) error {
	n, err := position(customer)
	if err != nil {
		return err
	}
	return a.ERP.ModifyCustomer(n, func(c *acombatest.Customer) { c.City = city })
}

func (a *acombaCompany) documents() (map[string][]string, error) {
	p, err := a.Picture()
	alone := map[string][]string{}
	for _, d := range p.Documents {
		plain := d.Source == 0 && !p.Replaced[d.CardPos] && d.State != acombatest.StateCancelled
		if d.Status == acombatest.InUse && plain {
			alone[key(d.Customer)] = append(alone[key(d.Customer)], key(d.CardPos))
		}
	}
	return alone, err
}

func (a *acombaCompany) addFreight(document string) error {
	n, err := position(document)
	if err != nil {
		return err
	}
	return a.ERP.ModifyDocument(n, func(d *acombatest.Document) { d.Freight += 100; d.Total += 100 })
}

func (a *acombaCompany) missing() ([]string, error) {
	p, err := a.Picture()
	return a.Missing(p), err
}

func (a *acombaCompany) missingDocuments() ([]string, error) {
	p, err := a.Picture()
	return a.MissingDocuments(p), err
}

func (a *acombaCompany) mustWait() []string { return nil }

func (a *acombaCompany) counts() (customers, documents int) { return a.Counts() }

func (a *acombaCompany) noDoubles() error { return a.NoDoubles() }

func (a *acombaCompany) close() error {
	if a.end == nil {
		return nil
	}
	return a.end()
}

func key(position int32) string { return strconv.Itoa(int(position)) }

func position(key string) (int32, error) {
	n, err := strconv.ParseInt(key, 10, 32)
	return int32(n), err
}
