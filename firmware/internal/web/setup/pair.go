package setup

import (
	"net/http"
	"slices"

	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/web/page"
)

// pairData is what the page of the products shows.
type pairData struct{ Pairs []pairShown }

type pairShown struct{ Value, Name, Text string }

// showPair asks which products the box is for. It is asked until something of them is set.
func (p *Pages) showPair(w http.ResponseWriter, r *page.Request) {
	var d pairData
	for _, pair := range p.Settings.Choices() {
		d.Pairs = append(d.Pairs, pairShown{string(pair), r.P.Text("page.setup.pair-"+string(pair), nil), r.P.Text("page.setup.about-"+string(pair), nil)})
	}
	if d.Pairs == nil || p.SignIns == nil {
		http.Redirect(w, r.Request, "/setup", http.StatusSeeOther)
		return
	}
	p.Site.Show(w, r, set, http.StatusOK, "pair", "page.setup.title-pair", d)
}

func (p *Pages) takePair(w http.ResponseWriter, r *page.Request) {
	pair := config.Pair(r.FormValue("pair"))
	if !slices.Contains(p.Settings.Choices(), pair) {
		p.Site.Message(w, r, http.StatusConflict, "page.refused.title", r.P.Text("setting.not-settable", nil))
		return
	}
	if err := p.Settings.Choose(pair); err != nil {
		p.Site.Message(w, r, http.StatusConflict, "page.refused.title", p.refused(r, err, nil))
		return
	}
	p.Site.Log.Info("page chose the products", "pair", pair)
	if pair == config.SageX3Outlook {
		p.firstUse(r)
	}
	conf, err := p.Draft()
	if err != nil || len(conf.Jobs) != 1 {
		http.Redirect(w, r.Request, "/setup", http.StatusSeeOther)
		return
	}
	on(w, r, conf.Jobs[0].Name, firstPage[planOf(conf.Jobs[0]).steps[0]])
}
