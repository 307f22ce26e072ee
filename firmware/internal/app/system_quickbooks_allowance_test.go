package app_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"syncbox/connectors/quickbooks"
	"syncbox/connectors/quickbooks/quickbookstest"
	"syncbox/firmware/internal/health"
	"syncbox/firmware/internal/local"
	"syncbox/firmware/internal/standing"
)

// The box has made all the reads that it may make in a month: light and words say so, it looks for nothing more, also after it was
// started again. What people type in the CRM goes on to QuickBooks, with the few reads that this needs; what they type in QuickBooks waits,
// and goes on when the next month has begun.
//
// Requirement: QBO-1, QBO-9
func TestQuickBooksAllowanceUsed(t *testing.T) {
	t.Parallel()
	o := onlineWith(t, quickbookstest.Seed{Seed: 35, Customers: 8, Documents: 16, WithoutAbnormal: true, Inactive: -1, Converted: -1}, func(text string) string {
		return strings.Replace(text, "monthly_reads = 100000", "monthly_reads = 100", 1)
	})
	o.until("first sync", o.equal)
	o.toldOf(quickbooks.CodeAllowanceUsed)
	reads := o.ERP.MonthReads()
	o.typed()
	people := o.people()
	o.until("what was typed in the CRM is in QuickBooks", func() bool { return o.lives(people[1], "Ici") })
	o.toldOf(quickbooks.CodeAllowanceUsed)
	o.halt()
	o.start()
	o.toldOf(quickbooks.CodeAllowanceUsed)
	if got := o.ERP.MonthReads() - reads; got > mostForAnEdit {
		t.Errorf("%d reads for one edit, want %d at most", got, mostForAnEdit)
	}
	o.until("the light says it", func() bool { return slices.Contains(o.lights(), health.WaitsForPerson) })
	if o.lives(people[0], "Là-bas") {
		t.Error("QuickBooks was looked at")
	}
	o.halt()
	o.aMonthOn()
	o.start()
	o.goesOn()
}

// mostForAnEdit is how many reads an edit of the CRM may take: before it is planned, before it is written, and to see that it arrived.
const mostForAnEdit = 4

// lights gives every light that holds for the box.
func (o *online) lights() []health.Light {
	board := standing.New()
	board.Started(func() []local.JobStatus { return local.Statuses(o.app) })
	return board.Lights()
}

// aMonthOn makes what the box that is off has counted that of the month before.
func (o *online) aMonthOn() {
	o.t.Helper()
	path := filepath.Join(o.data, "exemple", "quickbooks-reads.json")
	text, err := os.ReadFile(path)
	must(o.t, err)
	var counted map[string]any
	must(o.t, json.Unmarshal(text, &counted))
	month, err := time.Parse(time.RFC3339, counted["month"].(string))
	must(o.t, err)
	counted["month"] = month.AddDate(0, -1, 0)
	text, err = json.Marshal(counted)
	must(o.t, err)
	must(o.t, os.WriteFile(path, text, 0o600))
}
