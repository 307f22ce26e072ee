package setup

import (
	"context"
	"net/http"
	"strconv"

	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/survey"
	"syncbox/firmware/internal/web/page"
)

// movedData is what the page of a company that was moved shows.
type movedData struct {
	steps
	Where   string
	Looked  bool
	Stages  []stepShown // where the way to the server failed
	Notice  *notice
	Company *page.Field
}

// showMoved shows where the company was, and where it may be now.
func (p *Pages) showMoved(w http.ResponseWriter, r *page.Request, j config.Job) {
	l := p.last(r.Context())
	if l.running() {
		p.showWork(w, r, j, stepServer, l)
		return
	}
	p.moved(w, r, j, http.StatusOK, l, nil)
}

func (p *Pages) moved(w http.ResponseWriter, r *page.Request, j config.Job, status int, l *look, f *page.Field) {
	d := movedData{steps: p.stepsAt(r, j, stepServer), Where: j.Share.Name() + " " + j.Acomba.Company, Company: f}
	if l.of(j.Name, finding) {
		d.Looked, d.Notice = true, noticeOfError(r, l.err)
		if _, failed := l.failed(); failed {
			d.Stages = stepsOf(r, l)
		}
		if len(l.found) > 0 && f == nil {
			d.Company = foundField(r, l)
		}
	}
	p.Site.Show(w, r, set, status, "moved", "page.setup.title-moved", d)
}

func foundField(r *page.Request, l *look) *page.Field {
	f := &page.Field{Name: "company", Kind: "select", Label: r.P.Text("page.setup.company", nil), Hint: r.P.Text("page.setup.found-hint", nil)}
	for i, c := range l.found {
		sure := "page.setup.perhaps"
		if c.Sure {
			sure = "page.setup.sure"
		}
		label := c.Share + "/" + companyLabel(r, c.Company) + " – " + r.P.Text(sure, map[string]string{"agree": strconv.Itoa(c.Agree), "of": strconv.Itoa(c.Of)})
		f.Options = append(f.Options, page.Option{Value: strconv.Itoa(i), Label: label})
	}
	return f
}

// findMoved searches the server for the company, by what the job knows of it.
func (p *Pages) findMoved(w http.ResponseWriter, r *page.Request, j config.Job) {
	id, err := p.Config.Identity(r.Context(), j.Name)
	if err != nil || len(id.Signs) == 0 {
		p.Site.Message(w, r, http.StatusConflict, "page.refused.title", r.P.Text("page.setup.no-identity", nil))
		return
	}
	t := stored(j)
	t.Share, t.Folder = j.Share.Share, j.Share.Folder
	l := &look{kind: finding, job: j.Name, target: t, layout: j.Acomba.Layout}
	began := p.begin(l, func(ctx context.Context, change func(func())) error {
		results, found, err := p.Survey.Find(ctx, survey.FindRequest{Target: t, Identity: id, Layout: l.layout}, func(at survey.Progress) { change(func() { l.progress = at }) })
		change(func() { l.results, l.found = results, found })
		return err
	})
	if !began {
		p.busy(w, r)
		return
	}
	on(w, r, j.Name, "moved")
}

// takeFound keeps one of the folders that were found as the company's.
func (p *Pages) takeFound(w http.ResponseWriter, r *page.Request, j config.Job) {
	l := p.last(r.Context())
	if l.running() || !l.of(j.Name, finding) || len(l.found) == 0 {
		on(w, r, j.Name, "moved")
		return
	}
	f := foundField(r, l)
	text, ok := r.Take(f)
	i, err := strconv.Atoi(text)
	if !ok || err != nil || i < 0 || i >= len(l.found) {
		f.Error = r.P.Text("page.setup.not-found", nil)
		p.moved(w, r, j, http.StatusUnprocessableEntity, l, f)
		return
	}
	l.target.Share = l.found[i].Share
	p.settle(w, r, j, l, l.found[i].Folder)
}
