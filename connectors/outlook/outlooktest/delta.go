package outlooktest

import (
	"net/http"
	"slices"
)

// deltaState is what a state token stands for. It is never changed, so that a link may be asked for again.
type deltaState struct {
	kind     Kind
	folder   int64
	options  options
	pos      int      // how much of the log the caller knows
	pages    []notice // what a nextLink still has to tell; nil for a deltaLink
	next     bool     // of a nextLink
	pageSize int
	first    string // the address that began the round
}

// notice is one item that a round tells of.
type notice struct {
	it    *item
	gone  bool
	stale bool // only its id is gone, not the item: nothing to tell where ids are immutable
}

// delta answers one page of a round of changes. The caller has the lock.
func (s *Server) delta(mb *mailbox, q *request) (*answer, *problem) {
	st, prob := s.deltaFrom(mb, q)
	if prob != nil {
		return nil, prob
	}
	page := *st
	if !st.next {
		page = s.round(mb, st)
		page.pageSize = s.pageSize(&st.options, q)
	}
	if q.prefer.pageSize > 0 {
		page.pageSize = s.pageSize(&st.options, q)
	}
	return s.deltaPage(mb, q, &page), nil
}

// pageSize is what the call prefers, else $top, else the one of Options.
func (s *Server) pageSize(o *options, q *request) int {
	size := s.opts.PageSize
	if o.top > 0 {
		size = o.top
	}
	if q.prefer.pageSize > 0 {
		size = q.prefer.pageSize
	}
	return min(size, 1000)
}

// deltaFrom finds what the call goes on from: a state token, or nothing yet.
func (s *Server) deltaFrom(mb *mailbox, q *request) (*deltaState, *problem) {
	token := q.query.Get("$deltatoken")
	setDefault(&token, q.query.Get("$skiptoken"))
	if token == "" {
		return s.begin(mb, q)
	}
	st := mb.tokens[token]
	if st == nil || st.kind != q.kind || st.next != (q.op == OpPage) {
		return nil, s.reset(mb, q, token)
	}
	if folder, prob := s.tracked(mb, q); prob != nil || folder != st.folder {
		return nil, s.reset(mb, q, token)
	}
	return st, nil
}

// begin is the first call of all.
func (s *Server) begin(mb *mailbox, q *request) (*deltaState, *problem) {
	if q.kind == Contact && len(q.options.props) > 0 && s.switches.ContactExpand == ContactByGet {
		return nil, badQuery("The query option '$expand' is not supported here.")
	}
	folder, prob := s.tracked(mb, q)
	if prob != nil {
		return nil, prob
	}
	return &deltaState{kind: q.kind, folder: folder, options: q.options, first: q.beginning()}, nil
}

// tracked gives the container whose changes are asked for.
func (s *Server) tracked(mb *mailbox, q *request) (int64, *problem) {
	if q.kind == TaskList {
		return 0, nil
	}
	in := mb.holder(q.kind, q.folder)
	if in == nil {
		return 0, notFound()
	}
	return in.seq, nil
}

// deltaPage writes one page and the link to what follows.
func (s *Server) deltaPage(mb *mailbox, q *request, page *deltaState) *answer {
	n := min(page.pageSize, len(page.pages))
	if q.faulty(EmptyPage) {
		n = 0
	}
	rows := make([]any, 0, n)
	for _, note := range page.pages[:n] {
		if !note.stale || !q.prefer.immutable || !note.it.kind.immutable() {
			rows = append(rows, s.notice(mb, q, page, note))
		}
	}
	rows = s.noise(mb, q, page, rows)
	out := Object{"@odata.context": q.base + "/v1.0/$metadata#Collection(" + string(q.kind) + ")", "value": rows}
	rest := *page
	if !q.faulty(PageTwice) {
		rest.pages = page.pages[n:]
	}
	if q.faulty(PageTwice) && q.op == OpPage {
		out["@odata.nextLink"] = q.base + q.address
	} else if len(rest.pages) > 0 || q.faulty(EmptyPage) || q.faulty(PageTwice) {
		out["@odata.nextLink"] = q.base + q.path() + "?$skiptoken=" + s.stateToken(mb, rest)
	} else {
		rest.pages, rest.next = nil, false
		out["@odata.deltaLink"] = q.base + q.path() + "?$deltatoken=" + s.stateToken(mb, rest)
	}
	a := jsonAnswer(http.StatusOK, out)
	a.rows = len(rows)
	return a
}

// notice writes one item of a round.
func (s *Server) notice(mb *mailbox, q *request, page *deltaState, note notice) Object {
	if note.gone {
		return Object{"id": mb.idOf(note.it, q.prefer.immutable), "@removed": Object{"reason": s.switches.Removed}}
	}
	o := s.render(mb, note.it, q, &page.options)
	o["@odata.type"] = "#microsoft.graph." + string(note.it.kind)
	if note.it.occurrence != "" && !note.it.exempt && s.switches.Occurrences == OccurrencesBare {
		for name := range o {
			if !slices.Contains([]string{"@odata.type", "@odata.etag", "id", "type", "seriesMasterId", "start", "end"}, name) {
				delete(o, name)
			}
		}
	}
	return o
}

// noise adds to a page what a fault wants: an item again with another changeKey, or one that was told long ago.
func (s *Server) noise(mb *mailbox, q *request, page *deltaState, rows []any) []any {
	if q.faulty(DuplicateItem) && len(rows) > 0 {
		again := deepObject(rows[0].(Object))
		if again["@removed"] == nil {
			again["@odata.etag"] = `W/"` + "EQAAABYAAACduplicate" + itoa(mb.version) + `"`
			if again["changeKey"] != nil {
				again["changeKey"] = "EQAAABYAAACduplicate" + itoa(mb.version)
			}
		}
		rows = append(rows, again)
	}
	if q.faulty(Replay) {
		for _, it := range mb.all(func(it *item) bool { return it.kind == page.kind && it.folder == page.folder && !it.series() }) {
			if it.kind != Event || it.span.touches(page.options.from, page.options.to) {
				return append(rows, s.notice(mb, q, page, notice{it: it}))
			}
		}
	}
	return rows
}
