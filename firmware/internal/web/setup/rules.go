package setup

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/web/page"
)

// rulesData is what the page of the rules shows.
type rulesData struct {
	steps
	Direction, Interval, Allowed, Backup page.Field
	Documents                            []page.Field
	Own                                  []ownField // of QuickBooks Online, Sage X3, BOB 50 or Sage 50
	Hint                                 string     // behind them
	Intro                                string     // where it is not the usual one
	Automatic, Zone, Language            page.Field
	Notice                               string
	First                                bool // they are looked at for the first time
	Changed                              bool // one of the folded ones is wrong, so that they are shown
}

// ownField is a field for a value that not every pair has, with the full name of it.
type ownField struct {
	page.Field
	key string
}

// The choices that are offered; another value that is set is offered as well.
var (
	intervals = []time.Duration{5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour}
	zones     = []string{"America/St_Johns", "America/Halifax", "America/Moncton", "America/Toronto", "America/Winnipeg", "America/Regina",
		"America/Edmonton", "America/Vancouver", "America/Whitehorse", "Europe/Paris", "Europe/Brussels"}
	documents = []string{"quotes", "orders", "open_orders", "invoices", "contracts"}
)

// newRules gives the form as it is set: nothing has to be typed.
func (p *Pages) newRules(r *page.Request, j config.Job, conf config.Config) *rulesData {
	is, t, of := p.values(), r.P.Text, "job."+j.Name+"."
	d := &rulesData{steps: p.stepsAt(r, j, stepRules), First: !p.ruled(j.Name),
		Direction: choice("direction", t("page.setup.direction", nil), direction(j.TwoWay), page.Option{Value: "one-way", Label: t("page.setup.one-way", nil)},
			page.Option{Value: "two-way", Label: t("page.setup.two-way", nil)}),
		Interval:  choice("interval", t("page.setup.interval", nil), short(j.Engine.Schedule.Interval)),
		Backup:    page.Field{Name: "backup", Optional: true, Most: 200, Label: t("page.setup.backup", nil), Hint: t("page.setup.backup-hint", nil), Value: is[of+"backup"]},
		Allowed:   page.Field{Name: "allowed", Optional: true, Most: 200, Label: t("page.setup.allowed", nil), Hint: t("page.setup.allowed-hint", nil), Value: is[of+"allowed"]},
		Automatic: page.Field{Name: "automatic", Kind: "checkbox", Label: t("page.setup.automatic", nil), Hint: t("page.setup.automatic-hint", nil), Value: ticked(is["updates.automatic"] != "false")},
		Zone:      choice("zone", t("page.setup.zone", nil), conf.Box.Zone.String()),
		Language:  choice("language", t("page.setup.language", nil), conf.Box.Language, page.Option{Value: "fr-CA", Label: "Français"}, page.Option{Value: "en", Label: "English"}),
	}
	d.Direction.Hint = t("page.setup.direction-hint", nil)
	switch config.Pair(j.Pair) {
	case config.QuickBooksCentrixOne:
		d.ofQuickBooks(r, j)
	case config.SageX3Outlook:
		d.ofSageX3(r, j)
	case config.Bob50SageCRM:
		d.ofBob50(r, j, is)
	case config.Sage50SalesManagement:
		d.ofSage50(r, j, is)
	}
	d.offer(r, j, conf)
	return d
}

// offer fills in what can be chosen.
func (d *rulesData) offer(r *page.Request, j config.Job, conf config.Config) {
	often := intervals
	if ofSage50(j) {
		often = rarer
	}
	for _, at := range with(often, j.Engine.Schedule.Interval) {
		d.Interval.Options = append(d.Interval.Options, page.Option{Value: short(at), Label: lasting(r, at)})
	}
	for _, zone := range with(zones, conf.Box.Zone.String()) {
		d.Zone.Options = append(d.Zone.Options, page.Option{Value: zone, Label: strings.ReplaceAll(zone, "_", " ")})
	}
	if config.Pair(j.Pair) != config.AcombaCentrixOne {
		return
	}
	for _, kind := range documents {
		d.Documents = append(d.Documents, page.Field{Name: "doc-" + kind, Kind: "checkbox", Label: r.P.Text("page.setup.doc-"+kind, nil),
			Value: ticked(j.Acomba.Documents == nil || slices.Contains(j.Acomba.Documents, kind))})
	}
}

func with[T comparable](all []T, also T) []T {
	if slices.Contains(all, also) {
		return all
	}
	return append([]T{also}, all...)
}

func choice(name, label, value string, options ...page.Option) page.Field {
	return page.Field{Name: name, Kind: "select", Label: label, Value: value, Options: options}
}

// short gives a duration as people write it: "15m", "1h".
func short(d time.Duration) string {
	text := d.String()
	for _, none := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(text, none) {
			text = strings.TrimSuffix(text, none[1:])
		}
	}
	return text
}

func ticked(yes bool) string {
	if yes {
		return "yes"
	}
	return ""
}

func direction(twoWay bool) string {
	if twoWay {
		return "two-way"
	}
	return "one-way"
}

func (p *Pages) showRules(w http.ResponseWriter, r *page.Request, j config.Job) {
	conf, err := p.Draft()
	if err != nil {
		p.unreadable(w, r, err)
		return
	}
	p.Site.Show(w, r, set, http.StatusOK, "rules", "page.setup.title-rules", p.newRules(r, j, conf))
}

// takeRules keeps the rules, all of them or none.
func (p *Pages) takeRules(w http.ResponseWriter, r *page.Request, j config.Job) {
	conf, err := p.Draft()
	if err != nil {
		p.unreadable(w, r, err)
		return
	}
	d := p.newRules(r, j, conf)
	changes, ok := d.take(r, j.Name)
	if ofBob50(j) {
		ok = d.agreesOfBob50(r, changes) && ok
	}
	if ok {
		d.Notice = p.refused(r, p.keep(changes...), d.fields(j.Name))
		ok = d.Notice == "" && !d.wrong()
	}
	if !ok {
		d.Changed = true
		p.Site.Show(w, r, set, http.StatusUnprocessableEntity, "rules", "page.setup.title-rules", d)
		return
	}
	p.Site.Say(r, r.P.Text("page.setup.kept", nil))
	if d.First {
		on(w, r, j.Name, planOf(j).after(stepRules))
		return
	}
	http.Redirect(w, r.Request, "/setup", http.StatusSeeOther)
}

func (d *rulesData) fields(job string) map[string]*page.Field {
	all := map[string]*page.Field{"job." + job + ".direction": &d.Direction, "job." + job + ".interval": &d.Interval, "job." + job + ".backup": &d.Backup,
		"job." + job + ".allowed": &d.Allowed, "box.zone": &d.Zone, "box.language": &d.Language}
	for i := range d.Own {
		all[d.Own[i].key] = &d.Own[i].Field
	}
	return all
}

func (d *rulesData) wrong() bool {
	for _, f := range d.fields("") {
		if f.Error != "" {
			return true
		}
	}
	return false
}

// take reads the form.
func (d *rulesData) take(r *page.Request, job string) (changes []config.Change, ok bool) {
	ok = true
	text := func(f *page.Field) string {
		value, fine := r.Take(f)
		if fine && f.Kind == "select" && !slices.ContainsFunc(f.Options, func(o page.Option) bool { return o.Value == value }) {
			f.Error, fine = r.P.Text("setting.wrong-value", nil), false
		}
		ok = ok && fine
		return value
	}
	changes = changesOf(job, "direction", text(&d.Direction), "interval", text(&d.Interval), "backup", windows(text(&d.Backup)), "allowed", windows(text(&d.Allowed)))
	for i := range d.Own {
		own := &d.Own[i]
		value, err := config.Parse(own.key, text(&own.Field))
		if err != nil && own.Error == "" {
			own.Error = r.P.Text("setting.wrong-value", nil)
		}
		ok = ok && own.Error == ""
		changes = append(changes, config.Change{Key: own.key, Value: value})
	}
	kinds := []string{}
	for i := range d.Documents {
		if text(&d.Documents[i]) != "" {
			kinds = append(kinds, documents[i])
		}
	}
	if d.Documents != nil {
		changes = append(changes, changesOf(job, "acomba.documents", kinds)...)
	}
	return append(changes, config.Change{Key: "updates.automatic", Value: text(&d.Automatic) != ""}, config.Change{Key: "box.zone", Value: text(&d.Zone)},
		config.Change{Key: "box.language", Value: text(&d.Language)}), ok
}

// windows reads hours as people type them: "22:00-05:30, 12h-13h".
func windows(text string) []string {
	all := strings.FieldsFunc(strings.ReplaceAll(text, " - ", "-"), func(r rune) bool { return strings.ContainsRune(",; ", r) })
	return append([]string{}, all...)
}
