package quickbooks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"syncbox/connectors"
)

// pageRows is how many rows a page of a query has. The product would give 1,000; half of that keeps the
// answer of a page of long documents to a few megabytes.
const pageRows = 500

// selectFrom begins a query of an entity. Name lists show the inactive only to those who ask.
func selectFrom(what, entity string, conditions ...string) string {
	if entity == customerEntity || entity == itemEntity {
		conditions = append(slices.Clone(conditions), "Active IN (true, false)")
	}
	q := "SELECT " + what + " FROM " + entity
	if len(conditions) > 0 {
		q += " WHERE " + strings.Join(conditions, " AND ")
	}
	return q
}

// quote makes a string of the query language.
func quote(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}

// read reads, also when the allowance is used up, where the last look was refused for that: nobody asks for anything else then than what a
// write needs.
func (c *Company) read(ctx context.Context, path string, query url.Values) (*answer, error) {
	if c.writesOnly {
		return c.api.readForWrite(ctx, path, query)
	}
	return c.api.read(ctx, path, query)
}

// query asks for rows and gives each, with the server's time.
func (c *Company) query(ctx context.Context, q string, each func(json.RawMessage) error) (at text, n int, err error) {
	a, err := c.read(ctx, "query", url.Values{"query": {q}})
	if err != nil {
		return "", 0, err
	}
	var inner error
	at, err = readRows(a.Body, func(entity string, raw json.RawMessage) error {
		switch {
		case entity == "Error":
			inner = &connectors.Error{Kind: connectors.Unavailable, Code: CodeRowUnreadable, Err: errFault}
		case slices.Contains(readEntities, entity):
			n++
			inner = each(raw)
		}
		return inner
	})
	switch {
	case inner != nil:
		return "", 0, inner
	case err != nil:
		return "", 0, bad("query", err)
	}
	return at, n, nil
}

// count asks how many rows there are.
func (c *Company) count(ctx context.Context, entity string, conditions ...string) (int, error) {
	a, err := c.api.read(ctx, "query", url.Values{"query": {selectFrom("count(*)", entity, conditions...)}})
	if err != nil {
		return 0, err
	}
	var counted struct {
		QueryResponse struct {
			TotalCount *int `json:"totalCount"`
		}
	}
	if err := json.Unmarshal(a.Body, &counted); err != nil {
		return 0, bad("count", err)
	}
	if counted.QueryResponse.TotalCount == nil {
		return 0, bad("count", errors.New("the answer has no count"))
	}
	return *counted.QueryResponse.TotalCount, nil
}

// pager reads the rows of a query in the order of their last change. Each page begins where the one before
// ended, by time and not by number, so that rows that are changed meanwhile move to the end and none is
// passed over; rows of the same moment come again.
type pager struct {
	c          *Company
	entity     string
	conditions []string
	from       text             // LastUpdatedTime from which on; empty for all
	position   int              // of the next row among those, from 1
	size       int              // of the next page; 0 for the largest
	last       text             // LastUpdatedTime of the last row that was given
	skipped    func(i id) error // takes a row that can't be shown; its Id is empty if it can't be named
	named      map[id]bool      // those that were
}

// samePage is how many rows a page goes back behind the one before where all of a page are of one moment: a
// row that is changed meanwhile leaves it, and the others move up.
const samePage = 50

func (p *pager) where() []string {
	conditions := slices.Clone(p.conditions)
	if p.from != "" {
		conditions = append(conditions, "Metadata.LastUpdatedTime >= "+quote(string(p.from)))
	}
	return conditions
}

func (p *pager) text(size int) string {
	return selectFrom("*", p.entity, p.where()...) +
		" ORDERBY Metadata.LastUpdatedTime ASC STARTPOSITION " + strconv.Itoa(max(1, p.position)) + " MAXRESULTS " + strconv.Itoa(size)
}

// next gives the rows of the next page, and says whether there may be more. A row that the product can't show
// is looked for, passed to skipped, and left out.
func (p *pager) next(ctx context.Context, each func(json.RawMessage) error) (at text, more bool, err error) {
	size := p.size
	if size == 0 {
		size = pageRows
	}
	at, n, err := p.c.query(ctx, p.text(size), func(raw json.RawMessage) error {
		p.see(raw)
		return each(raw)
	})
	if poisoned(err) {
		return "", true, p.narrow(ctx, size)
	}
	if err != nil {
		return "", false, err
	}
	more = n >= size
	p.advance(n)
	if p.size = min(2*size, pageRows); p.size == pageRows {
		p.size = 0
	}
	return at, more, nil
}

// see notes when a row was changed.
func (p *pager) see(raw json.RawMessage) {
	var h struct{ MetaData meta }
	if json.Unmarshal(raw, &h) == nil && h.MetaData.LastUpdatedTime != "" {
		p.last = h.MetaData.LastUpdatedTime
	}
}

// advance moves behind a page of n rows.
func (p *pager) advance(n int) {
	from, had := parseTime(p.from)
	last, ok := parseTime(p.last)
	if ok && (!had || last.After(from)) {
		p.from, p.position = p.last, 1
		return
	}
	if n > 2*samePage {
		n -= samePage
	}
	p.position = max(1, p.position) + n
}

// byID gives the rows of an entity with these Ids, in as few queries as their length allows. Ids without a row
// are in missing; poisoned rows are asked for one by one, and are in unread if they can't be had even so.
func (c *Company) byID(ctx context.Context, entity string, ids []id, each func(json.RawMessage) error) (r byIDs, err error) {
	r = byIDs{c: c, entity: entity, each: each}
	for len(ids) > 0 {
		n := fitting(ids)
		if err := r.ask(ctx, ids[:n]); err != nil {
			return r, fmt.Errorf("read %s: %w", entity, err)
		}
		ids = ids[n:]
	}
	return r, nil
}

// maxQuery is how long a query may be as it stands in a URL: servers take some 2,000 bytes surely.
const maxQuery = 1700

// fitting says how many of some Ids one query takes.
func fitting(ids []id) int {
	room := maxQuery - len(url.QueryEscape(selectFrom("*", customerEntity, "Id IN ()")))
	for n, i := range ids {
		if room -= len(url.QueryEscape(quote(string(i)) + ", ")); room < 0 {
			return max(1, n)
		}
	}
	return len(ids)
}

// byIDs is what came of rows that were asked for by Id.
type byIDs struct {
	c               *Company
	entity          string
	each            func(json.RawMessage) error
	missing, unread []id
}

func (r *byIDs) ask(ctx context.Context, ids []id) error {
	quoted := make([]string, len(ids))
	missing := map[id]bool{}
	for n, i := range ids {
		quoted[n], missing[i] = quote(string(i)), true
	}
	q := selectFrom("*", r.entity, "Id IN ("+strings.Join(quoted, ", ")+")") + " MAXRESULTS " + strconv.Itoa(len(ids))
	_, _, err := r.c.query(ctx, q, func(raw json.RawMessage) error {
		var h struct {
			ID id `json:"Id"`
		}
		if json.Unmarshal(raw, &h) != nil || !missing[h.ID] {
			return nil // not asked for
		}
		delete(missing, h.ID)
		return r.each(raw)
	})
	switch {
	case poisoned(err) && len(ids) > 1:
		if err := r.ask(ctx, ids[:len(ids)/2]); err != nil {
			return err
		}
		return r.ask(ctx, ids[len(ids)/2:])
	case poisoned(err):
		return r.alone(ctx, ids[0])
	case err != nil:
		return err
	}
	for _, i := range ids {
		if missing[i] {
			r.missing = append(r.missing, i)
		}
	}
	return nil
}

// alone reads a row that keeps a query from being answered.
func (r *byIDs) alone(ctx context.Context, i id) error {
	raw, err := r.c.get(ctx, r.entity, i)
	switch {
	case err == nil && raw != nil:
		return r.each(raw)
	case err == nil:
		r.missing = append(r.missing, i)
	case poisoned(err), asFault(err) != nil && connectors.KindOf(err) == connectors.Rejected:
		r.unread = append(r.unread, i)
	default:
		return err
	}
	return nil
}

// get reads one row; nil if there is none.
func (c *Company) get(ctx context.Context, entity string, i id) (json.RawMessage, error) {
	a, err := c.read(ctx, path(entity, i), nil)
	return c.one(entity, i, a, err)
}

// one takes the row out of the answer to a read of one.
func (c *Company) one(entity string, i id, a *answer, err error) (json.RawMessage, error) {
	if f := asFault(err); f != nil && f.Code == faultMissing {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(a.Body, &members); err != nil {
		return nil, bad(path(entity, i), err)
	}
	var h head
	raw := members[entity]
	if err := json.Unmarshal(raw, &h); raw == nil || err != nil && h.ID == "" || h.ID != i {
		return nil, bad(path(entity, i), errors.New("the answer is of another row"))
	}
	if h.deleted() {
		return nil, nil
	}
	return raw, nil
}

// The codes of faults that are told apart here.
const (
	faultMissing   = "610"
	faultStale     = "5010"
	faultDuplicate = "6240"
	faultRow       = "4002"
	faultQuery     = "4001"
)

// poisoned says whether one bad row is why a query was not answered.
func poisoned(err error) bool {
	f := asFault(err)
	return f != nil && f.Code == faultRow || errors.Is(err, errFault)
}

// day is how the query language writes a calendar day.
func day(t time.Time) string { return quote(t.Format(time.DateOnly)) }
