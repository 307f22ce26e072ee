package fetch_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"syncbox/ota/fetch"
)

// drip sends n bytes, size at a time, with a pause before each.
func drip(n, size int, pause time.Duration) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for ; n > 0 && r.Context().Err() == nil; n -= size {
			time.Sleep(pause)
			if _, err := io.WriteString(w, strings.Repeat("x", min(size, n))); err != nil {
				return
			}
			w.(http.Flusher).Flush()
		}
	}
}

var pace = fetch.Config{Least: 100, Window: 10 * time.Second}

func TestSlow(t *testing.T) {
	tests := []struct {
		name   string
		answer http.HandlerFunc
		bytes  int // that come; -1: the head does not
		after  time.Duration
	}{
		{"says nothing", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, -1, 10 * time.Second},
		{"head only", func(w http.ResponseWriter, r *http.Request) {
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, 0, 10 * time.Second},
		{"one byte at a time", drip(1000, 1, 900*time.Millisecond), 12, 10900 * time.Millisecond},
		{"just too slow", drip(1000, 49, 9*time.Second), 98, 19 * time.Second},
		{"stalls later", func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, strings.Repeat("x", 250))
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, 250, 10 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := serveInBubble(t, pace, tt.answer)
				began := time.Now()
				r, err := s.Open(t.Context(), "a", 0, 1000)
				if tt.bytes >= 0 {
					if err != nil {
						t.Fatal(err)
					}
					var got string
					if got, err = readAll(t, r); len(got) != tt.bytes {
						t.Errorf("got %d bytes, want %d", len(got), tt.bytes)
					}
				}
				want(t, err, fetch.Slow)
				if !errors.Is(err, fetch.ErrSlow) {
					t.Errorf("%v is not ErrSlow", err)
				}
				if took := time.Since(began); took > tt.after {
					t.Errorf("took %v, want at most %v", took, tt.after)
				}
			})
		})
	}
}

func TestSlowGet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serveInBubble(t, fetch.Config{}, drip(1<<20, 1, time.Second))
		began := time.Now()
		_, err := s.Get(t.Context(), "a", 1<<20)
		want(t, err, fetch.Slow)
		if took := time.Since(began); took > 31*time.Second {
			t.Errorf("took %v with the settings of the field", took)
		}
	})
}

// What says that it is too big is not waited for.
func TestTooBigAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serveInBubble(t, pace, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "1000000000000")
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		})
		_, err := s.Get(t.Context(), "a", 1000)
		want(t, err, fetch.TooBig)
	})
}

// There is no bound on the whole: at the least rate a large file takes hours.
func TestSlowEnough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serveInBubble(t, pace, drip(100_000, 100, 9*time.Second))
		r, err := s.Open(t.Context(), "a", 0, 100_000)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := readAll(t, r); err != nil || len(got) != 100_000 {
			t.Errorf("got %d bytes, %v", len(got), err)
		}
	})
}

// A slow disk on our side is not the server's fault.
func TestSlowReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serveInBubble(t, pace, drip(1000, 50, time.Second))
		r, err := s.Open(t.Context(), "a", 0, 1000)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		got := 0
		for b := make([]byte, 10); ; time.Sleep(time.Minute) {
			n, err := r.Read(b)
			if got += n; err == io.EOF {
				break
			} else if err != nil {
				t.Fatal(err)
			}
		}
		if got != 1000 {
			t.Errorf("got %d bytes", got)
		}
	})
}

// The beginning of a file that is read in vain must come at the least rate too.
func TestSlowSkip(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serveInBubble(t, pace, drip(1000, 1, time.Second))
		_, err := s.Open(t.Context(), "a", 900, 100)
		want(t, err, fetch.Slow)
	})
}
