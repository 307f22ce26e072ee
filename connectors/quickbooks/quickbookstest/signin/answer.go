package signin

import (
	"encoding/json"
	"net/http"
	"strconv"
)

// answer is what a call gets, and how much of it arrives.
type answer struct {
	status int
	header http.Header
	body   []byte
	reason string // why it was refused; for the journal, without secrets
	keep   int    // bytes of the body that are sent before the connection is cut; -1: all
	closed bool   // the connection is cut without an answer
}

func newAnswer(status int, kind string, body []byte) *answer {
	h := http.Header{"Content-Type": {kind}, "Cache-Control": {"no-store"}, "Pragma": {"no-cache"}}
	return &answer{status: status, header: h, body: body, keep: -1}
}

func jsonAnswer(status int, v any) *answer {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err) // our own types
	}
	return newAnswer(status, "application/json;charset=UTF-8", body)
}

// page answers with HTML. The address of such a page holds a code, which no other site is to see.
func page(status int, html string) *answer {
	a := newAnswer(status, "text/html; charset=utf-8", []byte(html))
	a.header.Set("Referrer-Policy", "no-referrer")
	return a
}

// refuse answers as OAuth 2 does: {"error":"…"}.
func refuse(status int, code, reason string) *answer {
	a := jsonAnswer(status, map[string]string{"error": code})
	a.reason = reason
	if status == http.StatusUnauthorized {
		a.header.Set("WWW-Authenticate", `Basic realm="intuit"`)
	}
	return a
}

// notAllowed answers a wrong method or path.
func notAllowed(status int) *answer {
	a := newAnswer(status, "text/html; charset=utf-8", []byte(htmlError(status)))
	a.reason = http.StatusText(status)
	return a
}

// htmlError is the page that a server in front of the service gives.
func htmlError(status int) string {
	title := strconv.Itoa(status) + " " + http.StatusText(status)
	return "<html>\r\n<head><title>" + title + "</title></head>\r\n<body>\r\n<center><h1>" + title + "</h1></center>\r\n</body>\r\n</html>\r\n"
}

// write sends the answer, or as much of it as arrives.
func (a *answer) write(w http.ResponseWriter) {
	if a.closed {
		panic(http.ErrAbortHandler)
	}
	for name, values := range a.header {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(a.status)
	if a.keep < 0 {
		w.Write(a.body)
		return
	}
	w.Write(a.body[:min(a.keep, len(a.body))])
	http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}
