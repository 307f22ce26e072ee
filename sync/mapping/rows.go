package mapping

import (
	"fmt"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// rowsLens maps a list of rows, column by column. The common form names the columns as the CRM does.
type rowsLens struct {
	rules []connectors.FieldRule
	cols  []lens
}

func newRows(rules []connectors.FieldRule) (lens, error) {
	l := rowsLens{rules: rules}
	for _, f := range rules {
		if f.Lens.Kind == connectors.LensRows {
			return nil, fmt.Errorf("column %s: rows in rows", f.CRM)
		}
		col, err := newLens(f, connectors.Field{}, connectors.Field{})
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", f.CRM, err)
		}
		l.cols = append(l.cols, col)
	}
	return l, nil
}

func (l rowsLens) get(side connectors.Side, v record.Value, look *lookup) record.Value {
	return l.each(v, func(i int, row record.Fields, out record.Fields) {
		inner := lookup{side: side, links: look.links, rule: &l.rules[i]}
		out[l.rules[i].CRM] = l.cols[i].get(side, row[l.column(side, i)], &inner)
		if inner.missing != nil {
			look.missing = inner.missing
		}
	})
}

func (l rowsLens) put(side connectors.Side, v record.Value, look *lookup) (record.Value, string) {
	var refused string
	rows := l.each(v, func(i int, row record.Fields, out record.Fields) {
		inner := lookup{side: side, links: look.links, rule: &l.rules[i]}
		value, code := l.cols[i].put(side, row[l.rules[i].CRM], &inner)
		if code != "" {
			refused = code
		}
		out[l.column(side, i)] = value
	})
	return rows, refused
}

// column is what a side calls column i.
func (l rowsLens) column(side connectors.Side, i int) string {
	if side == connectors.ERP {
		return l.rules[i].ERP
	}
	return l.rules[i].CRM
}

func (l rowsLens) canon(v record.Value) record.Value {
	return l.each(v, func(i int, row record.Fields, out record.Fields) {
		out[l.rules[i].CRM] = l.cols[i].canon(row[l.rules[i].CRM])
	})
}

// each builds new rows column by column.
func (l rowsLens) each(v record.Value, col func(i int, row, out record.Fields)) record.Value {
	rows := make([]record.Fields, len(v.Rows))
	for n, row := range v.Rows {
		rows[n] = record.Fields{}
		for i := range l.rules {
			col(i, row, rows[n])
		}
	}
	return record.RowsOf(rows...)
}
