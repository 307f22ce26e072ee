// Package custom lets people choose which of the fields that they have added to their products are synchronised, how, and of
// which records.
package custom

import (
	"context"
	"embed"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"syncbox/connectors"
	"syncbox/connectors/pairs"
	"syncbox/connectors/record"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/local"
	"syncbox/firmware/internal/web/page"
	"syncbox/sync/engine"
)

//go:embed all:templates
var files embed.FS

var set = page.Parse(files)

// Box is what the page asks. A *local.Client is one.
type Box interface {
	// Status gives the status of every job; local.ErrNoBox where no jobs run.
	Status(ctx context.Context) ([]local.JobStatus, error)
}

// Settings keeps what people choose. A *config.Writer is one.
type Settings interface {
	SetCustom(job string, c config.Custom) (changed []string, err error)
}

// Pages are the custom fields.
type Pages struct {
	Site     *page.Site
	Box      Box
	Settings Settings
	// Draft gives the configuration as far as it is set.
	Draft func() (config.Config, error)
}

// Routes adds them.
func (p *Pages) Routes(m *page.Mux) {
	m.Closed("GET /custom", p.show)
	m.Closed("POST /custom", p.choose)
	m.Closed("POST /custom/field", p.adapt)
	m.Closed("POST /custom/add", p.add)
}

// job is what is known of the custom fields of a job.
type job struct {
	name    string
	names   connectors.Names
	several []string // the names of all jobs, if there are several
	columns [2][]connectors.CustomColumn
	fields  []config.Custom // what was chosen, and what was found beside that
}

// job finds the job that is meant, the first one where none is named.
func (p *Pages) job(ctx context.Context, name string) (job, error) {
	all, err := p.Box.Status(ctx)
	if err != nil {
		return job{}, err
	}
	conf, err := p.Draft()
	if err != nil {
		return job{}, err
	}
	found := job{}
	for _, j := range all {
		if len(all) > 1 {
			found.several = append(found.several, j.Job)
		}
		if found.name == "" && (name == "" || name == j.Job) {
			found.name, found.names, found.columns = j.Job, j.Names, j.Status.Custom[record.Account]
		}
	}
	for _, j := range conf.Jobs {
		if j.Name == found.name {
			found.fields = known(j.Custom, found.columns)
		}
	}
	if found.name == "" {
		return found, engine.ErrNoSuch
	}
	return found, nil
}

// known gives what was chosen, and what was found beside that, in the order of their names.
func known(chosen []config.Custom, columns [2][]connectors.CustomColumn) []config.Custom {
	all := slices.Clone(chosen)
	for _, f := range pairs.MatchCustom(columns[0], columns[1]) {
		if !slices.ContainsFunc(chosen, func(c config.Custom) bool { return c.ERP == f.ERP }) {
			all = append(all, config.Custom{Name: free(all, config.CustomTable(f.ERP)), CustomField: f})
		}
	}
	slices.SortFunc(all, func(a, b config.Custom) int { return strings.Compare(a.ERP+"\x00"+a.Name, b.ERP+"\x00"+b.Name) })
	return all
}

// free gives a name that no field has yet.
func free(all []config.Custom, name string) string {
	if name == "" {
		name = "x"
	}
	for slices.ContainsFunc(all, func(c config.Custom) bool { return c.Name == name }) {
		name = name[:min(len(name), 62)] + "-2"
	}
	return name
}

func (j *job) field(name string) *config.Custom {
	i := slices.IndexFunc(j.fields, func(c config.Custom) bool { return c.Name == name })
	if i < 0 {
		return nil
	}
	return &j.fields[i]
}

// take finds the job of a form; where there is none it says so.
func (p *Pages) take(w http.ResponseWriter, r *page.Request, name string) (job, bool) {
	j, err := p.job(r.Context(), name)
	if err != nil {
		text, status := r.Reason(err), http.StatusServiceUnavailable
		if errors.Is(err, engine.ErrNoSuch) {
			text, status = r.P.Text("page.missing.text", nil), http.StatusNotFound
		}
		p.Site.Message(w, r, status, "page.refused.title", text)
		return j, false
	}
	r.About(j.names)
	return j, true
}

func (p *Pages) show(w http.ResponseWriter, r *page.Request) {
	q := r.URL.Query()
	j, ok := p.take(w, r, q.Get("job"))
	if !ok {
		return
	}
	d := newData(r, &j)
	if c := j.field(q.Get("field")); c != nil {
		d.Lower = newLower(r, &j, c)
	}
	p.Site.Show(w, r, set, http.StatusOK, "custom", "page.custom.title", d)
}

// choose keeps which fields are synchronised.
func (p *Pages) choose(w http.ResponseWriter, r *page.Request) {
	j, ok := p.take(w, r, r.PostFormValue("job"))
	if !ok {
		return
	}
	for _, c := range j.fields {
		if on := slices.Contains(r.PostForm["sel"], c.Name); on != c.Sync {
			c.Sync = on
			if !p.keep(w, r, &j, c) {
				return
			}
		}
	}
	p.done(w, r, &j, "")
}

// keep keeps what was chosen of a field; where it is refused it says why.
func (p *Pages) keep(w http.ResponseWriter, r *page.Request, j *job, c config.Custom) bool {
	_, err := p.Settings.SetCustom(j.name, c)
	if err == nil {
		p.Site.Log.Info("page set a custom field", "job", j.name, "field", c.Name)
		return true
	}
	p.Site.Log.Warn("page can't keep a custom field", "job", j.name, "field", c.Name, "err", err)
	text := r.P.Text("page.setup.not-kept", nil)
	if all, is := errors.AsType[config.Refused](err); is {
		text = r.P.Text("setting."+string(all[0].Why), nil)
		if all[0].Err != nil {
			text = all[0].Err.Error()
		}
		text = r.P.Text("page.custom.refused", map[string]string{"text": text})
	}
	d := newData(r, j)
	d.Notice, d.Lower = text, newLower(r, j, &c)
	p.Site.Show(w, r, set, http.StatusUnprocessableEntity, "custom", "page.custom.title", d)
	return false
}

// done goes back to the page. What was ticked of a preview counts no more: the box begins anew with other options.
func (p *Pages) done(w http.ResponseWriter, r *page.Request, j *job, field string) {
	p.Site.Say(r, r.P.Text("page.custom.kept", nil))
	q := url.Values{"job": {j.name}}
	if field != "" {
		q.Set("field", field)
	}
	http.Redirect(w, r.Request, "/custom?"+q.Encode(), http.StatusSeeOther)
}

// add keeps two fields that a person puts together.
func (p *Pages) add(w http.ResponseWriter, r *page.Request) {
	j, ok := p.take(w, r, r.PostFormValue("job"))
	if !ok {
		return
	}
	c := config.Custom{CustomField: pairs.CustomField{ERP: r.PostFormValue("erp"), CRM: r.PostFormValue("crm"), Kind: record.Text, Direction: pairs.ToCRM}}
	for _, column := range j.columns[0] {
		if column.Name == c.ERP && column.Kind != record.None {
			c.Kind = column.Kind
		}
	}
	if !among(j.columns[0], c.ERP) || !among(j.columns[1], c.CRM) {
		p.Site.Message(w, r, http.StatusUnprocessableEntity, "page.refused.title", r.P.Text("page.missing.text", nil))
		return
	}
	c.Name = free(j.fields, config.CustomTable(c.ERP))
	if p.keep(w, r, &j, c) {
		p.done(w, r, &j, c.Name)
	}
}

func among(all []connectors.CustomColumn, name string) bool {
	return slices.ContainsFunc(all, func(c connectors.CustomColumn) bool { return c.Name == name })
}
