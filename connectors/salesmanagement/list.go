package salesmanagement

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"syncbox/connectors"
)

// mostPages bounds a list that never ends.
const mostPages = 100_000

// errEnough ends a list whose rest nobody needs.
var errEnough = errors.New("enough")

// list gives the rows of a list that meet where (all for an empty one), a page at a time, deleted ones too. Rows come newest first
// and may be told again when somebody adds one meanwhile: each is given once, by its id. If the first page is another one after the
// last, the list is read a second time (M5). An error of each ends it and is given back.
func (t *Tenant) list(ctx context.Context, name, where string, each func([]row) error) error {
	given := map[string]bool{}
	for try := 0; ; try++ {
		first, pages, err := t.pass(ctx, name, where, given, each)
		if err != nil || pages < 2 || try == 1 {
			return err
		}
		again, err := t.page(ctx, name, where, 0)
		if err != nil || slices.Equal(first, idsOf(again)) {
			return err
		}
	}
}

// pass reads a list once, and gives the ids of its first page and how many pages had rows.
func (t *Tenant) pass(ctx context.Context, name, where string, given map[string]bool, each func([]row) error) (first []string, pages int, err error) {
	var before []string
	for ; pages < mostPages; pages++ {
		rows, err := t.page(ctx, name, where, pages)
		if err != nil || len(rows) == 0 {
			return first, pages, err
		}
		ids := idsOf(rows)
		if pages == 0 {
			first = ids
		} else if slices.Equal(before, ids) {
			return nil, 0, connectors.Errorf(connectors.Unavailable, CodeBadAnswer, "%s: two pages are the same", name)
		}
		before = ids
		if err := each(fresh(rows, ids, given)); err != nil {
			return nil, 0, err
		}
	}
	return nil, 0, connectors.Errorf(connectors.Unavailable, CodeBadAnswer, "%s: a list without an end", name)
}

func idsOf(rows []row) []string {
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.id("id")
	}
	return ids
}

// fresh leaves out what was given before.
func fresh(rows []row, ids []string, given map[string]bool) []row {
	var some []row
	for i, r := range rows {
		if !given[ids[i]] {
			given[ids[i]] = true
			some = append(some, r)
		}
	}
	return some
}

// page reads one page of a list. A list that takes no order is read without; then its first rows may be the oldest, so that the
// second pass finds what was added.
func (t *Tenant) page(ctx context.Context, name, where string, number int) ([]row, error) {
	rows, err := t.askPage(ctx, name, where, number)
	if where != "" || t.unsorted[name] || !refuses(err) {
		return rows, err
	}
	t.unsorted[name] = true
	if rows, err = t.askPage(ctx, name, where, number); refuses(err) {
		delete(t.unsorted, name)
		return nil, t.listRefused(name, err)
	}
	return rows, err
}

func (t *Tenant) askPage(ctx context.Context, name, where string, number int) ([]row, error) {
	query := url.Values{"page": {strconv.Itoa(number)}}
	if !t.unsorted[name] {
		query.Set("order", "id")
	}
	if where != "" {
		query.Set("where", where)
	}
	c := call{method: http.MethodGet, url: t.at(name), header: plainExtra()}
	c.url.RawQuery = strings.ReplaceAll(query.Encode(), "+", "%20")
	size := strconv.Itoa(t.cfg.PageSize)
	c.header["X-FM-Entity-Count"], c.header["count"] = []string{size}, []string{size} // the documents disagree
	a, err := t.do(ctx, c)
	if err != nil {
		return nil, err
	}
	body, err := t.json(c, a)
	if err != nil {
		return nil, err
	}
	rows, err := decodeRows(body)
	if err != nil || slices.Contains(idsOf(rows), "") {
		return nil, t.failure(connectors.Unavailable, CodeBadAnswer, c, errors.New("no list of rows with ids"))
	}
	return rows, nil
}

// quoted makes a constant of an expression. Only ids, times and external ids ever become one (M7).
func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// equal is true of rows whose field has a text.
func equal(field, text string) string { return field + "=" + quoted(text) }

// refersTo is true of rows whose reference has an id.
func refersTo(field, id string) string { return field + "=" + id }

// anyExternal is true of rows with one of the external ids.
func anyExternal(ids []string) string {
	parts := make([]string, len(ids))
	for i, id := range ids {
		parts[i] = equal(FieldExternal, id)
	}
	return strings.Join(parts, " OR ")
}

// anyID is true of rows with one of the ids.
func anyID(ids []string) string {
	parts := make([]string, len(ids))
	for i, id := range ids {
		parts[i] = refersTo("id", id)
	}
	return strings.Join(parts, " OR ")
}
