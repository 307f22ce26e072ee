// Package page is what all pages of the box have in common: the frame around them, their language, the way in, forms that
// say beside each field what is wrong with it, and the style. Pages are made on the box, from templates that are part of
// the program; they can be read without a script.
package page

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"syncbox/connectors"
	"syncbox/firmware/internal/locale"
	"syncbox/firmware/internal/web/session"
)

//go:embed templates static
var files embed.FS

// Face is how the box shows itself.
type Face struct {
	Name     string // on the network
	Language string // of who has not chosen one: "fr-CA" or "en"
	Zone     *time.Location
	Names    connectors.Names // of the products of all jobs
}

// Site is what the pages are made for.
type Site struct {
	Face     func() Face
	Sessions *session.Sessions
	Log      *slog.Logger

	words words
}

// Request is a request with what is known of who makes it.
type Request struct {
	*http.Request
	P    *locale.Printer
	Tag  string // the page's language: "fr-CA" or "en"
	Face Face
	Open bool // the set-up code was given

	session session.Session
	said    string                 // what the page tells above all else, once
	has     func(path string) bool // tells whether the box has such a page
}

// About has the page call the products by the names of one job.
func (r *Request) About(names connectors.Names) { r.P = r.P.Of(names) }

// Handler answers a request.
type Handler func(w http.ResponseWriter, r *Request)

// Part is a group of pages.
type Part interface {
	// Routes adds the group's pages to the site's.
	Routes(m *Mux)
}

// Set is a group of templates within the frame that all pages share. Each page's template defines "main".
type Set struct{ all map[string]*template.Template }

// Parse reads templates/*.html of a package, each the main part of one page, by its file name without ".html". Files
// whose names begin with "_" are parts that all of them may use. A mistake in one is the program's own, and panics.
func Parse(own fs.FS) *Set {
	frame := template.Must(template.New("frame").ParseFS(files, "templates/*.html"))
	if parts, _ := fs.Glob(own, "templates/_*.html"); len(parts) > 0 {
		template.Must(frame.ParseFS(own, "templates/_*.html"))
	}
	names, err := fs.Glob(own, "templates/[^_]*.html")
	if err != nil || len(names) == 0 {
		panic(fmt.Sprintf("page: no templates: %v", err))
	}
	s := &Set{map[string]*template.Template{}}
	for _, name := range names {
		t := template.Must(template.Must(frame.Clone()).ParseFS(own, name))
		s.all[name[len("templates/"):len(name)-len(".html")]] = t
	}
	return s
}

// View is what a template gets: the words of the request's language and the page's own Data.
type View struct {
	*Request
	Title string // of the page, in the page's language
	Data  any
}

// T gives a text of the page's language; names and values of its gaps follow the key by turns.
func (v View) T(key string, args ...string) string { return v.P.Text(key, pairs(args)) }

// N gives a text for n things.
func (v View) N(key string, n int) string { return v.P.Count(key, n) }

// Number writes a whole number.
func (v View) Number(n int) string { return v.P.Number(n) }

// Time gives a date and a time of day; "–" for none.
func (v View) Time(t time.Time) string { return v.P.Time(t) }

// Lang is the language in the form of HTML's lang attribute.
func (v View) Lang() string { return v.Tag }

// Other is the language that the page can be had in as well.
func (v View) Other() string {
	if v.Tag == "en" {
		return "fr-CA"
	}
	return "en"
}

// Said is what was said to the session since its last page; empty if nothing was.
func (v View) Said() string { return v.said }

// InOther leads to this very page in the other language.
func (v View) InOther() string {
	q := v.URL.Query()
	q.Set("lang", v.Other())
	return "?" + q.Encode()
}

// Token is the value of the hidden field that each form of a session has.
func (v View) Token() string { return v.session.Token }

// With gives the same view with other data, for a template within a template.
func (v View) With(data any) View { v.Data = data; return v }

func pairs(args []string) map[string]string {
	if len(args)%2 != 0 {
		panic("page: a gap without a value")
	}
	m := map[string]string{}
	for i := 0; i < len(args); i += 2 {
		m[args[i]] = args[i+1]
	}
	return m
}

// Say has the next page of a request's session tell a text, once: what an order did, where another page follows it.
func (s *Site) Say(r *Request, text string) { s.Sessions.Say(r.Request, text) }

// Show answers with a page: status is that of HTTP, name the template, title the key of its title.
func (s *Site) Show(w http.ResponseWriter, r *Request, set *Set, status int, name, title string, data any) {
	r.said = s.Sessions.Said(r.Request)
	text, err := set.render(r, name, "frame", title, data)
	if err != nil {
		s.broken(w, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(text) // who has gone away needs no answer
}

// Piece makes one part of a page, for those that are brought up to date in place.
func (set *Set) Piece(r *Request, page, piece string, data any) ([]byte, error) {
	return set.render(r, page, piece, "", data)
}

func (set *Set) render(r *Request, page, piece, title string, data any) ([]byte, error) {
	t, ok := set.all[page]
	if !ok {
		return nil, fmt.Errorf("no template has the name %q", page)
	}
	v := View{Request: r, Data: data}
	if title != "" {
		v.Title = v.T(title)
	}
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, piece, v); err != nil {
		return nil, fmt.Errorf("make page %s: %w", page, err)
	}
	return b.Bytes(), nil
}

// broken answers where a page could not be made; why is for the log.
func (s *Site) broken(w http.ResponseWriter, err error) {
	s.Log.Error("page", "err", err)
	http.Error(w, "500 Internal Server Error", http.StatusInternalServerError)
}

// Message answers with a page that says one thing, such as why there is nothing to see.
func (s *Site) Message(w http.ResponseWriter, r *Request, status int, title, text string) {
	s.Show(w, r, own, status, "message", title, text)
}

var own = Parse(files)
