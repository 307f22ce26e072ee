// Package status is the first page of the box, for everybody in the office: how the service and each direction are, what is
// going on now, how the light blinks and what that means, and which version runs. It tells nothing of any record.
package status

import (
	"context"
	"embed"
	"errors"
	"net/http"
	"net/url"
	"time"

	"syncbox/firmware/internal/health"
	"syncbox/firmware/internal/local"
	"syncbox/firmware/internal/web/page"
	"syncbox/ota/update"
	"syncbox/sync/engine"
)

//go:embed all:templates
var files embed.FS

var set = page.Parse(files)

// Box is what the page asks. A *local.Client is one.
type Box interface {
	// Status gives the status of every job; local.ErrNoBox where no jobs run.
	Status(ctx context.Context) ([]local.JobStatus, error)
	// Do asks a job for something.
	Do(ctx context.Context, job string, verb engine.Verb, name string) error
}

// Updates are the new versions of the box. An *updates.Part is one.
type Updates interface {
	Status() update.Status
	// Check looks at once for what is published.
	Check(ctx context.Context) error
	// Approve has what is ordered taken up at once, whatever the hour.
	Approve()
}

// Pages are the status page and its orders.
type Pages struct {
	Site *page.Site
	Box  Box
	// Codes gives the health codes of the machine that hold, Lights every light that holds.
	Codes  func() []string
	Lights func() []health.Light
	// Ready tells why no job can run yet, as config.Load does; nil if they can.
	Ready   func() error
	Updates Updates // nil where there are none
	Now     func() time.Time

	watch watch
}

// Routes adds the pages.
func (p *Pages) Routes(m *page.Mux) {
	m.Public("GET /{$}", p.show)
	m.Public("GET /live", p.live)
	m.Closed("POST /do", p.do)
	if p.Updates != nil {
		m.Closed("POST /update", p.update)
	}
}

// Verbs are what the page's buttons ask for.
var verbs = map[engine.Verb]bool{engine.Start: true, engine.Stop: true, engine.Force: true}

// data is what the template of the page gets.
type data struct {
	Live shot
	Jobs []job
	// Updates says that the box takes new versions, Ordered that one is ordered which does not run yet.
	Updates, Ordered bool
}

func (p *Pages) show(w http.ResponseWriter, r *page.Request) {
	now := p.look(r.Context())
	live := now.told(r)
	p.Site.Show(w, r, set, http.StatusOK, "status", "page.status.title", data{live, live.Jobs, now.update != nil, now.update != nil && now.update.Wish != "" && now.update.Target != now.update.Version})
}

// do has a job start, stop, or sync now.
func (p *Pages) do(w http.ResponseWriter, r *page.Request) {
	verb := engine.Verb(r.PostFormValue("verb"))
	if !verbs[verb] {
		p.Site.Message(w, r, http.StatusBadRequest, "page.refused.title", r.P.Text("console.no-such", nil))
		return
	}
	job := r.PostFormValue("job")
	if job == "" && verb == engine.Force {
		p.forceAll(w, r)
		return
	}
	if err := p.Box.Do(r.Context(), job, verb, ""); err != nil {
		p.Site.Log.Warn("page asked a job in vain", "job", job, "verb", verb, "err", err)
		p.Site.Message(w, r, http.StatusConflict, "page.refused.title", r.Reason(err))
		return
	}
	p.Site.Log.Info("page asked a job for something", "job", job, "verb", verb)
	http.Redirect(w, r.Request, "/#job-"+url.PathEscape(job), http.StatusSeeOther)
}

// forceAll has every job sync now. One that can't keeps no other from it.
func (p *Pages) forceAll(w http.ResponseWriter, r *page.Request) {
	all, err := p.Box.Status(r.Context())
	for _, j := range all {
		err = errors.Join(err, p.Box.Do(r.Context(), j.Job, engine.Force, ""))
	}
	if err != nil {
		p.Site.Log.Warn("page asked all jobs in vain", "err", err)
		p.Site.Message(w, r, http.StatusConflict, "page.refused.title", r.Reason(err))
		return
	}
	p.Site.Log.Info("page asked all jobs to sync")
	http.Redirect(w, r.Request, "/", http.StatusSeeOther)
}

// update looks for a new version, or has the one that is ordered taken up now.
func (p *Pages) update(w http.ResponseWriter, r *page.Request) {
	switch r.PostFormValue("verb") {
	case "check":
		if err := p.Updates.Check(r.Context()); err != nil {
			p.Site.Log.Warn("page looked for a new version in vain", "err", err)
			p.Site.Message(w, r, http.StatusConflict, "page.refused.title", r.P.Text("page.status.check-failed", nil))
			return
		}
		p.Site.Say(r, r.P.Text("page.status.checked", nil))
	case "now":
		p.Updates.Approve()
		p.Site.Log.Info("page has the ordered version taken up now")
		p.Site.Say(r, r.P.Text("console.update-now", nil))
	default:
		p.Site.Message(w, r, http.StatusBadRequest, "page.refused.title", r.P.Text("console.no-such", nil))
		return
	}
	http.Redirect(w, r.Request, "/#versions", http.StatusSeeOther)
}
