package quickbooks_test

import (
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/quickbooks"
	"syncbox/connectors/record"
)

// Exactly as many objects as the feed tells at most are not all: the window is read, and what is missing from
// the complete list is gone.
func TestFeedCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		s.put("Customer", person("1", "Nord"))
		s.put("Invoice", sale("7", "1", 1))
		c := open(t, s)
		c.look()
		time.Sleep(time.Hour)
		for i := range 1100 {
			s.put("Invoice", sale(strconv.Itoa(100+i), "1", 1))
		}
		s.put("Customer", person("2", "Sud"))
		s.remove("Invoice", "7")
		c.look()
		docs := c.told(record.Document)
		if len(docs) != 1101 || !slices.Contains(docs, "I7") || !slices.Contains(c.told(record.Account), "2") {
			t.Errorf("%d documents told, accounts %v", len(docs), c.told(record.Account))
		}
		if !c.one(record.Document, "I7").Gone {
			t.Error("what is deleted is not gone")
		}
		time.Sleep(time.Hour)
		c.look() // the overlap shows them once more
		time.Sleep(time.Hour)
		if n := c.look(); n != 1 {
			t.Errorf("then: %d reads", n)
		}
	})
}

// After a gap longer than the feed goes back everything is read; what was deleted meanwhile is found.
func TestGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := open(t, small(t))
		c.look()
		time.Sleep(5 * 24 * time.Hour)
		c.shop.remove("Invoice", "11")
		c.shop.remove("Customer", "1")
		c.shop.change("CreditMemo", "12", obj{"CustomerRef": obj{"value": "2"}})
		time.Sleep(31 * 24 * time.Hour)
		c.look()
		if !slices.Contains(c.told(record.Document), "I11") || !c.one(record.Document, "I11").Gone {
			t.Error("a deleted invoice is not told as gone")
		}
		if !slices.Contains(c.told(record.Account), "1") {
			t.Error("a deleted customer is not told")
		}
		if n := c.look(); n != 1 {
			t.Errorf("then: %d reads", n)
		}
	})
}

// That the feed does not go back far enough shows by the server's time alone, too.
func TestGapByServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := open(t, small(t))
		c.look()
		time.Sleep(29*24*time.Hour + time.Hour)
		if n := c.look(); n < 6 || len(c.told(record.Document)) != 3 {
			t.Errorf("%d reads, told %v", n, c.notes.Told)
		}
	})
}

// A box whose clock is wrong reads no more than one whose clock is right.
func TestWrongClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := func(cfg *quickbooks.Config) {
			cfg.Now = func() time.Time { return time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC) }
		}
		c := open(t, small(t))
		c.look()
		c = c.again(clock)
		g := c.rig.kept()
		g.Until = g.Until.AddDate(200, 0, 0)
		c.rig.put(g)
		if n := c.look(); n != 1 {
			t.Errorf("%d reads", n)
		}
	})
}

// A box whose clock stands still for longer than the feed goes back reads everything, as one whose clock is right does: the server
// tells its time with the refusal.
func TestGapUnseen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		stands := func(cfg *quickbooks.Config) { cfg.Now = func() time.Time { return begun.Add(2 * time.Hour) } }
		c := open(t, small(t), stands)
		time.Sleep(time.Hour)
		c.look()
		time.Sleep(40 * 24 * time.Hour)
		c.shop.remove("Invoice", "11")
		g := c.rig.kept()
		g.Until = time.Now().AddDate(1, 0, 0)
		c.rig.put(g)
		if c.look(); !slices.Contains(c.told(record.Document), "I11") {
			t.Error("what was deleted meanwhile is not told")
		}
		if n := c.look(); n != 1 {
			t.Errorf("then: %d reads", n)
		}
	})
}

// A complete list that misses much of what is known is not believed.
func TestShrunkList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		s.put("Customer", person("1", "Nord"))
		for i := range 100 {
			s.put("Invoice", sale(strconv.Itoa(100+i), "1", 1))
		}
		c := open(t, s)
		c.look()
		time.Sleep(40 * 24 * time.Hour)
		for i := range 51 {
			s.remove("Invoice", strconv.Itoa(100+i))
		}
		c.notes.Begin()
		if err := c.Observe(t.Context(), c.notes); connectors.CodeOf(err) != quickbooks.CodeListShort {
			t.Errorf("got %v", err)
		}
	})
}
