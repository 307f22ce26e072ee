package setup

import (
	"context"
	"net/http"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/centrixone"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/web/page"
)

// crmData is what the page of the CRM shows.
type crmData struct {
	steps
	Account, Key page.Field
	Set          bool   // there is an account already
	Onward       string // the page of the step behind
	Notice       *notice
}

func (p *Pages) newCRM(r *page.Request, j config.Job) *crmData {
	t := r.P.Text
	return &crmData{steps: p.stepsAt(r, j, stepCRM), Onward: planOf(j).after(stepCRM), Set: j.CentrixOne.Account != "" && j.CentrixOne.APIKey != "",
		Account: page.Field{Name: "account", Kind: "password", Most: 64, Label: t("page.setup.account", nil), Hint: t("page.setup.account-hint", nil), Auto: "off"},
		Key:     page.Field{Name: "key", Kind: "password", Most: 128, Label: t("page.setup.key", nil), Hint: t("page.setup.key-hint", nil), Auto: "new-password"}}
}

func (p *Pages) showCRM(w http.ResponseWriter, r *page.Request, j config.Job) {
	p.Site.Show(w, r, set, http.StatusOK, "crm", "page.setup.title-crm", p.newCRM(r, j))
}

// crmWithin bounds the log-on to the CRM: the page waits for it.
const crmWithin = 20 * time.Second

// takeCRM logs on to the CRM once. Account and key are kept unless the CRM refuses them: they are not asked for again because
// the network was down.
func (p *Pages) takeCRM(w http.ResponseWriter, r *page.Request, j config.Job) {
	d := p.newCRM(r, j)
	var ok [2]bool
	c := j.CentrixOne
	c.Account, ok[0] = r.Take(&d.Account)
	c.APIKey, ok[1] = r.Take(&d.Key)
	if ok == [2]bool{true, true} && c.Validate() != nil {
		d.Account.Error, ok[0] = r.P.Text("page.setup.crm-form", nil), false
	}
	if ok != [2]bool{true, true} {
		p.Site.Show(w, r, set, http.StatusUnprocessableEntity, "crm", "page.setup.title-crm", d)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), crmWithin)
	defer cancel()
	err := p.CRM(ctx, c)
	if err != nil && connectors.CodeOf(err) == centrixone.CodeAuth {
		d.Key.Error = r.P.Text("code."+centrixone.CodeAuth, nil)
		p.Site.Show(w, r, set, http.StatusForbidden, "crm", "page.setup.title-crm", d)
		return
	}
	if kept := p.keep(changesOf(j.Name, "crm_account", c.Account, "crm_key", c.APIKey)...); kept != nil {
		d.Notice = &notice{Text: p.refused(r, kept, map[string]*page.Field{"job." + j.Name + ".crm_account": &d.Account, "job." + j.Name + ".crm_key": &d.Key})}
		p.Site.Show(w, r, set, http.StatusConflict, "crm", "page.setup.title-crm", d)
		return
	}
	d.Set = true
	if err != nil {
		p.Site.Log.Warn("set-up did not reach the CRM", "job", j.Name, "code", connectors.CodeOf(err))
		d.Notice = noticeOfError(r, err)
		p.Site.Show(w, r, set, http.StatusOK, "crm", "page.setup.title-crm", d)
		return
	}
	p.Site.Say(r, r.P.Text("console.crm-fine", nil))
	on(w, r, j.Name, d.Onward)
}

// retryCRM logs on once more with what is kept.
func (p *Pages) retryCRM(w http.ResponseWriter, r *page.Request, j config.Job) {
	d := p.newCRM(r, j)
	if !d.Set {
		on(w, r, j.Name, "crm")
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), crmWithin)
	defer cancel()
	if err := p.CRM(ctx, j.CentrixOne); err != nil {
		d.Notice = noticeOfError(r, err)
		p.Site.Show(w, r, set, http.StatusOK, "crm", "page.setup.title-crm", d)
		return
	}
	p.Site.Say(r, r.P.Text("console.crm-fine", nil))
	on(w, r, j.Name, d.Onward)
}
