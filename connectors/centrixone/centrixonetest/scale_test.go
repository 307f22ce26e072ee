package centrixonetest_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	sim "syncbox/connectors/centrixone/centrixonetest"
)

// batches posts n rows, 100 at a time.
func (c *crm) batches(resource string, n int, row func(i int) map[string]any) {
	c.t.Helper()
	for from := 0; from < n; from += 100 {
		batch := make([]map[string]any, 100)
		for i := range batch {
			batch[i] = row(from + i)
		}
		body, err := json.Marshal(batch)
		if err != nil {
			c.t.Fatal(err)
		}
		c.post(resource, string(body))
	}
}

// fill makes a CRM with accounts, a contact in each, and deals.
func (c *crm) fill(accounts, deals int) {
	c.t.Helper()
	c.synced()
	c.batches("Accounts", accounts, func(i int) map[string]any {
		return map[string]any{"ExternalId": fmt.Sprintf("CU%d", i+10_000), "Name": "n", "Lists": []int{77}, "SalesRep": "E.VE12"}
	})
	c.batches("Contacts", accounts, func(i int) map[string]any {
		return map[string]any{"ExternalId": fmt.Sprintf("CC%d", i+10_000), "AccountId": fmt.Sprintf("E.CU%d", i+10_000), "Lists": []int{77}}
	})
	c.batches("Opportunities", deals, func(i int) map[string]any {
		return map[string]any{"ExternalId": fmt.Sprintf("DO%d", i), "AccountId": fmt.Sprintf("E.CU%d", i%accounts+10_000),
			"StageId": "K.invoice", "Lines": []any{map[string]any{"No": 1, "Total": "5.00"}}}
	})
}

// A large CRM finds what it was given, in every page and since every time.
func TestLargeCRM(t *testing.T) {
	const accounts, deals = 3_000, 15_000
	c := open(t, sim.Options{})
	c.fill(accounts, deals)
	c.AdvanceClock(time.Minute)
	c.post("Opportunities", `[{"ExternalId":"DO77","Freight":"1.00"}]`)
	if got := c.read("Opportunities", "all", "since", "2026-11-21T12:00:30Z"); got.Count != 1 || got.Rows[0]["ExternalId"] != "DO77" {
		t.Errorf("since: %d rows", got.Count)
	}
	ids, pages := c.sweep("S77", func() {}, "limit", "500", "fields", "ExternalId")
	if len(ids) != accounts+1 || len(pages) != accounts/500+1 {
		t.Errorf("%d accounts in %d pages", len(ids), len(pages))
	}
	primaries := 0
	for _, k := range c.Contacts() {
		if k.IsPrimary {
			primaries++
		}
	}
	if primaries != accounts+1 || len(c.Opportunities()) != deals || c.Counters().Created != 4+2*accounts+deals {
		t.Errorf("%d primaries, %d deals, %+v", primaries, len(c.Opportunities()), c.Counters())
	}
}

// The log of changes is cut down while it grows and still names every changed row.
func TestManyChangesOfFewRows(t *testing.T) {
	c := open(t, sim.Options{})
	c.fillAccounts(100)
	for i := range 150 {
		c.AdvanceClock(time.Second)
		c.batches("Accounts", 100, func(n int) map[string]any {
			return map[string]any{"ExternalId": fmt.Sprintf("CU%d", n+1), "City": fmt.Sprint(i)}
		})
	}
	c.AdvanceClock(time.Second)
	c.post("Accounts", `[{"ExternalId":"CU3","City":"last"}]`)
	for since, want := range map[int]int{0: 100, 150: 100, 151: 1, 152: 0} {
		at := noon.Add(time.Duration(since) * time.Second).Format(time.RFC3339)
		if got := c.read("Accounts", "all", "since", at); got.Count != want {
			t.Errorf("since %d s: %d rows, want %d", since, got.Count, want)
		}
	}
}

// At 20,000 accounts, as many contacts and 100,000 opportunities.
func BenchmarkPostOf100(b *testing.B) {
	c := open(b, sim.Options{})
	c.fill(20_000, 100_000)
	for i := 0; b.Loop(); i++ {
		c.batches("Opportunities", 100, func(n int) map[string]any {
			return map[string]any{"ExternalId": fmt.Sprintf("DO%d", n*900), "Freight": fmt.Sprintf("%d.00", i+1)}
		})
	}
}

func BenchmarkReadSince(b *testing.B) {
	c := open(b, sim.Options{})
	c.fill(20_000, 100_000)
	c.AdvanceClock(time.Minute)
	c.post("Opportunities", `[{"ExternalId":"DO77","Freight":"1.00"}]`)
	path := page("Opportunities", "all", "since", "2026-11-21T12:00:30Z", "fields", "all")
	for b.Loop() {
		c.want(c.do("GET", path, ""), 200)
	}
}
