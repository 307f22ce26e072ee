package engine_test

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/pairs"
	"syncbox/connectors/record"
	"syncbox/sync/engine"
)

// An ERP that can be written, but can't tell what became of a write; blindERP can't be searched either.
type (
	searchERP struct{ *side }
	blindERP  struct {
		connectors.Source
		connectors.Target
	}
)

// newUndecidedWorld makes a world in which the answer to the creation of a customer in the ERP is lost.
func newUndecidedWorld(t *testing.T, blind bool, kind string) *world {
	w := worldOf(t, pairs.AcombaCentrixOneOptions{TwoWay: true}, func(w *world) {
		w.erp.traits.Upsert = false
		w.simple = searchERP{w.erp}
		if blind {
			w.simple = blindERP{w.erp, w.erp}
		}
	})
	w.cycles(1)
	w.line.fault = fault{call: 1, kind: kind}
	w.crm.put(record.Account, "9", record.Fields{"Name": text("Né dans le CRM")})
	w.crm.put(record.Contact, "8", record.Fields{"AccountId": record.RefOf("9"), "FullName": text("Ève Roy"), "Email": text("eve@example.org")})
	w.cycles(1)
	return w
}

// TestCreateInERPIsFoundByNumber looks for a customer whose creation has no certain outcome by the number
// that we made for it.
func TestCreateInERPIsFoundByNumber(t *testing.T) {
	for _, kind := range []string{lostBefore, lostAfter, late} {
		t.Run(kind, func(t *testing.T) {
			w := newUndecidedWorld(t, false, kind)
			w.erp.arriveLate()
			w.cycles(4)
			if n := len(w.erp.records[record.Account]); n != 1 {
				t.Errorf("%d customers in the ERP; waits %q", n, w.waits())
			}
		})
	}
}

// TestCreateThatNobodyCanLookFor asks a person, and never creates again by itself.
func TestCreateThatNobodyCanLookFor(t *testing.T) {
	for _, kind := range []string{lostBefore, lostAfter} {
		t.Run(kind, func(t *testing.T) {
			w := newUndecidedWorld(t, true, kind)
			if kind == lostAfter {
				clear(w.erp.changed[record.Account]) // not told of at once
			}
			w.clock.now = w.clock.now.Add(time.Hour)
			w.cycles(3)
			if listed := slices.Contains(w.waits(), "identity account  create-undecidable"); !listed {
				t.Fatalf("waits %q", w.waits())
			}
			if kind == lostAfter {
				for k := range w.erp.records[record.Account] {
					w.erp.changed[record.Account][k] = true
				}
			} else {
				must(t, w.say(engine.NotSame, "1/identity/"))
			}
			w.cycles(4)
			if n := len(w.erp.records[record.Account]); n != 1 || len(w.waits()) != 0 {
				t.Errorf("%d customers in the ERP; waits %q", n, w.waits())
			}
		})
	}
}

// TestCreateFoundTwice binds one of two records that an ill-behaved product made of one create, and says so.
func TestCreateFoundTwice(t *testing.T) {
	w := newLateWorld(t)
	w.cycles(1)
	for n := range 2 {
		key := record.Key(strconv.Itoa(50 + n))
		w.crm.put(record.Account, key, record.Fields{"Name": text("Client")}).ExternalID = "CU2"
		delete(w.crm.changed[record.Account], key)
	}
	w.clock.now = w.clock.now.Add(4 * time.Minute)
	w.cycles(3)
	if n := len(w.crm.records[record.Account]); n != 2 || !slices.Contains(w.journal(), "record-doubled") {
		t.Errorf("%d accounts, journal %q", n, w.journal())
	}
}
