package setup

import (
	"context"
	"net/http"
	"time"

	"syncbox/connectors"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/web/page"
)

// tryData is what the page of the connection test shows.
type tryData struct {
	steps
	Login, Mailbox string
	Tried          bool
	Faults         []*notice
	Onward         string
}

// tryWithin bounds the connection test: the page waits for it.
const tryWithin = 45 * time.Second

func (p *Pages) newTry(r *page.Request, j config.Job) *tryData {
	return &tryData{steps: p.stepsAt(r, j, stepTry), Login: j.SageX3.User.Login, Mailbox: j.Outlook.Box.Address, Onward: planOf(j).after(stepTry)}
}

func (p *Pages) showTry(w http.ResponseWriter, r *page.Request, j config.Job) {
	p.Site.Show(w, r, set, http.StatusOK, "try", "page.setup.step-try", p.newTry(r, j))
}

// tryUser tries both sides and reports every fault, each in its line (X3-4).
func (p *Pages) tryUser(w http.ResponseWriter, r *page.Request, j config.Job) {
	ctx, cancel := context.WithTimeout(r.Context(), tryWithin)
	defer cancel()
	d := p.newTry(r, j)
	for _, err := range p.TryUser(ctx, j) {
		p.Site.Log.Warn("connection test found a fault", "job", j.Name, "code", connectors.CodeOf(err))
		d.Faults = append(d.Faults, noticeOfError(r, err))
	}
	if d.Tried = true; len(d.Faults) == 0 {
		p.mu.Lock()
		p.checked[j.Name] = true
		p.mu.Unlock()
		d.steps = p.stepsAt(r, j, stepTry)
	}
	p.Site.Show(w, r, set, http.StatusOK, "try", "page.setup.step-try", d)
}
