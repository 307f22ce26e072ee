package calibrate

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"strconv"
	"time"

	"syncbox/connectors/acomba/calibrate"
	"syncbox/firmware/internal/web/page"
)

// longest bounds a step: a folder of many gigabytes over a slow network.
const longest = time.Hour

// run is the last long step of a job, or the one that goes on.
type run struct {
	Step  string // its name
	Going bool
	File  string // that is read now
	Done  int64  // bytes of Total
	Total int64
	Err   error
	// Inventory is what the last one found; a calibration does not keep it.
	Inventory *calibrate.Inventory

	cancel context.CancelFunc
}

// last gives the last long step of a job.
func (p *Pages) last(job string) run {
	p.mu.Lock()
	defer p.mu.Unlock()
	if r := p.runs[job]; r != nil {
		return *r
	}
	return run{}
}

func (p *Pages) busy(job string) bool { return p.last(job).Going }

// steps are the long ones that need nothing but the folder.
var steps = map[string]func(ctx context.Context, s *calibrate.Session, r *run, told calibrate.Progress) error{
	"take": func(ctx context.Context, s *calibrate.Session, _ *run, told calibrate.Progress) error {
		_, err := s.Take(ctx, "", told)
		return err
	},
	"inventory": func(ctx context.Context, s *calibrate.Session, r *run, told calibrate.Progress) error {
		all, err := s.Inventory(ctx, told)
		if err == nil {
			r.Inventory = &all
		}
		return err
	},
	"search": func(ctx context.Context, s *calibrate.Session, _ *run, told calibrate.Progress) error {
		_, err := s.Search(ctx, told)
		return err
	},
	"draft": func(ctx context.Context, s *calibrate.Session, _ *run, told calibrate.Progress) error {
		_, err := s.Draft(ctx, told)
		return err
	},
}

// step begins a long step, or ends the one that goes on.
func (p *Pages) step(w http.ResponseWriter, r *page.Request) {
	job, ok := p.job(w, r)
	if !ok {
		return
	}
	name := r.PostFormValue("step")
	if name == "cancel" {
		p.cancel(job)
		http.Redirect(w, r.Request, "/calibrate?"+back(r, job), http.StatusSeeOther)
		return
	}
	do, known := steps[name]
	if !known {
		p.refused(w, r, errors.New("no such step"))
		return
	}
	p.start(w, r, job, name, do)
}

// compare begins the comparison of two snapshots around one edit.
func (p *Pages) compare(w http.ResponseWriter, r *page.Request) {
	job, ok := p.job(w, r)
	if !ok {
		return
	}
	before, err1 := strconv.Atoi(r.PostFormValue("before"))
	after, err2 := strconv.Atoi(r.PostFormValue("after"))
	edit := calibrate.Edit{Kind: calibrate.EditKind(r.PostFormValue("kind")), Table: calibrate.Table(r.PostFormValue("of")), Field: r.PostFormValue("field")}
	from, to := page.Field{Name: "from", Optional: true}, page.Field{Name: "to", Optional: true}
	var ok1, ok2 bool
	edit.From, ok1 = r.Take(&from)
	edit.To, ok2 = r.Take(&to)
	if err1 != nil || err2 != nil || !ok1 || !ok2 {
		p.refused(w, r, calibrate.ErrNoSnapshot)
		return
	}
	p.start(w, r, job, "compare", func(ctx context.Context, s *calibrate.Session, _ *run, told calibrate.Progress) error {
		_, err := s.Compare(ctx, before, after, edit, told)
		return err
	})
}

// start begins a step in the background, unless one goes on.
func (p *Pages) start(w http.ResponseWriter, r *page.Request, job, name string, do func(context.Context, *calibrate.Session, *run, calibrate.Progress) error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), longest)
	mine := &run{Step: name, Going: true, cancel: cancel}
	p.mu.Lock()
	if old := p.runs[job]; old != nil {
		if old.Going {
			p.mu.Unlock()
			cancel()
			p.refused(w, r, calibrate.ErrBusy)
			return
		}
		mine.Inventory = old.Inventory
	}
	if p.runs == nil {
		p.runs = map[string]*run{}
	}
	p.runs[job] = mine
	p.mu.Unlock()
	go func() {
		defer cancel()
		p.end(mine, p.do(ctx, job, mine, do))
	}()
	http.Redirect(w, r.Request, "/calibrate?"+back(r, job), http.StatusSeeOther)
}

// do opens the company's folder, and does a step there.
func (p *Pages) do(ctx context.Context, job string, mine *run, do func(context.Context, *calibrate.Session, *run, calibrate.Progress) error) (err error) {
	company, err := p.Open(ctx, job)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, company.Close()) }()
	s, behind, err := p.session(job)
	if err != nil {
		return err
	}
	folder, err := fs.Sub(company.FS, company.Root)
	if err != nil {
		return err
	}
	behind.lead(folder)
	defer behind.lead(nil)
	found := run{}
	err = do(ctx, s, &found, func(file string, done, total int64) {
		p.mu.Lock()
		defer p.mu.Unlock()
		mine.File, mine.Done, mine.Total = file, done, total
	})
	if found.Inventory != nil {
		p.mu.Lock()
		defer p.mu.Unlock()
		mine.Inventory = found.Inventory
	}
	return err
}

func (p *Pages) end(mine *run, err error) {
	if err != nil && !errors.Is(err, context.Canceled) {
		p.Site.Log.Warn("calibration", "step", mine.Step, "err", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	mine.Going, mine.Err = false, err
}

// cancel ends the step that goes on; nothing of it is kept.
func (p *Pages) cancel(job string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if r := p.runs[job]; r != nil && r.Going {
		r.cancel()
	}
}
