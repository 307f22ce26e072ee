package setup

import (
	"io/fs"
	"net/http"
	slashes "path"
	"slices"
	"strings"
	"time"

	"syncbox/connectors/sage50fr"
	smb "syncbox/connectors/share/survey"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/survey"
	"syncbox/firmware/internal/web/page"
)

// ofSage50 tells whether a job is one of Sage 50.
func ofSage50(j config.Job) bool { return config.Pair(j.Pair) == config.Sage50SalesManagement }

// onlySage50 shows a page to jobs of Sage 50 alone.
func onlySage50(h func(*Pages, http.ResponseWriter, *page.Request, config.Job)) func(*Pages, http.ResponseWriter, *page.Request, config.Job) {
	return where(func(p *Pages, j config.Job) bool {
		return ofSage50(j) && p.TrySage50 != nil && p.TrySalesManagement != nil
	}, h)
}

// nextOfSage50 gives where the set-up of a job with Sage 50 goes on.
func (p *Pages) nextOfSage50(j config.Job) place {
	if at, still := p.toShare(j); still {
		return at
	}
	p.mu.Lock()
	checked := p.checked[j.Name]
	p.mu.Unlock()
	c := j.SalesManagement.Site
	switch keys := c.PublicKey != "" && c.PrivateKey != ""; {
	case !keys && !checked:
		return place{stepExports, "exports"}
	case !keys:
		return place{stepSSM, "ssm"}
	case c.Admin == "":
		return place{stepSSM, "lists"}
	case !p.ruled(j.Name):
		return place{stepRules, "rules"}
	}
	return place{stepFirst, "first"}
}

// exchangeField asks for the exchange folder of a dossier: one of those that were found on the share, else typed.
func exchangeField(r *page.Request, j config.Job, l *look) *page.Field {
	t := r.P.Text
	f := &page.Field{Name: "exchange", Most: 255, Label: t("page.setup.sage50-exchange", nil), Hint: t("page.setup.sage50-exchange-hint", nil), Value: j.Sage50.Site.Dossier}
	is, _ := l.result(smb.StageCompanies)
	if len(is.Companies) == 0 {
		return f
	}
	f.Kind, f.Hint = "select", r.P.Count("page.setup.sage50-exchanges", len(is.Companies))
	for _, found := range is.Companies {
		label := shortened(found.Folder)
		if len(found.Missing) == len(sage50fr.Kinds()) {
			label = t("page.setup.sage50-empty", map[string]string{"folder": found.Folder})
		}
		f.Options = append(f.Options, page.Option{Value: found.Folder, Label: shortened(label)})
	}
	if !offers(f, f.Value) {
		f.Value = is.Companies[0].Folder
	}
	return f
}

// ofSage50 words the look for exchange folders.
func (s *stepShown) ofSage50(r *page.Request, is survey.Result) {
	s.Name = r.P.Text("page.setup.sage50-stage", nil)
	switch {
	case is.OK:
		s.Found = r.P.Count("page.setup.sage50-exchanges", len(is.Companies))
	case is.Code == smb.CodeCompanyNone:
		s.Notice = &notice{Text: r.P.Text("page.setup.sage50-none", is.Args), Do: r.P.Text("page.setup.sage50-none-do", nil)}
	}
}

// offers tells whether a value can be chosen, or whether anything can be typed.
func offers(f *page.Field, value string) bool {
	return f.Kind != "select" || slices.ContainsFunc(f.Options, func(o page.Option) bool { return o.Value == value })
}

// takeExchange keeps the way to an exchange folder, and has its exports be looked at.
func (p *Pages) takeExchange(w http.ResponseWriter, r *page.Request, j config.Job) {
	l := p.last(r.Context())
	if l.running() || !l.of(j.Name, walking) || !l.passed(smb.StageFolder) {
		on(w, r, j.Name, "way")
		return
	}
	f := exchangeField(r, j, l)
	folder, ok := r.Take(f)
	if folder = slashed(folder); strings.EqualFold(slashes.Base(folder), "out") {
		folder = slashes.Dir(folder) // people look for where the exports are
	}
	switch {
	case ok && !fs.ValidPath(folder):
		f.Error, ok = r.P.Text("setting.wrong-value", nil), false
	case ok && !offers(f, folder):
		f.Error, ok = r.P.Text("page.setup.sage50-not-found", nil), false
	}
	if ok {
		changes := append(serverChanges(j.Name, l), changesOf(j.Name, "share.share", l.target.Share, "share.folder", "", "sage50.dossier", folder)...)
		of := "job." + j.Name + "."
		if rest := p.refused(r, p.keep(changes...), map[string]*page.Field{of + "sage50.dossier": f, of + "salesmanagement.dossier": f}); rest != "" {
			f.Error = rest
		}
	}
	if f.Error != "" {
		p.way(w, r, j, http.StatusUnprocessableEntity, l, wayFields{exchange: f})
		return
	}
	p.withDraft(w, r, j.Name, p.readExports)
}

// windowsPath gives a folder of a job's share as people of Windows write it.
func windowsPath(j config.Job, parts ...string) string {
	below := slashes.Join(append([]string{j.Sage50.Site.Dossier}, parts...)...)
	return j.Share.Name() + `\` + strings.ReplaceAll(below, "/", `\`)
}

// paris is where boxes with Sage 50 are, unless somebody has said otherwise.
const paris = "Europe/Paris"

// The times that are offered: between two runs, until a missing export is told, until an import file that waits is.
var (
	rarer    = []time.Duration{5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour, 12 * time.Hour, 24 * time.Hour}
	awaited  = []time.Duration{4 * time.Hour, 12 * time.Hour, 24 * time.Hour, 72 * time.Hour, 168 * time.Hour}
	reminded = []time.Duration{time.Hour, 4 * time.Hour, 12 * time.Hour, 24 * time.Hour, 72 * time.Hour}
)

// ofSage50 makes the rules those of a job with Sage 50: which way, whose new accounts are, and who is told of what waits in Sage.
func (d *rulesData) ofSage50(r *page.Request, j config.Job, is map[string]string) {
	t, of, s := r.P.Text, "job."+j.Name+".", j.Sage50.Site
	d.Intro, d.Hint = t("page.setup.sage50-rules-intro", nil), t("page.setup.sage50-never", nil)
	d.Direction = choice("direction", t("page.setup.direction", nil), direction(j.TwoWay), page.Option{Value: "two-way", Label: t("page.setup.sage50-two-way", nil)},
		page.Option{Value: "one-way", Label: t("page.setup.sage50-one-way", nil)})
	d.Direction.Hint = t("page.setup.sage50-direction-hint", nil)
	if is["box.zone"] == "" {
		d.Zone.Value = paris
	}
	send := choice("send_ssm_clients", t("page.setup.sage50-send_clients", nil), either(s.SendClients, "true", "false"),
		page.Option{Value: "false", Label: t("page.setup.sage50-send_clients-false", nil)}, page.Option{Value: "true", Label: t("page.setup.sage50-send_clients-true", nil)})
	send.Hint = t("page.setup.sage50-send_clients-hint", nil)
	owner := choice("representatives", t("page.setup.sage50-representatives", nil), either(j.SalesManagement.Representatives, "erp", "administrator"),
		page.Option{Value: "administrator", Label: t("page.setup.sage50-representatives-administrator", nil)}, page.Option{Value: "erp", Label: t("page.setup.sage50-representatives-erp", nil)})
	owner.Hint = t("page.setup.sage50-representatives-hint", nil)
	expected := hours(r, "export_expected", s.ExportExpected, 24*time.Hour, awaited)
	remind := hours(r, "import_remind", s.ImportRemind, 4*time.Hour, reminded)
	d.Own = []ownField{{send, of + "sage50.send_ssm_clients"}, {owner, of + "salesmanagement.representatives"}, {expected, of + "sage50.export_expected"},
		{remind, of + "sage50.import_remind"}}
}

// hours asks for a time of some hours.
func hours(r *page.Request, name string, is, usual time.Duration, all []time.Duration) page.Field {
	if is == 0 {
		is = usual
	}
	f := choice(name, r.P.Text("page.setup.sage50-"+name, nil), short(is))
	f.Hint = r.P.Text("page.setup.sage50-"+name+"-hint", nil)
	for _, at := range with(all, is) {
		f.Options = append(f.Options, page.Option{Value: short(at), Label: lasting(r, at)})
	}
	return f
}

// lasting words a time.
func lasting(r *page.Request, d time.Duration) string {
	switch {
	case d >= time.Hour && d%time.Hour == 0:
		return r.P.Count("page.setup.hours", int(d/time.Hour))
	case d%time.Minute == 0:
		return r.P.Count("page.setup.minutes", int(d/time.Minute))
	}
	return d.String()
}

// sage50Shown is what the overview shows of a job with Sage 50.
type sage50Shown struct {
	Exchange, Way, Check       string
	CRMName, CRM, CRMPath      string // Name is what it is called
	ListsName, Lists, ListPath string
}

func (s *jobShown) ofSage50(r *page.Request, j config.Job) {
	c := j.SalesManagement.Site
	of := r.P.Of(j.Names())
	s.Direction = of.Text("page.setup."+direction(j.TwoWay), nil)
	key := "console.secret-unset"
	if c.PrivateKey != "" {
		key = "console.secret-set"
	}
	s.Sage50 = &sage50Shown{Exchange: j.Sage50.Site.Dossier, Way: path(j.Name, "way"), Check: path(j.Name, "exports"), CRMName: of.Text("page.setup.step-ssm", nil), CRM: of.Text(key, nil),
		CRMPath: path(j.Name, "ssm"), ListsName: of.Text("page.setup.salesmanagement-admin_user", nil), Lists: c.Admin, ListPath: path(j.Name, "lists")}
}
