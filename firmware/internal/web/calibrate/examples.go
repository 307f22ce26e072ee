package calibrate

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"syncbox/connectors/acomba/calibrate"
	"syncbox/firmware/internal/web/page"
)

// mostLines bounds the lines of one example of a document, mostExamples the examples of a table.
const (
	mostLines    = 30
	mostExamples = 40
)

// exampleData is what the page of a table's examples shows.
type exampleData struct {
	Job, Table string
	Name       string // of the table
	Given      []given
	Fields     []page.Field
	Lines      [][]page.Field
	More       int  // lines, if one more is wanted; 0 = the table has none
	All        bool // every field is asked for, not only those that find the table
	Problem    string
}

// given is an example that was given.
type given struct {
	Index  int
	Values []string
}

func (p *Pages) examples(w http.ResponseWriter, r *page.Request) {
	p.showExamples(w, r, http.StatusOK, nil, "")
}

// showExamples shows the form with what was typed, if anything was, and why it was not taken.
func (p *Pages) showExamples(w http.ResponseWriter, r *page.Request, status int, typed func(string) string, problem string) {
	job, ok := p.job(w, r)
	if !ok {
		return
	}
	table := calibrate.Table(r.FormValue("table"))
	if !asked(table) {
		p.Site.Message(w, r, http.StatusNotFound, "page.missing.title", r.P.Text("page.missing.text", nil))
		return
	}
	s, _, err := p.session(job)
	if err != nil {
		p.refused(w, r, err)
		return
	}
	d := exampleData{Job: job, Table: string(table), Name: tableName(r, table), All: r.FormValue("all") != "", Problem: problem}
	for i, e := range s.View().Examples[table] {
		d.Given = append(d.Given, given{i, valuesOf(r, table, e)})
	}
	d.Fields = fields(r, table, "", d.All, typed)
	if table == calibrate.Documents {
		n, _ := strconv.Atoi(r.FormValue("lines"))
		n = min(max(n, 1), mostLines)
		for i := range n {
			d.Lines = append(d.Lines, fields(r, calibrate.Lines, fmt.Sprintf("line%d.", i), d.All, typed))
		}
		d.More = min(n+1, mostLines)
	}
	p.Site.Show(w, r, set, status, "examples", "page.calibrate.examples", d)
}

// asked says whether examples of a table are given by themselves; lines are given with their documents.
func asked(t calibrate.Table) bool {
	return slices.Contains(calibrate.Tables(), t) && t != calibrate.Lines
}

// fields makes the fields of a form for a table: those that are to be asked for first, or all.
func fields(r *page.Request, t calibrate.Table, prefix string, all bool, typed func(string) string) (out []page.Field) {
	for _, f := range calibrate.Fields(t) {
		if !f.Ask && !all {
			continue
		}
		for i := range f.Count {
			label := r.P.Field(f.Name)
			if f.Count > 1 {
				label += " " + strconv.Itoa(i+1)
			}
			shown := page.Field{Name: prefix + f.Label(i), Label: label, Optional: !f.Key, Hint: hint(r, f)}
			switch f.Kind {
			case calibrate.Flag:
				shown.Kind, shown.Options = "select", options(r, "", "yes", "no")
			case calibrate.Choice:
				shown.Kind, shown.Options = "select", options(r, append([]string{""}, f.Choices...)...)
			}
			if typed != nil {
				shown.Value = typed(shown.Name)
			}
			out = append(out, shown)
		}
	}
	return out
}

func options(r *page.Request, values ...string) (all []page.Option) {
	for _, v := range values {
		label := v
		if key := "page.calibrate.choice-" + v; r.P.Has(key) {
			label = r.P.Text(key, nil)
		}
		all = append(all, page.Option{Value: v, Label: label})
	}
	return all
}

// hint says in which form a value is typed, where that is not plain.
func hint(r *page.Request, f calibrate.Field) string {
	switch f.Kind {
	case calibrate.Number, calibrate.Date:
		return r.P.Text("page.calibrate.hint-"+string(f.Kind), nil)
	case calibrate.Card:
		return r.P.Text("page.calibrate.hint-card", map[string]string{"table": tableName(r, f.Of)})
	}
	return ""
}

func tableName(r *page.Request, t calibrate.Table) string {
	return r.P.Text("page.calibrate.table-"+string(t), nil)
}

// valuesOf lists what an example tells, in the order of the form.
func valuesOf(r *page.Request, t calibrate.Table, e calibrate.Example) (all []string) {
	for _, f := range calibrate.Fields(t) {
		for i := range f.Count {
			if v := e.Values[f.Label(i)]; v != "" {
				all = append(all, v)
			}
		}
	}
	if e.Inactive {
		all = append(all, r.P.Text("page.calibrate.inactive", nil))
	}
	if e.Deleted {
		all = append(all, r.P.Text("page.calibrate.deleted", nil))
	}
	if len(e.Lines) > 0 {
		all = append(all, r.P.Count("page.calibrate.lines", len(e.Lines)))
	}
	return all
}

// addExample takes one more record as the screen shows it.
func (p *Pages) addExample(w http.ResponseWriter, r *page.Request) {
	table := calibrate.Table(r.PostFormValue("table"))
	e := calibrate.Example{Values: valuesFrom(r, table, ""), Inactive: r.PostFormValue("inactive") != "", Deleted: r.PostFormValue("deleted") != ""}
	if table == calibrate.Documents {
		for i := range mostLines {
			if line := valuesFrom(r, calibrate.Lines, fmt.Sprintf("line%d.", i)); len(line) > 0 {
				e.Lines = append(e.Lines, calibrate.Example{Values: line})
			}
		}
	}
	job, ok := p.job(w, r)
	if !ok {
		return
	}
	if !asked(table) {
		p.examples(w, r)
		return
	}
	s, _, err := p.session(job)
	if err == nil && p.busy(job) {
		err = calibrate.ErrBusy
	}
	if err == nil {
		all := s.View().Examples[table]
		if len(all) >= mostExamples {
			err = calibrate.ErrBadExample
		} else {
			err = s.SetExamples(table, append(slices.Clone(all), e))
		}
	}
	if err != nil {
		p.showExamples(w, r, http.StatusUnprocessableEntity, r.PostFormValue, reason(r, err))
		return
	}
	http.Redirect(w, r.Request, "/calibrate/examples?"+back(r, job), http.StatusSeeOther)
}

// valuesFrom reads the values of a form; what is empty was not given.
func valuesFrom(r *page.Request, t calibrate.Table, prefix string) map[string]string {
	values := map[string]string{}
	for _, f := range calibrate.Fields(t) {
		for i := range f.Count {
			given := page.Field{Name: prefix + f.Label(i), Optional: true}
			if v, ok := r.Take(&given); ok && v != "" {
				values[f.Label(i)] = v
			}
		}
	}
	return values
}

func (p *Pages) removeExample(w http.ResponseWriter, r *page.Request) {
	table := calibrate.Table(r.PostFormValue("table"))
	p.with(w, r, "/calibrate/examples", func(s *calibrate.Session) error {
		all := slices.Clone(s.View().Examples[table])
		if i, err := strconv.Atoi(r.PostFormValue("index")); err == nil && i >= 0 && i < len(all) {
			return s.SetExamples(table, slices.Delete(all, i, i+1))
		}
		return calibrate.ErrBadExample
	})
}
