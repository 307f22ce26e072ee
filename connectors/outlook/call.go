package outlook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/rest"
)

// call does one exchange: ask is the path below the mailbox and its query. in is the body of a write, out takes the answer;
// both may be nil. ifMatch is the state that a write is for; empty for any.
type call struct {
	method  string
	url     *url.URL
	in      any
	ifMatch string
}

// statusError is in the chain of an error that Graph itself answered.
type statusError struct {
	status int
	code   string // Graph's own, made plain
}

// Error gives status and code, never the message, which may quote the item.
func (e *statusError) Error() string {
	return strings.TrimSpace(fmt.Sprintf("status %d %s", e.status, e.code))
}

// errGone is in the chain of an error that says that there is no such item.
var errGone = errors.New("there is no such item")

// errReset is in the chain of an error that says that a delta token is no longer known.
var errReset = errors.New("the delta token is no longer known")

// at gives the address of something in the mailbox; parts are escaped.
func (m *Mailbox) at(query url.Values, parts ...string) *url.URL {
	path := "/users/" + url.PathEscape(m.cfg.Address)
	for _, p := range parts {
		path += "/" + url.PathEscape(p)
	}
	u := *m.tenant.graph
	u.RawPath = u.EscapedPath() + path
	u.Path, _ = url.PathUnescape(u.RawPath)
	u.RawQuery = strings.ReplaceAll(query.Encode(), "+", "%20")
	return &u
}

// get reads something of the mailbox, or takes what was asked ahead.
func (m *Mailbox) get(ctx context.Context, u *url.URL, out any) error {
	c := call{method: http.MethodGet, url: u}
	if a := m.ahead[u.String()]; a != nil {
		delete(m.ahead, u.String())
		return m.answer(c, a, out)
	}
	return m.do(ctx, c, out)
}

// do makes the call. A token that is refused is replaced once: what a 401 answers was not carried out.
func (m *Mailbox) do(ctx context.Context, c call, out any) error {
	var body []byte
	if c.in != nil {
		var err error
		if body, err = json.Marshal(c.in); err != nil {
			return fmt.Errorf("write %s: %w", m.secrets.URL(c.url), err)
		}
	}
	refused := ""
	for {
		token, err := m.tenant.bearer(ctx, refused)
		if err != nil {
			return err
		}
		a, err := m.client.Do(ctx, rest.Request{Method: c.method, URL: c.url, Header: m.header(c, token), Body: body})
		if err != nil {
			return err
		}
		if a.Status == http.StatusUnauthorized && refused == "" {
			refused = token
			continue
		}
		return m.answer(c, a, out)
	}
}

func (m *Mailbox) header(c call, token string) http.Header {
	h := http.Header{
		"Authorization": {"Bearer " + token},
		"Accept":        {"application/json"},
		"Prefer":        {m.prefer()},
	}
	if c.in != nil {
		h.Set("Content-Type", "application/json")
	}
	if c.ifMatch != "" {
		h.Set("If-Match", c.ifMatch)
	}
	return h
}

// prefer is what every request wants: ids that stay, UTC, texts, pages of the settings' size.
func (m *Mailbox) prefer() string {
	return fmt.Sprintf(`IdType="ImmutableId", outlook.timezone="UTC", outlook.body-content-type="text", odata.maxpagesize=%d`, m.tenant.cfg.PageSize)
}

func (m *Mailbox) answer(c call, a *rest.Answer, out any) error {
	if a.Status < 200 || a.Status > 299 {
		return m.refusal(c, a)
	}
	if out == nil {
		return nil
	}
	if !a.JSON() {
		return m.failure(connectors.Unavailable, CodeUnavailable, c, fmt.Errorf("status %d, and no JSON", a.Status))
	}
	if err := json.Unmarshal(a.Body, out); err != nil {
		return m.failure(connectors.Unavailable, CodeBadAnswer, c, errors.New("the answer can't be read"))
	}
	return nil
}

// refusal sorts an answer that is no success.
func (m *Mailbox) refusal(c call, a *rest.Answer) error {
	var body struct {
		Error struct {
			Code string `json:"code"`
		} `json:"error"`
	}
	if a.JSON() && json.Unmarshal(a.Body, &body) != nil {
		body.Error.Code = ""
	}
	told := &statusError{a.Status, plainCode(body.Error.Code)}
	switch {
	case a.Status == http.StatusUnauthorized:
		return m.failure(connectors.Auth, CodeAuth, c, told)
	case a.Status == http.StatusForbidden, a.Status == http.StatusNotFound && ofMailbox[strings.ToLower(told.code)]:
		return m.failure(connectors.Auth, CodeMailboxDenied, c, told)
	case a.Status == http.StatusGone, a.Status < 500 && resets[strings.ToLower(told.code)]:
		return m.failure(connectors.Unavailable, CodeUnavailable, c, fmt.Errorf("%w: %w", errReset, told))
	case a.Status == http.StatusNotFound && told.code != "", strings.EqualFold(told.code, "ErrorInvalidIdMalformed"):
		return m.failure(connectors.Rejected, CodeRecordRefused, c, fmt.Errorf("%w: %w", errGone, told))
	case a.Status == http.StatusPreconditionFailed, a.Status == http.StatusConflict && c.method != http.MethodPost, a.Status == http.StatusLocked:
		return m.failure(connectors.Busy, CodeBusy, c, told)
	case a.Status >= 400 && a.Status < 500 && c.method != http.MethodGet && told.code != "":
		return m.failure(connectors.Rejected, CodeRecordRefused, c, told)
	}
	if a.Status == http.StatusGatewayTimeout {
		if wait := seconds(a.Header); wait > 0 {
			e := m.failure(connectors.RateLimited, CodeRateLimited, c, told)
			e.Retry = wait
			return e
		}
	}
	return m.failure(connectors.Unavailable, CodeUnavailable, c, told)
}

// ofMailbox are the codes of a 404 that is about the mailbox as a whole.
var ofMailbox = map[string]bool{
	"erroruserdoesnotexist": true, "errorinvaliduser": true, "request_resourcenotfound": true, "resourcenotfound": true,
	"mailboxnotenabledforrestapi": true, "mailboxnotsupportedforrestapi": true, "errornonexistentmailbox": true, "mailboxinfostale": true,
}

// resets are the codes by which Graph says that a delta token has ended.
var resets = map[string]bool{"syncstatenotfound": true, "syncstateinvalid": true, "resyncrequired": true}

func (m *Mailbox) failure(kind connectors.Kind, code string, c call, err error) *connectors.Error {
	e := &connectors.Error{Kind: kind, Code: code, Err: fmt.Errorf("%s %s: %w", c.method, m.secrets.URL(c.url), err)}
	var told *statusError
	if kind == connectors.Rejected && errors.As(err, &told) {
		e.Args = map[string]string{"error": told.code}
	}
	return e
}

// notPlain is what a code of Graph never has; anything else in its place might be a customer's.
var notPlain = regexp.MustCompile(`[^A-Za-z0-9_.-]`)

func plainCode(code string) string {
	if len(code) > 60 || notPlain.MatchString(code) {
		return ""
	}
	return code
}

// seconds gives the wait of a 504 that names one, at most an hour; 0 without one.
func seconds(h http.Header) time.Duration {
	n, err := strconv.Atoi(h.Get("Retry-After"))
	if err != nil || n < 1 {
		return 0
	}
	return time.Duration(min(n, 3600)) * time.Second
}

// backoff is 1, 2, 4, … 60 s, with a quarter more at random, after a 429 or 503 without a time.
func backoff(_, tries int) time.Duration {
	wait := min(time.Second<<min(tries, 6), time.Minute)
	return wait + rand.N(wait/4)
}

// page is a page of a list or of a delta.
type page struct {
	Value []json.RawMessage `json:"value"`
	Next  string            `json:"@odata.nextLink"`
	Delta string            `json:"@odata.deltaLink"`
}

// link reads an address that Graph gave. One that leads to another server would take the token there.
func (m *Mailbox) link(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || u.Host != m.tenant.graph.Host || u.Scheme != m.tenant.graph.Scheme || u.User != nil {
		return nil, connectors.Errorf(connectors.Unavailable, CodeBadAnswer, "a link of an answer leads elsewhere")
	}
	return u, nil
}

// all reads every page of a list.
func (m *Mailbox) all(ctx context.Context, u *url.URL, item func(json.RawMessage) error) error {
	seen := map[string]int{}
	for {
		var p page
		if err := m.get(ctx, u, &p); err != nil {
			return err
		}
		for _, raw := range p.Value {
			if err := item(raw); err != nil {
				return err
			}
		}
		if p.Next == "" {
			return nil
		}
		if seen[p.Next]++; seen[p.Next] > maxSame {
			return connectors.Errorf(connectors.Unavailable, CodeBadAnswer, "a list that leads to itself")
		}
		next, err := m.link(p.Next)
		if err != nil {
			return err
		}
		u = next
	}
}

// maxSame is how often one link may come in one chain of pages.
const maxSame = 3
