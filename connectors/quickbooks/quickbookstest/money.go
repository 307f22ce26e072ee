package quickbookstest

import (
	"encoding/json"

	"github.com/shopspring/decimal"
)

var zero = json.Number("0")

// amount writes money with two decimals, and nothing as 0, as the product does.
func amount(d decimal.Decimal) json.Number {
	if d.IsZero() {
		return zero
	}
	return json.Number(d.StringFixed(2))
}

// number writes a quantity, a price or a percentage without needless zeros.
func number(d decimal.Decimal) json.Number { return json.Number(d.String()) }

// decimalOf reads a number of a row; what is none is 0.
func decimalOf(v any) decimal.Decimal {
	n, ok := v.(json.Number)
	if !ok {
		return decimal.Zero
	}
	d, err := decimal.NewFromString(n.String())
	if err != nil {
		return decimal.Zero
	}
	return d
}

// parsed reads a test's decimal text; "" is 0. It panics at anything else.
func parsed(s string) decimal.Decimal {
	if s == "" {
		return decimal.Zero
	}
	d, err := decimal.NewFromString(s)
	if err != nil {
		panic("quickbookstest: not a decimal: " + s)
	}
	return d
}

var hundred = decimal.NewFromInt(100)

// percent gives part of an amount in cents.
func percent(d, rate decimal.Decimal) decimal.Decimal { return d.Mul(rate).Div(hundred).Round(2) }

// currency is the reference to a currency.
func currency(code string) Object {
	return reference(code, map[string]string{"CAD": "Canadian Dollar", "USD": "United States Dollar", "EUR": "Euro",
		"GBP": "British Pound Sterling", "JPY": "Japanese Yen"}[code])
}
