package quickbooks_test

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"syncbox/connectors/quickbooks"
	"syncbox/connectors/record"
)

// One row that the product can't show is named and held; the others go on.
func TestPoisonedRow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		s.put("Customer", person("1", "Nord"))
		for i := range 300 {
			s.put("Invoice", sale(strconv.Itoa(100+i), "1", 1))
			time.Sleep(time.Second)
		}
		for _, bad := range []string{"217", "218", "340"} {
			s.poison["Invoice "+bad] = true
		}
		s.answer = func(r *http.Request) *said {
			if strings.HasSuffix(r.URL.Path, "/invoice/217") {
				return &said{status: 400, body: faultBody("4002", "ValidationFault")}
			}
			return nil
		}
		time.Sleep(time.Hour)
		c := open(t, s)
		c.look()
		if n := len(c.told(record.Document)); n != 300 || len(c.notes.Skipped) > 0 {
			t.Errorf("%d told, skipped %v", n, c.notes.Skipped)
		}
		if r := c.one(record.Document, "I217"); r.Held != quickbooks.CodeRowUnreadable {
			t.Errorf("the bad one: %+v", r)
		}
		found, _, err := c.Read(t.Context(), record.Document, []record.Key{"I216", "I217", "I218", "I340"})
		if err != nil || len(found) != 4 {
			t.Fatalf("%d found, %v", len(found), err)
		}
		for _, r := range found {
			if (r.Held != "") != (r.Key == "I217") {
				t.Errorf("%s: held %q", r.Key, r.Held)
			}
		}
	})
}

// A row of the wrong shape is held, and its page is not.
func TestBadRow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := small(t)
		s.change("Invoice", "11", obj{"Line": "none"})
		s.change("Customer", "2", obj{"BillAddr": []int{1}})
		c := open(t, s)
		c.look()
		for e, k := range map[record.Entity]record.Key{record.Document: "I11", record.Account: "2"} {
			if !slices.Contains(c.told(e), k) {
				t.Errorf("%s %s is not told", e, k)
			}
			if r := c.one(e, k); r.Held != quickbooks.CodeRowBad {
				t.Errorf("%s: held %q", r.Name(), r.Held)
			}
		}
		if r := c.one(record.Document, "C12"); r.Held != "" {
			t.Errorf("another row is held: %q", r.Held)
		}
	})
}

// What is said to be deleted is asked for first: live rows have been told so.
//
// Requirement: QBO-43, QBO-54
func TestTombstones(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := open(t, small(t))
		c.look()
		time.Sleep(time.Hour)
		c.shop.dead["Invoice"]["11"] = time.Now() // it is there
		c.shop.remove("Estimate", "10")
		c.shop.remove("Customer", "2")
		c.shop.remove("Item", "5")
		c.look()
		if r := c.one(record.Document, "I11"); r.Gone || total(r) != "20" {
			t.Errorf("a live invoice: %+v", r)
		}
		for e, k := range map[record.Entity]record.Key{record.Document: "E10", record.Account: "2", record.Contact: "2", record.Category: "5"} {
			if !slices.Contains(c.told(e), k) || !c.one(e, k).Gone {
				t.Errorf("%s %s is not told as gone", e, k)
			}
		}
	})
}
