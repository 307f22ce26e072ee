package salesmanagement_test

import (
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/connectors/salesmanagement"
	"syncbox/connectors/salesmanagement/salesmanagementtest"
)

// settle sends a write as the engine does, until it is done or refused: what is in doubt waits until nothing can arrive late.
func (r *site) settle(op connectors.Op) connectors.Result {
	r.t.Helper()
	var got connectors.Result
	for range 8 {
		got = r.box.Apply(r.t.Context(), []connectors.Op{op})[0]
		if got.Outcome == connectors.Applied || got.Outcome == connectors.NotApplied && connectors.KindOf(got.Err) == connectors.Rejected {
			return got
		}
		if connectors.KindOf(got.Err) == connectors.Auth {
			r.box.Retry()
		}
		r.AdvanceClock(3 * time.Minute)
		r.FlushLate()
	}
	return got
}

// done is settle for what must end well.
func (r *site) done(op connectors.Op) record.Key {
	r.t.Helper()
	got := r.settle(op)
	if got.Outcome != connectors.Applied {
		r.t.Fatalf("%s: %+v", op.Entity, got)
	}
	return got.Key
}

// seen gives one record as it is read; what fails is tried again.
func (r *site) seen(e record.Entity, k record.Key) record.Record {
	r.t.Helper()
	for range 8 {
		found, _, err := r.box.Read(r.t.Context(), e, []record.Key{k})
		if err == nil && len(found) == 1 {
			return found[0]
		}
		if err == nil {
			r.t.Fatalf("%s %s is not there", e, k)
		}
		r.AdvanceClock(3 * time.Minute)
	}
	r.t.Fatalf("%s %s can't be read", e, k)
	return record.Record{}
}

// whole holds that nothing is there twice, nothing that people typed was put back, and no secret went to the store.
func (r *site) whole() {
	r.t.Helper()
	for _, e := range lists {
		if twice := r.Duplicates(e); len(twice) > 0 {
			r.t.Errorf("%s are there twice: %v", e, twice)
		}
	}
	if back := r.Reverts(); len(back) > 0 {
		r.t.Errorf("%d values of people were put back", len(back))
	}
	for _, call := range r.Journal(salesmanagementtest.JournalQuery{}) {
		if call.Leaked {
			r.t.Error("the store was told a secret")
		}
	}
}

// story is a dossier's day: a client with its person, products with a picture, an invoice, and a quote that is priced.
func (r *site) story() {
	r.t.Helper()
	sum := r.files.add(png)
	account := r.done(create(record.Account, "Nord:C1", record.Fields{
		"name": text("Boulangerie"), "status": text("client"), "country": text("FR"), "readOnly": record.BoolOf(true), "email": text("a@b.example"),
	}))
	owner := record.RefOf(account)
	person := r.done(create(record.Contact, "Nord:P1", record.Fields{"firstName": text("Zoé"), "lastName": text("Roy"), "accountId": owner, "phone1": text("04")}))
	lamp := r.done(create(record.Product, "Nord:ART-1", record.Fields{
		"model": text("ART-1"), "price": number("125.50"), "stock": number("2.75"), "Z_tva_taux": number("20"), "Z_autres_taxes": number("0.15"), "picture": text(sum),
	}))
	r.done(create(record.Product, "Nord:ART-2", record.Fields{"model": text("ART-2"), "price": number("10"), "stock": {}, "notAvailable": record.BoolOf(true)}))
	invoice := r.done(create(record.Document, "Nord:FA1", record.Fields{"accountId": owner, "date": {Kind: record.Date, Text: "2026-11-20"}, "total": number("-12.30")}))
	shows(r.t, r.seen(record.Document, invoice), map[string]string{"accountId": string(account), "total": "-12.3", "date": "2026-11-20"})
	shows(r.t, r.seen(record.Contact, person), map[string]string{"firstName": "Zoé", "lastName": "Roy", "accountId": string(account)})
	shows(r.t, r.seen(record.Product, lamp), map[string]string{"stock": "2.75", "price": "125.5", "Z_tva_taux": "20", "Z_autres_taxes": "0.15", "picture": sum})
	if got := r.Documents(int64(atoi(lamp))); len(got) == 0 || got[len(got)-1].SHA256 != sum {
		r.t.Errorf("pictures %v", got)
	}
	r.quote(account, lamp)
	r.blocked(account)
	r.whole()
}

func atoi(k record.Key) int {
	n, _ := strconv.Atoi(string(k))
	return n
}

// quote is one that a representative asks prices for.
func (r *site) quote(account, lamp record.Key) {
	r.t.Helper()
	id, err := r.App(1).Quote(int64(atoi(account)), salesmanagementtest.Draft, "D1", salesmanagementtest.Item{Product: int64(atoi(lamp)), Quantity: "2"})
	check(r.t, err)
	check(r.t, r.App(1).Ask(id))
	quote := int(id)
	shows(r.t, r.seen(record.Quote, key(quote)), map[string]string{"status": "to-price", "reference": "D1"})
	r.done(update(record.Quote, quote, record.Fields{"status": text(salesmanagement.Sent)}))
	r.done(update(record.Quote, quote, record.Fields{"status": text(salesmanagement.Imported)}))
	r.done(priced(quote))
	got := r.seen(record.Quote, key(quote))
	shows(r.t, got, map[string]string{"status": "priced", "readOnly": "true", "total": "260.9", "Z_total_tva": "52.18"})
	if rows := got.Fields["lines"].Rows; len(rows) != 2 || rows[0]["price"].Text != "125.5" || rows[1]["total"].Text != "9.9" {
		r.t.Errorf("lines %v", rows)
	}
	taxed := line("ART-1", "2.5", "100", "250")
	taxed["Z_tva_taux"], taxed["Z_prix_ttc"] = number("5.5"), number("105.50")
	later := record.RowsOf(taxed)
	if result := r.settle(update(record.Quote, quote, record.Fields{"lines": later})); result.Outcome != connectors.Applied {
		r.readOnlyBlocks(result)
		return
	}
	if rows := r.seen(record.Quote, key(quote)).Fields["lines"].Rows; len(rows) != 1 || rows[0]["quantity"].Text != "2.5" || rows[0]["price"].Text != "100" || rows[0]["Z_prix_ttc"].Text != "105.5" {
		r.t.Errorf("fraction: %v", rows)
	}
}

// readOnlyBlocks holds that a refusal is one for a mark that the key can't lift.
func (r *site) readOnlyBlocks(got connectors.Result) {
	r.t.Helper()
	if r.Switches()[salesmanagementtest.ReadOnlyAPI] != "never" || connectors.CodeOf(got.Err) != salesmanagement.CodeReadOnlyBlocked {
		r.t.Errorf("got %+v with %v", got, r.Switches())
	}
}

// blocked changes a client, which is read-only, and takes it away and brings it back.
func (r *site) blocked(account record.Key) {
	r.t.Helper()
	if got := r.settle(update(record.Account, atoi(account), record.Fields{"city": text("Lyon")})); got.Outcome != connectors.Applied {
		r.readOnlyBlocks(got)
		return
	}
	shows(r.t, r.seen(record.Account, account), map[string]string{"city": "Lyon", "readOnly": "true"})
	other := r.done(create(record.Product, "Nord:ART-3", record.Fields{"model": text("ART-3")}))
	r.done(connectors.Op{Kind: connectors.Delete, Entity: record.Product, Key: other})
	back := r.done(create(record.Product, "Nord:ART-3", record.Fields{"model": text("ART-3"), "price": number("1")}))
	shows(r.t, r.seen(record.Product, back), map[string]string{"model": "ART-3", "price": "1"})
}

// Whatever the product turns out to be, the day ends with everything in its place.
//
// Requirement: S50-4, S50-6, S50-9, S50-13, S50-14, S50-16, S50-21, S50-22, S50-23, S50-29
func TestStoryInEveryPosition(t *testing.T) {
	for _, s := range salesmanagementtest.AllSwitches() {
		for _, position := range salesmanagementtest.Positions(s) {
			t.Run(string(s)+"="+position, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { newSite(t, salesmanagementtest.Switches{s: position}).story() })
			})
		}
	}
	for n, w := range sets() {
		t.Run("set "+strconv.Itoa(n+1), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { newSite(t, w).story() })
		})
	}
}

// Whatever goes wrong with a call, and with which, the day ends as it would have, and nothing is there twice. A store that says
// nothing but 200 is believed, since it says no more when all is well.
//
// Requirement: S50-9
func TestStoryThroughFaults(t *testing.T) {
	f := salesmanagementtest.Fault{Status: 502, Keep: 3, Delay: time.Second}
	done := f
	done.Done = true
	for _, of := range []struct {
		kind salesmanagementtest.FaultKind
		f    salesmanagementtest.Fault
	}{
		{salesmanagementtest.TokenEnds, f}, {salesmanagementtest.Throttled, f}, {salesmanagementtest.DatabaseLost, f}, {salesmanagementtest.HTTPStatus, f},
		{salesmanagementtest.HTTPStatus, done}, {salesmanagementtest.HTMLPage, f}, {salesmanagementtest.HTMLPage, done}, {salesmanagementtest.EmptyBody, f},
		{salesmanagementtest.EmptyBody, done}, {salesmanagementtest.CutBody, f}, {salesmanagementtest.Truncated, f}, {salesmanagementtest.CloseBefore, f},
		{salesmanagementtest.CloseAfter, f}, {salesmanagementtest.AppliedLate, f}, {salesmanagementtest.DuplicateRows, f}, {salesmanagementtest.LocatorExpired, f},
	} {
		name := string(of.kind)
		if of.f.Done {
			name += " done"
		}
		t.Run(name, func(t *testing.T) {
			for _, op := range []string{salesmanagementtest.OpCreate, salesmanagementtest.OpUpdate, salesmanagementtest.OpDelete, "document", "upload", "list", "read"} {
				if of.kind == salesmanagementtest.EmptyBody && op == "upload" {
					continue
				}
				for _, skip := range skips[op] {
					broken := of.f
					broken.Kind, broken.Op, broken.Turn = of.kind, op, turn(1)
					broken.Turn.Skip = skip
					synctest.Test(t, func(t *testing.T) {
						r := newSite(t, nil)
						check(t, r.box.Check(t.Context()))
						r.AddFault(broken)
						r.story()
					})
				}
			}
		})
	}
}

// skips are how many calls of a kind pass before one breaks.
var skips = map[string][]int{
	salesmanagementtest.OpCreate: {0, 5}, salesmanagementtest.OpUpdate: {0, 4}, salesmanagementtest.OpDelete: {0}, "document": {0}, "upload": {0}, "list": {1}, "read": {2},
}
