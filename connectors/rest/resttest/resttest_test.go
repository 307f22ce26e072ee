package resttest_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"syncbox/connectors/rest/resttest"
)

func TestRoundTripper(t *testing.T) {
	for _, tt := range []struct {
		name    string
		server  http.HandlerFunc
		status  int
		text    string
		refused bool // no answer at all
		cut     bool // the answer breaks off
	}{
		{name: "answers", server: func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "yes") }, status: 200, text: "yes"},
		{name: "refuses", server: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(409) }, status: 409},
		{name: "cut before", server: func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, refused: true},
		{name: "cut after some", server: func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ye"); panic(http.ErrAbortHandler) }, status: 200, text: "ye", cut: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://product.example/x", strings.NewReader("body"))
			if err != nil {
				t.Fatal(err)
			}
			a, err := resttest.RoundTripper(tt.server).RoundTrip(r)
			if (err != nil) != tt.refused {
				t.Fatalf("no answer: got %v, want %v", err, tt.refused)
			}
			if tt.refused {
				return
			}
			text, err := io.ReadAll(a.Body)
			if a.StatusCode != tt.status || string(text) != tt.text || (err != nil) != tt.cut {
				t.Errorf("got %d %q %v, want %d %q, cut %v", a.StatusCode, text, err, tt.status, tt.text, tt.cut)
			}
		})
	}
}

// What waits is done once: in its time or when it is flushed, in order, and never when it was dropped.
func TestLate(t *testing.T) {
	var timers []func()
	l := resttest.NewLate(func(_ time.Duration, f func()) { timers = append(timers, f) })
	done := ""
	for _, name := range []string{"a", "b", "c"} {
		l.Add(time.Second, func() { done += name })
	}
	timers[1]()
	if done != "b" || l.Pending() != 2 {
		t.Errorf("in its time: %q, %d wait", done, l.Pending())
	}
	l.Flush()
	for _, timer := range timers {
		timer()
	}
	if done != "bac" || l.Pending() != 0 {
		t.Errorf("flushed: %q, %d wait", done, l.Pending())
	}
	l.Add(time.Second, func() { done += "d" })
	l.Clear()
	timers[3]()
	if done != "bac" {
		t.Errorf("dropped: %q", done)
	}
}

func TestClock(t *testing.T) {
	base := time.Date(2026, 3, 8, 5, 0, 0, 0, time.UTC)
	c := resttest.NewClock(func() time.Time { return base })
	c.Advance(time.Hour)
	moved := c.Now()
	c.Freeze(base.Add(2 * time.Hour))
	base = base.Add(time.Minute)
	c.Advance(time.Second)
	stands := c.Now()
	c.Set(base.Add(-time.Hour))
	base = base.Add(time.Minute)
	runs := c.Now()
	c.Reset()
	for _, tt := range []struct {
		name      string
		got, want time.Time
	}{
		{"moved", moved, time.Date(2026, 3, 8, 6, 0, 0, 0, time.UTC)}, {"stands", stands, time.Date(2026, 3, 8, 7, 0, 1, 0, time.UTC)},
		{"runs on", runs, time.Date(2026, 3, 8, 4, 2, 0, 0, time.UTC)}, {"as given", c.Now(), base},
	} {
		if !tt.got.Equal(tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, tt.got, tt.want)
		}
	}
}

// Over a network a server finds a header by its name, whatever its letters.
func TestHeaderNames(t *testing.T) {
	var got string
	server := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.Header.Get("SOAPAction") })
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://x3.example/", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header["SOAPAction"] = []string{"read"}
	if _, err := resttest.RoundTripper(server).RoundTrip(r); err != nil || got != "read" {
		t.Errorf("got %q, %v", got, err)
	}
}
