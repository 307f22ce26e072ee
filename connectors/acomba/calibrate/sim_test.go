package calibrate_test

import (
	"context"
	"testing"

	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/acomba/calibrate"
)

// TestSimulated calibrates both forms of the simulator, whose layouts the box has but the calibrator doesn't look at.
func TestSimulated(t *testing.T) {
	for _, profile := range []acombatest.Profile{acombatest.SIM1, acombatest.SIM2} {
		t.Run(string(profile), func(t *testing.T) {
			company, err := acombatest.Create(t.TempDir(), acombatest.Options{Profile: profile, Seed: 4, Customers: 250, Documents: 120, Credits: true})
			must(t, err)
			f := &foreign{dir: company.Dir(), rows: rowsOf(t, company), source: company}
			s := open(t, t.TempDir(), f.dir)
			must(t, s.Begin(calibrate.Site{ID: "nord", AcombaVersion: string(profile), By: "T. Roy"}))
			_, err = s.Take(context.Background(), "", nil)
			must(t, err)
			found := f.converse(t, s, f.knows(t, 6))
			draft, err := s.Draft(context.Background(), nil)
			if err != nil {
				t.Fatalf("%v\n%s", err, report(found))
			}
			f.read(t, draft)
			if customers := found.Table(calibrate.Customers); customers.CardSize != profile.CardSize(acombatest.CustomerTable) || customers.DataFrom != 2 {
				t.Errorf("customers: %+v", customers)
			}
			if t.Failed() || draft.Report.Blocked() {
				t.Errorf("blocked %v\n%s\n%s\n%+v", draft.Report.Blocked(), report(found), draft.Text, draft.Report.Probes)
			}
		})
	}
}
