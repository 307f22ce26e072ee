// Package links is the global view of a job: every record that it knows, with the keys on both sides, what a person said of
// it, and what waits of it, without exception.
package links

import (
	"context"
	"embed"
	"net/http"
	"net/url"
	"time"

	"syncbox/connectors/record"
	"syncbox/firmware/internal/local"
	"syncbox/firmware/internal/locale"
	"syncbox/firmware/internal/web/page"
	"syncbox/firmware/internal/web/preview"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

//go:embed all:templates
var files embed.FS

var set = page.Parse(files)

// Box is what the page asks. A *local.Client is one.
type Box interface {
	// Status gives the status of every job; local.ErrNoBox where no jobs run.
	Status(ctx context.Context) ([]local.JobStatus, error)
	// Links gives a page of the records that a job knows.
	Links(ctx context.Context, job string, q engine.LinkQuery) (engine.LinkPage, error)
	// Do asks a job for something.
	Do(ctx context.Context, job string, verb engine.Verb, name string) error
}

// Pages are the global view.
type Pages struct {
	Site *page.Site
	Box  Box
}

// Routes adds them.
func (p *Pages) Routes(m *page.Mux) {
	m.Closed("GET /links", p.show)
	m.Closed("POST /links", p.mark)
}

// data is what the template gets.
type data struct {
	Jobs   []string // there are several
	Job    string
	Kind   page.Field
	Mark   page.Field
	Text   page.Field
	Rows   []row
	Next   string // where the next page is; empty on the last one
	First  string // where the first one is; empty there
	After  string
	Filter bool
}

// row is one record.
type row struct {
	Name  string // for orders
	Where string
	Keys  [2]record.Key
	Known string
	State string
	Since time.Time
	Mark  store.Mark
	Waits []string
}

// kinds are the records that are listed by themselves.
var kinds = []record.Entity{record.Account, record.Contact, record.Document, record.User, record.Category}

func (p *Pages) show(w http.ResponseWriter, r *page.Request) {
	all, err := p.Box.Status(r.Context())
	if err != nil || len(all) == 0 {
		p.Site.Message(w, r, http.StatusServiceUnavailable, "page.refused.title", r.P.Text("console.no-box", nil))
		return
	}
	q := r.URL.Query()
	r.About(all[0].Names)
	d := data{Job: all[0].Job, After: q.Get("after"), Text: textField(r), Kind: kindField(r), Mark: markField(r)}
	for _, j := range all {
		if len(all) > 1 {
			d.Jobs = append(d.Jobs, j.Job)
		}
		if j.Job == q.Get("job") {
			d.Job = j.Job
			r.About(j.Names)
		}
	}
	if _, ok := r.Check(&d.Text, q.Get("text")); !ok {
		p.Site.Show(w, r, set, http.StatusUnprocessableEntity, "links", "page.links.title", d)
		return
	}
	d.Filter = d.Text.Value != "" || d.Kind.Value != "" || d.Mark.Value != ""
	found, err := p.Box.Links(r.Context(), d.Job, engine.LinkQuery{Entity: record.Entity(d.Kind.Value), Mark: store.Mark(d.Mark.Value), Text: d.Text.Value, After: d.After})
	if err != nil {
		p.Site.Message(w, r, http.StatusConflict, "page.refused.title", r.Reason(err))
		return
	}
	for _, x := range found.Rows {
		d.Rows = append(d.Rows, rowOf(r.P, x))
	}
	if found.Next != "" {
		d.Next = d.at(found.Next)
	}
	if d.After != "" {
		d.First = d.at("")
	}
	p.Site.Show(w, r, set, http.StatusOK, "links", "page.links.title", d)
}

// at gives where a page of the same list is.
func (d data) at(after string) string {
	q := url.Values{"job": {d.Job}, "kind": {d.Kind.Value}, "mark": {d.Mark.Value}, "text": {d.Text.Value}}
	if after != "" {
		q.Set("after", after)
	}
	return "/links?" + q.Encode()
}

func textField(r *page.Request) page.Field {
	return page.Field{Name: "text", Most: 80, Optional: true, Label: r.P.Text("page.links.text", nil)}
}

func kindField(r *page.Request) page.Field {
	f := page.Field{Name: "kind", Kind: "select", Optional: true, Label: r.P.Text("page.links.kind", nil), Options: []page.Option{{Label: r.P.Text("page.links.all", nil)}}}
	for _, e := range kinds {
		f.Options = append(f.Options, page.Option{Value: string(e), Label: r.P.Text("phase."+string(e), nil)})
	}
	return chosen(r, f)
}

func markField(r *page.Request) page.Field {
	f := page.Field{Name: "mark", Kind: "select", Optional: true, Label: r.P.Text("page.links.mark", nil), Options: []page.Option{
		{Label: r.P.Text("page.links.all", nil)},
		{Value: string(store.Never), Label: r.P.Text("page.preview.mark-never", nil)},
		{Value: string(store.NotThisTime), Label: r.P.Text("page.preview.mark-not-this-time", nil)},
	}}
	return chosen(r, f)
}

// chosen takes the value of a field from the address, where it is one of its options.
func chosen(r *page.Request, f page.Field) page.Field {
	for _, o := range f.Options {
		if o.Value == r.URL.Query().Get(f.Name) {
			f.Value = o.Value
		}
	}
	return f
}

func rowOf(p *locale.Printer, x engine.LinkRow) row {
	v := row{Name: x.Name(), Where: p.Text("entity."+string(x.Entity), nil), Keys: [2]record.Key{x.ERP, x.CRM}, Known: locale.KnownBy(x.Known), Since: x.Since, Mark: x.Mark}
	if x.State != "" {
		v.State = p.Text("link."+x.State, nil)
	}
	for _, wait := range x.Waits {
		v.Waits = append(v.Waits, p.Text("code."+wait.Code, nil))
	}
	return v
}

// mark takes a person's word about one record, and goes back to where it stood.
func (p *Pages) mark(w http.ResponseWriter, r *page.Request) {
	verb, job := engine.Verb(r.PostFormValue("verb")), r.PostFormValue("job")
	said, known := preview.Marks[verb]
	err := error(engine.ErrNoSuch)
	if known {
		err = p.Box.Do(r.Context(), job, verb, r.PostFormValue("name"))
	}
	if err != nil {
		p.Site.Log.Warn("page asked a job in vain", "job", job, "verb", verb, "err", err)
		p.Site.Message(w, r, http.StatusConflict, "page.refused.title", r.Reason(err))
		return
	}
	p.Site.Log.Info("page asked a job for something", "job", job, "verb", verb)
	p.Site.Say(r, r.P.Text(said, nil))
	to := r.PostFormValue("to")
	if !page.Local(to) {
		to = "/links"
	}
	http.Redirect(w, r.Request, to, http.StatusSeeOther)
}
