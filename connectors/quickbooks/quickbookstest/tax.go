package quickbookstest

import "github.com/shopspring/decimal"

// pricePlaces is how many decimals a price has that was worked out.
const pricePlaces = 7

// rate is the tax of a document in percent, and within what a price with it is to one without.
func (d *NewDocument) rate() decimal.Decimal { return parsed(d.Tax) }

func (d *NewDocument) within() decimal.Decimal {
	if !d.Inclusive {
		return decimal.NewFromInt(1)
	}
	return hundred.Add(d.rate()).Div(hundred)
}

// worth is what was typed for a line, in cents.
func (in *NewLine) worth() decimal.Decimal {
	if in.Amount != "" {
		return parsed(in.Amount)
	}
	quantity := in.Quantity
	setDefault(&quantity, "1")
	return parsed(quantity).Mul(parsed(in.UnitPrice)).Round(2)
}

// typed adds up what was typed for lines. A bundle is worth its children.
func typed(lines []NewLine) decimal.Decimal {
	var all decimal.Decimal
	for i := range lines {
		if all = all.Add(typed(lines[i].Children)); len(lines[i].Children) == 0 {
			all = all.Add(lines[i].worth())
		}
	}
	return all
}

// tax works out the tax of lines. Where prices were typed with it, the document comes to what was typed, and the tax is
// what the lines without it lack: so does the captured one with 12.00 less 20 %, which has 8.49, a tax of 1.11 where 13 %
// would be 1.10, and 9.60 in all.
func tax(o Object, d *NewDocument) {
	if d.Tax == "" {
		o["GlobalTaxCalculation"] = "NotApplicable"
		return
	}
	t := sum(objects(o["Line"]))
	base := t.subTotal.Sub(t.discount)
	o["GlobalTaxCalculation"] = "TaxExcluded"
	due := percent(base, d.rate())
	if d.Inclusive {
		o["GlobalTaxCalculation"] = "TaxInclusive"
		all := typed(d.Lines)
		due = all.Sub(percent(all, parsed(d.Discount))).Sub(base)
	}
	o["TxnTaxDetail"] = Object{"TotalTax": amount(due), "TaxLine": []any{Object{"Amount": amount(due), "DetailType": "TaxLineDetail",
		"TaxLineDetail": Object{"TaxRateRef": reference("12", ""), "PercentBased": true, "TaxPercent": number(d.rate()), "NetAmountTaxable": amount(base)}}}}
}
