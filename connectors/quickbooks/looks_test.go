package quickbooks_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/quickbooks"
	"syncbox/connectors/record"
)

func small(t *testing.T) *shop {
	s := newShop(t)
	s.put("Item", obj{"Id": "5", "Name": "Services", "Type": "Category", "Active": true})
	s.put("Customer", person("1", "Nord"))
	s.put("Customer", obj{"Id": "2", "DisplayName": "Sud (deleted)", "Active": false})
	s.put("Estimate", obj{"Id": "10", "DocNumber": "D10", "TxnStatus": "Pending", "CustomerRef": obj{"value": "1"}, "TotalAmt": 5})
	s.put("Invoice", sale("11", "1", 20))
	s.put("CreditMemo", sale("12", "1", 7))
	return s
}

// A first look tells everything, an idle one costs exactly one read, and what a look showed is read for nothing.
//
// Requirement: QBO-1, QBO-42
func TestLook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := small(t)
		time.Sleep(time.Hour) // the feed does not tell them as well
		c := open(t, s)
		c.look()
		want := map[record.Entity][]record.Key{record.Account: {"1", "2"}, record.Contact: {"1", "2"}, record.Category: {"5"},
			record.Document: {"C12", "E10", "I11"}}
		for e, keys := range want {
			if diff := cmp.Diff(keys, c.told(e)); diff != "" {
				t.Errorf("%s: %s", e, diff)
			}
		}
		c.look()
		for range 3 {
			time.Sleep(15 * time.Minute)
			if n := c.look(); n != 1 || len(c.notes.Told) != 0 {
				t.Errorf("an idle look: %d reads, told %v", n, c.notes.Told)
			}
		}
		c.shop.change("Customer", "1", obj{"CompanyName": "Nord inc."})
		before := len(c.shop.reads)
		c.look()
		if got := c.one(record.Account, "1").Fields["name"].Text; got != "Nord inc." || len(c.shop.reads) != before+1 {
			t.Errorf("got %q after %d reads, want one", got, len(c.shop.reads)-before)
		}
		if diff := cmp.Diff([]record.Key{"1"}, c.told(record.Account)); diff != "" {
			t.Error(diff)
		}
		if n := c.look(); n != 1 || len(c.notes.Told) != 0 { // the overlap shows it once more
			t.Errorf("told twice: %v", c.notes.Told)
		}
	})
}

// What was told in a look that could not be kept is told again.
func TestLookNotCommitted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := open(t, small(t))
		c.look()
		time.Sleep(time.Hour)
		c.shop.change("Invoice", "11", obj{"CustomerRef": obj{"value": "2"}})
		c.shop.change("Customer", "1", obj{"Active": false})
		full := errors.New("no space left")
		c.notes.Begin()
		c.notes.CommitErr = full
		if err := c.Observe(t.Context(), c.notes); !errors.Is(err, full) {
			t.Fatalf("got %v", err)
		}
		c.notes.CommitErr = nil
		time.Sleep(time.Hour)
		if c.look(); !slices.Contains(c.told(record.Document), "I11") {
			t.Error("the change is lost")
		}
		if r := c.one(record.Document, "I11"); r.Held != quickbooks.CodeMergeSuspected {
			t.Error("that it moved is known no more")
		}
	})
}

// A complete look that is cut short goes on at its page, rows that are changed meanwhile are not passed over,
// and rows of one moment don't stop it.
//
// Requirement: QBO-5
func TestCompleteLook(t *testing.T) {
	for _, test := range []struct {
		name  string
		step  time.Duration
		first int // of the rows that are changed while the pages are read, and how many
		moved int
	}{{"each at its time", time.Second, 650, 60}, {"all of one moment", 0, 101, 1}} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newShop(t)
				s.put("Customer", person("1", "Nord"))
				for i := range 1200 {
					s.put("Invoice", sale(strconv.Itoa(100+i), "1", 1))
					time.Sleep(test.step)
				}
				time.Sleep(time.Hour) // the feed does not tell them as well
				old := sale("9", "1", 1)
				old["TxnDate"] = "2019-12-31"
				s.put("Invoice", old)
				from := func(cfg *quickbooks.Config) { cfg.Start = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC) }
				c := open(t, s, from)
				pages := 0
				s.answer = func(r *http.Request) *said {
					if strings.Contains(r.URL.Query().Get("query"), "FROM Invoice") {
						switch pages++; pages {
						case 2:
							s.change("Invoice", "100", nil)
							return &said{status: 503, body: "<html>"}
						case 4:
							for i := range test.moved {
								s.change("Invoice", strconv.Itoa(test.first+i), nil)
							}
						}
					}
					return nil
				}
				c.notes.Begin()
				if err := c.Observe(t.Context(), c.notes); err == nil {
					t.Fatal("the look was not cut")
				}
				told := c.told(record.Document)
				if len(told) != 500 {
					t.Fatalf("%d told before the cut", len(told))
				}
				time.Sleep(10 * time.Minute)
				before := len(s.reads)
				c = c.again(from)
				c.look()
				if n := len(c.told(record.Document)); n > 800 && test.step > 0 {
					t.Errorf("%d documents told after the restart: it began anew", n)
				}
				all := append(told, c.told(record.Document)...)
				slices.Sort(all)
				if all = slices.Compact(all); len(all) != 1200 || slices.Contains(all, "I9") {
					t.Errorf("%d documents told, want 1200", len(all))
				}
				for _, r := range s.reads[before:] {
					if strings.Contains(r, "FROM Item") || strings.Contains(r, "FROM Customer") {
						t.Errorf("read again: %s", r)
					}
				}
			})
		})
	}
}

// Documents before the start date are neither told nor looked for; a feed shows them, too.
//
// Requirement: QBO-5
func TestStartDate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := open(t, small(t), func(cfg *quickbooks.Config) { cfg.Start = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC) })
		c.look()
		old := sale("13", "1", 1)
		old["TxnDate"] = "2026-02-28"
		c.shop.put("Invoice", old)
		c.shop.put("Invoice", sale("14", "1", 1))
		c.look()
		if diff := cmp.Diff([]record.Key{"I14"}, c.told(record.Document)); diff != "" {
			t.Error(diff)
		}
	})
}

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

// The connection to another company is refused: nothing of it is told.
func TestOtherRealm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := open(t, small(t))
		c.look()
		c = c.again()
		g := c.rig.kept()
		g.Realm = "42"
		c.rig.put(g)
		c.notes.Begin()
		if err := c.Observe(t.Context(), c.notes); connectors.CodeOf(err) != quickbooks.CodeRealmChanged || len(c.notes.Told) > 0 {
			t.Errorf("got %v, told %v", err, c.notes.Told)
		}
	})
}

// A list counts as complete only if it is as long as the product says.
func TestSweep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := open(t, small(t))
		for e, want := range map[record.Entity]string{record.Account: "[1 2]", record.Document: "[C12 E10 I11]", record.Category: "[5]"} {
			var keys []record.Key
			if err := c.Sweep(t.Context(), e, func(k record.Key) { keys = append(keys, k) }); err != nil {
				t.Fatal(err)
			}
			slices.Sort(keys)
			if got := fmt.Sprint(keys); got != want {
				t.Errorf("%s: got %s, want %s", e, got, want)
			}
		}
		c.shop.answer = func(r *http.Request) *said {
			if strings.Contains(r.URL.Query().Get("query"), "count(*)") {
				a := ok(obj{"QueryResponse": obj{"totalCount": 3}})
				return &a
			}
			return nil
		}
		if err := c.Sweep(t.Context(), record.Account, func(record.Key) {}); connectors.CodeOf(err) != quickbooks.CodeListShort {
			t.Errorf("got %v", err)
		}
	})
}
