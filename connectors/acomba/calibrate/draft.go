package calibrate

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"syncbox/connectors/acomba/layout"
)

// needed are the fields without which a table is of no use to the reader; a table that lacks one is left out. Documents
// and their lines go together.
var needed = map[Table][]string{
	Customers: {statusField, "number", "name"},
	SalesReps: {statusField, "number", "name"}, Groups: {statusField, "number", "description"},
	Terms: {statusField, "description"}, Territories: {statusField, "description"}, PriceLists: {statusField, "number", "description"},
	Products:  {statusField, "number"},
	Documents: {statusField, "number", "doc_type", "customer_cp", "date", "total", "first_line_cp"},
	Lines:     {statusField, "parent_cp", "next_cp", "type", "total"},
}

// Draft writes the layout file of what the latest Search found, parses it, and runs its probes on the snapshot. An open
// question that blocks an approval is in the report. Where not even the customers are complete there is no draft:
// ErrBlocked, and View().Findings.Asks say why.
func (s *Session) Draft(ctx context.Context, progress Progress) (Draft, error) {
	if !s.work.TryLock() {
		return Draft{}, ErrBusy
	}
	defer s.work.Unlock()
	view := s.View()
	shot, err := view.latest()
	switch {
	case err != nil:
		return Draft{}, err
	case view.Findings == nil:
		return Draft{}, fmt.Errorf("write draft: nothing was searched: %w", ErrNoDraft)
	case s.o.Book == nil:
		return Draft{}, fmt.Errorf("write draft: %w", ErrNoDraft)
	}
	files := s.files(shot)
	d := &drafting{view: view, version: s.o.Book.next(view.Site.ID), at: s.now(), asks: slices.Clone(view.Findings.Asks)}
	if err := d.findVersion(ctx, files); err != nil {
		return Draft{}, fmt.Errorf("write draft: %w", err)
	}
	d.tables()
	if d.table(Customers) == nil {
		return Draft{}, fmt.Errorf("write draft: the customers are not complete: %w", ErrBlocked)
	}
	text := d.text()
	l, err := layout.Parse(view.Site.ID, []byte(text))
	if err != nil {
		return Draft{}, fmt.Errorf("write draft: %w", err)
	}
	probes, err := probe(ctx, l, files, view.known(d.chosen), progress)
	if err != nil {
		return Draft{}, fmt.Errorf("try draft: %w", err)
	}
	draft := Draft{Text: text, By: view.Site.By, At: d.at, Report: Report{AcombaVersion: view.Site.AcombaVersion, Probes: probes, Pass: true, Asks: d.asks}}
	for _, r := range probes {
		draft.Report.Pass = draft.Report.Pass && r.Pass
	}
	return draft, s.update(func(v *View) error { v.Draft = &draft; return nil })
}

// drafting is a draft on its way.
type drafting struct {
	view    View
	version int
	at      time.Time
	asks    []Ask
	chosen  []Found
	file    string // in which Acomba's version stands, and in which line
	line    int
}

func (d *drafting) table(t Table) *Found {
	i := slices.IndexFunc(d.chosen, func(f Found) bool { return f.Table == t })
	if i < 0 {
		return nil
	}
	return &d.chosen[i]
}

// findVersion looks for the technician's version in the folder's small text files.
func (d *drafting) findVersion(ctx context.Context, files []*file) error {
	for _, f := range files {
		if f.Size > maxVersion {
			continue
		}
		b, _, err := f.at(ctx, 0, int(f.Size))
		if ends(ctx, err) {
			return err
		}
		if err == nil && isText(b) {
			if line := lineOf(b[:min(len(b), 4096)], d.view.Site.AcombaVersion); line > 0 { // as much as the reader looks at
				d.file, d.line = f.Path, line
				return nil
			}
		}
	}
	return nil
}

// tables takes the tables that are complete, each with fields that don't lie on each other and point to what is there.
func (d *drafting) tables() {
	for _, f := range d.view.Findings.Tables {
		f.Fields = apart(f.Fields)
		d.guesses(&f)
		if f.File != "" && d.complete(&f) {
			d.chosen = append(d.chosen, f)
		}
	}
	if d.table(Lines) == nil || d.table(Documents) == nil {
		d.chosen = slices.DeleteFunc(d.chosen, func(f Found) bool { return f.Table == Lines || f.Table == Documents })
	}
	for i := range d.chosen {
		d.chosen[i].Fields = slices.DeleteFunc(d.chosen[i].Fields, func(f FoundField) bool { return f.Form.Ref != "" && d.table(f.Form.Ref) == nil })
	}
}

// guesses leaves out fields that may as well lie elsewhere. One that customers or documents need stays, and blocks an
// approval.
func (d *drafting) guesses(f *Found) {
	f.Fields = slices.DeleteFunc(f.Fields, func(x FoundField) bool {
		if x.Confidence != Guess {
			return false
		}
		if !vital(f.Table) || !slices.Contains(needed[f.Table], x.Name) {
			return true
		}
		for i := range d.asks {
			if a := &d.asks[i]; a.Table == f.Table && a.Field == x.Name {
				a.Blocking = true
			}
		}
		return false
	})
}

// complete asks for what a table lacks.
func (d *drafting) complete(f *Found) bool {
	ok := true
	for _, name := range needed[f.Table] {
		if f.Field(name) == nil {
			ok = false
			d.asks = append(d.asks, Ask{Table: f.Table, Field: name, Note: note(AskElsewhere, "field", name)})
		}
	}
	return ok
}

// apart drops fields that lie on others that are surer.
func apart(fields []FoundField) []FoundField {
	byTrust := slices.Clone(fields)
	slices.SortStableFunc(byTrust, func(a, b FoundField) int {
		return cmp.Or(cmp.Compare(first(b.Key || b.Name == statusField), first(a.Key || a.Name == statusField)), cmp.Compare(rank(a.Confidence), rank(b.Confidence)))
	})
	taken := map[int]bool{}
	var kept []FoundField
	for _, f := range byTrust {
		bytes := f.Form.bytes()
		if slices.ContainsFunc(bytes, func(i int) bool { return taken[i] }) {
			continue
		}
		for _, i := range bytes {
			taken[i] = true
		}
		kept = append(kept, f)
	}
	slices.SortFunc(kept, func(a, b FoundField) int { return cmp.Compare(a.Form.At, b.Form.At) })
	return kept
}

func first(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// bytes lists the offsets that a field takes.
func (f Form) bytes() (all []int) {
	gap := max(f.Stride, width(f))
	for i := range max(f.Count, 1) {
		for j := range width(f) {
			all = append(all, f.At+i*gap+j)
		}
	}
	return all
}
