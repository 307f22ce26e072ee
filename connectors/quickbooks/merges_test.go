package quickbooks_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/quickbooks"
	"syncbox/connectors/record"
)

// However a merge shows, only the customer that went and its documents stop, until a person says that they
// belong to the other one now.
//
// Requirement: QBO-44, QBO-55
func TestMerge(t *testing.T) {
	move := func(s *shop) { s.change("Invoice", "11", obj{"CustomerRef": obj{"value": "3"}}) }
	inactive := func(s *shop) { s.change("Customer", "1", obj{"Active": false, "DisplayName": "Nord (deleted)"}) }
	gone := func(s *shop) { s.remove("Customer", "1") }
	unheard := func(s *shop) { s.rows["Invoice"]["11"]["CustomerRef"] = obj{"value": "3"} } // no new time, no new token
	for _, test := range []struct {
		name  string
		steps []func(*shop)
	}{
		{"inactive, at once", []func(*shop){func(s *shop) { move(s); inactive(s) }}},
		{"gone, at once", []func(*shop){func(s *shop) { move(s); gone(s) }}},
		{"documents first", []func(*shop){move, inactive}},
		{"documents last", []func(*shop){inactive, move}},
		{"gone, documents last", []func(*shop){gone, move}},
		{"the feed is silent about documents", []func(*shop){func(s *shop) { unheard(s); inactive(s) }}},
		{"inactive, in use again between two looks, and merged unheard", []func(*shop){inactive, func(s *shop) {
			s.change("Customer", "1", obj{"Active": true})
			unheard(s)
			inactive(s)
		}}},
		{"the feed is silent about the customer", []func(*shop){func(s *shop) { move(s); delete(s.rows["Customer"], "1") }}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := small(t)
				s.put("Customer", person("3", "Nord inc."))
				c := open(t, s)
				c.look()
				var told []record.Key
				for _, step := range test.steps {
					time.Sleep(time.Hour)
					step(s)
					c.look()
					told = append(told, c.told(record.Document)...)
				}
				for e, k := range map[record.Entity]record.Key{record.Account: "1", record.Contact: "1", record.Document: "I11"} {
					want := map[string]string{"from": "1", "into": "3", "documents": "1"}
					if r := c.one(e, k); r.Held != quickbooks.CodeMergeSuspected || !cmp.Equal(want, r.HeldArgs) || r.Gone {
						t.Errorf("%s: got %q %v", r.Name(), r.Held, r.HeldArgs)
					}
				}
				if !slices.Contains(told, "I11") || !slices.Contains(c.told(record.Account), "1") && len(test.steps) == 1 {
					t.Errorf("not told: documents %v, accounts %v", told, c.told(record.Account))
				}
				for e, k := range map[record.Entity]record.Key{record.Account: "3", record.Document: "C12"} {
					if r := c.one(e, k); r.Held != "" {
						t.Errorf("%s is held, too", r.Name())
					}
				}
				c = c.again() // a restart that loses the notes
				clear(c.notes.Kept)
				c.look()
				if c.one(record.Document, "I11").Held == "" {
					t.Error("a restart let it go")
				}
				c.Relink(record.Account, "1", "3")
				c.look()
				if !slices.Contains(c.told(record.Document), "I11") || !slices.Contains(c.told(record.Account), "1") {
					t.Errorf("what was held is not told: %v", c.notes.Told)
				}
				if r := c.one(record.Document, "I11"); r.Held != "" || r.Fields["account"].Key() != "3" {
					t.Errorf("after the word: %+v", r)
				}
				if r := c.one(record.Account, "1"); r.Held != "" || !r.Gone && r.Fields["active"].Text != "false" {
					t.Errorf("after the word: %+v", r)
				}
				if n := c.look(); n != 1 {
					t.Errorf("then: %d reads", n)
				}
			})
		})
	}
}

// A person's word about something else changes nothing; a customer that is in use again ends the question.
func TestMergeEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := small(t)
		s.put("Customer", person("3", "Nord inc."))
		c := open(t, s)
		c.look()
		s.change("Invoice", "11", obj{"CustomerRef": obj{"value": "3"}})
		s.change("Customer", "1", obj{"Active": false})
		c.look()
		c.Relink(record.Account, "1", "2")
		c.look()
		if c.one(record.Account, "1").Held == "" {
			t.Error("another word let it go")
		}
		s.change("Customer", "1", obj{"Active": true})
		c.look()
		if r := c.one(record.Document, "I11"); r.Held != "" {
			t.Errorf("held: %v", r.HeldArgs)
		}
	})
}

// A document that a person moves, or a customer that is made inactive with its documents, is no merge.
//
// Requirement: QBO-43
func TestNoMerge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := small(t)
		s.put("Customer", person("3", "Nord inc."))
		c := open(t, s)
		c.look()
		s.change("Invoice", "11", obj{"CustomerRef": obj{"value": "3"}})
		c.look()
		s.change("Customer", "3", obj{"Active": false, "DisplayName": "Nord inc. (Deleted)"})
		c.look()
		if r := c.one(record.Document, "I11"); r.Held != "" || r.Fields["account"].Key() != "3" {
			t.Errorf("a moved document: %+v", r)
		}
		if r := c.one(record.Account, "3"); r.Held != "" || r.Fields["active"].Text != "false" || r.Fields["name"].Text != "Nord inc." {
			t.Errorf("an inactive customer: %+v", r)
		}
		time.Sleep(8 * 24 * time.Hour)
		c.look()
		s.change("Customer", "1", obj{"Active": false})
		c.look()
		if r := c.one(record.Account, "1"); r.Held != "" {
			t.Error("a move of long ago counts")
		}
	})
}
