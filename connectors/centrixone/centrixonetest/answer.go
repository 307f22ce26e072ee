package centrixonetest

import (
	"math"
	"net/http"
	"strconv"
	"time"
)

// answer is what a call gets, and how much of it arrives.
type answer struct {
	status int
	header http.Header
	body   []byte
	reason string // why it was refused
	keep   int    // bytes of the body that are sent before the connection is cut; -1: all
	closed bool   // the connection is cut without an answer
}

func jsonAnswer(body []byte) *answer {
	return &answer{status: 200, header: http.Header{"Content-Type": {"application/json"}}, body: body, keep: -1}
}

func refusal(p *problem) *answer {
	a := textAnswer(p.status, p.text)
	a.reason = p.reason
	if p.reason != p.text {
		a.header.Set("X-Sim-Reason", p.reason)
	}
	return a
}

func textAnswer(status int, text string) *answer {
	return &answer{status: status, header: http.Header{"Content-Type": {"text/plain; charset=utf-8"}}, body: []byte(text), keep: -1}
}

// setRetry tells when to come again, in whole seconds from 1 up or as a date.
func (a *answer) setRetry(d time.Duration, asDate bool, now time.Time) {
	seconds := max(1, math.Ceil(d.Seconds()))
	value := strconv.Itoa(int(seconds))
	if asDate {
		value = now.Add(time.Duration(seconds) * time.Second).UTC().Format(http.TimeFormat)
	}
	a.header.Set("Retry-After", value)
}

// write sends the answer, or as much of it as arrives.
func (a *answer) write(w http.ResponseWriter) {
	if a.closed {
		panic(http.ErrAbortHandler)
	}
	for name, values := range a.header {
		w.Header()[name] = values
	}
	if a.status != http.StatusNotModified {
		w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	w.WriteHeader(a.status)
	if a.keep < 0 {
		w.Write(a.body)
		return
	}
	w.Write(a.body[:min(a.keep, len(a.body))])
	http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// itemsBody writes the answer to a POST.
func itemsBody(items []Item) []byte {
	b := []byte(`{"Result":"Success","Items":[`)
	for i, item := range items {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(append(b, `{"Index":`...), int64(item.Index), 10)
		b = strconv.AppendInt(append(b, `,"Id":`...), item.ID, 10)
		b = append(b, `,"ExternalId":`...)
		if item.ExternalID == "" {
			b = append(b, "null"...)
		} else {
			b = appendString(b, item.ExternalID)
		}
		b = append(appendString(append(b, `,"Action":`...), item.Action), '}')
	}
	return append(b, "]}"...)
}
