package engine_test

import (
	"strconv"
	"testing"
	"time"

	"syncbox/connectors/record"
	"syncbox/sync/engine"
)

// What was sent without an answer has arrived, and somebody types the former value again before the box can go on with the record.
// That is newer than what was sent: a record that has to wait is known for what it showed.

// A name was sent to the CRM without an answer and has arrived; before the box may write again, as a person has to allow a mass change
// first, somebody in the CRM types the former name. That is newer, and reaches the ERP.
func TestTypedBackWhileABrakeHolds(t *testing.T) {
	w := worldOf(t, twoWay, func(w *world) { w.set.ToCRMBrake = engine.Brake{Min: 1, Percent: 20} })
	for n := 2; n < 5; n++ {
		w.customer(n, "Old")
	}
	w.cycles(2)
	w.erp.put(record.Account, "2", record.Fields{"name": text("New")})
	w.line.fault = fault{w.line.calls + 1, late}
	w.cycles(1)
	w.crm.arriveLate()
	for n := 2; n < 5; n++ {
		w.erp.put(record.Account, record.Key(strconv.Itoa(n)), record.Fields{"city": text("Lévis")})
	}
	w.cycles(1)
	w.crm.put(record.Account, w.byExternal(record.Account, "CU2").Key, record.Fields{"Name": text("Old")})
	w.cycles(1)
	must(t, w.say(engine.Allow, "0/brake/account-crm"))
	w.cycles(4)
	if got := w.erp.records[record.Account]["2"].Fields["name"].Text; got != "Old" {
		t.Errorf("the ERP shows %q; journal %q", got, w.journal())
	}
}

// The same where it was sent to the ERP: what waits for the other side does not keep from knowing what has arrived.
func TestTypedBackInTheERPWhileABrakeHoldsTheCRM(t *testing.T) {
	w := worldOf(t, twoWay, func(w *world) {
		w.set.ToCRMBrake, w.set.Schedule.Interval = engine.Brake{Min: 1, Percent: 20}, time.Minute
	})
	w.simple = w.erp
	w.reopen(w.crm)
	for n := 2; n < 5; n++ {
		w.customer(n, "Old")
	}
	w.cycles(2)
	account := w.byExternal(record.Account, "CU2")
	w.crm.put(record.Account, account.Key, record.Fields{"Name": text("New")})
	w.line.fault = fault{w.line.calls + 1, late}
	w.cycles(1)
	w.erp.arriveLate()
	w.clock.now = w.clock.now.Add(10 * time.Minute)
	for n := 2; n < 5; n++ {
		w.erp.put(record.Account, record.Key(strconv.Itoa(n)), record.Fields{"city": text("Lévis")})
	}
	w.crm.changed[record.Account][account.Key] = true
	w.cycles(1)
	w.erp.put(record.Account, "2", record.Fields{"name": text("Old")})
	w.cycles(1)
	must(t, w.say(engine.Allow, "0/brake/account-crm"))
	w.cycles(4)
	if e := w.erp.records[record.Account]["2"].Fields["name"].Text; e != "Old" || account.Fields["Name"].Text != e {
		t.Errorf("got %q in the ERP, %q in the CRM; journal %q", e, account.Fields["Name"].Text, w.journal())
	}
}

// The same while the record waits for the turn of one that it refers to.
func TestTypedBackWhileAnotherOneIsAwaited(t *testing.T) {
	w := worldOf(t, twoWay, func(w *world) { w.set.Schedule.Interval = time.Minute })
	w.customer(2, "Old")
	w.cycles(2)
	account := w.byExternal(record.Account, "CU2")
	w.erp.put(record.Account, "2", record.Fields{"name": text("New")})
	w.line.fault = fault{w.line.calls + 1, late}
	w.cycles(1)
	w.crm.arriveLate()
	w.clock.now = w.clock.now.Add(10 * time.Minute)
	w.staff()
	w.erp.later = map[string]bool{"user 2": true}
	w.erp.put(record.Account, "2", record.Fields{"salesrep": record.RefOf("2"), "city": text("Lévis")})
	w.cycles(1)
	w.crm.put(record.Account, account.Key, record.Fields{"Name": text("Old")})
	w.erp.later = nil
	w.cycles(4)
	if e := w.erp.records[record.Account]["2"].Fields["name"].Text; e != "Old" || account.Fields["Name"].Text != e {
		t.Errorf("got %q in the ERP, %q in the CRM; journal %q", e, account.Fields["Name"].Text, w.journal())
	}
}
