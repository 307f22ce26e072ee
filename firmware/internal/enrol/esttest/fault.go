package esttest

import (
	"net/http"
	"strings"
)

// Kind is how the server misbehaves.
type Kind string

// Faults of a server. Those of the first group come before anything is signed and hold for any request; the others are
// ignored for one that is refused. Of /cacerts, only what has to do with the bytes of the answer holds, and OtherCA and Empty.
const (
	Wait     Kind = "wait"     // 202: come again after a while (RFC 7030 §4.2.3)
	Deny     Kind = "deny"     // 401, whatever was shown
	Forbid   Kind = "forbid"   // 403
	Break    Kind = "break"    // 500
	Away     Kind = "away"     // 503 with Retry-After
	Portal   Kind = "portal"   // 200 and a page of HTML, as the log-in page of a hotel
	Redirect Kind = "redirect" // 307 to Fault.To: who follows hands its claim code to somebody else
	Hang     Kind = "hang"     // takes the request and never answers

	OtherKey  Kind = "other-key"  // a certificate for somebody else's key
	OtherName Kind = "other-name" // for this key, in another name
	OtherCA   Kind = "other-ca"   // signed by another authority of the same name; of /cacerts that authority itself
	Expired   Kind = "expired"    // over since a minute
	NotYet    Kind = "not-yet"    // good from tomorrow
	Usage     Kind = "usage"      // for a server, not for a client
	Old       Kind = "old"        // the certificate that the box had before
	Empty     Kind = "empty"      // no certificate in it
	Crowd     Kind = "crowd"      // those of strangers before the right one, which RFC 7030 does not allow
	Truncated Kind = "truncated"  // the right answer, cut in the middle, told as complete
	Short     Kind = "short"      // the right answer; the connection breaks in the middle
	Oversized Kind = "oversized"  // 16 MiB of base64
	Garbage   Kind = "garbage"    // base64 of what is no DER
	Rubbish   Kind = "rubbish"    // no base64
	Slow      Kind = "slow"       // half of the right answer, then nothing, the connection stays open
	Lost      Kind = "lost"       // signed, and the connection breaks before the answer
)

// Fault is one misbehaviour.
type Fault struct {
	Kind Kind
	// After is Retry-After as it is sent by Wait and Away, which may be nonsense; empty means none at all.
	After string
	To    string // where Redirect sends the client
	// Operation the fault is for; empty means any.
	Operation string
}

// Next has the server misbehave at its next requests: each fault once, in order; one that is for another operation waits
// and lets those after it come first.
func (s *Server) Next(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, faults...)
}

// Behave forgets all faults that have not come yet.
func (s *Server) Behave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// fault takes the fault for a request.
func (s *Server) fault(operation string) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, f := range s.faults {
		if f.Operation == "" || f.Operation == operation {
			s.faults = append(s.faults[:i:i], s.faults[i+1:]...)
			return f
		}
	}
	return Fault{}
}

// early plays a fault that needs no good request.
func (s *Server) early(f Fault, w http.ResponseWriter, r *http.Request) (status int, played bool) {
	switch f.Kind {
	case Wait, Away:
		if f.After != "" {
			w.Header().Set("Retry-After", f.After)
		}
		status = map[Kind]int{Wait: http.StatusAccepted, Away: http.StatusServiceUnavailable}[f.Kind]
	case Deny:
		w.Header().Set("WWW-Authenticate", realm)
		status = http.StatusUnauthorized
	case Forbid:
		status = http.StatusForbidden
	case Break:
		status = http.StatusInternalServerError
	case Redirect:
		w.Header().Set("Location", f.To)
		status = http.StatusTemporaryRedirect
	case Portal:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Write([]byte("<!doctype html><title>Guest network</title><p>Please accept our terms." + strings.Repeat(" ", 2000)))
		return http.StatusOK, true
	case Hang:
		s.stall(r)
		return 0, true
	default:
		return 0, false
	}
	w.WriteHeader(status)
	return status, true
}

// stall waits until the client or the server has had enough.
func (s *Server) stall(r *http.Request) {
	select {
	case <-r.Context().Done():
	case <-s.closed:
	}
}

// cut breaks the connection; package net/http catches it.
func cut() { panic(http.ErrAbortHandler) }
