// Package help says what each light and each health code means, why it comes and what to do, in the words that every other
// door of the box has for it, and makes the card that is pinned up beside the box. It is for everybody: it tells nothing of
// this very box but its name.
package help

import (
	"embed"
	"net/http"
	"slices"

	"syncbox/firmware/internal/health"
	"syncbox/firmware/internal/web/page"
)

//go:embed all:templates
var files embed.FS

var set = page.Parse(files)

// Pages are the help.
type Pages struct{ Site *page.Site }

// Routes adds them.
func (p *Pages) Routes(m *page.Mux) {
	m.Public("GET /help", p.index)
	m.Public("GET /help/card", p.card)
	m.Public("GET /help/{code}", p.code)
}

// entry is one light, with the codes for which it is shown.
type entry struct {
	Name  string
	Lamp  page.Lamp
	Codes []code
}

// code is one health code.
type code struct {
	Name string
	Text string // what is so
}

// index lists every light with what it means, from what matters most, and the codes below the light that they have.
func (p *Pages) index(w http.ResponseWriter, r *page.Request) {
	p.Site.Show(w, r, set, http.StatusOK, "index", "page.help.title", entries(r))
}

// card is the table of the lights alone, to be printed.
func (p *Pages) card(w http.ResponseWriter, r *page.Request) {
	p.Site.Show(w, r, set, http.StatusOK, "card", "page.help.card", entries(r))
}

func entries(r *page.Request) []entry {
	codes := map[health.Light][]code{}
	for _, c := range health.All() {
		codes[c.Light] = append(codes[c.Light], code{c.Code, r.P.Text("code."+c.Code, nil)})
	}
	var all []entry
	for _, l := range slices.Backward(health.Lights()) {
		all = append(all, entry{l.String(), page.LampOf(r.P, l), codes[l]})
	}
	return all
}

// detail is what there is to say of a code.
type detail struct {
	Code     string
	Text     string
	Do       string
	Severity string
	Side     string
	Lamp     page.Lamp
}

func (p *Pages) code(w http.ResponseWriter, r *page.Request) {
	c, known := health.Lookup(r.PathValue("code"))
	if !known {
		p.Site.Message(w, r, http.StatusNotFound, "page.missing.title", r.P.Text("page.missing.text", nil))
		return
	}
	p.Site.Show(w, r, set, http.StatusOK, "code", "page.help.title", detail{c.Code, r.P.Text("code."+c.Code, nil), r.P.Text("do."+c.Code, nil),
		r.P.Text("severity."+c.Severity.String(), nil), r.P.Text("side."+string(c.Side), nil), page.LampOf(r.P, c.Light)})
}
