package sim

import (
	"testing"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// What the box sends is held against what a person has seen and confirmed: the record, the side and each value. What the record shows
// anyway needs no word.
func TestOracleShown(t *testing.T) {
	w := rested(t)
	w.shape.Set.Confirm = engine.ConfirmAlways
	x := w.first()
	row := w.row(x, connectors.CRM)
	change := func(adapt func(*engine.Change)) *confirmed {
		c := engine.Change{Entity: record.Account, ERP: x.at[0], CRM: x.at[1], To: store.ToCRM, Kind: engine.ChangeUpdate,
			Fields: []engine.FieldChange{{ERP: "city", CRM: "City", New: record.TextOf("shown")}}}
		adapt(&c)
		return &confirmed{changes: []engine.Change{c}}
	}
	for name, c := range map[string]struct {
		ticked *confirmed
		fields record.Fields
		speaks bool
	}{
		"nothing confirmed":        {fields: record.Fields{}, speaks: true},
		"just that":                {ticked: change(func(*engine.Change) {}), fields: record.Fields{"City": record.TextOf("shown")}},
		"with what is there":       {ticked: change(func(*engine.Change) {}), fields: record.Fields{"City": record.TextOf("shown"), "Name": row.Fields["Name"]}},
		"another value":            {ticked: change(func(*engine.Change) {}), fields: record.Fields{"City": record.TextOf("typed since")}, speaks: true},
		"another field as well":    {ticked: change(func(*engine.Change) {}), fields: record.Fields{"City": record.TextOf("shown"), "Name": record.TextOf("new")}, speaks: true},
		"another record":           {ticked: change(func(c *engine.Change) { c.ERP, c.CRM = "77", "77" }), fields: record.Fields{"City": record.TextOf("shown")}, speaks: true},
		"to the other side":        {ticked: change(func(c *engine.Change) { c.To = store.ToERP }), fields: record.Fields{"City": record.TextOf("shown")}, speaks: true},
		"left out by a person":     {ticked: change(func(c *engine.Change) { c.Mark = store.NotThisTime }), fields: record.Fields{"City": record.TextOf("shown")}, speaks: true},
		"a record of another sort": {ticked: change(func(c *engine.Change) { c.Entity = record.Contact }), fields: record.Fields{"City": record.TextOf("shown")}, speaks: true},
	} {
		t.Run(name, func(t *testing.T) {
			w.ticked, w.failures = c.ticked, nil
			w.sendsShown(connectors.CRM, []connectors.Op{{Kind: connectors.Update, Entity: record.Account, Key: row.Key, Fields: c.fields,
				Seen: record.Fields{}}})
			if got := len(w.failures) > 0; got != c.speaks {
				t.Errorf("got %v, want it to speak: %v", w.failures, c.speaks)
			}
		})
	}
	w.failures = nil
}
