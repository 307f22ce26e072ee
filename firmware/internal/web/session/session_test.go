package session_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"syncbox/firmware/internal/web/session"
)

// door is one whose answer a test sets.
type door struct{ err error }

func (d *door) Check(string) error { return d.err }

// clock is one that a test sets.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

func newSessions() (*session.Sessions, *door, *clock) {
	d, c := &door{}, &clock{time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)}
	return session.New(d, c.Now), d, c
}

func open(t *testing.T, s *session.Sessions) *http.Request {
	t.Helper()
	cookie, err := s.Open("code", true)
	if err != nil {
		t.Fatal(err)
	}
	if !cookie.HttpOnly || !cookie.Secure || cookie.SameSite != http.SameSiteStrictMode || len(cookie.Value) < 20 {
		t.Errorf("cookie: %v", cookie)
	}
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.AddCookie(cookie)
	return r
}

func isOpen(s *session.Sessions, r *http.Request) bool { _, ok := s.Of(r); return ok }

// A session lasts as long as it is used, and ends half an hour after; a clock that jumps keeps none.
func TestIdle(t *testing.T) {
	for name, step := range map[string]time.Duration{"time": session.Idle + time.Second, "a clock set back": -session.Idle - time.Second} {
		s, _, c := newSessions()
		r := open(t, s)
		for range 5 {
			c.now = c.now.Add(session.Idle - time.Second)
			if !isOpen(s, r) {
				t.Fatalf("%s: a session that is used has ended", name)
			}
		}
		c.now = c.now.Add(step)
		if isOpen(s, r) {
			t.Errorf("%s: a session is still open", name)
		}
	}
}

func TestOthers(t *testing.T) {
	s, d, _ := newSessions()
	mine, other := open(t, s), open(t, s)
	a, _ := s.Of(mine)
	b, _ := s.Of(other)
	if a.Token == b.Token || a.Fits(b.Token) || !a.Fits(a.Token) || (session.Session{}).Fits("") {
		t.Errorf("tokens: %q, %q", a.Token, b.Token)
	}
	for _, value := range []string{"", "x", a.Token} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.AddCookie(&http.Cookie{Name: session.CookieName, Value: value})
		if isOpen(s, r) {
			t.Errorf("%q opens", value)
		}
	}
	if gone := s.Close(mine, true); gone.MaxAge >= 0 || isOpen(s, mine) || !isOpen(s, other) {
		t.Errorf("closed: %v", gone)
	}
	if s.CloseAll(); isOpen(s, other) {
		t.Error("a session outlives the end of all")
	}
	d.err = errors.New("wrong")
	if _, err := s.Open("code", true); !errors.Is(err, d.err) {
		t.Errorf("a closed door: %v", err)
	}
}

// Whoever opens one session after the other pushes out those that are quiet, and fills no memory.
func TestMost(t *testing.T) {
	s, _, c := newSessions()
	used, quiet := open(t, s), open(t, s)
	for i := range 200 {
		c.now = c.now.Add(time.Second)
		open(t, s)
		if !isOpen(s, used) {
			t.Fatalf("after %d others, one that is used is gone", i)
		}
	}
	if isOpen(s, quiet) {
		t.Error("no session made room")
	}
}

// What is said to a session is heard once, by that session alone.
func TestSaid(t *testing.T) {
	s, _, _ := newSessions()
	mine, other := open(t, s), open(t, s)
	s.Say(mine, "not this")
	s.Say(mine, "done")
	s.Say(httptest.NewRequest(http.MethodGet, "/", nil), "to nobody")
	if got := s.Said(other); got != "" {
		t.Errorf("another session hears %q", got)
	}
	for i, want := range []string{"done", ""} {
		if got := s.Said(mine); got != want {
			t.Errorf("look %d: got %q, want %q", i, got, want)
		}
	}
	if s.Close(mine, true); s.Said(mine) != "" {
		t.Error("a closed session hears something")
	}
}
