package engine_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/pairs"
	"syncbox/connectors/record"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// shown gives the one waiting of a kind, as a person is shown it.
func (w *world) shown(kind store.WaitKind) (x store.Waiting) {
	w.t.Helper()
	must(w.t, w.state.View(func(t *store.Txn) {
		t.WaitingAfter("", []store.WaitKind{kind}, func(found store.Waiting) bool { x = found; return false })
	}))
	if x.Kind == "" {
		w.t.Fatalf("no %s waits: %v", kind, w.waits())
	}
	return x
}

// answer is say for somebody who was shown what waits.
func (w *world) answer(v engine.Verb, x store.Waiting) error {
	return w.while(func(ctx context.Context) error { return w.engine.Answer(ctx, v, x.Name(), x.Shown()) })
}

// Who was shown other values than those that stand against each other now has not decided between these.
//
// Requirement: ACO-9
func TestConflictThatChangesBeforeTheAnswer(t *testing.T) {
	w := worldOf(t, pairs.AcombaCentrixOneOptions{TwoWay: true}, asking)
	w.customer(2, "Client")
	w.cycles(2)
	acc := w.byExternal(record.Account, "CU2")
	w.erp.put(record.Account, "2", record.Fields{"city": text("ERP")})
	w.crm.put(record.Account, acc.Key, record.Fields{"City": text("CRM")})
	w.cycles(2)
	before := w.shown(store.Conflicted)
	if w.cycles(2); w.shown(store.Conflicted).Shown() != before.Shown() {
		t.Error("the conflict is another one, with nothing changed")
	}
	w.crm.put(record.Account, acc.Key, record.Fields{"City": text("Gaspé")})
	w.cycles(1)
	if err := w.answer(engine.KeepCRM, before); !errors.Is(err, engine.ErrChanged) {
		t.Errorf("an answer to what was: got %v", err)
	}
	wantWaits(t, w, "conflict account 2 conflict-open")
	if slices.Contains(w.journal(), "person-keep-crm") || w.erp.records[record.Account]["2"].Fields["city"].Text != "ERP" {
		t.Error("an answer to what was is obeyed")
	}
	must(t, w.answer(engine.KeepCRM, w.shown(store.Conflicted)))
	must(t, w.state.View(func(t *store.Txn) {
		t.Events(1, func(e store.Event) bool {
			if e.Code == "person-keep-crm" && (e.Entity != record.Account || e.ERP != "2" || e.CRM != acc.Key) {
				w.t.Errorf("the answer is journalled about %s %s %s", e.Entity, e.ERP, e.CRM)
			}
			return true
		})
	}))
	w.cycles(2)
	wantWaits(t, w)
	if got := w.erp.records[record.Account]["2"].Fields["city"].Text; got != "Gaspé" {
		t.Errorf("got %q in the ERP", got)
	}
	if err := w.answer(engine.KeepCRM, before); !errors.Is(err, engine.ErrNoSuch) {
		t.Errorf("once more: got %v", err)
	}
}

// Every kind can be answered, or tried earlier, and what is offered is what is taken.
//
// Requirement: ACO-8
func TestAnswersOf(t *testing.T) {
	for kind, want := range map[store.WaitKind][]engine.Verb{
		store.Quarantine: {engine.Retry}, store.Reference: {engine.Retry}, store.Conflicted: {engine.KeepERP, engine.KeepCRM},
		store.Difference: {engine.KeepERP}, store.HandedOff: {engine.Dismiss}, store.Refused: {engine.Dismiss}, store.Deleted: {engine.Recreate},
		store.Identity: {engine.Same, engine.NotSame}, store.Brake: {engine.Allow}, store.Held: {engine.Accept},
	} {
		if diff := cmp.Diff(want, engine.AnswersOf(store.Waiting{Kind: kind})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", kind, diff)
		}
	}
}
