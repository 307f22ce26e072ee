package web_test

import (
	"html"
	"strings"
	"testing"
	"time"

	"syncbox/connectors/pairs"
	"syncbox/firmware/internal/local"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// A box that keeps two pairs in sync calls each job's products by their names, wherever a job is told of.
func TestNamesOfEachJob(t *testing.T) {
	at := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	wrote := []store.Event{{Seq: 1, At: at, Severity: store.Info, Code: "cycle-complete", Direction: store.ToCRM}, {Seq: 2, At: at, Severity: store.Info, Code: "handoff-done", Direction: store.ToERP}}
	b := &box{journals: map[string][]store.Event{"": {}, "nord": wrote, "web": wrote}}
	for _, name := range []string{"nord", "web"} {
		pair := map[string]string{"nord": "acomba-centrixone", "web": "quickbooks-centrixone"}[name]
		b.status = append(b.status, local.JobStatus{Job: name, Pair: pair, Names: pairs.Names(pair),
			Status: engine.Status{Service: engine.Running, TwoWay: true, Phase: "observe-erp", Waiting: map[store.WaitKind]int{store.HandedOff: 1}}})
	}
	v := open(t, b)
	v.logOn()
	for _, tt := range []struct {
		path string
		want []string
	}{
		{"/?lang=fr-CA", []string{"Acomba -> CRM", "CRM -> QuickBooks", "Lecture d'Acomba", "Lecture de QuickBooks"}},
		{"/journal?lang=fr-CA", []string{"Acomba -> CRM", "QuickBooks -> CRM", "Saisi dans Acomba", "Saisi dans QuickBooks"}},
		{"/journal.csv?lang=fr-CA", []string{"CRM -> Acomba", "CRM -> QuickBooks"}},
		{"/waiting?job=web&lang=fr-CA", []string{"À saisir dans QuickBooks"}},
		{"/waiting?job=nord&lang=en", []string{"To be keyed in Acomba"}},
		{"/help/share-unreachable?lang=fr-CA", []string{"Le dossier d'Acomba ne répond pas"}},
	} {
		text := html.UnescapeString(v.get(tt.path).text)
		for _, want := range tt.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %q in\n%s", tt.path, want, text)
			}
		}
	}
}
