package quickbooks_test

import (
	"fmt"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/quickbooks"
	"syncbox/connectors/record"
)

// many is a company with 320 customers and as many invoices of them; every second one has the item 8.
func many(t *testing.T) *shop {
	s := newShop(t)
	s.put("Item", obj{"Id": "8", "Name": "Pin", "Type": "Service"})
	for n := range 320 {
		s.put("Customer", person(strconv.Itoa(1000+n), fmt.Sprint("Client ", n)))
		row := sale(strconv.Itoa(5000+n), strconv.Itoa(1000+n), 5)
		if n%2 == 0 {
			row["Line"] = []obj{{"Amount": 5, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": obj{"ItemRef": obj{"value": "8"}, "Qty": 1, "UnitPrice": 5}}}
		}
		s.put("Invoice", row)
	}
	time.Sleep(time.Hour)
	return s
}

// readAll reads records a few at a time in the order of their keys, as the engine does, and gives how many reads that took.
func (c *company) readAll(e record.Entity, keys []record.Key) int {
	c.t.Helper()
	before := len(c.shop.reads)
	slices.Sort(keys)
	for some := range slices.Chunk(keys, 25) {
		found, later, err := c.Read(c.t.Context(), e, some)
		if err != nil || len(found) != len(some) || len(later) > 0 {
			c.t.Fatalf("%d of %d found, %d later, %v", len(found), len(some), len(later), err)
		}
		for _, r := range found {
			if !slices.Contains(some, r.Key) || r.Gone || r.Held != "" {
				c.t.Errorf("read %+v", r)
			}
		}
	}
	return len(c.shop.reads) - before
}

// A long row of records that no look has in memory any more is read in queries as long as they can be, and those alone
// that are wanted where that is known.
func TestReadAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := open(t, many(t))
		c.look()
		documents, customers := c.told(record.Document), c.told(record.Account)
		c = c.again()
		c.look()
		if n := c.readAll(record.Document, documents); n > 4 {
			t.Errorf("320 documents took %d reads", n)
		}
		for _, e := range []record.Entity{record.Account, record.Contact} {
			if n := c.readAll(e, customers); n > 4 {
				t.Errorf("320 records of %s took %d reads", e, n)
			}
		}
		c.shop.change("Item", "8", obj{"Name": "Pin blanc"})
		time.Sleep(time.Hour)
		c.look()
		if n := c.readAll(record.Document, c.told(record.Document)); n > 2 || len(c.told(record.Document)) != 160 {
			t.Errorf("the %d documents of an item took %d reads", len(c.told(record.Document)), n)
		}
	})
}

// What was fetched ahead is not shown when it may be old: after a write of ours, and after a look.
func TestReadAheadIsFresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := open(t, many(t))
		c.look()
		customers, documents := c.told(record.Account), c.told(record.Document)
		c = c.again()
		c.look()
		c.readAll(record.Account, customers[:25])
		c.readAll(record.Document, documents[:25])
		before := len(c.shop.reads)
		op := connectors.Op{ID: "box-1-1", Kind: connectors.Update, Entity: record.Account, Key: customers[30], Fields: fieldsOf("web", "x.example")}
		if r := c.Apply(t.Context(), []connectors.Op{op})[0]; r.Outcome != connectors.Applied {
			t.Fatalf("%+v", r)
		}
		if got := c.one(record.Account, customers[30]).Fields["web"].Text; got != "x.example" {
			t.Errorf("after a write: %q", got)
		}
		if n := len(c.shop.reads) - before; n != 2 {
			t.Errorf("a write and what it shows took %d reads, want 2", n)
		}
		c.shop.change("Invoice", "5040", obj{"DocNumber": "other"})
		c.look()
		if got := c.one(record.Document, "I5040").Fields["number"].Text; got != "other" {
			t.Errorf("after a look: %q", got)
		}
		c.shop.rows["Invoice"]["5041"]["DocNumber"] = "another" // the feed does not tell it
		if got := c.one(record.Document, "I5041").Fields["number"].Text; got != "another" {
			t.Errorf("what was fetched before a look is shown after it: %q", got)
		}
	})
}

// A row that can't be shown, or is gone, is met when it is asked for, not before.
func TestReadAheadMeetsBadRows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := open(t, many(t))
		c.look()
		documents := c.told(record.Document)
		c = c.again()
		c.look()
		c.shop.poison["Invoice 5030"] = true
		delete(c.shop.rows["Invoice"], "5031")
		c.readAll(record.Document, documents[:25])
		found, _, err := c.Read(t.Context(), record.Document, documents[25:50])
		if err != nil || len(found) != 25 {
			t.Fatalf("%d found, %v", len(found), err)
		}
		for _, r := range found {
			if r.Held != "" || r.Gone != (r.Key == "I5031") { // the bad one can be read alone
				t.Errorf("%s: held %q, gone %v", r.Key, r.Held, r.Gone)
			}
		}
		c.shop.dead["Invoice"]["5031"] = time.Now()
		if r := c.one(record.Document, "I5030"); r.Held == quickbooks.CodeRowUnreadable {
			t.Error("it can be read alone")
		}
	})
}
