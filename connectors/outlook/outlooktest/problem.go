package outlooktest

import (
	"fmt"
	"net/http"
	"time"
)

// problem is why a call is refused.
type problem struct {
	status        int
	code, message string
	html          bool // a page of the web server in front, no JSON
	oauth         int  // an AADSTS number: the form of the sign-in service
	retry         time.Duration
	header        map[string]string
}

func refuse(status int, code, format string, args ...any) *problem {
	return &problem{status: status, code: code, message: fmt.Sprintf(format, args...)}
}

func badRequest(format string, args ...any) *problem {
	return refuse(http.StatusBadRequest, "BadRequest", format, args...)
}

func badQuery(format string, args ...any) *problem {
	return refuse(http.StatusBadRequest, "ErrorInvalidUrlQuery", format, args...)
}

func badProperty(format string, args ...any) *problem {
	return refuse(http.StatusBadRequest, "ErrorInvalidPropertySet", format, args...)
}

func noSegment(segment string) *problem {
	return refuse(http.StatusBadRequest, "BadRequest", "Resource not found for the segment '%s'.", segment)
}

func notFound() *problem {
	return refuse(http.StatusNotFound, "ErrorItemNotFound", "The specified object was not found in the store.")
}

func conflict() *problem {
	return refuse(http.StatusPreconditionFailed, "ErrorIrresolvableConflict",
		"The send or update operation could not be performed because the change key passed in the request does not match the current change key for the item.")
}

func denied() *problem {
	return refuse(http.StatusForbidden, "ErrorAccessDenied", "Access to OData is disabled: [RAOP] : Blocked by tenant configured AppOnly AccessPolicy settings.")
}

func unauthenticated(message string) *problem {
	p := refuse(http.StatusUnauthorized, "InvalidAuthenticationToken", "%s", message)
	p.header = map[string]string{"WWW-Authenticate": `Bearer realm="", authorization_uri="/common/oauth2/authorize", client_id="00000003-0000-0000-c000-000000000000"`}
	return p
}

func throttled(message string, retry time.Duration) *problem {
	p := refuse(http.StatusTooManyRequests, "ApplicationThrottled", "%s", message)
	p.retry = retry
	return p
}

// Refusal is why a person's deed, or a call below /_sim/, is refused.
type Refusal struct {
	Status     int
	Code, Text string
}

func (r *Refusal) Error() string { return fmt.Sprintf("%d %s: %s", r.Status, r.Code, r.Text) }

func (p *problem) refusal() *Refusal { return &Refusal{p.status, p.code, p.message} }
