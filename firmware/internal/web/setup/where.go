package setup

import (
	"net/http"
	"slices"

	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/web/page"
)

// step is one step of the set-up.
type step string

// The steps in their order; the words are under page.setup.step-<name>.
const (
	stepServer  step = "server"
	stepCompany step = "company"
	stepCRM     step = "crm"
	stepRules   step = "rules"
	stepFirst   step = "first"
	stepConnect step = "connect"
	stepX3      step = "x3"
	stepTenant  step = "tenant"
	stepUser    step = "user"
	stepTry     step = "try"
	stepRights  step = "rights"
	stepDossier step = "dossier"
	stepSageCRM step = "sagecrm"
	stepExports step = "exports"
	stepSSM     step = "ssm"
)

// plan is how a job of a pair is set up: its steps in their order, and where it goes on by what is set.
type plan struct {
	steps []step
	next  func(*Pages, config.Job) place
}

func planOf(j config.Job) plan {
	if config.Pair(j.Pair) == config.QuickBooksCentrixOne {
		return plan{[]step{stepConnect, stepRules, stepCRM, stepFirst}, (*Pages).nextOfQuickBooks}
	}
	if config.Pair(j.Pair) == config.SageX3Outlook {
		return plan{[]step{stepX3, stepTenant, stepUser, stepTry, stepRules, stepRights, stepFirst}, (*Pages).nextOfX3}
	}
	if ofBob50(j) {
		return plan{[]step{stepServer, stepDossier, stepSageCRM, stepRules, stepFirst}, (*Pages).nextOfBob50}
	}
	if ofSage50(j) {
		return plan{[]step{stepServer, stepExports, stepSSM, stepRules, stepFirst}, (*Pages).nextOfSage50}
	}
	return plan{[]step{stepServer, stepCompany, stepCRM, stepRules, stepFirst}, (*Pages).nextOfAcomba}
}

// after gives the page of the step behind one.
func (p plan) after(s step) string { return firstPage[p.steps[slices.Index(p.steps, s)+1]] }

// steps is what each page shows of the set-up as a whole.
type steps struct {
	Job   string
	Steps []stepLink
	At    int // from 1
}

type stepLink struct {
	Path string // empty = it is not its turn
	Name string
	Here bool
	Done bool
}

// stepsAt gives the steps with the one that a page belongs to.
func (p *Pages) stepsAt(r *page.Request, j config.Job, here step) steps {
	next := p.next(j)
	all, ways := steps{Job: j.Name}, planOf(j).steps
	turn := slices.Index(ways, next.step)
	for i, s := range ways {
		link := stepLink{Name: r.P.Text("page.setup.step-"+string(s), nil), Here: s == here, Done: i < turn}
		if i <= turn {
			link.Path = path(j.Name, firstPage[s])
		}
		if link.Here {
			all.At = i + 1
		}
		all.Steps = append(all.Steps, link)
	}
	return all
}

// firstPage is where a step begins.
var firstPage = map[step]string{stepServer: "server", stepCompany: "check", stepCRM: "crm", stepRules: "rules", stepFirst: "first", stepConnect: "connect",
	stepX3: "x3", stepTenant: "tenant", stepUser: "user", stepTry: "try", stepRights: "rights", stepDossier: "backup", stepSageCRM: "sagecrm",
	stepExports: "exports", stepSSM: "ssm"}

// place is where a set-up goes on.
type place struct {
	step step
	page string
}

// next gives where the set-up of a job goes on, by what is set.
func (p *Pages) next(j config.Job) place { return planOf(j).next(p, j) }

func (p *Pages) nextOfAcomba(j config.Job) place {
	if at, still := p.toShare(j); still {
		return at
	}
	p.mu.Lock()
	checked := p.checked[j.Name]
	p.mu.Unlock()
	switch crm := j.CentrixOne.Account != "" && j.CentrixOne.APIKey != ""; {
	case !crm && !checked:
		return place{stepCompany, "check"}
	case !crm:
		return place{stepCRM, "crm"}
	case !p.ruled(j.Name):
		return place{stepRules, "rules"}
	}
	return place{stepFirst, "first"}
}

// toShare gives where the set-up of a job's share goes on, if it is not at its end.
func (p *Pages) toShare(j config.Job) (at place, still bool) {
	p.mu.Lock()
	walked := p.now.of(j.Name, walking)
	p.mu.Unlock()
	s := j.Share
	switch {
	case !isSet(j) && s.Path == "" && (walked || s.Server != "" && s.User != "" && s.Password != ""):
		return place{stepServer, "way"}, true
	case !isSet(j):
		return place{stepServer, "server"}, true
	}
	return place{}, false
}

// ruled tells whether somebody has chosen the direction of a job: the rules were looked at.
func (p *Pages) ruled(job string) bool {
	_, set := p.values()["job."+job+".direction"]
	return set
}

// values gives what is set, by name; nothing where that can't be read.
func (p *Pages) values() map[string]string {
	all, err := p.Settings.Settings()
	if err != nil {
		p.Site.Log.Warn("set-up can't read the settings", "err", err)
	}
	is := map[string]string{}
	for _, x := range all {
		if x.Set {
			is[x.Key] = x.Value
		}
	}
	return is
}

// overviewData is what the first page shows of a box that is set up.
type overviewData struct {
	Jobs []jobShown
	More bool // another user of X3 can be added
}

// jobShown is what is set of a job.
type jobShown struct {
	Name    string
	Next    string // the page where its set-up goes on, empty = it is whole
	Share   string
	Company string
	CRM     bool
	TwoWay  bool
	// Connection is how a job with QuickBooks is connected, in words; empty with another ERP.
	Connection string
	Direction  string
	User       *userShown // of a job with Sage X3
	Bob        *bobShown  // of a job with BOB 50
	Sage50     *sage50Shown
	Paths      map[string]string
}

// overview shows what is set, or leads on to where a set-up was left.
func (p *Pages) overview(w http.ResponseWriter, r *page.Request) {
	conf, err := p.Draft()
	if err != nil {
		p.unreadable(w, r, err)
		return
	}
	if len(p.Settings.Choices()) > 0 && p.SignIns != nil {
		http.Redirect(w, r.Request, "/setup/pair", http.StatusSeeOther)
		return
	}
	var d overviewData
	for _, j := range conf.Jobs {
		at := p.next(j)
		if len(conf.Jobs) == 1 && (at.step != stepFirst || p.firstOpen(r.Context(), j)) {
			on(w, r, j.Name, at.page)
			return
		}
		d.Jobs, d.More = append(d.Jobs, p.shown(r, j, at)), d.More || config.Pair(j.Pair) == config.SageX3Outlook
	}
	p.Site.Show(w, r, set, http.StatusOK, "overview", "page.setup.title", d)
}

func (p *Pages) shown(r *page.Request, j config.Job, at place) jobShown {
	s := jobShown{Name: j.Name, Share: j.Share.Name(), Company: j.Acomba.Company, CRM: j.CentrixOne.APIKey != "", TwoWay: j.TwoWay, Paths: map[string]string{}}
	for _, name := range []string{"server", "way", "check", "crm", "rules", "first", "moved"} {
		s.Paths[name] = path(j.Name, name)
	}
	s.Direction = r.P.Text("page.setup."+direction(j.TwoWay), nil)
	if config.Pair(j.Pair) == config.QuickBooksCentrixOne {
		s.Connection, s.Direction = p.connectionWords(r, j), r.P.Of(j.Names()).Text(customersKey(j.QuickBooks.Customers), nil)
		s.Paths["connect"] = path(j.Name, "connect")
	}
	if config.Pair(j.Pair) == config.SageX3Outlook {
		s.ofX3(r, j)
	}
	if ofBob50(j) {
		s.ofBob50(r, j)
	}
	if ofSage50(j) {
		s.ofSage50(r, j)
	}
	if at.step != stepFirst {
		s.Next = path(j.Name, at.page)
	}
	return s
}

// workData is what a page shows while a look goes on.
type workData struct {
	steps
	Doing  string
	Done   int
	Of     int
	Found  []string
	Stages []stepShown
}

// showWork shows how far a look is. The page comes again by itself.
func (p *Pages) showWork(w http.ResponseWriter, r *page.Request, j config.Job, at step, l *look) {
	d := workData{steps: p.stepsAt(r, j, at), Doing: r.P.Text("page.setup.doing-"+string(l.kind), nil), Done: l.progress.Done, Of: l.progress.Of}
	for _, s := range l.servers {
		d.Found = append(d.Found, s.Name)
	}
	if l.kind == walking {
		d.Stages = stepsOf(r, l)
	}
	p.Site.Show(w, r, set, http.StatusOK, "work", "page.setup.title-work", d)
}
