package salesmanagement

import (
	"context"
	"encoding/json"
	"net/http"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// last are the columns that a quote gets when all else is there: until then it shows that it is not finished.
var last = []string{"statusId", FieldBlocked, FieldRemarks, FieldReadOnly}

// totals come before them, and after the lines.
var totals = []string{"total", "Z_total_ht", "Z_total_tva", "Z_total_ttc"}

// changeQuote writes a quote: what its lines take the place of into its remarks, itself, its lines, its total, then its status and that it is read-only. Each step writes what is not
// there yet, so that one that was broken off goes on where it was.
func (t *Tenant) changeQuote(ctx context.Context, op connectors.Op, h *hand, body payload, now row) error {
	v, told := op.Fields[FieldLines]
	var there []row
	if told {
		var err error
		if there, err = t.orderLines(ctx, h.id); err == nil {
			now, err = t.keepReplaced(ctx, h, now, there, v)
		}
		if err != nil {
			return h.told(h.done(ctx, h.readOnly, err))
		}
	}
	t.implied(op, body, now)
	final, sums := take(body, last), take(body, totals)
	want := wanted(final, h.readOnly)
	err := t.quoteSteps(ctx, op, h, there, body, sums, final)
	return h.told(h.done(ctx, want, err))
}

func (t *Tenant) quoteSteps(ctx context.Context, op connectors.Op, h *hand, there []row, body, sums, final payload) error {
	if err := h.put(ctx, body); err != nil {
		return err
	}
	if v, told := op.Fields[FieldLines]; told {
		if err := t.lines(ctx, h, there, v); err != nil {
			return err
		}
	}
	if err := h.put(ctx, sums); err != nil {
		return err
	}
	return h.put(ctx, final)
}

// take moves some columns out of a payload.
func take(from payload, names []string) payload {
	taken := payload{}
	for _, name := range names {
		if v, told := from[name]; told {
			taken[name] = v
			delete(from, name)
		}
	}
	return taken
}

// implied adds what a new status brings along, where the write does not say otherwise: a quote that the ERP has is blocked,
// a priced one is read-only, a refused one can be edited again; and a line of the box in the remarks (M18).
func (t *Tenant) implied(op connectors.Op, body payload, now row) {
	if line := t.remarkOn(op, body, now); line != "" {
		body[FieldRemarks] = t.shape.cut("salesorders", FieldRemarks, remark(now.text(FieldRemarks), line))
	}
	if body["statusId"] == nil {
		return
	}
	set := func(name string, v bool) {
		if _, told := op.Fields[name]; !told && now.truth(name) != v {
			body[name] = v
		}
	}
	switch op.Fields[FieldStatus].Text {
	case Sent, Imported:
		set(FieldBlocked, true)
	case Priced:
		set(FieldReadOnly, true)
	case Refused:
		set(FieldBlocked, false)
		set(FieldReadOnly, false)
	}
}

// lines makes the lines of an order those of a value: existing ones are matched by their product, in order; others are added, and
// those that are left are deleted.
func (t *Tenant) lines(ctx context.Context, h *hand, there []row, v record.Value) error {
	for i, want := range v.Rows {
		product, err := t.productOf(ctx, want)
		if err != nil {
			return err
		}
		body, err := t.linePayload(want, product, i+1)
		if err != nil {
			return err
		}
		at := matching(there, product)
		if at < 0 {
			body["salesOrderId"] = json.Number(h.id)
			if err := t.lineCall(ctx, h, http.MethodPost, body, linesList); err != nil {
				return err
			}
			continue
		}
		old := there[at]
		there = append(there[:at:at], there[at+1:]...)
		if body = differing(body, old); len(body) > 0 {
			if err := t.lineCall(ctx, h, http.MethodPut, body, linesList, old.id("id")); err != nil {
				return err
			}
		}
	}
	for _, old := range there {
		if err := t.lineCall(ctx, h, http.MethodDelete, nil, linesList, old.id("id")); err != nil {
			return err
		}
	}
	return nil
}

func (t *Tenant) lineCall(ctx context.Context, h *hand, method string, body payload, parts ...string) error {
	return h.try(ctx, func() error {
		_, err := t.write(ctx, method, body, parts...)
		return err
	})
}

func matching(there []row, product string) int {
	for i, r := range there {
		if r.id("productId") == product {
			return i
		}
	}
	return -1
}

// productOf gives the key of a line's product, by the ERP's code where the line has none.
func (t *Tenant) productOf(ctx context.Context, line record.Fields) (string, error) {
	if key := line[LineProduct].Text; key != "" && plainID(key) == key {
		return key, nil
	}
	code := line[LineCode].Text
	if code == "" {
		return "", fieldError(CodeValueUnknown, LineCode)
	}
	live, _, err := t.byExternal(ctx, resources[record.Product].list, t.cfg.Dossier+":"+code)
	if err != nil {
		return "", err
	}
	if live == nil {
		return "", fieldError(CodeValueUnknown, LineCode)
	}
	return live.id("id"), nil
}

// linePayload makes a line. Where quantities are integers, one that is none goes into the description, as one of the line's total (M16).
func (t *Tenant) linePayload(line record.Fields, product string, order int) (payload, error) {
	quantity, price := line[LineQuantity].Decimal(), line[LinePrice].Decimal()
	text := line[LineDescription].Text
	if !quantity.IsInteger() && !t.shape.fractions(linesList, LineQuantity) {
		total := line[LineTotal].Decimal()
		if line[LineTotal].Empty() {
			total = quantity.Mul(price)
		}
		text = t.hide(text, quantity, price)
		quantity, price = dec(1), total
	}
	if most := t.shape.longest(linesList, LineDescription); most > 0 {
		text = t.shape.cut(linesList, LineDescription, text)
	}
	body := payload{"productId": json.Number(product), LineQuantity: jsonNumber(quantity), LinePrice: jsonNumber(price), LineDescription: text, "order": jsonNumber(dec(int64(order)))}
	if v := line[LineTotal]; !v.Empty() {
		body[LineTotal] = jsonNumber(v.Decimal())
	}
	for _, name := range discounts {
		body[name] = jsonNumber(line[name].Decimal())
	}
	for _, name := range lineExtras {
		if v, told := line[name]; told && !t.shape.lacks(linesList, name) {
			body[name] = t.numberFor(linesList, name, v)
		}
	}
	for name := range line {
		if !lineColumns[name] {
			return nil, badOp("write lines: column %s is not known here", name)
		}
	}
	return body, nil
}

var lineColumns = map[string]bool{
	LineProduct: true, LineCode: true, LineDescription: true, LineQuantity: true, LinePrice: true, LineTotal: true,
	"discount1": true, "discount2": true, "discount3": true, "discount4": true, "Z_tva_taux": true, "Z_prix_ttc": true,
}
