package signin

import (
	"net/http"
	"net/url"
	"time"
)

// signIn is one state that the relay issued.
//
//	waiting ─► back ─► handing ─► forgotten: used, over ten minutes, or refused by the person
//	   └────────────────┴─► back, or waiting, again where Intuit gave nothing and may yet
type signIn struct {
	expires     time.Time
	phase       phase
	code, realm string // once the person is back
}

type phase int

const (
	waiting phase = iota // nobody has come back
	back                 // the person is back with a code
	denied               // the person is back and has refused
	handing              // the code is being exchanged
)

// live gives a sign-in, nil if its state is unknown, used or over. It forgets what is over. The lock is held.
func (r *Relay) live(state string) *signIn {
	now := r.Now()
	for known, in := range r.signIns {
		if !now.Before(in.expires) {
			delete(r.signIns, known)
		}
	}
	return r.signIns[state]
}

// beginSignIn issues a state and the link for the person.
func (r *Relay) beginSignIn(c *Call, q *relayRequest) *answer {
	state := r.states.text("", 32)
	link := url.Values{"client_id": {r.opts.ClientID}, "response_type": {"code"}, "scope": {Scope},
		"redirect_uri": {r.opts.RedirectURI}, "state": {state}}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.signIns[state] = &signIn{expires: r.Now().Add(SignInLife)}
	c.Done = true
	return jsonAnswer(http.StatusOK, map[string]any{"state": state, "authorize": r.opts.AuthorizeURL + "?" + link.Encode(),
		"expires_in": int(SignInLife / time.Second)})
}

// gone is the answer for a state that is unknown, used or over.
func gone(code, reason string) *answer { return refuse(http.StatusGone, code, reason) }

// collect gives the tokens, once, when the person is back.
func (r *Relay) collect(c *Call, q *relayRequest) *answer {
	in, a := r.take(q.State)
	if a != nil {
		return a
	}
	got := r.hand(c, q, in.code, in.realm)
	if !c.Done && (got.status >= 500 || got.status < 400) {
		r.putBack(in, back)
	} else {
		r.forget(q.State) // Intuit wants no more of this code
	}
	return got
}

// take takes a code for the exchange, or gives the answer that there is none.
func (r *Relay) take(state string) (*signIn, *answer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	in := r.live(state)
	switch {
	case in == nil:
		return nil, gone("state_over", "state: unknown, used or over")
	case in.phase == denied:
		delete(r.signIns, state)
		return nil, gone("access_denied", "the person refused")
	case in.phase != back:
		return nil, jsonAnswer(http.StatusAccepted, struct{}{})
	}
	in.phase = handing
	return in, nil
}

// exchange gives the tokens for a code that the person pasted. What Intuit refuses uses nothing up:
// the person may have copied half of it.
func (r *Relay) exchange(c *Call, q *relayRequest) *answer {
	r.mu.Lock()
	in := r.live(q.State)
	if in == nil || in.phase == handing {
		r.mu.Unlock()
		return gone("state_over", "state: unknown, used or over")
	}
	before := in.phase
	in.phase = handing
	r.mu.Unlock()
	got := r.hand(c, q, q.Code, q.Realm)
	if c.Done {
		r.forget(q.State)
	} else {
		r.putBack(in, before)
	}
	return got
}

func (r *Relay) putBack(in *signIn, p phase) {
	r.mu.Lock()
	defer r.mu.Unlock()
	in.phase = p
}

func (r *Relay) forget(state string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.signIns, state)
}
