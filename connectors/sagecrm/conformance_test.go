package sagecrm_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/connectortest"
	"syncbox/connectors/record"
	"syncbox/connectors/sagecrm"
)

// Both interfaces keep the contract.
//
// Requirement: BOB-7, LAB-7
func TestConformance(t *testing.T) {
	for _, test := range []struct {
		name   string
		client func(*sagecrm.Config)
		site   func(*switches)
	}{
		{"soap", func(*sagecrm.Config) {}, func(*switches) {}},
		{"soap, pages of two", func(*sagecrm.Config) {}, func(w *switches) { w.batch = 2 }},
		{"soap, all apart", func(c *sagecrm.Config) { c.Nested = "none" }, func(*switches) {}},
		{"soap, persons nest", func(*sagecrm.Config) {}, func(w *switches) { w.personsNest = true }},
		{"soap, no queryid", func(*sagecrm.Config) {}, func(w *switches) { w.noIDs = true }},
		{"rest", rest, func(*switches) {}},
		{"rest, old", rest, func(w *switches) { w.old = true }},
		{"rest, pages of two", func(c *sagecrm.Config) { c.Interface, c.PageSize = "rest", 2 }, func(w *switches) { w.old = true }},
	} {
		t.Run(test.name, func(t *testing.T) {
			connectortest.Run(t, func(t *testing.T) connectortest.Fixture { return fixture(t, test.site, test.client) })
		})
	}
}

func fixture(t *testing.T, site func(*switches), client func(*sagecrm.Config)) connectortest.Fixture {
	d := newDesk(t, site)
	c := d.crm(client)
	company, person := d.of("company", "name", "Frites & Fils")[0], d.of("person", "firstname", "Ève")[0]
	n := 0
	return connectortest.Fixture{
		Source: c, Observed: []record.Entity{record.Account, record.Contact}, Swept: []record.Entity{record.Account, record.Contact},
		Edit: func(_ *testing.T, e record.Entity) record.Key {
			n++
			d.now = d.now.Add(time.Minute)
			if e == record.Contact {
				d.edit("person", person, "title", fmt.Sprint("Patron ", n))
				return record.Key(strconv.Itoa(person))
			}
			d.edit("company", company, "website", fmt.Sprint("https://", n))
			return record.Key(strconv.Itoa(company))
		},
		Break: func(*testing.T) func() {
			d.broken = true
			return func() { d.broken = false }
		},
		Create: func(*testing.T, int) connectors.Op { return newCompany() },
		Update: func(*testing.T) connectors.Op {
			return connectors.Op{ID: "box-u", Kind: connectors.Update, Entity: record.Account, Key: record.Key(strconv.Itoa(company)), Fields: record.Fields{
				"comp_website": record.TextOf("https://frites.be"), "phon_business": record.TextOf("+32 4 555"), "addr_city": record.TextOf("Namur"), "phon_fax": record.TextOf("+32 4 556"),
			}}
		},
	}
}

func newCompany() connectors.Op {
	return connectors.Op{ID: "box-1", Kind: connectors.Create, Entity: record.Account, Fields: record.Fields{
		"comp_name": record.TextOf("Nouvelle 'œuvre' & Co"), "vat": record.TextOf("BE0555666777"), "addr_city": record.TextOf("Mons"),
		"addr_address1": record.TextOf("Place 1"), "phon_business": record.TextOf("065 11"), "emai_business": record.TextOf("a@b.be"), "bobsync": record.BoolOf(true),
	}}
}
