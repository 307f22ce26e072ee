package sagecrm

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/rest"
)

// sdata is the REST interface, SData 2.0. It has no session; each request logs on.
type sdata struct {
	crm   *CRM
	base  *url.URL
	basic string // secret
	patch bool   // PUT was refused as a verb
	order bool   // it can sort, or was not seen to be unable to
}

func newSData(c *CRM) *sdata {
	return &sdata{
		order: c.cfg.RESTVersion == "auto" || c.cfg.RESTVersion == "2024R2",
		crm:   c, base: c.base.JoinPath("sdata", c.cfg.Install+"j", "sagecrm2", "-"), patch: c.cfg.RESTUpdate == "patch",
		basic: "Basic " + base64.StdEncoding.EncodeToString([]byte(c.cfg.User+":"+c.cfg.Password)),
	}
}

func (s *sdata) name() string { return "rest" }

// open reads one company, and finds out whether this version can sort where the settings leave that open.
func (s *sdata) open(ctx context.Context) error {
	_, err := s.list(ctx, companyTable, "", 1)
	if why(err) == queryFailed && s.order && s.crm.cfg.RESTVersion == "auto" {
		s.order = false
		_, err = s.list(ctx, companyTable, "", 1)
	}
	if why(err) == notFound {
		return with(s.failure(connectors.Drift, CodeNoInterface, http.MethodGet, s.base, err), "interface", s.name())
	}
	return err
}

func (s *sdata) changes(context.Context, table, time.Time) ([]change, error) {
	return nil, errNoChanges
}

func (s *sdata) nested(table) bool { return false }

func (s *sdata) carries() bool { return false }

func (s *sdata) leave(context.Context) {}

// fits keeps the address of a request short.
func (s *sdata) fits(t table, size, count int, _ string) bool {
	const longest = 1800
	each := len(url.PathEscape(t.column("0123456789 eq '' or ")))
	return count == 0 || count < s.crm.cfg.PageSize && size+(count+1)*each <= longest
}

// call does one request and gives what JSON the answer holds; nil for none.
func (s *sdata) call(ctx context.Context, method string, u *url.URL, payload any, etag string) (any, *rest.Answer, error) {
	r := rest.Request{Method: method, URL: u, Header: http.Header{"Authorization": {s.basic}, "Accept": {"application/json"}}}
	if payload != nil {
		body, err := json.Marshal(payload)
		if err != nil {
			return nil, nil, err
		}
		r.Body = body
		r.Header.Set("Content-Type", "application/json; charset=utf-8")
	}
	if etag != "" {
		r.Header.Set("If-Match", etag)
	}
	a, err := s.crm.do(ctx, r)
	if err != nil {
		return nil, nil, err
	}
	if err := s.sort(method, u, a); err != nil {
		return nil, a, s.crm.noted(err)
	}
	if len(bytes.TrimSpace(a.Body)) == 0 && method != http.MethodGet {
		return nil, a, nil
	}
	v, err := s.parse(a.Body)
	if err != nil {
		code := CodeBadAnswer
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			code, err = CodeCut, errors.New("the document is cut off")
		}
		return nil, a, s.failure(connectors.Unavailable, code, method, u, err)
	}
	return v, a, nil
}

// parse reads one JSON value, with numbers as they are written. Its errors hold nothing of it.
func (s *sdata) parse(body []byte) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, io.ErrUnexpectedEOF
		}
		return nil, errors.New("the answer is no JSON")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("the answer is more than one value")
	}
	return v, nil
}

// sort makes an error of every answer but a good one. A page is an error whatever its status.
func (s *sdata) sort(method string, u *url.URL, a *rest.Answer) error {
	write := method != http.MethodGet
	fail := func(kind connectors.Kind, code string, why reason) error {
		return s.failure(kind, code, method, u, &refusal{why: why, text: oneLine(s.said(a))})
	}
	switch {
	case a.Status == http.StatusMethodNotAllowed && write:
		return fail(connectors.Unavailable, CodeFault, wrongVerb)
	case write && (a.Status == http.StatusPreconditionFailed || a.Status == http.StatusPreconditionRequired || a.Status == http.StatusConflict && method != http.MethodPost):
		return fail(connectors.Busy, CodeRecordChanged, changedRecord)
	case a.Status == http.StatusForbidden && strings.Contains(strings.ToLower(s.said(a)), "web service"):
		return with(s.failure(connectors.Drift, CodeEntityDisabled, method, u, &refusal{why: entityDisabled}), "entity", entityIn(s.said(a)))
	case write && a.Status >= 400 && a.Status < 500 && a.Status != 401 && a.Status != 403 && a.Status != 404 && a.Status != 413 && a.Status != 414:
		return fail(connectors.Rejected, CodeRecordRefused, refusedRecord)
	case a.Status == http.StatusBadRequest:
		return fail(connectors.Drift, CodeQueryFailed, queryFailed)
	}
	kind, code, err := byStatus(a)
	switch {
	case err != nil && a.Status < 500:
		return s.failure(kind, code, method, u, err)
	case isPage(a):
		return s.failure(connectors.Unavailable, CodeHTML, method, u, fmt.Errorf("status %d, a page", a.Status))
	case err != nil:
		return s.failure(kind, code, method, u, err)
	}
	return nil
}

// said gives the words of an error's answer, in any of its known forms.
func (s *sdata) said(a *rest.Answer) string {
	if isPage(a) {
		return pageText(a.Body)
	}
	v, err := s.parse(a.Body)
	if err != nil {
		return ""
	}
	return message(v)
}

// message looks for a message in what an answer holds.
func message(v any) string {
	switch v := v.(type) {
	case map[string]any:
		for key, of := range v {
			if text, ok := of.(string); ok && strings.EqualFold(strings.TrimPrefix(key, "$"), "message") {
				return text
			}
		}
		for _, key := range sortedKeys(v) {
			if text := message(v[key]); text != "" {
				return text
			}
		}
	case []any:
		for _, of := range v {
			if text := message(of); text != "" {
				return text
			}
		}
	}
	return ""
}

func (s *sdata) failure(kind connectors.Kind, code, method string, u *url.URL, err error) *connectors.Error {
	return s.crm.failure(kind, code, method, u, err)
}

// listURL is the address of a page of a table.
func (s *sdata) listURL(t table, where string, count int) *url.URL {
	u := s.base.JoinPath(t.name)
	q := url.Values{"count": {strconv.Itoa(count)}, "startIndex": {map[string]string{"one": "1", "zero": "0"}[s.crm.cfg.RESTStart]}}
	if where != "" {
		q.Set("where", where)
	}
	if s.order {
		q.Set("orderBy", t.column(s.crm.keyOf(t)))
	}
	u.RawQuery = strings.ReplaceAll(q.Encode(), "+", "%20")
	return u
}

// recordURL is the address of one record.
func (s *sdata) recordURL(t table, id string) *url.URL {
	return s.base.JoinPath(t.name + "('" + id + "')")
}
