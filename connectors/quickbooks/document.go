package quickbooks

import (
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"syncbox/connectors/record"
)

// stage is where an estimate stands.
type stage uint8

// The stages; 0 is one that is not known here.
const (
	rejected stage = iota + 1
	pending
	accepted
	closed
)

var stages = map[string]stage{"rejected": rejected, "pending": pending, "accepted": accepted, "closed": closed}

// stageKinds are the kinds that documents have in records.
var stageKinds = [...]string{rejected: "estimate_rejected", pending: "estimate_pending", accepted: "estimate_accepted", closed: "estimate_closed"}

// stageOf gives the stage of a TxnStatus, 0 for one that is not known.
func stageOf(status text) stage { return stages[strings.ToLower(strings.TrimSpace(string(status)))] }

// invoice gives the Id of the invoice that was made from an estimate, 0 if it names none.
func (t *transaction) invoice() uint64 {
	for _, l := range t.LinkedTxn {
		if n, ok := l.TxnID.number(); ok && strings.EqualFold(string(l.TxnType), invoiceEntity) {
			return n
		}
	}
	return 0
}

// estimates gives the estimates from which an invoice was made.
func (t *transaction) estimates() []docNumber {
	var all []docNumber
	for _, l := range t.LinkedTxn {
		if d, ok := docNumberOf(estimates, l.TxnID); ok && strings.EqualFold(string(l.TxnType), estimateEntity) {
			all = append(all, d)
		}
	}
	return all
}

// document makes the record of a transaction.
func (c *Company) document(s sort, t *transaction, rec *record.Record) *held {
	d, _ := docNumberOf(s, t.ID)
	entry, _ := c.memory.docs.get(uint64(d))
	fields, h := c.heading(s, t, entry)
	rec.Fields = fields
	if h != nil {
		return h
	}
	switch {
	case t.voided():
		void(fields, c.words.voided)
		return nil
	case s == estimates && entry.By != 0 && c.cfg.Superseded != SupersededKeep:
		void(fields, c.words.replacedBy(entry.By))
		return nil
	}
	sums := c.lines(t.Line)
	derived, total := sums.total(), t.total(sums)
	if s == credits {
		sums.negate()
		derived, total = derived.Neg(), total.Neg()
	}
	if !total.Equal(derived) {
		rec.Remark = &record.Remark{Code: CodeTotalDiffers, Args: map[string]string{"amountlines": derived.String(), "amounttaken": total.String()}}
	}
	fields["freight"] = record.NumberOf(sums.freight)
	fields["discount"] = record.NumberOf(sums.discount)
	fields["total_before_tax"] = record.NumberOf(total)
	fields["lines"] = record.RowsOf(sums.rows()...)
	return nil
}

// heading reads what does not depend on the lines.
func (c *Company) heading(s sort, t *transaction, entry document) (record.Fields, *held) {
	title := string(t.DocNumber)
	if strings.TrimSpace(title) == "" {
		title = c.words.untitled(s, t.ID)
	}
	fields := record.Fields{
		"number":   record.TextOf(title),
		"account":  record.RefOf(record.Key(t.CustomerRef.Value)),
		"contact":  record.RefOf(record.Key(t.CustomerRef.Value)),
		"currency": record.TextOf(string(t.CurrencyRef.Value)),
	}
	kind, h := kindOf(s, t, entry)
	fields["kind"] = record.TextOf(kind)
	if _, ok := t.CustomerRef.Value.number(); !ok && h == nil {
		h = holding(CodeRowBad, "field", "CustomerRef")
	}
	if t.TxnDate != "" {
		at, err := time.Parse(time.DateOnly, string(t.TxnDate))
		if err != nil && h == nil {
			h = holding(CodeRowBad, "field", "TxnDate")
		}
		fields["date"] = record.DateOf(at)
	}
	return fields, h
}

// kindOf gives the kind of a document. An estimate in a state that is not known keeps the one that it was
// last seen in; one that was never seen in another is held.
func kindOf(s sort, t *transaction, entry document) (string, *held) {
	switch s {
	case invoices:
		return "invoice", nil
	case credits:
		return "credit", nil
	}
	at := stageOf(t.TxnStatus)
	if at == 0 {
		at = entry.Stage
	}
	if at == 0 {
		return "", holding(CodeStatusUnknown, "status", cutTo(string(t.TxnStatus), 40))
	}
	return stageKinds[at], nil
}

func cutTo(s string, runes int) string {
	if r := []rune(s); len(r) > runes {
		return string(r[:runes])
	}
	return s
}

// voided says whether a transaction was voided: it stays, with amounts of 0 and a word in its note.
func (t *transaction) voided() bool {
	return t.TotalAmt.set && t.TotalAmt.value.IsZero() && strings.HasPrefix(strings.TrimSpace(string(t.PrivateNote)), "Voided")
}

// void makes a document count nothing and say why.
func void(fields record.Fields, note string) {
	zero := record.NumberOf(decimal.Decimal{})
	fields["freight"], fields["discount"], fields["total_before_tax"] = zero, zero, zero
	fields["lines"] = record.RowsOf(record.Fields{
		"no":          record.NumberOf(decimal.NewFromInt(1)),
		"description": record.TextOf(note),
		"quantity":    zero, "unit_price": zero, "discount": zero, "total": zero,
	})
}

// oneCent is how far the two ways to the total before taxes may be apart.
var oneCent = decimal.New(1, -2)

// total gives the total before taxes: what the lines say, unless the product's own total less its taxes is
// more than a cent away.
func (t *transaction) total(sums *sums) decimal.Decimal {
	derived := sums.total()
	if !t.TotalAmt.set {
		return derived
	}
	own := t.TotalAmt.value.Sub(t.TxnTaxDetail.TotalTax.value)
	if own.Sub(derived).Abs().LessThanOrEqual(oneCent) {
		return derived
	}
	return own
}
