package page

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"path"
	"strings"
	"time"
)

// MostBody bounds what a request may bring, in bytes.
const MostBody = 64 << 10

// Mux leads requests to pages. What changes something is a POST, comes from a page of a session, and brings its token.
type Mux struct {
	site *Site
	mux  *http.ServeMux
}

// NewMux makes one with the parts that all pages share: style, script, icon.
func NewMux(s *Site) *Mux {
	m := &Mux{s, http.NewServeMux()}
	names, _ := fs.Glob(files, "static/*")
	for _, name := range names {
		m.mux.HandleFunc("GET /"+name, asset(name))
	}
	return m
}

// Public adds a page that everybody on the network may read. The pattern is that of http.ServeMux, of GET.
func (m *Mux) Public(pattern string, h Handler) { m.add(pattern, false, h) }

// Closed adds a page or an order for whoever has given the set-up code. Others are asked for it.
func (m *Mux) Closed(pattern string, h Handler) { m.add(pattern, true, h) }

// Entry adds the one POST that needs no session: the log-on.
func (m *Mux) Entry(pattern string, h Handler) {
	m.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		if own, ok := m.request(w, r); ok {
			h(w, own)
		}
	})
}

func (m *Mux) add(pattern string, closed bool, h Handler) {
	method, _, _ := strings.Cut(pattern, " ")
	m.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		own, ok := m.request(w, r)
		switch {
		case !ok:
		case closed && !own.Open && method == http.MethodGet:
			http.Redirect(w, r, "/login?to="+url.QueryEscape(r.URL.RequestURI()), http.StatusSeeOther)
		case closed && !own.Open:
			m.site.Message(w, own, http.StatusForbidden, "page.closed.title", own.P.Text("page.closed.ended", nil))
		case method != http.MethodGet && !own.session.Fits(r.FormValue("token")):
			m.site.Message(w, own, http.StatusForbidden, "page.closed.title", own.P.Text("page.closed.foreign", nil))
		case method == http.MethodGet:
			h(w, own)
		default:
			ctx, cancel := context.WithTimeout(r.Context(), patience)
			defer cancel()
			own.Request = r.WithContext(ctx)
			h(w, own)
		}
	})
}

// patience bounds how long a person waits for an order: a job takes one once it has its hands free. It is less than the time
// for an answer.
const patience = 20 * time.Second

// request finds out who asks, in which language.
func (m *Mux) request(w http.ResponseWriter, r *http.Request) (*Request, bool) {
	face := m.site.Face()
	if face.Zone == nil {
		face.Zone = time.UTC
	}
	own := &Request{Request: r, Face: face, Tag: chosen(r, face.Language), has: m.has}
	own.session, own.Open = m.site.Sessions.Of(r)
	var err error
	if own.P, err = m.site.words.of(own.Tag, face); err != nil {
		m.site.broken(w, err)
		return nil, false
	}
	own.P = own.P.Of(face.Names)
	return own, true
}

// has tells whether there is a page at a path.
func (m *Mux) has(path string) bool {
	_, pattern := m.mux.Handler(&http.Request{Method: http.MethodGet, URL: &url.URL{Path: path}})
	return pattern != "" && (path == "/" || pattern != "/")
}

// Handler gives the site as a whole: a request for another host than the box, or from a page of another site, is refused.
func (m *Mux) Handler() http.Handler {
	m.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if own, ok := m.request(w, r); ok {
			m.site.Message(w, own, http.StatusNotFound, "page.missing.title", own.P.Text("page.missing.text", nil))
		}
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		if !m.here(r.Host) {
			http.Error(w, "421 Misdirected Request: http://"+m.site.Face().Name+".local/", http.StatusMisdirectedRequest)
			return
		}
		remember(w, r)
		r.Body = http.MaxBytesReader(w, r.Body, MostBody)
		guard.Handler(m.mux).ServeHTTP(w, r)
	})
}

// guard refuses what a page of another site has a browser send.
var guard = http.NewCrossOriginProtection()

// here tells whether a request means this box: by its name, or by an address. Another name may be one that somebody else
// has lead to the box's address, so that his page may read ours.
func (m *Mux) here(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	if _, err := netip.ParseAddr(host); err == nil || host == "localhost" {
		return true
	}
	name := strings.ToLower(m.site.Face().Name)
	return host == name || host == name+".local"
}

// asset serves a file that the program holds; it is fetched once for each version of it.
func asset(name string) http.HandlerFunc {
	text, err := files.ReadFile(name)
	if err != nil {
		panic(err) // it is listed
	}
	sum := sha256.Sum256(text)
	tag := `"` + hex.EncodeToString(sum[:8]) + `"`
	kind := mime.TypeByExtension(path.Ext(name))
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", kind)
		w.Header().Set("ETag", tag)
		w.Header().Set("Cache-Control", "no-cache")
		http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(text))
	}
}

// Local tells whether a text leads to a page of this box, as a path to go on to must.
func Local(to string) bool {
	u, err := url.Parse(to)
	return err == nil && u.Scheme == "" && u.Host == "" && strings.HasPrefix(to, "/") && !strings.HasPrefix(to, "//") && !strings.Contains(to, `\`)
}
