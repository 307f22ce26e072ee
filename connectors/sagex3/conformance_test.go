package sagex3_test

import (
	"fmt"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/connectortest"
	"syncbox/connectors/record"
	"syncbox/connectors/sagex3"
	"syncbox/connectors/sagex3/sagex3test"
)

// The whole contract, with each way of finding changes, form of payload and age of X3.
//
// Requirement: X3-1, X3-13, X3-15, X3-16, X3-33
func TestConformance(t *testing.T) {
	v6 := func(o *sagex3test.Options) { o.Version = sagex3test.V6 }
	for _, test := range []struct {
		name    string
		change  config
		options []option
	}{
		{"scan", nil, nil},
		{"queue", func(c *sagex3.Config) { c.Changes = sagex3.ByQueue }, nil},
		{"rest", byREST, nil},
		{"json", func(c *sagex3.Config) { c.Payload = "json" }, nil},
		{"v6", nil, []option{v6}},
	} {
		t.Run(test.name, func(t *testing.T) {
			connectortest.Run(t, func(t *testing.T) connectortest.Fixture { return fixture(t, newRig(t, test.change, test.options...)) })
		})
	}
}

func fixture(t *testing.T, r *rig) connectortest.Fixture {
	t.Helper()
	keys := map[record.Entity]record.Key{}
	for _, e := range entities {
		keys[e] = r.make(e)
	}
	return connectortest.Fixture{
		Source: r.user("1"), Observed: entities, Swept: entities,
		Edit: func(_ *testing.T, e record.Entity) record.Key {
			r.AdvanceClock(time.Minute)
			r.edit(e, keys[e])
			return keys[e]
		},
		Break: func(*testing.T) func() {
			r.AddFault(sagex3test.Fault{Kind: sagex3test.CloseBefore, Count: -1})
			return r.ClearFaults
		},
		Create: func(_ *testing.T, n int) connectors.Op {
			return connectors.Op{ID: fmt.Sprint("box-", n), Kind: connectors.Create, Entity: record.Task, Fields: task(fmt.Sprint("Relance ", n))}
		},
		Delete: func(_ *testing.T, e record.Entity) record.Key { return keys[e] },
		Lose: func(_ *testing.T, op connectors.Op) {
			operation := "delete"
			if op.Entity == record.Contact { // of whom the assignment alone is taken away
				operation = "modify"
			}
			r.AddFault(sagex3test.Fault{Kind: sagex3test.CloseAfter, Op: operation, Object: object[op.Entity], Key: string(op.Key)})
		},
		Update: func(*testing.T) connectors.Op {
			return connectors.Op{ID: "box-u", Kind: connectors.Update, Entity: record.Contact, Key: keys[record.Contact],
				Fields: record.Fields{"city": record.TextOf("Kuujjuaq"), "street": record.TextOf("2, rue B"), "title": record.TextOf("M.")}}
		},
	}
}

// task is what a person writes into a new task.
func task(subject string) record.Fields {
	return record.Fields{"subject": record.TextOf(subject), "report": record.TextOf("un\ndeux <&> œ 😀"), "start": day("2026-02-01"), "due": day("2026-02-28"),
		"company": record.TextOf("C00002"), "done": record.BoolOf(false)}
}
