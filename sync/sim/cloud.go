package sim

import (
	"math/rand/v2"
	"slices"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/engine"
	"syncbox/sync/sim/product"
	"syncbox/sync/store"
)

// cloudy says whether the ERP of a seed's world is one in the cloud. It is one of eleven, so that all kinds of worlds are
// among them, and that the other seeds mean the worlds that they meant before there was a cloud.
func cloudy(seed uint64) bool { return seed%11 == 5 }

// nextCloudy gives the nth seed from first on whose world has an ERP in the cloud.
func nextCloudy(first uint64, n int) uint64 { return first + (16-first%11)%11 + 11*uint64(n) }

// drawCloud draws a world with an ERP in the cloud: nobody there keys lists, restores backups or uses places again, and people
// merge customers, put them aside, make invoices of quotes and give names that are taken.
func drawCloud(seed uint64, crashes bool) Spec {
	r := rand.New(rand.NewPCG(seed, 0xc10d))
	k := kindOf(seed)
	s := drawShape(r, k)
	s.ERP = Cloud
	s.Backup, s.Set.Schedule.Backup = false, nil // the company's folder is not there; a look is many requests
	s.ERPForm = product.Form{Traits: connectors.Traits{Batch: 1, ServerLate: s.ERPForm.Traits.ServerLate}, Compares: true,
		Memory: s.ERPForm.Memory, Echo: true}
	s.Cloud = product.CloudForm{FeedMost: []int{2, 4, 1000}[r.IntN(3)], MergeGone: r.IntN(2) == 0, MovesTold: r.IntN(2) == 0,
		Idle: s.Set.Schedule.Interval * time.Duration(1+r.IntN(4))}
	if r.IntN(3) == 0 {
		s.Cloud.Allowance, s.Cloud.Vendor = 20+r.IntN(60), r.IntN(2) == 0
		s.Cloud.Month = time.Duration(20+r.IntN(60)) * time.Minute
	}
	return Spec{Seed: seed, Shape: s, Script: drawSteps(r, k, cloudOdds(k), crashes)}
}

// cloudOdds are what happens in a world with an ERP in the cloud.
func cloudOdds(k Kind) *odds {
	o := *k.odds()
	for _, d := range []Deed{KeyList, FallBack, TakeBackup, RestoreERP, ReuseCard, HideRecord} {
		o[d] = 0
	}
	o[PutAside], o[TakeName], o[Invoice] = 4, 4, 4
	if k != Edits { // which has one customer
		o[MergeCards], o[DeleteDocument] = 6, 2
	}
	return &o
}

var _ product.CloudLine = line{}

// Happened notes what an ERP in the cloud does and others do not.
func (l line) Happened(what string, trouble bool) {
	l.trace("  cloud: %s", what)
	if trouble {
		l.troubled = l.steady
	}
}

// cloudSource connects the box to the ERP in the cloud.
func (w *world) cloudSource() connectors.Source {
	erp := product.NewCloudERP(w.cloud)
	if !w.shape.TwoWay {
		return erp
	}
	return product.CloudTarget{CloudERP: erp}
}

// cloudDeed lets one of the things happen that do so in an ERP in the cloud.
func (w *world) cloudDeed(s *Step) {
	switch {
	case w.cloud == nil:
	case s.Do == MergeCards:
		w.mergeCards(s)
	case s.Do == PutAside:
		w.putAside(s)
	case s.Do == Invoice:
		w.invoice(s)
	case s.Do == TakeName:
		w.takeName(s)
	case s.Do == DeleteDocument:
		w.deleteDocument(s)
	}
}

// inUse says whether a customer of the ERP is one that people there still work with.
func (w *world) inUse(t *thing) bool {
	return t.entity == record.Account && w.cloud.Active(t.at[connectors.ERP])
}

// fieldAt gives the place of a field of the ERP in its entity's list.
func (w *world) fieldAt(e record.Entity, erp string) int {
	return slices.IndexFunc(w.book.fields[e], func(f field) bool { return f.ERP == erp })
}

// mergeCards has a person merge a customer of the ERP into another one.
func (w *world) mergeCards(s *Step) {
	from := w.anyOf(connectors.ERP, s.A, w.inUse)
	into := w.anyOf(connectors.ERP, s.B, func(t *thing) bool { return t != from && w.inUse(t) })
	if from == nil || into == nil {
		return
	}
	w.trace("a person merges the customer %s of account %d in the ERP into %s", from.at[connectors.ERP], from.id, into.at[connectors.ERP])
	into.touched, from.aside, from.swallowed = w.steady, true, true
	contact := w.contactAt(from)
	for _, row := range w.cloud.Merge(from.at[connectors.ERP], into.at[connectors.ERP]) {
		if t := w.atKey(connectors.ERP, record.Document, row.Key); t != nil {
			t.account, t.touched, t.movedFrom = into, w.steady, from
		}
	}
	if w.row(from, connectors.ERP) != nil {
		w.typed(from, w.fieldAt(record.Account, "active"), connectors.ERP, record.BoolOf(false))
		from.edited[connectors.ERP] = w.steady
		return
	}
	for _, t := range []*thing{from, contact} {
		t.gone, t.again = true, t.again+1
		t.forgive()
	}
}

// putAside has a person say that a customer of the ERP is not in use any more, or that one is in use again.
func (w *world) putAside(s *Step) {
	t := w.anyOf(connectors.ERP, s.A, func(t *thing) bool { return t.entity == record.Account && !t.swallowed })
	if t == nil {
		return
	}
	again := !w.inUse(t)
	t.aside = t.aside || !again
	w.change(t, w.fieldAt(record.Account, "active"), connectors.ERP, record.BoolOf(again))
}

// invoice has a person make an invoice of a document of the ERP: that one's total does not count any more, which the feed does
// not tell.
func (w *world) invoice(s *Step) {
	quote := w.anyOf(connectors.ERP, s.A, func(t *thing) bool {
		return t.entity == record.Document && w.row(t, connectors.ERP).From == "" && !w.invoiced(t)
	})
	if quote == nil {
		return
	}
	row := w.row(quote, connectors.ERP)
	t := w.newThing(record.Document, quote.account)
	t.at[connectors.ERP] = w.newKey(record.Document)
	fields := w.fill(t, connectors.ERP, everything)
	for _, name := range []string{"account", "contact", "lines"} {
		fields[name] = row.Fields[name]
	}
	w.erp.Add(record.Record{Entity: record.Document, Key: t.at[connectors.ERP], Fields: fields}, 0).From = row.Key
	row.Worth = row.Fields["total"]
	w.retotal(quote, record.Value{})
	w.cloud.Bump(row.Fields["account"].Key())
	w.trace("a person makes the invoice %s of %s: %s", t.at[connectors.ERP], row.Key, w.show(fields))
}

// invoiced says whether an invoice was made of a document.
func (w *world) invoiced(t *thing) bool {
	return slices.ContainsFunc(w.erp.Rows, func(r *product.Row) bool { return !r.Gone && r.From != "" && r.From == t.at[connectors.ERP] })
}

// worthless says whether a field is the total of a quote that shows none, since an invoice was made of it.
func (w *world) worthless(t *thing, f *field, side connectors.Side) bool {
	return w.cloud != nil && side == connectors.ERP && t.entity == record.Document && f.ERP == "total" && w.invoiced(t)
}

// retotal gives a document another total, without the feed's telling of it.
func (w *world) retotal(t *thing, v record.Value) {
	row := w.row(t, connectors.ERP)
	fields := record.Fields{}
	for name, old := range row.Fields {
		fields[name] = old
	}
	if fields["total"] = v; v.Empty() {
		delete(fields, "total")
	}
	row.Fields = fields
	w.typed(t, w.fieldAt(record.Document, "total"), connectors.ERP, v)
	t.edited[connectors.ERP] = w.steady
}

// recount gives a quote without an invoice its total again.
func (w *world) recount(quote *thing) {
	row := w.row(quote, connectors.ERP)
	v := row.Worth
	row.Worth = record.Value{}
	w.retotal(quote, v)
}

// deleteDocument has a person delete a document of the ERP. Without its invoice, a quote counts again.
func (w *world) deleteDocument(s *Step) {
	t := w.anyOf(connectors.ERP, s.A, isEntity(record.Document))
	if t == nil {
		return
	}
	row := w.row(t, connectors.ERP)
	w.trace("a person deletes the document %s of the ERP", row.Key)
	w.erp.Delete(row)
	w.cloud.Bump(t.account.at[connectors.ERP])
	t.gone = true
	t.forgive()
	if quote := w.atKey(connectors.ERP, record.Document, row.From); quote != nil && w.row(quote, connectors.ERP) != nil {
		w.recount(quote)
	}
}

// takeName has a person of the CRM give an account the name that another customer has in the ERP, be it in use there or not.
func (w *world) takeName(s *Step) {
	other := w.anyOf(connectors.ERP, s.B, isEntity(record.Account))
	if other == nil {
		return
	}
	v := w.row(other, connectors.ERP).Fields["name"]
	if s.A%3 == 0 {
		w.newAccount(s)
	}
	t := w.anyOf(connectors.CRM, s.A, func(t *thing) bool {
		return t != other && t.entity == record.Account && w.mayEdit(connectors.CRM, w.row(t, connectors.CRM)) && (s.A%3 > 0 || t.id == len(w.things)-1 || t.id == len(w.things)-2)
	})
	if t == nil || v.Empty() || t.had(w.fieldAt(record.Account, "name"), v) {
		return
	}
	if w.twice == nil {
		w.twice = map[string]bool{}
	}
	w.twice[v.Text] = true
	t.namesake = true
	w.change(t, w.fieldAt(record.Account, "name"), connectors.CRM, v)
}

// had says whether people typed a value into a field before: typed again before the box has read its own write, it can't be told
// from what was sent, as in older.
func (t *thing) had(i int, v record.Value) bool {
	return slices.ContainsFunc(t.cells[i].writes, func(x *write) bool { return x.value.Equal(v) })
}

// taken says whether the ERP does not let its people give a customer a name since another one has it.
func (w *world) taken(t *thing, f *field, side connectors.Side, v record.Value) bool {
	return w.cloud != nil && side == connectors.ERP && t.entity == record.Account && f.ERP == "name" && w.cloud.Named(v, t.at[connectors.ERP]) != nil
}

// booked lets a new document of the ERP change its customer there.
func (w *world) booked(account *thing) {
	if w.cloud != nil {
		w.cloud.Bump(account.at[connectors.ERP])
	}
}

// odd says whether something that only an ERP in the cloud has keeps a thing, or what stands behind it, from going on.
func (w *world) odd(t *thing) bool {
	return t.aside || t.namesake || t.movedFrom != nil || t.account != nil && (t.account.aside || t.account.namesake)
}

// answerCloud has a person answer what only an ERP in the cloud asks; false if it is no such question.
func (w *world) answerCloud(x store.Waiting) bool {
	switch {
	case w.cloud == nil || x.Kind != store.Quarantine:
		return false
	case x.Code == product.MergeSuspected:
		return w.relink(x)
	case x.Code == "erp-name-taken":
		return w.renameTaken(x)
	}
	return false
}

// relink has a person say that one customer of the ERP took over from another one.
func (w *world) relink(x store.Waiting) bool { return w.say(engine.Relink, x) }

// renameTaken has a person give an account of the CRM a name that no customer of the ERP has.
func (w *world) renameTaken(x store.Waiting) bool {
	t := w.atKey(connectors.CRM, x.Entity, x.CRM)
	if t == nil || w.row(t, connectors.CRM) == nil || !w.calm && !w.mayEdit(connectors.CRM, w.row(t, connectors.CRM)) {
		return false
	}
	w.change(t, w.fieldAt(record.Account, "name"), connectors.CRM, w.fresh(words, 0))
	return true
}

// cloudAsked says whether a record waits for what only people end, and only in an ERP in the cloud: nobody has said yet whether
// customers were merged, the name is another customer's, or the customer is not in use and can't be written.
func (w *world) cloudAsked(x store.Waiting) bool {
	if w.cloud == nil {
		return false
	}
	switch x.Code {
	case product.MergeSuspected:
		return true
	case "erp-name-taken":
		t := w.atKey(connectors.CRM, x.Entity, x.CRM)
		return t != nil && w.row(t, connectors.CRM) != nil && w.cloud.Named(w.row(t, connectors.CRM).Fields["Name"], x.ERP) != nil
	case "erp-record-missing":
		return x.ERP != "" && !w.cloud.Active(x.ERP)
	}
	return false
}

// reads is the call by which the box reads records of the ERP: in the cloud what a look shows is not read again.
func (s *Shape) reads() product.Method {
	if s.ERP == Cloud {
		return product.Look
	}
	return product.Read
}

// cloudFields leaves out of an entity's fields the number that we would make: there an Id is all there is.
func cloudFields(fields []field) []field {
	return slices.DeleteFunc(fields, func(f field) bool { return f.Policy == connectors.BusinessKey })
}

// endMonth ends the month whose reads may be used up, and all bounds on them. What the vendor asked for may be long.
func (w *world) endMonth() {
	if w.cloud == nil || w.cloud.Form.Allowance == 0 {
		return
	}
	if w.cloud.Form.Vendor {
		w.advance(w.shape.Set.RetryMost)
	}
	w.cloud.Form.Allowance = 0
}
