package resttest

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strconv"
)

// errCut is what a caller sees of a connection that was cut before an answer.
var errCut = errors.New("connection cut by the server")

// RoundTripper reaches a server without a network. A cut connection is an error, as over a network.
func RoundTripper(server http.Handler) http.RoundTripper { return direct{server} }

type direct struct{ server http.Handler }

// RoundTrip answers one request.
func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	in := r.Clone(r.Context())
	in.Header = http.Header{} // a server reads names in one form, however they were sent
	for name, values := range r.Header {
		for _, v := range values {
			in.Header.Add(name, v)
		}
	}
	if in.Body == nil {
		in.Body = http.NoBody
	}
	defer in.Body.Close()
	w := &recorder{header: http.Header{}}
	cut := w.serve(d.server, in)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if cut && w.status == 0 {
		return nil, errCut
	}
	return w.response(r, cut), nil
}

// recorder takes an answer down.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (w *recorder) Header() http.Header { return w.header }

func (w *recorder) WriteHeader(status int) { w.status = status }

func (w *recorder) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.body.Write(b)
}

func (w *recorder) Flush() {}

// serve tells whether the connection was cut.
func (w *recorder) serve(h http.Handler, r *http.Request) (cut bool) {
	defer func() {
		if p := recover(); p == http.ErrAbortHandler {
			cut = true
		} else if p != nil {
			panic(p)
		}
	}()
	h.ServeHTTP(w, r)
	return false
}

func (w *recorder) response(r *http.Request, cut bool) *http.Response {
	var body io.Reader = &w.body
	if cut {
		body = io.MultiReader(&w.body, failing{})
	}
	return &http.Response{Status: strconv.Itoa(w.status) + " " + http.StatusText(w.status), StatusCode: w.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.header, Body: io.NopCloser(body), ContentLength: -1, Request: r}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
