package setup

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"syncbox/connectors/share"
	smb "syncbox/connectors/share/survey"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/survey"
	"syncbox/firmware/internal/web/page"
	"syncbox/sync/engine"
)

// serverForm asks for a server and the log-on to it.
type serverForm struct {
	Server, User, Password, Domain, Port page.Field
}

func newServerForm(r *page.Request, s share.Config) *serverForm {
	t := r.P.Text
	return &serverForm{
		Server: page.Field{Name: "server", Most: 253, Label: t("page.setup.server", nil), Hint: t("page.setup.server-hint", nil), Value: s.Server},
		User:   page.Field{Name: "user", Most: 104, Label: t("page.setup.user", nil), Hint: t("page.setup.user-hint", nil), Value: s.User},
		Password: page.Field{Name: "password", Kind: "password", Most: 127, Label: t("page.setup.password", nil), Hint: t("page.setup.password-hint", nil),
			Auto: "new-password"},
		Domain: page.Field{Name: "domain", Most: 255, Optional: true, Label: t("page.setup.domain", nil), Hint: t("page.setup.domain-hint", nil), Value: s.Domain},
		Port:   page.Field{Name: "port", Kind: "number", Least: 1, Most: 65535, Optional: true, Label: t("page.setup.port", nil), Hint: t("page.setup.port-hint", nil), Value: portOf(s.Port)},
	}
}

func portOf(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// serverData is what the page of the server shows.
type serverData struct {
	steps
	Form    *serverForm
	Servers []serverShown
	Swept   bool
	Notice  *notice
}

// serverShown is one server that was found.
type serverShown struct {
	survey.Server
	To  string // what a person takes it by
	Old bool   // it speaks nothing that the box does
}

// showServer asks for the server, with what a sweep found.
func (p *Pages) showServer(w http.ResponseWriter, r *page.Request, j config.Job) {
	l := p.last(r.Context())
	if l.running() {
		p.showWork(w, r, j, stepServer, l)
		return
	}
	p.server(w, r, j, http.StatusOK, l, newServerForm(r, p.asked(j)), nil)
}

// asked gives the share as it was typed last, or as it is set.
func (p *Pages) asked(j config.Job) share.Config {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.now.of(j.Name, walking) {
		t := p.now.target
		return share.Config{Server: t.Server, User: t.User, Domain: t.Domain, Port: t.Port}
	}
	return j.Share
}

func (p *Pages) server(w http.ResponseWriter, r *page.Request, j config.Job, status int, l *look, f *serverForm, n *notice) {
	d := serverData{steps: p.stepsAt(r, j, stepServer), Form: f, Notice: n}
	if l.of(j.Name, sweeping) {
		d.Swept = true
		for _, s := range l.servers {
			d.Servers = append(d.Servers, serverShown{s, p.pick(j.Name, s), s.Vers() == ""})
		}
		if n == nil {
			d.Notice = noticeOfError(r, l.err)
		}
	}
	q := r.URL.Query()
	switch name := q.Get("server"); {
	case r.Method == http.MethodGet && name != "" && len(name) <= 253:
		f.Server.Value, f.Domain.Value = name, q.Get("domain")[:min(len(q.Get("domain")), 255)]
	case r.Method == http.MethodGet && f.Server.Value == "" && len(d.Servers) == 1:
		f.Server.Value, f.Domain.Value = known(d.Servers[0].Server), d.Servers[0].Domain
	}
	p.Site.Show(w, r, set, status, "server", "page.setup.title-server", d)
}

// known gives the name by which the box finds a server again: that of the DNS where the server is in a domain, else its
// address, since the box knows no names of work groups.
func known(s survey.Server) string {
	if strings.Contains(s.DNSName, ".") && s.DNSDomain != "" {
		return s.DNSName
	}
	return s.Address.String()
}

func (p *Pages) pick(job string, s survey.Server) string {
	return path(job, "server") + "?" + url.Values{"server": {known(s)}, "domain": {s.Domain}}.Encode()
}

// search asks the box's own networks for file servers.
func (p *Pages) search(w http.ResponseWriter, r *page.Request, j config.Job) {
	l := &look{kind: sweeping, job: j.Name}
	began := p.begin(l, func(ctx context.Context, change func(func())) error {
		found, err := p.Survey.Sweep(ctx, survey.SweepRequest{}, func(at survey.Progress) {
			change(func() {
				if l.progress = at; at.Server != nil {
					l.servers = append(l.servers, *at.Server)
				}
			})
		})
		change(func() { l.servers = found })
		return err
	})
	if !began {
		p.busy(w, r)
		return
	}
	on(w, r, j.Name, "server")
}

// takeServer goes the way to the server that was typed, and logs on once. What was right is kept.
func (p *Pages) takeServer(w http.ResponseWriter, r *page.Request, j config.Job) {
	f := newServerForm(r, share.Config{})
	t := survey.Target{}
	var ok [5]bool
	var password, port string
	t.Server, ok[0] = r.Take(&f.Server)
	t.User, ok[1] = r.Take(&f.User)
	password, ok[2] = r.Take(&f.Password)
	t.Domain, ok[3] = r.Take(&f.Domain)
	t.Split()
	port, ok[4] = r.Take(&f.Port)
	t.Password = share.Secret(password)
	t.Port, ok[4] = number(r, &f.Port, port, ok[4])
	if ok == [5]bool{true, true, true, true, true} {
		if err := t.Validate(); err != nil {
			f.Server.Error, ok[0] = r.P.Text("setting.wrong-value", nil)+" "+r.P.Text("console.want", map[string]string{"text": r.P.Text("want.job.share.server", nil)}), false
		}
	}
	if ok != [5]bool{true, true, true, true, true} {
		p.server(w, r, j, http.StatusUnprocessableEntity, nil, f, nil)
		return
	}
	p.walk(w, r, j, t)
}

// number reads a number that may be left out.
func number(r *page.Request, f *page.Field, text string, ok bool) (int, bool) {
	if text == "" || !ok {
		return 0, ok
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < f.Least || n > f.Most {
		f.Error = r.P.Text("page.setup.number", map[string]string{"least": strconv.Itoa(f.Least), "most": strconv.Itoa(f.Most)})
		return 0, false
	}
	return n, true
}

// walk goes the way to a target, and on into the share where there is only one to choose.
func (p *Pages) walk(w http.ResponseWriter, r *page.Request, j config.Job, t survey.Target) {
	l := &look{kind: walking, job: j.Name, target: t, layout: j.Acomba.Layout, bob50: ofBob50(j), sage50: ofSage50(j)}
	began := p.begin(l, func(ctx context.Context, change func(func())) error {
		err := p.steps(ctx, l, change)
		if err != nil || !l.passed(smb.StageLogOn) {
			return err
		}
		if !isSet(j) { // else it waits for the folder: half of a new way would stop a job that works
			if err := p.keep(append(serverChanges(j.Name, l), p.waitsOf(j)...)...); err != nil {
				return err
			}
		}
		if only := onlyShare(l); l.target.Share == "" && l.passed(smb.StageShares) && only != "" {
			change(func() { l.target.Share, l.results = only, nil })
			return p.steps(ctx, l, change)
		}
		return nil
	})
	if !began {
		p.busy(w, r)
		return
	}
	on(w, r, j.Name, "way")
}

func (p *Pages) steps(ctx context.Context, l *look, change func(func())) error {
	_, err := p.Survey.Steps(ctx, survey.StepsRequest{Target: l.target, Layout: l.layout, BOB50: l.bob50, Sage50: l.sage50}, func(x survey.Result) { change(func() { l.results = append(l.results, x) }) })
	return err
}

// serverChanges gives the changes that a server and the log-on that it took are kept by.
func serverChanges(job string, l *look) []config.Change {
	t, vers := l.target, ""
	if at, _ := l.result(smb.StageNegotiate); at.Server != nil && at.Server.Vers() != "3.1.1" {
		vers = at.Server.Vers()
	}
	return changesOf(job, "share.server", t.Server, "share.port", int64(t.Port), "share.vers", vers, "share.user", t.User, "share.domain", t.Domain,
		"share_password", string(t.Password))
}

// waits has a job that the assistant begins wait for a person before its first sync.
func (p *Pages) waits(job string) []config.Change {
	if _, chosen := p.values()["job."+job+".confirm"]; chosen {
		return nil
	}
	return changesOf(job, "confirm", string(engine.ConfirmFirst))
}

// waitsOf is waits, but for BOB 50: there each run waits for a person, unless somebody says otherwise.
func (p *Pages) waitsOf(j config.Job) []config.Change {
	if ofBob50(j) {
		return nil
	}
	return p.waits(j.Name)
}

// isSet tells whether nothing is missing of a job's share.
func isSet(j config.Job) bool {
	b := j.Bob50.Site
	return (j.Acomba.Company != "" || b.Dossier != "" && b.Backups != "" || j.Sage50.Site.Dossier != "") && j.Share.Validate() == nil
}

// choices gives the shares that may hold a company.
func choices(l *look) []survey.Share {
	is, _ := l.result(smb.StageShares)
	var all []survey.Share
	for _, s := range is.Shares {
		if !s.Special {
			all = append(all, s)
		}
	}
	return all
}

func onlyShare(l *look) string {
	if all := choices(l); len(all) == 1 {
		return all[0].Name
	}
	return ""
}

// stored gives the way as it is set, with the password.
func stored(j config.Job) survey.Target {
	s := j.Share
	return survey.Target{Server: s.Server, Port: s.Port, User: s.User, Domain: s.Domain, Password: s.Password}
}

// target gives the way that is being set up: the one that was gone last, or the one that is set.
func (p *Pages) target(j config.Job) survey.Target {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.now.of(j.Name, walking, finding) && p.now.passed(smb.StageLogOn) {
		return p.now.target
	}
	return stored(j)
}
