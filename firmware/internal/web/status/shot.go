package status

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/health"
	"syncbox/firmware/internal/local"
	"syncbox/firmware/internal/updates"
	"syncbox/firmware/internal/web/page"
	"syncbox/ota/update"
	"syncbox/sync/engine"
)

// seen is how the box is at one moment, in no language.
type seen struct {
	jobs   []local.JobStatus
	down   string // health code of why no job runs; empty if they do, and where they begin
	begins bool
	codes  []string
	light  health.Light
	update *update.Status
	rates  map[string]int // records a minute, by job
	now    time.Time
}

// look asks how the box is.
func (p *Pages) look(ctx context.Context) seen {
	s := seen{codes: p.Codes(), light: slices.Max(append(p.Lights(), health.Ready)), now: p.Now()}
	all, err := p.Box.Status(ctx)
	if err != nil {
		switch unready := p.Ready(); {
		case unready != nil:
			s.down = config.CodeOf(unready)
		case errors.Is(err, local.ErrNoBox):
			s.begins = true
		default:
			s.down = health.Internal
		}
	}
	s.jobs = all
	if p.Updates != nil {
		is := p.Updates.Status()
		s.update = &is
	}
	return s
}

// shot is what the live part of the page shows, in one language.
type shot struct {
	Lamp     page.Lamp
	Troubles []notice // of the box itself
	Jobs     []job
	Version  version
	At       time.Time
}

// notice is something that people should know.
type notice struct {
	Code string // of its page of help
	Text string
	Do   string // empty where there is nothing to do
	Bad  bool
}

// version is what runs, and whether there is anything newer.
type version struct {
	Runs      string
	Available string
	Notes     string
}

// job is one job as the page shows it.
type job struct {
	Name    string
	Service string
	Stopped bool
	Down    bool
	Ways    []way
	Phase   string
	Done    int
	Total   int
	Rate    int
	Last    time.Time
	Next    string
	Waiting int
	Notices []notice
	ReadsOf string // whose reads, in words
	Timings []timing
	Reads   string // what of the month's reads of QuickBooks is used, in words; empty with another ERP
}

// timing is how long something took today that people wait for, in words.
type timing struct{ What, Took string }

// way is one direction.
type way struct {
	Name string
	Text string
	Do   string
	Code string
	Bad  bool
	Good bool
}

// told puts what was seen in the words of a request's language. Who has not logged on reads no names.
func (s seen) told(r *page.Request) shot {
	all := shot{Lamp: page.LampOf(r.P, s.light), At: s.now}
	if s.update != nil {
		all.Version.Runs = s.update.Version.String()
		if a := s.update.Available; a != nil {
			all.Version.Available, all.Version.Notes = a.Version.String(), a.Notes[r.P.Text("console.tongue", nil)]
		}
	}
	for _, code := range s.codes {
		if code != s.down && code != updates.CodeAvailable {
			all.Troubles = append(all.Troubles, noticeOf(r, code, nil))
		}
	}
	if s.down != "" {
		all.Troubles = append([]notice{noticeOf(r, s.down, nil)}, all.Troubles...)
	}
	if s.begins {
		all.Troubles = append(all.Troubles, notice{Text: r.P.Text("light.booting", nil)})
	}
	for _, j := range s.jobs {
		all.Jobs = append(all.Jobs, s.jobOf(r, j))
	}
	return all
}

func (s seen) jobOf(r *page.Request, j local.JobStatus) job {
	of := *r
	of.About(j.Names)
	r = &of
	is := j.Status
	v := job{Name: j.Job, Service: r.P.Service(is), Stopped: is.Service == engine.Stopped, Down: j.Err != "", Last: is.LastEnd, Next: r.P.Next(is),
		Done: is.Done, Total: is.Total, Rate: s.rates[j.Job]}
	if v.Down {
		v.Service = r.P.Text("service.down", nil)
	}
	if is.Phase != "" {
		v.Phase = r.P.Phase(is)
	}
	for _, n := range is.Waiting {
		v.Waiting += n
	}
	for i, name := range []string{"direction.erp-crm", "direction.crm-erp"} {
		v.Ways = append(v.Ways, wayOf(r, r.P.Text(name, nil), is.Ways[i], i == 0 || is.TwoWay || v.Down))
	}
	if q := j.QuickBooks; q != nil {
		v.ReadsOf = r.P.Text("page.status.reads", nil) // of this job's product, which need not be the page's
		v.Reads = r.P.Text("page.status.reads-used", map[string]string{"made": r.P.Number(q.Reads.Made), "most": r.P.Number(q.Reads.Allowance)})
	}
	for _, t := range is.Timings {
		what, took := r.P.Timing(t)
		v.Timings = append(v.Timings, timing{what, took})
	}
	for _, n := range j.Notices {
		v.Notices = append(v.Notices, noticeOf(r, n.Code, n.Args))
	}
	return v
}

func wayOf(r *page.Request, name string, w engine.Way, on bool) way {
	if !on {
		return way{Name: name, Text: r.P.Text("direction.off", nil)}
	}
	w.Args = argsFor(r, w.Args)
	return way{Name: name, Text: r.P.Way(w), Do: r.P.Cause(w.Code, w.Args), Code: w.Code, Bad: w.Outcome == engine.Halted, Good: w.Outcome == engine.Success}
}

func noticeOf(r *page.Request, code string, args map[string]string) notice {
	args = argsFor(r, args)
	c, _ := health.Lookup(code)
	return notice{code, r.P.Text("code."+code, args), r.P.Cause(code, args), c.Severity >= health.Person}
}

// argsFor gives what may fill the gaps of a text for whoever asks.
func argsFor(r *page.Request, args map[string]string) map[string]string {
	if r.Open {
		return args
	}
	return health.Harmless(args)
}

// Says gives what a screen reader is told whenever it changes: the state of everything, without what counts up.
func (s shot) Says() string {
	words := []string{s.Lamp.Meaning}
	for _, t := range s.Troubles {
		words = append(words, t.Text)
	}
	for _, j := range s.Jobs {
		words = append(words, j.Name, j.Service)
		for _, w := range j.Ways {
			words = append(words, w.Name, w.Text)
		}
	}
	return strings.Join(words, ". ")
}

// Percent gives how far the work is, as a text for those who don't see the bar.
func (j job) Percent() string { return strconv.Itoa(100*j.Done/cmp.Or(j.Total, 1)) + " %" }
