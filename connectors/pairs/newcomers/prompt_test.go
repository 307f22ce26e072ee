package newcomers_test

import (
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/connectors/salesmanagement"
	"syncbox/connectors/salesmanagement/salesmanagementtest"
)

// A quote for which prices are asked is told once, however long it waits, and again when it is asked for after it was answered. While
// nobody asks, the question is one call.
//
// Requirement: S50-15
func TestPrompt(t *testing.T) {
	c, s := tenant(t, false)
	client := account(t, s, values{"name": "A", "statusId": salesmanagementtest.Client})
	person := s.App(1)
	id, err := person.Create(salesmanagementtest.SalesOrders, values{"accountId": string(client), "reference": "D1", "statusId": itoa(s.Status(salesmanagementtest.Draft))})
	if err != nil {
		t.Fatal(err)
	}
	told := func(what string, want bool) {
		t.Helper()
		if got, err := c.Prompt(t.Context()); err != nil || got != want {
			t.Errorf("%s: got %v, %v, want %v", what, got, err, want)
		}
	}
	told("a draft", false)
	before := s.Mark()
	told("a draft, again", false)
	if calls := s.Mark() - before; calls != 1 {
		t.Errorf("%d calls", calls)
	}
	if err := person.Ask(id); err != nil {
		t.Fatal(err)
	}
	told("asked for", true)
	told("still", false)
	op := connectors.Op{ID: "1", Kind: connectors.Update, Entity: record.Quote, Key: record.Key(itoa(id)), Fields: record.Fields{"status": record.TextOf(salesmanagement.Refused)}}
	if r := c.Apply(t.Context(), []connectors.Op{op})[0]; r.Outcome != connectors.Applied {
		t.Fatalf("%+v", r)
	}
	if err := person.Ask(id); err != nil {
		t.Fatal(err)
	}
	told("asked for after an answer", true)
	if every := c.PromptEvery(); every != 20*time.Second {
		t.Errorf("asked every %v", every)
	}
	s.AddFault(salesmanagementtest.Fault{Kind: salesmanagementtest.DatabaseLost})
	if got, err := c.Prompt(t.Context()); got || err == nil {
		t.Errorf("an error: %v, %v", got, err)
	}
}
