package sagex3

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/connectors/rest"
)

// restPage is a page of an answer to a $query.
type restPage struct {
	Resources *[]map[string]any `json:"$resources"`
	Links     struct {
		Next restLink `json:"$next"`
	} `json:"$links"`
}

// restLink is an address, as a text or in an object.
type restLink string

// UnmarshalJSON takes "/api1/…" and {"$url": "/api1/…"}.
func (l *restLink) UnmarshalJSON(b []byte) error {
	var object struct {
		URL string `json:"$url"`
	}
	if json.Unmarshal(b, &object) == nil {
		*l = restLink(object.URL)
		return nil
	}
	return json.Unmarshal(b, (*string)(l))
}

// maxSame is how often one address may come in a chain of pages.
const maxSame = 2

// representation gives the class and the representation under which e is published to REST.
func (c Config) representation(e record.Entity) (class, name string) {
	class, name, _ = strings.Cut(c.Representations[e], ",")
	setDefault(&class, objects[e])
	setDefault(&name, class)
	return class, name
}

// restQuery is the address of a list by REST: so many rows a page, in the order of keys, of one owner or of all.
func (s *Server) restQuery(e record.Entity, rep string, count int) *url.URL {
	class, name := s.cfg.representation(e)
	u := s.base.JoinPath("api1", "x3", "erp", s.cfg.Folder, class)
	q := url.Values{"representation": {name + ".$query"}, "orderBy": {s.cfg.code(e, "chrono")}, "count": {strconv.Itoa(count)}}
	if rep != "" {
		q.Set("where", fmt.Sprintf("(%s eq '%s')", s.cfg.code(e, owner[e]), strings.ReplaceAll(rep, "'", "''")))
	}
	u.RawQuery = strings.ReplaceAll(q.Encode(), "+", "%20")
	return u
}

// restRows gives the rows of e that belong to a representative, of all where rep is empty. A list that may not be whole is an
// error: one that fills its first page and does not say how it goes on may have been cut.
func (s *Server) restRows(ctx context.Context, e record.Entity, rep string) (rows []row, err error) {
	at, seen := s.restQuery(e, rep, s.cfg.ListSize), map[string]int{}
	for first := true; at != nil; first = false {
		if seen[at.RequestURI()]++; seen[at.RequestURI()] > maxSame {
			return nil, s.restFailure(connectors.Unavailable, CodeBadAnswer, at, errors.New("a list that leads to itself"))
		}
		page, next, err := s.restPage(ctx, e, at)
		if err != nil {
			return nil, s.unknownColumn(ctx, e, rep, err)
		}
		if first && next == nil && len(page) >= s.cfg.ListSize {
			f := s.restFailure(connectors.Drift, CodeListCut, at, errors.New("the list fills its page and has no link to another"))
			f.Args = map[string]string{"publication": s.cfg.publication(e)}
			return nil, f
		}
		for _, r := range page {
			if rep == "" || one(r, s.cfg.code(e, owner[e])) == rep {
				rows = append(rows, r)
			}
		}
		at = next
	}
	return rows, nil
}

// restPage reads one page, and where the next one is; nil after the last.
func (s *Server) restPage(ctx context.Context, e record.Entity, at *url.URL) ([]row, *url.URL, error) {
	a, err := s.client.Do(ctx, rest.Request{Method: http.MethodGet, URL: at, Header: http.Header{"Accept": {"application/json"}}})
	if err != nil {
		return nil, nil, err
	}
	if err := s.restRefusal(e, at, a); err != nil {
		return nil, nil, err
	}
	var p restPage
	d := json.NewDecoder(bytes.NewReader(a.Body))
	d.UseNumber()
	if d.Decode(&p) != nil || p.Resources == nil {
		return nil, nil, s.restFailure(connectors.Unavailable, CodeBadAnswer, at, errors.New("an answer without $resources"))
	}
	rows := make([]row, 0, len(*p.Resources))
	for _, r := range *p.Resources {
		fields := scalars(r)
		if name := s.missingColumn(e, fields); name != "" {
			class, _ := s.cfg.representation(e)
			return nil, nil, s.lacks(class, name)
		}
		rows = append(rows, fields)
	}
	next, err := s.restNext(at, string(p.Links.Next))
	return rows, next, err
}

// restNext gives the address of the next page: path and query of a link, on the server that we know, which a proxy may show under
// another name than its own.
func (s *Server) restNext(at *url.URL, link string) (*url.URL, error) {
	if link == "" {
		return nil, nil
	}
	next, err := at.Parse(link)
	if err != nil || next.User != nil || !strings.HasPrefix(next.Path, "/") {
		return nil, s.restFailure(connectors.Unavailable, CodeBadAnswer, at, errors.New("a link that is no address"))
	}
	next.Scheme, next.Host = s.base.Scheme, s.base.Host
	return next, nil
}

// restRefusal sorts an answer that is no list. What says no to the representation, and not to the user, stops this object alone.
func (s *Server) restRefusal(e record.Entity, at *url.URL, a *rest.Answer) error {
	switch told := fmt.Errorf("status %d", a.Status); {
	case a.Status == http.StatusUnauthorized:
		return s.restFailure(connectors.Auth, CodeAuth, at, told)
	case a.Status >= 500:
		return s.restFailure(connectors.Unavailable, CodeServerError, at, told)
	case a.Status != http.StatusOK:
		_, name := s.cfg.representation(e)
		f := s.restFailure(connectors.Drift, CodeRESTRefused, at, told)
		f.Args = map[string]string{"representation": name}
		return f
	case !a.JSON():
		return s.restFailure(connectors.Unavailable, CodeBadAnswer, at, errors.New("status 200, and no JSON"))
	}
	return nil
}

// unknownColumn finds out why X3 answers 5xx to a list: it does so to a condition on a column that the representation does not
// have. One row without a condition shows its columns; where there is none, the error stays.
func (s *Server) unknownColumn(ctx context.Context, e record.Entity, rep string, cause error) error {
	if rep == "" || connectors.CodeOf(cause) != CodeServerError {
		return cause
	}
	if _, _, err := s.restPage(ctx, e, s.restQuery(e, "", 1)); connectors.CodeOf(err) == CodeFields {
		return err
	}
	return cause
}

// missingColumn names what a row of a representation does not show and looks can't do without: its number, its owner, and one of
// X3's stamps.
func (s *Server) missingColumn(e record.Entity, r row) string {
	has := func(code string) bool { _, there := r[code]; return there }
	switch {
	case one(r, s.cfg.code(e, "chrono")) == "":
		return "chrono"
	case e != record.Appointment && !has(s.cfg.code(e, owner[e])):
		return owner[e]
	case !has("UPDTICK") && !has("UPDDATTIM") && !has("UPDDAT"):
		return "UPDDATTIM"
	}
	return ""
}

// scalars are the fields of a resource; what begins with $ tells of the answer, and references are objects.
func scalars(resource map[string]any) row {
	r := row{}
	for name, v := range resource {
		switch v.(type) {
		case map[string]any, []any:
			continue
		}
		if !strings.HasPrefix(name, "$") {
			r[name] = jsonValues(v)
		}
	}
	return r
}

func (s *Server) restFailure(kind connectors.Kind, code string, at *url.URL, err error) *connectors.Error {
	return &connectors.Error{Kind: kind, Code: code, Err: fmt.Errorf("GET %s: %w", s.secrets.URL(at), err)}
}

// tryREST asks for one row of e's representation, to see whether the site gives it and has the columns.
func (s *Server) tryREST(ctx context.Context, e record.Entity) error {
	_, _, err := s.restPage(ctx, e, s.restQuery(e, "", 1))
	return err
}
