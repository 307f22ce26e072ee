package setup

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"syncbox/connectors/sage50fr"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/web/page"
)

// reading is a look at the exports of a dossier of Sage 50.
const reading kind = "exports"

// readWithin bounds it: the exports are copied.
const readWithin = 5 * time.Minute

// exportsData is what the page of the exports shows.
type exportsData struct {
	steps
	Out, In   string // as people of Windows write them
	Checked   bool
	Fine      bool // the clients can be read, so that there is something to synchronise
	NoImports bool // the folder of the import files is not there
	Exports   []exportShown
	Notice    *notice
	Form      *exportsForm
	Onward    string
}

// exportShown is one kind of export.
type exportShown struct {
	Name           string
	OK, Needed     bool
	Facts          []fact
	Notice         *notice
	Held           []string
	Do             string // what a person must do in Sage
	Columns, Lacks string // headings, one behind the other
}

// readExports has the exports be copied and read.
func (p *Pages) readExports(w http.ResponseWriter, r *page.Request, j config.Job) {
	if !isSet(j) {
		on(w, r, j.Name, "way")
		return
	}
	l := &look{kind: reading, job: j.Name}
	began := p.begin(l, func(ctx context.Context, change func(func())) error {
		ctx, cancel := context.WithTimeout(ctx, readWithin)
		defer cancel()
		found, err := p.TrySage50(ctx, j)
		change(func() { l.exports, p.checked[j.Name] = found, err == nil && readable(found) })
		return err
	})
	if !began {
		p.busy(w, r)
		return
	}
	on(w, r, j.Name, "exports")
}

// readable tells whether the clients of a dossier can be read: all else belongs to them.
func readable(t sage50fr.Trial) bool {
	return slices.ContainsFunc(t.Exports, func(e sage50fr.Tried) bool { return e.Kind == sage50fr.Clients && e.Rows > 0 })
}

// showExports says what was found.
func (p *Pages) showExports(w http.ResponseWriter, r *page.Request, j config.Job) {
	l := p.last(r.Context())
	if l.running() {
		p.showWork(w, r, j, stepExports, l)
		return
	}
	p.exports(w, r, j, http.StatusOK, l, p.newExportsForm(r, j, l))
}

func (p *Pages) exports(w http.ResponseWriter, r *page.Request, j config.Job, status int, l *look, form *exportsForm) {
	d := exportsData{steps: p.stepsAt(r, j, stepExports), Out: windowsPath(j, "out"), In: windowsPath(j, "in"), Form: form, Onward: planOf(j).after(stepExports)}
	if l.of(j.Name, reading) {
		d.Checked, d.Notice = true, noticeOfError(r, l.err)
		d.Fine, d.NoImports = l.err == nil && readable(l.exports), l.err == nil && !l.exports.Imports
		for _, e := range l.exports.Exports {
			d.Exports = append(d.Exports, exportOf(r, j, e))
		}
	}
	p.Site.Show(w, r, set, status, "exports", "page.setup.title-exports", d)
}

// exportOf words what is known of one kind.
func exportOf(r *page.Request, j config.Job, e sage50fr.Tried) exportShown {
	t := r.P.Text
	s := exportShown{Name: t("page.setup.sage50-kind-"+e.Kind, nil), OK: e.File != "" && e.Err == nil, Needed: e.Kind == sage50fr.Clients, Columns: strings.Join(e.Columns, ", ")}
	if e.File == "" {
		s.Do = toExport(r, j, e.Kind, nil)
		return s
	}
	add := func(key, text string) { s.Facts = append(s.Facts, fact{t(key, nil), text}) }
	add("page.setup.sage50-file", e.File+" – "+r.P.Time(e.Time))
	if e.Rows > 0 {
		add("page.setup.sage50-rows", r.P.Count("page.setup.sage50-number", e.Rows))
	}
	if e.Kind == sage50fr.Clients && e.Rows > 0 {
		add("page.setup.sage50-prospects", r.P.Count("page.setup.sage50-number", e.Prospects))
	}
	s.Notice = noticeOfError(r, e.Err)
	var needed []string
	for _, l := range e.Lacks {
		if l.Required {
			needed = append(needed, l.Heading)
		}
	}
	switch {
	case e.Joined:
		s.Do = t("page.setup.sage50-joined", nil)
	case len(needed) > 0:
		s.Do = toExport(r, j, e.Kind, needed)
	}
	if e.Err == nil {
		var rest []string
		for _, l := range e.Lacks {
			rest = append(rest, l.Heading)
		}
		s.Lacks = strings.Join(rest, ", ")
	}
	for _, code := range slices.Sorted(maps.Keys(e.Held)) {
		s.Held = append(s.Held, r.P.Count("page.setup.sage50-number", e.Held[code])+" – "+t("code."+code, map[string]string{"file": e.File, "line": "…", "column": "…"}))
	}
	return s
}

// toExport says how a person makes an export of a kind in Sage: with the columns that were missed, else with all that are needed.
func toExport(r *page.Request, j config.Job, kind string, missed []string) string {
	if missed == nil {
		missed = sage50fr.DefaultFormat().Exports[kind].Needed()
	}
	return r.P.Text("page.setup.sage50-to-export", map[string]string{"columns": strings.Join(missed, ", "), "file": windowsPath(j, "out", kind+".txt")})
}

// exportsForm are the formats of a site's exports, as far as they are the site's own.
type exportsForm struct {
	sideData
	Headings []headingsOf
}

// headingsOf are the columns of one kind that a person may find under another heading.
type headingsOf struct {
	Name   string
	Fields []headingField // of columns that must be there
	More   []headingField // folded
}

// headingField is the choice of a heading for a field.
type headingField struct {
	page.Field
	kind, field string
}

// What can be said of the files of all kinds.
var exportSettings = []setting{{name: "encoding", kind: "select", options: []string{sage50fr.Auto, sage50fr.UTF8, sage50fr.CP1252, sage50fr.CP850}},
	{name: "import_encoding", kind: "select", options: []string{sage50fr.CP1252, sage50fr.UTF8, sage50fr.CP850}},
	{name: "prospect_types", optional: true, usual: "Prospect"}}

func (p *Pages) newExportsForm(r *page.Request, j config.Job, l *look) *exportsForm {
	f := &exportsForm{sideData: sideData{Action: path(j.Name, "headings")}}
	is := p.values()
	for _, s := range exportSettings {
		f.Fields = append(f.Fields, fieldOf(r, "sage50", "job."+j.Name+".sage50."+s.name, s, is))
	}
	if !l.of(j.Name, reading) {
		return f
	}
	for _, e := range l.exports.Exports {
		if h := headings(r, j, e); len(h.Fields)+len(h.More) > 0 {
			f.Headings = append(f.Headings, h)
		}
	}
	return f
}

// headings asks for the columns of a kind that are missing, where there are headings that mean nothing yet, and for those that
// somebody has chosen before.
func headings(r *page.Request, j config.Job, e sage50fr.Tried) headingsOf {
	h := headingsOf{Name: r.P.Text("page.setup.sage50-kind-"+e.Kind, nil)}
	own := j.Sage50.Site.Columns[e.Kind]
	lacks := slices.Clone(e.Lacks)
	for _, field := range slices.Sorted(maps.Keys(own)) {
		if !slices.ContainsFunc(lacks, func(l sage50fr.Lack) bool { return l.Field == field }) {
			lacks = append(lacks, sage50fr.Lack{Field: field})
		}
	}
	for _, l := range lacks {
		chosen := strings.Join(own[l.Field], "")
		if e.Joined || len(e.Unknown) == 0 && chosen == "" {
			continue
		}
		f := choice("h-"+e.Kind+"-"+l.Field, sage50fr.DefaultFormat().Exports[e.Kind].Title(l.Field), chosen, page.Option{Label: "–"})
		for _, heading := range append(slices.Clone(e.Unknown), own[l.Field]...) {
			if !slices.ContainsFunc(f.Options, func(o page.Option) bool { return o.Value == heading }) {
				f.Options = append(f.Options, page.Option{Value: heading, Label: shortened(heading)})
			}
		}
		if f.Optional = true; l.Required {
			h.Fields = append(h.Fields, headingField{f, e.Kind, l.Field})
		} else {
			h.More = append(h.More, headingField{f, e.Kind, l.Field})
		}
	}
	return h
}

// takeHeadings reads the headings that were chosen, and gives them beside those that were not asked for.
func (f *exportsForm) takeHeadings(r *page.Request, j config.Job) (all []string, ok bool) {
	ok = true
	chosen := map[string]map[string][]string{}
	for kind, fields := range j.Sage50.Site.Columns {
		chosen[kind] = maps.Clone(fields)
	}
	for i := range f.Headings {
		for _, list := range [][]headingField{f.Headings[i].Fields, f.Headings[i].More} {
			for n := range list {
				h := &list[n]
				heading, fine := r.Take(&h.Field)
				if fine && !offers(&h.Field, heading) {
					h.Error, fine = r.P.Text("setting.wrong-value", nil), false
				}
				ok = ok && fine
				if chosen[h.kind] == nil {
					chosen[h.kind] = map[string][]string{}
				}
				if delete(chosen[h.kind], h.field); heading != "" {
					chosen[h.kind][h.field] = []string{heading}
				}
			}
		}
	}
	return listed(chosen), ok
}

// listed writes headings as the settings have them.
func listed(chosen map[string]map[string][]string) []string {
	all := []string{}
	for _, kind := range slices.Sorted(maps.Keys(chosen)) {
		for _, field := range slices.Sorted(maps.Keys(chosen[kind])) {
			for _, heading := range chosen[kind][field] {
				all = append(all, kind+"."+field+"="+heading)
			}
		}
	}
	return all
}

// takeFormats keeps how the site's exports are made, and reads them again.
func (p *Pages) takeFormats(w http.ResponseWriter, r *page.Request, j config.Job) {
	l := p.last(r.Context())
	if l.running() {
		on(w, r, j.Name, "exports")
		return
	}
	f := p.newExportsForm(r, j, l)
	changes, ok := f.take(r)
	all, fine := f.takeHeadings(r, j)
	if ok = ok && fine; ok {
		if f.Headings != nil {
			changes = append(changes, changesOf(j.Name, "sage50.columns", all)...)
		}
		f.Notice = p.refused(r, p.keep(changes...), f.fields())
		ok = f.Notice == "" && !slices.ContainsFunc(f.Fields, func(o ownField) bool { return o.Error != "" })
	}
	if f.Open = !ok; !ok {
		p.exports(w, r, j, http.StatusUnprocessableEntity, l, f)
		return
	}
	p.withDraft(w, r, j.Name, p.readExports)
}
