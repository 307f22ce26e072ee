package salesmanagementtest

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"syncbox/connectors/rest/resttest"
)

// change is what is to become of a row, checked.
type change struct {
	e   Entity
	set map[string]string
}

// understood checks the members of a body, one by one: unknown ones, the product's own, and those of a wrong type are refused.
func (s *Server) understood(e Entity, body map[string]any) (*change, *Refusal) {
	ch := &change{e, map[string]string{}}
	for _, name := range slices.Sorted(maps.Keys(body)) {
		f := s.tables[e].byName[name]
		if f == nil || isStamp(name) || f.fixed {
			return nil, invalid(clipped(name) + ": no field that can be written")
		}
		text, ok := s.take(e, f, body[name])
		if !ok {
			return nil, invalid(name + ": wrong type, length or reference")
		}
		ch.set[name] = text
	}
	return ch, nil
}

// clipped shows no more than the name of a field would have.
func clipped(name string) string {
	if len(name) > 40 {
		return name[:40]
	}
	return name
}

// complete tells whether a new row has what it needs.
func (s *Server) complete(ch *change) *Refusal {
	for _, f := range s.tables[ch.e].fields {
		if f.required && ch.set[f.Name] == "" {
			return invalid(f.Name + ": required")
		}
	}
	if ch.e == Sales && ch.set["accountId"] == "" {
		rows := s.living(Accounts, ch.set["accountExtId"])
		if len(rows) == 0 {
			return invalid("accountExtId or accountId: required")
		}
		ch.set["accountId"] = number(rows[0].ID)
	}
	return nil
}

// living gives the rows of an external id that are not deleted.
func (s *Server) living(e Entity, ext string) (out []*row) {
	for _, r := range s.state.byExt[e][folded(ext)] {
		if !r.Deleted && ext != "" {
			out = append(out, r)
		}
	}
	return out
}

// unique tells whether an external id may be that of a row.
func (s *Server) unique(ch *change, r *row) *Refusal {
	ext := ch.set["extId"]
	if ext == "" || s.on(ExtIDUnique, "free") {
		return nil
	}
	if slices.ContainsFunc(s.living(ch.e, ext), func(one *row) bool { return one != r }) {
		return invalid("extId: another row has it")
	}
	return nil
}

// create answers POST /<entity>.
func (s *Server) create(c *Call, q *request) (*resttest.Answer, *Refusal) {
	body, wrong := q.object()
	if wrong != nil {
		return nil, wrong
	}
	if wrong := s.writable(c.Entity); wrong != nil {
		return nil, wrong
	}
	ch, wrong := s.understood(c.Entity, body)
	if wrong == nil {
		wrong = s.complete(ch)
	}
	if wrong == nil {
		wrong = s.unique(ch, nil)
	}
	if wrong == nil {
		wrong = s.linesOpen(ch, nil)
	}
	if wrong != nil {
		return nil, wrong
	}
	r := s.apply(ch, nil, author{call: c})
	c.ID = r.ID
	status := map[string]int{"200": http.StatusOK, "201": http.StatusCreated}[s.switches[CreateStatus]]
	return resttest.JSON(status, map[string]any{s.switches[CreateMessage]: "entity created", "id": r.ID}), nil
}

// writable tells whether an entity takes writes at all.
func (s *Server) writable(e Entity) *Refusal {
	switch {
	case !s.tables[e].written:
		return wrongVerb()
	case e == Users && s.on(UsersWrite, "refused"):
		return invalid("users: not by the API")
	}
	return nil
}

// update answers PUT /<entity>/<id>: what is not sent stays.
func (s *Server) update(c *Call, q *request) (*resttest.Answer, *Refusal) {
	body, wrong := q.object()
	if wrong != nil {
		return nil, wrong
	}
	if wrong := s.writable(c.Entity); wrong != nil {
		return nil, wrong
	}
	r := s.state.find(c.Entity, c.ID)
	if r == nil {
		return nil, gone()
	}
	back, sent := body["deleted"].(bool)
	if sent {
		delete(body, "deleted")
	}
	if wrong := s.mayChange(r, body, sent, back); wrong != nil {
		return nil, wrong
	}
	ch, wrong := s.understood(c.Entity, body)
	if wrong == nil {
		wrong = s.unique(s.asLiving(ch, r), r)
	}
	if wrong == nil {
		wrong = s.linesOpen(ch, r)
	}
	if wrong == nil {
		wrong = s.stays(ch, r)
	}
	if wrong != nil {
		return nil, wrong
	}
	if sent && r.Deleted {
		s.mark(c.Entity, r, false, author{call: c})
	}
	s.apply(ch, r, author{call: c})
	return resttest.JSON(http.StatusOK, map[string]string{"message": "entity updated"}), nil
}

// asLiving has a row that comes back ask for its own external id again.
func (s *Server) asLiving(ch *change, r *row) *change {
	if _, sent := ch.set["extId"]; sent || !r.Deleted {
		return ch
	}
	return &change{ch.e, map[string]string{"extId": r.Values["extId"]}}
}

// mayChange tells whether the key may write a row: it is there, and it is not kept from changes.
func (s *Server) mayChange(r *row, body map[string]any, sent, deleted bool) *Refusal {
	switch {
	case sent && (deleted || s.on(Undelete, "400")):
		return invalid("deleted: not by the API")
	case r.Deleted && !sent:
		return gone()
	}
	return s.lifted(r, body)
}

// lifted tells whether the key may write a read-only row.
func (s *Server) lifted(r *row, body map[string]any) *Refusal {
	if r.Values["readOnly"] == "" || s.on(ReadOnlyAPI, "writes") {
		return nil
	}
	if off, ok := body["readOnly"].(bool); ok && !off && len(body) == 1 && s.on(ReadOnlyAPI, "lift") {
		return nil
	}
	return invalid("readOnly: the row cannot be changed")
}

// linesOpen tells whether the lines of a quote may be written, where they are as read-only as the quote.
func (s *Server) linesOpen(ch *change, r *row) *Refusal {
	if ch.e != Lines || s.on(ReadOnlyLines, "free") {
		return nil
	}
	of := []string{ch.set["salesOrderId"]}
	if r != nil {
		of = append(of, r.Values["salesOrderId"])
	}
	for _, text := range of {
		id, _ := strconv.ParseInt(text, 10, 64) // 0 where it is not sent
		if order := s.state.find(SalesOrders, id); order != nil && s.lifted(order, nil) != nil {
			return invalid("readOnly: the lines cannot be changed")
		}
	}
	return nil
}

// stays refuses to move a contact to another account, where that is not to be.
func (s *Server) stays(ch *change, r *row) *Refusal {
	to, sent := ch.set["accountId"]
	if ch.e == Contacts && sent && to != r.Values["accountId"] && s.on(ContactAccount, "fixed") {
		return invalid("accountId: cannot be changed")
	}
	return nil
}

// remove answers DELETE /<entity>/<id>.
func (s *Server) remove(c *Call, _ *request) (*resttest.Answer, *Refusal) {
	if wrong := s.writable(c.Entity); wrong != nil {
		return nil, wrong
	}
	r := s.state.live(c.Entity, c.ID)
	if r == nil {
		return nil, gone()
	}
	wrong := s.lifted(r, nil)
	if wrong == nil {
		wrong = s.linesOpen(&change{e: c.Entity}, r)
	}
	if wrong != nil {
		return nil, wrong
	}
	s.mark(c.Entity, r, true, author{call: c})
	return resttest.JSON(http.StatusOK, map[string]string{"message": "entity deleted"}), nil
}

// schema answers GET /<entity>/schema and POST /procedure/zapier_schema.
func (s *Server) schema(c *Call, q *request) (*resttest.Answer, *Refusal) {
	if c.Entity == "" {
		return s.zapier(c, q)
	}
	out := map[string]any{}
	for _, f := range s.tables[c.Entity].fields {
		one := map[string]any{"type": f.jsonType(s), "readOnly": isStamp(f.Name) || f.fixed, "required": f.required, "table": f.To}
		if f.Kind == Text {
			one["maxLength"] = f.Size
		}
		out[f.Name] = one
	}
	return resttest.JSON(http.StatusOK, map[string]any{"title": c.Entity, "type": "object", "properties": out}), nil
}

// jsonType is the type that is written.
func (f *Field) jsonType(s *Server) string {
	switch {
	case f.Kind == DateTime:
		return "string"
	case f.Kind == Reference, f.Name == "quantity" && s.on(Quantity, "integer"):
		return "integer"
	case f.Kind == References:
		return "array"
	}
	return string(f.Kind)
}

// zapier tells the custom fields of an entity, which may be named as a resource or as one of it.
func (s *Server) zapier(c *Call, q *request) (*resttest.Answer, *Refusal) {
	body, wrong := q.object()
	name, ok := body["entity"].(string)
	if wrong != nil || !ok || len(body) != 1 {
		return nil, invalid("entity: required")
	}
	t := s.tables[Entity(name)]
	if t == nil {
		t = s.tables[Entity(name+"s")]
	}
	if t == nil || t.hidden {
		return nil, gone()
	}
	c.Entity = t.entity
	out := []any{}
	for _, f := range t.fields {
		if strings.HasPrefix(f.Name, "Z_") {
			out = append(out, map[string]any{"key": f.Name, "label": f.Label, "type": f.jsonType(s), "required_via_api": f.required})
		}
	}
	return resttest.JSON(http.StatusOK, out), nil
}

// money reads a stored number; absent is 0.
func money(text string) decimal.Decimal {
	if text == "" {
		return decimal.Zero
	}
	return decimal.RequireFromString(text)
}

// typed brings what a person types into the form of a body.
func typed(f *Field, text string) any {
	switch {
	case text == "" && f.Kind == Boolean:
		return false
	case text == "":
		return nil
	case f.Kind == Text, f.Kind == DateTime:
		return text
	case f.Kind == Boolean:
		return text == "true"
	case f.Kind == References:
		var all []any
		for id := range strings.SplitSeq(text, ",") {
			all = append(all, json.Number(id))
		}
		return all
	}
	return json.Number(text)
}
