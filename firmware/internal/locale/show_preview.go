package locale

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"syncbox/connectors/record"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// Preview prints how the preview of the next run stands, and what it counts; nil = nobody has asked for one.
func (p *Printer) Preview(w io.Writer, s *engine.Preview) {
	if s == nil {
		fmt.Fprintln(w, p.Text("page.preview.none", nil))
		return
	}
	if !s.Made.IsZero() {
		fmt.Fprintln(w, p.Text("page.preview.made", map[string]string{"time": p.Time(s.Made)}))
		fmt.Fprintln(w, p.Text("preview.digest", map[string]string{"digest": s.Digest}))
	}
	if s.Void {
		fmt.Fprintln(w, p.Text("page.preview.void", nil))
	}
	if s.Code != "" {
		p.Notice(w, s.Code, s.Args)
	}
	counts := map[record.Entity]store.RepairCounts{}
	marked := map[record.Entity]int{}
	for e, n := range s.Counts {
		marked[e] = n.Marked
		counts[e] = store.RepairCounts{Create: n.Create, Update: n.Update, Deactivate: n.Deactivate, Conflicts: n.Conflicts, Ask: n.Ask, Held: n.Wait}
	}
	for _, e := range entities(counts) {
		text := p.counts(counts[e])
		if n := marked[e]; n > 0 {
			text = strings.TrimPrefix(text+", "+p.Text("preview.marked", map[string]string{"count": fmt.Sprint(n)}), ", ")
		}
		for i, key := range []string{"preview.delete-crm", "preview.delete-erp"} {
			if n := s.Counts[e].Delete[i]; n > 0 {
				text = strings.TrimPrefix(text+", "+p.Text(key, map[string]string{"count": fmt.Sprint(n)}), ", ")
			}
		}
		fmt.Fprintf(w, "  %s\n", p.Text("resync.of", map[string]string{"name": p.Text("phase."+string(e), nil), "counts": text}))
	}
	if !s.Made.IsZero() && len(s.Counts) == 0 {
		fmt.Fprintln(w, p.Text("page.preview.nothing", nil))
	}
}

// Change prints one change of a preview: the record's name for commands, what would be done of it or why it is left out, and
// field by field what stands there now and then.
func (p *Printer) Change(w io.Writer, c engine.Change) {
	way := ""
	if c.To != "" {
		way = p.Text("direction."+string(c.To), nil)
	}
	fmt.Fprintf(w, "%-24s %-14s %-22s %s%s\n", c.Name(), way, p.Text("page.preview.kind-"+string(c.Kind), nil), KnownBy(c.Known), p.mark(c.Mark))
	if c.Code != "" {
		p.below(w, p.Text("code."+c.Code, c.Args), p.Cause(c.Code, c.Args))
	}
	for _, f := range c.Fields {
		text := p.Text("preview.field", map[string]string{"field": p.Field(f.CRM), "old": Shown(f.Old), "new": Shown(f.New)})
		if f.Conflict {
			text += " (" + p.Text("page.preview.conflict", nil) + ")"
		}
		p.below(w, text)
	}
}

// Link prints one record that a job knows: its name for commands, how it stands, and by what people recognise it.
func (p *Printer) Link(w io.Writer, r engine.LinkRow) {
	state := ""
	if r.State != "" {
		state = p.Text("link."+r.State, nil)
	}
	crm := string(r.CRM)
	if crm == "" {
		crm = "–"
	}
	fmt.Fprintf(w, "%-24s CRM %-10s %-22s %s%s\n", r.Name(), crm, state, KnownBy(r.Known), p.mark(r.Mark))
	for _, x := range r.Waits {
		p.below(w, p.Text("code."+x.Code, x.Args))
	}
}

func (p *Printer) below(w io.Writer, texts ...string) {
	for _, text := range texts {
		if text != "" {
			fmt.Fprintf(w, "    %s\n", text)
		}
	}
}

// mark gives a person's word on a record in brackets; empty for none.
func (p *Printer) mark(m store.Mark) string {
	if m == "" {
		return ""
	}
	return " [" + p.Text("page.preview.mark-"+string(m), nil) + "]"
}

// KnownBy lists what people recognise a record by.
func KnownBy(all record.Fields) string {
	var texts []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		texts = append(texts, Shown(all[name]))
	}
	return strings.Join(texts, ", ")
}
