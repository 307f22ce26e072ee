package sagecrmtest

import "net/http"

// Refusal is why the product does not do what it is asked. Its text names fields and entities, never values.
type Refusal struct {
	kind refusalKind
	Text string
}

func (r *Refusal) Error() string { return r.Text }

type refusalKind int

const (
	invalid    refusalKind = iota // what is sent cannot be stored or understood
	badQuery                      // Query failed to run successfully
	disabled                      // entity without web services
	absent                        // no such record
	denied                        // who asks is nobody
	noSession                     // the session is not, or no longer
	tooLarge                      // the request
	wrongVerb                     // REST
	stale                         // If-Match names another version
	unmatched                     // If-Match is missing
	overloaded                    // too many calls
)

func refuse(kind refusalKind, text string) *Refusal { return &Refusal{kind, text} }

func queryFailed() *Refusal { return refuse(badQuery, "Query failed to run successfully") }

// notEnabled is about what the caller wrote: an entity that does not exist is refused alike.
func notEnabled(entity string) *Refusal {
	if len(entity) > 40 {
		entity = entity[:40]
	}
	return refuse(disabled, "Entity '"+entity+"' is not Web Service enabled")
}

func notFound(e Entity) *Refusal { return refuse(absent, "Record not found: "+string(e)) }

// status is that of REST.
func (r *Refusal) status() int {
	switch r.kind {
	case disabled:
		return http.StatusForbidden
	case absent:
		return http.StatusNotFound
	case denied, noSession:
		return http.StatusUnauthorized
	case tooLarge:
		return http.StatusRequestEntityTooLarge
	case wrongVerb:
		return http.StatusMethodNotAllowed
	case stale:
		return http.StatusPreconditionFailed
	case unmatched:
		return http.StatusPreconditionRequired
	case overloaded:
		return http.StatusServiceUnavailable
	}
	return http.StatusBadRequest
}
