package quickbooks_test

import (
	"errors"
	"net/http"
	"testing"
	"testing/synctest"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

var errCut = errors.New("connection reset")

// drop loses the answers to the next n writes, after they are done.
func drop(s *shop, n int) {
	s.answer = func(r *http.Request) *said {
		if r.Method != http.MethodPost || n == 0 {
			return nil
		}
		n--
		s.write("customer", r)
		return &said{err: errCut}
	}
}

// A write whose answer is lost is sent again under the same key and done once; where that does not help it is
// in doubt, and found out later.
func TestLostAnswer(t *testing.T) {
	create := connectors.Op{ID: "box-1-2", Kind: connectors.Create, Entity: record.Account, Fields: fieldsOf("name", "Neuf", "city", "Lévis"),
		With: []connectors.Op{{Entity: record.Contact, Fields: fieldsOf("full_name", "Jean Roy", "email", "j@x.example")}}}
	for _, test := range []struct {
		name  string
		op    connectors.Op
		lost  int
		first connectors.Outcome
		// forget makes the product forget the keys of its writes.
		forget bool
	}{
		{"update, once", update(record.Account, "web", "x.example"), 1, connectors.Applied, false},
		{"create, once", create, 1, connectors.Applied, false},
		{"update, for good", update(record.Account, "web", "x.example"), 2, connectors.InDoubt, false},
		{"create, for good", create, 2, connectors.InDoubt, false},
		{"create, for good and forgotten", create, 2, connectors.InDoubt, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newShop(t)
				s.put("Customer", parse(t, whole))
				c := open(t, s)
				token, err := c.Prepare(t.Context(), test.op)
				if err != nil {
					t.Fatal(err)
				}
				test.op.Token = token
				drop(s, test.lost)
				r := c.Apply(t.Context(), []connectors.Op{test.op})[0]
				if r.Outcome != test.first {
					t.Fatalf("got %+v", r)
				}
				if test.forget {
					clear(s.replays)
				}
				if r.Outcome == connectors.InDoubt {
					c = c.again()
					test.op.Seen = nil // as after a restart
					r = c.Resolve(t.Context(), test.op)
				}
				if r.Outcome != connectors.Applied || s.rows["Customer"][string(r.Key)] == nil {
					t.Errorf("found out: %+v", r)
				}
				if n := len(s.rows["Customer"]); n > 2 || test.op.Kind == connectors.Create && n != 2 {
					t.Errorf("%d customers", n)
				}
				for _, p := range s.posts {
					if p.request != "box-1-1" && p.request != "box-1-2" || p.body != s.posts[0].body {
						t.Errorf("sent again otherwise: %+v", p)
					}
				}
			})
		})
	}
}

// An update that never arrived is known not to have happened.
func TestResolveNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		s.put("Customer", parse(t, whole))
		c := open(t, s)
		if r := c.Resolve(t.Context(), update(record.Account, "web", "x.example")); r.Outcome != connectors.NotApplied {
			t.Errorf("got %+v", r)
		}
	})
}
