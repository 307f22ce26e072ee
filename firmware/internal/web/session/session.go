// Package session remembers who has opened the local page with the box's set-up code. Sessions live in memory alone: a
// restart of the box ends them all.
package session

import (
	"crypto/rand"
	"crypto/subtle"
	"net/http"
	"sync"
	"time"
)

// Door checks the set-up code and holds back who guesses. A *setupcode.Door is one.
type Door interface{ Check(code string) error }

// CookieName is the name of the cookie that holds a session's secret.
const CookieName = "syncbox"

// Bounds of sessions.
const (
	Idle = 30 * time.Minute // a session ends so long after its last request
	most = 32               // at one time; the one that was quiet longest makes room
)

// Session is what a browser that gave the code is known by.
type Session struct {
	// Token stands in each form of the session's pages, and has to come back with it: another site's page can't know it.
	Token string
	used  time.Time
	said  string // to be shown with its next page
}

// Fits tells whether a form's token is the session's, in a time that tells nothing of it.
func (s Session) Fits(token string) bool {
	return s.Token != "" && subtle.ConstantTimeCompare([]byte(token), []byte(s.Token)) == 1
}

// Sessions are all there are. They may be used by several goroutines.
type Sessions struct {
	door Door
	now  func() time.Time

	mu  sync.Mutex // protects what follows
	all map[string]Session
}

// New makes sessions for a door. now gives the time; a clock that jumps ends sessions early, never keeps one longer than
// it jumps.
func New(door Door, now func() time.Time) *Sessions {
	return &Sessions{door: door, now: now, all: map[string]Session{}}
}

// Open begins a session for who knows the code, and gives the cookie for it. The errors are those of the door. secure says
// that the browser is to send the cookie over HTTPS alone.
func (s *Sessions) Open(code string, secure bool) (*http.Cookie, error) {
	if err := s.door.Check(code); err != nil {
		return nil, err
	}
	secret := rand.Text()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep()
	if len(s.all) >= most {
		s.dropQuietest()
	}
	s.all[secret] = Session{Token: rand.Text(), used: s.now()}
	return cookie(secret, secure), nil
}

// Of gives the session of a request and whether there is one.
func (s *Sessions) Of(r *http.Request) (Session, bool) {
	c, err := r.Cookie(CookieName)
	if err != nil {
		return Session{}, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep()
	found, ok := s.all[c.Value]
	if ok {
		found.used = s.now()
		s.all[c.Value] = found
	}
	return found, ok
}

// Say keeps a text that the session's next page shows, such as what was done. The last one counts.
func (s *Sessions) Say(r *http.Request, text string) { s.swap(r, text) }

// Said gives the text that was kept for the session of a request, once; empty if there is none.
func (s *Sessions) Said(r *http.Request) string { return s.swap(r, "") }

func (s *Sessions) swap(r *http.Request, text string) (before string) {
	c, err := r.Cookie(CookieName)
	if err != nil {
		return ""
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.all[c.Value]
	if ok {
		before, found.said = found.said, text
		s.all[c.Value] = found
	}
	return before
}

// Close ends the session of a request, if there is one, and gives the cookie that has the browser forget it.
func (s *Sessions) Close(r *http.Request, secure bool) *http.Cookie {
	if c, err := r.Cookie(CookieName); err == nil {
		s.mu.Lock()
		delete(s.all, c.Value)
		s.mu.Unlock()
	}
	gone := cookie("", secure)
	gone.MaxAge = -1
	return gone
}

// CloseAll ends every session: the code is another one now.
func (s *Sessions) CloseAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.all)
}

func cookie(value string, secure bool) *http.Cookie {
	return &http.Cookie{Name: CookieName, Value: value, Path: "/", HttpOnly: true, Secure: secure, SameSite: http.SameSiteStrictMode}
}

func (s *Sessions) sweep() {
	for secret, x := range s.all {
		if away := s.now().Sub(x.used); away > Idle || away < -Idle {
			delete(s.all, secret)
		}
	}
}

func (s *Sessions) dropQuietest() {
	quietest := ""
	for secret, x := range s.all {
		if quietest == "" || x.used.Before(s.all[quietest].used) {
			quietest = secret
		}
	}
	delete(s.all, quietest)
}
