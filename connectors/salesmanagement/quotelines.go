package salesmanagement

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"syncbox/connectors/record"
)

// The columns of a quote's lines. A line names its product by its key and by the ERP's code; either is enough in a write.
const (
	LineProduct     = "productId"
	LineCode        = "product"
	LineDescription = "description"
	LineQuantity    = "quantity"
	LinePrice       = "price"
	LineTotal       = "total"
)

// discounts are the columns of discounts, in percent.
var discounts = []string{"discount1", "discount2", "discount3", "discount4"}

// lineExtras are the custom fields of lines, where the tenant has them: the API knows no tax of a line.
var lineExtras = []string{"Z_tva_taux", "Z_prix_ttc"}

// orderLines reads the lines of an order, in their order.
func (t *Tenant) orderLines(ctx context.Context, id string) (lines []row, err error) {
	err = t.search(ctx, linesList, refersTo("salesOrderId", id), func(r row) {
		if r.id("salesOrderId") == id && !r.gone() {
			lines = append(lines, r)
		}
	})
	slices.SortFunc(lines, func(a, b row) int {
		first, _ := a.number("order")
		second, _ := b.number("order")
		return cmp.Or(first.Cmp(second), cmp.Compare(number64(a), number64(b)))
	})
	return lines, err
}

// linesOf gives the lines of an order as a value.
func (t *Tenant) linesOf(ctx context.Context, id string) (record.Value, error) {
	lines, err := t.orderLines(ctx, id)
	if err != nil {
		return record.Value{}, err
	}
	var rows []record.Fields
	for _, r := range lines {
		code, err := t.codeOf(ctx, r.id("productId"))
		if err != nil {
			return record.Value{}, err
		}
		rows = append(rows, lineFields(r, code))
	}
	return record.RowsOf(rows...), nil
}

// lineFields makes the fields of a line; a discount of nothing is none.
func lineFields(r row, code string) record.Fields {
	text, quantity, price, hidden := reveal(r.text(LineDescription))
	fields := record.Fields{
		LineProduct: record.RefOf(record.Key(r.id("productId"))), LineCode: record.TextOf(code), LineDescription: record.TextOf(text),
		LineQuantity: numberOf(r, LineQuantity), LinePrice: numberOf(r, LinePrice), LineTotal: numberOf(r, LineTotal),
	}
	if hidden {
		fields[LineQuantity], fields[LinePrice] = record.NumberOf(quantity), record.NumberOf(price)
	}
	for _, name := range discounts {
		if d, ok := r.number(name); ok && !d.IsZero() {
			fields[name] = record.NumberOf(d)
		}
	}
	for _, name := range lineExtras {
		if v := numberOf(r, name); !v.Empty() {
			fields[name] = v
		}
	}
	return fields
}

// codeOf gives the ERP's code of a product: of its external id, else what the product is called here.
func (t *Tenant) codeOf(ctx context.Context, product string) (string, error) {
	if code, ok := t.models[product]; ok || product == "" {
		return code, nil
	}
	r, err := t.get(ctx, resources[record.Product].list, product)
	if err != nil {
		return "", err
	}
	code := r.text("model")
	if _, own, ok := strings.Cut(r.text(FieldExternal), ":"); ok && !t.foreign(r) {
		code = own
	}
	t.models[product] = code
	return code, nil
}

// hidden is how the quantity and the price of a line stand in its description where quantities are integers (M16).
var hidden = regexp.MustCompile(`\s*\[(-?[0-9]+(?:\.[0-9]+)?) × (-?[0-9]+(?:\.[0-9]+)?)\]$`)

// reveal takes quantity and price out of a description.
func reveal(text string) (rest string, quantity, price decimal.Decimal, ok bool) {
	m := hidden.FindStringSubmatch(text)
	if m == nil {
		return text, quantity, price, false
	}
	quantity, err := decimal.NewFromString(m[1])
	if err != nil {
		return text, quantity, price, false
	}
	price, err = decimal.NewFromString(m[2])
	return strings.TrimSuffix(text, m[0]), quantity, price, err == nil
}

// hide puts quantity and price into a description, in the room that there is.
func (t *Tenant) hide(text string, quantity, price decimal.Decimal) string {
	suffix := " [" + quantity.String() + " × " + price.String() + "]"
	if most := t.shape.longest(linesList, LineDescription); most > 0 {
		short := shape{columns: map[string]map[string]column{"": {"": {longest: max(1, most-size(suffix))}}}}
		text = short.cut("", "", text)
	}
	return strings.TrimSpace(text + suffix)
}
