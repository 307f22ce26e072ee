package salesmanagementtest

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/shopspring/decimal"
)

const (
	stored   = "2006-01-02T15:04:05.000Z07:00" // of a date, always in UTC
	saleTime = "2006-01-02 15:04:05"           // of /sales, in UTC
)

func stamp(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(stored)
}

// take brings a value of a request into the stored form; "" clears. ok tells whether its type, length and range suit the field.
func (s *Server) take(e Entity, f *Field, v any) (text string, ok bool) {
	if v == nil {
		return "", !f.required
	}
	switch f.Kind {
	case Text:
		text, ok = v.(string)
		return text, ok && utf8.ValidString(text) && len(utf16.Encode([]rune(text))) <= f.Size && (text != "" || !f.required)
	case Boolean:
		b, ok := v.(bool)
		return map[bool]string{true: "true"}[b], ok
	case DateTime:
		text, ok = v.(string)
		return takeTime(e, text, ok)
	case References:
		return s.takeAll(f, v)
	}
	n, ok := v.(json.Number)
	if !ok {
		return "", false
	}
	if f.Kind == Decimal && (e != Lines || f.Name != "quantity" || s.on(Quantity, "decimal")) {
		d, err := decimal.NewFromString(n.String())
		return d.String(), err == nil && len(n) < 30
	}
	whole, err := strconv.ParseInt(n.String(), 10, 32)
	return strconv.FormatInt(whole, 10), err == nil && s.refers(f, whole)
}

// takeTime reads a date of a request. One of /sales has a form of its own.
func takeTime(e Entity, text string, ok bool) (string, bool) {
	if !ok || text == "" {
		return "", false
	}
	at, known := readTime(text)
	if e == Sales {
		var err error
		at, err = time.Parse(saleTime, text)
		known = err == nil
	}
	return stamp(at), known
}

// readTime reads the forms of dates in expressions and bodies: with T and a zone or none, of any number of digits, or with a blank.
func readTime(text string) (time.Time, bool) {
	for _, form := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", saleTime, time.DateOnly} {
		if at, err := time.Parse(form, text); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}

// refers tells whether an id may stand in a reference: there is such a record, and it is not deleted.
func (s *Server) refers(f *Field, id int64) bool {
	if f.Kind != Reference || f.To == "" {
		return true
	}
	return s.state.live(f.To, id) != nil
}

func (s *Server) takeAll(f *Field, v any) (string, bool) {
	all, ok := v.([]any)
	var ids []string
	for _, one := range all {
		n, isNumber := one.(json.Number)
		id, err := strconv.ParseInt(n.String(), 10, 32)
		if !isNumber || err != nil || s.state.live(f.To, id) == nil {
			return "", false
		}
		ids = append(ids, n.String())
	}
	return strings.Join(ids, ","), ok
}

// show is how a value looks when it is read. lang chooses the words of references.
func (s *Server) show(e Entity, f *Field, text, lang string) any {
	switch {
	case e == Sales && f.Name == "deleted", f.Name == "useCompanyAddress":
		return map[bool]int{true: 1}[text == "true"]
	case f.Kind == Boolean:
		return text == "true"
	case f.Kind == References:
		all := []any{}
		for _, id := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' }) {
			all = append(all, s.reference(f, id, lang))
		}
		return all
	case text == "":
		return nil
	}
	switch f.Kind {
	case Reference:
		return s.reference(f, text, lang)
	case Integer, Decimal:
		return json.Number(text)
	case DateTime:
		return showTime(e, f, text)
	}
	return text
}

// showTime gives one to three digits of a second, as the product does, and none where it is a date of /sales.
func showTime(e Entity, f *Field, text string) string {
	at, err := time.Parse(stored, text)
	if err != nil {
		panic("salesmanagementtest: " + err.Error()) // nobody stores another form
	}
	if e == Sales && f.Name == "date" {
		return at.Format(saleTime)
	}
	short := strings.TrimRight(at.Format("2006-01-02T15:04:05.000"), "0")
	if strings.HasSuffix(short, ".") {
		short += "0"
	}
	return short + "Z"
}

// reference shows {"id":1,"value":"ICM"}.
func (s *Server) reference(f *Field, text, lang string) map[string]any {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		panic("salesmanagementtest: " + err.Error())
	}
	words := ""
	if f.To == "" {
		words = map[int64]string{1: "Monsieur", 2: "Madame"}[id]
	} else if r := s.state.find(f.To, id); r != nil {
		words = s.called(f.To, r, lang)
	}
	return map[string]any{"id": id, "value": words}
}

// called is what people see of a record in a reference. Lists have words in French and English.
func (s *Server) called(e Entity, r *row, lang string) string {
	name := s.tables[e].name
	if name == "descriptionFR" && lang != "fr" {
		name = "descriptionEN"
	}
	if e == Users {
		return strings.TrimSpace(r.Values["name"] + " " + r.Values["lastName"])
	}
	return r.Values[name]
}

// object shows a record.
func (s *Server) object(e Entity, r *row, from *reading) map[string]any {
	out := map[string]any{}
	t := s.tables[e]
	for i := range t.fields {
		f := &t.fields[i]
		v := s.show(e, f, r.value(f.Name), from.lang)
		if strings.HasPrefix(f.Name, "Z_") && from.described {
			v = map[string]any{"value": v, "description": f.Label}
		}
		name := f.Name
		if e == Contacts && name == "lastName" {
			name = s.switches[ContactLastname]
		}
		out[name] = v
	}
	return out
}

// reading is how a caller wants to see records.
type reading struct {
	lang      string
	described bool // custom fields with what they are called
}

var languages = []string{"en", "es", "pt", "it", "fr", "de", "ru"}

func readingOf(q *request) (*reading, *Refusal) {
	out := &reading{lang: "en"}
	if lang := q.query.Get("lang"); lang != "" {
		out.lang = lang
	}
	flag := q.header.Get("ExtraFieldDescription")
	if !slices.Contains(languages, out.lang) || flag != "" && flag != "0" && flag != "1" {
		return nil, invalid("lang or ExtraFieldDescription")
	}
	out.described = flag == "1"
	return out, nil
}
