package outlooktest

import (
	"net/http"
	"slices"
	"strings"
)

// work does what a call asks of a mailbox. The caller has the lock.
func (s *Server) work(c *Call, mb *mailbox, q *request) (*answer, *problem) {
	if q.owner != "" {
		return s.relatedWork(c, mb, q)
	}
	switch q.op {
	case OpDelta, OpPage:
		return s.delta(mb, q)
	case OpList:
		return s.list(mb, q)
	case OpRead:
		it, prob := s.target(mb, q)
		if prob != nil {
			return nil, prob
		}
		return s.one(http.StatusOK, mb, it, q), nil
	case OpCreate:
		return s.create(c, mb, q)
	case OpUpdate:
		return s.update(c, mb, q)
	}
	return s.remove(c, mb, q)
}

// one answers with an item.
func (s *Server) one(status int, mb *mailbox, it *item, q *request) *answer {
	o := s.render(mb, it, q, &q.options)
	o["@odata.context"] = q.base + "/v1.0/$metadata#users('" + mb.id + "')/" + q.shape + "/$entity"
	a := jsonAnswer(status, o)
	a.rows = 1
	a.header.Set("Etag", it.etag())
	return a
}

// target finds the item that a call names, in the container that it names.
func (s *Server) target(mb *mailbox, q *request) (*item, *problem) {
	k := q.kind
	if q.owner != "" {
		k = q.owner
	}
	if q.id == "" {
		return mb.root(Event), nil // the calendar
	}
	if k.container() {
		if it := mb.byWord(k, q.id); it != nil {
			return it, nil
		}
	}
	it, prob := mb.find(k, q.id, q.prefer.immutable)
	if prob == nil && q.inside && !k.container() {
		if in := mb.holder(k, q.folder); in == nil || in.seq != it.folder {
			return nil, notFound()
		}
	}
	return it, prob
}

// byWord finds a container by what it is known as.
func (mb *mailbox) byWord(k Kind, word string) *item {
	for _, it := range mb.kind(k) {
		if it.role != "" && strings.EqualFold(it.role, word) && k == ContactFolder {
			return it
		}
	}
	return nil
}

// list answers a page of a collection.
func (s *Server) list(mb *mailbox, q *request) (*answer, *problem) {
	found, prob := s.found(mb, q)
	if prob != nil {
		return nil, prob
	}
	for _, t := range q.options.filter {
		found = slices.DeleteFunc(found, func(it *item) bool { return !t.matches(it, func() Object { return s.full(mb, it, q) }) })
	}
	s.sort(mb, q, found)
	size := s.pageSize(&q.options, q)
	from := min(q.options.skip, len(found))
	to := min(from+size, len(found))
	rows := []any{}
	for _, it := range found[from:to] {
		rows = append(rows, s.render(mb, it, q, &q.options))
	}
	out := Object{"@odata.context": q.base + "/v1.0/$metadata#users('" + mb.id + "')/" + q.shape, "value": rows}
	if to < len(found) {
		out["@odata.nextLink"] = q.base + q.nextPage(to)
	}
	a := jsonAnswer(http.StatusOK, out)
	a.rows = len(rows)
	return a, nil
}

// path is the address without its query.
func (q *request) path() string {
	path, _, _ := strings.Cut(q.address, "?")
	return path
}

// nextPage is the same call that skips what was told.
func (q *request) nextPage(skip int) string {
	next := map[string][]string{}
	for name, values := range q.query {
		next[canonical(name)] = values
	}
	next["$skip"] = []string{itoa(int64(skip))}
	return q.path() + "?" + encodeQuery(next)
}

// found gives what is in a collection before any filter.
func (s *Server) found(mb *mailbox, q *request) ([]*item, *problem) {
	if q.series {
		it, prob := mb.find(Event, q.id, q.prefer.immutable)
		if prob != nil {
			return nil, prob
		}
		if !it.series() {
			return nil, nil
		}
		return it.occurrences(q.options.from, q.options.to), nil
	}
	if q.kind.container() {
		return s.containers(mb, q)
	}
	if q.folder == "" && q.kind == Event && !q.inside && !q.view {
		return mb.kind(Event), nil // those of all calendars
	}
	in := mb.holder(q.kind, q.folder)
	if in == nil {
		return nil, notFound()
	}
	inside := mb.all(func(it *item) bool { return it.folder == in.seq && it.kind == q.kind })
	if !q.view {
		return inside, nil
	}
	var out []*item
	for _, it := range inside {
		switch {
		case it.series():
			out = append(out, it.occurrences(q.options.from, q.options.to)...)
		case it.span.touches(q.options.from, q.options.to):
			out = append(out, it)
		}
	}
	return out, nil
}

// containers gives folders, calendars or lists.
func (s *Server) containers(mb *mailbox, q *request) ([]*item, *problem) {
	if q.kind != ContactFolder {
		return mb.kind(q.kind), nil
	}
	main := mb.root(Contact)
	in := main
	if q.inside {
		if in = mb.holder(Contact, q.folder); in == nil {
			return nil, notFound()
		}
	}
	listed := !q.inside && s.switches.MainFolder == MainFolderListed
	return mb.all(func(it *item) bool {
		return it.kind == ContactFolder && (!listed && it.folder == in.seq || listed && it == main)
	}), nil
}

func (s *Server) sort(mb *mailbox, q *request, found []*item) {
	if q.options.order == "" {
		return
	}
	by := &term{path: q.options.order}
	slices.SortStableFunc(found, func(a, b *item) int {
		n := strings.Compare(by.of(s.full(mb, a, q)), by.of(s.full(mb, b, q)))
		if q.options.descending {
			return -n
		}
		return n
	})
}

// of gives the text that a path leads to.
func (t *term) of(o Object) string {
	var v any = o
	for step := range strings.SplitSeq(t.path, "/") {
		inner, _ := v.(Object)
		v = inner[step]
	}
	s, _ := v.(string)
	return s
}
