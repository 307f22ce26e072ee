package acomba_test

import (
	"context"
	"os"
	"strconv"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/acomba"
	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/acomba/layout"
	"syncbox/connectors/connectortest"
	"syncbox/connectors/record"
)

// Requirement: ACO-63
func TestConformance(t *testing.T) {
	for _, profile := range []acombatest.Profile{acombatest.SIM1, acombatest.SIM2} {
		t.Run(string(profile), func(t *testing.T) {
			connectortest.Run(t, func(t *testing.T) connectortest.Fixture { return fixture(t, profile) })
		})
	}
}

func fixture(t *testing.T, profile acombatest.Profile) connectortest.Fixture {
	r := newRig(t, profile)
	conf := acomba.Defaults()
	conf.Folder, conf.Layouts = "Nord", []*layout.Layout{r.layout}
	conf.Wait = func(context.Context, time.Duration) error { return nil }
	company, err := acomba.New(conf, r.files, nil)
	must(t, err)
	site := company.With(r.writer)
	f := connectortest.Fixture{
		Source:   site,
		Observed: []record.Entity{record.User, record.Category, record.Account, record.Contact, record.Document},
		Edit:     func(t *testing.T, e record.Entity) record.Key { return editCard(t, r.company, e) },
		Break: func(t *testing.T) func() {
			away := r.company.Dir() + ".away"
			must(t, os.Rename(r.company.Dir(), away))
			return func() { must(t, os.Rename(away, r.company.Dir())) }
		},
		Settle: func(t *testing.T) { must(t, site.Observe(t.Context(), connectortest.NewNotes())) },
	}
	if profile == acombatest.SIM1 { // the other layout is not for writing
		f.Update = func(t *testing.T) connectors.Op {
			key := editCard(t, r.company, record.Account)
			found, _, err := site.Read(t.Context(), record.Account, []record.Key{key})
			must(t, err)
			seen := record.Fields{}
			if len(found) == 1 {
				seen["city"] = found[0].Fields["city"]
			}
			return connectors.Op{ID: "1", Kind: connectors.Update, Entity: record.Account, Key: key, Seen: seen,
				Fields: record.Fields{"city": record.TextOf("Kuujjuaq")}}
		}
	}
	return f
}

// editCard has a person of the company change a card that feeds a record of e.
func editCard(t *testing.T, c *acombatest.Company, e record.Entity) record.Key {
	t.Helper()
	var at int32
	var err error
	switch e {
	case record.User:
		reps, all := c.SalesReps()
		must(t, all)
		at, err = reps[0].CardPos, c.RenameSalesRep(reps[0].CardPos, "Nouvelle Personne")
	case record.Category:
		groups, all := c.Groups()
		must(t, all)
		at, err = groups[0].CardPos, c.SetGroupActive(groups[0].CardPos, !groups[0].Active)
	case record.Document:
		documents, all := c.Documents()
		must(t, all)
		at, err = documents[0].CardPos, c.ModifyDocument(documents[0].CardPos, func(d *acombatest.Document) { d.Freight++; d.Total++ })
	default:
		customers, all := c.Customers()
		must(t, all)
		at = customers[0].CardPos
		err = c.ModifyCustomer(at, func(c *acombatest.Customer) { c.City += "x"; c.Emails[0] += "x" })
	}
	must(t, err)
	return record.Key(strconv.Itoa(int(at)))
}
