package outlooktest

import (
	"net/http"
	"net/url"
)

// beginning gives the address that begins the same round anew, with an empty token.
func (q *request) beginning() string {
	keep := url.Values{}
	for name, values := range q.query {
		if name != "$deltatoken" && name != "$skiptoken" {
			keep[canonical(name)] = values
		}
	}
	path := q.path() + "?"
	if len(keep) > 0 {
		path += keep.Encode() + "&"
	}
	return path + "$deltatoken="
}

// canonical spells a parameter as the documents do.
func canonical(name string) string {
	switch name {
	case "startdatetime":
		return "startDateTime"
	case "enddatetime":
		return "endDateTime"
	}
	return name
}

// reset refuses a state token that is not known any more, as the switch wants it.
func (s *Server) reset(mb *mailbox, q *request, token string) *problem {
	const message = "The sync state generation is not found. Full synchronization is required."
	switch s.switches.Reset {
	case ResetBad:
		return refuse(http.StatusBadRequest, "syncStateNotFound", message)
	case ResetNotFound:
		return refuse(http.StatusNotFound, "syncStateNotFound", message)
	}
	p := refuse(http.StatusGone, "resyncRequired", "Resync required.")
	location := q.path() + "?$deltatoken="
	if st := mb.forgotten(token); st != nil {
		location = st.first
	}
	p.header = map[string]string{"Location": q.base + location}
	return p
}

// stateToken keeps a state and gives the token for it.
func (s *Server) stateToken(mb *mailbox, st deltaState) string {
	mb.tokenSeq++
	token := mb.idText("R0usmc", ident{seq: mb.tokenSeq, occurrence: "state"})
	mb.tokens[token] = &st
	mb.tokenOrder = append(mb.tokenOrder, token)
	if most := s.limits.DeltaStates; most > 0 && len(mb.tokenOrder) > most {
		mb.forget(mb.tokenOrder[0])
		mb.tokenOrder = mb.tokenOrder[1:]
	}
	return token
}

// forget drops a state but remembers where its round began.
func (mb *mailbox) forget(token string) {
	if st := mb.tokens[token]; st != nil {
		mb.lost[token] = st
	}
	delete(mb.tokens, token)
}

func (mb *mailbox) forgotten(token string) *deltaState { return mb.lost[token] }

// ExpireDelta makes a mailbox forget all state tokens, as after a move of it or after a long time.
func (s *Server) ExpireDelta(address string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	mb := s.mustMailbox(address)
	for token := range mb.tokens {
		mb.forget(token)
	}
	mb.tokenOrder = nil
}
