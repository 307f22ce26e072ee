package setup

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/sagecrm"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/web/page"
)

// What is asked for of Sage CRM.
var sageSettings = []setting{{name: "url"}, {name: "install", optional: true, usual: "crm"}, {name: "interface", kind: "select", options: []string{"soap", "rest", "auto"}},
	{name: "user"}, {name: "password", kind: "password", key: "crm_password"}}

// sageWithin bounds a log-on with a look at the columns: the page waits for it.
const sageWithin = 45 * time.Second

// sageData is what the pages of Sage CRM show.
type sageData struct {
	triedData
	Read    bool     // the columns were
	Found   []string // what was found among them
	Missing []string // and what was not
}

func (p *Pages) newSageCRM(r *page.Request, j config.Job) *sageData {
	d := &sageData{triedData: triedData{sideData: sideData{steps: p.stepsAt(r, j, stepSageCRM), Action: path(j.Name, "sagecrm")}, Onward: "columns"}}
	is := p.values()
	for _, s := range sageSettings {
		key := "job." + j.Name + "." + cmp.Or(s.key, "sagecrm."+s.name)
		d.Fields = append(d.Fields, fieldOf(r, "sagecrm", key, s, is))
	}
	return d
}

func (p *Pages) showSageCRM(w http.ResponseWriter, r *page.Request, j config.Job) {
	p.Site.Show(w, r, set, http.StatusOK, "sagecrm", "page.setup.title-crm", p.newSageCRM(r, j))
}

// takeSageCRM logs on once and reads the columns. The values are kept unless the CRM refuses them. A password that is kept goes to
// no other address.
func (p *Pages) takeSageCRM(w http.ResponseWriter, r *page.Request, j config.Job) {
	d := p.newSageCRM(r, j)
	refuse := func(status int) { p.Site.Show(w, r, set, status, "sagecrm", "page.setup.title-crm", d) }
	was := j.SageCRM.Site
	changes, ok := d.take(r)
	c := sageOf(was, changes)
	url, password := &d.Fields[0].Field, &d.Fields[4].Field
	if ok && was.Password != "" && c.BaseURL != was.BaseURL && !slices.ContainsFunc(changes, func(x config.Change) bool { return x.Key == d.Fields[4].key }) {
		url.Error, ok = r.P.Text("page.setup.sage-needs-password", nil), false
	}
	if !ok {
		refuse(http.StatusUnprocessableEntity)
		return
	}
	err := c.Validate()
	if err == nil { // else the settings refuse it in words
		j.SageCRM.Site = c
		err = p.propose(r.Context(), j)
	}
	if connectors.CodeOf(err) == sagecrm.CodeAuth {
		password.Error = r.P.Text("code."+sagecrm.CodeAuth, nil)
		refuse(http.StatusForbidden)
		return
	}
	if status := d.keep(p, r, changes, err); status != 0 {
		refuse(status)
		return
	}
	p.Site.Say(r, r.P.Text("page.setup.sage-fine", nil))
	on(w, r, j.Name, "columns")
}

// sageOf gives the CRM with what a form says.
func sageOf(c sagecrm.Config, changes []config.Change) sagecrm.Config {
	for _, x := range changes {
		text, _ := x.Value.(string)
		for end, field := range map[string]*string{".sagecrm.url": &c.BaseURL, ".sagecrm.install": &c.Install, ".sagecrm.user": &c.User,
			".sagecrm.interface": &c.Interface, ".crm_password": &c.Password, ".sagecrm.vat_field": &c.VATField, ".sagecrm.bob_sync_field": &c.BobSyncField,
			".sagecrm.vat_prefix_field": &c.VATPrefixField, ".sagecrm.bob_id_field": &c.IDField, ".sagecrm.language_field": &c.LanguageField,
			".sagecrm.customer_type": &c.CustomerType} {
			if strings.HasSuffix(x.Key, end) {
				*field = text
			}
		}
	}
	return c
}

// propose logs on and remembers the columns. That one is not chosen yet, or not there, is no error of the log-on.
func (p *Pages) propose(ctx context.Context, j config.Job) error {
	err := p.lookAtColumns(ctx, j)
	if connectors.CodeOf(err) == sagecrm.CodeFieldsMissing {
		return nil
	}
	return err
}

// lookAtColumns logs on, remembers the columns, and finds out whether the chosen ones are among them.
func (p *Pages) lookAtColumns(ctx context.Context, j config.Job) error {
	ctx, cancel := context.WithTimeout(ctx, sageWithin)
	defer cancel()
	found, err := p.TrySageCRM(ctx, j)
	if err != nil {
		p.Site.Log.Warn("set-up asked Sage CRM in vain", "job", j.Name, "code", connectors.CodeOf(err))
	}
	if err == nil || connectors.CodeOf(err) == sagecrm.CodeFieldsMissing {
		p.mu.Lock()
		p.columns[j.Name] = found
		p.mu.Unlock()
	}
	return err
}

// The columns that are asked for, and those that a site may have besides.
var (
	sageColumns = []setting{{name: "vat_field"}, {name: "bob_sync_field"}}
	sageMore    = []setting{{name: "vat_prefix_field", optional: true}, {name: "bob_id_field", optional: true}, {name: "language_field", optional: true},
		{name: "customer_type", optional: true, usual: "customer"}}
)

func (p *Pages) newColumns(r *page.Request, j config.Job) *sageData {
	d := &sageData{triedData: triedData{sideData: sideData{steps: p.stepsAt(r, j, stepSageCRM), Action: path(j.Name, "columns")}, Onward: planOf(j).after(stepSageCRM)}}
	p.mu.Lock()
	found, read := p.columns[j.Name]
	p.mu.Unlock()
	d.Read = read
	is := p.values()
	add := func(to *[]ownField, s setting, likely []sagecrm.Column) {
		f := fieldOf(r, "sagecrm", "job."+j.Name+".sagecrm."+s.name, s, is)
		if s.name != "customer_type" {
			offer(&f.Field, likely, found.Company)
		}
		*to = append(*to, f)
	}
	add(&d.Fields, sageColumns[0], found.VAT)
	add(&d.Fields, sageColumns[1], found.BobSync)
	for _, s := range sageMore {
		add(&d.More, s, nil)
	}
	if read {
		d.says(r, "vat", len(found.VAT))
		d.says(r, "bobsync", len(found.BobSync))
	}
	return d
}

// says tells whether the CRM has what may be a column.
func (d *sageData) says(r *page.Request, column string, n int) {
	if n == 0 {
		d.Missing = append(d.Missing, r.P.Text("page.setup.sage-no-"+column, nil))
		return
	}
	d.Found = append(d.Found, r.P.Count("page.setup.sage-some-"+column, n))
}

// offer has a column be chosen of those that the CRM has, the likely ones first; one that is set is offered as well. Where the CRM
// told none, it is typed.
func offer(f *page.Field, likely, all []sagecrm.Column) {
	if len(all) == 0 {
		return
	}
	f.Kind = "select"
	if f.Optional {
		f.Options = []page.Option{{Label: "–"}}
	}
	for _, c := range slices.Concat(likely, all) {
		o := page.Option{Value: c.Name, Label: c.Name}
		if c.Caption != "" && !strings.EqualFold(c.Caption, c.Name) {
			o.Label = shortened(c.Name + " – " + c.Caption)
		}
		if !slices.ContainsFunc(f.Options, func(other page.Option) bool { return strings.EqualFold(other.Value, o.Value) }) {
			f.Options = append(f.Options, o)
		}
	}
	if f.Value != "" && !slices.ContainsFunc(f.Options, func(o page.Option) bool { return o.Value == f.Value }) {
		f.Options = append(f.Options, page.Option{Value: f.Value, Label: f.Value})
	}
}

// mostLabel is how many characters of a choice can be read on a phone.
const mostLabel = 28

func shortened(label string) string {
	if all := []rune(label); len(all) > mostLabel {
		return string(all[:mostLabel-1]) + "…"
	}
	return label
}

func (p *Pages) showColumns(w http.ResponseWriter, r *page.Request, j config.Job) {
	p.Site.Show(w, r, set, http.StatusOK, "columns", "page.setup.title-columns", p.newColumns(r, j))
}

// readColumns logs on with what is kept and reads the columns again.
func (p *Pages) readColumns(w http.ResponseWriter, r *page.Request, j config.Job) {
	if j.SageCRM.Site.Validate() != nil {
		on(w, r, j.Name, "sagecrm")
		return
	}
	err := p.propose(r.Context(), j)
	d := p.newColumns(r, j)
	d.Kept = noticeOfError(r, err)
	p.Site.Show(w, r, set, http.StatusOK, "columns", "page.setup.title-columns", d)
}

// takeColumns asks the CRM whether it has the columns that were chosen. One that it does not have is not kept.
func (p *Pages) takeColumns(w http.ResponseWriter, r *page.Request, j config.Job) {
	if j.SageCRM.Site.Validate() != nil {
		on(w, r, j.Name, "sagecrm")
		return
	}
	d := p.newColumns(r, j)
	changes, ok := d.take(r)
	var err error
	if ok {
		j.SageCRM.Site = sageOf(j.SageCRM.Site, changes)
		if err = j.SageCRM.Site.Validate(); err == nil { // else the settings refuse it in words
			err = p.lookAtColumns(r.Context(), j)
		}
		if e, is := asError(err); is && e.Code == sagecrm.CodeFieldsMissing {
			d.blame(r, e)
			ok = false
		}
	}
	if ok {
		d.Notice = p.refused(r, p.keep(changes...), d.fields())
		for _, f := range d.fields() {
			ok = ok && f.Error == ""
		}
		ok = ok && d.Notice == ""
	}
	if !ok {
		d.Open = slices.ContainsFunc(d.More, func(f ownField) bool { return f.Error != "" })
		p.Site.Show(w, r, set, http.StatusUnprocessableEntity, "columns", "page.setup.title-columns", d)
		return
	}
	if err != nil {
		d.Kept = noticeOfError(r, err)
		p.Site.Show(w, r, set, http.StatusOK, "columns", "page.setup.title-columns", d)
		return
	}
	p.Site.Say(r, r.P.Text("page.setup.sage-columns-fine", nil))
	on(w, r, j.Name, d.Onward)
}

// blame puts what the CRM lacks beside the field that names it.
func (d *sageData) blame(r *page.Request, e *connectors.Error) {
	text := r.P.Text("code."+e.Code, e.Args)
	for _, list := range [][]ownField{d.Fields, d.More} {
		for i := range list {
			if f := &list[i]; e.Args["column"] != "" && strings.EqualFold(f.Value, e.Args["column"]) {
				f.Error = text
				return
			}
		}
	}
	d.Notice = text
}

// asError gives the error of a product behind others.
func asError(err error) (*connectors.Error, bool) { return errors.AsType[*connectors.Error](err) }
