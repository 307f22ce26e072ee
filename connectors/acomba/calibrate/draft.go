package calibrate

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
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

// text writes the layout file.
func (d *drafting) text() string {
	var b strings.Builder
	site := d.view.Site
	fmt.Fprintf(&b, "# Calibrated for Acomba %s by %s, %s.\n# It is read only. A person other than the one above approves it.\n", comment(site.AcombaVersion), comment(site.By), d.at.Format(time.RFC3339))
	fmt.Fprintf(&b, "layout = %s\nacomba_versions = [%s]\n", quote(fmt.Sprintf("%s/%d", site.ID, d.version)), quote(site.AcombaVersion))
	if d.file != "" {
		fmt.Fprintf(&b, "version = {file = %s, line = %d}\n", quote(d.file), d.line)
	} else {
		fmt.Fprintf(&b, "version = {ask = \"technician\"}\n")
	}
	fmt.Fprintf(&b, "encoding = %q\nwritable = false\n\n[locks]\nexclusive_markers = [", d.page())
	for i, m := range d.view.Markers {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(quote(m))
	}
	b.WriteString("]\non_sharing_violation = \"busy\"\non_lock_conflict = \"skip_card\"\n")
	for i := range d.chosen {
		d.write(&b, &d.chosen[i])
	}
	return b.String()
}

// page gives the code page, "auto" unless all tables that have accented letters agree.
func (d *drafting) page() layout.Encoding {
	page := layout.Auto
	for _, f := range d.chosen {
		switch {
		case f.Page == layout.Auto || f.Page == "" || f.Page == page:
		case page == layout.Auto:
			page = f.Page
		default:
			return layout.Auto
		}
	}
	return page
}

func (d *drafting) write(b *strings.Builder, f *Found) {
	fmt.Fprintf(b, "\n[files.%s]\npath = %s\nrequired = true\nheader_size = %d\nfirst_card = %d\ndata_from = %d\ncard_size = %d\n", f.Table, quote(f.File),
		f.HeaderSize, f.FirstCard, f.DataFrom, f.CardSize)
	fmt.Fprintf(b, "in_use = {field = %q, equals = [%s]}\n", statusField, codes(f.InUse))
	if len(f.Deleted) > 0 {
		fmt.Fprintf(b, "deleted = [%s]\n", codes(f.Deleted))
	}
	b.WriteString("fields = [\n")
	for _, x := range f.Fields {
		fmt.Fprintf(b, "  {name = %q, %s},\n", x.Name, x.Form.toml(x.Name, x.Key))
	}
	b.WriteString("]\nprobes = [\n")
	for _, p := range d.probes(f) {
		fmt.Fprintf(b, "  {%s},\n", p)
	}
	b.WriteString("]\n")
}

func codes(all []int64) string {
	return strings.Trim(strings.Join(strings.Fields(fmt.Sprint(all)), ", "), "[]")
}

// toml writes the keys of a field in the order of the layout grammar.
func (f Form) toml(name string, key bool) string {
	s := fmt.Sprintf("at = %d, type = %q", f.At, f.Type)
	add := func(yes bool, format string, args ...any) {
		if yes {
			s += fmt.Sprintf(", "+format, args...)
		}
	}
	catalogued := slices.IndexFunc(allFields, func(x Field) bool { return x.Name == name && x.Kind == Number && x.Places >= 0 })
	add(f.Count > 1, "count = %d", f.Count)
	add(f.Stride > 0, "stride = %d", f.Stride)
	add(f.Pad != "", "pad = %q", f.Pad)
	add(f.LenPrefix > 0, "lenprefix = %d", f.LenPrefix)
	add(f.Scale != 0 || catalogued >= 0, "scale = %d", f.Scale)
	add(f.Big, "endian = %q", "big")
	add(f.Enc != "", "enc = %q", f.Enc)
	add(f.As != "", "as = %q", f.As)
	add(f.Ref != "", "ref = %q", f.Ref)
	if len(f.Map) > 0 {
		var all []string
		for _, raw := range slices.Sorted(keysOf(f.Map)) {
			all = append(all, fmt.Sprintf("%d = %q", raw, f.Map[raw]))
		}
		s += ", map = {" + strings.Join(all, ", ") + "}"
	}
	add(key, "key = true")
	return s
}

// probes are what the draft asserts of the folder from now on.
func (d *drafting) probes(f *Found) []string {
	all := []string{`kind = "size_modulo"`}
	add := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	for _, x := range f.Fields {
		_, text := textLength(x.Form)
		switch {
		case text && (x.Key || x.Name == "name" || x.Name == "description" && f.Table != Lines) && x.Form.Count <= 1:
			add(`kind = "printable", field = %q`, x.Name)
		case x.Form.Ref != "":
			add(`kind = "ref_valid", field = %q`, x.Name)
		case len(x.Form.Map) > 0:
			add(`kind = "enum_known", field = %q, min_ratio = 0.9`, x.Name)
		}
		if x.Key && (f.Table == Customers || f.Table == Products || f.Table == Documents) {
			add(`kind = "unique", field = %q`, x.Name)
		}
		if known := d.view.sample(f.Table); x.Key && known != "" && x.Form.Scale == 0 {
			add(`kind = "known", field = %q, value = %s`, x.Name, quote(known))
		}
	}
	return all
}

// sample gives the key of the table's first example that is in use, empty if there is none.
func (v *View) sample(t Table) string {
	for _, e := range v.Examples[t] {
		for _, f := range catalogue[t] {
			if f.Key && !e.Deleted {
				return strings.TrimSpace(e.Values[f.Name])
			}
		}
	}
	return ""
}

// quote writes a TOML string.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteString(`\` + string(r))
		case r < ' ' || r == 0x7F:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String() + `"`
}

// comment keeps a text on its line of a comment.
func comment(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7F {
			return ' '
		}
		return r
	}, s)
}
