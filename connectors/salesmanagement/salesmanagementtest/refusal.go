package salesmanagementtest

import (
	"net/http"
	"strconv"

	"syncbox/connectors/rest/resttest"
)

// Refusal is why the product does not do what it is asked. Its text names fields and entities, never values.
type Refusal struct {
	Status int // of HTTP
	Code   int // the product's own: 901, 910, or 0
	Text   string
}

func (r *Refusal) Error() string { return r.Text }

// The internal codes of the product.
const (
	BadSQL       = 901 // Internal data Error
	NotThere     = 910 // Resource not exist
	DatabaseGone = 900 // Connection Error
)

func invalid(text string) *Refusal { return &Refusal{http.StatusBadRequest, 0, text} }

func badSQL() *Refusal { return &Refusal{http.StatusBadRequest, BadSQL, "Internal data Error"} }

// gone is the answer about an id that there is not: 400, not 404.
func gone() *Refusal { return &Refusal{http.StatusBadRequest, NotThere, "Resource not exist"} }

func unauthorized() *Refusal { return &Refusal{http.StatusUnauthorized, 0, "Unauthorized"} }

func wrongVerb() *Refusal {
	return &Refusal{http.StatusMethodNotAllowed, 0, "Method Not Allowed"}
}

// refused gives a refusal the form that this tenant has.
func (s *Server) refused(c *Call, r *Refusal) *resttest.Answer {
	c.Refused, c.Code = r.Text, r.Code
	switch s.Switches()[ErrorBody] {
	case "text":
		text := r.Text
		if r.Code != 0 {
			text = strconv.Itoa(r.Code) + " " + text
		}
		return resttest.NewAnswer(r.Status, "text/plain; charset=utf-8", []byte(text))
	case "message":
		return resttest.JSON(r.Status, map[string]any{"message": http.StatusText(r.Status)})
	}
	code := r.Code
	setDefault(&code, r.Status)
	return resttest.JSON(r.Status, map[string]any{"code": code, "message": r.Text})
}

// throttled is the answer to one request too many.
func (s *Server) throttled(c *Call) *resttest.Answer {
	c.Refused = "too many requests"
	switch s.Switches()[Throttle] {
	case "408":
		return s.refused(c, &Refusal{http.StatusRequestTimeout, 0, "Request Timeout"})
	case "429-empty":
		return resttest.NewAnswer(http.StatusTooManyRequests, "application/json", nil)
	}
	a := s.refused(c, &Refusal{http.StatusTooManyRequests, 0, "Too Many Requests"})
	a.Header.Set("Retry-After", "1")
	return a
}
