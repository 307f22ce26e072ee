// Package calibrate is the page on which a technician finds out, from what Acomba's own screen shows, how an unknown version
// of it lays out its card files: inventory, known records, an edit between two looks, and at the end a layout file that a
// second person approves (package connectors/acomba/calibrate does the finding out, and only ever reads the folder). What
// takes long goes on in the background, one step at a time, and the page says how far it is.
package calibrate

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"sync"

	"syncbox/connectors/acomba/calibrate"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/journal"
	"syncbox/firmware/internal/web/page"
)

//go:embed all:templates
var files embed.FS

var set = page.Parse(files)

// Company is a job's company folder, to be read until Close.
type Company struct {
	FS    fs.FS
	Root  string // the folder in FS
	Close func() error
}

// Config is what the pages work with. All fields are needed.
type Config struct {
	// Jobs gives the names of the jobs that read Acomba.
	Jobs func() ([]string, error)
	// Open opens a job's company folder for reading. Its error is a *connectors.Error where the server is the cause.
	Open func(ctx context.Context, job string) (Company, error)
	// Layout gives the path of the layout file that a job reads with now; empty for one of the program's own.
	Layout func(job string) string
	// Dir gives the folder that keeps a job's calibration and the layouts that come of it.
	Dir func(job string) string
	// Write replaces a file so that a power cut leaves the old or the new one.
	Write func(path string, text []byte, mode fs.FileMode) error
	// Set has the job read with a layout file, as config.Writer.Set does.
	Set func(changes ...config.Change) (changed []string, err error)
	// Journal keeps what was done to the box.
	Journal interface {
		Event(code string, args map[string]string)
	}
}

// Pages are the calibration.
type Pages struct {
	Site *page.Site
	Config

	mu   sync.Mutex // protects what follows
	runs map[string]*run
	kept map[string]*kept
}

// Routes adds them.
func (p *Pages) Routes(m *page.Mux) {
	m.Closed("GET /calibrate", p.show)
	m.Closed("POST /calibrate/begin", p.begin)
	m.Closed("POST /calibrate/step", p.step)
	m.Closed("POST /calibrate/choose", p.choose)
	m.Closed("POST /calibrate/compare", p.compare)
	m.Closed("POST /calibrate/approve", p.approve)
	m.Closed("POST /calibrate/forget", p.forget)
	m.Closed("GET /calibrate/examples", p.examples)
	m.Closed("POST /calibrate/examples", p.addExample)
	m.Closed("POST /calibrate/remove", p.removeExample)
}

// job gives the job that a request is about, the first one where none is named. Where there is none, it is answered.
func (p *Pages) job(w http.ResponseWriter, r *page.Request) (string, bool) {
	all, err := p.Jobs()
	name := r.FormValue("job")
	switch {
	case err != nil || len(all) == 0:
		p.Site.Message(w, r, http.StatusConflict, "page.refused.title", r.P.Text("page.calibrate.no-job", nil))
	case name == "":
		return all[0], true
	case slices.Contains(all, name):
		return name, true
	default:
		p.Site.Message(w, r, http.StatusNotFound, "page.missing.title", r.P.Text("page.missing.text", nil))
	}
	return "", false
}

// book opens the layouts that were approved for a job.
func (p *Pages) book(job string) (*calibrate.Book, error) {
	book, err := calibrate.OpenBook(filepath.Join(p.Dir(job), "layouts"), p.Write)
	if err == nil {
		book.Hold(p.Layout(job))
	}
	return book, err
}

// session gives a job's calibration, which is opened once: what takes long and what is shown are of the same one. It reads the
// company's folder through a door that is open during a step only.
func (p *Pages) session(job string) (*calibrate.Session, *door, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if k := p.kept[job]; k != nil {
		return k.session, k.door, nil
	}
	book, err := p.book(job)
	if err != nil {
		return nil, nil, err
	}
	k := &kept{door: &door{}}
	k.session, err = calibrate.Open(calibrate.Options{Dir: filepath.Join(p.Dir(job), "calibration"), Company: k.door, Book: book, Write: p.Write})
	if err != nil {
		return nil, nil, err
	}
	if p.kept == nil {
		p.kept = map[string]*kept{}
	}
	p.kept[job] = k
	return k.session, k.door, nil
}

// kept is a job's calibration, and the door to its company.
type kept struct {
	session *calibrate.Session
	door    *door
}

// door is a company's folder while it is open, and no folder else.
type door struct {
	mu sync.Mutex // protects what follows
	to fs.FS      // nil = closed
}

// Open opens a file behind the door.
func (d *door) Open(name string) (fs.File, error) {
	d.mu.Lock()
	to := d.to
	d.mu.Unlock()
	if to == nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return to.Open(name)
}

func (d *door) lead(to fs.FS) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.to = to
}

// with does something short with a job's session, and goes back to a page.
func (p *Pages) with(w http.ResponseWriter, r *page.Request, to string, do func(s *calibrate.Session) error) {
	job, ok := p.job(w, r)
	if !ok {
		return
	}
	if p.busy(job) {
		p.refused(w, r, calibrate.ErrBusy)
		return
	}
	s, _, err := p.session(job)
	if err == nil {
		err = do(s)
	}
	if err != nil {
		p.refused(w, r, err)
		return
	}
	http.Redirect(w, r.Request, to+"?"+back(r, job), http.StatusSeeOther)
}

// back gives the query that leads to the page of a form.
func back(r *page.Request, job string) string {
	q := url.Values{"job": {job}}
	if table := r.PostFormValue("table"); table != "" {
		q.Set("table", table)
	}
	return q.Encode()
}

// reasons are the errors that have words, by the end of the key of these.
var reasons = map[error]string{calibrate.ErrBusy: "busy", calibrate.ErrNoSnapshot: "no-snapshot", calibrate.ErrNotBegun: "not-begun",
	calibrate.ErrNoDraft: "no-draft", calibrate.ErrBlocked: "blocked", calibrate.ErrSamePerson: "same-person", calibrate.ErrBadExample: "bad-example"}

// reason says why a step did not go well.
func reason(r *page.Request, err error) string {
	for known, key := range reasons {
		if errors.Is(err, known) {
			return r.P.Text("page.calibrate.error-"+key, nil)
		}
	}
	return r.Reason(err)
}

func (p *Pages) refused(w http.ResponseWriter, r *page.Request, err error) {
	p.Site.Log.Warn("calibration", "err", err)
	p.Site.Message(w, r, http.StatusConflict, "page.refused.title", reason(r, err))
}

// begin says who calibrates which version.
func (p *Pages) begin(w http.ResponseWriter, r *page.Request) {
	version, by := page.Field{Name: "version", Most: 40}, page.Field{Name: "by", Most: 60}
	v, ok1 := r.Take(&version)
	who, ok2 := r.Take(&by)
	if !ok1 || !ok2 {
		p.Site.Message(w, r, http.StatusUnprocessableEntity, "page.refused.title", r.P.Text("page.calibrate.both", nil))
		return
	}
	p.with(w, r, "/calibrate", func(s *calibrate.Session) error {
		return s.Begin(calibrate.Site{ID: r.FormValue("job"), AcombaVersion: v, By: who})
	})
}

// forget ends the calibration and erases what it holds of customers; approved layouts stay.
func (p *Pages) forget(w http.ResponseWriter, r *page.Request) {
	p.with(w, r, "/calibrate", func(s *calibrate.Session) error { return s.Forget() })
}

// choose says in which of several files a table lies.
func (p *Pages) choose(w http.ResponseWriter, r *page.Request) {
	p.with(w, r, "/calibrate", func(s *calibrate.Session) error {
		return s.Choose(calibrate.Table(r.PostFormValue("table")), calibrate.Place{File: r.PostFormValue("file")})
	})
}

// approve puts the draft into the job's layouts, and has the job read with it.
func (p *Pages) approve(w http.ResponseWriter, r *page.Request) {
	by := page.Field{Name: "who", Most: 60}
	who, ok := r.Take(&by)
	if !ok {
		p.Site.Message(w, r, http.StatusUnprocessableEntity, "page.refused.title", r.P.Text("page.calibrate.both", nil))
		return
	}
	job, ok := p.job(w, r)
	if !ok {
		return
	}
	p.with(w, r, "/calibrate", func(s *calibrate.Session) error {
		a, err := s.Approve(who)
		if err != nil {
			return err
		}
		book, err := p.book(job)
		if err != nil {
			return err
		}
		if _, err := p.Set(config.Change{Key: "job." + job + ".acomba.layout", Value: book.Path(a)}); err != nil {
			return err
		}
		p.Journal.Event(journal.LayoutApproved, map[string]string{"job": job, "version": a.AcombaVersion})
		p.Site.Say(r, r.P.Text("page.calibrate.approved", nil))
		return nil
	})
}
