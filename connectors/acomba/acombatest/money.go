package acombatest

// Sales taxes in 1/100000, by the slot of Document.Taxes that takes them.
const (
	gstRate = 5000  // slot 0
	qstRate = 9975  // slot 1, Québec only
	hstRate = 13000 // slot 2, Ontario, instead of the other two
)

// taxRates gives the rates by slot for a province.
func taxRates(province string) [4]int64 {
	switch province {
	case "Québec":
		return [4]int64{gstRate, qstRate}
	case "Ontario":
		return [4]int64{0, 0, hstRate}
	default:
		return [4]int64{gstRate}
	}
}

// divRound divides, halves away from zero; d > 0.
func divRound(n, d int64) int64 {
	if n < 0 {
		return -((-n + d/2) / d)
	}
	return (n + d/2) / d
}

// quantity is what counts in a kind of document: invoiced in an invoice, ordered in all others.
func (l *Line) quantity(k Kind) int64 {
	if k == Invoice {
		return l.InvoicedQty
	}
	return l.OrderedQty
}

// price brings a product line's total in line with its quantity, price and discount.
func (l *Line) price(k Kind) {
	gross := divRound(l.quantity(k)*l.UnitPrice, unitScale*unitScale/centScale)
	l.Total = gross - divRound(gross*int64(l.DiscountBP), 10000)
}

// settle computes a document's amounts from its product lines, its freight and its discount:
// SubTotal is the sum of the product lines, Total is SubTotal + Freight - Discount + taxes. Freight
// and tax lines are made anew, numbered from 991; lines get their numbers in order.
func (r *Document) settle(rates [4]int64) {
	r.recount()
	if r.DiscountBP != 0 {
		r.Discount = divRound(r.SubTotal*int64(r.DiscountBP), 10000)
	}
	r.Total = r.SubTotal + r.Freight - r.Discount
	base := r.Total
	for i, rate := range rates {
		r.Taxes[i] = divRound(base*rate, 100000)
		r.Total += r.Taxes[i]
	}
	r.extraLines()
}

// recount numbers and prices the lines and sums the product lines up.
func (r *Document) recount() {
	r.SubTotal = 0
	for i := range r.Lines {
		l := &r.Lines[i]
		if l.Type != ProductLine && l.Type != CommentLine {
			continue
		}
		l.No = uint16(i + 1)
		if l.Type == ProductLine {
			l.price(r.Kind)
			r.SubTotal += l.Total
		}
	}
}

var taxNames = [4]string{"TPS / GST", "TVQ / QST", "TVH / HST", "Taxe 4"}

// extraLines replaces the freight and tax lines by those that the amounts ask for, keeping the
// cards of lines that were there already.
func (r *Document) extraLines() {
	var kept []Line
	old := map[string]Line{}
	for _, l := range r.Lines {
		if l.Type == FreightLine || l.Type == TaxLine {
			old[l.Description] = l
			continue
		}
		kept = append(kept, l)
	}
	no := uint16(firstExtra)
	put := func(kind LineType, text string, amount int64) {
		if amount == 0 {
			return
		}
		l := Line{Prologue: old[text].Prologue, No: no, Type: kind, Description: text, Total: amount}
		kept = append(kept, l)
		no++
	}
	put(FreightLine, "Transport", r.Freight)
	for i, tax := range r.Taxes {
		put(TaxLine, taxNames[i], tax)
	}
	r.Lines = kept
}
