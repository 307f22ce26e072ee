package engine_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// merging is an ERP in which one customer seems to have been merged into another.
type merging struct {
	erpSide
	told []string
}

// Relink takes a person's word; the next look that succeeds shows the record.
func (m *merging) Relink(e record.Entity, from, into record.Key) {
	m.told = append(m.told, string(e)+" "+string(from)+" "+string(into))
	if m.observeErr == nil {
		m.put(record.Account, from, record.Fields{"active": record.BoolOf(false)})
		m.records[record.Account][from].Held = ""
	}
}

// A person says that a customer was merged into another one. That is passed on before every look until one
// succeeds, also after a start, and then forgotten.
//
// Requirement: QBO-55
func TestRelink(t *testing.T) {
	w := newWorld(t, true)
	erp := &merging{erpSide: erpSide{w.erp}}
	w.simple = erp
	w.reopen(w.crm)
	w.customer(2, "Client")
	w.customer(3, "Autre")
	w.cycles(2)
	held := w.erp.records[record.Account]["2"]
	held.Held, held.HeldArgs = "qbo-merge-suspected", map[string]string{"from": "2", "into": "3", "documents": "4"}
	w.erp.put(record.Account, "2", record.Fields{"city": text("Amos")})
	w.cycles(2)
	x := w.shown(store.Quarantine)
	if got := engine.AnswersOf(x); !cmp.Equal(got, []engine.Verb{engine.Relink}) {
		t.Errorf("what can be answered: got %v, want a re-link", got)
	}
	w.erp.observeErr = connectors.Errorf(connectors.Unavailable, "qbo-unreachable", "no line")
	must(t, w.answer(engine.Relink, x))
	w.cycles(2)
	if len(erp.told) < 2 {
		t.Fatalf("while looks fail it was passed on %d times, want once before each", len(erp.told))
	}
	w.reopen(w.crm)
	w.erp.observeErr = nil
	w.cycles(3)
	before := len(erp.told)
	if erp.told[before-1] != "account 2 3" {
		t.Errorf("passed on: got %q", erp.told[before-1])
	}
	w.cycles(2)
	if len(erp.told) != before {
		t.Error("it is passed on again although a look took it up")
	}
	wantWaits(t, w)
	if w.byExternal(record.Account, "CU2").Fields["ERPActive"].Text != "false" {
		t.Error("the customer that was merged is still active in the CRM")
	}
}

// What is held for another reason can't be answered so.
func TestRelinkOfSomethingElse(t *testing.T) {
	if got := engine.AnswersOf(store.Waiting{Kind: store.Quarantine, Args: map[string]string{"from": "2"}}); !cmp.Equal(got, []engine.Verb{engine.Retry}) {
		t.Errorf("answers: got %v", got)
	}
}
