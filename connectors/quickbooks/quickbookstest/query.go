package quickbookstest

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// query answers a statement: the content of QueryResponse and how many rows it has. The caller has the lock.
func (s *Server) query(q *request, text_ string) (Object, int, *problem) {
	folds := !s.switches.CaseSensitive
	st, prob := parseStatement(text_, s.opts.Zone, folds)
	if prob != nil {
		return nil, 0, prob
	}
	rows := s.matching(st, folds)
	defer s.touchBetweenPages(q, st.entity, rows)
	if st.count {
		return Object{"totalCount": len(rows)}, 0, nil
	}
	shown := rows[min(st.start-1, len(rows)):]
	shown = shown[:min(st.max, len(shown))]
	for _, r := range shown {
		if poisonous(st.entity, r) {
			return nil, 0, poisoned()
		}
	}
	if len(shown) == 0 {
		return Object{}, 0, nil
	}
	return s.page(q, st, shown), len(shown), nil
}

func (s *Server) page(q *request, st *statement, shown []*row) Object {
	list := make([]any, len(shown))
	for i, r := range shown {
		list[i] = s.listed(q, st.entity, r)
		if st.fields != nil {
			list[i] = project(r.obj, st.fields)
		}
	}
	return s.block(st.entity, list, st.start)
}

// block is the content of a QueryResponse with rows.
func (s *Server) block(e Entity, list []any, start int) Object {
	if s.switches.StartPositionZero && start == 1 {
		start = 0
	}
	o := Object{string(e): list, "startPosition": start, "maxResults": len(list)}
	if !s.switches.NoTotalCount {
		o["totalCount"] = len(list)
	}
	return o
}

// matching gives the rows that fit, in their order.
func (s *Server) matching(st *statement, folds bool) []*row {
	tb := s.state.tables[st.entity]
	activeOnly := st.entity.isList() && !slices.ContainsFunc(st.where, func(c condition) bool { return c.field.path == "Active" })
	var rows []*row
	for _, id := range tb.ids {
		r := tb.rows[id]
		if activeOnly && !r.active() {
			continue
		}
		if !slices.ContainsFunc(st.where, func(c condition) bool { return !c.holds(r, folds) }) {
			rows = append(rows, r)
		}
	}
	s.sort(st, rows, folds)
	return rows
}

// sort orders rows that come by Id; rows that are equal stay so.
func (s *Server) sort(st *statement, rows []*row, folds bool) {
	switch {
	case len(st.order) > 0:
		slices.SortStableFunc(rows, func(a, b *row) int {
			for _, by := range st.order {
				if n := by.field.compare(by.field.of(a, folds), by.field.of(b, folds)); n != 0 && by.down {
					return -n
				} else if n != 0 {
					return n
				}
			}
			return 0
		})
	case s.switches.NameOrder && st.entity.isList():
		slices.SortStableFunc(rows, func(a, b *row) int {
			return strings.Compare(sortName(st.entity, a), sortName(st.entity, b))
		})
	}
}

func sortName(e Entity, r *row) string {
	name := text(r.obj, "FullyQualifiedName")
	setDefault(&name, text(r.obj, nameOf(e)))
	return strings.ToLower(name)
}

func project(o Object, fields []string) Object {
	out := Object{"domain": "QBO", "sparse": true, "Id": o["Id"]}
	for _, path := range fields {
		if top, _, _ := strings.Cut(path, "."); o[top] != nil {
			out[top] = o[top]
		}
	}
	return out
}

// render gives a row as it is sent.
func (s *Server) render(e Entity, r *row) json.RawMessage {
	if e == Item && s.switches.NoSku && r.obj["Sku"] != nil {
		o := deepObject(r.obj)
		delete(o, "Sku")
		return encode(o)
	}
	return r.wire()
}

// listed is a row in a list, which the fault StaleTokens dates back.
func (s *Server) listed(q *request, e Entity, r *row) json.RawMessage {
	token, _ := strconv.Atoi(text(r.obj, "SyncToken"))
	if !q.faulty(StaleTokens) || token == 0 {
		return s.render(e, r)
	}
	return encode(over(r.obj, Object{"SyncToken": strconv.Itoa(token - 1)}))
}

// poisonous says whether a row breaks every page it is on: a transaction with a malformed e-mail address.
func poisonous(e Entity, r *row) bool {
	address := text(r.obj, "BillEmail.Address")
	return e.isTransaction() && address != "" && !goodMail(address)
}

func poisoned() *problem {
	return badQuery("4002", "Error processing query", "QueryProcessingError: To email address entered is invalid")
}

// touchBetweenPages changes one of a query's rows behind the back of who asked: the fault TouchRow.
func (s *Server) touchBetweenPages(q *request, e Entity, rows []*row) {
	if q.faulty(TouchRow) && q.fault.Row < len(rows) {
		r := rows[q.fault.Row]
		s.state.change(e, r, deepObject(r.obj), s.state.stamp(s.clock.Now()), author{authorPerson, 0})
	}
}
