// Package login is the way into the local page: the set-up code of the box's label opens it.
package login

import (
	"embed"
	"errors"
	"net/http"

	"syncbox/firmware/internal/console/setupcode"
	"syncbox/firmware/internal/web/page"
)

//go:embed all:templates
var files embed.FS

var set = page.Parse(files)

// Pages are the log-on and its end.
type Pages struct{ Site *page.Site }

// Routes adds them.
func (p *Pages) Routes(m *page.Mux) {
	m.Public("GET /login", func(w http.ResponseWriter, r *page.Request) {
		p.show(w, r, http.StatusOK, p.field(r), r.URL.Query().Get("to"))
	})
	m.Entry("POST /login", p.open)
	m.Closed("POST /logout", func(w http.ResponseWriter, r *page.Request) {
		http.SetCookie(w, p.Site.Sessions.Close(r.Request, r.TLS != nil))
		http.Redirect(w, r.Request, "/", http.StatusSeeOther)
	})
}

type form struct {
	Code page.Field
	To   string
}

func (p *Pages) field(r *page.Request) page.Field {
	return page.Field{Name: "code", Kind: "password", Most: 64, Label: r.P.Text("page.login.code", nil), Hint: r.P.Text("page.login.hint", nil)}
}

func (p *Pages) show(w http.ResponseWriter, r *page.Request, status int, code page.Field, to string) {
	p.Site.Show(w, r, set, status, "login", "page.login.title", form{code, to})
}

// open begins a session and leads on to the page that was asked for.
func (p *Pages) open(w http.ResponseWriter, r *page.Request) {
	field, to := p.field(r), r.PostFormValue("to")
	code, ok := r.Take(&field)
	if !ok {
		p.show(w, r, http.StatusUnprocessableEntity, field, to)
		return
	}
	cookie, err := p.Site.Sessions.Open(code, r.TLS != nil)
	early, isEarly := errors.AsType[*setupcode.WaitError](err)
	status := http.StatusForbidden
	switch {
	case err == nil:
		p.Site.Log.Info("page opened")
		http.SetCookie(w, cookie)
		if !page.Local(to) {
			to = "/"
		}
		http.Redirect(w, r.Request, to, http.StatusSeeOther)
		return
	case errors.Is(err, setupcode.ErrWrong):
		p.Site.Log.Warn("page refused a set-up code")
		field.Error = r.P.Text("console.code-wrong", nil)
	case isEarly:
		status = http.StatusTooManyRequests
		field.Error = r.P.Text("console.code-wait", map[string]string{"wait": early.For.String()})
	case errors.Is(err, setupcode.ErrNoCode):
		field.Error = r.P.Text("console.code-none", nil)
	default:
		p.Site.Log.Error("set-up code", "err", err)
		status, field.Error = http.StatusInternalServerError, r.P.Text("console.failed", nil)
	}
	p.show(w, r, status, field, to)
}
