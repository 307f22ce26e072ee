package outlooktest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// answer is what a call gets, and how much of it arrives.
type answer struct {
	status int
	header http.Header
	body   []byte
	code   string    // the error's, "" if there is none
	ready  time.Time // when a refused caller may come back; zero if nothing was said
	rows   int       // items in the body
	keep   int       // bytes of the body that are sent before the connection is cut; -1: all
	closed bool      // the connection is cut without an answer
}

const jsonType = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"

func jsonAnswer(status int, o Object) *answer {
	return &answer{status: status, header: http.Header{"Content-Type": {jsonType}, "Odata-Version": {"4.0"}}, body: encode(o), keep: -1}
}

func noContent() *answer {
	return &answer{status: http.StatusNoContent, header: http.Header{}, keep: -1}
}

// refusal writes a problem as the product would. The caller has the lock.
func (s *Server) refusal(p *problem, call int64) *answer {
	now := s.clock.Now()
	a := &answer{status: p.status, header: http.Header{"Content-Type": {"application/json"}}, code: p.code, keep: -1}
	switch {
	case p.html:
		a.header.Set("Content-Type", "text/html")
		a.body = fmt.Appendf(nil, "<html><head><title>%d</title></head><body>%s</body></html>", p.status, p.message)
	case p.oauth != 0:
		a.body = encode(Object{"error": p.code, "error_description": fmt.Sprintf("AADSTS%d: %s", p.oauth, p.message),
			"error_codes": []int{p.oauth}, "timestamp": now.UTC().Format("2006-01-02 15:04:05Z"), "trace_id": requestID(call), "correlation_id": requestID(call)})
	default:
		a.body = encode(Object{"error": Object{"code": p.code, "message": p.message,
			"innerError": Object{"date": now.UTC().Format("2006-01-02T15:04:05"), "request-id": requestID(call), "client-request-id": requestID(call)}}})
	}
	for name, value := range p.header {
		a.header.Set(name, value)
	}
	s.setRetry(a, p.retry, now)
	return a
}

// setRetry says when to come back, in the form of the switch. The caller has the lock.
func (s *Server) setRetry(a *answer, d time.Duration, now time.Time) {
	if d <= 0 || s.switches.RetryAfter == RetryAbsent {
		return
	}
	whole := d.Truncate(time.Second)
	if whole < d {
		whole += time.Second
	}
	a.ready = now.Add(whole)
	if s.switches.RetryAfter == RetryDate {
		a.ready = a.ready.Truncate(time.Second).Add(time.Second)
		a.header.Set("Retry-After", a.ready.UTC().Format(http.TimeFormat))
		return
	}
	a.header.Set("Retry-After", strconv.Itoa(int(whole/time.Second)))
}

// requestID is the number of a call as the product writes it.
func requestID(call int64) string { return fmt.Sprintf("00000000-0000-4000-8000-%012x", call) }

// write sends the answer, or as much of it as arrives.
func (a *answer) write(w http.ResponseWriter, call int64, now time.Time) {
	if a.closed {
		panic(http.ErrAbortHandler)
	}
	for name, values := range a.header {
		w.Header()[name] = values
	}
	w.Header().Set("Request-Id", requestID(call))
	w.Header().Set("Date", now.UTC().Format(http.TimeFormat))
	if a.status != http.StatusNoContent {
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

// inBatch writes the answer as one of a batch.
func (a *answer) inBatch(id string) Object {
	headers := Object{}
	for name := range a.header {
		headers[name] = a.header.Get(name)
	}
	out := Object{"id": id, "status": a.status, "headers": headers}
	if len(a.body) > 0 {
		out["body"] = string(a.body)
		if json.Valid(a.body) {
			out["body"] = json.RawMessage(a.body)
		}
	}
	return out
}

func (a *answer) succeeded() bool { return a.status/100 == 2 && a.code == "" }
