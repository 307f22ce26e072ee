// Package waiting lists what waits in the jobs, by what people have to do about it, and takes their answers. An answer is
// one to what was shown: where that has changed meanwhile, nothing is done, and the page says so.
package waiting

import (
	"context"
	"embed"
	"net/http"
	"net/url"
	"slices"
	"time"

	"syncbox/firmware/internal/local"
	"syncbox/firmware/internal/web/page"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

//go:embed all:templates
var files embed.FS

var set = page.Parse(files)

// Box is what the pages ask. A *local.Client is one.
type Box interface {
	// Status gives the status of every job; local.ErrNoBox where no jobs run.
	Status(ctx context.Context) ([]local.JobStatus, error)
	// WaitingAfter gives up to limit things of some kinds that wait in a job, from behind a name on.
	WaitingAfter(ctx context.Context, job, after string, limit int, kinds ...store.WaitKind) ([]store.Waiting, error)
	// Do asks a job for something.
	Do(ctx context.Context, job string, verb engine.Verb, name string) error
	// Answer asks a job for something about what waits, if it is what was shown; else it gives engine.ErrChanged.
	Answer(ctx context.Context, job string, verb engine.Verb, name, shown string) error
}

// Pages are the list and its answers.
type Pages struct {
	Site *page.Site
	Box  Box
	Now  func() time.Time
}

// Routes adds them.
func (p *Pages) Routes(m *page.Mux) {
	m.Closed("GET /waiting", p.show)
	m.Closed("POST /waiting", p.answer)
}

// mostItems bounds a page.
const mostItems = 50

// group is what asks the same of people.
type group struct {
	name  string
	kinds []store.WaitKind
}

// groups are in the order of what is most urgent.
var groups = []group{
	{"answer", []store.WaitKind{store.Held, store.Brake, store.Deleted, store.Identity, store.Conflicted, store.Refused}},
	{"key", []store.WaitKind{store.HandedOff}},
	{"itself", []store.WaitKind{store.Quarantine, store.Reference}},
	{"differs", []store.WaitKind{store.Difference}},
}

// place is where a page begins: behind a name, in a group.
type place struct{ Job, From, After string }

func placeIn(q url.Values) place { return place{q.Get("job"), q.Get("from"), q.Get("after")} }

// address gives that of the page.
func (a place) address() string {
	q := url.Values{}
	for name, value := range map[string]string{"job": a.Job, "from": a.From, "after": a.After} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if len(q) == 0 {
		return "/waiting"
	}
	return "/waiting?" + q.Encode()
}

// section is what is shown of a group.
type section struct {
	Name  string
	Count int // in the whole list
	Items []item
}

// choice leads to a job or a group.
type choice struct {
	Path  string
	Text  string
	Count int
	Here  bool
}

// data is what the template gets.
type data struct {
	Place    place
	Jobs     []choice // where there are several
	Groups   []choice
	Sections []section
	First    string // where the list begins; empty if that is here
	Next     string // where it goes on
	Down     bool   // the box does not answer
	Unread   bool   // the job does not run
	Some     bool   // there is something to try again
}

func (p *Pages) show(w http.ResponseWriter, r *page.Request) {
	at := placeIn(r.URL.Query())
	jobs, err := p.Box.Status(r.Context())
	if len(jobs) == 0 {
		p.Site.Show(w, r, set, http.StatusOK, "waiting", "page.waiting.title", data{Down: err != nil})
		return
	}
	job := pick(jobs, at.Job)
	at.Job = job.Job
	r.About(job.Names)
	d := data{Place: at, Unread: job.Err != ""}
	if len(jobs) > 1 {
		for _, j := range jobs {
			d.Jobs = append(d.Jobs, choice{place{Job: j.Job}.address(), j.Job, total(j.Status), j.Job == at.Job})
		}
	}
	if !d.Unread {
		if err := p.fill(r, &d, job.Status); err != nil {
			p.Site.Log.Warn("page asked what waits in vain", "job", at.Job, "err", err)
			d.Unread = true
		}
	}
	p.Site.Show(w, r, set, http.StatusOK, "waiting", "page.waiting.title", d)
}

// pick gives the job of a name, or else the first one in which anything waits.
func pick(jobs []local.JobStatus, name string) local.JobStatus {
	if i := slices.IndexFunc(jobs, func(j local.JobStatus) bool { return j.Job == name }); i >= 0 {
		return jobs[i]
	}
	if i := slices.IndexFunc(jobs, func(j local.JobStatus) bool { return total(j.Status) > 0 }); i >= 0 {
		return jobs[i]
	}
	return jobs[0]
}

func total(s engine.Status) (n int) {
	for _, count := range s.Waiting {
		n += count
	}
	return n
}

// fill reads a page, group by group, from where it begins.
func (p *Pages) fill(r *page.Request, d *data, status engine.Status) error {
	from := max(0, slices.IndexFunc(groups, func(g group) bool { return g.name == d.Place.From }))
	left := mostItems
	for i, g := range groups {
		s := section{Name: g.name}
		for _, kind := range g.kinds {
			s.Count += status.Waiting[kind]
		}
		if i >= from && d.Next == "" {
			if err := p.read(r, d, &s, g, i == from, left); err != nil {
				return err
			}
			left -= len(s.Items)
		}
		if s.Count > 0 {
			d.Groups = append(d.Groups, choice{place{Job: d.Place.Job, From: g.name}.address(), r.P.Text("page.waiting."+g.name, nil), s.Count, i == from})
		}
		if len(s.Items) > 0 {
			d.Sections = append(d.Sections, s)
		}
	}
	d.Some = len(d.Groups) > 0
	if from > 0 || d.Place.After != "" {
		d.First = place{Job: d.Place.Job}.address()
	}
	return nil
}

// read reads as much of a group as there is room left for; first says that the page begins in it.
func (p *Pages) read(r *page.Request, d *data, s *section, g group, first bool, left int) error {
	after := ""
	if first {
		after = d.Place.After
	}
	all, err := p.Box.WaitingAfter(r.Context(), d.Place.Job, after, left+1, g.kinds...)
	if err != nil {
		return err
	}
	if len(all) > left {
		all = all[:left]
		if left > 0 {
			after = all[left-1].Name()
		}
		d.Next = place{d.Place.Job, g.name, after}.address()
	}
	for _, x := range all {
		s.Items = append(s.Items, itemOf(r.P, d.Place, x, p.Now()))
	}
	s.Count = max(s.Count, len(s.Items)) // what was listed just now is counted with the end of the run
	return nil
}
