package outlook_test

import (
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/connectortest"
	"syncbox/connectors/outlook"
	"syncbox/connectors/outlook/outlooktest"
	"syncbox/connectors/record"
)

// Requirement: X3-15, X3-16, X3-42, LAB-7
func TestConformance(t *testing.T) {
	for name, w := range outlooktest.Positions() {
		t.Run(name, func(t *testing.T) {
			connectortest.Run(t, func(t *testing.T) connectortest.Fixture { return fixture(t, w) })
		})
	}
}

func fixture(t *testing.T, w outlooktest.Switches) connectortest.Fixture {
	r := newRig(t, w)
	p := r.alice()
	ids := map[record.Entity]string{
		record.Contact:     must(p.Create(outlooktest.Contact, "", object{"surname": "Dupont"})),
		record.Task:        must(p.Create(outlooktest.Task, r.list, object{"title": "Rappeler"})),
		record.Call:        must(p.Create(outlooktest.Task, r.list, object{"title": "CLL Rappeler"})),
		record.Appointment: must(p.Create(outlooktest.Event, "", visit("Visite", monday.Add(24*time.Hour)))),
	}
	edits := map[record.Entity]object{
		record.Contact: {"jobTitle": "Achats"}, record.Task: {"status": "completed"}, record.Call: {"status": "completed"},
		record.Appointment: {"subject": "Visite, plus tard"},
	}
	r.later()
	all := []record.Entity{record.Contact, record.Task, record.Call, record.Appointment}
	return connectortest.Fixture{
		Source: r.box, Observed: all, Swept: all,
		Edit: func(t *testing.T, e record.Entity) record.Key {
			check(t, p.Edit(ids[e], edits[e]))
			r.later()
			return record.Key(ids[e])
		},
		Break: func(*testing.T) func() {
			r.AddFault(outlooktest.Fault{Kind: outlooktest.CloseBefore, Count: -1})
			return r.ClearFaults
		},
		Create: func(_ *testing.T, n int) connectors.Op {
			op := samples("")[0]
			op.ID, op.ExternalID = "op-"+itoa(n), "COR000"+itoa(n)
			return op
		},
		Delete: func(_ *testing.T, e record.Entity) record.Key { return record.Key(ids[e]) },
		Lose: func(*testing.T, connectors.Op) {
			r.AddFault(outlooktest.Fault{Kind: outlooktest.CloseAfter, Op: outlooktest.OpDelete})
		},
		Update: func(t *testing.T) connectors.Op {
			got, ok := r.read(record.Contact, ids[record.Contact])
			if !ok {
				t.Fatal("the contact is not there")
			}
			return connectors.Op{ID: "op-u", Kind: connectors.Update, Entity: record.Contact, Key: got.Key, Seen: got.Fields,
				Fields: record.Fields{"City": text("Lyon"), "Email": text("zoe@acme.example")}}
		},
		Settle: func(*testing.T) { r.later() },
	}
}

func TestConfig(t *testing.T) {
	good := outlook.Config{Tenant: tenantID, ApplicationID: appID, Secret: "SECRET"}
	check(t, good.Validate())
	for _, tt := range []struct {
		name  string
		spoil func(*outlook.Config)
	}{
		{"no tenant", func(c *outlook.Config) { c.Tenant = "" }},
		{"tenant with a path", func(c *outlook.Config) { c.Tenant = "a/b" }},
		{"no secret", func(c *outlook.Config) { c.Secret = "" }},
		{"no secure address", func(c *outlook.Config) { c.GraphURL = "http://graph.example" }},
		{"sign-in is no address", func(c *outlook.Config) { c.LoginURL = "login" }},
		{"extension", func(c *outlook.Config) { c.ExtensionName = "x3 y" }},
		{"window", func(c *outlook.Config) { c.PastDays = -1 }},
		{"series", func(c *outlook.Config) { c.RecurrenceDays = 1000 }},
		{"rate", func(c *outlook.Config) { c.PerMinute = -1 }},
		{"page", func(c *outlook.Config) { c.PageSize = 5000 }},
		{"answer", func(c *outlook.Config) { c.MaxAnswer = 1 }},
		{"time-out", func(c *outlook.Config) { c.Timeout = -1 }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := good
			tt.spoil(&c)
			if _, err := outlook.New(c, nil, nil); err == nil {
				t.Error("it is accepted")
			}
		})
	}
}
