package salesmanagement_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/connectors/salesmanagement"
)

// A new record gets what the API wants of it, our identity, and the administrator where it has no other owner.
//
// Requirement: S50-4, S50-6, S50-9, S50-29
func TestCreate(t *testing.T) {
	d := newDesk(t)
	c := d.tenant()
	account := d.applied(c, create(record.Account, "Nord:C1", record.Fields{
		"name": text("Dupont"), "status": text(salesmanagement.Client), "country": text("BE"), "readOnly": record.BoolOf(true), "comment": {},
	}))
	same(t, "account", d.sent[len(d.sent)-1:], []string{`{"branchId":5,"countryId":32,"extId":"Nord:C1","name":"Dupont","readOnly":true,"salesRepId1":1,"statusId":2}`})
	d.applied(c, create(record.Account, "Nord:C2", record.Fields{"name": text("B"), "salesRepId1": ref(2)}))
	same(t, "with an owner", d.sent[len(d.sent)-1:], []string{`{"branchId":5,"extId":"Nord:C2","name":"B","salesRepId1":2}`})
	d.applied(c, create(record.Contact, "Nord:P1", record.Fields{"lastName": text("Roy"), "accountId": ref(account)}))
	same(t, "contact", d.sent[len(d.sent)-1:], []string{`{"accountId":` + strconv.Itoa(account) + `,"branchId":5,"extId":"Nord:P1","firstName":"-","lastName":"Roy","salesRepId":1}`})
	d.applied(c, create(record.Document, "Nord:A9", record.Fields{
		"accountId": ref(account), "date": {Kind: record.Date, Text: "2026-11-20"}, "total": number("-12.30"), "salesRep": ref(2),
	}))
	same(t, "credit note", d.sent[len(d.sent)-1:], []string{`{"accountId":` + strconv.Itoa(account) + `,"date":"2026-11-20 00:00:00","extId":"Nord:A9","salesRepExtId":"Nord:REP2","total":-12.3}`})
	for _, op := range []connectors.Op{
		create(record.Account, "Nord:C3", record.Fields{}), create(record.Contact, "Nord:P2", record.Fields{"lastName": text("Roy")}),
		create(record.Account, "Nord:C3", record.Fields{"name": text("x"), "country": text("ZZ")}), create(record.Document, "Nord:F", record.Fields{"accountId": ref(account)}),
	} {
		before := len(d.sent)
		d.refuses(d.apply(c, op), connectors.NotApplied, connectors.Rejected, salesmanagement.CodeValueUnknown)
		if len(d.sent) != before {
			t.Error("it is sent all the same")
		}
	}
	d.quiet()
}

// A record that is there already under our identity is the record: it is never made twice, whatever became of the answer.
//
// Requirement: S50-9
func TestCreateOnce(t *testing.T) {
	for _, tt := range []struct {
		name    string
		said    said
		outcome connectors.Outcome
		made    int
	}{
		{"answered", said{}, connectors.Applied, 1},
		{"answer lost after", said{cut: true, after: true}, connectors.Applied, 1},
		{"lost before", said{cut: true}, connectors.InDoubt, 0},
		{"ill after", said{status: 500, after: true}, connectors.Applied, 1},
		{"ill before", said{status: 500}, connectors.ReadBack, 0},
		{"no id", said{status: 200, body: `{"message":"entity created"}`, after: true}, connectors.Applied, 1},
		{"throttled by 408, after", said{status: 408, after: true}, connectors.InDoubt, 1},
		{"refused", said{status: 400, body: `{"message":"Bad Request"}`}, connectors.NotApplied, 0},
	} {
		d := newDesk(t)
		c := d.tenant()
		op := create(record.Product, "Nord:ART-1", record.Fields{"model": text("LAMPE"), "price": number("12.50")})
		check(t, c.Check(t.Context()))
		posts := 0
		d.onAnswer = func(r *http.Request) *said {
			if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/products") {
				if posts++; posts == 1 && tt.name != "answered" {
					return &tt.said
				}
			}
			return nil
		}
		r := d.apply(c, op)
		if r.Outcome != tt.outcome || len(d.tables["products"]) != tt.made || r.Outcome == connectors.Applied && r.Key == "" {
			t.Errorf("%s: got %+v with %d rows", tt.name, r, len(d.tables["products"]))
		}
		d.later(1e12)
		again := d.applied(c, op)
		if len(d.tables["products"]) != 1 {
			t.Errorf("%s: %d rows after a second try", tt.name, len(d.tables["products"]))
		}
		if r.Outcome == connectors.Applied && r.Key != key(again) {
			t.Errorf("%s: keys %s and %d", tt.name, r.Key, again)
		}
	}
}

// Of what a row shows already nothing is sent; a change that somebody made meanwhile stays.
func TestUpdate(t *testing.T) {
	d := newDesk(t)
	id := d.add("accounts", object{"name": "Dupont", "city": "Lyon", "phone": "1", "salesRepId1": 2, "extId": "Nord:C1", "statusId": 1})
	c := d.tenant()
	op := update(record.Account, id, record.Fields{"name": text("Dupont"), "city": text("Paris"), "phone": {}, "salesRepId1": ref(1)})
	op.ExternalID = "Nord:C1"
	d.applied(c, op)
	same(t, "writes", d.writes(), []string{"PUT accounts/" + strconv.Itoa(id)})
	same(t, "sent", d.sent[len(d.sent)-1:], []string{`{"city":"Paris","phone":""}`})
	d.applied(c, op)
	if len(d.writes()) != 1 {
		t.Errorf("the same change is sent twice: %v", d.writes())
	}
	op = update(record.Account, id, record.Fields{"city": text("Nantes")})
	op.Seen = record.Fields{"city": text("Lyon")}
	d.refuses(d.apply(c, op), connectors.NotApplied, connectors.Busy, salesmanagement.CodeRecordChanged)
	d.refuses(d.apply(c, update(record.Account, 99999, op.Fields)), connectors.NotApplied, connectors.Rejected, salesmanagement.CodeRecordMissing)
	d.refuses(d.apply(c, update(record.Account, id, record.Fields{"hat": text("x")})), connectors.NotApplied, connectors.Rejected, salesmanagement.CodeBadOp)
	d.edit("accounts", id, object{"deleted": true})
	d.refuses(d.apply(c, update(record.Account, id, op.Fields)), connectors.NotApplied, connectors.Rejected, salesmanagement.CodeRecordMissing)
	if len(d.writes()) != 1 {
		t.Errorf("writes %v", d.writes())
	}
}

// The administrator gets a record only where nobody has it.
//
// Requirement: S50-29
func TestOwnerWhenNull(t *testing.T) {
	d := newDesk(t)
	id := d.add("accounts", object{"name": "A", "salesRepId1": nil})
	c := d.tenant()
	d.applied(c, update(record.Account, id, record.Fields{"city": text("Lyon")}))
	same(t, "sent", d.sent[len(d.sent)-1:], []string{`{"city":"Lyon","salesRepId1":1}`})
	d.applied(c, update(record.Account, id, record.Fields{"city": text("Paris"), "salesRepId1": ref(2)}))
	same(t, "sent", d.sent[len(d.sent)-1:], []string{`{"city":"Paris"}`})
}

// A row that went away between our look and our write is told as missing, not as refused (M9).
func TestGoneMeanwhile(t *testing.T) {
	d := newDesk(t)
	d.hard = true
	id := d.add("accounts", object{"name": "A", "salesRepId1": 1})
	c := d.tenant()
	d.onAnswer = func(r *http.Request) *said {
		if r.Method == http.MethodPut {
			delete(d.tables["accounts"], id)
		}
		return nil
	}
	d.refuses(d.apply(c, update(record.Account, id, record.Fields{"city": text("Lyon")})), connectors.NotApplied, connectors.Rejected, salesmanagement.CodeRecordMissing)
}

// Requirement: S50-6, S50-8
func TestReadOnly(t *testing.T) {
	for _, tt := range []struct {
		name           string
		locked, noLift bool
		fields         record.Fields
		calls          int
		code           string
		after          bool // it is read-only in the end
	}{
		{"the key may", false, false, record.Fields{"city": text("Lyon")}, 1, "", true},
		{"the mark is lifted and put back", true, false, record.Fields{"city": text("Lyon")}, 4, "", true},
		{"and comes from us", true, false, record.Fields{"city": text("Lyon"), "readOnly": record.BoolOf(true)}, 4, "", true},
		{"it is to be lifted", true, false, record.Fields{"readOnly": record.BoolOf(false)}, 1, "", false},
		{"it is to be lifted with a change", true, false, record.Fields{"city": text("Lyon"), "readOnly": record.BoolOf(false)}, 3, "", false},
		{"the key may not at all", true, true, record.Fields{"city": text("Lyon")}, 2, salesmanagement.CodeReadOnlyBlocked, true},
	} {
		d := newDesk(t)
		d.locked, d.noLift = tt.locked, tt.noLift
		id := d.add("accounts", object{"name": "A", "salesRepId1": 1, "readOnly": true})
		c := d.tenant()
		r := d.apply(c, update(record.Account, id, tt.fields))
		if connectors.CodeOf(r.Err) != tt.code && !(r.Err == nil && tt.code == "") {
			t.Errorf("%s: got %+v", tt.name, r)
		}
		row := d.tables["accounts"][id]
		if row["readOnly"] != tt.after || tt.code == "" && tt.fields["city"].Text != "" && row["city"] != "Lyon" || len(d.writes()) != tt.calls {
			t.Errorf("%s: row %v after %v", tt.name, row, d.writes())
		}
		if tt.code == "" && tt.after {
			if r := d.apply(c, connectors.Op{Kind: connectors.Delete, Entity: record.Account, Key: key(id)}); r.Outcome != connectors.Applied || row["deleted"] != true {
				t.Errorf("%s: delete: %+v", tt.name, r)
			}
		}
	}
}

// Requirement: S50-19, S50-24, S50-36
func TestDelete(t *testing.T) {
	d := newDesk(t)
	id := d.add("contacts", object{"firstName": "Zoé", "lastName": "Roy", "extId": "Nord:P1"})
	c := d.tenant()
	op := connectors.Op{Kind: connectors.Delete, Entity: record.Contact, Key: key(id), Seen: record.Fields{"lastName": text("Roi")}}
	d.refuses(d.apply(c, op), connectors.NotApplied, connectors.Busy, salesmanagement.CodeRecordChanged)
	op.Seen = record.Fields{"lastName": text("Roy"), "phone1": {}}
	for range 2 {
		d.applied(c, op)
	}
	if row := d.tables["contacts"][id]; row == nil || row["deleted"] != true {
		t.Errorf("row %v, want one that is marked", row)
	}
	same(t, "writes", d.writes(), []string{"DELETE contacts/" + strconv.Itoa(id)})
}

// An account with quotes is not deleted, whatever their state; deleted ones, those of another account, and orders don't count, unless
// quotes can't be told from them.
//
// Requirement: S50-36
func TestDeleteWithQuotes(t *testing.T) {
	for _, noQuotes := range []bool{false, true} {
		d := newDesk(t)
		id, other := d.add("accounts", object{"name": "A", "extId": "Nord:C1", "statusId": 2}), d.add("accounts", object{"name": "B", "statusId": 2})
		quote := d.add("salesorders", object{"accountId": id, "statusId": 61})
		d.add("salesorders", object{"accountId": id, "statusId": 61, "deleted": true})
		d.add("salesorders", object{"accountId": other, "statusId": 61})
		order := d.add("salesorders", object{"accountId": id, "statusId": 99})
		c := d.tenant(func(c *salesmanagement.Config) { c.NoQuotes = noQuotes })
		op := connectors.Op{Kind: connectors.Delete, Entity: record.Account, Key: key(id)}
		d.refuses(d.apply(c, op), connectors.NotApplied, connectors.Rejected, salesmanagement.CodeOpenQuotes)
		d.tables["salesorders"][quote]["deleted"] = true
		if noQuotes {
			d.refuses(d.apply(c, op), connectors.NotApplied, connectors.Rejected, salesmanagement.CodeOpenQuotes)
			d.tables["salesorders"][order]["deleted"] = true
		}
		if len(d.writes()) > 0 {
			t.Errorf("written: %v", d.writes())
		}
		d.applied(c, op)
	}
}

// What comes back in the ERP comes back under its old key, or as a new row that its old one leads to (M11).
func TestUndelete(t *testing.T) {
	for _, noBack := range []bool{false, true} {
		d := newDesk(t)
		d.noBack = noBack
		id := d.add("products", object{"model": "LAMPE", "extId": "Nord:ART-1", "deleted": true})
		d.add("products", object{"model": "OTHER", "extId": "Nord:ART-2"})
		c := d.tenant()
		got := d.applied(c, create(record.Product, "Nord:ART-1", record.Fields{"model": text("LAMPE 2")}))
		if (got == id) == noBack || d.tables["products"][got]["model"] != "LAMPE 2" || d.tables["products"][got]["deleted"] != false {
			t.Errorf("refused %v: %d, was %d: %v", noBack, got, id, d.tables["products"][got])
		}
		heir, err := c.Survivor(t.Context(), record.Product, key(id))
		if err != nil || noBack && heir != key(got) || !noBack && heir != "" {
			t.Errorf("refused %v: survivor %q, %v", noBack, heir, err)
		}
	}
}

// A text that is too long is cut where that loses nothing by which people go, else its record waits (M4).
func TestLengths(t *testing.T) {
	d := newDesk(t)
	c := d.tenant()
	long := strings.Repeat("é", 200)
	d.refuses(d.apply(c, create(record.Account, "Nord:C1", record.Fields{"name": text(strings.Repeat("x", 61))})), connectors.NotApplied, connectors.Rejected, salesmanagement.CodeTooLong)
	if len(d.writes()) > 0 {
		t.Error("it is sent all the same")
	}
	id := d.applied(c, create(record.Account, "Nord:C1", record.Fields{"name": text(strings.Repeat("x", 60)), "address1": text(long)}))
	if got := d.tables["accounts"][id]["address1"]; got != strings.Repeat("é", 180) {
		t.Errorf("%d letters", len([]rune(got.(string))))
	}
	if !strings.Contains(d.log.String(), "text is cut") || strings.Contains(d.log.String(), "éé") {
		t.Error("the log does not tell it, or tells the text")
	}
	f := c.Fields(record.Account)["address1"]
	if shown, ok := f.Hold(long); !ok || shown != strings.Repeat("é", 180) {
		t.Errorf("holds %d letters", len([]rune(shown)))
	}
	smile := c.Fields(record.Account)["address1"]
	if shown, _ := smile.Hold(strings.Repeat("x", 179) + "😀"); shown != strings.Repeat("x", 179) {
		t.Error("half a letter is left")
	}
}

// Stock is an integer beside what is shown; where none applies, there is a dash (M12).
//
// Requirement: S50-21, S50-22, S50-26
func TestStock(t *testing.T) {
	d := newDesk(t)
	c := d.tenant()
	id := d.applied(c, create(record.Product, "Nord:1", record.Fields{"model": text("A"), "stock": number("2.75"), "price": number("0.10")}))
	same(t, "fraction", d.sent[len(d.sent)-1:], []string{`{"Z_stock_affiche":"2.75","extId":"Nord:1","model":"A","price":0.1,"stock":2}`})
	shows(t, d.read(c, record.Product, id), map[string]string{"stock": "2.75"})
	d.applied(c, update(record.Product, id, record.Fields{"stock": {}}))
	same(t, "none", d.sent[len(d.sent)-1:], []string{`{"Z_stock_affiche":"-","stock":null}`})
	d.applied(c, update(record.Product, id, record.Fields{"stock": number("0")}))
	same(t, "nothing", d.sent[len(d.sent)-1:], []string{`{"Z_stock_affiche":"0","stock":0}`})
	d.applied(c, update(record.Product, id, record.Fields{"stock": number("-1.5")}))
	same(t, "below", d.sent[len(d.sent)-1:], []string{`{"Z_stock_affiche":"-1.5","stock":-2}`})
	writes := len(d.writes())
	d.applied(c, update(record.Product, id, record.Fields{"stock": number("-1.5")}))
	if len(d.writes()) != writes {
		t.Error("the same stock is sent again")
	}
}

// Users that the API does not make are made by a person (S50-28).
//
// Requirement: S50-28
func TestUsers(t *testing.T) {
	d := newDesk(t)
	c := d.tenant()
	id := d.applied(c, create(record.User, "Nord:REP3", record.Fields{"name": text("Eve"), "email": text("eve@firm.example")}))
	if d.tables["users"][id]["extId"] != "Nord:REP3" {
		t.Error("the user has no identity of ours")
	}
	d.noUsers = true
	d.refuses(d.apply(c, create(record.User, "Nord:REP4", record.Fields{"name": text("Max")})), connectors.NotApplied, connectors.Rejected, salesmanagement.CodeUserRefused)
	d.refuses(d.apply(c, update(record.User, 2, record.Fields{"name": text("Max")})), connectors.NotApplied, connectors.Rejected, salesmanagement.CodeUserRefused)
}

// After a lost answer nothing more is sent, and nothing at all once the context has ended.
func TestHalt(t *testing.T) {
	d := newDesk(t)
	a, b := d.add("accounts", object{"name": "A", "salesRepId1": 1}), d.add("accounts", object{"name": "B", "salesRepId1": 1})
	c := d.tenant()
	check(t, c.Check(t.Context()))
	d.onAnswer = func(r *http.Request) *said {
		if r.Method == http.MethodPut {
			return &said{cut: true}
		}
		return nil
	}
	fields := record.Fields{"city": text("Lyon")}
	r := c.Apply(t.Context(), []connectors.Op{update(record.Account, a, fields), update(record.Account, b, fields)})
	if r[0].Outcome != connectors.InDoubt || r[1].Outcome != connectors.NotApplied || len(d.writes()) != 1 {
		t.Errorf("got %+v after %v", r, d.writes())
	}
	odd := []connectors.Op{{Kind: connectors.Update, Entity: record.Account, Key: "x"}, {Kind: connectors.Create, Entity: "none"}, {Entity: record.Account, Key: "1"},
		{Kind: connectors.Create, Entity: record.Account, With: []connectors.Op{{}}}}
	for i, r := range c.Apply(t.Context(), odd) {
		if r.Outcome != connectors.NotApplied || connectors.CodeOf(r.Err) != salesmanagement.CodeBadOp {
			t.Errorf("op %d: %+v", i, r)
		}
	}
}
