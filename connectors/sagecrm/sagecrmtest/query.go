package sagecrmtest

import (
	"strconv"
	"strings"
)

// cursor is a query that is being read: what is left of it.
type cursor struct {
	t     *table
	ids   []int64
	flags map[int64]string // of queryid; nil for a query of records
	size  int              // records at a time; 0: all
}

func (s *Server) batch() int {
	n, _ := strconv.Atoi(s.switches[SoapBatch]) // "all" is 0
	return n
}

// visible tells whether a query shows a row.
func (s *Server) visible(r *row) bool { return !r.Deleted || s.on(SoapDeleted, "shown") }

// query begins to read the records for which a predicate holds.
func (s *Server) query(c *Call, w *writer, t *table, where string, in *session) *Refusal {
	chosen, used, ok := s.where(t, where)
	if !ok {
		return queryFailed()
	}
	c.Fields = used
	cur := &cursor{t: t, size: s.batch()}
	for _, r := range s.state.Rows[t.entity] {
		if s.visible(r) && chosen(r) {
			cur.ids = append(cur.ids, r.ID)
		}
	}
	s.deliver(c, w, cur, in)
	return nil
}

// next gives more of the open query.
func (s *Server) next(c *Call, w *writer, in *session) *Refusal {
	if in.open == nil {
		return queryFailed()
	}
	c.Entity = in.open.t.entity
	s.deliver(c, w, in.open, in)
	return nil
}

// deliver gives the next records of a query. What was deleted since it began is left out.
func (s *Server) deliver(c *Call, w *writer, cur *cursor, in *session) {
	n := len(cur.ids)
	if cur.size > 0 {
		n = min(n, cur.size)
	}
	for _, id := range cur.ids[:n] {
		r := s.state.find(cur.t.entity, id)
		if r == nil || cur.flags == nil && !s.visible(r) {
			continue
		}
		c.Rows++
		if cur.flags != nil {
			s.aisID(w, cur, r)
			continue
		}
		s.row(w, cur.t, r, "records")
	}
	cur.ids = cur.ids[n:]
	w.text("more", strconv.FormatBool(len(cur.ids) > 0))
	if in.open = cur; len(cur.ids) == 0 {
		in.open = nil
	}
}

// aisID writes an entry of queryid.
func (s *Server) aisID(w *writer, cur *cursor, r *row) {
	w.open("records", typed("aisid"))
	w.text("id", strconv.FormatInt(r.ID, 10))
	flag := cur.flags[r.ID]
	if s.on(SoapAisID, "flag") {
		w.text("flag", flag)
	} else {
		for _, one := range []string{"created", "updated", "deleted"} {
			w.text(one, strconv.FormatBool(one == flag))
		}
	}
	w.end("records")
}

// queryID gives the ids of what was created, updated or deleted since a local time, also where the predicate holds for a deleted
// record only.
func (s *Server) queryID(c *Call, w *writer, t *table, e *envelope, in *session) *Refusal {
	if s.on(SoapQueryID, "refused") {
		return refuse(invalid, "The method is not available: "+e.op)
	}
	chosen, used, ok := s.where(t, e.texts["querystring"])
	since, dated := "", true
	if e.op == "queryid" {
		since, dated = wallTime(e.texts["date"])
	}
	if !ok || !dated {
		return queryFailed()
	}
	c.Fields = used
	cur := &cursor{t: t, flags: map[int64]string{}}
	if s.on(SoapQueryIDPages, "batches") {
		cur.size = s.batch()
	}
	for _, r := range s.state.Rows[t.entity] {
		if flag := s.since(t, r, since); flag != "" && chosen(r) {
			cur.ids, cur.flags[r.ID] = append(cur.ids, r.ID), flag
		}
	}
	s.deliver(c, w, cur, in)
	return nil
}

// since tells what became of a record since a local time, "" for nothing.
func (s *Server) since(t *table, r *row, at string) string {
	stamp := func(name string) string { return s.value(t, r, t.byName[t.prefix+name]) }
	switch {
	case r.Deleted && s.on(SoapQueryID, "no-deleted"), stamp("_updateddate") < at && stamp("_createddate") < at:
		return ""
	case r.Deleted:
		return "deleted"
	case stamp("_createddate") >= at:
		return "created"
	}
	return "updated"
}

// queryEntity gives one record.
func (s *Server) queryEntity(c *Call, w *writer, t *table, id string) *Refusal {
	n, err := strconv.ParseInt(strings.TrimSpace(id), 10, 64)
	if err != nil {
		return queryFailed()
	}
	r := s.state.find(t.entity, n)
	if r == nil || !s.visible(r) {
		return notFound(t.entity)
	}
	c.Rows, c.ID = 1, n
	s.row(w, t, r, "records")
	return nil
}

// metadata describes the columns of an entity.
func (s *Server) metadata(w *writer, t *table) *Refusal {
	if s.on(SoapMetadata, "refused") {
		return refuse(invalid, "The method is not available: getmetadata")
	}
	for i := range t.fields {
		f := &t.fields[i]
		name := f.Name
		if s.on(SoapMetadata, "short") {
			name = f.tag()
		}
		w.open("records", typed("crmfield"))
		w.text("name", name)
		w.text("caption", f.Caption)
		w.text("type", string(f.Kind))
		if f.Kind == Text {
			w.text("length", strconv.Itoa(f.Size))
		}
		w.text("required", strconv.FormatBool(f.Required))
		w.text("readonly", strconv.FormatBool(f.system))
		w.end("records")
	}
	return nil
}

// dropdowns gives the choices of the selection fields.
func (s *Server) dropdowns(w *writer, t *table) {
	for i := range t.fields {
		f := &t.fields[i]
		if len(f.Codes) == 0 {
			continue
		}
		w.open("records", typed("dropdownvalues"))
		w.text("fieldname", f.tag())
		for _, c := range f.Codes {
			w.text("records", c.Code)
		}
		w.end("records")
	}
}
