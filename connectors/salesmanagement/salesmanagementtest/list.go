package salesmanagementtest

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"

	"syncbox/connectors/rest/resttest"
)

const usualPage = 50

// list answers GET /<entity>: one page, the newest first, deleted rows too.
func (s *Server) list(c *Call, q *request) (*resttest.Answer, *Refusal) {
	how, wrong := readingOf(q)
	if wrong != nil {
		return nil, wrong
	}
	for name := range q.query {
		if !slices.Contains([]string{"page", "where", "order", "lang"}, name) {
			return nil, invalid("unknown parameter")
		}
	}
	page, wrong := s.pageOf(c, q)
	if wrong != nil {
		return nil, wrong
	}
	rows, wrong := s.chosen(c, q)
	if wrong != nil {
		return nil, wrong
	}
	from := min(page.number*page.size, len(rows))
	to := min(from+page.size, len(rows))
	if c.Fault == DuplicateRows {
		from = max(0, from-3)
	}
	out := []any{}
	for _, r := range rows[from:to] {
		out = append(out, s.object(c.Entity, r, how))
	}
	c.Rows = len(out)
	return resttest.JSON(http.StatusOK, out), nil
}

// page is which part of a list is wanted.
type page struct{ number, size int }

// pageOf reads page and size. A size above the largest one gives the largest one.
func (s *Server) pageOf(c *Call, q *request) (page, *Refusal) {
	p := page{size: usualPage}
	if text := q.query.Get("page"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || n > 1_000_000 {
			return p, invalid("page: no number from 0")
		}
		p.number = n
	}
	largest, err := strconv.Atoi(s.switches[PageMax])
	if err != nil {
		panic("salesmanagementtest: " + err.Error())
	}
	for _, name := range []string{"count", "X-FM-Entity-Count"} {
		text := q.header.Get(name)
		if text == "" || !s.on(PageHeader, name) && !s.on(PageHeader, "both") {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return p, invalid(name + ": no number from 1")
		}
		p.size = min(n, largest)
	}
	c.Page, c.Size = p.number, p.size
	return p, nil
}

// chosen gives the rows of a list in its order.
func (s *Server) chosen(c *Call, q *request) ([]*row, *Refusal) {
	t := s.tables[c.Entity]
	rows := s.state.Rows[c.Entity]
	if text := q.query.Get("where"); text != "" {
		where, wrong := s.where(t, text)
		if wrong != nil {
			return nil, wrong
		}
		c.Columns = where.columns
		rows = where.filter(s.state, c.Entity, rows)
	}
	rows = slices.Clone(rows)
	slices.Reverse(rows)
	if !q.query.Has("order") {
		return rows, nil
	}
	f := t.byName[q.query.Get("order")]
	if f == nil || s.on(Order, "901") {
		return nil, badSQL()
	}
	if f.Name != "id" {
		slices.SortStableFunc(rows, func(a, b *row) int { return compare(f, b.value(f.Name), a.value(f.Name)) })
	}
	return rows, nil
}

// readOne answers GET /<entity>/<id>, also of a row that is softly deleted.
func (s *Server) readOne(c *Call, q *request) (*resttest.Answer, *Refusal) {
	how, wrong := readingOf(q)
	if wrong != nil {
		return nil, wrong
	}
	r := s.state.find(c.Entity, c.ID)
	if r == nil {
		return nil, gone()
	}
	c.Rows = 1
	return resttest.JSON(http.StatusOK, s.object(c.Entity, r, how)), nil
}

// compare orders two stored values of a field; null comes before all.
func compare(f *Field, a, b string) int {
	if a == "" || b == "" {
		return cmp.Compare(len(a), len(b))
	}
	if x, ok := numeric(f, a); ok {
		y, _ := numeric(f, b)
		return x.Cmp(y)
	}
	return cmp.Compare(folded(a), folded(b))
}
