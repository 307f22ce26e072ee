package sagecrm

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"syncbox/connectors"
	"syncbox/connectors/rest"
)

// list reads one page.
func (s *sdata) list(ctx context.Context, t table, where string, count int) (page, error) {
	u := s.listURL(t, where, count)
	v, _, err := s.call(ctx, http.MethodGet, u, nil, "")
	if err != nil {
		return page{}, err
	}
	p, err := pageOf(v, t)
	if err != nil {
		return page{}, s.failure(connectors.Unavailable, CodeBadAnswer, http.MethodGet, u, err)
	}
	return p, nil
}

// query reads what a condition fits. One page is enough for most; the rest is read by ranges of ids, since no order can be
// relied on and a page moves when a record goes. A condition of several terms is read in parts then: whether brackets around
// it are understood is not known.
func (s *sdata) query(ctx context.Context, t table, where cond, each func([]row) error) error {
	size, condition := s.crm.cfg.PageSize, s.restPredicate(t, where)
	if condition != "" {
		p, err := s.list(ctx, t, condition, size)
		if err != nil {
			return err
		}
		if len(p.rows) < size && (p.total < 0 || p.total == len(p.rows)) {
			return each(p.rows)
		}
		if half := len(where.values) / 2; half > 0 {
			if err := s.query(ctx, t, in(where.column, where.values[:half]), each); err != nil {
				return err
			}
			return s.query(ctx, t, in(where.column, where.values[half:]), each)
		}
		condition += " and "
	}
	if s.order {
		ordered, err := s.sortedPages(ctx, t, condition, each)
		if ordered || err != nil {
			return err
		}
		s.order = false
	}
	return s.ranges(ctx, t, condition, each)
}

// sortedPages reads from the least id on, each page from the last id of the one before. It gives up where pages are not in
// that order.
func (s *sdata) sortedPages(ctx context.Context, t table, condition string, each func([]row) error) (ordered bool, err error) {
	key := s.crm.keyOf(t)
	for from := int64(1); ; {
		p, err := s.list(ctx, t, fmt.Sprintf("%s%s ge %d", condition, t.column(key), from), s.crm.cfg.PageSize)
		if err != nil {
			return true, err
		}
		if len(p.rows) == 0 {
			return true, s.whole(t, p)
		}
		last := from - 1
		for _, r := range p.rows {
			id, _ := strconv.ParseInt(r.id(key), 10, 64) // 0 for none
			if id < from {
				return true, s.paging(t, "a page holds records that were not asked for")
			}
			if id <= last {
				return false, nil
			}
			last = id
		}
		if err := s.complete(ctx, t, condition, from, last, p); err != nil {
			return true, err
		}
		if err := each(p.rows); err != nil {
			return true, err
		}
		if from = last + 1; p.total == len(p.rows) {
			return true, nil
		}
	}
}

// complete holds that a page which is shorter than it might be lacks none of the ids that it spans. Servers may give less than
// they are asked for; one that counts rows otherwise than we do passes one over.
func (s *sdata) complete(ctx context.Context, t table, condition string, from, last int64, p page) error {
	if p.total <= len(p.rows) || len(p.rows) >= s.crm.cfg.PageSize {
		return nil
	}
	span, err := s.list(ctx, t, fmt.Sprintf("%s%s between %d and %d", condition, t.column(s.crm.keyOf(t)), from, last), s.crm.cfg.PageSize)
	if err != nil || span.total <= len(p.rows) {
		return err
	}
	return s.whole(t, page{total: span.total, rows: p.rows})
}

// widest is the largest range of ids that is asked for at once.
const widest = 1 << 20

// ranges reads ids from one range after the other, none of which holds more than a page.
func (s *sdata) ranges(ctx context.Context, t table, condition string, each func([]row) error) error {
	key, size := t.column(s.crm.keyOf(t)), int64(s.crm.cfg.PageSize)
	for from, width := int64(1), size; ; {
		p, err := s.list(ctx, t, fmt.Sprintf("%s%s between %d and %d", condition, key, from, from+width-1), int(size))
		switch count := int64(len(p.rows)); {
		case err != nil:
			return err
		case width > 1 && (p.total > len(p.rows) || p.total < 0 && count >= size && width > size):
			width = max(1, width/2)
			continue
		}
		for _, r := range p.rows {
			if id, _ := strconv.ParseInt(r.id(s.crm.keyOf(t)), 10, 64); id < from || id >= from+width {
				return s.paging(t, "a page holds records that were not asked for")
			}
		}
		if err := cmp.Or(s.whole(t, p), each(p.rows)); err != nil {
			return err
		}
		if from += width; len(p.rows) == 0 {
			left, err := s.list(ctx, t, fmt.Sprintf("%s%s ge %d", condition, key, from), 1)
			if err != nil || len(left.rows) == 0 && left.total <= 0 {
				return err
			}
		}
		if 4*int64(len(p.rows)) < size {
			width = min(width*4, widest)
		}
	}
}

// whole says whether a page holds all that it should. One that lacks the first record counts rows otherwise than we do.
func (s *sdata) whole(t table, p page) error {
	if p.total > len(p.rows) {
		return s.paging(t, fmt.Sprintf("%d records are told of, and %d shown", p.total, len(p.rows)))
	}
	return nil
}

func (s *sdata) paging(t table, text string) error {
	return s.failure(connectors.Drift, CodePaging, http.MethodGet, s.base.JoinPath(t.name), errors.New(text))
}

// columns are those that a record shows.
func (s *sdata) columns(ctx context.Context, t table) ([]Column, error) {
	p, err := s.list(ctx, t, "", 1)
	if why(err) == queryFailed { // which an order by a key of another name makes fail
		return nil, nil
	}
	if err != nil || len(p.rows) == 0 {
		return nil, err
	}
	var found []Column
	for _, name := range sortedKeys(p.rows[0].values) {
		found = append(found, Column{Name: t.column(name)})
	}
	return found, nil
}

// payload gives values with the names of the database.
func (s *sdata) payload(t table, r row) map[string]any {
	body := map[string]any{}
	for name, texts := range r.values {
		column := t.column(name)
		if written, ok := r.names[name]; ok {
			column = written
		}
		switch {
		case len(texts) > 1 && s.crm.cfg.MultiValue == "array":
			body[column] = texts
		default:
			body[column] = strings.Join(texts, ",")
		}
	}
	return body
}

var inParentheses = regexp.MustCompile(`\('?(\d+)'?\)$`)

// add makes a record.
func (s *sdata) add(ctx context.Context, t table, r row) (string, error) {
	v, a, err := s.call(ctx, http.MethodPost, s.base.JoinPath(t.name), s.payload(t, r), "")
	if err != nil {
		return "", err
	}
	if p, err := pageOf(v, table{t.name, t.prefix, s.crm.keyOf(t)}); err == nil && len(p.rows) == 1 {
		if id := p.rows[0].id(s.crm.keyOf(t)); id != "" {
			return id, nil
		}
	}
	if found := inParentheses.FindStringSubmatch(a.Header.Get("Location")); found != nil {
		return plainID(found[1]), nil
	}
	return "", nil
}

// stamps are columns that the CRM writes itself.
var stamps = map[string]bool{"updateddate": true, "createddate": true, "updatedby": true, "createdby": true, "timestamp": true, "deleted": true}

// update sends the whole record as it is known, with what changes. A server that knows no PUT gets the changes alone.
func (s *sdata) update(ctx context.Context, t table, id string, known, changed row) error {
	err := s.send(ctx, t, id, known, changed)
	if why(err) == wrongVerb && !s.patch && s.crm.cfg.RESTUpdate == "auto" {
		s.patch = true
		return s.send(ctx, t, id, known, changed)
	}
	return err
}

func (s *sdata) send(ctx context.Context, t table, id string, known, changed row) error {
	method, body := http.MethodPatch, s.payload(t, changed)
	if !s.patch {
		method = http.MethodPut
		all := newRow()
		for name, written := range known.names {
			if !stamps[name] {
				all.values[name], all.names[name] = known.values[name], written
			}
		}
		for name, texts := range changed.values {
			all.values[name] = texts
		}
		body = s.payload(t, all)
	}
	u := s.recordURL(t, id)
	_, _, err := s.call(ctx, method, u, body, known.etag)
	if why(err) != changedRecord || known.etag != "" {
		return err
	}
	// It wants to be told which version is meant: the one that was compared, if it still is that one.
	v, a, readErr := s.call(ctx, http.MethodGet, u, nil, "")
	if readErr != nil {
		return fmt.Errorf("%w: %w", readErr, rest.ErrNotApplied)
	}
	p, readErr := pageOf(v, t)
	if readErr != nil || len(p.rows) != 1 || !sameColumns(known, p.rows[0]) {
		return err
	}
	if etag := a.Header.Get("Etag"); etag != "" {
		_, _, err = s.call(ctx, method, u, body, etag)
	}
	return err
}

// sameColumns says whether a record still shows what is known of it.
func sameColumns(known, now row) bool {
	for name := range known.names {
		if !slices.Equal(known.values[name], now.values[name]) {
			return false
		}
	}
	return true
}
