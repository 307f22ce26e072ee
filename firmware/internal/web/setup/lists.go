package setup

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"syncbox/connectors"
	"syncbox/connectors/salesmanagement"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/web/page"
)

// listsData is what the page of the lists of Sage Sales Management shows.
type listsData struct {
	steps
	Admin, Client, Prospect page.Field
	Branch                  *page.Field  // nil where there is one alone
	More                    []page.Field // folded: other names of statuses, the name of the dossier
	Open                    bool
	Missing                 []string // custom fields that a person has yet to make
	Notice                  string
	Kept                    *notice // what is wrong with the API
	Onward                  string
	Fine                    bool // what is chosen is there
	Quotes                  bool // a status of quotes is not
}

// quoteStatuses is the tenant's list of these. A person makes them there; nothing of it is chosen here.
const quoteStatuses = "salesorderStatuses"

// ofQuotes tells whether an error is that of a status of quotes, without which all else can be chosen.
func ofQuotes(err error) bool {
	return connectors.CodeOf(err) == salesmanagement.CodeStatusMissing && argOf(err, "list") == quoteStatuses
}

// ofLists tells whether an error is that of something which is chosen here.
func ofLists(err error) bool {
	code := connectors.CodeOf(err)
	return code == salesmanagement.CodeAdmin || code == salesmanagement.CodeBranch || code == salesmanagement.CodeStatusMissing && !ofQuotes(err)
}

// The fields of More.
const (
	moreClients = iota
	moreProspects
	moreDossier
)

func (p *Pages) newLists(r *page.Request, j config.Job) *listsData {
	d := &listsData{steps: p.stepsAt(r, j, stepSSM), Onward: planOf(j).after(stepSSM)}
	t, c, is, of := r.P.Text, j.SalesManagement.Site, p.values(), "job."+j.Name+".salesmanagement."
	p.mu.Lock()
	has := p.lists[j.Name]
	p.mu.Unlock()
	asks := func(name, value string, options []page.Option) page.Field {
		f := page.Field{Name: name, Label: t("page.setup.salesmanagement-"+name, nil), Hint: t("page.setup.salesmanagement-"+name+"-hint", nil), Value: value}
		if len(options) == 0 {
			return f
		}
		switch f.Kind, f.Options = "select", options; {
		case value == "" && len(options) > 1: // nobody is chosen by chance
			f.Options = append([]page.Option{{Label: "–"}}, options...)
		case value != "" && !offers(&f, value):
			f.Options = append(f.Options, page.Option{Value: value, Label: shortened(value)})
		}
		return f
	}
	var users, branches, statuses []page.Option
	for _, u := range has.Users {
		users = append(users, page.Option{Value: cmp.Or(u.Email, u.ID), Label: shortened(cmp.Or(u.Name, u.Email, u.ID))})
	}
	for _, b := range has.Branches {
		branches = append(branches, page.Option{Value: b.ID, Label: shortened(cmp.Or(b.Name, b.ID))})
	}
	for _, s := range has.Statuses {
		statuses = append(statuses, page.Option{Value: s, Label: shortened(s)})
	}
	clients, prospects := namesOf(c.Clients, "Client"), namesOf(c.Prospects, "Prospect")
	d.Admin, d.Client, d.Prospect = asks("admin_user", c.Admin, users), asks("client", clients[0], statuses), asks("prospect", prospects[0], statuses)
	if c.Branch != 0 || len(branches) != 1 {
		branch := asks("branch", "", branches)
		if branch.Optional = true; c.Branch != 0 {
			branch.Value = strconv.FormatInt(c.Branch, 10)
		}
		d.Branch = &branch
	}
	d.More = []page.Field{asks("clients", strings.Join(clients[1:], ", "), nil), asks("prospects", strings.Join(prospects[1:], ", "), nil), asks("dossier", is[of+"dossier"], nil)}
	for i := range d.More {
		d.More[i].Optional = true
	}
	d.Quotes = len(has.NoQuotes) > 0
	for _, e := range slices.Sorted(maps.Keys(has.Missing)) {
		d.Missing = append(d.Missing, has.Missing[e]...)
	}
	return d
}

// namesOf gives the names of a status, the written one first.
func namesOf(all []string, usual string) []string {
	if len(all) == 0 {
		return []string{usual}
	}
	return all
}

func (p *Pages) showLists(w http.ResponseWriter, r *page.Request, j config.Job) {
	p.listsPage(w, r, http.StatusOK, p.newLists(r, j))
}

func (p *Pages) listsPage(w http.ResponseWriter, r *page.Request, status int, d *listsData) {
	p.Site.Show(w, r, set, status, "lists", "page.setup.title-lists", d)
}

// readLists logs on with what is kept and reads the lists again.
func (p *Pages) readLists(w http.ResponseWriter, r *page.Request, j config.Job) {
	c := j.SalesManagement.Site
	if c.PublicKey == "" || c.PrivateKey == "" {
		on(w, r, j.Name, "ssm")
		return
	}
	err := p.lookAtLists(r.Context(), j)
	d := p.newLists(r, j)
	if !ofLists(err) {
		d.Kept = noticeOfError(r, err)
	}
	d.Fine = err == nil && c.Admin != ""
	p.listsPage(w, r, http.StatusOK, d)
}

// take reads the form.
func (d *listsData) take(r *page.Request, job string) (changes []config.Change, ok bool) {
	ok = true
	text := func(f *page.Field) string {
		value, fine := r.Take(f)
		if fine && value != "" && !offers(f, value) {
			f.Error, fine = r.P.Text("setting.wrong-value", nil), false
		}
		ok = ok && fine
		return value
	}
	names := func(first, more *page.Field) []string {
		all := []string{text(first)}
		for name := range strings.SplitSeq(text(more), ",") {
			if name = strings.TrimSpace(name); name != "" {
				all = append(all, name)
			}
		}
		return all
	}
	branch := int64(0)
	if d.Branch != nil {
		if typed := text(d.Branch); typed != "" {
			n, err := strconv.ParseInt(typed, 10, 32)
			if branch = n; err != nil {
				d.Branch.Error, ok = r.P.Text("setting.wrong-value", nil), false
			}
		}
	}
	of := "salesmanagement."
	changes = changesOf(job, of+"admin_user", text(&d.Admin), of+"branch", branch, of+"client_statuses", names(&d.Client, &d.More[moreClients]),
		of+"prospect_statuses", names(&d.Prospect, &d.More[moreProspects]), of+"dossier", text(&d.More[moreDossier]))
	return changes, ok
}

// fields gives them by the names of their values.
func (d *listsData) fields(job string) map[string]*page.Field {
	of := "job." + job + ".salesmanagement."
	return map[string]*page.Field{of + "admin_user": &d.Admin, of + "branch": d.Branch, of + "client_statuses": &d.Client, of + "prospect_statuses": &d.Prospect,
		of + "dossier": &d.More[moreDossier]}
}

// takeLists asks the tenant whether it has what was chosen. What it does not have is not kept.
func (p *Pages) takeLists(w http.ResponseWriter, r *page.Request, j config.Job) {
	if c := j.SalesManagement.Site; c.PublicKey == "" || c.PrivateKey == "" {
		on(w, r, j.Name, "ssm")
		return
	}
	d := p.newLists(r, j)
	changes, ok := d.take(r, j.Name)
	if ok && d.Client.Value == d.Prospect.Value {
		d.Prospect.Error, ok = r.P.Text("page.setup.ssm-same-status", nil), false
	}
	var err error
	if ok {
		j.SalesManagement.Site = ssmOf(j.SalesManagement.Site, changes)
		if j.SalesManagement.Site.Validate() == nil { // else the settings refuse it in words
			err = p.lookAtLists(r.Context(), j)
		}
		ok = !d.blame(r, err)
	}
	if ok {
		d.Notice = p.refused(r, p.keep(changes...), d.fields(j.Name))
		ok = d.Notice == "" && !d.wrong()
	}
	if !ok {
		d.Open = slices.ContainsFunc(d.More, func(f page.Field) bool { return f.Error != "" })
		p.listsPage(w, r, http.StatusUnprocessableEntity, d)
		return
	}
	after := p.newLists(r, j)
	if err == nil && len(after.Missing) == 0 && !after.Quotes {
		p.Site.Say(r, r.P.Text("page.setup.ssm-lists-fine", nil))
		on(w, r, j.Name, d.Onward)
		return
	}
	after.Kept, after.Fine = noticeOfError(r, err), err == nil
	p.listsPage(w, r, http.StatusOK, after)
}

func (d *listsData) wrong() bool {
	for _, f := range d.fields("") {
		if f != nil && f.Error != "" {
			return true
		}
	}
	return false
}

// blame puts what the tenant lacks beside the field that names it.
func (d *listsData) blame(r *page.Request, err error) bool {
	e, is := asError(err)
	if !is || !ofLists(err) {
		return false
	}
	text := r.P.Text("code."+e.Code, e.Args)
	switch {
	case e.Code == salesmanagement.CodeAdmin:
		d.Admin.Error = text
	case e.Code == salesmanagement.CodeBranch && d.Branch != nil:
		d.Branch.Error = text
	case e.Code == salesmanagement.CodeStatusMissing && e.Args["status"] == d.Client.Value:
		d.Client.Error = text
	case e.Code == salesmanagement.CodeStatusMissing && e.Args["status"] == d.Prospect.Value:
		d.Prospect.Error = text
	default:
		d.Notice = text
	}
	return true
}
