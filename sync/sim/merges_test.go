package sim

import (
	"testing"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// While a request to make an account is under way that will find the heir by the identity, whoever merges types nothing over what it
// sets: no sync could keep that. What it does not set, or can't reach, people type as ever.
func TestMergesTypeNothingUnderARequest(t *testing.T) {
	for name, c := range map[string]struct {
		sets     string
		other    string // of which it is, if not the account's
		displace *connectors.Op
		want     int // values that are typed into the name
	}{
		"it sets the field":          {sets: "Name", want: 0},
		"it sets another field":      {sets: "City", want: 1},
		"it makes another account":   {sets: "Name", other: ".r1", want: 1},
		"it displaces one that went": {sets: "Name", displace: &connectors.Op{}, want: 1},
	} {
		t.Run(name, func(t *testing.T) {
			const field = 0 // the name
			w := rested(t)
			x := w.first()
			x.id = 0 // people type their own name into the heir, not what the one that goes has
			row, writes := w.row(x, connectors.CRM), len(x.cells[field].writes)
			was := row.Fields["Name"]
			w.underway = []request{{connectors.CRM, &connectors.Op{Kind: connectors.Create, Entity: record.Account,
				ExternalID: row.ExternalID + c.other, Fields: record.Fields{c.sets: record.TextOf("sent")}, Displace: c.displace}}}
			w.mergeInto(x, row, true)
			now := w.row(x, connectors.CRM).Fields["Name"]
			if got := len(x.cells[field].writes) - writes; got != c.want || now.Equal(was) != (c.want == 0) {
				t.Errorf("typed %d values, want %d; the heir shows %q, the one that went %q", got, c.want, now.Text, was.Text)
			}
		})
	}
}
