package setup_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// browser is a person at a browser without a script, who only fills in what a page shows and follows what it offers.
type browser struct {
	t      *testing.T
	http   *http.Client
	url    string
	status int
	path   string // where it is
	text   string
	page   *html.Node

	patient        bool     // it shows what goes on instead of waiting for its end
	fields, clicks int      // that the person was shown, and did
	sent           []string // every address, with its query
	seen           strings.Builder
}

func newBrowser(t *testing.T, url string) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	must(t, err)
	return &browser{t: t, http: &http.Client{Jar: jar}, url: url}
}

// keys are those of words that there are none of.
var keys = regexp.MustCompile(`\b(page|code|do|want|setting|console|status|phase)\.[a-z][a-z.-]+`)

// open goes to a page, as by its address.
func (b *browser) open(path string) {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.url+path, nil)
	must(b.t, err)
	b.do(req)
}

func (b *browser) do(req *http.Request) {
	b.t.Helper()
	b.sent = append(b.sent, req.URL.String())
	res, err := b.http.Do(req)
	must(b.t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	must(b.t, err)
	b.status, b.path, b.text = res.StatusCode, res.Request.URL.RequestURI(), string(text)
	b.seen.WriteString(b.text)
	b.page, err = html.Parse(strings.NewReader(b.text))
	must(b.t, err)
	if key := keys.FindString(b.words()); key != "" {
		b.t.Errorf("no words for %s on %s", key, b.path)
	}
	if !b.patient && b.form("/setup/cancel") != nil && strings.Contains(b.text, `http-equiv="refresh"`) {
		b.open(b.path) // the page waits for what goes on
	}
}

// follow clicks on a link.
func (b *browser) follow(path string) {
	b.t.Helper()
	for n := range b.page.Descendants() {
		if n.Data == "a" && strings.HasPrefix(attr(n, "href"), path) {
			b.clicks++
			to, _, _ := strings.Cut(attr(n, "href"), "#")
			b.open(to)
			return
		}
	}
	b.t.Fatalf("no link to %s on %s:\n%s", path, b.path, b.words())
}

// submit fills in the form that leads to action, and clicks on its button. What is not named stays as it is proposed; what is
// named has to be a field that is shown.
func (b *browser) submit(action string, values ...string) {
	b.t.Helper()
	b.submitAs(action, "", values...)
}

// submitAs is submit for the form that has a field, of several that lead to the same place.
func (b *browser) submitAs(action, field string, values ...string) {
	b.t.Helper()
	form := b.formWith(action, field)
	if form == nil {
		b.t.Fatalf("no form for %s on %s:\n%s", action, b.path, b.words())
	}
	sent := url.Values{}
	var shown, known []string
	for n := range form.Descendants() {
		name := attr(n, "name")
		switch {
		case n.Data == "button" && name != "":
			known = append(known, name)
		case name == "" || n.Data != "input" && n.Data != "select":
		case attr(n, "type") == "hidden":
			sent.Set(name, attr(n, "value"))
		default:
			if !folded(n, form) {
				shown = append(shown, name)
			}
			known = append(known, name)
			if value, is := proposed(n); is {
				sent.Set(name, value)
			}
		}
	}
	b.fields += len(shown)
	b.clicks++
	for i := 0; i < len(values); i += 2 {
		if !slices.Contains(known, values[i]) {
			b.t.Fatalf("no field %s on %s: %q", values[i], b.path, known)
		}
		if sent.Set(values[i], values[i+1]); values[i+1] == "" {
			sent.Del(values[i])
		}
	}
	req, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.url+action, strings.NewReader(sent.Encode()))
	must(b.t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	b.do(req)
}

func (b *browser) form(action string) *html.Node { return b.formWith(action, "") }

func (b *browser) formWith(action, field string) *html.Node {
	for n := range b.page.Descendants() {
		if n.Data != "form" || attr(n, "action") != action || attr(n, "method") != "post" {
			continue
		}
		for f := range n.Descendants() {
			if field == "" || attr(f, "name") == field {
				return n
			}
		}
	}
	return nil
}

// proposed gives the value that a field has already, and whether one is sent without anybody filling it in.
func proposed(n *html.Node) (string, bool) {
	switch {
	case n.Data == "select":
		first, any := "", false
		for o := range n.Descendants() {
			if o.Data == "option" && (!any || has(o, "selected")) {
				first, any = attr(o, "value"), true
			}
		}
		return first, any
	case attr(n, "type") == "checkbox":
		return attr(n, "value"), has(n, "checked")
	}
	return attr(n, "value"), true
}

// folded tells whether a field is hidden until somebody opens what it stands in.
func folded(n, form *html.Node) bool {
	for ; n != form; n = n.Parent {
		if n.Data == "details" && !has(n, "open") {
			return true
		}
	}
	return false
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

// words gives the text of the page.
func (b *browser) words() string {
	var all []string
	for n := range b.page.Descendants() {
		if text := strings.TrimSpace(n.Data); n.Type == html.TextNode && text != "" {
			all = append(all, text)
		}
	}
	return strings.Join(all, "\n")
}

func (b *browser) has(text string) bool { return strings.Contains(b.words(), text) }

// shows checks that the page has texts.
func (b *browser) shows(what string, wants ...string) {
	b.t.Helper()
	for _, want := range wants {
		if !b.has(want) {
			b.t.Errorf("%s: no %q on %s:\n%s", what, want, b.path, b.words())
		}
	}
}

// at checks where the browser is.
func (b *browser) at(path string, status int) {
	b.t.Helper()
	if b.path != path || b.status != status {
		b.t.Fatalf("got %d at %s, want %d at %s:\n%s", b.status, b.path, status, path, b.words())
	}
}
