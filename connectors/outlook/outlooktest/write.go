package outlooktest

import (
	"net/http"
	"net/url"
)

func encodeQuery(v map[string][]string) string { return url.Values(v).Encode() }

// create makes a new item.
func (s *Server) create(c *Call, mb *mailbox, q *request) (*answer, *problem) {
	in, prob := s.place(mb, q)
	if prob != nil {
		return nil, prob
	}
	if first, prob := s.repeated(mb, q); first != nil || prob != nil {
		c.Repeated = true
		if prob != nil {
			return nil, prob
		}
		return s.one(http.StatusCreated, mb, first, q), nil
	}
	it := &item{kind: q.kind, folder: in, fields: Object{}, props: map[string]string{}}
	if prob := s.apply(mb, it, q.body, true); prob != nil {
		return nil, prob
	}
	if prob := wholeEvent(it); prob != nil {
		return nil, prob
	}
	it = s.enter(mb, it, author{authorAPI, c.Seq})
	if t := text(it.fields, "transactionId"); t != "" && mb.items[mb.transactions[t].seq] == nil {
		mb.transactions[t] = transaction{it.seq, string(encode(q.body))}
	}
	c.wrote(it, mb, OpCreate)
	s.invite(c, mb, nil, it)
	a := s.one(http.StatusCreated, mb, it, q.showing(it))
	a.header.Set("Location", q.base+q.path()+"/"+mb.idOf(it, q.prefer.immutable))
	return a, nil
}

// repeated finds the event that a create with the same transactionId made before.
func (s *Server) repeated(mb *mailbox, q *request) (*item, *problem) {
	id := text(q.body, "transactionId")
	known := mb.transactions[id]
	first := mb.items[known.seq]
	if q.kind != Event || id == "" || first == nil || s.switches.TransactionID == TransactionIgnored {
		return nil, nil
	}
	if known.body != string(encode(q.body)) {
		return nil, refuse(http.StatusConflict, "ErrorDuplicateTransactionId",
			"Your request can't be completed. The TransactionId specified in the request has already been used to create a different event.")
	}
	return first, nil
}

// showing lets the answer to a create show the extensions and properties that it wrote.
func (q *request) showing(it *item) *request {
	shown := *q
	shown.op = OpRead
	if q.body["extensions"] != nil {
		shown.options.extensions = []string{""}
	}
	if q.body["linkedResources"] != nil {
		shown.options.linked = true
	}
	if q.body["singleValueExtendedProperties"] != nil {
		for id := range it.props {
			shown.options.props = append(shown.options.props, id)
		}
	}
	return &shown
}

// enter stores a new item.
func (s *Server) enter(mb *mailbox, it *item, who author) *item {
	if it.kind == Event && it.fields["iCalUId"] == nil {
		it.fields["iCalUId"] = mb.idText("040000008200E00074C5B7101A82E008", ident{seq: mb.seq + 1})
	}
	return mb.store(it, s.clock.Now(), who)
}

// place gives the container that a new item goes into.
func (s *Server) place(mb *mailbox, q *request) (int64, *problem) {
	if q.kind == Calendar || q.kind == TaskList {
		return 0, nil
	}
	in := mb.holder(q.kind, q.folder)
	if in == nil {
		return 0, notFound()
	}
	return in.seq, nil
}

// wholeEvent asks a new event for its time.
func wholeEvent(it *item) *problem {
	if it.kind == Event && it.span.start.IsZero() {
		return badProperty("start, end: both are wanted")
	}
	return nil
}

// held says what stands against a write: If-Match.
func (s *Server) held(q *request, it *item) *problem {
	if q.ifMatch == "" || q.ifMatch == "*" || s.switches.IfMatch == IfMatchIgnored {
		return nil
	}
	if tag := it.etag(); q.ifMatch != tag && q.ifMatch != tag[2:] {
		return conflict()
	}
	return nil
}

func (s *Server) update(c *Call, mb *mailbox, q *request) (*answer, *problem) {
	old, prob := s.target(mb, q)
	if prob == nil {
		prob = s.held(q, old)
	}
	if prob != nil {
		return nil, prob
	}
	next := old.clone()
	if prob := s.apply(mb, next, q.body, false); prob != nil {
		return nil, prob
	}
	next = s.settle(mb, old, next, author{authorAPI, c.Seq})
	c.wrote(next, mb, OpUpdate)
	s.invite(c, mb, old, next)
	return s.one(http.StatusOK, mb, next, q.showing(next)), nil
}

// settle stores a changed item; a changed occurrence becomes an exception of its series.
func (s *Server) settle(mb *mailbox, old, next *item, who author) *item {
	now := s.clock.Now()
	if old.occurrence == "" {
		return mb.change(old, next, now, who)
	}
	master := mb.items[old.seq]
	next.exempt = true
	s.except(mb, master, old.occurrence, next, who)
	return next
}

// except gives a series an exception on a date; nil cancels the occurrence.
func (s *Server) except(mb *mailbox, master *item, date string, o *item, who author) {
	next := master.clone()
	if next.exceptions == nil {
		next.exceptions = map[string]exception{}
	}
	mb.version++
	next.version, next.modified = mb.version, mb.stamp(s.clock.Now())
	if o != nil {
		o.version, o.modified = next.version, next.modified
	}
	next.exceptions[date] = exception{o}
	mb.keep(next, master, who, false)
}

func (s *Server) remove(c *Call, mb *mailbox, q *request) (*answer, *problem) {
	it, prob := s.target(mb, q)
	if prob == nil {
		prob = s.held(q, it)
	}
	if prob != nil {
		return nil, prob
	}
	c.wrote(it, mb, OpDelete)
	s.invite(c, mb, it, nil)
	s.drop(mb, it, author{authorAPI, c.Seq})
	return noContent(), nil
}

// drop removes an item, or cancels an occurrence.
func (s *Server) drop(mb *mailbox, it *item, who author) {
	if it.occurrence != "" {
		s.except(mb, mb.items[it.seq], it.occurrence, nil, who)
		return
	}
	mb.remove(it, s.clock.Now(), who)
}
