package setup

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/salesmanagement"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/web/page"
)

// What is asked for of Sage Sales Management.
var ssmSettings = []setting{{name: "public_key", kind: "password", key: "public_key"}, {name: "private_key", kind: "password", key: "private_key"},
	{name: "url", usual: "https://api.forcemanager.com"}, {name: "rate", kind: "select", options: []string{"4", "13"}}}

// ssmWithin bounds a log-on with a look at the lists, at four calls a second: the page waits for it.
const ssmWithin = time.Minute

func (p *Pages) newSSM(r *page.Request, j config.Job) *triedData {
	d := &triedData{sideData: sideData{steps: p.stepsAt(r, j, stepSSM), Action: path(j.Name, "ssm")}, Onward: "lists"}
	is := p.values()
	for _, s := range ssmSettings {
		key := "job." + j.Name + "." + cmp.Or(s.key, "salesmanagement."+s.name)
		d.Fields = append(d.Fields, fieldOf(r, "salesmanagement", key, s, is))
	}
	return d
}

func (p *Pages) showSSM(w http.ResponseWriter, r *page.Request, j config.Job) {
	p.Site.Show(w, r, set, http.StatusOK, "ssm", "page.setup.title-crm", p.newSSM(r, j))
}

// takeSSM logs on once and reads the lists. The values are kept unless the API refuses them, or is none. Keys that are kept go to no
// other address.
func (p *Pages) takeSSM(w http.ResponseWriter, r *page.Request, j config.Job) {
	d := p.newSSM(r, j)
	refuse := func(status int) { p.Site.Show(w, r, set, status, "ssm", "page.setup.title-crm", d) }
	changes, ok := d.take(r)
	was := j.SalesManagement.Site
	c := ssmOf(was, changes)
	private, url := &d.Fields[1].Field, &d.Fields[2].Field
	given := slices.ContainsFunc(changes, func(x config.Change) bool { return x.Key == d.Fields[1].key })
	if ok && was.PrivateKey != "" && !given && strings.TrimSuffix(c.BaseURL, "/") != strings.TrimSuffix(was.BaseURL, "/") {
		url.Error, ok = r.P.Text("page.setup.ssm-needs-keys", nil), false
	}
	if !ok {
		refuse(http.StatusUnprocessableEntity)
		return
	}
	var err error
	if c.Admin = cmp.Or(c.Admin, "unset"); c.Validate() == nil { // else the settings refuse it in words
		j.SalesManagement.Site = c
		err = p.lookAtLists(r.Context(), j)
	}
	if ofLists(err) || ofQuotes(err) { // they are asked for next
		err = nil
	}
	switch connectors.CodeOf(err) {
	case salesmanagement.CodeAuth:
		private.Error = r.P.Text("code."+salesmanagement.CodeAuth, nil)
		refuse(http.StatusForbidden)
		return
	case salesmanagement.CodeRecordRefused: // whoever answers knows no log-on
		url.Error = r.P.Text("page.setup.ssm-no-api", nil)
		refuse(http.StatusUnprocessableEntity)
		return
	}
	if status := d.keep(p, r, changes, err); status != 0 {
		refuse(status)
		return
	}
	p.Site.Say(r, r.P.Text("page.setup.ssm-fine", nil))
	on(w, r, j.Name, "lists")
}

// ssmOf gives the tenant with what a form says.
func ssmOf(c salesmanagement.Config, changes []config.Change) salesmanagement.Config {
	for _, x := range changes {
		_, name, _ := strings.Cut(strings.TrimPrefix(x.Key, "job."), ".")
		switch v := x.Value.(type) {
		case string:
			for key, field := range map[string]*string{"salesmanagement.url": &c.BaseURL, "public_key": &c.PublicKey, "private_key": &c.PrivateKey,
				"salesmanagement.admin_user": &c.Admin} {
				if key == name {
					*field = v
				}
			}
		case int64:
			if name == "salesmanagement.branch" {
				c.Branch = v
			}
		case []string:
			if name == "salesmanagement.client_statuses" {
				c.Clients = v
			} else {
				c.Prospects = v
			}
		}
	}
	return c
}

// lookAtLists logs on, remembers what a person chooses among, and finds out whether what is chosen is there.
func (p *Pages) lookAtLists(ctx context.Context, j config.Job) error {
	ctx, cancel := context.WithTimeout(ctx, ssmWithin)
	defer cancel()
	found, err := p.TrySalesManagement(ctx, j)
	if err != nil {
		p.Site.Log.Warn("set-up asked Sage Sales Management in vain", "job", j.Name, "code", connectors.CodeOf(err))
	}
	if err == nil || len(found.Users) > 0 {
		p.mu.Lock()
		p.lists[j.Name] = found
		p.mu.Unlock()
	}
	return err
}
