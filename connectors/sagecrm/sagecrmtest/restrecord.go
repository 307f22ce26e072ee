package sagecrmtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"syncbox/connectors/rest/resttest"
)

// keyed gives the names of the envelope the sign that this site's have.
func (s *Server) keyed(v map[string]any) map[string]any {
	if s.on(RestKeys, "resources") {
		return v
	}
	out := map[string]any{}
	for name, one := range v {
		out["$"+name] = one
	}
	return out
}

// property is the name of a column in answers.
func (s *Server) property(f *Field) string {
	if s.on(RestCase, "lower") {
		return f.Name
	}
	words := strings.Split(f.Name, "_")
	for i, w := range words {
		if w != "" {
			words[i] = strings.ToUpper(w[:1]) + w[1:]
		}
	}
	return strings.Join(words, "_")
}

// resource shows a record: all columns, or those in only.
func (s *Server) resource(t *table, r *row, only map[string]bool) map[string]any {
	out := s.keyed(map[string]any{"key": strconv.FormatInt(r.ID, 10)})
	for i := range t.fields {
		f := &t.fields[i]
		if only != nil && !only[f.Name] {
			continue
		}
		if v, ok := s.json(f, s.value(t, r, f)); ok {
			out[s.property(f)] = v
		}
	}
	return out
}

// json gives a value as JSON has it; ok is false for a field that is left out as it has none.
func (s *Server) json(f *Field, v string) (_ any, ok bool) {
	if f.Kind == CheckBox {
		return map[string]any{"Y": "Y", "": "", "true": true, "false": false, "1": 1, "0": 0}[s.box(v)], true
	}
	if v == "" {
		return map[string]any{"empty": "", "nil": nil}[s.switches[SoapEmpty]], !s.on(SoapEmpty, "absent")
	}
	switch f.Kind {
	case Integer, Decimal:
		return json.Number(v), true
	case DateTime:
		return s.restTime(v), true
	case MultiSelect:
		if s.on(SoapMultiValue, "comma") {
			return strings.Join(s.shown(f, v), ","), true
		}
		return s.shown(f, v), true
	}
	return s.shown(f, v)[0], true
}

// selectedFields reads $select.
func (s *Server) selectedFields(q *restCall) (map[string]bool, *Refusal) {
	text := q.query.Get("$select") + q.query.Get("select")
	if text == "" {
		return nil, nil
	}
	only := map[string]bool{}
	for name := range strings.SplitSeq(text, ",") {
		f := q.t.byName[lower(strings.TrimSpace(name))]
		if f == nil {
			return nil, refuse(invalid, "$select is not valid")
		}
		only[f.Name] = true
	}
	return only, nil
}

// readObject reads one object of JSON.
func readObject(body []byte) (map[string]any, error) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v map[string]any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) || v == nil {
		return nil, errors.New("more than an object")
	}
	return v, nil
}

// restChange reads the columns of a body; what begins with $ is overlooked, and so is what the product stamps itself.
func (s *Server) restChange(q *restCall) (*change, *Refusal) {
	c := &change{t: q.t, set: map[string]string{}}
	seen := map[string]string{}
	for name, v := range q.body {
		if strings.HasPrefix(name, "$") {
			continue
		}
		f := q.t.byName[lower(name)]
		if f == nil {
			return nil, refuse(invalid, "Validation error: "+string(q.t.entity)+": no such field")
		}
		text, ok := scalar(f, v)
		if _, twice := seen[f.Name]; !ok || twice {
			return nil, refuse(invalid, "Validation error: "+f.Name+": one value is wanted")
		}
		seen[f.Name] = text
	}
	return c, s.takeAll(c, seen)
}

// scalar gives the text of a value; of a multi-value field an array has many.
func scalar(f *Field, v any) (string, bool) {
	switch v := v.(type) {
	case nil:
		return "", true
	case string:
		return v, true
	case json.Number:
		return v.String(), f.Kind != Text
	case bool:
		return strconv.FormatBool(v), f.Kind == CheckBox
	case []any:
		var all []string
		for _, one := range v {
			text, ok := one.(string)
			if !ok {
				return "", false
			}
			all = append(all, text)
		}
		return strings.Join(all, ","), f.Kind == MultiSelect
	}
	return "", false
}

func (s *Server) restCreate(c *Call, q *restCall, who author) (*resttest.Answer, *Refusal) {
	next, wrong := s.restChange(q)
	if wrong == nil && next.id != 0 {
		wrong = refuse(invalid, "Validation error: "+q.t.key.Name+" must not be sent")
	}
	if wrong == nil {
		wrong = s.check(next)
	}
	if wrong != nil {
		return nil, wrong
	}
	r := s.apply(next, who)
	c.ID = r.ID
	a := s.tagged(resttest.JSON(http.StatusCreated, s.resource(q.t, r, map[string]bool{q.t.key.Name: true})), r)
	a.Header.Set("Location", "http://"+q.host+s.restPath()+string(q.t.entity)+"('"+strconv.FormatInt(r.ID, 10)+"')")
	return a, nil
}

// restUpdate changes what is sent; where PUT replaces, what is not sent is emptied.
func (s *Server) restUpdate(q *restCall, r *row, who author) (*resttest.Answer, *Refusal) {
	next, wrong := s.restChange(q)
	if wrong != nil {
		return nil, wrong
	}
	if next.id != 0 && next.id != r.ID {
		return nil, refuse(invalid, "Validation error: "+q.t.key.Name+": another record's")
	}
	next.id = r.ID
	if s.on(RestPut, "replace") && s.on(RestUpdate, "put") {
		for name, f := range q.t.byName {
			if _, sent := next.set[name]; !sent && !f.system {
				next.set[name] = ""
			}
		}
	}
	if wrong := s.check(next); wrong != nil {
		return nil, wrong
	}
	s.apply(next, who)
	return s.tagged(resttest.JSON(http.StatusOK, s.resource(q.t, r, nil)), r), nil
}

func etag(r *row) string { return `"` + strconv.FormatInt(r.Rev, 10) + `"` }

// tagged adds the ETag of a site that has them.
func (s *Server) tagged(a *resttest.Answer, r *row) *resttest.Answer {
	if s.on(ETag, "enforced") {
		a.Header.Set("ETag", etag(r))
	}
	return a
}

// matches holds If-Match against the record.
func (s *Server) matches(q *restCall, r *row) *Refusal {
	switch {
	case s.on(ETag, "absent"):
		return nil
	case q.match == "":
		return refuse(unmatched, "If-Match is missing")
	case q.match != etag(r) && q.match != "*":
		return refuse(stale, "The record was changed")
	}
	return nil
}

// schemaAnswer tells the entities, or the columns of one.
func (s *Server) schemaAnswer(q *restCall) *resttest.Answer {
	all := []map[string]any{}
	if q.t == nil {
		for _, e := range []Entity{Company, Person, Address, Phone, Email, Opportunity, Communication} {
			if s.open[e] {
				all = append(all, map[string]any{"name": string(e)})
			}
		}
	} else {
		for _, f := range q.t.fields {
			all = append(all, map[string]any{"name": s.property(&f), "caption": f.Caption, "type": string(f.Kind), "required": f.Required, "readonly": f.system})
		}
	}
	return resttest.JSON(http.StatusOK, s.keyed(map[string]any{"resources": all, "totalResults": len(all)}))
}

// refuseRest refuses in the form of the site.
func (s *Server) refuseRest(c *Call, why *Refusal) *resttest.Answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.Refused = why.Text
	var a *resttest.Answer
	switch s.switches[RestError] {
	case "html":
		a = resttest.Page(why.status(), why.Text)
	case "message":
		a = resttest.JSON(why.status(), map[string]string{"message": why.Text})
	default:
		a = resttest.JSON(why.status(), map[string]any{"$diagnoses": []any{map[string]string{"$severity": "error", "$message": why.Text}}})
	}
	if why.kind == denied {
		a.Header.Set("WWW-Authenticate", `Basic realm="Sage CRM"`)
	}
	return a
}
