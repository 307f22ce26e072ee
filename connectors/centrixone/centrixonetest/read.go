package centrixonetest

import (
	"net/http"
	"slices"
	"strconv"
	"time"
)

// page is a read's result.
type page struct {
	body     []byte
	rows     int
	modified time.Time // Last-Modified
}

// read answers a GET. A nil page without a problem means 304: nothing of the result changed since.
func (st *state) read(t *target, q *query, now time.Time, ifModified string) (*page, *problem) {
	var wanted test
	if q.filters != "" {
		var prob *problem
		if wanted, prob = st.parseFilters(t.resource, q.filters); prob != nil {
			return nil, prob
		}
	}
	changed := st.changed(t, q)
	if since, err := http.ParseTime(ifModified); err == nil && !changed.Truncate(time.Second).After(since) {
		return nil, nil
	}
	rows, next := st.collect(t, q, wanted)
	body := append([]byte(`{"Result":"Success","ServerTime":"`), stampText(now)...)
	body = append(body, `","Count":`...)
	body = strconv.AppendInt(body, int64(len(rows)), 10)
	body = append(append(append(body, `,"`...), t.resource...), `":[`...)
	for i, r := range rows {
		if i > 0 {
			body = append(body, ',')
		}
		body = appendRow(body, st.visible(r, t.filter.lists), q.fields)
	}
	body = append(body, `],"Next":`...)
	if next == 0 {
		body = append(body, "null}"...)
	} else {
		body = append(appendString(body, formatCursor(next)), '}')
	}
	return &page{body, len(rows), lastModified(changed, now)}, nil
}

// lastModified dates an answer in whole seconds. See the package comment on the running second.
func lastModified(changed, now time.Time) time.Time {
	m := changed.Truncate(time.Second)
	if now.Before(m.Add(time.Second)) {
		return m.Add(-time.Second)
	}
	return m
}

// changed gives the time of the last change that could concern the result, a row that left it included.
func (st *state) changed(t *target, q *query) time.Time {
	tb, b := st.tables[t.resource], &t.filter
	switch {
	case q.filters != "" || len(b.external) > 0 || b.all:
		return tb.changed
	case len(b.lists) > 0:
		last := st.tables[Lists].removed
		for _, id := range b.lists {
			if at := tb.byList[id]; at.After(last) {
				last = at
			}
		}
		return last
	}
	last := tb.removed
	for _, id := range b.ids {
		if r := tb.rows[id]; r != nil && r.meta().ModifiedAt.After(last) {
			last = r.meta().ModifiedAt
		}
	}
	return last
}

// collect gives one page of rows in order of id, and the cursor's id if more follow.
func (st *state) collect(t *target, q *query, wanted test) (rows []record, next int64) {
	tb := st.tables[t.resource]
	ids := st.candidates(t, q)
	from, found := slices.BinarySearch(ids, q.after)
	if found {
		from++
	}
	for _, id := range ids[from:] {
		r := tb.rows[id]
		if r == nil || !st.inLists(r, t.filter.lists) || r.meta().ModifiedAt.Before(q.since) || (wanted != nil && !wanted(r)) {
			continue
		}
		if len(rows) == q.limit {
			return rows, rows[len(rows)-1].meta().ID
		}
		rows = append(rows, r)
	}
	return rows, 0
}

// candidates gives the ids that can be in the result, ascending.
func (st *state) candidates(t *target, q *query) []int64 {
	tb, b := st.tables[t.resource], &t.filter
	if len(b.ids) == 0 && len(b.external) == 0 {
		if q.since.IsZero() {
			return tb.ids
		}
		return tb.since(q.since)
	}
	var named []int64
	for _, ext := range b.external {
		if id := tb.external[ext]; id != 0 {
			named = append(named, id)
		}
	}
	ids := slices.Clone(b.ids)
	switch {
	case len(b.ids) == 0:
		ids = named
	case len(b.external) > 0:
		ids = slices.DeleteFunc(ids, func(id int64) bool { return !slices.Contains(named, id) })
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// inLists says whether a record is in one of the lists; no list means every record. A list that is gone has none.
func (st *state) inLists(r record, lists []int64) bool {
	if len(lists) == 0 {
		return true
	}
	return slices.ContainsFunc(listsOf(r), func(id int64) bool {
		return slices.Contains(lists, id) && st.row(Lists, id) != nil
	})
}

// visible leaves out of a row's lists those that are gone and, if lists were asked for, the others.
func (st *state) visible(r record, asked []int64) record {
	hidden := func(id int64) bool {
		return st.row(Lists, id) == nil || (len(asked) > 0 && !slices.Contains(asked, id))
	}
	if !slices.ContainsFunc(listsOf(r), hidden) {
		return r
	}
	r = r.clone()
	setLists(r, slices.DeleteFunc(listsOf(r), hidden))
	return r
}
