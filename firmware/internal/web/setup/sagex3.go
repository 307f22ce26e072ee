package setup

import (
	"net/http"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/journal"
	"syncbox/firmware/internal/web/page"
)

// ofX3 shows a page to jobs of Sage X3 alone.
func ofX3(h func(*Pages, http.ResponseWriter, *page.Request, config.Job)) func(*Pages, http.ResponseWriter, *page.Request, config.Job) {
	return func(p *Pages, w http.ResponseWriter, r *page.Request, j config.Job) {
		if config.Pair(j.Pair) != config.SageX3Outlook || p.TryUser == nil {
			p.Site.Message(w, r, http.StatusNotFound, "page.missing.title", r.P.Text("page.setup.no-x3", nil))
			return
		}
		h(p, w, r, j)
	}
}

// nextOfX3 gives where the set-up of a job with Sage X3 goes on. The rights come last: without any, the job does nothing.
func (p *Pages) nextOfX3(j config.Job) place {
	p.mu.Lock()
	tried := p.checked[j.Name]
	p.mu.Unlock()
	x, m := j.SageX3, j.Outlook
	switch c := x.Server; {
	case c.BaseURL == "" || c.Pool == "" || c.User == "" || c.Password == "":
		return place{stepX3, "x3"}
	case m.Tenant.Tenant == "" || m.Tenant.ApplicationID == "" || m.Tenant.Secret == "":
		return place{stepTenant, "tenant"}
	case x.User.Login == "" || x.User.Representative == "" || m.Box.Address == "":
		return place{stepUser, "user"}
	case !p.ruled(j.Name) && !tried:
		return place{stepTry, "try"}
	case !p.ruled(j.Name):
		return place{stepRules, "rules"}
	case len(j.Rights) == 0:
		return place{stepRights, "rights"}
	}
	return place{stepFirst, "first"}
}

// firstUse says once that the settings were made (X3-7).
func (p *Pages) firstUse(r *page.Request) {
	p.Journal.Event(journal.FirstUse, nil)
	p.Site.Say(r, r.P.Text("event."+journal.FirstUse, nil))
}

// sideData is what the page of X3's server shows, and that of the tenant.
type sideData struct {
	steps
	Action string
	Fields []ownField
	More   []ownField // folded
	Open   bool       // one of them is wrong
	Notice string
}

// setting is a value as a form asks for it; its words are under page.setup.<side>-<name>, its hint is what is wanted.
type setting struct {
	name, kind string
	key        string // below the job, where that is not the usual one
	optional   bool
	options    []string // of a "select"
	usual      string   // what holds where nothing is set
}

// What is asked for on each side, and what can be said besides.
var (
	x3Settings = []setting{{name: "url"}, {name: "pool"}, {name: "user"}, {name: "password", kind: "password"}, {name: "user_code", optional: true}}
	x3More     = []setting{{name: "profile", kind: "select", options: []string{"v7", "v6"}}, {name: "language", optional: true, usual: "FRA"},
		{name: "publications", optional: true}, {name: "contact_fields", optional: true}, {name: "task_fields", optional: true}, {name: "call_fields", optional: true},
		{name: "appointment_fields", optional: true}, {name: "references", optional: true}, {name: "changes", kind: "select", options: []string{"scan", "queue"}},
		{name: "read", kind: "select", options: []string{"soap", "rest"}}, {name: "folder", optional: true}, {name: "representations", optional: true},
		{name: "queue", optional: true, usual: "SYD"}, {name: "queue_fields", optional: true}}
	tenantSettings = []setting{{name: "tenant"}, {name: "application"}, {name: "secret", kind: "password"}}
)

// sideOf makes the form of a table: prefix is "sagex3.main.".
func (p *Pages) sideOf(r *page.Request, j config.Job, at step, prefix string, all, more []setting) *sideData {
	d := &sideData{steps: p.stepsAt(r, j, at), Action: path(j.Name, firstPage[at])}
	is := p.values()
	for i, list := range [][]setting{all, more} {
		for _, s := range list {
			f := fieldOf(r, kindOf(prefix), prefix+s.name, s, is)
			if i == 0 {
				d.Fields = append(d.Fields, f)
			} else {
				d.More = append(d.More, f)
			}
		}
	}
	return d
}

// kindOf gives "sagex3" for "sagex3.main.".
func kindOf(prefix string) string {
	kind, _, _ := strings.Cut(prefix, ".")
	return kind
}

// fieldOf makes a field as it is set. A secret that is set may stay away.
func fieldOf(r *page.Request, side, key string, s setting, is map[string]string) ownField {
	f := page.Field{Name: s.name, Kind: s.kind, Optional: s.optional, Most: 500, Label: r.P.Text("page.setup."+side+"-"+s.name, nil)}
	if want := "want." + config.Topic(key); s.options == nil && r.P.Has(want) {
		f.Hint = sentence(r.P.Text(want, nil))
	}
	value, set := is[key]
	if f.Value = value; !set {
		f.Value = s.usual
	}
	for _, o := range s.options {
		f.Options = append(f.Options, page.Option{Value: o, Label: r.P.Text("page.setup."+side+"-"+s.name+"-"+o, nil)})
	}
	if s.kind == "password" {
		f.Value, f.Auto = "", "new-password"
		if known, secret := config.Known(key); known && secret && set {
			f.Optional, f.Hint = true, r.P.Text("page.setup.secret-stays", nil)
		}
	}
	return ownField{f, key}
}

// sentence makes a sentence of a text that stands behind others elsewhere.
func sentence(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + strings.TrimSuffix(text[size:], ".") + "."
}

// take reads the form.
func (d *sideData) take(r *page.Request) (changes []config.Change, ok bool) {
	ok = true
	for i, list := range [][]ownField{d.Fields, d.More} {
		for n := range list {
			f := &list[n]
			text, fine := r.Take(&f.Field)
			if text == "" && f.Kind == "password" && fine {
				continue
			}
			value, err := config.Parse(f.key, text)
			if fine && err != nil {
				f.Error, fine = r.P.Text("setting.wrong-value", nil), false
			}
			if ok = ok && fine; !fine && i == 1 {
				d.Open = true
			}
			changes = append(changes, config.Change{Key: f.key, Value: value})
		}
	}
	return changes, ok
}

// fields gives them by the names of their values.
func (d *sideData) fields() map[string]*page.Field {
	all := map[string]*page.Field{}
	for _, list := range [][]ownField{d.Fields, d.More} {
		for i := range list {
			all[list[i].key] = &list[i].Field
		}
	}
	return all
}

// keepSide keeps a form and goes on, or shows what is wrong with it.
func (p *Pages) keepSide(w http.ResponseWriter, r *page.Request, j config.Job, at step, title string, d *sideData) {
	changes, ok := d.take(r)
	if ok {
		d.Notice = p.refused(r, p.keep(append(changes, p.waits(j.Name)...)...), d.fields())
		for _, f := range d.fields() {
			ok = ok && f.Error == ""
		}
		ok = ok && d.Notice == ""
	}
	if !ok {
		for _, f := range d.More {
			d.Open = d.Open || f.Error != ""
		}
		p.Site.Show(w, r, set, http.StatusUnprocessableEntity, "side", title, d)
		return
	}
	p.forget(j.Name)
	p.Site.Say(r, r.P.Text("page.setup.kept", nil))
	on(w, r, j.Name, planOf(j).after(at))
}

// forget has the connection be tried again before the set-up goes on.
func (p *Pages) forget(job string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.checked, job)
}

func (p *Pages) newX3(r *page.Request, j config.Job) *sideData {
	return p.sideOf(r, j, stepX3, "sagex3."+j.SageX3.Name+".", x3Settings, x3More)
}

func (p *Pages) showX3(w http.ResponseWriter, r *page.Request, j config.Job) {
	p.Site.Show(w, r, set, http.StatusOK, "side", "page.setup.title-x3", p.newX3(r, j))
}

func (p *Pages) takeX3(w http.ResponseWriter, r *page.Request, j config.Job) {
	p.keepSide(w, r, j, stepX3, "page.setup.title-x3", p.newX3(r, j))
}

func (p *Pages) newTenant(r *page.Request, j config.Job) *sideData {
	return p.sideOf(r, j, stepTenant, "outlook."+j.Outlook.Name+".", tenantSettings, nil)
}

func (p *Pages) showTenant(w http.ResponseWriter, r *page.Request, j config.Job) {
	p.Site.Show(w, r, set, http.StatusOK, "side", "page.setup.title-tenant", p.newTenant(r, j))
}

func (p *Pages) takeTenant(w http.ResponseWriter, r *page.Request, j config.Job) {
	p.keepSide(w, r, j, stepTenant, "page.setup.title-tenant", p.newTenant(r, j))
}

// ofSageX3 makes the rules those of a job with Sage X3: who wins, how old what is deleted may be, how much of the calendar.
func (d *rulesData) ofSageX3(r *page.Request, j config.Job) {
	t := r.P.Text
	d.Direction = choice("direction", t("page.setup.x3-direction", nil), direction(j.TwoWay), page.Option{Value: "two-way", Label: t("page.setup.two-way", nil)},
		page.Option{Value: "one-way", Label: t("page.setup.one-way", nil)})
	d.Backup.Label = t("page.setup.quiet-hours", nil)
	wins := "x3"
	if j.SageX3.NewestWins {
		wins = "newest"
	}
	conflict := choice("conflict", t("page.setup.x3-conflict", nil), wins, page.Option{Value: "x3", Label: t("page.setup.x3-conflict-x3", nil)},
		page.Option{Value: "newest", Label: t("page.setup.x3-conflict-newest", nil)})
	conflict.Hint = t("page.setup.x3-conflict-hint", nil)
	number := func(name, usual string, is int, most int) page.Field {
		f := page.Field{Name: name, Kind: "number", Least: 1, Most: most, Label: t("page.setup.x3-"+name, nil), Hint: t("page.setup.x3-"+name+"-hint", nil), Value: usual}
		if is > 0 {
			f.Value = strconv.Itoa(is)
		}
		return f
	}
	server, tenant := "sagex3."+j.SageX3.Name+".", "outlook."+j.Outlook.Name+"."
	d.Own = []ownField{{conflict, "job." + j.Name + ".sagex3.conflict"},
		{number("delete_within_days", "90", int(j.SageX3.DeleteWithin.Hours())/24, 3650), server + "delete_within_days"},
		{number("past_days", "90", j.Outlook.Tenant.PastDays, 3650), tenant + "past_days"},
		{number("future_days", "365", j.Outlook.Tenant.FutureDays, 1800), tenant + "future_days"}}
}
