package product

import "syncbox/connectors/record"

// few is how many rows are found sooner without an index.
const few = 64

// places finds rows of a product that has many. Rows are only added, or replaced all at once.
type places struct {
	rows  map[place]*Row
	first *Row // of the rows that are in it
	n     int  // how many
}

type place struct {
	entity record.Entity
	key    record.Key
}

func (p *places) get(rows []*Row, e record.Entity, key record.Key) *Row {
	if p.first != rows[0] || p.n > len(rows) {
		*p = places{rows: map[place]*Row{}, first: rows[0]}
	}
	for ; p.n < len(rows); p.n++ {
		r := rows[p.n]
		if at := (place{r.Entity, r.Key}); p.rows[at] == nil {
			p.rows[at] = r
		}
	}
	return p.rows[place{e, key}]
}
