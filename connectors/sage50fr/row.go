package sage50fr

import (
	"slices"
	"strings"
	"time"

	"github.com/zeebo/xxh3"

	"syncbox/connectors/record"
)

// row is one record as the exports told it; the table keeps one for each.
type row struct {
	Entity    record.Entity     `json:"e"`
	Key       record.Key        `json:"k"`
	Fields    record.Fields     `json:"f,omitempty"`
	Reference string            `json:"r,omitempty"` // of ours, empty for any other one
	Held      string            `json:"x,omitempty"` // the code by which it is held
	Args      map[string]string `json:"a,omitempty"` // of Held
	Image     string            `json:"i,omitempty"` // name of a product's picture, where the export tells it
	Missing   time.Time         `json:"m,omitzero"`  // when the first full export without it was read
	Gone      bool              `json:"g,omitempty"` // the second one was

	guessed bool // the key may be another one's: the line has more or fewer columns than headings
}

// digest changes with whatever is told of the row.
func (r *row) digest() uint64 {
	b := r.Fields.AppendCanonical(nil)
	b = append(append(b, r.Held...), 0)
	if r.Gone {
		b = append(b, 1)
	}
	return xxh3.Hash(b)
}

// referencePrefix is what our references begin with.
const referencePrefix = "SSM-"

func referenceOf(v record.Value) string {
	if strings.HasPrefix(v.Text, referencePrefix) {
		return v.Text
	}
	return ""
}

// simple are the kinds of which each line is a record.
func (s *sheet) simple(e record.Entity, cells []string, prospects []string) row {
	r := row{Entity: e, Key: keyOf(s.cell(cells, "code")), Fields: record.Fields{}}
	bad := ""
	for field, kind := range fieldKinds[e] {
		if s.has(field) {
			put(r.Fields, field, s.value(cells, field, kind, &bad))
		}
	}
	switch e {
	case record.Account:
		r.Fields["status"] = record.TextOf(s.status(cells, prospects))
	case record.User:
		name := s.cell(cells, "first_name") + " " + s.cell(cells, "name")
		put(r.Fields, "name", record.TextOf(blanked(name)))
	case record.Product:
		s.stock(cells, r.Fields)
		r.Image = baseName(s.cell(cells, "image"))
	}
	if r.Reference = referenceOf(r.Fields[FieldReference]); bad != "" {
		r.Held, r.Args = CodeRowValue, argsOf("column", bad)
	}
	return r
}

func put(fields record.Fields, name string, v record.Value) {
	if !v.Empty() {
		fields[name] = v
	}
}

// status tells prospects from clients, by the column of the type; without one all are clients, which are never written.
func (s *sheet) status(cells []string, prospects []string) string {
	if s.has("status") && among(prospects, s.cell(cells, "status")) {
		return StatusProspect
	}
	return StatusClient
}

// services are types of articles that have no stock.
var services = []string{"service", "services", "prestation", "prestations", "main d'œuvre", "main d'oeuvre", "forfait"}

// stock settles whether a stock applies: by its own column, by the type of the article, else by whether there is a number.
func (s *sheet) stock(cells []string, fields record.Fields) {
	if !slices.ContainsFunc([]string{"stock_applies", "type", "stock"}, s.has) {
		return
	}
	applies := fields["stock_applies"].Text != "false"
	if !s.has("stock_applies") {
		applies = s.has("type") && !among(services, s.cell(cells, "type")) || !s.has("type") && !fields["stock"].Empty()
	}
	if fields["stock_applies"] = record.BoolOf(applies); !applies {
		delete(fields, "stock")
	}
}
