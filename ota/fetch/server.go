package fetch

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Config says how to talk to an update server. The zero value of all but URL is fine.
type Config struct {
	// URL of the folder that holds "metadata" and "targets", by http or https; it may hold a user name and a password.
	URL string
	// Version of the program, for the User-Agent.
	Version string
	// Proxy to ask by, see http.Transport; nil for none.
	Proxy func(*http.Request) (*url.URL, error)
	// TLS is who is believed to be the server; nil for the system's roots.
	TLS *tls.Config
	// Least is how many bytes must come within Window, 16 KiB in 30 s unless set. An answer's head has one Window too.
	Least  int64
	Window time.Duration
	// Transport carries the requests, in place of one with Proxy and TLS.
	Transport http.RoundTripper
}

const (
	defaultLeast  = 16 << 10
	defaultWindow = 30 * time.Second
	maxRedirects  = 3
	maxHead       = 32 << 10 // bytes of an answer's head
	// maxAhead is how much a server may send before it is read, by HTTP/2: a slot that is being synced takes nothing for
	// seconds, and the library would take in 4 MiB meanwhile. At 100 ms there and back it lets 5 MB/s through.
	maxAhead = 512 << 10
)

// Server is a Source out of an update server.
type Server struct {
	base      *url.URL
	agent     string
	transport http.RoundTripper
	least     int64
	window    time.Duration
	tags      tags
}

var _ Source = (*Server)(nil)

// NewServer makes a Source out of an update server; it asks nothing yet.
func NewServer(c Config) (*Server, error) {
	base, err := url.Parse(c.URL)
	if err != nil || base.Scheme != "http" && base.Scheme != "https" || base.Host == "" || base.RawQuery != "" || base.Fragment != "" {
		return nil, errors.New("update server: no address of the form https://HOST/FOLDER") // what it was may hold a password
	}
	s := &Server{base: base, agent: "syncbox/" + c.Version, transport: c.Transport, least: c.Least, window: c.Window}
	if c.Version == "" {
		s.agent = "syncbox"
	}
	if s.least == 0 {
		s.least = defaultLeast
	}
	if s.window == 0 {
		s.window = defaultWindow
	}
	if s.transport == nil {
		s.transport = ownTransport(c, s.window)
	}
	return s, nil
}

// ownTransport bounds each step of an exchange that the pace does not see.
func ownTransport(c Config, window time.Duration) *http.Transport {
	t := &http.Transport{
		TLSClientConfig:        c.TLS,
		DialContext:            (&net.Dialer{Timeout: window}).DialContext,
		TLSHandshakeTimeout:    window,
		ForceAttemptHTTP2:      true,
		HTTP2:                  &http.HTTP2Config{MaxReceiveBufferPerStream: maxAhead},
		MaxResponseHeaderBytes: maxHead,
		MaxIdleConnsPerHost:    1,
		IdleConnTimeout:        window,
	}
	if c.Proxy != nil {
		t.Proxy = func(r *http.Request) (*url.URL, error) {
			u, err := c.Proxy(r)
			if err != nil {
				err = errors.New("no proxy of the form http://HOST:PORT") // what it was may hold a password
			}
			return u, err
		}
	}
	return t
}

// Host gives the server's name and port, without anything secret.
func (s *Server) Host() string { return s.base.Host }

// Get gives a whole small file.
func (s *Server) Get(ctx context.Context, name string, max int64) ([]byte, error) {
	a, err := s.ask(ctx, name, http.Header{"Cache-Control": {"no-cache"}})
	if err != nil {
		return nil, err
	}
	defer a.Close()
	switch {
	case a.StatusCode != http.StatusOK:
		return nil, a.unexpected()
	case a.ContentLength > max:
		return nil, a.fail(TooBig, fmt.Errorf("%w: %d bytes, at most %d", ErrTooBig, a.ContentLength, max))
	}
	b, err := readAll(a.body, max)
	if err != nil && ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, a.fail(code(err), err)
	}
	return b, nil
}

// answer is the head of an answer, and its body at the least rate. The caller closes it.
type answer struct {
	*http.Response
	body   io.Reader
	name   string
	host   string
	cancel context.CancelCauseFunc
}

// Close ends the exchange, whatever is left of it.
func (a *answer) Close() error {
	a.cancel(nil)
	return a.Body.Close()
}

func (a *answer) fail(code Code, err error) error {
	return &Error{Code: code, Name: a.name, Server: a.host, Err: err}
}

// unexpected tells a status that is none of those that were asked for. Stores of objects answer 403 for what is not there.
func (a *answer) unexpected() error {
	switch a.StatusCode {
	case http.StatusNotFound, http.StatusGone, http.StatusForbidden:
		return a.fail(Missing, fmt.Errorf("status %d: %w", a.StatusCode, ErrNotFound))
	}
	return a.fail(BadServer, fmt.Errorf("status %d", a.StatusCode))
}

// ask sends a request and follows redirects; the caller closes the answer. The transport is used without a
// http.Client, whose errors hold whole addresses.
func (s *Server) ask(ctx context.Context, name string, head http.Header) (*answer, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if !fs.ValidPath(name) {
		return nil, &Error{Missing, name, s.base.Host, fmt.Errorf("no name of a file: %w", ErrNotFound)}
	}
	to := *s.base
	to.Path, to.RawPath = strings.TrimSuffix(to.Path, "/")+"/"+name, ""
	to.User = nil
	for range maxRedirects + 1 {
		a, err := s.send(ctx, name, &to, head)
		if err != nil {
			return nil, err
		}
		next, err := redirect(a, &to)
		if err == nil && next == nil {
			err = a.plain()
			if err == nil {
				return a, nil
			}
		}
		a.Close()
		if err != nil {
			return nil, a.fail(BadServer, err)
		}
		to = *next
	}
	return nil, &Error{BadServer, name, to.Host, fmt.Errorf("more than %d redirects", maxRedirects)}
}

// send sends one request. The log-on goes to the server itself, never to where it redirects.
func (s *Server) send(ctx context.Context, name string, to *url.URL, head http.Header) (*answer, error) {
	own, cancel := context.WithCancelCause(ctx)
	req := (&http.Request{Method: http.MethodGet, URL: to, Host: to.Host, Header: head.Clone()}).WithContext(own)
	req.Header.Set("User-Agent", s.agent)
	req.Header.Set("Accept-Encoding", "identity") // nothing is unpacked before it was verified
	if u := s.base.User; u != nil && to.Host == s.base.Host && to.Scheme == s.base.Scheme {
		password, _ := u.Password()
		req.SetBasicAuth(u.Username(), password)
	}
	p := newPace(s.least, s.window, cancel)
	p.wait()
	resp, err := s.transport.RoundTrip(req)
	p.came(0)
	if err != nil {
		slow := context.Cause(own)
		cancel(nil)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case slow != nil:
			err = slow
		}
		return nil, &Error{code(err), name, to.Host, err}
	}
	p.fresh()
	return &answer{resp, &paced{resp.Body, p, own}, name, to.Host, cancel}, nil
}

// plain refuses an answer that would have to be unpacked.
func (a *answer) plain() error {
	if e := a.Header.Get("Content-Encoding"); e != "" && !strings.EqualFold(e, "identity") {
		return fmt.Errorf("packed as %.20q", e)
	}
	return nil
}

// redirect gives where an answer sends us; nil if it is not one of those. What the server says is not repeated: addresses of
// stores hold signatures.
func redirect(a *answer, from *url.URL) (*url.URL, error) {
	switch a.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
	default:
		return nil, nil
	}
	to, err := from.Parse(a.Header.Get("Location"))
	switch {
	case err != nil || a.Header.Get("Location") == "" || to.Host == "":
		return nil, errors.New("redirect to nowhere")
	case to.Scheme != "https" && (to.Scheme != "http" || from.Scheme == "https"):
		return nil, fmt.Errorf("redirect from %s to %.10q", from.Scheme, to.Scheme)
	}
	return to, nil
}
