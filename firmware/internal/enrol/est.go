package enrol

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"syncbox/firmware/internal/support/reconnect"
)

// Bounds of one question to a server.
const (
	wholeTime     = time.Minute
	handshakeTime = 20 * time.Second
	headTime      = 30 * time.Second
	mostRedirects = 3
)

// Bounds of what a server asks the box to wait. One that asks for a few seconds is about to decide; but where it still has not
// after some questions, the box takes its time.
const (
	leastWait = time.Second
	quick     = 10 // questions in a row
	laterWait = 30 * time.Second
	mostWait  = 24 * time.Hour
	noWait    = time.Hour // where it names none
)

// server is an EST server, for one enrolment.
type server struct {
	base   *url.URL
	client *http.Client
	label  *claim // shown to the server; nil = none
}

// newServer makes one that is asked over TLS with these settings. close ends its connections.
func newServer(address *url.URL, settings *tls.Config, label *claim) (s *server, close func(), err error) {
	base := *address
	if path := strings.TrimSuffix(base.Path, "/"); path == "" {
		base.Path = "/.well-known/est"
	} else if !strings.HasPrefix(path, "/.well-known/est") {
		return nil, nil, errorf(NoServer, "server %s: the path is not /.well-known/est", address.Host)
	}
	if base.Scheme != "https" {
		return nil, nil, errorf(NoServer, "server %s: not https", address.Host)
	}
	t := &http.Transport{TLSClientConfig: settings, TLSHandshakeTimeout: handshakeTime, ResponseHeaderTimeout: headTime,
		MaxResponseHeaderBytes: 16 << 10, Proxy: http.ProxyFromEnvironment}
	c := &http.Client{Transport: t, Timeout: wholeTime, CheckRedirect: sameOrigin}
	return &server{&base, c, label}, t.CloseIdleConnections, nil
}

// sameOrigin follows what leads to the same server with the same question; the rest is an answer that makes no sense.
func sameOrigin(next *http.Request, via []*http.Request) error {
	first := via[0]
	if len(via) > mostRedirects || next.URL.Scheme != first.URL.Scheme || next.URL.Host != first.URL.Host || next.Method != first.Method {
		return http.ErrUseLastResponse
	}
	return nil
}

// authorities asks for the certificates of the authority (RFC 7030 4.1).
func (s *server) authorities(ctx context.Context) ([]*x509.Certificate, error) {
	return s.ask(ctx, http.MethodGet, "cacerts", nil)
}

// enrol asks for a first certificate (4.2.1), renew for the next one (4.2.2), with a request in DER.
func (s *server) enrol(ctx context.Context, request []byte) ([]*x509.Certificate, error) {
	return s.ask(ctx, http.MethodPost, "simpleenroll", request)
}

func (s *server) renew(ctx context.Context, request []byte) ([]*x509.Certificate, error) {
	return s.ask(ctx, http.MethodPost, "simplereenroll", request)
}

// ask does one operation. Errors are of this package.
func (s *server) ask(ctx context.Context, method, operation string, der []byte) ([]*x509.Certificate, error) {
	req, err := http.NewRequestWithContext(ctx, method, s.base.JoinPath(operation).String(), bytes.NewReader(lines(der)))
	if err != nil {
		return nil, errorf(NoServer, "%s: %w", operation, err)
	}
	if der != nil {
		req.Header.Set("Content-Type", "application/pkcs10")
		req.Header.Set("Content-Transfer-Encoding", "base64")
		if s.label != nil {
			req.SetBasicAuth(s.label.Serial, s.label.Code)
		}
	}
	res, err := s.client.Do(req)
	if err != nil {
		return nil, &Error{Code: failure(err), Err: fmt.Errorf("%s: %w", operation, err)}
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, MaxFile+1))
	if err != nil {
		return nil, &Error{Code: failure(err), Err: fmt.Errorf("%s: read answer: %w", operation, err)}
	}
	if err := verdict(res); err != nil {
		err.Err = fmt.Errorf("%s: %w", operation, err.Err)
		return nil, err
	}
	all, err := answered(res.Header.Get("Content-Type"), body)
	if err != nil {
		return nil, errorf(BadAnswer, "%s: %w", operation, err)
	}
	return all, nil
}

// lines gives base64 in lines, as older servers need it.
func lines(der []byte) []byte {
	const length = 64
	var b bytes.Buffer
	text := base64.StdEncoding.EncodeToString(der)
	for ; len(text) > length; text = text[length:] {
		b.WriteString(text[:length] + "\r\n")
	}
	b.WriteString(text)
	return b.Bytes()
}

func answered(kind string, body []byte) ([]*x509.Certificate, error) {
	if len(body) > MaxFile {
		return nil, fmt.Errorf("more than %d bytes", MaxFile)
	}
	media, _, err := mime.ParseMediaType(kind)
	if err != nil || media != "application/pkcs7-mime" {
		return nil, fmt.Errorf("an answer of type %q", kind)
	}
	return decodeAnswer(body)
}

// failure sorts an error that came instead of an answer.
func failure(err error) Code {
	if _, strange := errors.AsType[*tls.CertificateVerificationError](err); strange {
		return Untrusted
	}
	if reconnect.CauseOf(err) == reconnect.Refused {
		return Refused
	}
	return Unreachable
}

// verdict gives what an answer says by its status; nil for 200.
func verdict(res *http.Response) *Error {
	e := &Error{After: retryAfter(res), Err: fmt.Errorf("the server answers %s", res.Status)}
	switch {
	case res.StatusCode == http.StatusOK:
		return nil
	case res.StatusCode == http.StatusAccepted:
		e.Code = Waiting
		if e.After == 0 {
			e.After = noWait
		}
	case res.StatusCode == http.StatusTooManyRequests || res.StatusCode >= 500:
		e.Code = Unreachable
	case res.StatusCode >= 400:
		e.Code = Refused
	default:
		e.Code = BadAnswer
	}
	return e
}

// retryAfter gives the wait that a server asks for, within bounds; 0 = none. A date counts from the server's own.
func retryAfter(res *http.Response) time.Duration {
	text := res.Header.Get("Retry-After")
	if text == "" {
		return 0
	}
	if seconds, err := strconv.ParseUint(text, 10, 32); err == nil {
		return bounded(time.Duration(seconds) * time.Second)
	}
	until, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	from, err := http.ParseTime(res.Header.Get("Date"))
	if err != nil {
		return noWait
	}
	return bounded(until.Sub(from))
}

func bounded(d time.Duration) time.Duration { return min(max(d, leastWait), mostWait) }
