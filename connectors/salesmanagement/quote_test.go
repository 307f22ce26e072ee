package salesmanagement_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/connectors/salesmanagement"
)

// shop is a desk with a quote that waits for prices: a lamp and its fitting.
func shop(t *testing.T) (d *desk, quote, lamp, fitting int) {
	d = newDesk(t)
	account := d.add("accounts", object{"name": "A"})
	lamp, fitting = d.add("products", object{"model": "LAMPE", "extId": "Nord:ART-1"}), d.add("products", object{"model": "POSE", "extId": "Nord:ART-2"})
	quote = d.add("salesorders", object{"reference": "D1", "statusId": 64, "accountId": account, "blocked": true, "internalComment": "un\n\ndeux"})
	d.add("salesordersLines", object{"salesOrderId": quote, "productId": lamp, "quantity": 2, "price": 0, "order": 1, "description": "Lampe"})
	d.add("salesordersLines", object{"salesOrderId": quote, "productId": fitting, "quantity": 1, "price": 0, "order": 2, "description": ""})
	return d, quote, lamp, fitting
}

func line(code, quantity, price, total string) record.Fields {
	return record.Fields{"product": text(code), "quantity": number(quantity), "price": number(price), "total": number(total), "description": text("Lampe")}
}

// priced is the ERP's answer: other prices, a line more, one less.
func priced(quote int) connectors.Op {
	return update(record.Quote, quote, record.Fields{
		"lines": record.RowsOf(line("ART-1", "2", "125.50", "251"), line("ART-1", "1", "9.90", "9.90")),
		"total": number("260.90"), "Z_total_tva": number("52.18"), "status": text(salesmanagement.Priced),
	})
}

// steps gives the calls without ids.
func (d *desk) steps() string {
	var all []string
	for _, c := range d.writes() {
		all = append(all, strings.TrimRight(c, "/0123456789"))
	}
	return strings.Join(all, ", ")
}

// Prices come line by line, then the total, then the status, which makes the quote read-only.
//
// Requirement: S50-11, S50-13, S50-14
func TestPrices(t *testing.T) {
	d, quote, lamp, fitting := shop(t)
	c := d.tenant()
	d.applied(c, priced(quote))
	if got, want := d.steps(), "PUT salesorders, PUT salesordersLines, POST salesordersLines, DELETE salesordersLines, PUT salesorders, PUT salesorders"; got != want {
		t.Errorf("steps %s, want %s", got, want)
	}
	same(t, "sent", d.sent[len(d.sent)-4:], []string{
		`{"price":125.5,"total":251}`,
		`{"description":"Lampe","discount1":0,"discount2":0,"discount3":0,"discount4":0,"order":2,"price":9.9,"productId":` + strconv.Itoa(lamp) +
			`,"quantity":1,"salesOrderId":` + strconv.Itoa(quote) + `,"total":9.9}`,
		`{"Z_total_tva":52.18,"total":260.9}`,
		`{"internalComment":"Prix calculés dans Sage le 23/11/2026 09:00\nRemplacé par Sage le 23/11/2026 09:00 : ART-2 × 1\nun\n\ndeux","readOnly":true,"statusId":65}`,
	})
	r := d.read(c, record.Quote, quote)
	shows(t, r, map[string]string{"status": "priced", "readOnly": "true", "total": "260.9", "Z_total_tva": "52.18"})
	if rows := r.Fields["lines"].Rows; len(rows) != 2 || rows[0]["price"].Text != "125.5" || rows[1]["price"].Text != "9.9" || rows[1]["product"].Text != "ART-1" {
		t.Errorf("lines %v", rows)
	}
	_ = fitting
	writes := len(d.writes())
	again := priced(quote)
	d.applied(c, again)
	if len(d.writes()) != writes {
		t.Errorf("the same prices are sent again: %v", d.writes()[writes:])
	}
}

// A quote whose prices were broken off at any call goes on there, and no line is doubled.
func TestPricesResumed(t *testing.T) {
	for broken := range 6 {
		for _, after := range []bool{false, true} {
			d, quote, _, _ := shop(t)
			c := d.tenant()
			check(t, c.Check(t.Context()))
			n := 0
			d.onAnswer = func(r *http.Request) *said {
				if r.Method == http.MethodGet {
					return nil
				}
				if n++; n == broken+1 {
					return &said{cut: true, after: after}
				}
				return nil
			}
			r := d.apply(c, priced(quote))
			if r.Outcome != connectors.InDoubt && r.Outcome != connectors.ReadBack {
				t.Errorf("cut at %d: %+v", broken, r)
			}
			if row := d.tables["salesorders"][quote]; broken < 5 && (row["readOnly"] == true || row["statusId"] != 64) {
				t.Errorf("cut at %d: it is shown as done", broken)
			}
			d.applied(c, priced(quote))
			live := 0
			for _, l := range d.tables["salesordersLines"] {
				if l["deleted"] != true {
					live++
				}
			}
			if row := d.tables["salesorders"][quote]; live != 2 || row["readOnly"] != true {
				t.Errorf("cut at %d, after %v: %d lines, %v", broken, after, live, row)
			}
		}
	}
}

// A session that ends between two calls of a quote costs a log-on, nothing else.
func TestPricesAcrossSessions(t *testing.T) {
	d, quote, _, _ := shop(t)
	c := d.tenant()
	check(t, c.Check(t.Context()))
	ended := false
	d.onAnswer = func(r *http.Request) *said {
		if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, linesPath) && !ended {
			ended, d.token = true, ""
		}
		return nil
	}
	d.applied(c, priced(quote))
	if d.logins != 2 {
		t.Errorf("%d log-ons", d.logins)
	}
}

const linesPath = "/salesordersLines"

// Prices that follow later reach a quote that is read-only, which it is again in the end, whatever happened in between.
func TestPricesOfReadOnly(t *testing.T) {
	d, quote, _, _ := shop(t)
	d.locked = true
	d.edit("salesorders", quote, object{"readOnly": true, "statusId": 65})
	c := d.tenant()
	d.applied(c, update(record.Quote, quote, record.Fields{"total": number("5")}))
	if row := d.tables["salesorders"][quote]; row["readOnly"] != true || row["total"] != 5.0 {
		t.Errorf("row %v", row)
	}
	d.onAnswer = func(r *http.Request) *said {
		if r.Method == http.MethodPut && strings.Contains(r.URL.Path, linesPath) {
			return &said{status: 400, body: `{"code":0}`}
		}
		return nil
	}
	op := priced(quote)
	op.Fields["reference"] = text("D2")
	r := d.apply(c, op)
	d.refuses(r, connectors.ReadBack, connectors.Rejected, salesmanagement.CodeRecordRefused)
	if row := d.tables["salesorders"][quote]; row["readOnly"] != true || row["reference"] != "D2" {
		t.Errorf("row %v", row)
	}
}

// Each state brings along who may edit the quote, and a line for people; a profile may say otherwise.
//
// Requirement: S50-14
func TestStates(t *testing.T) {
	for _, tt := range []struct {
		state string
		more  record.Fields
		want  string
	}{
		{salesmanagement.Sent, nil, `{"blocked":true,"internalComment":"Envoyé à Sage le 23/11/2026 09:00","statusId":63}`},
		{salesmanagement.Imported, record.Fields{"internalComment": text("x")}, `{"blocked":true,"internalComment":"x","statusId":64}`},
		{salesmanagement.Priced, record.Fields{"readOnly": record.BoolOf(false), "internalComment": text("x")}, `{"internalComment":"x","statusId":65}`},
		{salesmanagement.Draft, nil, `{"statusId":61}`},
	} {
		d := newDesk(t)
		id := d.add("salesorders", object{"reference": "D", "statusId": 62})
		c := d.tenant()
		fields := record.Fields{"status": text(tt.state)}
		for name, v := range tt.more {
			fields[name] = v
		}
		d.applied(c, update(record.Quote, id, fields))
		same(t, tt.state, d.sent[len(d.sent)-1:], []string{tt.want})
	}
	d := newDesk(t)
	id := d.add("salesorders", object{"reference": "D", "statusId": 64, "blocked": true, "readOnly": true, "internalComment": strings.Repeat("x\n", 12)})
	d.applied(d.tenant(), update(record.Quote, id, record.Fields{"status": text(salesmanagement.Refused)}))
	row := d.tables["salesorders"][id]
	if row["blocked"] != false || row["readOnly"] != false || len(strings.Split(row["internalComment"].(string), "\n")) != 13 {
		t.Errorf("refused: %v", row)
	}
}

// Where quantities are integers, another one goes as one piece of the whole price, and is read as it was (M16).
func TestFractions(t *testing.T) {
	for kind, want := range map[string]string{"number": `"price":2.4,`, "integer": `"price":6,`} {
		d, quote, _, _ := shop(t)
		d.lines = kind
		c := d.tenant()
		d.applied(c, update(record.Quote, quote, record.Fields{"lines": record.RowsOf(line("ART-1", "2.5", "2.40", "6"))}))
		if got := strings.Join(d.sent, " "); !strings.Contains(got, want) {
			t.Errorf("%s: sent %s", kind, got)
		}
		got := d.read(c, record.Quote, quote).Fields["lines"].Rows[0]
		if got["quantity"].Text != "2.5" || got["price"].Text != "2.4" || got["description"].Text != "Lampe" {
			t.Errorf("%s: read %v", kind, got)
		}
		writes := len(d.writes())
		d.applied(c, update(record.Quote, quote, record.Fields{"lines": record.RowsOf(line("ART-1", "2.5", "2.40", "6"))}))
		if len(d.writes()) != writes {
			t.Errorf("%s: sent again", kind)
		}
	}
}

// A quote that is made here is whole before it has its status; a line of a product that nobody knows is told, and nothing of it sent.
func TestNewQuote(t *testing.T) {
	d, _, _, _ := shop(t)
	c := d.tenant()
	op := create(record.Quote, "Nord:DE7", priced(0).Fields)
	op.Fields["reference"] = text("DE7")
	id := d.applied(c, op)
	shows(t, d.read(c, record.Quote, id), map[string]string{"reference": "DE7", "status": "priced", "readOnly": "true", "total": "260.9"})
	if got, want := d.steps(), "POST salesorders, POST salesordersLines, POST salesordersLines, PUT salesorders, PUT salesorders"; got != want {
		t.Errorf("steps %s, want %s", got, want)
	}
	op = create(record.Quote, "Nord:DE8", record.Fields{"reference": text("DE8"), "lines": record.RowsOf(line("ART-9", "1", "1", "1")), "status": text(salesmanagement.Priced)})
	r := d.apply(c, op)
	d.refuses(r, connectors.ReadBack, connectors.Rejected, salesmanagement.CodeValueUnknown)
}

// Orders are no quotes: they are told by no look, and a quote that became one is not gone.
//
// Requirement: S50-35
func TestOrders(t *testing.T) {
	d, quote, lamp, _ := shop(t)
	order := d.add("salesorders", object{"reference": "C1", "statusId": 67})
	c, n := d.tenant(), newNotes()
	if told := d.look(c, n)[record.Quote]; len(told) != 1 || told[0] != key(quote) {
		t.Errorf("told %v", told)
	}
	d.later(30 * 60e9)
	d.look(c, n)
	d.later(60e9)
	d.add("salesordersLines", object{"salesOrderId": quote, "productId": lamp, "quantity": 1})
	d.add("salesordersLines", object{"salesOrderId": order, "productId": lamp, "quantity": 1})
	if told := d.look(c, n)[record.Quote]; len(told) != 1 || told[0] != key(quote) {
		t.Errorf("a new line: told %v", told)
	}
	seen := 0
	check(t, c.Sweep(t.Context(), record.Quote, func(record.Key) { seen++ }))
	if seen != 2 {
		t.Errorf("%d are listed", seen)
	}
	none := d.tenant(func(c *salesmanagement.Config) { c.NoQuotes = true })
	if d.look(none, newNotes())[record.Quote] != nil || none.Fields(record.Quote) != nil {
		t.Error("quotes are told where they are not wanted")
	}
}

// The quotes that wait for prices are asked for by themselves.
//
// Requirement: S50-15
func TestAsked(t *testing.T) {
	d, quote, _, _ := shop(t)
	c := d.tenant()
	check(t, c.Check(t.Context()))
	d.calls = nil
	if keys, err := c.Asked(t.Context()); err != nil || len(keys) != 0 || len(d.calls) != 1 {
		t.Errorf("none: %v, %v, %v", keys, err, d.calls)
	}
	d.later(time.Hour)
	d.edit("salesorders", quote, object{"statusId": 62})
	since := d.now
	d.later(15 * time.Second)
	d.add("salesorders", object{"reference": "D2", "statusId": 62, "extId": "Sud:1"})
	d.add("salesorders", object{"reference": "D3", "statusId": 62, "deleted": true})
	if keys, err := c.Asked(t.Context()); err != nil || len(keys) != 1 || keys[0] != key(quote) {
		t.Errorf("got %v, %v", keys, err)
	}
	told := func(what string, want time.Time) {
		t.Helper()
		if got := c.AskedAt(key(quote)); !got.Equal(want) {
			t.Errorf("%s: asked at %v, want %v", what, got, want)
		}
	}
	told("asked for", since)
	d.later(time.Minute)
	d.edit("salesorders", quote, object{"reference": "Ds"})
	_, err := c.Asked(t.Context())
	check(t, err)
	told("edited since", since)
	d.edit("salesorders", quote, object{"statusId": 61})
	_, _, err = c.Read(t.Context(), record.Quote, []record.Key{key(quote)})
	check(t, err)
	told("withdrawn", time.Time{})
}

// A tenant in which somebody has yet to make a status of quotes is synchronised but for quotes, until it is there.
//
// Requirement: S50-11
func TestStatusOfQuotesMissing(t *testing.T) {
	d, quote, _, _ := shop(t)
	status := d.tables["salesorderStatuses"][62]
	delete(d.tables["salesorderStatuses"], 62)
	c, n := d.tenant(), newNotes()
	n.Begin()
	check(t, c.Observe(t.Context(), n))
	if len(n.Told[record.Quote]) > 0 || len(n.Told[record.Account]) == 0 {
		t.Errorf("told %v", n.Told)
	}
	if err := n.Skipped[record.Quote]; connectors.CodeOf(err) != salesmanagement.CodeStatusMissing || connectors.KindOf(err) != connectors.Drift {
		t.Errorf("skipped: %v", err)
	}
	if r := d.apply(c, priced(quote)); r.Outcome != connectors.NotApplied || len(d.writes()) > 0 {
		t.Errorf("%+v, written %v", r, d.writes())
	}
	d.tables["salesorderStatuses"][62] = status
	if told := d.look(c, n); len(told[record.Quote]) != 1 {
		t.Errorf("once it is there: told %v", told)
	}
}
