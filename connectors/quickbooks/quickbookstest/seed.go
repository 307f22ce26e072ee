package quickbookstest

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// Seed describes books to fill. The same seed on the same clock makes the same books.
type Seed struct {
	Seed                uint64
	Customers           int
	Documents           int
	Items               int // default 40 where there are documents
	Vendors, Employees  int
	Poison              int // invoices with a malformed e-mail address, each of which breaks its page
	Span                time.Duration
	WithoutAbnormal     bool // only plain customers and documents
	Inactive, Converted int  // in a hundred; default 5 and 10; below 0 none
}

func (d *Seed) fill() {
	if d.Documents+d.Poison > 0 {
		setDefault(&d.Items, 40)
	}
	setDefault(&d.Span, 300*24*time.Hour)
	setDefault(&d.Inactive, 5)
	setDefault(&d.Converted, 10)
}

// sower fills books. Time goes evenly from Span ago to now, over the changes of summer time.
type sower struct {
	s         *Server
	d         Seed
	rand      *rand.Rand
	from      time.Time
	n, of     int
	customers []string
	items     []string
	owes      map[string]decimal.Decimal
}

// Fill enters customers, vendors, employees, items with categories, and documents with all that makes books of customers odd. It leaves
// no trace in Changes. Later objects are dated later.
func (s *Server) Fill(d Seed) {
	d.fill()
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now().In(s.opts.Zone)
	w := &sower{s: s, d: d, rand: rand.New(rand.NewPCG(d.Seed, 7)), from: now.Add(-d.Span), owes: map[string]decimal.Decimal{},
		of: d.Customers + d.Vendors + d.Employees + d.Items + 2*d.Documents + d.Poison + 10}
	w.names()
	w.goods()
	if len(w.customers) > 0 && len(w.items) > 0 {
		w.documents()
	}
	for _, customer := range w.customers {
		w.owe(customer)
	}
	s.state.last = now.Truncate(time.Second)
}

// at is the time of the next object.
func (w *sower) at() time.Time {
	w.n++
	return w.from.Add(w.d.Span * time.Duration(w.n) / time.Duration(w.of+1)).In(w.s.opts.Zone).Truncate(time.Second)
}

// enter stores an object of a name list or an item. A name that is taken gets a number.
func (w *sower) enter(e Entity, o Object) string {
	prob := w.s.complete(e, o, 0)
	if prob != nil && prob.code() == "6240" {
		o["DisplayName"] = text(o, "DisplayName") + " " + strconv.Itoa(w.n)
		prob = w.s.complete(e, o, 0)
	}
	if prob != nil {
		panic("quickbookstest: fill: " + prob.code())
	}
	return text(w.s.state.create(e, o, w.at(), author{}).obj, "Id")
}

var (
	firsts = []string{"Aurélie", "Benoît", "Chloé", "Danaë", "Éloïse", "François", "Gaëlle", "Hélène", "Zoë", "Noël"}
	lasts  = []string{"Tremblay", "Côté", "Lévesque", "O'Neil", "Bélanger", "Nguyễn", "Gagné", "St-Onge", "Müller", "D’Amour"}
	trades = []string{"Plomberie", "Toitures", "Boulangerie", "Imprimerie", "Menuiserie", "Garage", "Fleurs", "Électricité"}
	places = []string{"Montréal", "Québec", "Trois-Rivières", "Saint-Jérôme", "L'Assomption", "Rouyn-Noranda"}
)

func pick(r *rand.Rand, all []string) string { return all[r.IntN(len(all))] }

func (w *sower) names() {
	for i := range w.d.Customers {
		w.customers = append(w.customers, w.enter(Customer, w.customer(i)))
	}
	for i := range w.d.Vendors {
		w.enter(Vendor, Object{"DisplayName": fmt.Sprintf("Fournisseur %d & fils", i+1), "Vendor1099": false, "Balance": zero})
	}
	for i := range w.d.Employees {
		w.enter(Employee, Object{"GivenName": pick(w.rand, firsts), "FamilyName": pick(w.rand, lasts) + " " + strconv.Itoa(i+1)})
	}
	for _, id := range w.customers {
		if w.rand.IntN(100) < w.d.Inactive && !w.d.WithoutAbnormal {
			r := w.s.state.find(Customer, id)
			o := deepObject(r.obj)
			o["Active"] = false
			activate(&w.s.switches, Customer, true, o)
			w.s.state.derive(Customer, o)
			w.s.state.silently(Customer, r, o)
		}
	}
}

// customer makes one; every twentieth is odd in each of several ways.
func (w *sower) customer(i int) Object {
	first, last := pick(w.rand, firsts), pick(w.rand, lasts)
	name := fmt.Sprintf("%s %s %d inc.", pick(w.rand, trades), last, i+1)
	mail := fmt.Sprintf("compta%d@example.com", i+1)
	o := w.s.newCustomer()
	for key, v := range (Object{"DisplayName": name, "CompanyName": name, "GivenName": first, "FamilyName": last,
		"PrimaryPhone":     Object{"FreeFormNumber": fmt.Sprintf("(514) 555-%04d", i%10000)},
		"PrimaryEmailAddr": Object{"Address": mail},
		"BillAddr": Object{"Line1": fmt.Sprintf("%d, rue Principale", i+1), "City": pick(w.rand, places), "CountrySubDivisionCode": "QC",
			"PostalCode": "H2X 1Y4", "Country": "Canada"}}) {
		o[key] = v
	}
	if !w.d.WithoutAbnormal {
		w.odd(o, i, name, mail)
	}
	return o
}

func (w *sower) odd(o Object, i int, name, mail string) {
	switch i % 20 {
	case 1:
		o["PrimaryEmailAddr"] = Object{"Address": mail + ", ventes@example.com"}
	case 2:
		o["PrimaryEmailAddr"] = Object{"Address": mail + ";ventes@example.com"}
	case 3:
		o["DisplayName"], o["CompanyName"] = "Café 🍁 "+name, "Café 🍁 "+name
	case 4:
		o["DisplayName"], o["CompanyName"] = "𠮷野 "+name, "𠮷野 "+name
	case 5: // a person without a company
		o["DisplayName"] = fmt.Sprintf("%s %s %d", o["GivenName"], o["FamilyName"], i+1)
		delete(o, "CompanyName")
	case 6: // hardly anything
		for _, member := range []string{"CompanyName", "GivenName", "FamilyName", "PrimaryPhone", "PrimaryEmailAddr", "BillAddr"} {
			delete(o, member)
		}
	case 7:
		o["BillAddr"] = Object{"Line1": text(o, "GivenName"), "Line2": name, "Line3": "12, rue du Quai", "Line4": "Québec QC  G1K 4H1", "Lat": "INVALID", "Long": "INVALID"}
	case 8:
		o["CurrencyRef"] = currency("USD")
	case 9:
		o["Mobile"], o["Fax"] = Object{"FreeFormNumber": "+1 418 555 0100"}, Object{"FreeFormNumber": "418.555.0101"}
		o["AlternatePhone"], o["WebAddr"] = Object{"FreeFormNumber": "418 555-0102 poste 7"}, Object{"URI": "http://example.com/?a=b&c=d"}
		o["Notes"] = "Ligne 1\nLigne 2 « guillemets » <b>"
	case 10:
		o["ShipAddr"] = Object{"Line1": "Quai 4, porte 2", "City": pick(w.rand, places), "CountrySubDivisionCode": "QC", "PostalCode": "J1H 1A1"}
		o["Title"], o["MiddleName"], o["Suffix"] = "Mme", "Q.", "Jr"
	case 11:
		o["DisplayName"] = "Q\"uote's \\ " + name
	case 12, 13, 14, 15: // a chain of sub-customers below the customer before
		o["ParentRef"], o["BillWithParent"] = reference(w.customers[i-1], ""), i%2 == 0
		o["DisplayName"] = fmt.Sprintf("Projet %d", i+1)
	}
}

// goods makes categories in two levels and items below them.
func (w *sower) goods() {
	if w.d.Items == 0 {
		return
	}
	var below []string
	for i := range 3 {
		top := w.enter(Item, Object{"Name": fmt.Sprintf("Catégorie %d", i+1), "Type": "Category"})
		sub := w.enter(Item, Object{"Name": "Sous-catégorie", "Type": "Category", "ParentRef": reference(top, "")})
		below = append(below, top, sub)
	}
	for i := range w.d.Items {
		o := Object{"Name": fmt.Sprintf("Produit %d", i+1), "Sku": fmt.Sprintf("SKU-%04d", i+1), "Description": "Produit d’essai", "Type": []string{"NonInventory", "Service"}[i%2],
			"UnitPrice": number(w.price()), "Taxable": true, "IncomeAccountRef": reference("79", "Sales of Product Income")}
		if i%5 != 0 {
			o["ParentRef"] = reference(below[i%len(below)], "")
		}
		if i%7 == 0 {
			delete(o, "Sku")
		}
		w.items = append(w.items, w.enter(Item, o))
	}
}

func (w *sower) price() decimal.Decimal { return decimal.New(w.rand.Int64N(100_000)+1, -2) }

func (w *sower) documents() {
	for i := range w.d.Documents {
		e := []Entity{Invoice, Estimate, Invoice, Estimate, CreditMemo}[i%5]
		d := w.form(i)
		r := w.put(e, d)
		switch {
		case e == Estimate && w.rand.IntN(100) < w.d.Converted && !w.d.WithoutAbnormal:
			w.convert(r)
		case i%37 == 0 && !w.d.WithoutAbnormal:
			w.void(e, r)
		}
	}
	for i := range w.d.Poison {
		d := w.form(5 * i)
		d.BillEmail = "compta@example.com ou par la poste"
		w.put(Invoice, d)
	}
}

// form fills in a form; each number in twelve is odd in a way of its own.
func (w *sower) form(i int) *NewDocument {
	d := &NewDocument{Customer: pick(w.rand, w.customers), Tax: "14.975", Status: []string{"Pending", "Accepted", "Closed", "Rejected"}[w.rand.IntN(4)]}
	for range w.rand.IntN(4) + 1 {
		d.Lines = append(d.Lines, w.line())
	}
	if w.d.WithoutAbnormal {
		return d
	}
	switch i % 12 {
	case 1:
		d.NoDocNumber = true
	case 2:
		d.Lines = append(d.Lines, NewLine{Item: w.items[0], Description: "Ensemble", Quantity: "3", Children: []NewLine{w.line(), {Item: w.items[0], Quantity: "15", UnitPrice: "0.5306667"}}})
	case 3:
		d.Discount = "12.5"
	case 4:
		d.Shipping = "17.45"
	case 5:
		d.Inclusive, d.Discount, d.Shipping = true, "20", "5"
	case 6:
		d.Currency, d.Rate = "USD", "1.3712"
	case 7:
		d.Tax = ""
	case 8:
		d.Lines = append(d.Lines, NewLine{Description: "Merci de votre confiance — à bientôt 🙂"})
	case 9:
		d.BillEmail = "compta@example.com, ventes@example.com"
	case 10:
		d.Status, d.DocNumber = "Converted", strings.Repeat("A", 20)+strconv.Itoa(i%10)
	case 11:
		d.Lines = []NewLine{{Description: "Rien"}}
	}
	return d
}

func (w *sower) line() NewLine {
	return NewLine{Item: pick(w.rand, w.items), Description: "Ligne", Quantity: strconv.Itoa(w.rand.IntN(9) + 1), UnitPrice: w.price().String()}
}

func (w *sower) put(e Entity, d *NewDocument) *row {
	at := w.at()
	d.Date = at.Format(time.DateOnly)
	o, prob := w.s.document(e, d)
	if prob != nil {
		panic("quickbookstest: fill: " + prob.code())
	}
	return w.book(e, w.s.state.create(e, o, at, author{}))
}

func (w *sower) book(e Entity, r *row) *row {
	customer := text(r.obj, "CustomerRef.value")
	w.owes[customer] = w.owes[customer].Add(owed(e, r.obj))
	return r
}

func (w *sower) void(e Entity, r *row) {
	customer := text(r.obj, "CustomerRef.value")
	w.owes[customer] = w.owes[customer].Sub(owed(e, r.obj))
	o := deepObject(r.obj)
	void(e, o)
	w.s.state.silently(e, r, o)
}

// convert makes an invoice of an estimate; what the customer owes is settled at the end.
func (w *sower) convert(r *row) {
	o, estimate := w.s.converted(r)
	made := w.book(Invoice, w.s.state.create(Invoice, o, w.at(), author{}))
	linkTo(estimate, text(made.obj, "Id"))
	w.s.state.silently(Estimate, r, estimate)
}

// owe gives a customer the Balance that his documents made.
func (w *sower) owe(customer string) {
	if by := w.owes[customer]; !by.IsZero() {
		r := w.s.state.find(Customer, customer)
		o := deepObject(r.obj)
		o["Balance"], o["BalanceWithJobs"] = amount(by), amount(by)
		w.s.state.silently(Customer, r, o)
	}
}
