package outlook

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/connectors/rest"
)

// mostAtOnce is how many requests Graph takes in a $batch.
const mostAtOnce = 20

// batched is a request of a $batch, and its answer.
type batched struct {
	ID      string            `json:"id"`
	Method  string            `json:"method,omitempty"`
	URL     string            `json:"url,omitempty"` // below the version
	Headers map[string]string `json:"headers,omitempty"`
	Status  int               `json:"status,omitempty"`
	Body    json.RawMessage   `json:"body,omitempty"`
}

// askAhead asks in one $batch what a look that finds nothing asks: where folders and lists are, and what each has changed since.
// The look then takes these answers instead of asking. What the batch did not answer with 200 it asks itself; only a wait that
// any of them asks for holds for all. A first look asks nothing ahead.
func (m *Mailbox) askAhead(ctx context.Context) error {
	m.ahead = map[string]*rest.Answer{}
	urls := m.idle()
	if len(urls) < 2 {
		return nil
	}
	var in, out struct {
		Requests  []batched `json:"requests,omitempty"`
		Responses []batched `json:"responses,omitempty"`
	}
	for i, u := range urls {
		in.Requests = append(in.Requests, batched{ID: strconv.Itoa(i), Method: http.MethodGet, URL: m.relative(u), Headers: map[string]string{
			"Accept": "application/json", "Prefer": m.prefer()}})
	}
	c := call{method: http.MethodPost, url: m.tenant.graph.JoinPath("$batch"), in: in}
	if err := m.do(ctx, c, &out); err != nil {
		return err
	}
	for _, a := range out.Responses {
		i, err := strconv.Atoi(a.ID)
		switch {
		case err != nil || i < 0 || i >= len(urls):
		case a.Status == http.StatusTooManyRequests, a.Status == http.StatusServiceUnavailable:
			return m.waits(c, a)
		case a.Status == http.StatusOK:
			m.ahead[urls[i].String()] = &rest.Answer{Status: a.Status, Header: http.Header{"Content-Type": {"application/json"}}, Body: a.Body}
		}
	}
	return nil
}

// waits is the error of a batch of which an answer asks to wait.
func (m *Mailbox) waits(c call, a batched) error {
	e := m.failure(connectors.RateLimited, CodeRateLimited, c, &statusError{status: a.Status})
	for name, value := range a.Headers {
		if n, err := strconv.Atoi(value); strings.EqualFold(name, "Retry-After") && err == nil && n > 0 {
			e.Retry = time.Duration(min(n, 3600)) * time.Second
		}
	}
	if e.Retry == 0 {
		e.Retry = 30 * time.Second
	}
	return e
}

// idle are the addresses that a look asks where nothing has changed; none before every source has a link to go on from.
func (m *Mailbox) idle() (urls []*url.URL) {
	for _, name := range slices.Sorted(maps.Keys(m.memory.cursors)) {
		c := m.memory.cursors[name]
		u, err := m.link(c.Delta)
		if err != nil || c.Delta == "" || c.Next != "" || m.relative(u) == "" {
			continue
		}
		if id, is := strings.CutPrefix(name, folderPrefix); is {
			urls = append(urls, m.at(nil, "contactFolders", id, "childFolders"))
		}
		if name != calendar || !m.windowEnds() {
			urls = append(urls, u)
		}
	}
	if len(urls) == 0 {
		return nil
	}
	if m.has(record.Contact) && m.cfg.ContactFolder == "" {
		urls = append(urls, m.at(nil, "contactFolders", mainFolder))
	}
	if m.has(record.Task) || m.has(record.Call) {
		urls = append(urls, m.at(nil, "todo", "lists"))
	}
	return urls[:min(len(urls), mostAtOnce)]
}

// relative gives an address as a batch wants it, below the version of Graph; empty for one elsewhere.
func (m *Mailbox) relative(u *url.URL) string {
	below, is := strings.CutPrefix(strings.TrimLeft(u.RequestURI(), "/"), strings.Trim(m.tenant.graph.EscapedPath(), "/")+"/")
	if !is {
		return ""
	}
	return "/" + below
}
