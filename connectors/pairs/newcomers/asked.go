package newcomers

import (
	"github.com/shopspring/decimal"

	"syncbox/connectors/record"
	"syncbox/connectors/salesmanagement"
)

// asked gives the lines of a quote as Sage is asked for prices: the products, how many of each, and the discount in percent. What
// somebody typed as a price stays here (S50-12).
func asked(lines record.Value) record.Value {
	var rows []record.Fields
	for _, line := range lines.Rows {
		row := record.Fields{}
		for to, from := range map[string]string{"product": salesmanagement.LineCode, "description": salesmanagement.LineDescription, "quantity": salesmanagement.LineQuantity} {
			if v := line[from]; !v.Empty() {
				row[to] = v
			}
		}
		if rate := discount(line); !rate.IsZero() {
			row["discount_rate"] = record.NumberOf(rate)
		}
		rows = append(rows, row)
	}
	return record.RowsOf(rows...)
}

var hundred = decimal.NewFromInt(100)

// discount makes one discount of up to four, each of which is of what the one before left.
func discount(line record.Fields) decimal.Decimal {
	left := hundred
	for _, name := range []string{"discount1", "discount2", "discount3", "discount4"} {
		left = left.Mul(hundred.Sub(line[name].Decimal())).Div(hundred)
	}
	return hundred.Sub(left).Round(4)
}
