package page

import (
	"net/http"
	"sync"

	"syncbox/firmware/internal/locale"
)

// languageCookie holds the language that somebody has chosen.
const languageCookie = "lang"

// tags are the languages of the pages, the first one first.
var tags = [...]string{"fr-CA", "en"}

// known gives the language of that name, empty where there is none.
func known(name string) string {
	for _, tag := range tags {
		if name == tag || len(name) == 2 && name == tag[:2] {
			return tag
		}
	}
	return ""
}

// chosen gives the language of a request: the one it names, the one that was chosen before, or the box's own.
func chosen(r *http.Request, own string) string {
	if tag := known(r.URL.Query().Get("lang")); tag != "" {
		return tag
	}
	if c, err := r.Cookie(languageCookie); err == nil && known(c.Value) != "" {
		return known(c.Value)
	}
	if tag := known(own); tag != "" {
		return tag
	}
	return tags[0]
}

// remember has the browser keep a language that somebody has just chosen.
func remember(w http.ResponseWriter, r *http.Request) {
	if tag := known(r.URL.Query().Get("lang")); tag != "" {
		http.SetCookie(w, &http.Cookie{Name: languageCookie, Value: tag, Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, SameSite: http.SameSiteStrictMode})
	}
}

// words keeps a printer for each language and time zone that was asked for.
type words struct {
	mu  sync.Mutex // protects what follows
	all map[[2]string]*locale.Printer
}

func (w *words) of(tag string, f Face) (*locale.Printer, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	key := [2]string{tag, f.Zone.String()}
	if p := w.all[key]; p != nil {
		return p, nil
	}
	p, err := locale.New(tag, f.Zone)
	if err == nil {
		if w.all == nil || len(w.all) > 8 { // the zone was set anew again and again
			w.all = map[[2]string]*locale.Printer{}
		}
		w.all[key] = p
	}
	return p, err
}
