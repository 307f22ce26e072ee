package fetch_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/ota/fetch"
)

const content = "0123456789abcdefghijklmnopqrstuvwxyz"

// honest serves content as a good server does, with an entity tag.
func honest(tag string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if tag != "" {
			w.Header().Set("ETag", tag)
		}
		http.ServeContent(w, r, "", time.Time{}, strings.NewReader(content))
	}
}

func open(t *testing.T, s fetch.Source, offset, length int64) (string, error) {
	t.Helper()
	r, err := s.Open(t.Context(), "a", offset, length)
	if err != nil {
		return "", err
	}
	return readAll(t, r)
}

func TestOpen(t *testing.T) {
	servers := map[string]http.HandlerFunc{
		"with ranges":    honest(`"1"`),
		"without a tag":  honest(""),
		"with weak tags": honest(`W/"1"`),
		"without ranges": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("ETag", `"1"`)
			io.WriteString(w, content)
		},
		"without ranges and length": func(w http.ResponseWriter, _ *http.Request) {
			w.(http.Flusher).Flush()
			io.WriteString(w, content)
		},
		"with ranges of unknown wholes": func(w http.ResponseWriter, r *http.Request) {
			var a, b int
			fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-%d", &a, &b)
			w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/*", a, b))
			w.WriteHeader(206)
			io.WriteString(w, content[a:b+1])
		},
	}
	for name, h := range servers {
		t.Run(name, func(t *testing.T) {
			s := serve(t, h)
			for _, stretch := range [][2]int64{{0, 36}, {0, 1}, {10, 26}, {35, 1}, {3, 5}, {3, 5}} {
				got, err := open(t, s, stretch[0], stretch[1])
				if want := content[stretch[0] : stretch[0]+stretch[1]]; err != nil || got != want {
					t.Errorf("%v: got %q, %v; want %q", stretch, got, err, want)
				}
			}
		})
	}
}

func TestOpenAsksForWhatItNeeds(t *testing.T) {
	var asked []string
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Header.Get("Range")+" "+r.Header.Get("If-Range"))
		honest(`"tag"`)(w, r)
	})
	for _, offset := range []int64{0, 10} {
		if _, err := open(t, s, offset, 20); err != nil {
			t.Fatal(err)
		}
	}
	if d := cmp.Diff([]string{"bytes=0-19 ", `bytes=10-29 "tag"`}, asked); d != "" {
		t.Errorf("asked (-want +got):\n%s", d)
	}
}

// A weak tag does not say that bytes are the same.
func TestWeakTagIsNotSent(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if got := r.Header.Get("If-Range"); got != "" {
			t.Errorf("If-Range: %s", got)
		}
		honest(`W/"1"`)(w, r)
	})
	for range 2 {
		if _, err := open(t, s, 0, 10); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOpenErrors(t *testing.T) {
	part := func(contentRange, body string, more ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Range", contentRange)
			for i := 0; i < len(more); i += 2 {
				w.Header().Set(more[i], more[i+1])
			}
			w.WriteHeader(206)
			io.WriteString(w, body)
		}
	}
	five := content[10:15]
	tests := []struct {
		name   string
		answer http.HandlerFunc
		code   fetch.Code
	}{
		{"another beginning", part("bytes 9-13/36", five), fetch.BadServer},
		{"another end", part("bytes 10-20/36", content[10:21]), fetch.BadServer},
		{"no range", part("", five), fetch.BadServer},
		{"no bytes", part("pages 10-14/36", five), fetch.BadServer},
		{"backwards", part("bytes 14-10/36", five), fetch.BadServer},
		{"backwards by one", part("bytes 10-9/36", ""), fetch.BadServer},
		{"a part of the range, and more than it says", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Range", "bytes 10-13/36")
			w.WriteHeader(206)
			w.(http.Flusher).Flush() // no length
			io.WriteString(w, content[10:])
		}, fetch.Unreachable},
		{"past the whole", part("bytes 10-14/12", five), fetch.BadServer},
		{"a sign", part("bytes +10-14/36", five), fetch.BadServer},
		{"below zero", part("bytes -10-14/36", five), fetch.BadServer},
		{"past all numbers", part("bytes 10-14/99999999999999999999", five), fetch.BadServer},
		{"none at all", part("bytes */36", five), fetch.BadServer},
		{"several", part("", "--x--", "Content-Type", "multipart/byteranges; boundary=x"), fetch.BadServer},
		{"a length that is another", part("bytes 10-14/36", five+"x"), fetch.BadServer},
		{"a whole that is too short", part("bytes 10-13/14", five[:4]), fetch.BadServer},
		{"a part of the range", part("bytes 10-13/36", five[:4]), fetch.Unreachable},
		{"ends early", part("bytes 10-14/36", five[:4], "Content-Length", "5"), fetch.Unreachable},
		{"packed", part("bytes 10-14/36", five, "Content-Encoding", "br"), fetch.BadServer},
		{"416", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(416) }, fetch.BadServer},
		{"404", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404) }, fetch.Missing},
		{"500", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }, fetch.BadServer},
		{"204", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }, fetch.BadServer},
		{"a whole that says it is shorter", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, content[:12]) }, fetch.BadServer},
		{"a whole that is shorter", func(w http.ResponseWriter, _ *http.Request) {
			w.(http.Flusher).Flush()
			io.WriteString(w, content[:12])
		}, fetch.Unreachable},
		{"a whole that ends before", func(w http.ResponseWriter, _ *http.Request) {
			w.(http.Flusher).Flush()
			io.WriteString(w, content[:2])
		}, fetch.Unreachable},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := open(t, serve(t, tt.answer), 10, 5)
			want(t, err, tt.code)
			if !strings.HasPrefix(five, got) {
				t.Errorf("got %q, which is no beginning of %q", got, five)
			}
		})
	}
}

func TestOpenNonsense(t *testing.T) {
	s := serve(t, func(_ http.ResponseWriter, r *http.Request) { t.Errorf("asked for %s", r.Header.Get("Range")) })
	for _, stretch := range [][2]int64{{-1, 5}, {0, 0}, {0, -1}, {1 << 62, 1 << 62}} {
		_, err := s.Open(t.Context(), "a", stretch[0], stretch[1])
		want(t, err, fetch.BadServer)
	}
}

// More than was asked for is never given on.
func TestOpenGivesNoMore(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Range", "bytes 10-14/36")
		w.WriteHeader(206)
		w.(http.Flusher).Flush() // no length
		for r.Context().Err() == nil {
			io.WriteString(w, content[10:])
		}
	})
	if got, err := open(t, s, 10, 5); err != nil || got != content[10:15] {
		t.Errorf("got %q, %v", got, err)
	}
}

// The line breaks after each few bytes; whoever asks goes on from where it stands.
func TestResume(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		honest(`"1"`)(&breaking{ResponseWriter: w, left: 7}, r)
	})
	var got string
	for len(got) < len(content) {
		more, err := open(t, s, int64(len(got)), int64(len(content)-len(got)))
		if err != nil {
			want(t, err, fetch.Unreachable)
		}
		if len(more) == 0 {
			t.Fatalf("nothing more after %d bytes: %v", len(got), err)
		}
		got += more
	}
	if got != content {
		t.Errorf("got %q", got)
	}
}

// breaking breaks the line after some bytes.
type breaking struct {
	http.ResponseWriter
	left int
}

func (b *breaking) Write(p []byte) (int, error) {
	n, err := b.ResponseWriter.Write(p[:min(len(p), b.left)])
	if b.left -= n; b.left == 0 && len(p) > n {
		b.ResponseWriter.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
	return n, err
}

func TestChanged(t *testing.T) {
	wholes := func(tag string) http.HandlerFunc { // knows no ranges
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("ETag", tag)
			io.WriteString(w, content)
		}
	}
	stubborn := func(tag string) http.HandlerFunc { // does not look at If-Range
		return func(w http.ResponseWriter, r *http.Request) {
			r.Header.Del("If-Range")
			honest(tag)(w, r)
		}
	}
	for name, later := range map[string]http.HandlerFunc{
		"a good server":         honest(`"2"`),
		"one without ranges":    wholes(`"2"`),
		"one that lost its tag": wholes(""),
		"one with a weak tag":   wholes(`W/"1"`),
		"one that ignores it":   stubborn(`"2"`),
	} {
		t.Run(name, func(t *testing.T) {
			now := honest(`"1"`)
			s := serve(t, func(w http.ResponseWriter, r *http.Request) { now(w, r) })
			if _, err := open(t, s, 0, 10); err != nil {
				t.Fatal(err)
			}
			now = later
			_, err := open(t, s, 10, 10)
			want(t, err, fetch.Changed)
			if got, err := open(t, s, 10, 10); err != nil || got != content[10:20] {
				t.Errorf("after that: got %q, %v", got, err)
			}
		})
	}
}

func TestTagsAreBounded(t *testing.T) {
	long := `"` + strings.Repeat("x", 300) + `"`
	var ifRange []string
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		ifRange = append(ifRange, r.Header.Get("If-Range"))
		honest(long)(w, r)
	})
	for range 2 {
		if _, err := open(t, s, 0, 10); err != nil {
			t.Fatal(err)
		}
	}
	if d := cmp.Diff([]string{"", ""}, ifRange); d != "" {
		t.Errorf("If-Range (-want +got):\n%s", d)
	}
}

func TestTagsAreForgotten(t *testing.T) {
	var ifRange string
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		ifRange = r.Header.Get("If-Range")
		honest(`"1"`)(w, r)
	})
	ask := func(i int) string {
		r, err := s.Open(t.Context(), fmt.Sprint("targets/", i), 0, 10)
		if err != nil {
			t.Fatal(err)
		}
		r.Close()
		return ifRange
	}
	for i := range 200 {
		ask(i)
	}
	if got := ask(199); got != `"1"` {
		t.Errorf("the last: got %q", got)
	}
	if got := ask(0); got != "" {
		t.Errorf("the first of 200 is remembered: %q", got)
	}
}
