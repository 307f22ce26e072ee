package browsertest_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/firmware/internal/local"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

func (b *box) JournalBefore(_ context.Context, _ string, before uint64, limit int) ([]store.Event, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := len(b.events)
	if before > 0 {
		n = min(n, int(before)-1)
	}
	return slices.Clone(b.events[max(0, n-limit):n]), nil
}

func (b *box) Journal(_ context.Context, _ string, from uint64, limit int) ([]store.Event, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	first := min(len(b.events), int(max(from, 1))-1)
	return slices.Clone(b.events[first:min(len(b.events), first+limit)]), nil
}

// WaitingAfter gives everything at once: no test has more than a page.
func (b *box) WaitingAfter(_ context.Context, _, _ string, _ int, kinds ...store.WaitKind) (all []store.Waiting, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, x := range b.waiting {
		if slices.Contains(kinds, x.Kind) {
			all = append(all, x)
		}
	}
	return all, nil
}

// Answer is what the box does about something that waits: it is gone then.
func (b *box) Answer(ctx context.Context, job string, verb engine.Verb, name, _ string) error {
	b.set(func(b *box) {
		b.waiting = slices.DeleteFunc(b.waiting, func(x store.Waiting) bool { return x.Name() == name })
		b.count()
	})
	return b.Do(ctx, job, verb, name)
}

// count brings the counts of the status up to date. b.mu is held.
func (b *box) count() {
	counts := map[store.WaitKind]int{}
	for _, x := range b.waiting {
		counts[x.Kind]++
	}
	j := resting(engine.Running)
	j.Status.Waiting = counts
	b.status = []local.JobStatus{j}
}

var morning = time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)

// longName is as long as what a company's people type, and can't be broken everywhere.
const longName = "Les Entreprises Mécaniques Saint-Jean-Port-Joli-Rimouski-Matapédia & Fils (1987) inc."

// waits has something of most kinds wait.
func waits(b *box) {
	b.waiting = []store.Waiting{
		{Kind: store.Brake, Field: "account-crm", Entity: record.Account, Code: "mass-change", Args: map[string]string{"count": "60", "bound": "50", "entity": "account"}, Since: morning},
		{Link: 1, Kind: store.Conflicted, Field: "City", Entity: record.Account, ERP: "57", CRM: "9", Code: "conflict-open", ERPValue: record.TextOf("Lévis"), CRMValue: record.TextOf("Laval"), Since: morning},
		{Link: 4, Kind: store.HandedOff, Field: "city", Entity: record.Account, ERP: "59", Code: "handoff-pending", Since: morning, Handoff: &connectors.Handoff{
			Current: record.TextOf("Amqui"), Wanted: record.TextOf("Matane"), Context: record.Fields{"number": record.TextOf("C-1234"), "name": record.TextOf(longName)}}},
		{Link: 6, Kind: store.Identity, Entity: record.Account, ERP: "61", Code: "match-unclear", Args: map[string]string{"candidates": "501, 502"}, Candidates: []record.Key{"501", "502"}, Since: morning},
		{Link: 8, Kind: store.Quarantine, Entity: record.Account, ERP: "63", Code: "crm-record-refused", Since: morning, Next: morning.AddDate(100, 0, 0)},
		{Link: 9, Kind: store.Reference, Entity: record.Document, ERP: "1001", Code: "reference-missing", Args: map[string]string{"entity": "account", "key": "570"}, Since: morning},
	}
	b.count()
}

// tells has a journal of some pages.
func tells(b *box) {
	b.status = []local.JobStatus{resting(engine.Running)}
	for i := range 120 {
		e := store.Event{Seq: uint64(i + 1), At: morning.Add(time.Duration(i) * time.Minute), Severity: store.Info, Code: "record-updated", Direction: store.ToCRM,
			Entity: record.Account, ERP: record.Key(fmt.Sprint(1000 + i))}
		if i%10 == 9 {
			e.Severity, e.Code = store.Problem, "crm-record-refused"
		}
		b.events = append(b.events, e)
	}
}

// Whoever is asked which of two values counts takes one, and reads that it was done.
func TestBrowserAnswers(t *testing.T) {
	t.Parallel()
	for _, r := range readers[:2] {
		b := &box{}
		waits(b)
		v := serve(t, b).visit(r, "/login")
		v.logsOn()
		v.follows(http.StatusOK, "nav a", v.says("page.nav.waiting"))
		v.sees("Lévis", "Laval", "C-1234")
		v.follows(http.StatusOK, `button[value="keep-crm"]`, "")
		must(t, v.NotSee("Laval"))
		if got := strings.Join(b.done, ", "); got != "nord keep-crm 1/conflict/City" {
			t.Errorf("%s: done: %q", name(r), got)
		}
	}
}

// The journal is read page by page, and searched.
//
// Requirement: ACO-88, ACO-89
func TestBrowserJournal(t *testing.T) {
	t.Parallel()
	r := readers[2]
	b := &box{}
	tells(b)
	b.status = []local.JobStatus{working(500)}
	v := serve(t, b).visit(r, "/login")
	v.logsOn()
	v.follows(http.StatusOK, "main a", v.says("page.status.see-journal"))
	v.sees("1119")
	v.follows(http.StatusOK, "a", v.says("page.journal.older"))
	v.sees("1060")
	v.is(`document.querySelectorAll("tbody tr").length`, "50")
	v.follows(http.StatusOK, "a", v.says("page.journal.newer"))
	v.sees("1119")
}
