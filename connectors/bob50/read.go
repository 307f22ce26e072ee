package bob50

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"syncbox/connectors/bob50/adt"
	"syncbox/connectors/record"
	"syncbox/connectors/vat"
)

// errEnough ends a scan that has found all it wanted.
var errEnough = errors.New("enough")

// Read gives the records as the latest look saw them, held back where it could not tell them apart. Each row is decoded once.
func (s *Site) Read(ctx context.Context, e record.Entity, keys []record.Key) ([]record.Record, []record.Key, error) {
	v, err := s.atHand(ctx)
	if err != nil {
		return nil, nil, err
	}
	switch {
	case e == record.Account:
		found, err := s.rows(ctx, v.account, v.wanted(keys), s.accountOf(v))
		return found, nil, err
	case e == record.Contact && v.contactErr != nil:
		return nil, nil, v.contactErr
	case e == record.Contact:
		found, err := s.rows(ctx, v.contact, v.wantedPersons(keys), s.contactOf(v))
		return found, nil, err
	}
	return nil, nil, nil
}

// wanted gives the lines of third parties behind keys.
func (v *view) wanted(keys []record.Key) map[int]*line {
	all := map[int]*line{}
	for _, k := range keys {
		if i, ok := v.index[string(k)]; ok {
			all[v.lines[i].row] = &v.lines[i]
		}
	}
	return all
}

func (v *view) wantedPersons(keys []record.Key) map[int]*line {
	all := map[int]*line{}
	for _, k := range keys {
		row, err := strconv.Atoi(string(k))
		if err != nil {
			continue
		}
		if i, ok := slices.BinarySearchFunc(v.persons, row, func(l line, row int) int { return l.row - row }); ok {
			all[row] = &v.persons[i]
		}
	}
	return all
}

// rows decodes the wanted rows of a table.
func (s *Site) rows(ctx context.Context, t *table, wanted map[int]*line, decode func(*adt.Row, *line) record.Record) (found []record.Record, err error) {
	if len(wanted) == 0 {
		return nil, ctx.Err()
	}
	err = t.Scan(ctx, func(row *adt.Row) error {
		l := wanted[row.Number]
		if l == nil {
			return nil
		}
		found = append(found, decode(row, l))
		if len(found) == len(wanted) {
			return errEnough
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return found, noRoom(err)
}

// decoding makes the fields of one row; bad is the column that can't be read.
type decoding struct {
	site *Site
	t    *table
	row  *adt.Row
	bad  string
}

func (s *Site) accountOf(v *view) func(*adt.Row, *line) record.Record {
	return func(row *adt.Row, l *line) record.Record {
		d := decoding{site: s, t: v.account, row: row}
		r := record.Record{Entity: record.Account, Key: record.Key(l.key), Held: l.why}
		if l.why == CodeNotCustomer && l.vat == 0 {
			r.HeldArgs = map[string]string{record.Also: CodeVATMissing}
		}
		if row.Err != nil {
			return r
		}
		r.Fields = d.fields(s.cfg.Map.Account.Fields)
		for _, column := range s.cfg.Custom {
			r.Fields[customPrefix+column] = d.custom(v, l.key, column)
		}
		r.Fields[FieldReference] = record.TextOf(row.Value(v.columns.key).Text())
		r.Fields[FieldVAT] = record.TextOf(vat.Key(v.vatText(row), s.cfg.Country))
		is := strings.TrimSpace(row.Value(v.columns.customer).Text())
		r.Fields[FieldCustomer] = record.BoolOf(strings.EqualFold(is, s.cfg.Map.Account.CustomerValue))
		return d.finish(r)
	}
}

func (s *Site) contactOf(v *view) func(*adt.Row, *line) record.Record {
	at := v.contact.Column(s.cfg.Map.Contact.Account)
	return func(row *adt.Row, l *line) record.Record {
		d := decoding{site: s, t: v.contact, row: row}
		r := record.Record{Entity: record.Contact, Key: record.Key(l.key), Held: l.why}
		if row.Err != nil {
			return r
		}
		account := keyOf(row.Value(at))
		r.Incarnation = account
		r.Fields = d.fields(s.cfg.Map.Contact.Fields)
		r.Fields[FieldAccount] = record.RefOf(record.Key(account))
		return d.finish(r)
	}
}

// finish holds a record back that has a cell which can't be read.
func (d *decoding) finish(r record.Record) record.Record {
	if d.bad != "" && r.Held == "" {
		r.Held, r.HeldArgs = CodeCellUnreadable, map[string]string{"column": d.bad}
	}
	return r
}

func (d *decoding) fields(m map[string]MapField) record.Fields {
	fields := record.Fields{}
	for name, columns := range d.t.fields {
		f, ok := m[name]
		if !ok {
			continue
		}
		switch f.Form {
		case "joined":
			fields[name] = d.joined(columns)
		case "first":
			fields[name] = d.first(columns)
		default:
			fields[name] = d.value(columns[0])
		}
	}
	return fields
}

func (d *decoding) joined(columns []int) record.Value {
	var parts []string
	for _, c := range columns {
		if v := d.value(c); !v.Empty() {
			parts = append(parts, v.Text)
		}
	}
	return record.TextOf(strings.Join(parts, " "))
}

func (d *decoding) first(columns []int) record.Value {
	for _, c := range columns {
		if v := d.value(c); !v.Empty() {
			return v
		}
	}
	return record.Value{}
}

// value decodes one cell.
func (d *decoding) value(column int) record.Value {
	switch v := d.row.Value(column); v.Kind {
	case adt.String:
		return record.TextOf(v.Text())
	case adt.Int, adt.Float, adt.Decimal:
		return record.NumberOf(v.Decimal())
	case adt.Day:
		return record.DateOf(v.Time())
	case adt.DayAndTime:
		return record.TimeOf(wall(v.Time(), d.site.cfg.Zone))
	case adt.Truth:
		return record.BoolOf(v.Truth())
	case adt.Reference:
		if text, err := d.t.ReadMemo(column, v.Ref()); err == nil {
			return record.TextOf(string(text))
		}
		d.bad = d.t.Fields()[column].Name
	case adt.Bad:
		d.bad = d.t.Fields()[column].Name
	}
	return record.Value{}
}

// wall is the instant at which the clock of a zone shows what t shows in UTC.
func wall(t time.Time, zone *time.Location) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, zone)
}
