package centrixone_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/centrixone/centrixonetest"
	"syncbox/connectors/connectortest"
	"syncbox/connectors/record"
)

// Requirement: EXT-11, QBO-49
func TestConformance(t *testing.T) {
	connectortest.Run(t, func(t *testing.T) connectortest.Fixture {
		s, c := simulated(t, centrixonetest.Options{RateLimit: &centrixonetest.Rate{}, Write: true})
		records := seeded(t, c)
		n := 0
		return connectortest.Fixture{
			Source:   c,
			Observed: []record.Entity{record.Account, record.Contact},
			Swept:    []record.Entity{record.Account, record.Contact},
			Edit: func(t *testing.T, e record.Entity) record.Key {
				n++
				s.AdvanceClock(time.Minute)
				key := records[e].Key
				id, err := strconv.ParseInt(string(key), 10, 64)
				if err != nil {
					t.Fatal(err)
				}
				res, field := centrixonetest.Accounts, "City"
				if e == record.Contact {
					res, field = centrixonetest.Contacts, "Email"
				}
				if err := s.Person(centrixonetest.Administrator).Edit(res, id, centrixonetest.Fields{field: fmt.Sprint("Gaspé ", n)}); err != nil {
					t.Fatal(err)
				}
				return key
			},
			Break: func(*testing.T) func() {
				s.AddFault(centrixonetest.Fault{Kind: centrixonetest.CloseBefore, Count: 1000})
				return s.ClearFaults
			},
			Create: func(_ *testing.T, n int) connectors.Op {
				return connectors.Op{ID: fmt.Sprint("box-", n), Kind: connectors.Create, Entity: record.Account, ExternalID: fmt.Sprint("CU90", n),
					Fields: record.Fields{"Name": record.TextOf("Exemple"), "City": record.TextOf("Lévis")}}
			},
			Update: func(*testing.T) connectors.Op {
				return connectors.Op{ID: "box-u", Kind: connectors.Update, Entity: record.Account, Key: records[record.Account].Key,
					Fields: record.Fields{"City": record.TextOf("Kuujjuaq")}}
			},
		}
	})
}
