package sagecrm_test

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/connectortest"
	"syncbox/connectors/record"
	"syncbox/connectors/sagecrm"
)

// look observes and gives what was told.
func (d *desk) look(c *sagecrm.CRM, n *connectortest.Notes) map[record.Entity][]record.Key {
	d.t.Helper()
	n.Begin()
	if err := c.Observe(d.t.Context(), n); err != nil {
		d.t.Fatal(err)
	}
	for _, keys := range n.Told {
		slices.Sort(keys)
	}
	return n.Told
}

func keyOf(id int) record.Key { return record.Key(strconv.Itoa(id)) }

var idle = []string{"queryid address", "queryid phone", "queryid email", "queryid company", "queryid person"}

// While nothing happens, each table is asked once.
//
// Requirement: BOB-6, BOB-7
func TestIdleCalls(t *testing.T) {
	for edits, want := range map[string][]string{"apart": idle, "parent": idle[3:]} {
		d := newDesk(t)
		c, n := d.crm(func(c *sagecrm.Config) { c.ChildEdits = edits }), connectortest.NewNotes()
		d.look(c, n)
		d.now = d.now.Add(20 * time.Minute)
		d.edit("company", d.of("company", "name", "Frites & Fils")[0], "website", "x")
		if told := d.look(c, n); len(told[record.Account]) != 1 || len(told[record.Contact]) != 0 {
			t.Errorf("%s: told %v", edits, told)
		}
		d.now = d.now.Add(11 * time.Minute) // what was changed is still asked for
		if told := d.look(c, n); len(told) != 0 {
			t.Errorf("%s: told again %v", edits, told)
		}
		for range 2 {
			d.asked()
			d.now = d.now.Add(12 * time.Minute)
			if told := d.look(c, n); len(told) != 0 {
				t.Errorf("%s: told %v", edits, told)
			}
			if diff := cmp.Diff(want, d.asked()); diff != "" {
				t.Errorf("%s: calls (-want +got):\n%s", edits, diff)
			}
		}
	}
}

// What changed a moment ago is asked for again and told once; a deletion likewise.
func TestOverlapTellsOnce(t *testing.T) {
	d := newDesk(t)
	c, n := d.crm(), connectortest.NewNotes()
	d.look(c, n)
	company := d.of("company", "name", "Frites & Fils")[0]
	d.now = d.now.Add(time.Hour)
	d.remove("company", company)
	if told := d.look(c, n); !slices.Equal(told[record.Account], []record.Key{keyOf(company)}) {
		t.Errorf("deleted: told %v", told)
	}
	d.now = d.now.Add(time.Minute)
	if told := d.look(c, n); len(told) != 0 {
		t.Errorf("told again: %v", told)
	}
	found, _, err := c.Read(t.Context(), record.Account, []record.Key{keyOf(company)})
	if err != nil || len(found) != 0 {
		t.Errorf("read %v, %v", found, err)
	}
}

// Edits of an address, a phone or an e-mail are told of their owner, whether they move its time or not; where they are
// deleted everything is told.
//
// Requirement: LAB-7
func TestChildEdits(t *testing.T) {
	for _, test := range []struct {
		name  string
		move  bool
		edits string
	}{{"apart", false, "apart"}, {"apart, and moving", true, "apart"}, {"moving", true, "parent"}} {
		t.Run(test.name, func(t *testing.T) {
			d := newDesk(t, func(w *switches) { w.childrenMoveParent = test.move })
			c, n := d.crm(func(c *sagecrm.Config) { c.ChildEdits = test.edits }), connectortest.NewNotes()
			all := d.look(c, n)
			if len(all[record.Account]) != 2 || len(all[record.Contact]) != 2 {
				t.Fatalf("first look: %v", all)
			}
			d.now = d.now.Add(time.Hour)
			company := d.of("company", "name", "Frites & Fils")[0]
			phone := d.of("phone", "companyid", strconv.Itoa(company))
			d.edit("phone", phone[0], "number", "999")
			d.edit("phone", phone[1], "number", "888")
			told := d.look(c, n)
			if !slices.Equal(told[record.Account], []record.Key{keyOf(company)}) || len(told[record.Contact]) != 1 {
				t.Errorf("told %v, want company %d and its person", told, company)
			}
			if test.edits == "parent" {
				return
			}
			d.now = d.now.Add(time.Hour)
			d.remove("phone", phone[0])
			if told := d.look(c, n); len(told[record.Account]) != 2 || len(told[record.Contact]) != 2 {
				t.Errorf("a phone is gone: told %v, want all", told)
			}
		})
	}
}

// Where queryid is refused, or does not tell deletions, times and the complete look do.
//
// Requirement: LAB-7
func TestChangesByDates(t *testing.T) {
	for name, change := range map[string]func(*switches){
		"refused": func(w *switches) { w.noIDs = true }, "no deletions": func(w *switches) { w.noDeletedFlag = true },
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, change)
			c, n := d.crm(), connectortest.NewNotes()
			d.look(c, n)
			d.now = d.now.Add(time.Hour)
			company := d.of("company", "name", "Frites & Fils")[0]
			d.edit("company", company, "website", "x")
			if told := d.look(c, n); !slices.Equal(told[record.Account], []record.Key{keyOf(company)}) {
				t.Errorf("told %v", told)
			}
			d.remove("company", company)
			swept := 0
			if err := c.Sweep(t.Context(), record.Account, func(k record.Key) {
				if swept++; k == keyOf(company) {
					t.Errorf("the list has what is deleted")
				}
			}); err != nil || swept != 1 {
				t.Errorf("list of %d, %v", swept, err)
			}
			d.now = d.now.Add(25 * time.Hour)
			if told := d.look(c, n); len(told[record.Account]) != 1 || len(told[record.Contact]) != 2 {
				t.Errorf("a day later: told %v, want all that live", told)
			}
		})
	}
}

// In the night in which an hour comes twice, what is edited in the second one bears a smaller time than the look before, and
// is told nevertheless. So it is where the CRM's clock is slow, by the next look that goes back further.
func TestHoursThatOccurTwice(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Brussels")
	if err != nil {
		t.Fatal(err)
	}
	d := newDesk(t)
	d.zone, d.now = zone, time.Date(2026, 10, 24, 23, 30, 0, 0, time.UTC)
	c, n := d.crm(), connectortest.NewNotes()
	d.look(c, n)
	company := d.of("company", "name", "Frites & Fils")[0]
	d.now = time.Date(2026, 10, 25, 0, 55, 0, 0, time.UTC) // 02:55, for the first time
	d.look(c, n)
	d.now = time.Date(2026, 10, 25, 1, 5, 0, 0, time.UTC) // 02:05, for the second time
	d.edit("company", company, "website", "second hour")
	d.now = d.now.Add(time.Minute) // the hour of wide looks is not over
	if told := d.look(c, n); len(told[record.Account]) != 1 {
		t.Errorf("told %v at %s", told, d.local())
	}
	d.now = d.now.Add(30 * time.Minute)
	d.look(c, n)
	slow := time.FixedZone("", -2*3600)
	d.zone = slow
	d.edit("company", company, "website", "by a slow clock")
	d.now = d.now.Add(time.Hour)
	if told := d.look(c, n); len(told[record.Account]) != 1 {
		t.Errorf("slow clock: told %v", told)
	}
}

// The look goes by the clock that the server tells, where that is slower than ours.
func TestServersClock(t *testing.T) {
	d := newDesk(t)
	c, n := d.crm(), connectortest.NewNotes()
	ours := d.now
	at := func(minutes int) map[record.Entity][]record.Key {
		d.now, d.date = ours.Add(time.Duration(minutes)*time.Minute), ours.Add(time.Duration(minutes-60)*time.Minute)
		return d.look(c, n)
	}
	at(0) // the first call tells the server's clock, so that this look goes by ours
	at(70)
	company := d.of("company", "name", "Frites & Fils")[0]
	d.tables["company"][company]["website"] = "x"
	d.tables["company"][company]["updateddate"] = ours.Add(14 * time.Minute).Format("2006-01-02T15:04:05")
	if told := at(75); len(told[record.Account]) != 1 {
		t.Errorf("an edit by the server's slow clock: told %v", told)
	}
}
