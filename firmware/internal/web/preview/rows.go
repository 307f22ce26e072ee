package preview

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"time"

	"syncbox/firmware/internal/locale"
	"syncbox/firmware/internal/web/page"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// stands is how the preview of a job stands.
type stands struct {
	Making string // what is going on while it is made; empty at rest
	Made   bool
	At     time.Time
	Digest string
	Void   bool
	Waits  bool // the run waits for a person's tick
	Agreed bool
	Why    string // why there is none, or why the run waits
	Do     string
	Counts []count
	Last   []string // of the last run, in sentences
	Custom bool     // there are fields that the site has added
	// Births is how many records would come to be in the CRM.
	Births int
	// Travels: deletions on one side reach the other.
	Travels bool
	// ByCode: what lacks the ERP's code in the CRM would be made there once more, and no deletion reaches the ERP.
	ByCode bool
}

// count is what would become of the records of one entity.
type count struct {
	Name                   string
	ToCRM, ToERP           int // created
	UpdateCRM, UpdateERP   int
	Inactive, Ask, LeftOut int
	DeleteCRM, DeleteERP   int
}

// Deletes says whether anything would be deleted.
func (s stands) Deletes() bool {
	return slices.ContainsFunc(s.Counts, func(c count) bool { return c.DeleteCRM+c.DeleteERP > 0 })
}

func standsOf(r *page.Request, is engine.Status) stands {
	s := stands{Travels: is.Deletes}
	if is.Phase == "preview" {
		s.Making = r.P.Phase(is)
	}
	s.Last, s.Custom = lastOf(r.P, is.LastRun), len(is.Custom) > 0
	p := is.Preview
	if p == nil {
		return s
	}
	s.Made, s.At, s.Digest, s.Void, s.Waits, s.Agreed = !p.Made.IsZero(), p.Made, p.Digest, p.Void, p.Waits, p.Agreed
	if p.Code != "" {
		s.Why, s.Do = r.P.Text("code."+p.Code, p.Args), r.P.Cause(p.Code, p.Args)
	}
	for _, e := range slices.Sorted(maps.Keys(p.Counts)) {
		n := p.Counts[e]
		s.Counts = append(s.Counts, count{r.P.Text("phase."+string(e), nil), n.Create[0], n.Create[1], n.Update[0], n.Update[1], n.Deactivate, n.Ask, n.Wait + n.Marked, n.Delete[0], n.Delete[1]})
		s.Births += n.Create[0]
	}
	return s
}

// lastOf tells of the last run; nothing where there was none.
func lastOf(p *locale.Printer, last *engine.LastRun) []string {
	if last == nil {
		return nil
	}
	who := "page.preview.last-alone"
	if last.Ticked {
		who = "page.preview.last-ticked"
	}
	all := []string{p.Text("page.preview.last", map[string]string{"time": p.Time(last.At), "took": p.Number(int(last.Took.Round(time.Second) / time.Second)),
		"mode": p.Text("page.preview.mode-"+string(last.Mode), nil)}), p.Text(who, nil),
		p.Text("page.preview.last-counts", map[string]string{"created": p.Number(last.Created[0]), "updated": p.Number(last.Updated[0]), "createderp": p.Number(last.Created[1]),
			"updatederp": p.Number(last.Updated[1]), "refused": p.Number(last.Refused[0] + last.Refused[1]), "left": p.Number(last.LeftOut), "conflicts": p.Number(last.Conflicts)})}
	if last.Ground != "" {
		all = append(all, p.Text("page.preview.last-ground", map[string]string{"name": last.Ground}))
	}
	return all
}

// row is one record that would change, or that is left out.
type row struct {
	Name   string // for orders
	Record string
	Known  string // how people recognise it
	Way    string
	Kind   string
	Why    string
	Do     string
	Mark   store.Mark
	Fields []field
}

// field is one value that would change.
type field struct {
	Name     string
	Old, New string
	Other    string
	Conflict bool
}

func rowOf(p *locale.Printer, ch engine.Change) row {
	v := row{Name: ch.Name(), Record: p.Where(ch.Entity, ch.ERP, ch.CRM), Known: locale.KnownBy(ch.Known), Kind: p.Text("page.preview.kind-"+string(ch.Kind), nil), Mark: ch.Mark}
	if ch.To != "" {
		v.Way = p.Text("direction."+string(ch.To), nil)
	}
	if ch.Code != "" {
		v.Why, v.Do = p.Text("code."+ch.Code, ch.Args), p.Cause(ch.Code, ch.Args)
	}
	for _, f := range ch.Fields {
		v.Fields = append(v.Fields, field{p.Field(cmp.Or(f.CRM, f.ERP)), locale.Shown(f.Old), locale.Shown(f.New), locale.Shown(f.Other), f.Conflict})
	}
	return v
}

// Total gives the number of all that would change, as a text.
func (s stands) Total() string {
	n := 0
	for _, c := range s.Counts {
		n += c.ToCRM + c.ToERP + c.UpdateCRM + c.UpdateERP + c.Inactive + c.Ask + c.DeleteCRM + c.DeleteERP
	}
	return strconv.Itoa(n)
}
