package app_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"syncbox/connectors/sage50fr/sage50test"
	"syncbox/connectors/salesmanagement/salesmanagementtest"
	"syncbox/sync/store"
)

// item is a line of a quote.
func (r *quoteRig) item(article int, quantity string) salesmanagementtest.Item {
	return salesmanagementtest.Item{Product: r.product(article), Quantity: quantity}
}

// A draft stays where it is. Once prices are asked for, the quote is handed to Sage, in one file; what became of it is shown step by step,
// until the prices are there and nobody may change it any more. They follow Sage's until it makes an invoice of it: then the quote is
// left alone. The box is restarted between all steps.
//
// Requirement: S50-11, S50-12, S50-13, S50-14, S50-15
func TestQuoteThereAndBack(t *testing.T) {
	t.Parallel()
	for _, restarts := range []bool{false, true} {
		t.Run("restarts "+strconv.FormatBool(restarts), func(t *testing.T) {
			r := newQuoteRig(t)
			step := func() {
				if restarts {
					r.restart()
				}
			}
			id := r.draft(r.item(0, "2"), r.item(1, "1"))
			r.edit(salesmanagementtest.Lines, r.lines(id)[0].ID, salesmanagementtest.Values{"price": "9.99"})
			r.cycles(3)
			if n := r.files(id); n != 0 {
				t.Fatalf("a draft is in %d files", n)
			}
			must(t, r.rep.Ask(id))
			step()
			if sent := r.is(id, salesmanagementtest.Sent); sent.Values["blocked"] != "true" {
				t.Errorf("not blocked: %v", sent.Values)
			}
			r.until("its file is there", func() bool { return r.files(id) == 1 })
			step()
			r.imports()
			r.is(id, salesmanagementtest.Imported)
			step()
			r.exports()
			done := r.is(id, salesmanagementtest.Priced)
			doc := r.document(id)
			if got := done.Values; got["readOnly"] != "true" || !amount(t, got["Z_total_ttc"]).Equal(amount(t, doc.Fields["Mt total TTC"])) ||
				!strings.Contains(got["internalComment"], "Prix calculés dans Sage") || got["extId"] != "DUPONT:SSM-"+strconv.FormatInt(id, 10) {
				t.Errorf("priced: %v, in Sage %v", got, doc.Fields)
			}
			for i, l := range r.lines(id) {
				if !amount(t, l.Values["price"]).Equal(amount(t, doc.Lines[i]["PU HT"])) {
					t.Errorf("line %d: %v, in Sage %v", i, l.Values, doc.Lines[i])
				}
			}
			step()
			r.timed(id)
			must(t, r.sage.Discount(quoteDossier, doc.Number, "10"))
			r.exports()
			r.until("the discount is there", func() bool {
				return amount(t, r.quote(id).Values["Z_total_ttc"]).Equal(amount(t, r.document(id).Fields["Mt total TTC"]))
			})
			_, err := r.sage.ToInvoice(quoteDossier, doc.Number)
			must(t, err)
			r.exports()
			r.cycles(2)
			step()
			r.exports()
			r.cycles(3)
			if got := r.quote(id); got.Deleted || got.Values["statusId"] != done.Values["statusId"] || got.Values["readOnly"] != "true" {
				t.Errorf("once it is an invoice: %+v", got)
			}
			if n := r.files(id); n != 1 {
				t.Errorf("it is in %d files", n)
			}
		})
	}
}

func amount(t *testing.T, s string) decimal.Decimal {
	t.Helper()
	if s == "" {
		return decimal.Zero
	}
	d, err := decimal.NewFromString(s)
	must(t, err)
	return d
}

// A quote that Sage refuses is its representative's again, with the reason above what that one wrote. It is corrected and asked for
// anew, under its reference; once nothing but the asking is new, too.
//
// Requirement: S50-11, S50-13
func TestQuoteRefused(t *testing.T) {
	t.Parallel()
	r := newQuoteRig(t)
	id := r.draft(r.item(0, "0"))
	r.edit(salesmanagementtest.SalesOrders, id, salesmanagementtest.Values{"internalComment": "Client pressé\n\nRappeler lundi"})
	must(t, r.rep.Ask(id))
	refused := func(times int) {
		t.Helper()
		r.is(id, salesmanagementtest.Sent)
		r.until("its file is there", func() bool { return r.files(id) == 1 })
		r.imports()
		got := r.is(id, salesmanagementtest.Rejected).Values
		if n := strings.Count(got["internalComment"], "Refusé par Sage le"); n != times || !strings.Contains(got["internalComment"], "Quantité") ||
			!strings.HasSuffix(got["internalComment"], "Client pressé\n\nRappeler lundi") || got["blocked"] == "true" || got["readOnly"] == "true" {
			t.Errorf("refused %d times: %v", times, got)
		}
		r.cycles(3)
		if again := r.quote(id).Values["internalComment"]; again != got["internalComment"] {
			t.Errorf("the reason is written again: %q", again)
		}
	}
	refused(1)
	must(t, r.rep.Ask(id)) // in spite
	refused(2)
	r.restart()
	r.edit(salesmanagementtest.SalesOrders, id, salesmanagementtest.Values{"statusId": strconv.FormatInt(r.crm.Status(salesmanagementtest.Draft), 10)})
	r.cycles(3)
	r.is(id, salesmanagementtest.Draft)
	r.edit(salesmanagementtest.Lines, r.lines(id)[0].ID, salesmanagementtest.Values{"quantity": "3"})
	r.cycles(2)
	if n := r.files(id); n != 0 {
		t.Errorf("corrected, and not asked for: in %d files", n)
	}
	must(t, r.rep.Ask(id))
	r.until("its file is there", func() bool { return r.files(id) == 1 })
	r.imports()
	r.exports()
	if got := r.is(id, salesmanagementtest.Priced).Values; !amount(t, got["Z_total_ttc"]).Equal(amount(t, r.document(id).Fields["Mt total TTC"])) {
		t.Errorf("priced: %v", got)
	}
}

// What the representative changes while Sage works on it is overwritten by what Sage answers, one line of each that was asked for, and kept
// in the remarks.
//
// Requirement: S50-13, S50-14
func TestQuoteEditedWhileSageWorks(t *testing.T) {
	t.Parallel()
	r := newQuoteRig(t)
	must(t, r.crm.SetSwitches(salesmanagementtest.Switches{salesmanagementtest.Blocked: "free"}))
	id := r.draft(r.item(0, "2"))
	must(t, r.rep.Ask(id))
	r.until("its file is there", func() bool { return r.files(id) == 1 })
	r.is(id, salesmanagementtest.Sent)
	r.edit(salesmanagementtest.Lines, r.lines(id)[0].ID, salesmanagementtest.Values{"quantity": "7"})
	must(t, r.rep.Ask(id))
	r.is(id, salesmanagementtest.Sent)
	r.imports()
	r.exports()
	r.is(id, salesmanagementtest.Priced)
	if got := r.lines(id); len(got) != 1 || got[0].Values["quantity"] != "2" || r.files(id) != 1 {
		t.Errorf("lines %+v, in %d files", got, r.files(id))
	}
	if got := r.quote(id).Values["internalComment"]; strings.Count(got, "Remplacé par Sage le ") != 1 || !strings.Contains(got, "× 7") {
		t.Errorf("what was overwritten is not kept: %q", got)
	}
}

// A quote for a prospect that Sage does not have waits, and goes once it is there; one that was withdrawn meanwhile does not. A quote
// that is gone from Sage is deleted.
//
// Requirement: S50-9, S50-11
func TestQuoteThatWaitsForItsClient(t *testing.T) {
	t.Parallel()
	r := newQuoteRig(t)
	prospect, err := r.rep.Create(salesmanagementtest.Accounts, salesmanagementtest.Values{"name": "Prospect du terrain",
		"statusId": strconv.FormatInt(r.crm.ListID(salesmanagementtest.AccountStatuses, salesmanagementtest.Prospect), 10)})
	must(t, err)
	var ids []int64
	for range 2 {
		id, err := r.rep.Quote(prospect, salesmanagementtest.Pricing, "D", r.item(0, "1"))
		must(t, err)
		ids = append(ids, id)
	}
	r.cycles(3)
	if n := r.files(ids[0]) + r.files(ids[1]); n != 0 {
		t.Fatalf("in %d files, without a client", n)
	}
	r.edit(salesmanagementtest.SalesOrders, ids[1], salesmanagementtest.Values{"statusId": strconv.FormatInt(r.crm.Status(salesmanagementtest.Draft), 10)})
	r.cycles(2)
	r.imports()
	r.exports()
	r.until("the file of the one is there", func() bool { return r.files(ids[0]) == 1 })
	r.imports()
	r.exports()
	r.is(ids[0], salesmanagementtest.Priced)
	if n := r.files(ids[1]); n != 0 {
		t.Errorf("the one that was withdrawn is in %d files", n)
	}
	if docs := r.sage.Find(quoteDossier, sage50test.Clients, sage50test.NomClient, "Prospect du terrain"); len(docs) != 1 {
		t.Errorf("clients of that name: %v", docs)
	}
}

// A quote does not wait for the job's next turn, nor do its prices.
//
// Requirement: S50-15
func TestQuoteIsNotKeptWaiting(t *testing.T) {
	t.Parallel()
	r := quoteRigOf(t, "12h")
	id := r.draft(r.item(0, "2"))
	must(t, r.rep.Ask(id))
	r.until("its file is there", func() bool { return r.files(id) == 1 })
	r.imports()
	r.is(id, salesmanagementtest.Imported)
	r.exports()
	r.is(id, salesmanagementtest.Priced)
}

// timed holds that the box has measured the one quote of the day, on each of its ways, and told its legs once.
func (r *quoteRig) timed(id int64) {
	r.t.Helper()
	r.until("its times are told", func() bool {
		st, err := r.app.Jobs[0].Status()
		return err == nil && len(st.Timings) == 3
	})
	st, err := r.app.Jobs[0].Status()
	must(r.t, err)
	for i, name := range []string{"quote-out", "quote-away", "quote-back"} {
		if got := st.Timings[i]; got.Name != name || got.Count != 1 || got.Median != got.Worst || got.Worst < 0 || got.Worst > time.Hour {
			r.t.Errorf("timing %d: %+v", i, got)
		}
	}
	var told []store.Event
	r.until("its legs are told", func() bool { told = r.told("quote-trip"); return len(told) > 0 })
	if len(told) != 1 || told[0].Args["reference"] != "SSM-"+strconv.FormatInt(id, 10) || told[0].Args["tookback"] == "" {
		r.t.Errorf("told in the journal: %+v", told)
	}
}

// told gives the events of a code in the journal.
func (r *quoteRig) told(code string) (told []store.Event) {
	r.t.Helper()
	_, state, err := r.app.Jobs[0].Engine()
	must(r.t, err)
	must(r.t, state.View(func(x *store.Txn) {
		x.Events(0, func(e store.Event) bool {
			if e.Code == code {
				told = append(told, e)
			}
			return true
		})
	}))
	return told
}
