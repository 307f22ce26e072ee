package quickbookstest

import (
	"net/http"
	"strconv"
	"time"
)

// answer is what a call gets, and how much of it arrives.
type answer struct {
	status int
	header http.Header
	body   []byte
	code   string // the fault's, "" if there is none
	keep   int    // bytes of the body that are sent before the connection is cut; -1: all
	closed bool   // the connection is cut without an answer
}

func jsonAnswer(o Object, now time.Time) *answer {
	o["time"] = answerTime(now)
	return bodyAnswer(encode(o))
}

func bodyAnswer(body []byte) *answer {
	return &answer{status: 200, header: http.Header{"Content-Type": {"application/json;charset=UTF-8"}}, body: body, keep: -1}
}

func refusal(p *problem, now time.Time) *answer {
	body, contentType := p.body(now)
	a := &answer{status: p.status, header: http.Header{"Content-Type": {contentType}}, body: body, code: p.code(), keep: -1}
	for name, value := range p.header {
		a.header.Set(name, value)
	}
	return a
}

// write sends the answer, or as much of it as arrives.
func (a *answer) write(w http.ResponseWriter, tid string) {
	if a.closed {
		panic(http.ErrAbortHandler)
	}
	for name, values := range a.header {
		w.Header()[name] = values
	}
	w.Header()["Intuit_tid"] = []string{tid}
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

func (a *answer) succeeded() bool { return a.status/100 == 2 && a.code == "" }
