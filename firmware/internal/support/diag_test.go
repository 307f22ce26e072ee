package support_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"syncbox/connectors/record"
	"syncbox/firmware/internal/support"
	"syncbox/firmware/internal/support/wire"
	"syncbox/firmware/internal/usage"
	"syncbox/ota/order"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// secret stands wherever something of the customer's could be.
const secret = "Zoé & Fils 418 555-0199"

func facts() support.Facts {
	f := support.Facts{FW: "1.4.0", Slot: "a", Board: "raspberry-pi-4", Cfg: "0a1b", Codes: []string{"network-down"},
		Usage: usage.Usage{Up: time.Hour, RSS: 30000, Total: 900000, Available: 800000}, Down: []string{"", "config-invalid"}, Pairs: []string{"quickbooks-centrixone", "acomba-centrixone"}}
	args := map[string]string{"share": secret, "folder": secret, "file": secret, "found": secret}
	f.Jobs = []engine.Status{
		{Service: engine.Running, LastEnd: start, Waiting: map[store.WaitKind]int{store.Conflicted: 3},
			Ways: [2]engine.Way{{Outcome: engine.Waits, Code: "share-unreachable", Args: args, LastOK: start}, {Outcome: engine.Success}}},
		{},
	}
	for i := range 500 {
		f.Journal = append(f.Journal, store.Event{Seq: uint64(i + 1), At: start, Code: "stick-refused", Args: map[string]string{"value": secret},
			ERP: record.Key(fmt.Sprint("c", i)), Severity: store.Warning})
	}
	return f
}

// TestDiagnosis: support gets codes, counts and versions in one message, and nothing of the customer's.
func TestDiagnosis(t *testing.T) {
	w := newWorld(t)
	w.facts = facts()
	w.take(w.issue(order.Diag, ``))
	w.work()
	all := w.ackList()
	var got wire.Diagnosis
	if err := json.Unmarshal(all[len(all)-1].Detail, &got); err != nil {
		t.Fatal(err)
	}
	if text := string(all[len(all)-1].Detail); strings.Contains(text, "Zo") || strings.Contains(text, "418") {
		t.Errorf("told %s", text)
	}
	if len(got.Jobs) != 2 || got.Jobs[0].ToCRM.Code != "share-unreachable" || got.Jobs[0].Waiting[string(store.Conflicted)] != 3 || got.Jobs[1].Down != "config-invalid" ||
		got.Jobs[0].Pair != "quickbooks-centrixone" {
		t.Errorf("jobs: %+v", got.Jobs)
	}
	if got.FW != "1.4.0" || got.Up != 3600 || got.Free != 800000 || len(got.Journal) < 10 || got.Journal[0].Code != "stick-refused" {
		t.Errorf("got %+v", got)
	}
	w.facts.Jobs = make([]engine.Status, 200)
	w.take(w.issue(order.Diag, ``))
	w.work()
	if all := w.ackList(); len(all[len(all)-1].Detail) == 0 {
		t.Error("a box with many jobs told nothing")
	}
}

// TestJournalByPages: pages that fit into a message give every event once.
func TestJournalByPages(t *testing.T) {
	w := newWorld(t)
	w.events = facts().Journal[:250]
	w.events[7].Args = map[string]string{"names": strings.Repeat("x", 5000)}
	next, seen := uint64(0), 0
	for page := 0; page < 60; page++ {
		w.take(w.issue(order.Journal, fmt.Sprintf(`{"from":%d,"limit":90}`, next)))
		w.work()
		all := w.ackList()
		last := all[len(all)-1]
		if strings.Contains(string(last.Detail), "Zo") {
			t.Fatalf("told %s", last.Detail)
		}
		var p wire.Page
		if err := json.Unmarshal(last.Detail, &p); err != nil {
			t.Fatalf("page %d: %v of %s", page, err, last.Detail)
		}
		for _, e := range p.Events {
			if seen++; e.Seq != uint64(seen) {
				t.Fatalf("event %d where %d was due", e.Seq, seen)
			}
		}
		next = p.Next
		if !p.More {
			break
		}
	}
	if seen != 250 {
		t.Errorf("%d events, want 250", seen)
	}
}
