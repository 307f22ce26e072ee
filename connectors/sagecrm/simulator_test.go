package sagecrm_test

import (
	"fmt"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/connectortest"
	"syncbox/connectors/record"
	"syncbox/connectors/rest/resttest"
	"syncbox/connectors/sagecrm"
	"syncbox/connectors/sagecrm/sagecrmtest"
)

// The whole contract against the simulator, by both interfaces and each way of finding changes.
//
// Requirement: BOB-7, LAB-7
func TestSimulatorConformance(t *testing.T) {
	for _, test := range []struct {
		name   string
		at     positions
		client change
	}{
		{"soap", nil, func(*sagecrm.Config) {}},
		{"soap, all apart", nil, func(c *sagecrm.Config) { c.Nested = "none" }},
		{"soap, persons nest", positions{sagecrmtest.SoapNested: "both"}, func(*sagecrm.Config) {}},
		{"soap, by dates", nil, func(c *sagecrm.Config) { c.Changes = "dates" }},
		{"soap, all away", allAway(), func(*sagecrm.Config) {}},
		{"rest", nil, rest},
		{"rest, all away", allAway(), rest},
	} {
		t.Run(test.name, func(t *testing.T) {
			connectortest.Run(t, func(t *testing.T) connectortest.Fixture {
				return siteFixture(t, newSite(t, sagecrmtest.Options{Switches: test.at}, test.client))
			})
		})
	}
}

// allAway puts every switch into its last position.
func allAway() positions {
	at := positions{}
	for _, w := range sagecrmtest.AllSwitches() {
		of := sagecrmtest.Positions(w)
		at[w] = of[len(of)-1]
	}
	at[sagecrmtest.RestLimit] = "none" // these tests ask as fast as they can
	return at
}

func siteFixture(t *testing.T, s *site) connectortest.Fixture {
	t.Helper()
	company, person, n := keyOfID(s.Records(sagecrmtest.Company)[0].ID), keyOfID(s.Records(sagecrmtest.Person)[0].ID), 0
	return connectortest.Fixture{
		Source: s.crm, Observed: []record.Entity{record.Account, record.Contact}, Swept: []record.Entity{record.Account, record.Contact},
		Edit: func(_ *testing.T, e record.Entity) record.Key {
			n++
			s.AdvanceClock(time.Minute)
			if e == record.Contact {
				s.edit(sagecrmtest.Person, person, values{"pers_title": fmt.Sprint("Patron ", n)})
				return person
			}
			s.edit(sagecrmtest.Company, company, values{"comp_website": fmt.Sprint("https://", n)})
			return company
		},
		Break: func(*testing.T) func() {
			s.AddFault(sagecrmtest.Fault{Kind: sagecrmtest.CloseBefore, Turn: resttest.Turn{Count: -1}})
			return s.ClearFaults
		},
		Create: func(*testing.T, int) connectors.Op {
			return connectors.Op{ID: "box-1", Kind: connectors.Create, Entity: record.Account, ExternalID: "C9", Fields: newcomer()}
		},
		Update: func(*testing.T) connectors.Op {
			return connectors.Op{ID: "box-u", Kind: connectors.Update, Entity: record.Account, Key: company, Fields: record.Fields{
				"comp_website": text("https://frites.be"), "phon_business": text("+32 4 555"), "addr_city": text("Namur"), "phon_mobile": text("+32 4 556"),
			}}
		},
	}
}
