// Package journal shows what happened: the journals of all jobs and the box's own as one, the newest first, page by page.
// What is looked for is looked for in pieces, and nothing reads a journal whole but the export, line by line.
package journal

import (
	"context"
	"embed"
	"net/http"
	"slices"
	"sync"

	"syncbox/firmware/internal/health"
	"syncbox/firmware/internal/local"
	"syncbox/firmware/internal/locale"
	"syncbox/firmware/internal/web/page"
	"syncbox/sync/store"
)

//go:embed all:templates
var files embed.FS

var set = page.Parse(files)

// Box is what the pages ask. A *local.Client is one.
type Box interface {
	// Status gives the status of every job; local.ErrNoBox where no jobs run.
	Status(ctx context.Context) ([]local.JobStatus, error)
	// JournalBefore gives up to limit events of a job right before a number, or the newest ones where that is 0, the oldest
	// first.
	JournalBefore(ctx context.Context, job string, before uint64, limit int) ([]store.Event, error)
	// Journal gives up to limit events of a job from a number on.
	Journal(ctx context.Context, job string, from uint64, limit int) ([]store.Event, error)
}

// Own is the box's own journal. A *journal.Journal is one.
type Own interface {
	// Before and From give events as those of Box do.
	Before(before uint64, limit int) ([]store.Event, error)
	From(from uint64, limit int) ([]store.Event, error)
}

// Pages are the journal and its export.
type Pages struct {
	Site *page.Site
	Box  Box
	Own  Own // nil where the box keeps none

	export sync.Mutex // held by whoever takes the journal with him
}

// Routes adds them.
func (p *Pages) Routes(m *page.Mux) {
	m.Closed("GET /journal", p.show)
	m.Closed("GET /journal.csv", p.csv)
}

// Bounds of a page.
const (
	mostRows  = 50
	mostTried = 2000 // events that are looked at for one page; more of them if the reader wants so
)

// row is an event as the page shows it.
type row struct {
	Time     string
	Severity string // in words
	Mark     string // its sign
	Class    string // of the style
	Job      string
	Where    string // the record
	Way      string
	Text     string
	Do       string
	Code     string // of its page of help; empty where there is none
}

var classes = map[store.Severity]string{store.Warning: "warn", store.Problem: "bad"}

// rowOf puts an event in words.
func rowOf(p *locale.Printer, job string, e store.Event) row {
	if job == "" {
		job = p.Text("side.box", nil)
	}
	r := row{Time: p.Time(e.At), Severity: p.Text("page.journal."+string(e.Severity), nil), Mark: locale.Mark(e.Severity),
		Class: classes[e.Severity], Job: job, Where: p.Where(e.Entity, e.ERP, e.CRM), Text: p.EventText(e)}
	if e.Direction != "" {
		r.Way = p.Text("direction."+string(e.Direction), nil)
	}
	code, do := p.Remedy(e)
	r.Do = do
	if _, known := health.Lookup(code); known {
		r.Code = code
	}
	return r
}

// data is what the template gets.
type data struct {
	Text    page.Field   // that is looked for
	Choices []page.Field // further things that are
	Chosen  bool         // one of them is
	Rows    []row
	Tried   int    // events that were looked at for this page, where that was no more; 0 = enough was found, or all is seen
	Further bool   // the search goes on where the page behind this one is
	Older   string // where that is; empty if there is none
	Newer   string
	Newest  string
	Export  string
	Unread  []string // jobs whose journals can't be read now
	Down    bool     // no job can be asked
	Narrow  bool     // not everything is looked for
}

func (p *Pages) show(w http.ResponseWriter, r *page.Request) {
	all := p.open(r.Context())
	f, text, choices, ok := asked(r, all.jobs)
	d := data{Text: text, Choices: choices, Chosen: f != filter{Text: f.Text}, Newest: f.address("", nil), Export: "/journal.csv?" + f.query().Encode(), Narrow: f.narrow(), Down: all.down}
	status := http.StatusUnprocessableEntity
	if ok {
		status = http.StatusOK
		v := look(r, f, all.of(f))
		d.Rows, d.Unread = v.rows, v.walk.unread()
		d.Older, d.Newer = v.links()
		if v.tried >= mostTried && len(v.rows) < mostRows && !v.walk.done(r.Context()) {
			d.Tried, d.Further = v.tried, !v.walk.up
		}
	}
	p.Site.Show(w, r, set, status, "journal", "page.journal.title", d)
}

// view is one page of what is looked for.
type view struct {
	r      *page.Request
	filter filter
	all    journals
	walk   *walk
	moved  bool  // it is not the newest page
	rows   []row // the newest first
	tried  int   // events
}

// look makes the page that an address means.
func look(r *page.Request, f filter, all journals) *view {
	q := r.URL.Query()
	before, after := marksIn(q["before"]), marksIn(q["after"])
	if len(after) > 0 {
		v := &view{r: r, filter: f, all: all, walk: all.walk(after, true), moved: true}
		if v.read(); !v.walk.done(r.Context()) {
			return v
		}
		before = nil // there is no whole page above that: the newest one is shown
	}
	v := &view{r: r, filter: f, all: all, walk: all.walk(before, false), moved: len(before) > 0}
	v.read()
	return v
}

// read fills the page, as far as that goes.
func (v *view) read() {
	for len(v.rows) < mostRows && v.tried < mostTried {
		job, e, ok := v.walk.next(v.r.Context())
		if !ok {
			break
		}
		v.tried++
		if row := v.all.row(v.r.P, job, e); v.filter.fits(e, row) {
			v.rows = append(v.rows, row)
		}
	}
	if v.walk.up {
		slices.Reverse(v.rows)
	}
}

// links gives where the pages beside this one are; empty where there is none.
func (v *view) links() (older, newer string) {
	below, above := v.walk.bounds()
	if len(below) > 0 && (v.walk.up || !v.walk.done(v.r.Context())) {
		older = v.filter.address("before", below)
	}
	if len(above) > 0 && v.moved {
		newer = v.filter.address("after", above)
	}
	return older, newer
}
