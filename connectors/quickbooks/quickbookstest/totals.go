package quickbookstest

import (
	"github.com/shopspring/decimal"
)

// The DetailTypes of a line.
const (
	salesDetail       = "SalesItemLineDetail"
	groupDetail       = "GroupLineDetail"
	subTotalDetail    = "SubTotalLineDetail"
	discountDetail    = "DiscountLineDetail"
	descriptionDetail = "DescriptionOnly"
	shippingItem      = "SHIPPING_ITEM_ID"
)

// sums are what the lines of a transaction add up to.
type sums struct{ subTotal, discount, shipping decimal.Decimal }

func (t sums) net() decimal.Decimal { return t.subTotal.Sub(t.discount).Add(t.shipping) }

// sum reads lines: a bundle is worth its children, shipping stands apart, the subtotal line is worked out.
func sum(lines []Object) (t sums) {
	for _, line := range lines {
		switch text(line, "DetailType") {
		case groupDetail:
			t.subTotal = t.subTotal.Add(sum(objects(at(line, "GroupLineDetail.Line"))).subTotal)
		case discountDetail:
			t.discount = t.discount.Add(decimalOf(line["Amount"]))
		case salesDetail:
			if text(line, "SalesItemLineDetail.ItemRef.value") == shippingItem {
				t.shipping = t.shipping.Add(decimalOf(line["Amount"]))
			} else {
				t.subTotal = t.subTotal.Add(decimalOf(line["Amount"]))
			}
		}
	}
	return t
}

func subTotalLine(d decimal.Decimal) Object {
	return Object{"Amount": amount(d), "DetailType": subTotalDetail, "SubTotalLineDetail": Object{}}
}

// total works out the subtotal line, TotalAmt and Balance of a transaction from its lines and its TotalTax.
func total(e Entity, o Object) {
	lines := objects(o["Line"])
	t := sum(lines)
	var before, after []any
	for _, line := range lines {
		switch text(line, "DetailType") {
		case subTotalDetail:
		case discountDetail:
			after = append(after, line)
		default:
			if text(line, "SalesItemLineDetail.ItemRef.value") == shippingItem {
				after = append(after, line)
			} else {
				before = append(before, line)
			}
		}
	}
	o["Line"] = append(append(before, subTotalLine(t.subTotal)), after...)
	all := t.net().Add(decimalOf(at(o, "TxnTaxDetail.TotalTax")))
	o["TotalAmt"] = amount(all)
	switch e {
	case Invoice:
		o["Balance"] = amount(all)
	case CreditMemo:
		o["Balance"], o["RemainingCredit"] = amount(all), amount(all)
	}
	if rate := decimalOf(o["ExchangeRate"]); !rate.IsZero() {
		o["HomeTotalAmt"] = amount(all.Mul(rate).Round(2))
	}
}

// completeTransaction fills in what the product adds to a transaction that a client wrote. It exists so that a client which should
// never write one is seen to have done it.
func (s *Server) completeTransaction(o Object) *problem {
	customer := text(o, "CustomerRef.value")
	switch {
	case customer == "":
		return missingParam("CustomerRef")
	case s.state.find(Customer, customer) == nil:
		return notFound()
	}
	setMember(o, "TxnDate", s.clock.Now().In(s.opts.Zone).Format("2006-01-02"))
	return nil
}
