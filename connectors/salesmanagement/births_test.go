package salesmanagement_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// Records that are to be made together are looked for with one question; what is there already, deleted or not, is not made twice,
// nor where questions can't be joined.
//
// Requirement: S50-9
func TestCreateTogether(t *testing.T) {
	for _, noOr := range []bool{false, true} {
		d := newDesk(t)
		d.noOr = noOr
		c := d.tenant()
		check(t, c.Check(t.Context()))
		there := d.add("products", object{"model": "old", "extId": "Nord:ART-3", "price": 1})
		gone := d.add("products", object{"model": "gone", "extId": "Nord:ART-4", "price": 1, "deleted": true})
		var ops []connectors.Op
		for n := range 6 {
			ops = append(ops, create(record.Product, fmt.Sprint("Nord:ART-", n), record.Fields{"model": text(fmt.Sprint("M", n)), "price": number("2")}))
		}
		before := len(d.calls)
		results := c.Apply(t.Context(), ops)
		asked := slices.DeleteFunc(slices.Clone(d.calls[before:]), func(call string) bool { return !strings.Contains(call, "extId=") })
		asked = slices.Compact(asked) // the pages of one question
		want := 3                     // together, and the two that are there
		if noOr {
			want = 1 + len(ops)
		}
		if len(asked) != want {
			t.Errorf("joined %v: asked %d times, want %d: %q", !noOr, len(asked), want, asked)
		}
		for i, r := range results {
			if r.Outcome != connectors.Applied || i == 3 && r.Key != key(there) || i == 4 && r.Key != key(gone) {
				t.Errorf("joined %v: product %d: %+v", !noOr, i, r)
			}
		}
		if n := len(d.tables["products"]); n != len(ops) {
			t.Errorf("joined %v: %d products, want %d", !noOr, n, len(ops))
		}
	}
}
