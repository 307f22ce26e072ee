package sage50test

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/shopspring/decimal"
)

// The types of documents.
const (
	Quote   = "Devis"
	Invoice = "Facture"
	Credit  = "Avoir"
)

// Document is a document with its lines, by the columns of Documents.
type Document struct {
	Number string
	Fields Fields   // of E
	Lines  []Fields // of L
	Change int      // of the dossier's changes
}

// Item is what a document is about.
type Item struct{ Article, Quantity string }

var numbering = map[string]string{Quote: "DE", Invoice: "FA", Credit: "AV"}

func (d *company) document(number string) *Document {
	at := slices.IndexFunc(d.Documents, func(one *Document) bool { return one.Number == number })
	if at < 0 {
		return nil
	}
	return d.Documents[at]
}

// Documents are the documents of a dossier, in the order in which they were made.
func (s *Site) Documents(dossier string) (all []Document) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d := s.dossiers[dossier]; d != nil {
		for _, one := range d.Documents {
			all = append(all, *one.clone())
		}
	}
	return all
}

func (doc *Document) clone() *Document {
	out := &Document{doc.Number, maps.Clone(doc.Fields), nil, doc.Change}
	for _, l := range doc.Lines {
		out.Lines = append(out.Lines, maps.Clone(l))
	}
	return out
}

// Bill has somebody make a document for a client, and gives its number. One that is not validated can still be changed.
func (s *Site) Bill(dossier, kind, client string, validated bool, items ...Item) (number string, err error) {
	err = s.at(dossier, func(d *company) error {
		doc := &Document{Fields: Fields{TypePiece: kind, CodeClient: client}}
		if validated {
			doc.Fields["Validée"] = yes
		}
		for _, one := range items {
			doc.Lines = append(doc.Lines, Fields{CodeArticle: one.Article, "Quantité": one.Quantity})
		}
		if err := s.complete(d, doc); err != nil {
			return err
		}
		number = s.file(d, doc)
		s.note("sage", "document made", dossier, number)
		return nil
	})
	return number, err
}

// file numbers a document and puts it among the others.
func (s *Site) file(d *company, doc *Document) string {
	prefix := numbering[doc.Fields[TypePiece]]
	for doc.Number == "" || d.document(doc.Number) != nil {
		d.Next[prefix]++
		doc.Number = fmt.Sprintf("%s%06d", prefix, d.Next[prefix])
	}
	d.Change++
	doc.Fields["N° pièce"], doc.Change = doc.Number, d.Change
	setBlank(doc.Fields, "Date pièce", s.now.Format(time.DateOnly))
	d.Documents = append(d.Documents, doc)
	return doc.Number
}

func setBlank(f Fields, name, v string) {
	if f[name] == "" && v != "" {
		f[name] = v
	}
}

// complete fills in what Sage knows: the client's address, articles' prices and taxes, the total.
func (s *Site) complete(d *company, doc *Document) error {
	client := d.find(Clients, doc.Fields[CodeClient])
	if client == nil {
		return fmt.Errorf("%s: %w", doc.Fields[CodeClient], ErrNoRecord)
	}
	if numbering[doc.Fields[TypePiece]] == "" {
		return fmt.Errorf("%s: %w", TypePiece, ErrValue)
	}
	for _, c := range formats[Documents] {
		if c.part == "E" && c.Name != Reference {
			setBlank(doc.Fields, c.Name, client.Fields[c.Name])
		}
	}
	if doc.Fields[TypePiece] == Quote {
		setBlank(doc.Fields, "Statut devis", "En attente")
	}
	total := decimal.Zero
	for i, l := range doc.Lines {
		sum, err := price(d, l, client.Fields["Tarif client"])
		if err != nil {
			return fmt.Errorf("line %d: %w", i+1, err)
		}
		l["N° ligne"] = strconv.Itoa(i + 1)
		total = total.Add(sum)
	}
	if doc.Fields[TypePiece] == Credit {
		total = total.Neg()
	}
	doc.Fields["Mt total TTC"] = total.Round(2).String()
	return nil
}

// price fills in a line and gives its sum with taxes. The price list T2 is a tenth cheaper. A price that the line has already stays.
func price(d *company, l Fields, list string) (decimal.Decimal, error) {
	article := d.find(Articles, l[CodeArticle])
	if article == nil {
		return decimal.Zero, fmt.Errorf("%s: %w", l[CodeArticle], ErrNoRecord)
	}
	quantity, err := decimal.NewFromString(l["Quantité"])
	if err != nil || !quantity.IsPositive() {
		return decimal.Zero, fmt.Errorf("quantity: %w", ErrValue)
	}
	unit, rate := amount(article.Fields["PU HT"]), amount(article.Fields["Taux TVA"])
	if list == "T2" {
		unit = unit.Mul(decimal.New(9, -1))
	}
	setBlank(l, "PU HT", unit.Round(4).String())
	setBlank(l, "Description", article.Fields["Désignation"])
	setBlank(l, "Unité", article.Fields["Unité"])
	l["Taux TVA"] = rate.String()
	with := amount(l["PU HT"]).Mul(decimal.New(100, 0).Add(rate)).Shift(-2)
	l["PU TTC"] = with.Round(4).String()
	return with.Mul(quantity).Mul(decimal.New(100, 0).Sub(amount(l["Taux remise ligne"]))).Shift(-2), nil
}

// amount reads a stored number; blank is 0.
func amount(text string) decimal.Decimal {
	if text == "" {
		return decimal.Zero
	}
	return decimal.RequireFromString(text)
}

// change does something to a document and prices it anew.
func (s *Site) change(dossier, number, what string, do func(*Document)) error {
	return s.at(dossier, func(d *company) error {
		doc := d.document(number)
		if doc == nil {
			return fmt.Errorf("%s: %w", number, ErrNoRecord)
		}
		next := doc.clone()
		do(next)
		if err := s.complete(d, next); err != nil {
			return err
		}
		d.Change++
		next.Change = d.Change
		*doc = *next
		s.note("sage", what, dossier, number)
		return nil
	})
}

// Discount has somebody give a discount, in percent, on all lines of a document.
func (s *Site) Discount(dossier, number, percent string) error {
	return s.change(dossier, number, "discount", func(doc *Document) {
		for _, l := range doc.Lines {
			l["Taux remise ligne"] = percent
		}
	})
}

// Reprice has somebody take today's prices over into a document.
func (s *Site) Reprice(dossier, number string) error {
	return s.change(dossier, number, "repriced", func(doc *Document) {
		for _, l := range doc.Lines {
			delete(l, "PU HT")
		}
	})
}

// Validate has somebody validate a document.
func (s *Site) Validate(dossier, number string) error {
	return s.change(dossier, number, "validated", func(doc *Document) { doc.Fields["Validée"] = yes })
}

// RemoveDocument has somebody delete a document.
func (s *Site) RemoveDocument(dossier, number string) error {
	return s.at(dossier, func(d *company) error {
		doc := d.document(number)
		if doc == nil {
			return fmt.Errorf("%s: %w", number, ErrNoRecord)
		}
		d.Change++
		d.Documents = slices.DeleteFunc(d.Documents, func(one *Document) bool { return one == doc })
		s.note("sage", "document removed", dossier, number)
		return nil
	})
}

// ToInvoice has somebody make an invoice of a quote, which takes its place and its reference, and gives the number.
func (s *Site) ToInvoice(dossier, number string) (invoice string, err error) {
	err = s.at(dossier, func(d *company) error {
		doc := d.document(number)
		if doc == nil || doc.Fields[TypePiece] != Quote {
			return fmt.Errorf("%s: %w", number, ErrNoRecord)
		}
		next := doc.clone()
		next.Number, next.Fields[TypePiece], next.Fields["Validée"] = "", Invoice, yes
		d.Documents = slices.DeleteFunc(d.Documents, func(one *Document) bool { return one == doc })
		invoice = s.file(d, next)
		s.note("sage", "invoice made", dossier, invoice)
		return nil
	})
	return invoice, err
}
