package signin

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// Choice is what the person does on the authorize page.
type Choice struct {
	Realm  string // the company; "" is the first one
	Refuse bool
}

// SignIn acts as the person who follows a link to the authorize page and answers it. It gives the
// address that the browser is sent to, without going there. Its error tells what the page showed.
func (s *Server) SignIn(link string, c Choice) (callback string, err error) {
	setDefault(&c.Realm, s.opts.Companies[0].Realm)
	form := url.Values{decisionField: {"connect"}, realmField: {c.Realm}}
	if c.Refuse {
		form = url.Values{decisionField: {"refuse"}}
	}
	if _, err := s.browse(http.MethodGet, link, ""); err != nil {
		return "", err
	}
	return s.browse(http.MethodPost, link, form.Encode())
}

// browse is one request of the person's browser. It gives where that is sent to, "" if it stays.
func (s *Server) browse(method, address, form string) (location string, err error) {
	q, err := http.NewRequest(method, address, strings.NewReader(form))
	if err != nil {
		return "", fmt.Errorf("open authorize page: %w", err)
	}
	q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	a, err := s.RoundTripper().RoundTrip(q)
	if err != nil {
		return "", fmt.Errorf("open authorize page: %w", err)
	}
	defer a.Body.Close()
	text, err := io.ReadAll(a.Body)
	if err != nil {
		return "", fmt.Errorf("open authorize page: %w", err)
	}
	if a.StatusCode >= 400 {
		return "", fmt.Errorf("open authorize page: status %d: %s", a.StatusCode, text)
	}
	return a.Header.Get("Location"), nil
}
