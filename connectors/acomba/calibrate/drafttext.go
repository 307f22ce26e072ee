package calibrate

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"syncbox/connectors/acomba/layout"
)

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
