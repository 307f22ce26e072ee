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
