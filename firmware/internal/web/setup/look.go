package setup

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"slices"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/bob50"
	"syncbox/connectors/sage50fr"
	smb "syncbox/connectors/share/survey"
	"syncbox/firmware/internal/survey"
	"syncbox/firmware/internal/web/page"
)

// kind says what a look is for.
type kind string

const (
	sweeping kind = "sweep"  // which servers there are
	walking  kind = "way"    // the way to a folder on one
	probing  kind = "probes" // a company's folder against its layout
	finding  kind = "find"   // a company whose folder was moved
)

// look is one look at the network, which may take minutes. What it found stays in memory until the next one.
type look struct {
	kind   kind
	job    string
	target survey.Target // with its password, which does not print
	layout string        // path of the site's own layout file, if it has one
	bob50  bool          // companies are those of BOB 50
	sage50 bool          // they are exchange folders of Sage 50
	stop   context.CancelFunc
	ended  chan struct{} // closed when it has

	// What follows is protected by Pages.mu while the look goes on.

	progress survey.Progress
	servers  []survey.Server
	results  []survey.Result
	report   survey.Report
	found    []survey.Candidate
	trial    bob50.Trial
	exports  sage50fr.Trial
	err      error
}

// running tells whether a look goes on.
func (l *look) running() bool {
	if l == nil {
		return false
	}
	select {
	case <-l.ended:
		return false
	default:
		return true
	}
}

// of tells whether a look is of this kind for a job.
func (l *look) of(job string, kinds ...kind) bool {
	return l != nil && l.job == job && slices.Contains(kinds, l.kind)
}

// result gives what came out of a stage.
func (l *look) result(s survey.Stage) (r survey.Result, ok bool) {
	if l == nil {
		return r, false
	}
	for _, r = range l.results {
		if r.Stage == s {
			return r, true
		}
	}
	return survey.Result{}, false
}

// passed tells whether a stage went well.
func (l *look) passed(s survey.Stage) bool { r, _ := l.result(s); return r.OK }

// failed gives the stage that did not go well.
func (l *look) failed() (r survey.Result, is bool) {
	if l == nil || len(l.results) == 0 {
		return r, false
	}
	r = l.results[len(l.results)-1]
	return r, !r.OK
}

// begin has a look done in the background, unless one goes on. work fills in what it finds by change alone.
func (p *Pages) begin(l *look, work func(ctx context.Context, change func(func())) error) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.now.running() {
		return false
	}
	ctx, stop := context.WithCancel(context.Background()) // it outlives the request that asked for it, and has bounds of its own
	l.stop, l.ended = stop, make(chan struct{})
	p.now = l
	go func() {
		defer close(l.ended)
		defer stop()
		err := protect(func() error { return work(ctx, func(fn func()) { p.mu.Lock(); defer p.mu.Unlock(); fn() }) })
		p.mu.Lock()
		defer p.mu.Unlock()
		if l.err = err; err != nil {
			p.Site.Log.Warn("set-up looked in vain", "for", l.kind, "job", l.job, "code", connectors.CodeOf(err), "err", err)
		}
	}()
	return true
}

// protect makes a panic an error: a look must not end the box.
func protect(work func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	return work()
}

// untilShown is how long a page waits for a look that goes on, so that a short one is not shown at work.
const untilShown = 1500 * time.Millisecond

// last gives the last look as it is now, after it has had a moment to end; nil if there was none.
func (p *Pages) last(ctx context.Context) *look {
	p.mu.Lock()
	l := p.now
	p.mu.Unlock()
	if l == nil {
		return nil
	}
	wait := time.NewTimer(untilShown)
	defer wait.Stop()
	select {
	case <-l.ended:
	case <-wait.C:
	case <-ctx.Done():
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := *l
	now.results, now.servers = slices.Clone(l.results), slices.Clone(l.servers)
	return &now
}

// cancel ends the look that goes on.
func (p *Pages) cancel(w http.ResponseWriter, r *page.Request) {
	p.mu.Lock()
	l := p.now
	p.mu.Unlock()
	if l.running() {
		l.stop()
		<-l.ended
	}
	p.mu.Lock()
	if p.now == l {
		p.now = nil
	}
	p.mu.Unlock()
	http.Redirect(w, r.Request, "/setup", http.StatusSeeOther)
}

// busy says that a look goes on, so that another one can't begin.
func (p *Pages) busy(w http.ResponseWriter, r *page.Request) {
	p.Site.Message(w, r, http.StatusConflict, "page.refused.title", r.P.Text("page.setup.busy", nil))
}

// notice is something that went wrong, or may have.
type notice struct {
	Code string
	Text string
	Do   string
	OK   bool // a remark
}

// noticeOf words a health code.
func noticeOf(r *page.Request, code string, args map[string]string) *notice {
	if code == "" {
		return nil
	}
	return &notice{Code: code, Text: r.P.Text("code."+code, args), Do: r.P.Cause(code, args)}
}

// noticeOfError words an error; its own text is not shown.
func noticeOfError(r *page.Request, err error) *notice {
	e, coded := errors.AsType[*connectors.Error](err)
	switch {
	case err == nil:
		return nil
	case coded && r.P.Has("code."+e.Code):
		return noticeOf(r, e.Code, e.Args)
	case refused(err):
		return &notice{Text: r.P.Text("page.setup.not-kept", nil)}
	case errors.Is(err, context.Canceled):
		return &notice{Text: r.P.Text("console.cancelled", nil)}
	case errors.Is(err, context.DeadlineExceeded):
		return &notice{Text: r.P.Text("console.timed-out", nil)}
	}
	return &notice{Text: r.P.Text("console.failed", nil)}
}

// stepShown is one stage as a page shows it.
type stepShown struct {
	Name   string
	OK     bool
	Tried  bool
	Found  string
	Notice *notice
}

// stepsOf words what came out of each stage up to the last one that is asked for.
func stepsOf(r *page.Request, l *look) []stepShown {
	var all []stepShown
	for _, s := range survey.Stages() {
		if l.target.Share == "" && s == smb.StageShare {
			break
		}
		is, tried := l.result(s)
		shown := stepShown{r.P.Text("page.setup.stage-"+string(s), nil), is.OK, tried, foundOf(r, is), noticeOf(r, is.Code, is.Args)}
		if l.sage50 && s == smb.StageCompanies {
			shown.ofSage50(r, is)
		}
		all = append(all, shown)
	}
	return all
}

// foundOf says what a stage found.
func foundOf(r *page.Request, is survey.Result) string {
	switch {
	case len(is.Addresses) > 0:
		return is.Addresses[0].String()
	case is.Server != nil:
		return r.P.Text("page.setup.speaks", map[string]string{"name": is.Server.Name, "dialect": is.Server.Dialect})
	case is.Stage == smb.StageShares && is.OK:
		return r.P.Count("page.setup.shares", len(is.Shares))
	case is.Stage == smb.StageCompanies && is.OK:
		return r.P.Count("page.setup.companies", len(is.Companies))
	}
	return ""
}
