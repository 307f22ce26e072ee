package sagex3test

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
	keep   int  // bytes of the body that are sent before the connection is cut; -1: all
	closed bool // the connection is cut without an answer

	soap *result // nil for anything but a result of an operation
}

func bodyAnswer(status int, contentType string, body []byte) *answer {
	return &answer{status: status, header: http.Header{"Content-Type": {contentType}}, body: body, keep: -1}
}

func page(status int, text string) *answer {
	return bodyAnswer(status, "text/html; charset=utf-8", []byte("<html><body><h1>"+strconv.Itoa(status)+"</h1><p>"+text+"</p></body></html>"))
}

// jsonAnswer encodes what REST answers.
func jsonAnswer(status int, v any) *answer {
	b, err := json.Marshal(v)
	if err != nil {
		panic("sagex3test: " + err.Error()) // of texts and numbers alone
	}
	return bodyAnswer(status, "application/json", b)
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

func (a *answer) succeeded() bool {
	return a.status/100 == 2 && (a.soap == nil || a.soap.status == 1 && !a.soap.failed())
}
