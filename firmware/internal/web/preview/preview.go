// Package preview shows what the next run of a job would change, record by record and field by field, before it does, and
// takes the word of a person: this record never, this one not this time, and that what is shown is right.
package preview

import (
	"context"
	"embed"
	"errors"
	"net/http"
	"net/url"

	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/local"
	"syncbox/firmware/internal/web/page"
	"syncbox/sync/engine"
)

//go:embed all:templates
var files embed.FS

var set = page.Parse(files)

// Box is what the pages ask. A *local.Client is one.
type Box interface {
	// Status gives the status of every job; local.ErrNoBox where no jobs run.
	Status(ctx context.Context) ([]local.JobStatus, error)
	// Preview gives a page of the latest preview of a job's next run; engine.ErrNoSuch where there is none.
	Preview(ctx context.Context, job string, q engine.PreviewQuery) (engine.PreviewPage, error)
	// Do asks a job for something.
	Do(ctx context.Context, job string, verb engine.Verb, name string) error
}

// Pages are the preview.
type Pages struct {
	Site *page.Site
	Box  Box
}

// Routes adds them.
func (p *Pages) Routes(m *page.Mux) {
	m.Closed("GET /preview", p.show)
	m.Closed("POST /preview/make", p.make)
	m.Closed("POST /preview/mark", p.mark)
	m.Closed("POST /preview/confirm", p.confirm)
}

// data is what the template gets.
type data struct {
	Jobs   []string // there are several
	Job    string
	Stands stands
	Rows   []row
	// There is one way on, and one back to the first page.
	Next  string // where the next page is; empty on the last one
	First string // where the first one is; empty there
	After string // names this page, to come back to
}

func (p *Pages) show(w http.ResponseWriter, r *page.Request) {
	all, err := p.Box.Status(r.Context())
	if err != nil {
		p.refused(w, r, err)
		return
	}
	job, found := choose(all, r.URL.Query().Get("job"))
	if !found {
		p.Site.Message(w, r, http.StatusNotFound, "page.missing.title", r.P.Text("page.missing.text", nil))
		return
	}
	r.About(job.Names)
	d := data{Job: job.Job, Stands: standsOf(r, job.Status)}
	d.Stands.ByCode = config.Pair(job.Pair) == config.Sage50SalesManagement
	for _, j := range all {
		if len(all) > 1 {
			d.Jobs = append(d.Jobs, j.Job)
		}
	}
	if d.Stands.Made {
		if err := p.rows(r, &d); err != nil {
			p.refused(w, r, err)
			return
		}
	}
	p.Site.Show(w, r, set, http.StatusOK, "preview", "page.preview.title", d)
}

// choose gives the job that is meant, the first one where none is named.
func choose(all []local.JobStatus, name string) (local.JobStatus, bool) {
	for _, j := range all {
		if name == "" || j.Job == name {
			return j, true
		}
	}
	return local.JobStatus{}, false
}

// rows fills in one page of the changes. One that is gone, since another preview took its place, begins at the first page.
func (p *Pages) rows(r *page.Request, d *data) error {
	q := engine.PreviewQuery{After: r.URL.Query().Get("after")}
	found, err := p.Box.Preview(r.Context(), d.Job, q)
	if errors.Is(err, engine.ErrNoSuch) && q.After != "" {
		q.After = ""
		found, err = p.Box.Preview(r.Context(), d.Job, q)
	}
	if err != nil && !errors.Is(err, engine.ErrNoSuch) {
		return err
	}
	for _, ch := range found.Changes {
		d.Rows = append(d.Rows, rowOf(r.P, ch))
	}
	if found.Next != "" {
		d.Next = "/preview?" + url.Values{"job": {d.Job}, "after": {found.Next}}.Encode()
	}
	if d.After = q.After; q.After != "" {
		d.First = "/preview?" + url.Values{"job": {d.Job}}.Encode()
	}
	return nil
}

// make asks for a preview, or for another one.
func (p *Pages) make(w http.ResponseWriter, r *page.Request) {
	p.order(w, r, engine.ShowPreview, "", "page.preview.asked")
}

// Marks are the words of a person about one record, with the key of what is said of it afterwards.
var Marks = map[engine.Verb]string{
	engine.LeaveOut: "page.preview.said-never", engine.NotThisTime: "page.preview.said-not-this-time", engine.Unmark: "page.preview.said-unmark",
}

func (p *Pages) mark(w http.ResponseWriter, r *page.Request) {
	verb := engine.Verb(r.PostFormValue("verb"))
	said, known := Marks[verb]
	if !known {
		p.refused(w, r, engine.ErrNoSuch)
		return
	}
	p.order(w, r, verb, r.PostFormValue("name"), said)
}

// confirm has the run go on that was shown. What it is to do is named by its digest, so that it can be no other.
func (p *Pages) confirm(w http.ResponseWriter, r *page.Request) {
	if r.PostFormValue("right") == "" {
		p.Site.Say(r, r.P.Text("page.preview.tick-first", nil))
		back(w, r)
		return
	}
	p.order(w, r, engine.Tick, r.PostFormValue("digest"), "page.preview.said-confirm")
}

// order asks the job of a form for something, and goes back to the page of the form.
func (p *Pages) order(w http.ResponseWriter, r *page.Request, verb engine.Verb, name, said string) {
	job := r.PostFormValue("job")
	if err := p.Box.Do(r.Context(), job, verb, name); err != nil {
		p.Site.Log.Warn("page asked a job in vain", "job", job, "verb", verb, "err", err)
		p.refused(w, r, err)
		return
	}
	p.Site.Log.Info("page asked a job for something", "job", job, "verb", verb)
	p.Site.Say(r, r.P.Text(said, nil))
	back(w, r)
}

// back leads to the page on which a form stood.
func back(w http.ResponseWriter, r *page.Request) {
	q := url.Values{"job": {r.PostFormValue("job")}}
	if after := r.PostFormValue("after"); after != "" {
		q.Set("after", after)
	}
	http.Redirect(w, r.Request, "/preview?"+q.Encode(), http.StatusSeeOther)
}

// refused says why something was not done, or can't be shown.
func (p *Pages) refused(w http.ResponseWriter, r *page.Request, err error) {
	text := r.Reason(err)
	if errors.Is(err, engine.ErrNoSuch) { // another preview has taken its place, or somebody else was faster
		text = r.P.Text("page.preview.gone", nil)
	}
	p.Site.Message(w, r, http.StatusConflict, "page.refused.title", text)
}
