package quickbookstest

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/shopspring/decimal"
)

// NewDocument is what a person enters in a form for a transaction. Amounts, quantities and percentages are decimal texts, "" is none.
type NewDocument struct {
	Customer    string // Id
	DocNumber   string // "": the next number
	NoDocNumber bool   // it stays without one
	Date        string // YYYY-MM-DD; default today
	Lines       []NewLine
	Discount    string // percent of the subtotal
	Shipping    string // amount
	Tax         string // percent of subtotal less discount; "" is a document without TxnTaxDetail
	Inclusive   bool   // the prices are typed with the tax; the document has them without
	Status      string // of an estimate; default Pending
	Currency    string // default the home currency
	Rate        string // of another currency; default 1.3333
	BillEmail   string // whatever was typed; a malformed one makes the row poison
	Memo        string
}

// NewLine is a line. Without item and amount it is a description; with children it is a bundle.
type NewLine struct {
	Item, Description   string // Item is an Id
	Quantity, UnitPrice string // default quantity 1; of an Inclusive document with its tax
	Amount              string // default quantity × price, in cents; of an Inclusive document with its tax
	Children            []NewLine
}

// document makes the object of a form. The caller has the lock.
func (s *Server) document(e Entity, d *NewDocument) (Object, *problem) {
	customer := s.state.find(Customer, d.Customer)
	if customer == nil {
		return nil, notFound()
	}
	o := Object{"CustomerRef": reference(d.Customer, text(customer.obj, "DisplayName")), "CustomField": []any{}, "LinkedTxn": []any{},
		"TxnDate": d.Date, "CurrencyRef": currency(s.opts.Currency), "PrintStatus": "NotSet", "EmailStatus": "NotSet"}
	if d.Date == "" {
		o["TxnDate"] = s.now().Format(time.DateOnly)
	}
	for _, name := range []string{"BillAddr", "ShipAddr"} {
		if a, ok := customer.obj[name].(Object); ok {
			o[name] = deep(a)
		}
	}
	s.money(o, d)
	s.headings(e, o, d)
	lines, prob := s.lines(d)
	if prob != nil {
		return nil, prob
	}
	o["Line"] = lines
	tax(o, d)
	total(e, o)
	return o, nil
}

// money sets the currency of a document.
func (s *Server) money(o Object, d *NewDocument) {
	if d.Currency == "" || d.Currency == s.opts.Currency {
		return
	}
	rate := d.Rate
	setDefault(&rate, "1.3333")
	o["CurrencyRef"], o["ExchangeRate"] = currency(d.Currency), number(parsed(rate))
}

// headings sets what stands above and below the lines.
func (s *Server) headings(e Entity, o Object, d *NewDocument) {
	if !d.NoDocNumber {
		o["DocNumber"] = d.DocNumber
		if d.DocNumber == "" {
			o["DocNumber"] = s.nextNumber(e)
		}
	}
	if d.BillEmail != "" {
		o["BillEmail"] = Object{"Address": d.BillEmail}
	}
	if d.Memo != "" {
		o["CustomerMemo"] = Object{"value": d.Memo}
	}
	switch e {
	case Estimate:
		o["TxnStatus"] = d.Status
		if d.Status == "" {
			o["TxnStatus"] = "Pending"
		}
	case Invoice:
		o["Deposit"], o["DueDate"] = zero, o["TxnDate"]
		for _, name := range []string{"AllowIPNPayment", "AllowOnlinePayment", "AllowOnlineCreditCardPayment", "AllowOnlineACHPayment"} {
			o[name] = false
		}
	}
}

func (s *Server) nextNumber(e Entity) string {
	return strconv.FormatInt(1000+s.state.nextID("number of "+string(e)), 10)
}

func (s *Server) lines(d *NewDocument) ([]any, *problem) {
	n := 0
	lines, prob := s.items(d.Lines, d.within(), &n)
	if prob != nil {
		return nil, prob
	}
	if d.Discount != "" {
		rate := parsed(d.Discount)
		lines = append(lines, Object{"Amount": amount(percent(sum(objects(lines)).subTotal, rate)), "DetailType": discountDetail,
			discountDetail: Object{"PercentBased": true, "DiscountPercent": number(rate), "DiscountAccountRef": reference("28", "Discounts given")}})
	}
	if d.Shipping != "" {
		lines = append(lines, shippingLine(parsed(d.Shipping)))
	}
	return lines, nil
}

// shippingLine has no Id, Qty and UnitPrice.
func shippingLine(d decimal.Decimal) Object {
	return Object{"Amount": amount(d), "DetailType": salesDetail, salesDetail: Object{"ItemRef": reference(shippingItem, "")}}
}

// items makes lines. within is by how much the prices that were typed are too high: 1.13 where they hold 13 % of tax.
func (s *Server) items(in []NewLine, within decimal.Decimal, n *int) ([]any, *problem) {
	var lines []any
	for i := range in {
		*n++
		line := Object{"Id": strconv.Itoa(*n), "LineNum": json.Number(strconv.Itoa(*n))}
		if in[i].Description != "" {
			line["Description"] = in[i].Description
		}
		if prob := s.fillLine(line, &in[i], within, n); prob != nil {
			return nil, prob
		}
		lines = append(lines, line)
	}
	return lines, nil
}

func (s *Server) fillLine(line Object, in *NewLine, within decimal.Decimal, n *int) *problem {
	if in.Item == "" && in.Amount == "" && len(in.Children) == 0 {
		line["DetailType"], line["DescriptionLineDetail"] = descriptionDetail, Object{}
		return nil
	}
	ref := Object{}
	if in.Item != "" {
		item := s.state.find(Item, in.Item)
		if item == nil {
			return notFound()
		}
		ref = reference(in.Item, text(item.obj, "FullyQualifiedName"))
	}
	quantity := in.Quantity
	setDefault(&quantity, "1")
	if len(in.Children) > 0 {
		children, prob := s.items(in.Children, within, n)
		line["Amount"], line["DetailType"] = zero, groupDetail
		line[groupDetail] = Object{"GroupItemRef": ref, "Quantity": number(parsed(quantity)), "Line": children}
		return prob
	}
	line["Amount"], line["DetailType"] = amount(in.worth().DivRound(within, 2)), salesDetail
	line[salesDetail] = Object{"ItemRef": ref, "Qty": number(parsed(quantity)), "UnitPrice": number(parsed(in.UnitPrice).DivRound(within, pricePlaces)),
		"TaxCodeRef": reference("5", "")}
	return nil
}

// owed is what a document adds to its customer's Balance.
func owed(e Entity, o Object) decimal.Decimal {
	switch e {
	case Invoice:
		return decimalOf(o["Balance"])
	case CreditMemo:
		return decimalOf(o["RemainingCredit"]).Neg()
	}
	return decimal.Zero
}

// settle changes the Balance of a customer by what a document of his changed.
func (s *Server) settle(customer string, by decimal.Decimal, at time.Time, who author) {
	r := s.state.find(Customer, customer)
	if r == nil || by.IsZero() {
		return
	}
	o := deepObject(r.obj)
	for _, name := range []string{"Balance", "BalanceWithJobs"} {
		o[name] = amount(decimalOf(o[name]).Add(by))
	}
	if s.switches.DocumentsLeaveCustomer {
		s.state.silently(Customer, r, o)
		return
	}
	s.state.change(Customer, r, o, at, who)
}
