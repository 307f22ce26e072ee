package signin

import "time"

// The lives of what is handed out.
const (
	AccessLife = time.Hour
	CodeLife   = 10 * time.Minute
	SameLife   = 24 * time.Hour           // how long a refresh gives the same refresh token
	IdleLife   = 100 * 24 * time.Hour     // of a refresh token that nobody uses
	HardLife   = 5 * 365 * 24 * time.Hour // of a connection, used or not
)

// code is what a consent gives: good once.
type code struct {
	realm, redirect string
	openID          bool
	expires         time.Time
	used            bool
}

// connection is one consent: this app may work with one company.
type connection struct {
	number    int
	realm     string
	openID    bool
	born      time.Time
	refreshed time.Time // the last refresh; zero if none
	ended     bool
	current   *refreshToken
}

// refreshToken is one of the strings that a connection had, one after the other.
type refreshToken struct {
	number int
	value  string
	of     *connection
	issued time.Time
	used   time.Time // issue counts as use
	next   *refreshToken
	// acknowledged: its holder showed it, or an access token that came with it.
	acknowledged bool
}

type accessToken struct {
	value   string
	of      *connection
	with    *refreshToken
	expires time.Time
}

// state is everything that the service knows. Its owner guards it with one lock.
type state struct {
	switches    Switches
	codes       map[string]*code
	connections []*connection
	refresh     map[string]*refreshToken
	access      map[string]*accessToken
	lost        map[string]bool // realms whose connecting person lost access
	flights     []*flight
	overlaps    []Overlap
	stale       []StaleUse
}

func newState(w Switches) *state {
	return &state{switches: w, codes: map[string]*code{}, refresh: map[string]*refreshToken{},
		access: map[string]*accessToken{}, lost: map[string]bool{}}
}

// connect makes a connection, and ends the one that the company had.
func (st *state) connect(c *code, now time.Time) *connection {
	if !st.switches.KeepOld {
		st.disconnect(c.realm)
	}
	conn := &connection{number: len(st.connections) + 1, realm: c.realm, openID: c.openID, born: now}
	st.connections = append(st.connections, conn)
	return conn
}

// disconnect ends the connections of a company and tells how many there were.
func (st *state) disconnect(realm string) (n int) {
	for _, conn := range st.connections {
		if conn.realm == realm && !conn.ended {
			conn.ended = true
			n++
		}
	}
	return n
}

// rotate gives a connection its next refresh token.
func (st *state) rotate(conn *connection, value string, now time.Time) {
	t := &refreshToken{number: len(st.refresh) + 1, value: value, of: conn, issued: now, used: now}
	if conn.current != nil {
		conn.current.next = t
	}
	conn.current, st.refresh[value] = t, t
}

// grant hands out an access token with the current refresh token.
func (st *state) grant(conn *connection, value string, now time.Time) *accessToken {
	a := &accessToken{value: value, of: conn, with: conn.current, expires: now.Add(AccessLife)}
	st.access[value] = a
	return a
}

// hardEnd is when the current refresh token dies, used or not.
func (st *state) hardEnd(conn *connection) time.Time {
	if st.switches.HardFromIssue {
		return conn.current.issued.Add(HardLife)
	}
	return conn.born.Add(HardLife)
}
