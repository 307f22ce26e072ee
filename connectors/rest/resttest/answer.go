package resttest

import (
	"encoding/json"
	"net/http"
	"strconv"
)

// Answer is what a simulator answers, and how much of it arrives.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
	Keep   int  // bytes of the body that are sent before the connection is cut; below 0: all
	Closed bool // the connection is cut without an answer
}

// NewAnswer makes an answer that arrives.
func NewAnswer(status int, contentType string, body []byte) *Answer {
	return &Answer{Status: status, Header: http.Header{"Content-Type": {contentType}}, Body: body, Keep: -1}
}

// Cut is an answer that does not come.
func Cut() *Answer { return &Answer{Closed: true} }

// Page is how web servers refuse in front of a product: a page of HTML.
func Page(status int, text string) *Answer {
	return NewAnswer(status, "text/html; charset=utf-8", []byte("<html><body><h1>"+strconv.Itoa(status)+"</h1><p>"+text+"</p></body></html>"))
}

// JSON encodes v, which must be made of values that can be encoded.
func JSON(status int, v any) *Answer {
	b, err := json.Marshal(v)
	if err != nil {
		panic("resttest: " + err.Error())
	}
	return NewAnswer(status, "application/json", b)
}

// Lost tells whether the caller gets no answer, or a part of one.
func (a *Answer) Lost() bool { return a.Closed || a.Keep >= 0 }

// Write sends the answer, or as much of it as arrives.
func (a *Answer) Write(w http.ResponseWriter) {
	if a.Closed {
		panic(http.ErrAbortHandler)
	}
	for name, values := range a.Header {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(a.Body)))
	w.WriteHeader(a.Status)
	if a.Keep < 0 {
		w.Write(a.Body)
		return
	}
	w.Write(a.Body[:min(a.Keep, len(a.Body))])
	http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}
