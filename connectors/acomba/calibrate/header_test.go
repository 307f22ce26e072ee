package calibrate_test

import (
	"context"
	"testing"

	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/acomba/calibrate"
)

// TestHeader: in front of a few customers, to whom nothing refers, stands a header as long as several cards, full of
// anything. Its pieces are no cards: fields have their lengths, prefixes and types all the same.
func TestHeader(t *testing.T) {
	company, err := acombatest.Create(t.TempDir(), acombatest.Options{Seed: 6, Customers: 40, Documents: 60})
	must(t, err)
	for seed := range uint64(4) {
		s := styles["c"]
		s.header = 20_000
		f := emigrate(t, company, s, seed)
		session := open(t, t.TempDir(), f.dir)
		must(t, session.Begin(site))
		_, err = session.Take(context.Background(), "", nil)
		must(t, err)
		must(t, session.SetExamples(calibrate.Customers, f.knows(t, 5)[calibrate.Customers]))
		found, err := session.Search(context.Background(), nil)
		must(t, err)
		customers := found.Table(calibrate.Customers)
		for _, c := range columns["CUSTOMER"] {
			if c.label == "postal_code" || c.label == "iso_country" { // all of one length: a prefix can't be told, nor missed
				continue
			}
			x := customers.Field(c.label)
			if at, ok := f.at["CUSTOMER"][c.label]; x != nil && ok && c.wide > 0 && (x.Form.At != at || x.Form.LenPrefix != 1) {
				t.Errorf("seed %d: %s: %+v, want at %d with a prefix", seed, c.label, x.Form, at)
			}
		}
		if first := (s.header - customers.HeaderSize) / customers.CardSize; customers.DataFrom != int32(first)+2 {
			t.Errorf("seed %d: records begin at %d, want %d", seed, customers.DataFrom, first+2)
		}
		if customers.CardSize != f.size["CUSTOMER"] || customers.Field("opened") == nil || customers.Field("name") == nil {
			t.Errorf("seed %d: %s", seed, report(found))
		}
	}
}
