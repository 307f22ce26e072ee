package setup

import (
	"errors"
	"net/http"
	"strings"

	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/journal"
	"syncbox/firmware/internal/panel"
	"syncbox/firmware/internal/web/page"
)

// userShown is what the overview shows of a job with Sage X3.
type userShown struct {
	Product            string // what X3 is called
	Server, X3         string
	Tenant, TenantPath string
	Login, Mailbox     string
	Path, Try          string
	Rights, RightsPath string
}

func (s *jobShown) ofX3(r *page.Request, j config.Job) {
	rights := r.P.Text("page.setup.rights-none", nil)
	if n := len(j.Rights); n > 0 {
		rights = r.P.Count("page.setup.rights-some", n)
	}
	at := func(name string) string { return path(j.Name, name) }
	of := r.P.Of(j.Names())
	s.Direction = of.Text("page.setup."+direction(j.TwoWay), nil)
	s.User = &userShown{Product: of.Text("page.setup.step-x3", nil), Server: j.SageX3.Server.BaseURL, X3: at("x3"), Tenant: j.Outlook.Tenant.Tenant, TenantPath: at("tenant"),
		Login: j.SageX3.User.Login, Mailbox: j.Outlook.Box.Address, Path: at("user"), Try: at("try"), Rights: rights, RightsPath: at("rights")}
}

// userData is what the page of a user of X3 shows, and that of another one.
type userData struct {
	steps
	Action        string
	Fields        []*page.Field
	More          []*page.Field
	Notice        string
	Removable     bool
	Sure          page.Field
	login, box    *page.Field
	representant  *page.Field
	folder, tasks *page.Field
	old           *page.Field // what becomes of the old mailbox; nil where there is nothing in it yet
}

func newUserData(r *page.Request, j config.Job) *userData {
	t := r.P.Text
	field := func(name, value string, optional bool) *page.Field {
		return &page.Field{Name: name, Optional: optional, Label: t("page.setup.user-"+name, nil), Hint: t("page.setup.user-"+name+"-hint", nil), Value: value}
	}
	u, m := j.SageX3.User, j.Outlook.Box
	d := &userData{login: field("login", u.Login, false), representant: field("representative", u.Representative, false), box: field("mailbox", m.Address, false),
		folder: field("contact_folder", m.ContactFolder, true), tasks: field("task_list", m.TaskList, true),
		Sure: page.Field{Name: "sure", Kind: "checkbox", Label: t("page.setup.user-remove-sure", nil)}}
	d.Fields = []*page.Field{d.login, d.representant, d.box}
	d.More = []*page.Field{d.folder, d.tasks}
	return d
}

func (p *Pages) newUser(r *page.Request, j config.Job, conf config.Config) *userData {
	d, t := newUserData(r, j), r.P.Text
	d.steps, d.Action, d.Removable = p.stepsAt(r, j, stepUser), path(j.Name, "user"), len(conf.Jobs) > 1
	if len(j.Rights) > 0 && j.Outlook.Box.Address != "" {
		old := choice("old", t("page.setup.user-old", nil), "", page.Option{Label: t("page.setup.user-old-none", nil)},
			page.Option{Value: "same", Label: t("page.setup.user-old-same", nil)}, page.Option{Value: "leave", Label: t("page.setup.user-old-leave", nil)})
		old.Hint, old.Optional = t("page.setup.user-old-hint", nil), true
		d.old = &old
		d.Fields = append(d.Fields, d.old)
	}
	return d
}

func (p *Pages) showUser(w http.ResponseWriter, r *page.Request, j config.Job) {
	conf, err := p.Draft()
	if err != nil {
		p.unreadable(w, r, err)
		return
	}
	p.Site.Show(w, r, set, http.StatusOK, "user", "page.setup.title-user", p.newUser(r, j, conf))
}

// take reads what is asked for of every user; bound to somebody else already, it is refused in words (X3-6).
func (d *userData) take(r *page.Request, conf config.Config, server, self string) (u config.User, ok bool) {
	ok = true
	text := func(f *page.Field) string {
		value, fine := r.Take(f)
		ok = ok && fine
		return value
	}
	u = config.User{Login: text(d.login), Representative: text(d.representant), Mailbox: text(d.box)}
	for _, f := range d.More {
		text(f)
	}
	for _, o := range conf.Jobs {
		args := map[string]string{"login": o.SageX3.User.Login, "mailbox": o.Outlook.Box.Address, "job": o.Name}
		if o.Name == self || config.Pair(o.Pair) != config.SageX3Outlook {
			continue
		}
		if u.Mailbox != "" && strings.EqualFold(o.Outlook.Box.Address, u.Mailbox) {
			d.box.Error, ok = r.P.Text("page.setup.user-bound-mailbox", args), false
		}
		if u.Login != "" && o.SageX3.Name == server && strings.EqualFold(o.SageX3.User.Login, u.Login) {
			d.login.Error, ok = r.P.Text("page.setup.user-bound-login", args), false
		}
	}
	return u, ok
}

// refusals puts a refusal beside the fields, whatever the job of the values is called.
func (d *userData) refusals(p *Pages, r *page.Request, err error) (ok bool) {
	fields := map[string]*page.Field{}
	all, _ := errors.AsType[config.Refused](err)
	for _, x := range all {
		for topic, f := range map[string]*page.Field{"job.sagex3.login": d.login, "job.sagex3.representative": d.representant, "job.outlook.mailbox": d.box,
			"job.outlook.contact_folder": d.folder, "job.outlook.task_list": d.tasks} {
			if x.Key != "" && config.Topic(x.Key) == topic {
				fields[x.Key] = f
			}
		}
	}
	d.Notice = p.refused(r, err, fields)
	return err == nil
}

// takeUser keeps a user's values. Another mailbox begins anew where somebody says that it is another one (X3-5).
func (p *Pages) takeUser(w http.ResponseWriter, r *page.Request, j config.Job) {
	conf, err := p.Draft()
	if err != nil {
		p.unreadable(w, r, err)
		return
	}
	d := p.newUser(r, j, conf)
	u, ok := d.take(r, conf, j.SageX3.Name, j.Name)
	leave := false
	if ok && d.old != nil && !strings.EqualFold(u.Mailbox, j.Outlook.Box.Address) {
		switch r.PostFormValue("old") {
		case "same":
		case "leave":
			leave = true
		default:
			d.old.Error, ok = r.P.Text("page.setup.user-old-choose", nil), false
		}
	}
	name := j.Name
	if ok && leave {
		name, err = p.Settings.MoveUser(j.Name, u.Mailbox)
		if ok = d.refusals(p, r, err); ok {
			p.Journal.Event(journal.SettingsSet, map[string]string{"by": string(panel.Page), "names": "job." + name + ".outlook.mailbox"})
		}
	}
	if ok {
		ok = d.refusals(p, r, p.keep(append(changesOf(name, "sagex3.login", u.Login, "sagex3.representative", u.Representative, "outlook.mailbox", u.Mailbox,
			"outlook.contact_folder", d.folder.Value, "outlook.task_list", d.tasks.Value), p.waits(name)...)...))
	}
	if !ok {
		p.Site.Show(w, r, set, http.StatusUnprocessableEntity, "user", "page.setup.title-user", d)
		return
	}
	p.forget(name)
	p.Site.Say(r, r.P.Text("page.setup.kept", nil))
	on(w, r, name, "try")
}

// removeUser ends the synchronisation of a user. The items stay on both sides.
func (p *Pages) removeUser(w http.ResponseWriter, r *page.Request, j config.Job) {
	conf, err := p.Draft()
	if err != nil {
		p.unreadable(w, r, err)
		return
	}
	if r.PostFormValue("sure") == "" {
		d := p.newUser(r, j, conf)
		d.Sure.Error = r.P.Text("page.field.needed", nil)
		p.Site.Show(w, r, set, http.StatusUnprocessableEntity, "user", "page.setup.title-user", d)
		return
	}
	if err := p.Settings.RemoveUser(j.Name); err != nil {
		p.Site.Message(w, r, http.StatusConflict, "page.refused.title", p.refused(r, err, nil))
		return
	}
	p.Journal.Event(journal.SettingsSet, map[string]string{"by": string(panel.Page), "names": "job." + j.Name})
	p.Site.Log.Info("page took a user away", "job", j.Name)
	p.Site.Say(r, r.P.Text("page.setup.user-removed", map[string]string{"job": j.Name}))
	http.Redirect(w, r.Request, "/setup", http.StatusSeeOther)
}

// firstOfX3 gives the job whose server and tenant another user shares.
func firstOfX3(conf config.Config) (j config.Job, there bool) {
	for _, j := range conf.Jobs {
		if config.Pair(j.Pair) == config.SageX3Outlook {
			return j, true
		}
	}
	return config.Job{}, false
}

func newUserOf(r *page.Request, first config.Job) *userData {
	r.About(first.Names())
	d := newUserData(r, config.Job{})
	d.Action, d.More = "/setup/users", nil
	return d
}

func (p *Pages) showNewUser(w http.ResponseWriter, r *page.Request) {
	conf, err := p.Draft()
	first, there := firstOfX3(conf)
	if err != nil || !there {
		p.Site.Message(w, r, http.StatusNotFound, "page.missing.title", r.P.Text("page.setup.no-x3", nil))
		return
	}
	p.Site.Show(w, r, set, http.StatusOK, "user", "page.setup.title-users", newUserOf(r, first))
}

// takeNewUser makes a job for another user, which waits for its rights.
func (p *Pages) takeNewUser(w http.ResponseWriter, r *page.Request) {
	conf, err := p.Draft()
	first, there := firstOfX3(conf)
	if err != nil || !there {
		p.Site.Message(w, r, http.StatusNotFound, "page.missing.title", r.P.Text("page.setup.no-x3", nil))
		return
	}
	d := newUserOf(r, first)
	u, ok := d.take(r, conf, first.SageX3.Name, "")
	job := ""
	if ok {
		job, err = p.Settings.AddUser(u)
		ok = d.refusals(p, r, err)
	}
	if !ok {
		p.Site.Show(w, r, set, http.StatusUnprocessableEntity, "user", "page.setup.title-users", d)
		return
	}
	p.Journal.Event(journal.SettingsSet, map[string]string{"by": string(panel.Page), "names": "job." + job})
	p.Site.Log.Info("page added a user", "job", job)
	p.Site.Say(r, r.P.Text("page.setup.kept", nil))
	on(w, r, job, "try")
}
