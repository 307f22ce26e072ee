package locale_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/firmware/internal/locale"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

var update = flag.Bool("update", false, "write what is shown now to the golden files")

// golden compares what both languages show with testdata/<name>.<language>.txt.
func golden(t *testing.T, name string, show func(p *locale.Printer, w *bytes.Buffer)) {
	t.Helper()
	for _, tag := range []string{"fr-CA", "en"} {
		var got bytes.Buffer
		show(printer(t, tag), &got)
		path := filepath.Join("testdata", name+"."+tag+".txt")
		if *update {
			if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got.String()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
}

var noon = time.Date(2026, 3, 2, 17, 0, 0, 0, time.UTC)

// Requirement: ACO-8, ACO-85, ACO-86, ACO-87
func TestStatus(t *testing.T) {
	ok := engine.Way{Outcome: engine.Success, LastOK: noon}
	away := engine.Way{Outcome: engine.Waits, Code: "share-unreachable", Args: map[string]string{"share": `\\srv\acomba`}}
	stopped := engine.Way{Outcome: engine.Halted, Code: "crm-list-missing", Args: map[string]string{"list": "Acomba"}}
	never := engine.Way{Outcome: engine.Never}
	tests := []struct {
		name   string
		status engine.Status
		down   string
	}{
		{"well", engine.Status{Service: engine.Running, TwoWay: true, Ways: [2]engine.Way{ok, ok}, LastEnd: noon, Next: noon.Add(15 * time.Minute)}, ""},
		{"one-way with items", engine.Status{Service: engine.Running, Ways: [2]engine.Way{ok, ok}, LastEnd: noon, Next: noon.Add(15 * time.Minute),
			Waiting: map[store.WaitKind]int{store.Quarantine: 1, store.HandedOff: 12344, store.Difference: 7}}, ""},
		{"differences do not wait", engine.Status{Service: engine.Running, TwoWay: true, Ways: [2]engine.Way{ok, ok}, LastEnd: noon,
			Waiting: map[store.WaitKind]int{store.Difference: 7}}, ""},
		{"at work", engine.Status{Service: engine.Running, TwoWay: true, Ways: [2]engine.Way{{Outcome: engine.Working}, {Outcome: engine.Working}},
			Phase: "account", Done: 1200, Total: 34567, LastEnd: noon}, ""},
		{"looking, size unknown", engine.Status{Service: engine.Running, Ways: [2]engine.Way{never, never}, Phase: "observe-crm"}, ""},
		{"on demand", engine.Status{Service: engine.Running, Ways: [2]engine.Way{ok, ok}, LastEnd: noon, OnDemand: true}, ""},
		{"server off", engine.Status{Service: engine.Running, TwoWay: true, Ways: [2]engine.Way{away, away}, LastEnd: noon, Next: noon.Add(15 * time.Minute),
			Waiting: map[store.WaitKind]int{store.Reference: 1}}, ""},
		{"list gone", engine.Status{Service: engine.Running, TwoWay: true, Ways: [2]engine.Way{stopped, ok}, LastEnd: noon}, ""},
		{"stopped", engine.Status{Service: engine.Stopped, TwoWay: true, Ways: [2]engine.Way{ok, ok}, LastEnd: noon,
			Waiting: map[store.WaitKind]int{store.Conflicted: 2}}, ""},
		{"backup", engine.Status{Service: engine.Blackout, TwoWay: true, Ways: [2]engine.Way{ok, ok}, LastEnd: noon, Next: noon.Add(8 * time.Hour)}, ""},
		{"resync being counted", engine.Status{Service: engine.Running, TwoWay: true, Ways: [2]engine.Way{ok, ok}, Phase: "resync-preview", Done: 1200, Total: 34567, LastEnd: noon,
			Resync: &engine.Resync{Level: 1, Phase: store.RepairPreview, Code: "resync-running"}}, ""},
		{"resync counted", engine.Status{Service: engine.Running, TwoWay: true, Ways: [2]engine.Way{ok, ok}, LastEnd: noon,
			Resync: &engine.Resync{Level: 2, Phase: store.RepairReady, Code: "resync-ready", Preview: map[record.Entity]store.RepairCounts{
				record.Document: {Equal: 12345, Kept: 12345}, record.User: {},
				record.Account: {Create: [2]int{1, 2}, Update: [2]int{3, 4}, Deactivate: 5, Conflicts: 6, Ask: 7, Held: 8, ByExternal: 9, ByOld: 10, ByRule: 11, Unclear: 12, OnlyERP: 13, OnlyCRM: 14}}}}, ""},
		{"resync comparing", engine.Status{Service: engine.Running, TwoWay: true, Ways: [2]engine.Way{ok, ok}, LastEnd: noon,
			Resync: &engine.Resync{Level: 1, Phase: store.RepairCompare, Code: "resync-running", Done: map[record.Entity]store.RepairCounts{record.Contact: {Update: [2]int{3, 0}}}}}, ""},
		{"state damaged", engine.Status{Ways: [2]engine.Way{{Outcome: engine.Halted, Code: "state-damaged"}}}, "the job is not running: state-damaged: invalid database"},
		{"cause unknown", engine.Status{}, "the job is not running"},
	}
	golden(t, "status", func(p *locale.Printer, w *bytes.Buffer) {
		for _, test := range tests {
			w.WriteString("# " + test.name + "\n")
			p.Status(w, "north", test.status, test.down)
		}
		w.WriteString("# notices\n")
		p.Notice(w, "state-from-copy", map[string]string{"copied": "2026-03-02T02:10:00Z", "file": "state.db.bad-1"})
		p.Notice(w, "data-full", nil)
	})
}

// Requirement: ACO-79, ACO-88, ACO-89
func TestEvent(t *testing.T) {
	events := []store.Event{
		{Severity: store.Info, Code: "cycle-complete", Direction: store.ToCRM, Args: map[string]string{"created": "3", "updated": "1200"}},
		{Severity: store.Problem, Code: "crm-auth", Direction: store.ToCRM},
		{Severity: store.Info, Code: "record-created", Direction: store.ToCRM, Entity: record.Account, ERP: "57", CRM: "9001"},
		{Severity: store.Info, Code: "record-created", Direction: store.ToERP, Entity: record.Account, CRM: "9002"},
		{Severity: store.Warning, Code: "conflict-settled", Direction: store.ToCRM, Entity: record.Contact, ERP: "57", CRM: "77",
			Args: map[string]string{"field": "Phone1", "erp": "418 555-0000", "crm": "", "won": "erp"}},
		{Severity: store.Warning, Code: "waits-reference", Direction: store.ToCRM, Entity: record.Document, ERP: "1001",
			Args: map[string]string{"cause": "crm-server-error", "entity": "account", "key": "57"}},
		{Severity: store.Warning, Code: "waits-refused", Direction: store.ToERP, Entity: record.Account, ERP: "57",
			Args: map[string]string{"cause": "value-too-long", "field": "name"}},
		{Severity: store.Warning, Code: "waits-brake", Direction: store.ToERP, Entity: record.Account,
			Args: map[string]string{"cause": "mass-change", "count": "1500", "bound": "25", "entity": "account", "field": "account-erp"}},
		{Severity: store.Problem, Code: "folder-rolled-back", Args: map[string]string{"signs": "CUSTOMER.DAT 900 < 1000"}},
		{Severity: store.Warning, Code: "entity-skipped", Entity: record.Document, Args: map[string]string{"cause": "file-busy"}},
		{Severity: store.Info, Code: "handoff-done", Direction: store.ToERP, Entity: record.Account, ERP: "57", Args: map[string]string{"field": "city"}},
		{Severity: store.Info, Code: "person-keep-erp", Args: map[string]string{"name": "12/conflict/Name"}},
		{Severity: store.Info, Code: "person-force", Args: map[string]string{"name": ""}},
		{Severity: store.Info, Code: "resync-complete", Args: map[string]string{"level": "2", "created": "1", "updated": "12345", "inactive": "0", "createderp": "2", "updatederp": "3", "conflicts": "4", "asked": "5", "held": "6"}},
		{Severity: store.Info, Code: "not-in-the-list"},
	}
	golden(t, "events", func(p *locale.Printer, w *bytes.Buffer) {
		for i, e := range events {
			e.At = noon.Add(time.Duration(i) * time.Minute)
			p.Event(w, e)
		}
	})
}

func TestWaiting(t *testing.T) {
	waiting := []store.Waiting{
		{Link: 12, Kind: store.Quarantine, Entity: record.Account, ERP: "57", Code: "crm-record-refused", Next: noon.Add(time.Hour)},
		{Link: 12, Kind: store.Quarantine, Entity: record.Account, CRM: "9001", Code: "crm-bad-value", Args: map[string]string{"field": "Web"}, Next: noon.Add(-time.Hour)},
		{Link: 13, Kind: store.Reference, Entity: record.Document, ERP: "1001", Code: "reference-missing", Args: map[string]string{"entity": "account", "key": "57"}},
		{Link: 12, Kind: store.HandedOff, Field: "city", Entity: record.Account, ERP: "57", Code: "handoff-pending",
			Handoff: &connectors.Handoff{Current: record.TextOf("Laval"), Wanted: record.TextOf("Lévis"),
				Context: record.Fields{"number": record.TextOf("1234"), "name": record.TextOf("Exemple inc."), "": record.TextOf("x")}}},
		{Link: 12, Kind: store.Refused, Field: "name", Entity: record.Account, ERP: "57", Code: "value-too-long", CRMValue: record.TextOf("Un nom très long")},
		{Link: 12, Kind: store.Conflicted, Field: "Name", Entity: record.Account, ERP: "57", CRM: "9001", Code: "conflict-open",
			ERPValue: record.TextOf("Ancien"), CRMValue: record.TextOf("Nouveau")},
		{Link: 14, Kind: store.Difference, Field: "Phone1", Entity: record.Account, ERP: "58", Code: "difference-stands", CRMValue: record.TextOf("418 555-0001")},
		{Link: 15, Kind: store.Deleted, Entity: record.User, ERP: "3", CRM: "20", Code: "crm-record-deleted"},
		{Link: 16, Kind: store.Identity, Entity: record.Account, ERP: "60", CRM: "9009", Code: "position-reused"},
		{Link: 17, Kind: store.Identity, Entity: record.Account, ERP: "61", Code: "match-unclear", Args: map[string]string{"candidates": "9010, 9011"}},
		{Kind: store.Brake, Field: "account-crm", Entity: record.Account, Code: "mass-change",
			Args: map[string]string{"count": "1500", "bound": "50", "entity": "account"}},
		{Kind: store.Held, Code: "folder-rolled-back", Args: map[string]string{"signs": "CUSTOMER.DAT 900 < 1000"}},
	}
	golden(t, "waiting", func(p *locale.Printer, w *bytes.Buffer) {
		for _, x := range waiting {
			p.Waiting(w, x, noon)
		}
	})
}
