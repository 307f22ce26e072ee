package centrixonetest_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	sim "syncbox/connectors/centrixone/centrixonetest"
)

func TestFilters(t *testing.T) {
	c := open(t, sim.Options{})
	c.synced()
	c.post("Accounts", `[{"Name":"Bell","City":"Laval","Custom":{"Zone":"B"},"Sync":{"CustomerNumber":"20"}},{"Name":"Côté","City":"Québec","ERPActive":false},{"Name":"bell sud"}]`)
	c.post("Opportunities", `[{"Title":"a","TotalBeforeTax":"5.00"},{"Title":"b","TotalBeforeTax":"12.5"},{"Title":"c"}]`)
	for _, row := range []struct {
		resource, filters, want string // names or titles
		status                  int
	}{
		{"Accounts", "\tName\t=\tBell\t", "Bell", 0},
		{"Accounts", "\tname\t=\tBell", "Bell", 0},
		{"Accounts", "\tName\t~\tBELL\t", "Bell,bell sud", 0},
		{"Accounts", "\tCity\t=\t\t", "bell sud", 0},
		{"Accounts", "\tCity\t=\tLaval\tand\tName\t<>\tBell\t", "Client", 0},
		{"Accounts", "\tCity\t=\tLaval\t\tName\t<>\tBell\t", "Client", 0},
		{"Accounts", "\tCity\t=\tQuébec\tOR\tName\t=\tBell\t", "Bell,Côté", 0},
		{"Accounts", "\tId\t>\t1000002\t", "Côté,bell sud", 0},
		{"Accounts", "\tId\t<=\t1000002\t", "Client,Bell", 0},
		{"Accounts", "\tERPActive\t=\tfalse\t", "Côté", 0},
		{"Accounts", "\tLists\t=\t77\t", "Client", 0},
		{"Accounts", "\tLists\t=\tK.acomba\t", "Client", 0},
		{"Accounts", "\tLists\t=\t\tand\tCity\t<>\t\t", "Bell,Côté", 0},
		{"Accounts", "\tLists\t<>\t77\t", "Bell,Côté,bell sud", 0},
		{"Accounts", "\tSalesRep\t=\tE.VE12\t", "Client", 0},
		{"Accounts", "\tSync.CustomerNumber\t=\t20\t", "Bell", 0},
		{"Accounts", "\tCustom.Zone\t=\tB\t", "Bell", 0},
		{"Accounts", "\tCustom.Zone\t<>\t\t", "Bell", 0},
		{"Accounts", "\tModifiedAt\t<\t2026-11-21T12:00:00Z\t", "", 0},
		{"Accounts", "\tModifiedAt\t>=\t2026-11-21T12:00:00Z\t", "Client,Bell,Côté,bell sud", 0},
		{"Opportunities", "\tTotalBeforeTax\t>=\t5\t", "a,b", 0},
		{"Opportunities", "\tTotalBeforeTax\t=\t12.50\t", "b", 0},
		{"Opportunities", "\tTotalBeforeTax\t<\t5.00\t", "c", 0},
		{"Accounts", "and\tName\t=\tBell\t", "", 400},
		{"Accounts", "\tName\t=", "", 400},
		{"Accounts", "Name = Bell", "", 400},
		{"Accounts", "\tName\tlike\tBell\t", "", 400},
		{"Accounts", "\tNaam\t=\tBell\t", "", 400},
		{"Accounts", "\tName\t=\tBell\txor\tName\t=\tBell\t", "", 400},
		{"Accounts", "\tId\t=\tone\t", "", 400},
		{"Accounts", "\tERPActive\t=\tmaybe\t", "", 400},
		{"Opportunities", "\tLines\t=\t1\t", "", 400},
		{"Opportunities", "\tTotalBeforeTax\t=\tfive\t", "", 400},
		{"Accounts", "\tModifiedAt\t<\tnow\t", "", 400},
		{"Accounts", "\tLists\t>\t5\t", "", 400},
	} {
		if row.status != 0 {
			c.want(c.do("GET", page(row.resource, "all", "filters", row.filters), ""), row.status)
			continue
		}
		var names []string
		for _, r := range c.read(row.resource, "all", "filters", row.filters).Rows {
			name := r["Name"]
			if name == nil {
				name = r["Title"]
			}
			names = append(names, name.(string))
		}
		if got := strings.Join(names, ","); got != row.want {
			t.Errorf("%q: got %s, want %s", row.filters, got, row.want)
		}
	}
}

func (c *crm) fillAccounts(n int) {
	c.t.Helper()
	for from := 1; from <= n; from += 100 {
		var b []string
		for i := from; i < from+100 && i <= n; i++ {
			b = append(b, fmt.Sprintf(`{"ExternalId":"CU%d","Name":"Account %d","Lists":[77]}`, i, i))
		}
		c.post("Accounts", "["+strings.Join(b, ",")+"]")
	}
}

// sweep reads all pages and calls between after each but the last.
func (c *crm) sweep(base string, between func(), query ...string) (ids []int64, pages []int) {
	c.t.Helper()
	for after := ""; ; {
		q := query
		if after != "" {
			q = append(slices.Clone(query), "after", after)
		}
		p := c.read("Accounts", base, q...)
		if p.Count != len(p.Rows) || p.Result != "Success" {
			c.t.Fatalf("Count %d of %d rows, %s", p.Count, len(p.Rows), p.Result)
		}
		pages = append(pages, p.Count)
		for _, r := range p.Rows {
			ids = append(ids, int64(r["Id"].(float64)))
		}
		if p.Next == nil {
			return ids, pages
		}
		after = *p.Next
		between()
	}
}

func TestPages(t *testing.T) {
	c := open(t, sim.Options{})
	c.fillAccounts(350)
	ids, pages := c.sweep("all", func() {})
	if len(ids) != 350 || fmt.Sprint(pages) != "[100 100 100 50]" {
		t.Errorf("%d ids in %v", len(ids), pages)
	}
	if _, pages = c.sweep("S77", func() {}, "limit", "350"); fmt.Sprint(pages) != "[350]" {
		t.Errorf("limit 350: %v", pages)
	}
	if _, pages = c.sweep("all", func() {}, "limit", "500", "since", "2026-11-21T12:00:00Z"); fmt.Sprint(pages) != "[350]" {
		t.Errorf("since, limit 500: %v", pages)
	}
	if got := c.read("Accounts", "all", "since", "2026-11-21T12:00:01Z"); got.Count != 0 || got.Next != nil {
		t.Errorf("later since: %+v", got)
	}
}

// A sweep sees each record that stays exactly once, whatever happens to the others meanwhile.
func TestPagesStayStable(t *testing.T) {
	c := open(t, sim.Options{})
	c.fillAccounts(300)
	before := c.ids("Accounts", "all", "limit", "500")
	turn := 0
	ids, _ := c.sweep("all", func() {
		turn++
		c.AdvanceClock(time.Second)
		c.post("Accounts", fmt.Sprintf(`[{"ExternalId":"CU%d","City":"moved %d"},{"ExternalId":"NEW%d"}]`, turn, turn, turn))
		if err := c.Support().Delete(sim.Accounts, before[turn*10]); err != nil {
			t.Fatal(err)
		}
	}, "limit", "30")
	seen := map[int64]int{}
	for _, id := range ids {
		seen[id]++
	}
	for i, id := range before {
		deleted := i%10 == 0 && i > 0 && i/10 <= turn
		if seen[id] != 1 && !deleted {
			t.Errorf("account %d (%d) seen %d times", id, i, seen[id])
		}
	}
	for id, n := range seen {
		if n > 1 {
			t.Errorf("account %d seen %d times", id, n)
		}
	}
}

func TestConditionalRead(t *testing.T) {
	c := open(t, sim.Options{})
	c.synced()
	c.post("Accounts", `[{"ExternalId":"CU2","Name":"Elsewhere"}]`)
	account, _ := c.AccountByExternalID("CU1873")
	c.SetWrite(true)
	url := page("Accounts", "S77", "fields", "all")
	conditional := func(since string) reply {
		t.Helper()
		return c.do("GET", url, "", "If-Modified-Since", since)
	}
	// Within the second of the change the answer is dated back, so a change later in it is seen.
	first := c.want(c.do("GET", url, ""), 200).header.Get("Last-Modified")
	c.AdvanceClock(500 * time.Millisecond)
	c.want(conditional(first), 200)
	c.AdvanceClock(time.Second)
	last := c.want(conditional(first), 200).header.Get("Last-Modified")
	if last != noon.Format(http.TimeFormat) {
		t.Errorf("Last-Modified %s", last)
	}
	a := c.want(conditional(last), 304)
	if a.body != "" {
		t.Errorf("304 with %q", a.body)
	}
	steps := []struct {
		name string
		do   func() error
		want int
	}{
		{"edit elsewhere", func() error { c.post("Accounts", `[{"ExternalId":"CU2","City":"x"}]`); return nil }, 304},
		{"the same again", func() error { c.post("Accounts", `[{"ExternalId":"CU1873","City":"Laval"}]`); return nil }, 304},
		{"edit in the list", func() error {
			return c.Person(sim.Clerk).Edit(sim.Accounts, account.ID, sim.Fields{"City": "Gatineau"})
		}, 200},
		{"leave", func() error { return c.Person(sim.Clerk).LeaveList(sim.Accounts, account.ID, 77) }, 200},
		{"edit outside", func() error { return c.Person(sim.Clerk).Edit(sim.Accounts, account.ID, sim.Fields{"City": "Alma"}) }, 304},
		{"return", func() error { return c.Person(sim.Clerk).CopyToList(sim.Accounts, account.ID, 77) }, 200},
		{"delete", func() error { return c.Support().Delete(sim.Accounts, account.ID) }, 200},
		{"delete the list", func() error { return c.Support().Delete(sim.Lists, 77) }, 200},
	}
	for _, step := range steps {
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		c.AdvanceClock(2 * time.Second)
		a := conditional(last)
		if a.status != step.want {
			t.Errorf("%s: got %d, want %d", step.name, a.status, step.want)
		}
		if a.status == 200 {
			last = a.header.Get("Last-Modified")
		}
		c.want(conditional(last), 304)
	}
	c.want(c.do("GET", url, "", "If-Modified-Since", "some day"), 200)
}

// A list that goes or comes back shows in the Lists of its members, and in who is read of it.
func TestConditionalReadSeesListsComeAndGo(t *testing.T) {
	c := open(t, sim.Options{})
	c.synced()
	for _, url := range []string{page("Accounts", "all"), page("Contacts", "all"), page("Accounts", "S77")} {
		for name, do := range map[string]func(sim.Resource, int64) error{"delete": c.Support().Delete, "restore": c.Support().Restore} {
			c.Reset()
			c.synced()
			if name == "restore" {
				refused(t, c.Support().Delete(sim.Lists, 77), 0)
			}
			c.AdvanceClock(5 * time.Second)
			last := c.want(c.do("GET", url, ""), 200).header.Get("Last-Modified")
			c.want(c.do("GET", url, "", "If-Modified-Since", last), 304)
			refused(t, do(sim.Lists, 77), 0)
			c.want(c.do("GET", url, "", "If-Modified-Since", last), 200)
		}
	}
}

func TestConditionalReadOfOneRecord(t *testing.T) {
	c := open(t, sim.Options{})
	c.fillAccounts(2)
	one, two, external := page("Accounts", "C1000001"), page("Accounts", "C1000002"), page("Accounts", "ECU1")
	c.AdvanceClock(5 * time.Second)
	last := c.want(c.do("GET", one, ""), 200).header.Get("Last-Modified")
	c.post("Accounts", `[{"Id":1000002,"City":"x"}]`)
	c.AdvanceClock(5 * time.Second)
	for url, want := range map[string]int{one: 304, two: 200, external: 200} {
		if a := c.do("GET", url, "", "If-Modified-Since", last); a.status != want {
			t.Errorf("%d for one of the pages, want %d", a.status, want)
		}
	}
	if err := c.Support().Delete(sim.Accounts, 1000001); err != nil {
		t.Fatal(err)
	}
	c.AdvanceClock(5 * time.Second)
	c.want(c.do("GET", one, "", "If-Modified-Since", last), 200)
}

func TestSinceShowsWhatChanged(t *testing.T) {
	c := open(t, sim.Options{})
	c.fillAccounts(5)
	start := c.read("Accounts", "all").ServerTime
	if start != "2026-11-21T12:00:00.000Z" {
		t.Errorf("ServerTime %s", start)
	}
	c.AdvanceClock(time.Minute)
	c.post("Accounts", `[{"ExternalId":"CU4","City":"x"},{"ExternalId":"CU2","City":"x"}]`)
	c.post("Accounts", `[{"ExternalId":"CU4","City":"y"},{"ExternalId":"CU1","Name":"Account 1"}]`)
	if got := c.ids("Accounts", "S77", "since", "2026-11-21T12:01:00Z"); !equal(got, []int64{1000002, 1000004}) {
		t.Errorf("got %v", got)
	}
	if got := c.ids("Accounts", "all", "since", start); len(got) != 5 {
		t.Errorf("since the start: %v", got)
	}
	// A clock put back must not hide a change from those who ask since the earlier one.
	c.AdvanceClock(-time.Hour)
	c.post("Accounts", `[{"ExternalId":"CU5","City":"z"}]`)
	if got := c.ids("Accounts", "all", "since", "2026-11-21T12:01:00Z"); !equal(got, []int64{1000002, 1000004, 1000005}) {
		t.Errorf("after the clock went back: %v", got)
	}
}

func TestSelectedFields(t *testing.T) {
	c := open(t, sim.Options{})
	c.synced()
	a := c.do("GET", page("Accounts", "all", "fields", "Name,Sync,ERPActive"), "")
	want := `"Accounts":[{"Id":1000001,"Name":"Client","Sync":{"CustomerNumber":"1873","PriceList":null,"PaymentTerm":null,"Discount":null,"Territory":null},"ERPActive":true}],"Next":null}`
	if !strings.HasSuffix(a.body, want) {
		t.Errorf("got %s", a.body)
	}
	a = c.do("GET", page("Accounts", "all", "fields", "sync.pricelist,City"), "")
	if want = `[{"Id":1000001,"City":"Laval","Sync":{"PriceList":null}}]`; !strings.Contains(a.body, want) {
		t.Errorf("got %s", a.body)
	}
	a = c.do("GET", page("Accounts", "all", "fields", "sync.pricelist"), "")
	if want = `[{"Id":1000001,"Sync":{"PriceList":null}}]`; !strings.Contains(a.body, want) {
		t.Errorf("got %s", a.body)
	}
}
