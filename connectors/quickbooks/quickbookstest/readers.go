package quickbookstest

import (
	"time"

	"github.com/shopspring/decimal"
)

// CustomerRow is a customer as the books have it. Texts are "" where there is none.
type CustomerRow struct {
	ID, SyncToken                                string
	DisplayName, CompanyName, FullyQualifiedName string
	Title, GivenName, MiddleName, FamilyName     string
	Suffix                                       string
	Phone, AlternatePhone, Mobile, Fax           string
	Email, WebSite                               string // Email may hold several addresses
	Line1, City, Province, PostalCode, Country   string // of BillAddr
	Parent                                       string // Id
	Active                                       bool
	Balance                                      decimal.Decimal
	Updated                                      time.Time
}

// Link is one end of a link between documents.
type Link struct {
	Kind Entity
	ID   string
}

// DocumentRow is an estimate, an invoice or a credit memo. Amounts of credit memos are above 0, as on the wire.
type DocumentRow struct {
	Kind                        Entity
	ID, SyncToken               string
	DocNumber                   string
	Customer                    string // Id
	Date                        string // YYYY-MM-DD
	Currency                    string
	Total                       decimal.Decimal // TotalAmt, taxes included
	Tax, Net                    decimal.Decimal // Net is Total less Tax
	SubTotal, Discount, Freight decimal.Decimal
	Balance                     decimal.Decimal
	Status                      string // TxnStatus of an estimate
	Voided                      bool
	LinkedFrom, LinkedTo        []Link // an invoice's estimates; an estimate's invoices
	Lines                       []LineRow
	Updated                     time.Time
}

// LineRow is a line that sells something; bundles are told by their children.
type LineRow struct {
	Item, Description           string
	Quantity, UnitPrice, Amount decimal.Decimal
}

// ItemRow is an item or, of Type Category, a category.
type ItemRow struct {
	ID, SyncToken, Name, FullyQualifiedName string
	Type, Sku, Description, Parent          string
	UnitPrice                               decimal.Decimal
	Active                                  bool
	Updated                                 time.Time
}

// Object gives a copy of an object as it is sent, false if there is none.
func (s *Server) Object(e Entity, id string) (Object, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.state.find(e, id)
	if r == nil {
		return nil, false
	}
	return deepObject(r.obj), true
}

// Customers gives all, also inactive ones, by Id.
func (s *Server) Customers() []CustomerRow { return read(s, Customer, customerRow) }

// Items gives all, also inactive ones and categories, by Id.
func (s *Server) Items() []ItemRow { return read(s, Item, itemRow) }

// Documents gives all, by kind and Id.
func (s *Server) Documents() []DocumentRow {
	var all []DocumentRow
	for _, e := range []Entity{Estimate, Invoice, CreditMemo} {
		all = append(all, read(s, e, func(r *row) DocumentRow { return documentRow(e, r) })...)
	}
	return all
}

// Customer gives one customer, false if there is none.
func (s *Server) Customer(id string) (CustomerRow, bool) { return one(s, Customer, id, customerRow) }

// Document gives one document, false if there is none.
func (s *Server) Document(e Entity, id string) (DocumentRow, bool) {
	return one(s, e, id, func(r *row) DocumentRow { return documentRow(e, r) })
}

func read[T any](s *Server, e Entity, make func(*row) T) []T {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []T
	for _, id := range s.state.tables[e].ids {
		all = append(all, make(s.state.tables[e].rows[id]))
	}
	return all
}

func one[T any](s *Server, e Entity, id string, make func(*row) T) (none T, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.state.find(e, id); r != nil {
		return make(r), true
	}
	return none, false
}

func customerRow(r *row) CustomerRow {
	t := func(path string) string { return text(r.obj, path) }
	return CustomerRow{ID: t("Id"), SyncToken: t("SyncToken"), DisplayName: t("DisplayName"), CompanyName: t("CompanyName"),
		FullyQualifiedName: t("FullyQualifiedName"), Title: t("Title"), GivenName: t("GivenName"), MiddleName: t("MiddleName"),
		FamilyName: t("FamilyName"), Suffix: t("Suffix"), Phone: t("PrimaryPhone.FreeFormNumber"), AlternatePhone: t("AlternatePhone.FreeFormNumber"),
		Mobile: t("Mobile.FreeFormNumber"), Fax: t("Fax.FreeFormNumber"), Email: t("PrimaryEmailAddr.Address"), WebSite: t("WebAddr.URI"),
		Line1: t("BillAddr.Line1"), City: t("BillAddr.City"), Province: t("BillAddr.CountrySubDivisionCode"), PostalCode: t("BillAddr.PostalCode"),
		Country: t("BillAddr.Country"), Parent: t("ParentRef.value"), Active: r.active(), Balance: decimalOf(r.obj["Balance"]), Updated: r.updated}
}

func itemRow(r *row) ItemRow {
	t := func(path string) string { return text(r.obj, path) }
	return ItemRow{ID: t("Id"), SyncToken: t("SyncToken"), Name: t("Name"), FullyQualifiedName: t("FullyQualifiedName"), Type: t("Type"), Sku: t("Sku"),
		Description: t("Description"), Parent: t("ParentRef.value"), UnitPrice: decimalOf(r.obj["UnitPrice"]), Active: r.active(), Updated: r.updated}
}

func documentRow(e Entity, r *row) DocumentRow {
	t := func(path string) string { return text(r.obj, path) }
	lines := objects(r.obj["Line"])
	sums := sum(lines)
	d := DocumentRow{Kind: e, ID: t("Id"), SyncToken: t("SyncToken"), DocNumber: t("DocNumber"), Customer: t("CustomerRef.value"), Date: t("TxnDate"),
		Currency: t("CurrencyRef.value"), Total: decimalOf(r.obj["TotalAmt"]), Tax: decimalOf(at(r.obj, "TxnTaxDetail.TotalTax")),
		SubTotal: sums.subTotal, Discount: sums.discount, Freight: sums.shipping, Balance: decimalOf(r.obj["Balance"]), Status: t("TxnStatus"),
		Voided: t("PrivateNote") == "Voided", Lines: lineRows(lines), Updated: r.updated}
	d.Net = d.Total.Sub(d.Tax)
	for _, link := range objects(r.obj["LinkedTxn"]) {
		l := Link{Entity(text(link, "TxnType")), text(link, "TxnId")}
		if l.Kind == Estimate {
			d.LinkedFrom = append(d.LinkedFrom, l)
		} else {
			d.LinkedTo = append(d.LinkedTo, l)
		}
	}
	return d
}

func lineRows(lines []Object) (rows []LineRow) {
	for _, line := range lines {
		switch item := text(line, "SalesItemLineDetail.ItemRef.value"); {
		case line["DetailType"] == groupDetail:
			rows = append(rows, lineRows(objects(at(line, groupDetail+".Line")))...)
		case line["DetailType"] == salesDetail && item != shippingItem:
			rows = append(rows, LineRow{item, text(line, "Description"), decimalOf(at(line, salesDetail+".Qty")),
				decimalOf(at(line, salesDetail+".UnitPrice")), decimalOf(line["Amount"])})
		}
	}
	return rows
}
