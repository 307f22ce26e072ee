package sage50fr

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"syncbox/connectors/record"
)

func sortedNames[T any](m map[string]T) []string { return slices.Sorted(maps.Keys(m)) }

// encode makes the content of an import file. Rows are in the order of their references and keys.
func (d *Dossier) encode(kind string, rows []*handedRow) ([]byte, error) {
	slices.SortStableFunc(rows, func(a, b *handedRow) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Key, b.Key), cmp.Compare(a.Reference, b.Reference))
	})
	columns := d.importColumns(kind)
	var text strings.Builder
	headings := make([]string, len(columns))
	for i, c := range columns {
		headings[i] = c.Heading
	}
	d.line(&text, headings)
	for _, r := range rows {
		fields, err := d.whole(r)
		if err != nil {
			return nil, err
		}
		d.fill(&text, r.Entity, columns, fields, false)
		if kind != Quotes {
			continue
		}
		for _, row := range r.Wanted["lines"].Rows {
			d.fill(&text, r.Entity, columns, row, true)
		}
	}
	content, err := d.cfg.importEncoder().Bytes([]byte(text.String()))
	return content, noRoom(err)
}

// importColumns are those of an import file, without those that the exports do not have: what
// is there is unknown and would be emptied. Headings are those of the export: it is the same site that makes both formats.
func (d *Dossier) importColumns(kind string) []ImportColumn {
	e := importEntity[kind]
	columns := slices.DeleteFunc(slices.Clone(d.cfg.Format.Imports[kind].Columns), func(c ImportColumn) bool {
		_, known := fieldKinds[e][c.Field]
		return kind != Quotes && known && !d.provides(e, c.Field)
	})
	t := d.tables[kindOfEntity[e]]
	for i, c := range columns {
		field := c.Field
		if c.Line {
			field = "line_" + field
		}
		if t != nil && t.state.Headings[field] != "" {
			columns[i].Heading, _ = d.hold(t.state.Headings[field])
		}
	}
	return columns
}

// whole gives all that a file says of a record: what is wanted, else what it is.
func (d *Dossier) whole(r *handedRow) (record.Fields, error) {
	fields := record.Fields{}
	if r.Key != "" {
		now, err := d.current(r.Entity, r.Key)
		if err != nil {
			return nil, err
		}
		if now != nil {
			maps.Copy(fields, now.Fields)
		}
		fields["code"] = record.TextOf(string(r.Key))
	}
	maps.Copy(fields, r.Wanted)
	if r.Reference != "" {
		fields[FieldReference] = record.TextOf(r.Reference)
	}
	if r.Entity == record.Account && fields["status"].Empty() {
		fields["status"] = record.TextOf(StatusProspect)
	}
	if r.Entity == record.Quote {
		if fields["date"].Empty() {
			fields["date"] = record.DateOf(d.cfg.Now())
		}
		fields["type"] = record.TextOf(d.cfg.Format.Pieces.Quote[0])
	}
	return fields, nil
}

// fill writes one line of a file: of a record, or of the lines of a document.
func (d *Dossier) fill(to *strings.Builder, e record.Entity, columns []ImportColumn, fields record.Fields, line bool) {
	cells := make([]string, len(columns))
	for i, c := range columns {
		switch {
		case c.Field == "record" && line:
			cells[i] = d.cfg.Format.Pieces.Line
		case c.Field == "record":
			cells[i] = d.cfg.Format.Pieces.Head
		case c.Line == line:
			cells[i] = d.cell(e, c.Field, fields[c.Field])
			if v := fields[c.Field]; v.Kind == record.Text && strings.Count(cells[i], "?") > strings.Count(v.Text, "?") {
				d.log.Warn("a character that the import's encoding lacks is replaced", "field", c.Field)
			}
		}
	}
	d.line(to, cells)
}

func (d *Dossier) line(to *strings.Builder, cells []string) {
	to.WriteString(strings.Join(cells, d.cfg.Format.Delimiter) + "\r\n")
}

// cell writes a value as Sage does.
func (d *Dossier) cell(e record.Entity, field string, v record.Value) string {
	switch v.Kind {
	case record.Number:
		return strings.Replace(v.Text, ".", ",", 1)
	case record.Date:
		return dateText(v.Text, d.cfg.Format.Date)
	case record.Bool:
		if v.Text == "true" {
			return d.cfg.Format.Yes[0]
		}
		return d.cfg.Format.No[0]
	case record.Text, record.Ref:
		if e == record.Account && field == "status" {
			return d.statusText(v.Text)
		}
		if e == record.Quote && field == "representative" {
			v.Text = d.cfg.nameOf(v.Text)
		}
		text, _ := d.hold(v.Text)
		return strings.ReplaceAll(text, d.cfg.Format.Delimiter, " ")
	}
	return ""
}

func (d *Dossier) statusText(status string) string {
	if status == StatusProspect && len(d.cfg.ProspectTypes) > 0 {
		return d.cfg.ProspectTypes[0]
	}
	return d.cfg.Format.ClientType
}
