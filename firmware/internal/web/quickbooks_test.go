package web_test

import (
	"testing"

	"syncbox/connectors/pairs"
	"syncbox/connectors/quickbooks"
	"syncbox/firmware/internal/app"
	"syncbox/firmware/internal/local"
	"syncbox/sync/engine"
)

// The first page tells how many of the month's reads are used, and what is soon the matter with the connection.
func TestStatusOfQuickBooks(t *testing.T) {
	b := &box{status: []local.JobStatus{{Job: "qb", Names: pairs.Names("quickbooks-centrixone"), Status: engine.Status{Service: engine.Running, TwoWay: true},
		Notices: []app.Notice{{Code: quickbooks.CodeEndsHard}}, QuickBooks: &app.QuickBooks{Reads: quickbooks.Reads{Made: 1234, Allowance: 2900},
			Connection: quickbooks.Connection{State: quickbooks.Connected, Realm: "9130"}}}}}
	text := open(t, b).get("/?lang=en").text
	has(t, "QuickBooks", text, "QuickBooks -&gt; CRM", "CRM -&gt; QuickBooks", "1,234 of 2,900", "less than 60 days")
	hasNot(t, "a stranger", text, "9130", "Acomba -&gt;")
	b.status[0].QuickBooks = nil
	hasNot(t, "another ERP", open(t, b).get("/?lang=en").text, "reads of QuickBooks")
}
