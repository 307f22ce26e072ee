package setup

import (
	"cmp"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"time"

	"syncbox/connectors/bob50"
	smb "syncbox/connectors/share/survey"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/web/page"
)

// ofBob50 tells whether a job is one of Sage BOB 50.
func ofBob50(j config.Job) bool { return config.Pair(j.Pair) == config.Bob50SageCRM }

// onlyBob50 shows a page to jobs of BOB 50 alone.
func onlyBob50(h func(*Pages, http.ResponseWriter, *page.Request, config.Job)) func(*Pages, http.ResponseWriter, *page.Request, config.Job) {
	return where(func(p *Pages, j config.Job) bool { return ofBob50(j) && p.TryBob50 != nil && p.TrySageCRM != nil }, h)
}

// usual shows a page to all jobs but those that have pages of their own instead: of BOB 50 and of Sage 50.
func usual(h func(*Pages, http.ResponseWriter, *page.Request, config.Job)) func(*Pages, http.ResponseWriter, *page.Request, config.Job) {
	return where(func(_ *Pages, j config.Job) bool { return !ofBob50(j) && !ofSage50(j) }, h)
}

func where(is func(*Pages, config.Job) bool, h func(*Pages, http.ResponseWriter, *page.Request, config.Job)) func(*Pages, http.ResponseWriter, *page.Request, config.Job) {
	return func(p *Pages, w http.ResponseWriter, r *page.Request, j config.Job) {
		if !is(p, j) {
			p.Site.Message(w, r, http.StatusNotFound, "page.missing.title", r.P.Text("page.setup.no-x3", nil))
			return
		}
		h(p, w, r, j)
	}
}

// nextOfBob50 gives where the set-up of a job with BOB 50 goes on.
func (p *Pages) nextOfBob50(j config.Job) place {
	if at, still := p.toShare(j); still {
		return at
	}
	p.mu.Lock()
	checked := p.checked[j.Name]
	p.mu.Unlock()
	c := j.SageCRM.Site
	switch crm := c.BaseURL != "" && c.User != "" && c.Password != ""; {
	case !crm && !checked:
		return place{stepDossier, "backup"}
	case !crm:
		return place{stepSageCRM, "sagecrm"}
	case c.VATField == "" || c.BobSyncField == "":
		return place{stepSageCRM, "columns"}
	case !p.ruled(j.Name):
		return place{stepRules, "rules"}
	}
	return place{stepFirst, "first"}
}

// folders are the fields of a company of BOB 50 and of its backups.
type folders struct{ Dossier, Backups page.Field }

// foldersOf proposes what was found on the share. The company is chosen of those that were found, if any; the folder of the backups
// can always be typed, as there may be none in it yet.
func foldersOf(r *page.Request, j config.Job, l *look) *folders {
	is, _ := l.result(smb.StageCompanies)
	t, c := r.P.Text, j.Bob50.Site
	f := &folders{Dossier: page.Field{Name: "dossier", Label: t("page.setup.bob-dossier", nil), Hint: t("page.setup.bob-dossier-hint", nil), Value: c.Dossier},
		Backups: page.Field{Name: "backups", Label: t("page.setup.bob-backups", nil), Hint: t("page.setup.bob-backups-hint", nil), Value: c.Backups}}
	if c.Backups == "" && len(is.Folders) > 0 {
		f.Backups.Value = is.Folders[0]
	}
	if len(is.Companies) == 0 {
		return f
	}
	f.Dossier.Kind, f.Dossier.Most, f.Dossier.Hint = "select", 255, r.P.Count("page.setup.companies", len(is.Companies))
	usual := is.Companies[0].Folder
	for i := len(is.Companies) - 1; i >= 0; i-- {
		if is.Companies[i].Version == bob50.GenerationADT {
			usual = is.Companies[i].Folder
		}
	}
	for _, found := range is.Companies {
		label := found.Folder
		if key := "page.setup.bob-is-" + found.Version; r.P.Has(key) { // it can't be read
			label = r.P.Text(key, map[string]string{"folder": label})
		}
		f.Dossier.Options = append(f.Dossier.Options, page.Option{Value: found.Folder, Label: label})
	}
	f.Dossier.Value = cmp.Or(c.Dossier, usual)
	if !f.knows(f.Dossier.Value) {
		f.Dossier.Value = usual
	}
	return f
}

func (f *folders) knows(dossier string) bool {
	return f.Dossier.Kind != "select" || slices.ContainsFunc(f.Dossier.Options, func(o page.Option) bool { return o.Value == dossier })
}

// generation words the form in which a company keeps its data.
func generation(r *page.Request, name string) string {
	if key := "page.setup.bob-data-" + name; r.P.Has(key) {
		return r.P.Text(key, nil)
	}
	return name
}

// slashed reads a folder as people type it: `DATA\DEMO`, "/DATA/DEMO/".
func slashed(text string) string { return strings.Trim(strings.ReplaceAll(text, `\`, "/"), "/") }

// take reads both folders. The company's own may not lie in that of the backups: a copy never changes, so that every backup would
// seem to be newer.
func (f *folders) take(r *page.Request) (dossier, backups string, ok bool) {
	var fine [2]bool
	dossier, fine[0] = r.Take(&f.Dossier)
	backups, fine[1] = r.Take(&f.Backups)
	dossier, backups = slashed(dossier), slashed(backups)
	for i, at := range []struct {
		folder string
		field  *page.Field
	}{{dossier, &f.Dossier}, {backups, &f.Backups}} {
		if fine[i] && !fs.ValidPath(at.folder) {
			at.field.Error, fine[i] = r.P.Text("setting.wrong-value", nil), false
		}
	}
	if fine[0] && !f.knows(dossier) {
		f.Dossier.Error, fine[0] = r.P.Text("page.setup.not-found", nil), false
	}
	if inside := strings.ToLower(dossier) + "/"; fine == [2]bool{true, true} && strings.HasPrefix(inside, strings.ToLower(backups)+"/") {
		f.Dossier.Error, fine[0] = r.P.Text("page.setup.bob-a-copy", nil), false
	}
	return dossier, backups, fine == [2]bool{true, true}
}

// takeDossier keeps the way to a company and to its backups, and has the newest of these be looked at.
func (p *Pages) takeDossier(w http.ResponseWriter, r *page.Request, j config.Job) {
	l := p.last(r.Context())
	if l.running() || !l.of(j.Name, walking) || !l.passed(smb.StageFolder) {
		on(w, r, j.Name, "way")
		return
	}
	f := foldersOf(r, j, l)
	dossier, backups, ok := f.take(r)
	if ok {
		changes := append(serverChanges(j.Name, l), changesOf(j.Name, "share.share", l.target.Share, "share.folder", "",
			"bob50.dossier", dossier, "bob50.backups", backups)...)
		of := "job." + j.Name + ".bob50."
		if rest := p.refused(r, p.keep(changes...), map[string]*page.Field{of + "dossier": &f.Dossier, of + "backups": &f.Backups}); rest != "" {
			f.Dossier.Error = rest
		}
		ok = f.Dossier.Error == "" && f.Backups.Error == ""
	}
	if !ok {
		p.way(w, r, j, http.StatusUnprocessableEntity, l, wayFields{folders: f})
		return
	}
	p.withDraft(w, r, j.Name, p.weigh)
}

// withDraft goes on with a job as it is kept now.
func (p *Pages) withDraft(w http.ResponseWriter, r *page.Request, job string, then func(http.ResponseWriter, *page.Request, config.Job)) {
	conf, err := p.Draft()
	if err != nil {
		p.unreadable(w, r, err)
		return
	}
	for _, now := range conf.Jobs {
		if now.Name == job {
			then(w, r, now)
			return
		}
	}
	http.Redirect(w, r.Request, "/setup", http.StatusSeeOther)
}

// brussels is where boxes with BOB 50 are, unless somebody has said otherwise.
const brussels = "Europe/Brussels"

// The ages of a backup that are offered.
var ages = []time.Duration{12 * time.Hour, 24 * time.Hour, 48 * time.Hour, 7 * 24 * time.Hour}

// ofBob50 makes the rules those of a job with BOB 50: who begins a run, what is written back by LINK, and what becomes of who is new.
func (d *rulesData) ofBob50(r *page.Request, j config.Job, is map[string]string) {
	t, of := r.P.Text, "job."+j.Name+".bob50."
	d.Intro = t("page.setup.bob-rules-intro", nil)
	ways := direction(j.TwoWay && (is["job."+j.Name+".direction"] != "" || j.Bob50.Site.Link != "")) // both need a folder, which nobody has told yet
	d.Direction = choice("direction", d.Direction.Label, ways, page.Option{Value: "two-way", Label: t("page.setup.bob-two-way", nil)},
		page.Option{Value: "one-way", Label: t("page.setup.bob-one-way", nil)})
	d.Direction.Hint = t("page.setup.bob-direction-hint", nil)
	d.Interval.Label = t("page.setup.bob-interval", nil)
	if is["box.zone"] == "" {
		d.Zone.Value = brussels
	}
	options := func(name string, values ...string) (all []page.Option) {
		for _, v := range values {
			all = append(all, page.Option{Value: v, Label: t("page.setup.bob-"+name+"-"+v, nil)})
		}
		return all
	}
	start := choice("start", t("page.setup.bob-start", nil), either(j.Bob50.OnBackup, "on_backup", "manual"), options("start", "manual", "on_backup")...)
	start.Hint = t("page.setup.bob-start-hint", nil)
	link := page.Field{Name: "link", Optional: true, Label: t("page.setup.bob-link", nil), Hint: t("page.setup.bob-link-hint", nil), Value: j.Bob50.Site.Link}
	format := choice("link_format", t("page.setup.bob-link_format", nil), cmp.Or(j.Bob50.Site.LinkFormat, bob50.LinkDBF), options("link_format", bob50.LinkDBF, bob50.LinkFixed)...)
	born := choice("new_to_crm", t("page.setup.bob-new_to_crm", nil), either(j.Bob50.NoneNew, "never", "propose"), options("new_to_crm", "propose", "never")...)
	country := page.Field{Name: "country", Most: 2, Label: t("page.setup.bob-country", nil), Hint: t("page.setup.bob-country-hint", nil), Value: cmp.Or(j.Bob50.Site.Country, "BE")}
	most := cmp.Or(j.Bob50.Site.MaxAge, 24*time.Hour)
	age := choice("backup_max_age", t("page.setup.bob-backup_max_age", nil), short(most))
	for _, at := range with(ages, most) {
		age.Options = append(age.Options, page.Option{Value: short(at), Label: r.P.Count("page.setup.hours", int(at/time.Hour))})
	}
	for _, f := range []page.Field{link, format, start, age, born, country} {
		d.Own = append(d.Own, ownField{f, of + f.Name})
	}
}

func either(is bool, yes, no string) string {
	if is {
		return yes
	}
	return no
}

// agreesOfBob50 puts right how folders and countries are typed, and refuses both ways without a folder of LINK: nothing could be
// written back.
func (d *rulesData) agreesOfBob50(r *page.Request, changes []config.Change) bool {
	link := &d.Own[0].Field
	for i, c := range changes {
		text, _ := c.Value.(string)
		switch c.Key {
		case d.Own[0].key:
			changes[i].Value = slashed(text)
		case d.Own[5].key:
			changes[i].Value = strings.ToUpper(text)
		}
	}
	if d.Direction.Value == "two-way" && link.Value == "" && link.Error == "" {
		link.Error = r.P.Text("page.setup.bob-link-needed", nil)
	}
	return link.Error == ""
}

// bobShown is what the overview shows of a job with BOB 50.
type bobShown struct {
	Dossier, Backups, Check, Way  string
	CRMName, CRM, CRMPath         string // Name is what it is called
	ColumnsName, Columns, ColPath string
}

func (s *jobShown) ofBob50(r *page.Request, j config.Job) {
	b, c := j.Bob50.Site, j.SageCRM.Site
	of := r.P.Of(j.Names())
	s.Direction = of.Text("page.setup."+direction(j.TwoWay), nil)
	s.Bob = &bobShown{Dossier: b.Dossier, Backups: b.Backups, Check: path(j.Name, "backup"), Way: path(j.Name, "way"),
		CRMName: of.Text("page.setup.step-sagecrm", nil), CRM: c.BaseURL, CRMPath: path(j.Name, "sagecrm"), ColumnsName: of.Text("page.setup.title-columns", nil),
		Columns: strings.Join([]string{c.VATField, c.BobSyncField}, ", "), ColPath: path(j.Name, "columns")}
}
