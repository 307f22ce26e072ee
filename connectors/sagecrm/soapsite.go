package sagecrm

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"syncbox/connectors"
	"syncbox/connectors/rest/soap"
)

// mostStarts is how often a query of several pages is begun before it counts as impossible just now.
const mostStarts = 3

// query reads all pages. Any other call closes a query, and a lost session does: then the whole query starts again.
func (w *webService) query(ctx context.Context, t table, where cond, each func([]row) error) error {
	return w.pages(ctx, "query", w.selection(t, predicate(t, where)), func(n *soap.Node) (int, string, error) {
		page := rows(n)
		return len(page), firstID(page, w.crm.keyOf(t)), each(page)
	})
}

func (w *webService) selection(t table, predicate string) []soap.Value {
	return []soap.Value{{Name: "queryString", Text: predicate}, w.entity(t)}
}

func firstID(page []row, key string) string {
	if len(page) == 0 {
		return ""
	}
	return page[0].id(key)
}

// pages sends an operation, then next until no more follows. take gives how many records a page has, and the first one's id.
func (w *webService) pages(ctx context.Context, operation string, args []soap.Value, take func(*soap.Node) (int, string, error)) error {
	var last error
	for range mostStarts {
		body, err := w.call(ctx, operation, args...)
		if err != nil {
			return err
		}
		if last, err = w.rest(ctx, body, take); last == nil || err != nil {
			return err
		}
	}
	return w.failure(connectors.Unavailable, CodeQueryClosed, last)
}

// rest takes a page and those after it. closed is why the query has to start again.
func (w *webService) rest(ctx context.Context, body *soap.Node, take func(*soap.Node) (int, string, error)) (closed, err error) {
	before := ""
	for {
		more, err := w.more(body)
		if err != nil {
			return nil, err
		}
		count, first, err := take(result(body))
		switch {
		case err != nil || !more:
			return nil, err
		case count == 0 || first != "" && first == before:
			return nil, w.failure(connectors.Unavailable, CodeBadAnswer, errors.New("more is promised, and the page holds nothing new"))
		}
		before = first
		if body, err = w.send(ctx, "next", w.session, nil); err == nil {
			continue
		}
		if why(err) == sessionLost {
			return err, w.renew(ctx)
		}
		if _, refused := errors.AsType[*refusal](err); refused {
			return err, nil
		}
		return nil, err
	}
}

// more reads the flag without which nobody knows whether an answer is complete.
func (w *webService) more(body *soap.Node) (bool, error) {
	switch strings.ToLower(cmp.Or(result(body).Get("more"), body.Get("more"))) {
	case "true", "1", "y":
		return true, nil
	case "false", "0", "n":
		return false, nil
	}
	return false, w.failure(connectors.Unavailable, CodeBadAnswer, errors.New("the answer does not say whether more follows"))
}

// result is the element that holds the records.
func result(body *soap.Node) *soap.Node {
	if n := body.Child("result"); n != nil {
		return n
	}
	return body
}

// changes asks queryid.
func (w *webService) changes(ctx context.Context, t table, since time.Time) ([]change, error) {
	if w.noIDs || w.crm.cfg.Changes == "dates" {
		return nil, errNoChanges
	}
	args := append(w.selection(t, predicate(t, w.crm.every(t))), soap.Value{Name: w.crm.cfg.DateElement, Text: since.Format(localTime)})
	var found []change
	err := w.pages(ctx, "queryid", args, func(n *soap.Node) (int, string, error) {
		page, err := w.flags(n, t)
		if err != nil {
			return 0, "", err
		}
		found = append(found, page...)
		if len(page) == 0 {
			return 0, "", nil
		}
		return len(page), page[0].id, nil
	})
	if code := connectors.CodeOf(err); w.crm.cfg.Changes == "auto" && slices.Contains([]string{CodeFault, CodeFaultPage, CodeQueryFailed}, code) {
		w.noIDs = code != CodeQueryFailed // that is about this one query, perhaps about this moment
		return nil, errNoChanges
	}
	return found, err
}

// flags reads the ids of an answer, and which of them are deleted.
func (w *webService) flags(n *soap.Node, t table) ([]change, error) {
	var found []change
	for _, c := range n.Children {
		name := strings.ToLower(c.Name)
		if name != "records" && name != "aisid" && name != "ids" {
			continue
		}
		if inner := c.Child("aisid"); inner != nil && len(inner.Children) > 0 {
			c = inner
		}
		r := rowOf(c)
		id := plainID(c.Text)
		for _, key := range []string{w.crm.keyOf(t), "aisid", "recordid", "entityid", "crmid", "value"} {
			if id == "" {
				id = r.id(key)
			}
		}
		if id == "" {
			return nil, w.failure(connectors.Unavailable, CodeBadAnswer, errors.New("a change without an id"))
		}
		found = append(found, change{id: id, deleted: deletion(c, r)})
	}
	return found, nil
}

// deletion says whether a flag says so, be it a word, a letter, an attribute or an element of its own.
func deletion(n *soap.Node, r row) bool {
	if text := r.get("deleted"); text != "" && text != "0" && !strings.EqualFold(text, "false") && !strings.EqualFold(text, "n") {
		return true
	}
	for _, name := range []string{"flag", "status", "action", "change", "operation", "state"} {
		for _, text := range []string{r.get(name), n.Attr(name)} {
			if text = strings.ToLower(text); strings.HasPrefix(text, "delet") || text == "d" {
				return true
			}
		}
	}
	return false
}

// fits keeps the request below what an administrator may have set.
func (w *webService) fits(_ table, size, count int, id string) bool {
	const frame = 1500 // of an envelope around the ids
	return count == 0 || count < w.crm.cfg.PageSize && size+len(id)+1+frame <= w.crm.cfg.MaxRequest
}

func (w *webService) nested(t table) bool {
	return w.crm.cfg.Nested == "both" || w.crm.cfg.Nested == "company" && t == companyTable
}

func (w *webService) carries() bool { return w.crm.cfg.Nested != "none" }

// add sends a new record, with those that it nests.
func (w *webService) add(ctx context.Context, t table, r row) (string, error) {
	ids, err := w.addAll(ctx, t, []row{r})
	if err != nil || len(ids) == 0 {
		return "", err
	}
	return ids[0], nil
}

// addAll sends new records.
func (w *webService) addAll(ctx context.Context, t table, rows []row) ([]string, error) {
	body, err := w.call(ctx, "add", w.records(t, rows)...)
	if err != nil {
		return nil, w.aboutRecord(err)
	}
	for _, name := range []string{"crmid", t.key, t.column(t.key), "id", "recordid"} {
		if ids := findAll(body, name); len(ids) > 0 {
			return ids, nil
		}
	}
	return nil, nil
}

// updateAll sends what is to change of records, each with its id.
func (w *webService) updateAll(ctx context.Context, t table, rows []row) error {
	_, err := w.call(ctx, "update", w.records(t, rows)...)
	return w.aboutRecord(err)
}

// records are the arguments of a write.
func (w *webService) records(t table, rows []row) []soap.Value {
	args := []soap.Value{w.entity(t)}
	for _, r := range rows {
		args = append(args, w.element("records", t, r))
	}
	return args
}

// holds measures the call, in characters as the administrator counts them, with room for a longer session.
func (w *webService) holds(t table, rows []row) bool {
	const room = 64
	return len(rows) <= mostTogether && utf8.RuneCount(w.envelope("update", w.session, w.records(t, rows)))+room <= w.crm.cfg.MaxRequest
}

// update sends what is to change of a record.
func (w *webService) update(ctx context.Context, t table, id string, _, changed row) error {
	r := changed
	r.values = maps.Clone(changed.values)
	r.set(w.crm.keyOf(t), id)
	return w.updateAll(ctx, t, []row{r})
}

// aboutRecord makes a refusal without a known reason one of the record.
func (w *webService) aboutRecord(err error) error {
	r, ok := errors.AsType[*refusal](err)
	if !ok || r.why != unknownReason {
		return err
	}
	return w.failure(connectors.Rejected, CodeRecordRefused, &refusal{why: refusedRecord, text: r.text})
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// keyOf is the short name of a table's key.
func (c *CRM) keyOf(t table) string {
	if slices.Contains(childTables, t) {
		return c.cfg.child(t).Key
	}
	return t.key
}
