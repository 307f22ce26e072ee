package salesmanagement

import (
	"context"
	"strconv"

	"github.com/shopspring/decimal"

	"syncbox/connectors/record"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// blank stands where the API wants something and there is nothing.
const blank = "-"

// noStock is shown where stock does not apply (M12).
const noStock = "-"

// whole makes the record of a row, for which it may have to ask for more.
func (t *Tenant) whole(ctx context.Context, e record.Entity, res *resource, r row) (record.Record, error) {
	rec := t.record(e, res, r)
	if rec.Gone {
		return rec, nil
	}
	var err error
	switch e {
	case record.Document:
		err = t.owners(ctx, r, rec.Fields)
	case record.Quote:
		t.noteAsked(r)
		rec.Fields[FieldLines], err = t.linesOf(ctx, r.id("id"))
	}
	return rec, err
}

// record makes a record of what a row itself shows.
func (t *Tenant) record(e record.Entity, res *resource, r row) record.Record {
	rec := record.Record{Entity: e, Key: record.Key(r.id("id")), ExternalID: r.text(FieldExternal), Gone: r.gone()}
	if rec.Gone {
		return rec
	}
	rec.Fields = record.Fields{}
	for name, f := range res.fields {
		if f.form != asLines && !(custom(f.wire) && t.shape.lacks(res.list, f.wire)) {
			rec.Fields[name] = t.value(r, f)
		}
	}
	if e == record.Account && rec.ExternalID == "" && rec.Fields[FieldStatus].Empty() {
		rec.Held = CodeOtherStatus
	}
	t.undecided(&rec, r)
	return rec
}

func (t *Tenant) value(r row, f field) record.Value {
	switch f.form {
	case asNumber:
		return numberOf(r, f.wire)
	case asStock:
		return stockOf(r)
	case asBool:
		return record.BoolOf(r.truth(f.wire))
	case asDay:
		return record.DateOf(r.day(f.wire))
	case asRef:
		return record.RefOf(record.Key(r.id(f.wire)))
	case asSalesman:
		return record.RefOf(record.Key(r.id("salesRepId")))
	case asCountry:
		return record.TextOf(t.shape.countries[r.id(f.wire)])
	case asAccountStatus:
		return record.TextOf(t.shape.accounts[r.id(f.wire)])
	case asQuoteStatus:
		return record.TextOf(t.shape.quotes[r.id(f.wire)])
	case asRefusal:
		return record.TextOf(refusalIn(r.text(f.wire)))
	case asPicture:
		return record.TextOf(t.pictures.of(r))
	}
	text := r.text(f.wire)
	if text == "" && f.wire == "lastName" {
		text = r.text("lasttName") // the vendor's own model spells it so
	}
	if f.filled && text == blank {
		text = ""
	}
	return record.TextOf(text)
}

func numberOf(r row, name string) record.Value {
	if d, ok := r.number(name); ok {
		return record.NumberOf(d)
	}
	return record.Value{}
}

// stockOf gives the stock: the exact one that is displayed, where that belongs to the integer beside it.
func stockOf(r row) record.Value {
	n, ok := r.number(FieldStock)
	if !ok {
		return record.Value{}
	}
	if exact, ok := r.number(FieldStockShown); ok && exact.Floor().Equal(n) {
		return record.NumberOf(exact)
	}
	return record.NumberOf(n)
}

// owners finds out the ids of an invoice's account and salesman, where the row names them by their external ids.
func (t *Tenant) owners(ctx context.Context, r row, fields record.Fields) error {
	if fields[FieldInvoiceOwner].Empty() && r.text("salesRepExtId") != "" {
		users, err := t.everyUser(ctx)
		if err != nil {
			return err
		}
		fields[FieldInvoiceOwner] = record.RefOf(record.Key(users.withExternal(r.text("salesRepExtId"))))
	}
	if external := r.text("accountExtId"); fields["accountId"].Empty() && external != "" {
		id, known := t.accounts[external]
		if !known {
			live, _, err := t.byExternal(ctx, resources[record.Account].list, external)
			if err != nil {
				return err
			}
			id = live.id("id")
			t.accounts[external] = id
		}
		fields["accountId"] = record.RefOf(record.Key(id))
	}
	return nil
}

// jsonNumber writes a number as it is, without a float in between.
func jsonNumber(d decimal.Decimal) literal { return literal(d.String()) }

// literal is written into JSON as it is.
type literal string

// MarshalJSON gives the digits.
func (l literal) MarshalJSON() ([]byte, error) { return []byte(l), nil }
