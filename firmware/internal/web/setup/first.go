package setup

import (
	"context"
	"net/http"
	"slices"

	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/local"
	"syncbox/firmware/internal/web/page"
	"syncbox/sync/engine"
)

// firstData is what the page of the first sync shows. One of the fields behind Job says where it stands.
type firstData struct {
	steps
	Working string // what goes on; the page comes again by itself
	Done    int
	Total   int
	Notice  *notice
	Digest  string // of what waits for a person's tick
	Births  int    // records that will be created in the CRM
	Changes int
	Agreed  bool // what was ticked is done now
	Over    bool // it was complete
	Online  bool // the ERP is QuickBooks Online
	Deletes bool // deletions travel
	Bob     bool // the ERP is BOB 50
	Sage50  bool // it is Sage 50
}

// showFirst shows how the first sync stands: what it will create waits for a person, who is told to clean up before.
func (p *Pages) showFirst(w http.ResponseWriter, r *page.Request, j config.Job) {
	d := firstData{steps: p.stepsAt(r, j, stepFirst), Online: config.Pair(j.Pair) == config.QuickBooksCentrixOne, Bob: ofBob50(j), Sage50: ofSage50(j)}
	all, err := p.Box.Status(r.Context())
	i := slices.IndexFunc(all, func(s local.JobStatus) bool { return s.Job == j.Name })
	switch {
	case p.next(j).step != stepFirst:
		d.Notice = noticeOf(r, config.CodeIncomplete, nil)
	case err != nil || i < 0:
		d.Working = r.P.Text("page.setup.first-starts", nil)
	default:
		d.told(r, all[i])
	}
	p.Site.Show(w, r, set, http.StatusOK, "first", "page.setup.title-first", d)
}

// firstOpen tells whether the first sync of a job that works is still to come.
func (p *Pages) firstOpen(ctx context.Context, j config.Job) bool {
	all, _ := p.Box.Status(ctx) // none is no first sync that waits
	for _, s := range all {
		if s.Job == j.Name {
			return (j.Engine.Confirm == engine.ConfirmFirst || ofBob50(j)) && s.Err == "" && s.Status.Ways[0].LastOK.IsZero()
		}
	}
	return false
}

// told words the status of a job.
func (d *firstData) told(r *page.Request, s local.JobStatus) {
	is := s.Status
	to := is.Ways[0]
	d.Deletes = is.Deletes
	halted := to.Outcome == engine.Halted && !(is.Preview != nil && is.Preview.Waits)
	switch v := is.Preview; {
	case s.Err != "" || is.Service == engine.Stopped:
		d.Notice = noticeOf(r, to.Code, to.Args)
		if d.Notice == nil {
			d.Notice = &notice{Text: r.P.Service(is)}
		}
	case v != nil && v.Waits && !v.Void && !v.Agreed:
		d.Digest = v.Digest
		for _, n := range v.Counts {
			d.Births, d.Changes = d.Births+n.Create[0], d.Changes+n.Changes()
		}
	case is.Phase != "":
		d.Working, d.Done, d.Total, d.Agreed = r.P.Phase(is), is.Done, is.Total, v != nil && v.Agreed
	case v != nil && v.Code != "":
		d.Notice = noticeOf(r, v.Code, v.Args)
	case halted && to.Code != "":
		d.Notice = noticeOf(r, to.Code, to.Args)
	case to.Outcome == engine.Success:
		d.Over = true
	default:
		d.Working = r.P.Service(is)
	}
}
