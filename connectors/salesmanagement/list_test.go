package salesmanagement_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/connectortest"
	"syncbox/connectors/record"
	"syncbox/connectors/salesmanagement"
)

// swept gives how often each account was listed.
func (d *desk) swept(c *salesmanagement.Tenant) map[record.Key]int {
	d.t.Helper()
	seen := map[record.Key]int{}
	check(d.t, c.Sweep(d.t.Context(), record.Account, func(k record.Key) { seen[k]++ }))
	return seen
}

// Rows that move to the next page while a list is read are listed once, and none is missed; what was added meanwhile is in a
// second reading.
func TestMovingList(t *testing.T) {
	d := newDesk(t)
	d.max = 3
	var ids []int
	for i := range 8 {
		ids = append(ids, d.add("accounts", object{"name": fmt.Sprint("a", i)}))
	}
	c := d.tenant()
	added := 0 // what is added during the second reading is found by the next list
	d.onAnswer = func(r *http.Request) *said {
		if added < 1 && r.URL.Query().Get("page") == "1" {
			added++
			ids = append(ids, d.add("accounts", object{"name": "new"}))
		}
		return nil
	}
	seen := d.swept(c)
	for _, id := range ids {
		if seen[key(id)] != 1 {
			t.Errorf("%d is listed %d times", id, seen[key(id)])
		}
	}
	firsts := 0
	for _, call := range d.calls {
		if call == "GET accounts" {
			firsts++
		}
	}
	if firsts != 4+1+4 { // the pages and an empty one, the first one again, all again
		t.Errorf("%d pages were read", firsts)
	}
	if len(d.swept(c)) != len(ids) {
		t.Error("a list at rest is not whole")
	}
}

// A list at rest is read once, and its first page once more.
func TestListAtRest(t *testing.T) {
	d := newDesk(t)
	d.max = 2
	for range 5 {
		d.add("accounts", object{})
	}
	c := d.tenant()
	check(t, c.Check(t.Context()))
	d.calls = nil
	d.swept(c)
	if len(d.calls) != 5 { // three pages, an empty one, the first one again
		t.Errorf("%d calls", len(d.calls))
	}
}

// A list that takes no order is read without; one that is refused all the same has a code of its own.
func TestNoOrder(t *testing.T) {
	d := newDesk(t)
	d.add("accounts", object{})
	d.noOrder = true
	c := d.tenant()
	if len(d.swept(c)) != 1 {
		t.Error("nothing is listed")
	}
	d.onAnswer = func(r *http.Request) *said {
		if strings.HasSuffix(r.URL.Path, "/sales") {
			return &said{status: 403, body: `{"message":"Forbidden"}`}
		}
		return nil
	}
	err := c.Sweep(t.Context(), record.Document, func(record.Key) {})
	if connectors.CodeOf(err) != salesmanagement.CodeListRefused || connectors.KindOf(err) != connectors.Drift {
		t.Errorf("got %v", err)
	}
	n := connectortest.NewNotes()
	check(t, c.Observe(t.Context(), n))
	if n.Skipped[record.Document] == nil || len(n.Skipped) != 1 || len(n.Told[record.Account]) != 1 {
		t.Errorf("skipped %v, told %v", n.Skipped, n.Told)
	}
}

// A server that gives the same page for ever is not believed.
func TestEndlessList(t *testing.T) {
	d := newDesk(t)
	c := d.tenant()
	d.onAnswer = func(r *http.Request) *said {
		if strings.HasSuffix(r.URL.Path, "/accounts") {
			return &said{status: 200, body: `[{"id":1}]`}
		}
		return nil
	}
	if err := c.Sweep(t.Context(), record.Account, func(record.Key) {}); connectors.CodeOf(err) != salesmanagement.CodeBadAnswer || len(d.calls) > 10 {
		t.Errorf("got %v after %d calls", err, len(d.calls))
	}
	d.onAnswer = func(r *http.Request) *said { return &said{status: 200, body: `[{"name":"Dupont"}]`} }
	if err := c.Sweep(t.Context(), record.Account, func(record.Key) {}); connectors.CodeOf(err) != salesmanagement.CodeBadAnswer {
		t.Errorf("rows without ids: got %v", err)
	}
}

// What changed is told, deleted rows as gone, and nothing that the last look has shown.
//
// Requirement: S50-5, S50-17, S50-20
func TestChanges(t *testing.T) {
	for _, noOr := range []bool{false, true} {
		d := newDesk(t)
		d.noOr = noOr
		a, b := d.add("accounts", object{"name": "A"}), d.add("accounts", object{"name": "B"})
		person := d.add("contacts", object{"firstName": "Zoé", "accountId": a})
		d.add("accounts", object{"name": "other", "extId": "Sud:17"})
		c, n := d.tenant(), connectortest.NewNotes()
		d.later(time.Hour)
		if told := d.look(c, n); !slices.Equal(told[record.Account], []record.Key{key(b), key(a)}) {
			t.Errorf("first look: %v", told)
		}
		d.later(time.Hour)
		if told := d.look(c, n); len(told) > 0 {
			t.Errorf("nothing changed: %v", told)
		}
		d.edit("accounts", b, object{"name": "B2"})
		d.tables["contacts"][person]["deleted"], d.tables["contacts"][person]["dateDeleted"] = true, d.stamp()
		made := d.add("accounts", object{"name": "C"})
		d.later(time.Minute)
		told := d.look(c, n)
		slices.Sort(told[record.Account])
		if !slices.Equal(told[record.Account], []record.Key{key(b), key(made)}) || !slices.Equal(told[record.Contact], []record.Key{key(person)}) {
			t.Errorf("changes: %v", told)
		}
		if r := d.read(c, record.Contact, person); !r.Gone {
			t.Error("a deleted person lives")
		}
		d.later(time.Minute)
		if told := d.look(c, n); len(told) > 0 {
			t.Errorf("told again: %v", told)
		}
		d.later(25 * time.Hour)
		if told := d.look(c, n); len(told[record.Account]) != 3 {
			t.Errorf("after a day: %v", told)
		}
	}
}

// A look goes back ten minutes behind the last one, by the server's clock: what was saved late is not lost.
func TestOverlap(t *testing.T) {
	d := newDesk(t)
	id := d.add("accounts", object{"name": "A"})
	c, n := d.tenant(func(c *salesmanagement.Config) {
		c.Now = func() time.Time { return d.now.Add(9 * time.Hour) } // a box that is ahead
	}), connectortest.NewNotes()
	d.look(c, n)
	d.later(9 * time.Minute)
	d.edit("accounts", id, object{"name": "B"})
	d.tables["accounts"][id]["dateUpdated"] = d.now.Add(-15 * time.Minute).Format("2006-01-02T15:04:05Z")
	if told := d.look(c, n); !slices.Equal(told[record.Account], []record.Key{key(id)}) {
		t.Errorf("told %v", told)
	}
}

// The words of an expression are ours alone: a quote in an external id ends nothing.
func TestExpressions(t *testing.T) {
	d := newDesk(t)
	id := d.add("accounts", object{"extId": "Nord:L'O'x"})
	c := d.tenant()
	keys, err := c.Find(t.Context(), record.Account, connectors.ExternalIDField, text("Nord:L'O'x"))
	if err != nil || !slices.Equal(keys, []record.Key{key(id)}) {
		t.Errorf("got %v, %v", keys, err)
	}
	if got := d.calls[len(d.calls)-1]; !strings.HasSuffix(got, "extId='Nord:L''O''x'") {
		t.Errorf("asked %s", got)
	}
	if _, err := c.Find(t.Context(), record.Account, "name", text("x")); connectors.CodeOf(err) != salesmanagement.CodeBadOp {
		t.Errorf("by name: %v", err)
	}
	keys, err = c.Find(t.Context(), record.User, "email", text("ROB@firm.example"))
	if err != nil || !slices.Equal(keys, []record.Key{"2"}) {
		t.Errorf("users by e-mail: %v, %v", keys, err)
	}
}
