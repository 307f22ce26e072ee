package calibrate

import (
	"cmp"
	"net/http"
	"strconv"
	"time"

	"syncbox/connectors/acomba/calibrate"
	"syncbox/connectors/acomba/layout"
	"syncbox/firmware/internal/web/page"
)

// data is what the page of a calibration shows.
type data struct {
	Job  string
	Jobs []string // there are several
	// Run is the last long step; Failed says why it did not go well.
	Run    run
	Failed string
	Begun  bool
	Site   calibrate.Site
	Began  time.Time
	Snaps  []calibrate.Snapshot
	Files  []seen
	Tables []table
	Asks   []ask
	Moves  []moved
	Draft  *draft
	Kept   []calibrate.Approved
	// Of the form of a comparison.
	Kinds  []page.Option
	Chosen []page.Option
}

// seen is one file with the size that its cards likely have.
type seen struct {
	Path string
	Size int64
	Card int // 0 = no cards
	Why  string
}

// table is a table with its examples and what was found of it.
type table struct {
	Name     string
	Key      string
	Examples int
	File     string
	CardSize int
	Sure     string
	Fields   []field
	Others   []calibrate.Place
}

type field struct{ Name, Form, Sure string }

// ask is an open question.
type ask struct {
	About    string
	Text     string
	Card     int32
	Blocking bool
}

// moved is what one edit changed.
type moved struct {
	Before, After int
	Lines         []string
}

type draft struct {
	Text    string
	By      string
	At      time.Time
	Probes  []layout.ProbeResult
	Pass    bool
	Blocked bool
}

func (p *Pages) show(w http.ResponseWriter, r *page.Request) {
	job, ok := p.job(w, r)
	if !ok {
		return
	}
	s, _, err := p.session(job)
	if err != nil {
		p.refused(w, r, err)
		return
	}
	book, err := p.book(job)
	if err != nil {
		p.refused(w, r, err)
		return
	}
	v := s.View()
	d := data{Job: job, Run: p.last(job), Begun: v.Site.By != "", Site: v.Site, Began: v.Began, Snaps: v.Snapshots, Kept: book.All(), Kinds: kinds(r)}
	if all, err := p.Jobs(); err == nil && len(all) > 1 {
		d.Jobs = all
	}
	if d.Run.Err != nil {
		d.Failed = reason(r, d.Run.Err)
	}
	if d.Run.Inventory != nil {
		d.Files = filesOf(r, d.Run.Inventory)
	}
	d.Tables = tablesOf(r, v)
	for _, t := range calibrate.Tables() {
		d.Chosen = append(d.Chosen, page.Option{Value: string(t), Label: tableName(r, t)})
	}
	if v.Findings != nil {
		d.Asks = asksOf(r, v.Findings.Asks)
	}
	for _, c := range v.Changes {
		d.Moves = append(d.Moves, movedOf(r, c))
	}
	if v.Draft != nil {
		d.Draft = &draft{v.Draft.Text, v.Draft.By, v.Draft.At, v.Draft.Report.Probes, v.Draft.Report.Pass, v.Draft.Report.Blocked()}
		d.Asks = asksOf(r, v.Draft.Report.Asks)
	}
	p.Site.Show(w, r, set, http.StatusOK, "calibrate", "page.calibrate.title", d)
}

// Percent gives how far a step is.
func (r run) Percent() int64 { return 100 * r.Done / max(r.Total, 1) }

func kinds(r *page.Request) (all []page.Option) {
	for _, k := range []calibrate.EditKind{calibrate.EditField, calibrate.EditAdd, calibrate.EditDelete, calibrate.EditInactive, calibrate.EditNothing} {
		all = append(all, page.Option{Value: string(k), Label: r.P.Text("page.calibrate.edit-"+string(k), nil)})
	}
	return all
}

func filesOf(r *page.Request, inv *calibrate.Inventory) (all []seen) {
	for _, f := range inv.Files {
		s := seen{Path: f.Path, Size: f.Size}
		switch {
		case f.Text:
			s.Why = r.P.Text("page.calibrate.is-text", nil)
		case len(f.Candidates) > 0:
			best := f.Candidates[0]
			s.Card, s.Why = best.CardSize, sure(r, best.Confidence)+whys(r, best.Why)
		}
		all = append(all, s)
	}
	return all
}

func sure(r *page.Request, c calibrate.Confidence) string {
	if c == "" {
		return ""
	}
	return r.P.Text("page.calibrate.sure-"+string(c), nil)
}

// whys lists reasons in words.
func whys(r *page.Request, all []calibrate.Note) (text string) {
	for _, n := range all {
		text += " · " + r.P.Text("page.calibrate.why-"+n.Code, n.Args)
	}
	return text
}

func tablesOf(r *page.Request, v calibrate.View) (all []table) {
	for _, t := range calibrate.Tables() {
		if !asked(t) {
			continue
		}
		row := table{Name: tableName(r, t), Key: string(t), Examples: len(v.Examples[t])}
		if v.Findings != nil {
			if f := v.Findings.Table(t); f != nil {
				row.File, row.CardSize, row.Sure, row.Others = f.File, f.CardSize, sure(r, f.Confidence), f.Others
				for _, x := range f.Fields {
					row.Fields = append(row.Fields, field{x.Name, x.Form.String(), sure(r, x.Confidence)})
				}
			}
		}
		all = append(all, row)
	}
	return all
}

func asksOf(r *page.Request, asks []calibrate.Ask) (all []ask) {
	for _, a := range asks {
		about := a.Field
		if a.Table != "" {
			about = tableName(r, a.Table)
			if a.Field != "" {
				about += ", " + r.P.Field(a.Field)
			}
		}
		all = append(all, ask{about, r.P.Text("page.calibrate.ask-"+a.Note.Code, a.Note.Args), a.Card, a.Blocking})
	}
	return all
}

func movedOf(r *page.Request, c calibrate.Comparison) moved {
	m := moved{Before: c.Before, After: c.After}
	for _, x := range c.Moves {
		where := cmp.Or(string(x.Table), x.File)
		m.Lines = append(m.Lines, r.P.Text("page.calibrate.move", map[string]string{"where": where, "from": strconv.FormatInt(x.Offset, 10),
			"length": strconv.FormatInt(x.Len, 10), "at": strconv.Itoa(x.At), "meaning": r.P.Text("page.calibrate.means-"+string(x.Meaning), nil)}))
	}
	for _, name := range c.Appeared {
		m.Lines = append(m.Lines, r.P.Text("page.calibrate.appeared", map[string]string{"file": name}))
	}
	for _, name := range c.Vanished {
		m.Lines = append(m.Lines, r.P.Text("page.calibrate.vanished", map[string]string{"file": name}))
	}
	return m
}
