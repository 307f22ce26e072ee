package signin

import (
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Scope is the one that the accounting API wants.
const Scope = "com.intuit.quickbooks.accounting"

// The fields of the form on the authorize page.
const (
	decisionField = "decision" // connect or refuse
	realmField    = "realm"
)

var consentPage = template.Must(template.New("").Parse(`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Connect to QuickBooks</title></head><body>
<h1>Connect to QuickBooks</h1>
<form method="post" action="{{.Action}}">
{{range .Companies}}<p><label><input type="radio" name="realm" value="{{.Realm}}"> {{.Name}}</label></p>
{{end}}<button name="decision" value="connect">Connect</button> <button name="decision" value="refuse">No, thanks</button>
</form></body></html>
`))

// linkProblem tells what is wrong with a link to the authorize page, "" if nothing is.
func (s *Server) linkProblem(q url.Values) string {
	for _, name := range []string{"client_id", "response_type", "scope", "redirect_uri", "state"} {
		if len(q[name]) != 1 || q.Get(name) == "" {
			return name + ": wanted once"
		}
	}
	switch {
	case q.Get("client_id") != s.opts.ClientID:
		return "client_id: unknown"
	case !slices.Contains(s.opts.RedirectURIs, q.Get("redirect_uri")):
		return "redirect_uri: not registered"
	case q.Get("response_type") != "code":
		return "response_type: want code"
	case !slices.Contains(strings.Fields(q.Get("scope")), Scope):
		return "scope: want " + Scope
	}
	return ""
}

// badLink is the page for a link that is wrong. It sends nobody anywhere.
func badLink(problem string) *answer {
	a := page(http.StatusBadRequest, "<html><body><h1>Something’s not right</h1><p>"+template.HTMLEscapeString(problem)+"</p></body></html>")
	a.reason = problem
	return a
}

// showPage gives the page where the person signs in, chooses and consents.
func (s *Server) showPage(c *Call, q *request) *answer {
	if p := s.linkProblem(q.URL.Query()); p != "" {
		return badLink(p)
	}
	var b strings.Builder
	err := consentPage.Execute(&b, map[string]any{"Action": q.URL.RequestURI(), "Companies": s.opts.Companies})
	if err != nil {
		panic(err) // our own template
	}
	return page(http.StatusOK, b.String())
}

// consent takes the person's answer, and sends the browser back to the app.
func (s *Server) consent(c *Call, q *request) *answer {
	link := q.URL.Query()
	if p := s.linkProblem(link); p != "" {
		return badLink(p)
	}
	form, bad := readForm(q)
	realm := form.Get(realmField)
	back := url.Values{"state": {link.Get("state")}}
	switch {
	case bad != "":
		return badLink(bad)
	case form.Get(decisionField) == "refuse":
		back.Set("error", "access_denied")
	case form.Get(decisionField) != "connect":
		return badLink(decisionField + ": want connect or refuse")
	case !s.hasCompany(realm):
		return badLink(realmField + ": no company of this person")
	default:
		back.Set("code", s.newCode(link, realm))
		back.Set("realmId", realm)
	}
	c.Done = true
	return redirect(link.Get("redirect_uri"), back)
}

func (s *Server) hasCompany(realm string) bool {
	return slices.ContainsFunc(s.opts.Companies, func(c Company) bool { return c.Realm == realm })
}

// newCode makes a code for one company.
func (s *Server) newCode(link url.Values, realm string) string {
	value := s.tokens.text("AB11", 32)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.codes[value] = &code{realm: realm, redirect: link.Get("redirect_uri"),
		openID: slices.Contains(strings.Fields(link.Get("scope")), "openid"), expires: s.Now().Add(CodeLife)}
	return value
}

// redirect sends a browser to an address, which may have a query of its own.
func redirect(to string, add url.Values) *answer {
	sep := "?"
	if strings.Contains(to, "?") {
		sep = "&"
	}
	a := page(http.StatusFound, "")
	a.header.Set("Location", to+sep+add.Encode())
	return a
}
