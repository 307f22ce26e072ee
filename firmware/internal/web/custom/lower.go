package custom

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"syncbox/connectors"
	"syncbox/connectors/pairs"
	"syncbox/connectors/record"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/web/page"
)

// data is what the template gets.
type data struct {
	Jobs     []string
	Job      string
	Notice   string
	Rows     []row
	ERP, CRM page.Field // two fields that a person puts together
	Lower    *lower     // of the field that is looked at; nil = none
}

// row is one field.
type row struct {
	Name     string
	ERP, CRM string
	Kind     string
	Way      string
	Sync     bool
	Only     int // conditions
}

// lower is the lower part: how a field is synchronised, and of which records.
type lower struct {
	Name, Title                        string
	Direction, Empty, Trim, Case, Long page.Field
	Values                             page.Field
	String                             bool
	Only                               []condition
	NewField, NewOperator, NewValue    page.Field
}

// condition is one that was chosen; N is its place.
type condition struct{ N, Text string }

// kinds are the words for what a field holds.
var kinds = map[record.Kind]string{record.Text: "text", record.Number: "number", record.Date: "date", record.Bool: "bool", record.Time: "time"}

func newData(r *page.Request, j *job) data {
	d := data{Jobs: j.several, Job: j.name, ERP: columnField(r, "erp", "side.erp", j.columns[0]), CRM: columnField(r, "crm", "side.crm", j.columns[1])}
	for _, c := range j.fields {
		d.Rows = append(d.Rows, row{Name: c.Name, ERP: j.title(0, c.ERP), CRM: j.title(1, c.CRM), Sync: c.Sync, Only: len(c.Only),
			Kind: r.P.Text("page.custom.kind-"+kinds[c.Kind], nil), Way: r.P.Text("page.custom.way-"+string(way(c.Direction)), nil)})
	}
	return d
}

func way(d pairs.Direction) pairs.Direction {
	if d == "" {
		return pairs.ToCRM
	}
	return d
}

// title gives what people call a field.
func (j *job) title(side int, name string) string {
	for _, c := range j.columns[side] {
		if c.Name == name && c.Title != "" {
			return c.Title
		}
	}
	return name
}

func columnField(r *page.Request, name, label string, all []connectors.CustomColumn) page.Field {
	f := page.Field{Name: name, Kind: "select", Label: r.P.Text(label, nil)}
	for _, c := range all {
		text := c.Name
		if c.Title != "" {
			text = c.Title
		}
		f.Options = append(f.Options, page.Option{Value: c.Name, Label: text})
	}
	return f
}

// combo gives a field of which one of some words is chosen.
func combo(r *page.Request, name, value string, words ...string) page.Field {
	f := page.Field{Name: name, Kind: "select", Label: r.P.Text("page.custom."+name, nil), Value: value}
	for _, word := range words {
		f.Options = append(f.Options, page.Option{Value: word, Label: r.P.Text("page.custom."+name+"-"+word, nil)})
	}
	return f
}

// operators are the words of the operators, in their order.
var operators = []struct {
	op   connectors.Operator
	word string
}{{connectors.Equals, "equals"}, {connectors.Differs, "differs"}, {connectors.Contains, "contains"}, {connectors.StartsWith, "starts-with"}, {connectors.IsEmpty, "empty"},
	{connectors.IsFilled, "not-empty"}, {connectors.Above, "above"}, {connectors.AtLeast, "at-least"}, {connectors.Below, "below"}, {connectors.AtMost, "at-most"},
	{connectors.Between, "between"}, {connectors.OneOf, "one-of"}}

func newLower(r *page.Request, j *job, c *config.Custom) *lower {
	l := &lower{Name: c.Name, Title: j.title(0, c.ERP) + " ↔ " + j.title(1, c.CRM), String: c.Kind == record.Text,
		Direction: combo(r, "way", string(way(c.Direction)), string(pairs.ToCRM), string(pairs.ToERP), string(pairs.BothWay)),
		Empty:     combo(r, "empty", "leave", "leave", "clear"), Case: combo(r, "case", "as-is", "as-is", "upper", "lower"), Long: combo(r, "long", "refuse", "refuse", "cut"),
		Trim:     page.Field{Name: "trim", Kind: "checkbox", Label: r.P.Text("page.custom.trim", nil)},
		Values:   page.Field{Name: "values", Optional: true, Most: 4000, Label: r.P.Text("page.custom.values", nil), Hint: r.P.Text("page.custom.values-hint", nil)},
		NewField: columnField(r, "new-field", "page.custom.only-field", j.columns[0]),
		NewValue: page.Field{Name: "new-value", Optional: true, Label: r.P.Text("page.custom.only-value", nil), Hint: r.P.Text("page.custom.only-hint", nil)}}
	l.NewField.Options = append([]page.Option{{Label: r.P.Text("page.custom.only-none", nil)}}, l.NewField.Options...)
	l.NewOperator = page.Field{Name: "new-operator", Kind: "select", Label: r.P.Text("page.custom.operator", nil)}
	for _, o := range operators {
		l.NewOperator.Options = append(l.NewOperator.Options, page.Option{Value: string(o.op), Label: r.P.Text("page.custom.operator-"+o.word, nil)})
	}
	if c.Clear {
		l.Empty.Value = "clear"
	}
	if c.Text.Trim {
		l.Trim.Value = "yes"
	}
	if c.Text.Case != "" {
		l.Case.Value = string(c.Text.Case)
	}
	if c.Text.Long != "" {
		l.Long.Value = string(c.Text.Long)
	}
	var values []string
	for _, erp := range slices.Sorted(maps.Keys(c.Text.Codes)) {
		values = append(values, erp+"="+c.Text.Codes[erp])
	}
	l.Values.Value = strings.Join(values, "; ")
	for n, o := range c.Only {
		l.Only = append(l.Only, condition{strconv.Itoa(n), j.title(0, o.Field) + " " + operatorText(r, o.Op) + " " + strings.Join(o.Values, " | ")})
	}
	return l
}

func operatorText(r *page.Request, op connectors.Operator) string {
	for _, o := range operators {
		if o.op == op {
			return r.P.Text("page.custom.operator-"+o.word, nil)
		}
	}
	return string(op)
}

// adapt keeps how a field is synchronised.
func (p *Pages) adapt(w http.ResponseWriter, r *page.Request) {
	j, ok := p.take(w, r, r.PostFormValue("job"))
	if !ok {
		return
	}
	is := j.field(r.PostFormValue("name"))
	if is == nil {
		p.Site.Message(w, r, http.StatusNotFound, "page.refused.title", r.P.Text("page.missing.text", nil))
		return
	}
	c := *is
	c.Direction, c.Clear = pairs.Direction(r.PostFormValue("way")), r.PostFormValue("empty") == "clear"
	if c.Kind == record.Text && !takeText(r, &c) {
		d := newData(r, &j)
		d.Notice, d.Lower = r.P.Text("page.custom.values-hint", nil), newLower(r, &j, is)
		p.Site.Show(w, r, set, http.StatusUnprocessableEntity, "custom", "page.custom.title", d)
		return
	}
	c.Only = takeConditions(r, c.Only)
	if p.keep(w, r, &j, c) {
		p.done(w, r, &j, c.Name)
	}
}

// takeText reads how a text is written; false where the values that the sides call differently can't be read.
func takeText(r *page.Request, c *config.Custom) bool {
	c.Text = connectors.TextRule{Trim: r.PostFormValue("trim") != ""}
	if v := r.PostFormValue("case"); v != "as-is" {
		c.Text.Case = connectors.Case(v)
	}
	if v := r.PostFormValue("long"); v != "refuse" {
		c.Text.Long = connectors.Long(v)
	}
	for part := range strings.SplitSeq(r.PostFormValue("values"), ";") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		erp, crm, both := strings.Cut(part, "=")
		if erp, crm = strings.TrimSpace(erp), strings.TrimSpace(crm); !both || erp == "" || crm == "" {
			return false
		}
		if c.Text.Codes == nil {
			c.Text.Codes = map[string]string{}
		}
		c.Text.Codes[erp] = crm
	}
	return true
}

// takeConditions reads which conditions go, and one that comes.
func takeConditions(r *page.Request, was []connectors.Condition) []connectors.Condition {
	var all []connectors.Condition
	for n, c := range was {
		if !slices.Contains(r.PostForm["remove"], strconv.Itoa(n)) {
			all = append(all, c)
		}
	}
	c := connectors.Condition{Field: r.PostFormValue("new-field"), Op: connectors.Operator(r.PostFormValue("new-operator"))}
	if c.Field == "" {
		return all
	}
	value := strings.TrimSpace(r.PostFormValue("new-value"))
	switch {
	case value == "" || c.Op == connectors.IsEmpty || c.Op == connectors.IsFilled:
	case c.Op == connectors.OneOf || c.Op == connectors.Between:
		for v := range strings.FieldsFuncSeq(value, func(r rune) bool { return r == '|' || r == ';' }) {
			c.Values = append(c.Values, strings.TrimSpace(v))
		}
	default:
		c.Values = []string{value}
	}
	return append(all, c)
}
