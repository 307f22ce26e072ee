package engine_test

import (
	"context"
	"testing"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/engine"
)

// spent is an ERP whose reads are used up, but for those that a write needs.
type spent struct {
	erpSide
	read []record.Key
}

func (s *spent) Observe(ctx context.Context, o connectors.Observation) error {
	return connectors.Errorf(connectors.Unavailable, "erp-allowance-used", "%w", connectors.ErrWritesOnly)
}

func (s *spent) Read(ctx context.Context, e record.Entity, keys []record.Key) ([]record.Record, []record.Key, error) {
	s.read = append(s.read, keys...)
	return s.erpSide.Read(ctx, e, keys)
}

// While the ERP's reads are used up, what people type in the CRM reaches it, and nothing of it is read that this does not need. What
// changed in the ERP waits until it can be looked at, and the status says so.
func TestWritesOnly(t *testing.T) {
	w := newWorld(t, true)
	must(t, w.build(w.crm, w.clock))
	one, other := w.customer(1, "Exemple inc."), w.customer(2, "Autre inc.")
	w.cycles(3)
	erp := &spent{erpSide: erpSide{w.erp}}
	w.simple = erp
	must(t, w.build(w.crm, w.clock))
	w.erp.put(record.Account, other, record.Fields{"city": text("Là-bas")})
	w.crm.put(record.Account, w.byExternal(record.Account, "CU"+string(one)).Key, record.Fields{"City": text("Ici")})
	w.crm.put(record.Contact, w.byExternal(record.Contact, "CC"+string(one)).Key, record.Fields{"Email": text("ici@exemple.test")})
	w.cycles(3)
	if got := w.erp.records[record.Account][one].Fields["city"].Text; got != "Ici" {
		t.Errorf("the ERP shows the city %q", got)
	}
	if got := w.erp.records[record.Contact][one].Fields["email"].Text; got != "ici@exemple.test" {
		t.Errorf("the ERP shows the address %q", got)
	}
	for _, k := range erp.read {
		if k != one {
			t.Errorf("%s was read", k)
		}
	}
	read := len(erp.read)
	if w.cycles(3); len(erp.read) != read {
		t.Errorf("%v was read while nobody did anything", erp.read[read:])
	}
	ways := w.engine.Status().Ways
	if ways[0].Code != "erp-allowance-used" || ways[0].Outcome != engine.Waits || ways[1].Outcome != engine.Success {
		t.Errorf("the status says %+v", ways)
	}
	w.simple = nil
	must(t, w.build(w.crm, w.clock))
	w.cycles(3)
	if got := w.byExternal(record.Account, "CU"+string(other)).Fields["City"].Text; got != "Là-bas" {
		t.Errorf("then the CRM shows the city %q", got)
	}
}
