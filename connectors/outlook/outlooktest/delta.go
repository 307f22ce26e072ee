package outlooktest

import (
	"net/http"
	"net/url"
	"slices"
	"sort"
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
	it   *item
	gone bool
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
		page.pageSize = s.pageSize(q)
	}
	if q.prefer.pageSize > 0 {
		page.pageSize = s.pageSize(q)
	}
	return s.deltaPage(mb, q, &page), nil
}

func (s *Server) pageSize(q *request) int {
	size := s.opts.PageSize
	if q.options.top > 0 {
		size = q.options.top
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

// beginning gives the address that begins the same round anew, with an empty token.
func (q *request) beginning() string {
	keep := url.Values{}
	for name, values := range q.query {
		if name != "$deltatoken" && name != "$skiptoken" {
			keep[canonical(name)] = values
		}
	}
	path := q.path() + "?"
	if len(keep) > 0 {
		path += keep.Encode() + "&"
	}
	return path + "$deltatoken="
}

// canonical spells a parameter as the documents do.
func canonical(name string) string {
	switch name {
	case "startdatetime":
		return "startDateTime"
	case "enddatetime":
		return "endDateTime"
	}
	return name
}

// reset refuses a state token that is not known any more, as the switch wants it.
func (s *Server) reset(mb *mailbox, q *request, token string) *problem {
	const message = "The sync state generation is not found. Full synchronization is required."
	switch s.switches.Reset {
	case ResetBad:
		return refuse(http.StatusBadRequest, "syncStateNotFound", message)
	case ResetNotFound:
		return refuse(http.StatusNotFound, "syncStateNotFound", message)
	}
	p := refuse(http.StatusGone, "resyncRequired", "Resync required.")
	location := q.path() + "?$deltatoken="
	if st := mb.forgotten(token); st != nil {
		location = st.first
	}
	p.header = map[string]string{"Location": q.base + location}
	return p
}

// visible tells how much of the log a round sees.
func (s *Server) visible(mb *mailbox) int {
	if s.switches.DeltaDelay == 0 {
		return len(mb.log)
	}
	seen := s.clock.Now().Add(-s.switches.DeltaDelay)
	return sort.Search(len(mb.log), func(i int) bool { return mb.log[i].at.After(seen) })
}

// round finds all that a new round tells of.
func (s *Server) round(mb *mailbox, st *deltaState) deltaState {
	next := *st
	next.pages, next.next, next.pos = []notice{}, true, max(st.pos, s.visible(mb))
	written := mb.written(st.pos, next.pos)
	old, now := mb.fold(st.pos, written), mb.fold(next.pos, written)
	for _, seq := range written {
		before, after := old[seq], now[seq]
		if st.kind == Event {
			next.pages = append(next.pages, s.eventNotices(st, before, after, mb.passed(seq, st.pos, next.pos))...)
			continue
		}
		next.pages = append(next.pages, s.notices(mb, st, before, after, st.pos, next.pos, seq)...)
	}
	return next
}

// fold gives what some items were after so much of the log.
func (mb *mailbox) fold(pos int, wanted []int64) map[int64]*item {
	out := map[int64]*item{}
	for _, seq := range wanted {
		out[seq] = nil
	}
	for _, e := range mb.log[:pos] {
		if _, ok := out[e.it.seq]; ok {
			out[e.it.seq] = e.left()
		}
	}
	return out
}

// left gives what a write left of an item, nil if it took it away.
func (e *entry) left() *item {
	if e.gone {
		return nil
	}
	return e.it
}

// written gives the items that a part of the log writes to, in order of their last write.
func (mb *mailbox) written(from, to int) []int64 {
	last := map[int64]int{}
	for i, e := range mb.log[from:to] {
		if !e.quiet || from == 0 {
			last[e.it.seq] = i
		}
	}
	var out []int64
	for seq := range last {
		out = append(out, seq)
	}
	slices.SortFunc(out, func(a, b int64) int { return last[a] - last[b] })
	return out
}

// passed gives an item as some write in a part of the log left it, for one that is neither before nor after it.
func (mb *mailbox) passed(seq int64, from, to int) *item {
	for _, e := range mb.log[from:to] {
		if e.it.seq == seq {
			return e.it
		}
	}
	return nil
}

// notices tells what became of one item of a folder or list.
func (s *Server) notices(mb *mailbox, st *deltaState, before, after *item, from, to int, seq int64) []notice {
	in := func(it *item) bool {
		return it != nil && it.kind == st.kind && (st.kind == TaskList || it.folder == st.folder)
	}
	if in(after) {
		return []notice{{it: after}}
	}
	if in(before) {
		return []notice{{it: before, gone: true}}
	}
	if from == 0 {
		return nil // what came and went before the first round was never there
	}
	for _, e := range mb.log[from:to] {
		if e.it.seq == seq && in(e.it) {
			return []notice{{it: e.it, gone: true}}
		}
	}
	return nil
}

// eventNotices tells what became of one event, or of the occurrences of one series, in the window.
func (s *Server) eventNotices(st *deltaState, before, after, passed *item) []notice {
	in := func(it *item) *item {
		if it == nil || it.kind != Event || it.folder != st.folder {
			return nil
		}
		return it
	}
	before, after, passed = in(before), in(after), in(passed)
	then, now := s.shown(st, before), s.shown(st, after)
	var out []notice
	for _, it := range now {
		if old := sameOccurrence(then, it); old == nil || old.version != it.version {
			out = append(out, notice{it: it})
		}
	}
	for _, it := range then {
		if sameOccurrence(now, it) == nil {
			out = append(out, notice{it: it, gone: true})
		}
	}
	if len(then)+len(now) > 0 || st.pos == 0 {
		return out
	}
	for _, it := range []*item{after, before, passed} { // a change outside the window, told as a deletion
		if it != nil {
			return []notice{{it: it, gone: true}}
		}
	}
	return nil
}

// shown gives what the window shows of an event.
func (s *Server) shown(st *deltaState, it *item) []*item {
	switch {
	case it == nil:
		return nil
	case !it.series():
		if it.span.touches(st.options.from, st.options.to) {
			return []*item{it}
		}
		return nil
	}
	out := it.occurrences(st.options.from, st.options.to)
	if len(out) > 0 && s.switches.Occurrences == OccurrencesBare {
		master := it.clone()
		master.version = it.main
		out = append([]*item{master}, out...)
	}
	return out
}

func sameOccurrence(list []*item, it *item) *item {
	if i := slices.IndexFunc(list, func(o *item) bool { return o.occurrence == it.occurrence }); i >= 0 {
		return list[i]
	}
	return nil
}

// deltaPage writes one page and the link to what follows.
func (s *Server) deltaPage(mb *mailbox, q *request, page *deltaState) *answer {
	n := min(page.pageSize, len(page.pages))
	if q.faulty(EmptyPage) {
		n = 0
	}
	rows := make([]any, 0, n)
	for _, note := range page.pages[:n] {
		rows = append(rows, s.notice(mb, q, page, note))
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
			return append(rows, s.notice(mb, q, page, notice{it: it}))
		}
	}
	return rows
}

// stateToken keeps a state and gives the token for it.
func (s *Server) stateToken(mb *mailbox, st deltaState) string {
	mb.tokenSeq++
	token := mb.idText("R0usmc", ident{seq: mb.tokenSeq, occurrence: "state"})
	mb.tokens[token] = &st
	mb.tokenOrder = append(mb.tokenOrder, token)
	if most := s.limits.DeltaStates; most > 0 && len(mb.tokenOrder) > most {
		mb.forget(mb.tokenOrder[0])
		mb.tokenOrder = mb.tokenOrder[1:]
	}
	return token
}

// forget drops a state but remembers where its round began.
func (mb *mailbox) forget(token string) {
	if st := mb.tokens[token]; st != nil {
		mb.lost[token] = st
	}
	delete(mb.tokens, token)
}

func (mb *mailbox) forgotten(token string) *deltaState { return mb.lost[token] }

// ExpireDelta makes a mailbox forget all state tokens, as after a move of it or after a long time.
func (s *Server) ExpireDelta(address string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	mb := s.mustMailbox(address)
	for token := range mb.tokens {
		mb.forget(token)
	}
	mb.tokenOrder = nil
}
