package newcomers

import (
	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/connectors/salesmanagement"
)

var (
	_ connectors.Timekeeper = (*Tenant)(nil)
	_ connectors.Tallier    = (*Tenant)(nil)
)

// Timings are how long the legs of today's quotes took.
func (t *Tenant) Timings() []connectors.Timing { return t.legs.Timings() }

// Tally tells the legs of each quote that has come back since the last one.
func (t *Tenant) Tally(e record.Entity) []record.Remark {
	if e != record.Quote {
		return nil
	}
	return t.legs.Tally()
}

// timed notes what a quote shows of its way.
func (t *Tenant) timed(r *record.Record) {
	if r.Entity != record.Quote {
		return
	}
	switch r.Fields[salesmanagement.FieldStatus].Text {
	case salesmanagement.ToPrice:
		t.legs.Ask(Reference(r.Key), t.AskedAt(r.Key))
	case salesmanagement.Draft:
		t.legs.Withdraw(Reference(r.Key))
	case salesmanagement.Priced:
		t.legs.Finish(Reference(r.Key))
	}
}
