// Package setup is the set-up assistant of the local page, and the place where the same things are changed later: the
// server and the company's folder on it, the CRM, what is synced and when, the first sync, and the box itself.
//
// What somebody gives is kept by config.Writer as soon as it was found right, so that an interrupted set-up goes on where it
// was. A job that the assistant has begun waits for a person before its first sync. What takes long is looked at in the
// background, one thing at a time, and its page shows how far it is. Passwords and keys are taken and never shown.
package setup

import (
	"context"
	"embed"
	"net/http"
	"net/url"
	"sync"

	"syncbox/connectors/acomba"
	"syncbox/connectors/bob50"
	"syncbox/connectors/centrixone"
	"syncbox/connectors/sage50fr"
	"syncbox/connectors/sagecrm"
	"syncbox/connectors/salesmanagement"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/console"
	"syncbox/firmware/internal/local"
	"syncbox/firmware/internal/panel"
	"syncbox/firmware/internal/survey"
	"syncbox/firmware/internal/web/page"
)

//go:embed all:templates
var files embed.FS

var set = page.Parse(files)

// Box is what the pages ask. A *local.Client is one.
type Box interface {
	// Status gives the status of every job; local.ErrNoBox where no jobs run.
	Status(ctx context.Context) ([]local.JobStatus, error)
}

// Survey looks for file servers and tries out ways to a company. A *survey.Helper is one; its contract is there.
type Survey interface {
	Sweep(ctx context.Context, r survey.SweepRequest, told func(survey.Progress)) ([]survey.Server, error)
	Steps(ctx context.Context, r survey.StepsRequest, told func(survey.Result)) ([]survey.Result, error)
	Probes(ctx context.Context, r survey.ProbesRequest, told func(survey.Progress)) ([]survey.Result, survey.Report, error)
	Find(ctx context.Context, r survey.FindRequest, told func(survey.Progress)) ([]survey.Result, []survey.Candidate, error)
}

// Settings changes what set-up may change. A *config.Writer is one.
type Settings interface {
	Set(changes ...config.Change) (changed []string, err error)
	Settings() ([]config.Setting, error)
	// Choices gives the pairs that the job of a box can still be made one of: until something of it is set.
	Choices() []config.Pair
	Choose(p config.Pair) error
	// AddUser, RemoveUser and MoveUser change who of Sage X3 has a job.
	AddUser(u config.User) (job string, err error)
	RemoveUser(job string) error
	MoveUser(job, mailbox string) (moved string, err error)
}

// Config is what the pages work with. All fields but SignIns are needed, TryUser where jobs of Sage X3 can be, TryBob50 and
// TrySageCRM where those of BOB 50 can be, TrySage50 and TrySalesManagement where those of Sage 50 can be.
type Config struct {
	Settings Settings
	// Draft gives the configuration as far as it is set, as config.LoadDraft does.
	Draft  func() (config.Config, error)
	Survey Survey
	// CRM logs on to an account and reads something harmless, as app.TryCRM does.
	CRM func(ctx context.Context, c centrixone.Config) error
	// TryUser tries a job of a user of Sage X3 on both sides and gives all that is wrong, as app.TryUser does.
	TryUser func(ctx context.Context, j config.Job) []error
	// TryBob50 looks at a job's company of BOB 50 and its newest backup, and TrySageCRM logs on to its Sage CRM and reads its columns,
	// as the functions of app of these names do.
	TryBob50   func(ctx context.Context, j config.Job) (bob50.Trial, error)
	TrySageCRM func(ctx context.Context, j config.Job) (sagecrm.Proposal, error)
	// TrySage50 looks at the exports of a job's dossier, and TrySalesManagement logs on to its Sage Sales Management and reads its lists,
	// as the functions of app of these names do.
	TrySage50          func(ctx context.Context, j config.Job) (sage50fr.Trial, error)
	TrySalesManagement func(ctx context.Context, j config.Job) (salesmanagement.Proposal, error)
	// Identity gives what a job's company is known again by, as local.Client.Identity does; no signs before its first look.
	Identity func(ctx context.Context, job string) (acomba.Identity, error)
	Link     func(ctx context.Context) (console.Link, error)
	// SignIns connect jobs to QuickBooks; nil where that is not offered. An *app.SignIns is one.
	SignIns console.SignIns
	// Act does something to the box as a whole, as panel.Do with panel.Page.
	Act func(ctx context.Context, a panel.Action) error
	// Code changes the set-up code, as setupcode.Door.Change does.
	Code func(code string) error
	// Journal keeps what was done to the box.
	Journal interface {
		Event(code string, args map[string]string)
	}
}

// Pages are the assistant.
type Pages struct {
	Site *page.Site
	Box  Box
	Config

	mu      sync.Mutex                          // protects what follows
	now     *look                               // the last look at the network, nil = none
	checked map[string]bool                     // jobs of which the company was held against its layout
	links   map[string]string                   // where somebody was sent to sign in, by job
	columns map[string]sagecrm.Proposal         // what Sage CRM has, by job
	lists   map[string]salesmanagement.Proposal // what Sage Sales Management has, by job
}

// Routes adds the pages.
func (p *Pages) Routes(m *page.Mux) {
	p.checked, p.links, p.columns = map[string]bool{}, map[string]string{}, map[string]sagecrm.Proposal{}
	p.lists = map[string]salesmanagement.Proposal{}
	m.Closed("GET /setup", p.overview)
	for _, s := range []struct {
		name string
		show func(*Pages, http.ResponseWriter, *page.Request, config.Job)
		take func(*Pages, http.ResponseWriter, *page.Request, config.Job)
	}{
		{"server", (*Pages).showServer, (*Pages).takeServer},
		{"search", (*Pages).showServer, (*Pages).search},
		{"way", (*Pages).showWay, (*Pages).takeShare},
		{"company", usual((*Pages).showWay), usual((*Pages).takeCompany)},
		{"check", usual((*Pages).showCheck), usual((*Pages).check)},
		{"crm", usual((*Pages).showCRM), usual((*Pages).takeCRM)},
		{"crm-again", usual((*Pages).showCRM), usual((*Pages).retryCRM)},
		{"rules", (*Pages).showRules, (*Pages).takeRules},
		{"moved", usual((*Pages).showMoved), usual((*Pages).findMoved)},
		{"found", usual((*Pages).showMoved), usual((*Pages).takeFound)},
		{"connect", (*Pages).showConnect, (*Pages).signIn},
		{"relay", (*Pages).showConnect, (*Pages).takeRelay},
		{"collect", (*Pages).showConnect, (*Pages).collect},
		{"paste", (*Pages).showConnect, (*Pages).paste},
		{"disconnect", (*Pages).showConnect, (*Pages).disconnect},
		{"x3", ofX3((*Pages).showX3), ofX3((*Pages).takeX3)},
		{"tenant", ofX3((*Pages).showTenant), ofX3((*Pages).takeTenant)},
		{"user", ofX3((*Pages).showUser), ofX3((*Pages).takeUser)},
		{"remove", ofX3((*Pages).showUser), ofX3((*Pages).removeUser)},
		{"try", ofX3((*Pages).showTry), ofX3((*Pages).tryUser)},
		{"rights", ofX3((*Pages).showRights), ofX3((*Pages).takeRights)},
		{"dossier", onlyBob50((*Pages).showWay), onlyBob50((*Pages).takeDossier)},
		{"backup", onlyBob50((*Pages).showBackup), onlyBob50((*Pages).weigh)},
		{"sagecrm", onlyBob50((*Pages).showSageCRM), onlyBob50((*Pages).takeSageCRM)},
		{"columns", onlyBob50((*Pages).showColumns), onlyBob50((*Pages).takeColumns)},
		{"columns-again", onlyBob50((*Pages).showColumns), onlyBob50((*Pages).readColumns)},
		{"exchange", onlySage50((*Pages).showWay), onlySage50((*Pages).takeExchange)},
		{"exports", onlySage50((*Pages).showExports), onlySage50((*Pages).readExports)},
		{"headings", onlySage50((*Pages).showExports), onlySage50((*Pages).takeFormats)},
		{"ssm", onlySage50((*Pages).showSSM), onlySage50((*Pages).takeSSM)},
		{"lists", onlySage50((*Pages).showLists), onlySage50((*Pages).takeLists)},
		{"lists-again", onlySage50((*Pages).showLists), onlySage50((*Pages).readLists)},
	} {
		m.Closed("GET /setup/jobs/{job}/"+s.name, p.ofJob(s.show))
		m.Closed("POST /setup/jobs/{job}/"+s.name, p.ofJob(s.take))
	}
	m.Closed("GET /setup/jobs/{job}/first", p.ofJob((*Pages).showFirst))
	m.Closed("POST /setup/cancel", p.cancel)
	m.Closed("GET /setup/pair", p.showPair)
	m.Closed("POST /setup/pair", p.takePair)
	m.Closed("GET /setup/users", p.showNewUser)
	m.Closed("POST /setup/users", p.takeNewUser)
	p.boxRoutes(m)
}

// ofJob finds the job that a page is about.
func (p *Pages) ofJob(h func(*Pages, http.ResponseWriter, *page.Request, config.Job)) page.Handler {
	return func(w http.ResponseWriter, r *page.Request) {
		conf, err := p.Draft()
		if err != nil {
			p.unreadable(w, r, err)
			return
		}
		for _, j := range conf.Jobs {
			if j.Name == r.PathValue("job") {
				r.About(j.Names())
				h(p, w, r, j)
				return
			}
		}
		p.Site.Message(w, r, http.StatusNotFound, "page.missing.title", r.P.Text("setting.no-job", nil))
	}
}

// unreadable says that the configuration is one that set-up can't go on from.
func (p *Pages) unreadable(w http.ResponseWriter, r *page.Request, err error) {
	code := config.CodeOf(err)
	p.Site.Log.Warn("set-up can't read the configuration", "code", code)
	p.Site.Message(w, r, http.StatusConflict, "page.refused.title", r.P.Text("code."+code, nil)+" "+r.P.Text("do."+code, nil))
}

// path gives the path of a job's page.
func path(job, name string) string { return "/setup/jobs/" + url.PathEscape(job) + "/" + name }

// on leads on to a job's page.
func on(w http.ResponseWriter, r *page.Request, job, name string) {
	http.Redirect(w, r.Request, path(job, name), http.StatusSeeOther)
}
