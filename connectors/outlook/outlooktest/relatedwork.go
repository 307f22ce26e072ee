package outlooktest

import (
	"net/http"
	"slices"
)

// relatedWork does what a call asks of the extensions or linked resources of an item.
func (s *Server) relatedWork(c *Call, mb *mailbox, q *request) (*answer, *problem) {
	old, prob := s.target(mb, q)
	if prob != nil {
		return nil, prob
	}
	if q.kind == extensionKind {
		return s.extensionWork(c, mb, q, old)
	}
	return s.linkedWork(c, mb, q, old)
}

func (s *Server) extensionWork(c *Call, mb *mailbox, q *request, old *item) (*answer, *problem) {
	at := -1
	if q.sub != "" {
		if at = old.extension(q.sub); at < 0 {
			return nil, notFound()
		}
	}
	next := old.clone()
	switch q.op {
	case OpList:
		list := []any{}
		for _, o := range old.exts {
			list = append(list, shownExtension(old.kind, o))
		}
		return jsonAnswer(http.StatusOK, Object{"value": list}), nil
	case OpRead:
		return jsonAnswer(http.StatusOK, shownExtension(old.kind, old.exts[at])), nil
	case OpCreate:
		if prob := next.addExtension(q.body); prob != nil {
			return nil, prob
		}
		at = len(next.exts) - 1
	case OpUpdate:
		if prob := next.replaceExtension(at, q.body); prob != nil {
			return nil, prob
		}
	case OpDelete:
		next.exts = slices.Delete(next.exts, at, at+1)
		s.quietly(c, mb, q, old, next)
		return noContent(), nil
	}
	s.quietly(c, mb, q, old, next)
	return jsonAnswer(created(q), shownExtension(next.kind, next.exts[at])), nil
}

// created is the status of an answer to a write.
func created(q *request) int {
	if q.op == OpCreate {
		return http.StatusCreated
	}
	return http.StatusOK
}

func (s *Server) linkedWork(c *Call, mb *mailbox, q *request, old *item) (*answer, *problem) {
	at := -1
	if q.sub != "" {
		if at = old.link(q.sub); at < 0 {
			return nil, notFound()
		}
	}
	next := old.clone()
	switch q.op {
	case OpList:
		return jsonAnswer(http.StatusOK, Object{"value": anyList(deepObjects(old.linked))}), nil
	case OpRead:
		return jsonAnswer(http.StatusOK, deepObject(old.linked[at])), nil
	case OpCreate:
		if _, prob := next.addLinked(mb, q.body); prob != nil {
			return nil, prob
		}
		at = len(next.linked) - 1
	case OpUpdate:
		if prob := fits(linkedKind, q.body); prob != nil {
			return nil, prob
		}
		for name, v := range q.body {
			next.linked[at][name] = v
		}
	case OpDelete:
		next.linked = slices.Delete(next.linked, at, at+1)
		s.quietly(c, mb, q, old, next)
		return noContent(), nil
	}
	s.quietly(c, mb, q, old, next)
	return jsonAnswer(created(q), deepObject(next.linked[at])), nil
}

// quietly stores what no round of changes tells of.
func (s *Server) quietly(c *Call, mb *mailbox, q *request, old, next *item) {
	who := author{authorAPI, c.Seq}
	c.wrote(old, mb, q.op)
	c.Writes[len(c.Writes)-1].Kind = q.kind
	stored := next
	if old.occurrence != "" {
		next.exempt = true
		stored = mb.items[old.seq].clone()
		if stored.exceptions == nil {
			stored.exceptions = map[string]exception{}
		}
		stored.exceptions[old.occurrence] = exception{next}
	}
	if !s.switches.ExtensionsQuiet {
		mb.version++
		next.version, next.modified = mb.version, mb.stamp(s.clock.Now())
		stored.version, stored.modified = next.version, next.modified
	}
	mb.keep(stored, mb.items[old.seq], who, true)
}
