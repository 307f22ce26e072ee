package setup

import (
	"context"
	"fmt"
	"net/http"

	"syncbox/connectors/acomba"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/survey"
	"syncbox/firmware/internal/web/page"
)

// checkData is what the page of the company's check shows.
type checkData struct {
	steps
	Checked   bool
	Fine      bool
	Folder    string
	Report    survey.Report
	Passed    int
	Failed    []string // the probes that did not pass
	Unknown   bool     // no layout is known for this version
	Notice    *notice
	Stages    []stepShown // where the way there failed
	Calibrate string
}

// showCheck shows how the company did.
func (p *Pages) showCheck(w http.ResponseWriter, r *page.Request, j config.Job) {
	l := p.last(r.Context())
	if l.running() {
		p.showWork(w, r, j, stepCompany, l)
		return
	}
	d := checkData{steps: p.stepsAt(r, j, stepCompany), Folder: j.Acomba.Company, Calibrate: "/calibrate"}
	if l.of(j.Name, probing) {
		d.told(r, l)
	}
	p.Site.Show(w, r, set, http.StatusOK, "check", "page.setup.title-check", d)
}

// told words what the probes found.
func (d *checkData) told(r *page.Request, l *look) {
	d.Checked, d.Report, d.Notice = true, l.report, noticeOfError(r, l.err)
	if _, failed := l.failed(); failed {
		d.Stages = stepsOf(r, l)
		return
	}
	if d.Notice == nil {
		d.Notice = noticeOf(r, l.report.Code, l.report.Args)
	}
	for _, x := range l.report.Probes {
		if x.Pass {
			d.Passed++
			continue
		}
		d.Failed = append(d.Failed, fmt.Sprintf("%s %s %s", x.File, x.Kind, x.Field))
	}
	d.Unknown = l.report.Code == acomba.CodeLayoutUnknown
	d.Fine = d.Notice == nil && l.report.Layout != ""
}

// check has every card of the company's files judged by its layout.
func (p *Pages) check(w http.ResponseWriter, r *page.Request, j config.Job) {
	if !isSet(j) {
		on(w, r, j.Name, "way")
		return
	}
	t := stored(j)
	t.Share, t.Folder = j.Share.Share, j.Acomba.Company
	if j.Share.Folder != "" {
		t.Folder = j.Share.Folder + "/" + j.Acomba.Company
	}
	l := &look{kind: probing, job: j.Name, target: t}
	began := p.begin(l, func(ctx context.Context, change func(func())) error {
		results, report, err := p.Survey.Probes(ctx, survey.ProbesRequest{Target: t, Layout: j.Acomba.Layout}, func(at survey.Progress) {
			change(func() { l.progress = at })
		})
		change(func() {
			l.results, l.report = results, report
			p.checked[j.Name] = p.checked[j.Name] || err == nil && report.Layout != ""
		})
		return err
	})
	if !began {
		p.busy(w, r)
		return
	}
	on(w, r, j.Name, "check")
}
