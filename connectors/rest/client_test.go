package rest_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/rest"
)

const (
	key     = "S3cretKey.42"
	account = "10234"
)

var codes = rest.Codes{Unreachable: "unreachable", Certificate: "certificate", RateLimited: "rate-limited", BadAnswer: "bad-answer"}

func client(t *testing.T, change func(*rest.Config)) *rest.Client {
	t.Helper()
	cfg := rest.Config{Timeout: 5 * time.Second, PerSecond: 1000, MaxBody: 1 << 10, Secrets: rest.NewSecrets(key, account), Codes: codes}
	if change != nil {
		change(&cfg)
	}
	c := rest.New(cfg)
	t.Cleanup(c.Close)
	return c
}

func request(t *testing.T, method, base string) rest.Request {
	t.Helper()
	u, err := url.Parse(base + "/API/Contacts-" + account + "-" + key + "-all.awp?filters=name%3DTremblay")
	if err != nil {
		t.Fatal(err)
	}
	r := rest.Request{Method: method, URL: u}
	if method == http.MethodPost {
		r.Body = []byte("[]")
	}
	return r
}

// transport is a server without a network, for tests on a clock of their own.
type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func answer(status int, header http.Header, body string) *http.Response {
	if header == nil {
		header = http.Header{}
	}
	return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(body))}
}

func leaks(text string) bool {
	lower := strings.ToLower(text)
	for _, word := range []string{strings.ToLower(key), account, "tremblay"} {
		if strings.Contains(lower, word) {
			return true
		}
	}
	return false
}

// TestCertainty tells apart what the server can't have acted on and what it may have.
//
// Requirement: EXT-11, EXT-12
func TestCertainty(t *testing.T) {
	closed := httptest.NewServer(nil)
	closed.Close()
	hangUp := func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) }
	cut := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "100")
		io.WriteString(w, `{"Result":`)
	}
	silent := func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}
	long := func(w http.ResponseWriter, r *http.Request) { w.Write(bytes.Repeat([]byte("x"), 2<<10)) }
	for _, tc := range []struct {
		name    string
		handler http.HandlerFunc // nil: nobody listens
		tls     bool
		code    string
		certain bool
	}{
		{"refused", nil, false, "unreachable", true},
		{"certificate", hangUp, true, "certificate", true},
		{"hangs up", hangUp, false, "unreachable", false},
		{"cut body", cut, false, "unreachable", false},
		{"silent", silent, false, "unreachable", false},
		{"too long", long, false, "bad-answer", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			base := closed.URL
			if tc.handler != nil {
				s := httptest.NewUnstartedServer(tc.handler)
				s.Config.ErrorLog = log.New(io.Discard, "", 0)
				if tc.tls {
					s.StartTLS()
				} else {
					s.Start()
				}
				defer s.Close()
				base = s.URL
			}
			c := client(t, func(cfg *rest.Config) {
				if cfg.Timeout = time.Minute; tc.name == "silent" {
					cfg.Timeout = 300 * time.Millisecond
				}
			})
			_, err := c.Do(t.Context(), request(t, http.MethodPost, base))
			if err == nil {
				t.Fatal("no error")
			}
			if got := connectors.CodeOf(err); got != tc.code {
				t.Errorf("code %q, want %q (%v)", got, tc.code, err)
			}
			if got := connectors.KindOf(err); got != connectors.Unavailable {
				t.Errorf("kind %v, want unavailable", got)
			}
			if got := errors.Is(err, rest.ErrNotApplied); got != tc.certain {
				t.Errorf("certainly not applied: %v, want %v (%v)", got, tc.certain, err)
			}
			if text := err.Error(); leaks(text) || strings.Contains(text, "://") || !strings.Contains(text, "POST /API/Contacts-***-***-all.awp: ") {
				t.Errorf("error %q, want our own form of the URL and no other", text)
			}
		})
	}
}

// A transport that tells nothing about its progress is not believed to have sent nothing.
func TestCertaintyNeedsProof(t *testing.T) {
	dial := &net.OpError{Op: "dial", Err: errors.New("no route")}
	for _, tc := range []struct {
		name    string
		err     error
		certain bool
	}{
		{"unknown", errors.New("gone"), false},
		{"read", &net.OpError{Op: "read", Err: errors.New("reset")}, false},
		{"dial", dial, true},
		{"name", &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "api.example"}}, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := client(t, func(cfg *rest.Config) {
				cfg.Transport = transport(func(*http.Request) (*http.Response, error) { return nil, tc.err })
			})
			_, err := c.Do(t.Context(), request(t, http.MethodPost, "http://api.example"))
			if got := errors.Is(err, rest.ErrNotApplied); got != tc.certain {
				t.Errorf("certainly not applied: %v, want %v", got, tc.certain)
			}
		})
	}
}

// An ended context sends nothing; one that ends during the exchange leaves it in doubt.
func TestContext(t *testing.T) {
	ended, end := context.WithCancel(t.Context())
	end()
	var sent atomic.Int32
	c := client(t, func(cfg *rest.Config) {
		cfg.Transport = transport(func(r *http.Request) (*http.Response, error) {
			sent.Add(1)
			return nil, r.Context().Err()
		})
	})
	_, err := c.Do(ended, request(t, http.MethodPost, "http://api.example"))
	if sent.Load() != 0 || !errors.Is(err, rest.ErrNotApplied) || !errors.Is(err, context.Canceled) {
		t.Errorf("sent %d, error %v; want nothing sent, not applied, cancelled", sent.Load(), err)
	}
}

// While a server asks to wait, nothing is sent to it.
//
// Requirement: EXT-11
func TestRetryAfter(t *testing.T) {
	for _, tc := range []struct {
		name   string
		header http.Header
		wait   time.Duration
	}{
		{"seconds", http.Header{"Retry-After": {"30"}}, 30 * time.Second},
		{"nothing", http.Header{"Retry-After": {"0"}}, time.Second},
		{"too long", http.Header{"Retry-After": {"86400"}}, time.Hour},
		{"absurd", http.Header{"Retry-After": {"99999999999999999999"}}, time.Hour},
		{"date by the server's clock", http.Header{
			"Date":        {"Sat, 21 Nov 2026 14:00:00 GMT"},
			"Retry-After": {"Sat, 21 Nov 2026 14:02:00 GMT"}}, 2 * time.Minute},
		{"date in the past", http.Header{
			"Date":        {"Sat, 21 Nov 2026 14:00:00 GMT"},
			"Retry-After": {"Sat, 21 Nov 2026 13:00:00 GMT"}}, time.Second},
		// A bubble's clock starts at midnight UTC 2000-01-01.
		{"date by our clock", http.Header{"Retry-After": {"Sat, 01 Jan 2000 00:05:00 GMT"}}, 5 * time.Minute},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sent, busy := 0, true
				c := client(t, func(cfg *rest.Config) {
					cfg.Transport = transport(func(*http.Request) (*http.Response, error) {
						sent++
						if busy {
							return answer(503, tc.header, "busy"), nil
						}
						return answer(200, nil, ""), nil
					})
				})
				r := request(t, http.MethodPost, "http://api.example")
				_, err := c.Do(t.Context(), r)
				wantWait(t, err, tc.wait, true)
				busy = false
				time.Sleep(tc.wait - time.Millisecond)
				_, err = c.Do(t.Context(), r)
				wantWait(t, err, time.Millisecond, true)
				if sent != 1 {
					t.Fatalf("%d requests sent during the wait, want none", sent-1)
				}
				time.Sleep(time.Millisecond)
				if _, err := c.Do(t.Context(), r); err != nil || sent != 2 {
					t.Errorf("after the wait: %v, %d requests; want an answer to the second", err, sent)
				}
			})
		})
	}
}

func wantWait(t *testing.T, err error, wait time.Duration, certain bool) {
	t.Helper()
	e, ok := errors.AsType[*connectors.Error](err)
	if !ok || e.Kind != connectors.RateLimited || e.Code != "rate-limited" || e.Retry != wait {
		t.Fatalf("got %#v, want a wait of %s", err, wait)
	}
	if got := errors.Is(err, rest.ErrNotApplied); got != certain {
		t.Errorf("certainly not applied: %v, want %v", got, certain)
	}
}

// Without Retry-After the wait doubles from 30 s to 15 min, and an answer starts it anew.
//
// Requirement: EXT-11
func TestBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		status := 503
		c := client(t, func(cfg *rest.Config) {
			cfg.Transport = transport(func(*http.Request) (*http.Response, error) { return answer(status, nil, ""), nil })
		})
		r := request(t, http.MethodPost, "http://api.example")
		next := func() time.Duration {
			_, err := c.Do(t.Context(), r)
			e, ok := errors.AsType[*connectors.Error](err)
			if !ok || e.Kind != connectors.RateLimited {
				t.Fatalf("got %v, want a wait", err)
			}
			if errors.Is(err, rest.ErrNotApplied) {
				t.Error("a 503 without Retry-After may come from a gateway, yet counts as not applied")
			}
			time.Sleep(e.Retry)
			return e.Retry
		}
		for _, base := range []time.Duration{30, 60, 120, 240, 480, 900, 900} {
			base *= time.Second
			if got := next(); got < base || got > min(base+base/4, 15*time.Minute) {
				t.Errorf("wait %s, want %s and at most a quarter more", got, base)
			}
		}
		status = 500
		if a, err := c.Do(t.Context(), r); err != nil || a.Status != 500 {
			t.Fatalf("got %v, %v", a, err)
		}
		status = 503
		if got := next(); got > time.Minute {
			t.Errorf("wait %s after an answer, want a new start", got)
		}
	})
}

// A 429 is never applied, even where it names no time.
func TestTooManyRequests(t *testing.T) {
	c := client(t, func(cfg *rest.Config) {
		cfg.Transport = transport(func(*http.Request) (*http.Response, error) { return answer(429, nil, ""), nil })
	})
	_, err := c.Do(t.Context(), request(t, http.MethodPost, "http://api.example"))
	if connectors.KindOf(err) != connectors.RateLimited || !errors.Is(err, rest.ErrNotApplied) {
		t.Errorf("got %v, want a wait that is not applied", err)
	}
}

// A product says how long its servers want to be left alone, by its own clock, and sees what they said.
func TestOwnBackoff(t *testing.T) {
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	sent := 0
	var asked [][2]int
	c := client(t, func(cfg *rest.Config) {
		cfg.Now = func() time.Time { return now }
		cfg.Backoff = func(status, tries int) time.Duration {
			asked = append(asked, [2]int{status, tries})
			return time.Hour << tries
		}
		cfg.Transport = transport(func(*http.Request) (*http.Response, error) {
			sent++
			return answer([]int{429, 503}[(sent-1)%2], nil, "why"), nil
		})
	})
	r := request(t, http.MethodGet, "http://api.example")
	for i, want := range []time.Duration{time.Hour, 2 * time.Hour} {
		a, err := c.Do(t.Context(), r)
		wantWait(t, err, want, i == 0)
		if a == nil || string(a.Body) != "why" {
			t.Errorf("answer %v, want the one that asked to wait", a)
		}
		now = now.Add(want - time.Second)
		a, err = c.Do(t.Context(), r)
		wantWait(t, err, time.Second, true)
		if a != nil || sent != i+1 {
			t.Errorf("%d requests, answer %v; want %d and none during the wait", sent, a, i+1)
		}
		now = now.Add(time.Second)
	}
	if want := [][2]int{{429, 0}, {503, 1}}; !slices.Equal(asked, want) {
		t.Errorf("asked %v, want %v", asked, want)
	}
}

// Requests are sent one at a time and no faster than allowed.
func TestOneAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var now, most atomic.Int32
		c := client(t, func(cfg *rest.Config) {
			cfg.PerSecond = 5
			cfg.Transport = transport(func(*http.Request) (*http.Response, error) {
				most.Store(max(most.Load(), now.Add(1)))
				time.Sleep(500 * time.Millisecond)
				now.Add(-1)
				return answer(200, nil, ""), nil
			})
		})
		quick := client(t, func(cfg *rest.Config) {
			cfg.PerSecond = 5
			cfg.Transport = transport(func(*http.Request) (*http.Response, error) { return answer(200, nil, ""), nil })
		})
		start, done := time.Now(), make(chan error)
		for range 11 {
			go func() {
				_, err := c.Do(t.Context(), request(t, http.MethodGet, "http://api.example"))
				done <- err
			}()
		}
		for range 11 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if most.Load() != 1 {
			t.Errorf("%d requests at once, want 1", most.Load())
		}
		if took := time.Since(start); took != 11*500*time.Millisecond {
			t.Errorf("11 requests of half a second took %s", took)
		}
		for range 10 {
			if _, err := quick.Do(t.Context(), request(t, http.MethodGet, "http://api.example")); err != nil {
				t.Error(err)
			}
		}
		if took := time.Since(start) - 5500*time.Millisecond; took != 1800*time.Millisecond {
			t.Errorf("10 quick requests took %s, want 1.8s", took)
		}
	})
}

// Secrets stay with their host, and a write is not turned into a read.
//
// Requirement: EXT-12
func TestRedirect(t *testing.T) {
	var elsewhere atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	defer other.Close()
	var referer atomic.Value
	mux := http.NewServeMux()
	mux.HandleFunc("/moved", func(w http.ResponseWriter, r *http.Request) {
		referer.Store(r.Referer())
		io.WriteString(w, "here")
	})
	target := "/moved"
	mux.HandleFunc("/API/", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, target, http.StatusFound) })
	s := httptest.NewServer(mux)
	defer s.Close()
	for _, tc := range []struct {
		name, method, to string
		status           int
	}{
		{"read, same host", http.MethodGet, "/moved", 200},
		{"write, same host", http.MethodPost, "/moved", 302},
		{"read, other host", http.MethodGet, other.URL + "/API", 302},
		{"read, in circles", http.MethodGet, "/API/again", 302},
		{"read, unreadable address", http.MethodGet, "http://[" + key + "/?name=Tremblay", 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			target = tc.to
			a, err := client(t, nil).Do(t.Context(), request(t, tc.method, s.URL))
			if tc.status == 0 {
				if err == nil || leaks(err.Error()) {
					t.Errorf("got %v, want an error that leaks nothing", err)
				}
				return
			}
			if err != nil || a.Status != tc.status {
				t.Fatalf("got %+v, %v; want status %d", a, err, tc.status)
			}
		})
	}
	if elsewhere.Load() != 0 {
		t.Error("another host was asked")
	}
	if got := referer.Load(); got != "" {
		t.Errorf("referer %q, want none", got)
	}
}

func TestAuthorize(t *testing.T) {
	sorry := connectors.Errorf(connectors.Auth, "token-expired", "no token")
	c := client(t, func(cfg *rest.Config) {
		cfg.Authorize = func(r *http.Request) error {
			if r.Method == http.MethodPost {
				return sorry
			}
			r.Header.Set("Authorization", "Bearer x")
			return nil
		}
		cfg.Transport = transport(func(r *http.Request) (*http.Response, error) {
			return answer(200, nil, r.Header.Get("Authorization")), nil
		})
	})
	a, err := c.Do(t.Context(), request(t, http.MethodGet, "http://api.example"))
	if err != nil || string(a.Body) != "Bearer x" {
		t.Errorf("got %+v, %v", a, err)
	}
	if _, err := c.Do(t.Context(), request(t, http.MethodPost, "http://api.example")); !errors.Is(err, sorry) {
		t.Errorf("got %v, want the hook's error", err)
	}
}

func TestAnswer(t *testing.T) {
	for _, tc := range []struct {
		kind, body string
		max        int
		json       bool
		text       string
	}{
		{"application/json", "{}", 20, true, ""},
		{"application/json; charset=utf-8", "{}", 20, true, ""},
		{"text/html", "<html>", 20, false, ""},
		{"", "{}", 20, false, ""},
		{"text/plain; charset=utf-8", "Internal\r\n  Server\x00 Error", 21, false, "Internal Server Error"},
		{"text/plain", "ééééé", 4, false, "éééé…"},
		{"text/plain", "ééééé", 5, false, "ééééé"},
		{"text/plain", "a\xff", 20, false, "a?"},
	} {
		a := &rest.Answer{Header: http.Header{"Content-Type": {tc.kind}}, Body: []byte(tc.body)}
		if a.JSON() != tc.json {
			t.Errorf("%q: JSON %v, want %v", tc.kind, a.JSON(), tc.json)
		}
		if got := a.Text(tc.max); got != tc.text {
			t.Errorf("%q: text %q, want %q", tc.kind, got, tc.text)
		}
	}
}

// No way of printing shows a secret.
//
// Requirement: EXT-12
func TestSecrets(t *testing.T) {
	s := rest.NewSecrets(key, account, "with space/é", "")
	for _, tc := range []struct{ name, text, want string }{
		{"path", "/API/Contacts-10234-S3cretKey.42-S77.awp", "/API/Contacts-***-***-S77.awp"},
		{"other case", "s3CRETkEY.42", "***"},
		{"user name", "12@10234", "12@***"},
		{"encoded", "with%20space%2F%C3%A9 with+space%2f%c3%a9", "*** ***"},
		{"longer number", "C1023456,C10234", "C1023456,C***"},
		{"beside each other", "10234-10234", "***-***"},
		{"after an encoded blank", "x%2010234", "x%20***"},
		{"query", `Get "http://a/b?name=Tremblay&x=1": no`, `Get "http://a/b": no`},
		{"question", "réessayer ? non", "réessayer ? non"},
	} {
		if got := s.Hide(tc.text); got != tc.want {
			t.Errorf("%s: got %q, want %q", tc.name, got, tc.want)
		}
	}
	if got := rest.NewSecrets("123", "12345").Hide("12345 123 1234"); got != "*** *** 1234" {
		t.Errorf("one secret begins another: got %q", got)
	}
	if got := (*rest.Secrets)(nil).Hide("x"); got != "x" {
		t.Errorf("no secrets: got %q", got)
	}
	all := fmt.Sprintf("%v %+v %#v %s %v %+v %#v", s, s, s, s, client(t, nil), client(t, nil), client(t, nil))
	if leaks(all) {
		t.Errorf("printing leaks: %s", all)
	}
}

// Requirement: EXT-12
func TestLogLeaksNothing(t *testing.T) {
	var out bytes.Buffer
	c := client(t, func(cfg *rest.Config) {
		cfg.Log = slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
		cfg.Transport = transport(func(*http.Request) (*http.Response, error) { return answer(500, nil, key), nil })
	})
	if _, err := c.Do(t.Context(), request(t, http.MethodGet, "http://api.example")); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "url=/API/Contacts-***-***-all.awp") || leaks(out.String()) {
		t.Errorf("log %q", out.String())
	}
}

// Two secure servers in a row: the default transport keeps working after Close.
func TestClose(t *testing.T) {
	s := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer s.Close()
	c := client(t, func(cfg *rest.Config) {
		cfg.Transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: s.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs}}
	})
	for range 2 {
		if a, err := c.Do(t.Context(), request(t, http.MethodGet, s.URL)); err != nil || a.Status != 200 {
			t.Fatalf("got %+v, %v", a, err)
		}
		c.Close()
		c.Close()
	}
}
