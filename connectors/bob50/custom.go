package bob50

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/zeebo/xxh3"

	"syncbox/connectors"
	"syncbox/connectors/bob50/adt"
	"syncbox/connectors/record"
)

// ownTable is a table that the site has added for fields of its own: at most one row of each third party, by the same key.
type ownTable struct {
	*table
	key    int
	synced []int             // columns
	rows   map[string]ownRow // by key; only where a column is synced
	last   *adt.Row          // the latest one that was read by its number
}

// ownRow is what a look keeps of one row.
type ownRow struct {
	number int
	digest uint64
	why    string // the code by which it can't be taken, empty if it can
}

// customColumn is where a custom field stands: in the table of the third parties, or in one of the site's own.
type customColumn struct {
	own    *ownTable // nil: in that of the third parties
	column int
}

// findCustom finds the columns of the custom fields that are synced, in the table of the third parties before those of the site's
// own, and reads the latter once. What can't be found or read takes no part in the sync, and the others go on. A table that can't be
// read matters only where a field is missed for it.
func (s *Site) findCustom(ctx context.Context, v *view, tables []string) error {
	missed := s.openOwn(v, tables)
	v.custom, v.absent = map[string]customColumn{}, map[string]error{}
	for _, name := range s.cfg.Custom {
		at, there := v.customColumn(name)
		if !there {
			if v.absent[name] = missed; missed == nil {
				v.absent[name] = fault(connectors.Drift, CodeCustomVanished, nil, "table", v.account.name, "column", name)
			}
			continue
		}
		if v.custom[name] = at; at.own != nil {
			at.own.synced = append(at.own.synced, at.column)
		}
	}
	for _, t := range v.own {
		if len(t.synced) == 0 {
			continue
		}
		if err := s.scanOwn(ctx, v, t); err != nil {
			if ctx.Err() != nil {
				return err
			}
			v.lose(t, err)
		}
	}
	return nil
}

// lose leaves out the fields of a table that can't be read.
func (v *view) lose(t *ownTable, err error) {
	t.synced, t.rows = nil, nil
	for name, at := range v.custom {
		if at.own == t {
			delete(v.custom, name)
			v.absent[name] = err
		}
	}
}

// absentRemarks tells why custom fields take no part.
func (v *view) absentRemarks() (all []record.Remark) {
	for _, name := range slices.Sorted(maps.Keys(v.absent)) {
		r := record.Remark{Code: connectors.CodeOf(v.absent[name])}
		if e, ok := errors.AsType[*connectors.Error](v.absent[name]); ok {
			r.Args = e.Args
		}
		if !slices.ContainsFunc(all, func(other record.Remark) bool { return other.Code == r.Code && maps.Equal(other.Args, r.Args) }) {
			all = append(all, r)
		}
	}
	return all
}

// openOwn opens the site's own tables, and gives why the first of those can't be used that can't.
func (s *Site) openOwn(v *view, tables []string) (missed error) {
	for _, name := range tables {
		t, err := s.openTable(v, name)
		own := &ownTable{table: t}
		if err == nil {
			if own.key = t.Column(s.cfg.Map.Account.Key); own.key < 0 {
				err = t.lacks(s.cfg.Map.Account.Key)
			}
		}
		if err == nil {
			v.own = append(v.own, own)
			continue
		}
		missed = cmp.Or(missed, err)
		if err := t.close(); err != nil {
			s.log.Warn("close a copy", "table", name, "err", err)
		}
	}
	return missed
}

func (v *view) customColumn(name string) (customColumn, bool) {
	if at := v.account.Column(name); at >= 0 {
		return customColumn{column: at}, true
	}
	for _, t := range v.own {
		if at := t.Column(name); at >= 0 && at != t.key {
			return customColumn{t, at}, true
		}
	}
	return customColumn{}, false
}

// scanOwn reads a table of the site's own. A row that can't be read by its key could be anybody's: nothing of the table counts then.
func (s *Site) scanOwn(ctx context.Context, v *view, t *ownTable) error {
	t.rows = map[string]ownRow{}
	err := t.Scan(ctx, func(row *adt.Row) error {
		key := keyOf(row.Value(t.key))
		switch {
		case row.Deleted && row.Err == nil, key == "" && row.Err == nil:
			return nil
		case key == "":
			return fault(connectors.Drift, CodeTableUnreadable, row.Err, "table", t.name)
		}
		r := ownRow{number: row.Number, digest: xxh3.HashSeed(row.Bytes(), s.rulesSum)}
		if row.Err != nil {
			r.why = CodeRowUnreadable
		} else if err := t.memoSum(row, &r); err != nil {
			return fault(connectors.Unavailable, CodeBackupIncomplete, err, "file", t.name+".ADM", "backup", v.evidence.Path)
		}
		if _, twice := t.rows[key]; twice {
			r.why = CodeReferenceTwice
		}
		t.rows[key] = r
		return nil
	})
	return noRoom(err)
}

// memoSum adds the memos that are synced to the digest.
func (t *ownTable) memoSum(row *adt.Row, r *ownRow) error {
	for _, i := range t.synced {
		cell := row.Value(i)
		if cell.Kind != adt.Reference {
			continue
		}
		text, err := t.ReadMemo(i, cell.Ref())
		if err != nil {
			return err
		}
		r.digest = xxh3.HashSeed(text, r.digest)
	}
	return nil
}

// custom makes what the site's own tables hold of a third party a part of its state.
func (r *reading) custom(l *line) {
	for _, t := range r.view.own {
		row, there := t.rows[l.key]
		if !there {
			continue
		}
		if l.why == "" {
			l.why = row.why
		}
		l.digest = xxh3.HashSeed(binary.LittleEndian.AppendUint64(nil, row.digest), l.digest)
	}
}

// custom decodes one custom field of a third party; who has no row in a table of the site's own has none.
func (d *decoding) custom(v *view, key, name string) record.Value {
	at, there := v.custom[name]
	if !there {
		return record.Value{}
	}
	if at.own == nil {
		return d.value(at.column)
	}
	r, there := at.own.rows[key]
	if !there {
		return record.Value{}
	}
	row, err := at.own.row(r.number)
	if err != nil {
		d.bad = name
		return record.Value{}
	}
	own := decoding{site: d.site, t: at.own.table, row: row}
	value := own.value(at.column)
	d.bad = cmp.Or(d.bad, own.bad)
	return value
}

func (t *ownTable) row(number int) (row *adt.Row, err error) {
	if t.last != nil && t.last.Number == number {
		return t.last, nil
	}
	t.last, err = t.Row(number)
	return t.last, err
}

// customField describes a custom field that is synced. Its kind is not known before a look.
func (s *Site) customField(name string) connectors.Field {
	if s.view == nil {
		return connectors.Field{}
	}
	switch at, there := s.view.custom[name]; {
	case !there:
		return connectors.Field{Absent: true}
	case at.own != nil:
		return connectors.Field{Kind: kindOf(at.own.Fields()[at.column].Type)}
	default:
		return connectors.Field{Kind: kindOf(s.view.account.Fields()[at.column].Type)}
	}
}

// CustomField is a column that the site has added.
type CustomField struct {
	Column string
	Kind   record.Kind
	String bool // BOB calls it one of type String
}

// CustomFields are the columns of the third parties that are none of BOB's own, as the latest look saw them, and those of the site's
// own tables, by their names. A name that is in several tables means the first one's.
func (s *Site) CustomFields() []CustomField {
	if s.view == nil {
		return nil
	}
	var all []CustomField
	add := func(f adt.Field) {
		if !s.cfg.Map.Account.own(f.Name) && !slices.ContainsFunc(all, func(old CustomField) bool { return strings.EqualFold(old.Column, f.Name) }) {
			all = append(all, CustomField{f.Name, kindOf(f.Type), f.Type.Text()})
		}
	}
	for _, f := range s.view.account.Fields() {
		add(f)
	}
	for _, t := range s.view.own {
		for _, f := range t.Fields() {
			add(f)
		}
	}
	slices.SortFunc(all, func(a, b CustomField) int { return strings.Compare(a.Column, b.Column) })
	return all
}
