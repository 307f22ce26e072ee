package quickbooks_test

import (
	"net/http"
	"testing"
	"testing/synctest"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// What became of a change whose answer was lost can't be told once somebody has typed over it; else it can.
//
// Requirement: QBO-53
func TestResolveTypedOver(t *testing.T) {
	for _, test := range []struct {
		name  string
		done  bool
		after obj // what somebody changes since
		want  connectors.Outcome
		kind  connectors.Kind
	}{
		{"not done", false, nil, connectors.NotApplied, connectors.Busy},
		{"done", true, nil, connectors.Applied, 0},
		{"done, and something else changed", true, obj{"Notes": "x"}, connectors.Applied, 0},
		{"not done, and something else changed", false, obj{"Notes": "x"}, connectors.NotApplied, connectors.Busy},
		{"done, and typed over", true, obj{"WebAddr": obj{"URI": "z.example"}}, connectors.InDoubt, connectors.Rejected},
		{"not done, and typed over", false, obj{"WebAddr": obj{"URI": "z.example"}}, connectors.InDoubt, connectors.Rejected},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newShop(t)
				s.put("Customer", parse(t, whole))
				c := open(t, s)
				op := update(record.Account, "web", "x.example")
				token, err := c.Prepare(t.Context(), op)
				if err != nil {
					t.Fatal(err)
				}
				op.Token = token
				if test.done {
					s.change("Customer", "1", obj{"WebAddr": obj{"URI": "x.example"}})
				}
				if test.after != nil {
					s.change("Customer", "1", test.after)
				}
				r := c.again().Resolve(t.Context(), op)
				if r.Outcome != test.want || r.Err != nil && connectors.KindOf(r.Err) != test.kind {
					t.Errorf("got %d %v, want %d", r.Outcome, r.Err, test.want)
				}
			})
		})
	}
}

// After a lost answer, a second try that is not let in says nothing about the first one.
func TestSecondTryNotLetIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		s.put("Customer", parse(t, whole))
		c := open(t, s)
		op := update(record.Account, "web", "x.example")
		op.Token, _ = c.Prepare(t.Context(), op)
		tries := 0
		s.answer = func(r *http.Request) *said {
			if r.Method != http.MethodPost {
				return nil
			}
			if tries++; tries > 1 {
				return &said{status: 403, body: faultBody("120", "AuthorizationFault")}
			}
			s.write("customer", r)
			return &said{err: errCut}
		}
		r := c.Apply(t.Context(), []connectors.Op{op})[0]
		if r.Outcome != connectors.InDoubt || connectors.KindOf(r.Err) != connectors.Auth || tries != 2 {
			t.Errorf("after %d tries: got %+v", tries, r)
		}
	})
}

// A creation whose answer was lost is sent again to find out; that this one is not let in says nothing about the first one.
func TestRepeatedCreateNotLetIn(t *testing.T) {
	for _, status := range []int{http.StatusForbidden, http.StatusTooManyRequests} {
		synctest.Test(t, func(t *testing.T) {
			s := newShop(t)
			c := open(t, s)
			op := connectors.Op{ID: "a", Kind: connectors.Create, Entity: record.Account, Fields: fieldsOf("name", "Neuf")}
			var err error
			if op.Token, err = c.Prepare(t.Context(), op); err != nil {
				t.Fatal(err)
			}
			drop(s, 2)
			if r := c.Apply(t.Context(), []connectors.Op{op})[0]; r.Outcome != connectors.InDoubt {
				t.Fatalf("got %+v", r)
			}
			s.answer = func(*http.Request) *said { return &said{status: status, body: faultBody("120", "AuthorizationFault")} }
			if r := c.again().Resolve(t.Context(), op); r.Outcome != connectors.InDoubt || r.Err == nil {
				t.Errorf("status %d: got %+v", status, r)
			}
		})
	}
}
