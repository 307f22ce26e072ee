package setup

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/bob50"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/web/page"
)

// weighing is a look at a company of BOB 50 and at its newest backup.
const weighing kind = "backup"

// weighWithin bounds it: the tables are copied.
const weighWithin = 15 * time.Minute

// backupData is what the page of the company and its backup shows.
type backupData struct {
	steps
	Dossier, Backups string
	Checked          bool
	Fine             bool
	Facts            []fact
	Held             []string // why third parties can't be synchronised, and how many
	Notice           *notice
	Onward           string
}

type fact struct{ Name, Text string }

// weigh has the newest backup be copied and read.
func (p *Pages) weigh(w http.ResponseWriter, r *page.Request, j config.Job) {
	if !isSet(j) {
		on(w, r, j.Name, "way")
		return
	}
	l := &look{kind: weighing, job: j.Name}
	began := p.begin(l, func(ctx context.Context, change func(func())) error {
		ctx, cancel := context.WithTimeout(ctx, weighWithin)
		defer cancel()
		found, err := p.TryBob50(ctx, j)
		change(func() { l.trial, p.checked[j.Name] = found, err == nil })
		return err
	})
	if !began {
		p.busy(w, r)
		return
	}
	on(w, r, j.Name, "backup")
}

// showBackup says what was found.
func (p *Pages) showBackup(w http.ResponseWriter, r *page.Request, j config.Job) {
	l := p.last(r.Context())
	if l.running() {
		p.showWork(w, r, j, stepDossier, l)
		return
	}
	c := j.Bob50.Site
	d := backupData{steps: p.stepsAt(r, j, stepDossier), Dossier: c.Dossier, Backups: c.Backups, Onward: planOf(j).after(stepDossier)}
	if l.of(j.Name, weighing) {
		d.told(r, l)
	}
	p.Site.Show(w, r, set, http.StatusOK, "backup", "page.setup.title-backup", d)
}

// told words what came out.
func (d *backupData) told(r *page.Request, l *look) {
	d.Checked, d.Notice, d.Fine = true, noticeOfError(r, l.err), l.err == nil
	add := func(key, text string) { d.Facts = append(d.Facts, fact{r.P.Text(key, nil), text}) }
	if connectors.CodeOf(l.err) == bob50.CodeGeneration {
		add("page.setup.bob-data", generation(r, argOf(l.err, "generation")))
	}
	t := l.trial
	if t.Path == "" {
		return
	}
	add("page.setup.bob-data", generation(r, bob50.GenerationADT))
	add("page.setup.bob-backup", t.Path+" – "+r.P.Time(t.Time))
	if !t.Changed.IsZero() {
		add("page.setup.bob-changed", r.P.Time(t.Changed))
	}
	add("page.setup.bob-parties", r.P.Count("page.setup.bob-number", t.Parties))
	add("page.setup.bob-customers", r.P.Count("page.setup.bob-number", t.Customers))
	add("page.setup.bob-persons", r.P.Count("page.setup.bob-number", t.Persons))
	for _, code := range slices.Sorted(maps.Keys(t.Held)) {
		d.Held = append(d.Held, r.P.Count("page.setup.bob-number", t.Held[code])+" – "+r.P.Text("code."+code, map[string]string{"column": "…"}))
	}
}

// argOf gives a placeholder of an error.
func argOf(err error, name string) string {
	if e, is := asError(err); is {
		return e.Args[name]
	}
	return ""
}
