package resttest_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/rest/resttest"
)

// An answer arrives whole, in part, or not at all.
func TestAnswers(t *testing.T) {
	for _, tt := range []struct {
		name    string
		answer  func() *resttest.Answer
		text    string
		lost    bool
		refused bool
	}{
		{name: "whole", answer: func() *resttest.Answer { return resttest.JSON(200, []int{1}) }, text: "[1]"},
		{name: "a page", answer: func() *resttest.Answer { return resttest.Page(200, "x") }, text: "<html><body><h1>200</h1><p>x</p></body></html>"},
		{name: "cut", answer: resttest.Cut, lost: true, refused: true},
		{name: "a part", answer: func() *resttest.Answer {
			a := resttest.NewAnswer(200, "text/plain", []byte("abc"))
			a.Keep = 2
			return a
		}, text: "ab", lost: true},
		{name: "more than there is", answer: func() *resttest.Answer {
			a := resttest.NewAnswer(200, "text/plain", []byte("abc"))
			a.Keep = 9
			return a
		}, text: "abc", lost: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://product.example/", nil)
			if err != nil {
				t.Fatal(err)
			}
			one := tt.answer()
			a, err := resttest.RoundTripper(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { one.Write(w) })).RoundTrip(r)
			if (err != nil) != tt.refused || one.Lost() != tt.lost {
				t.Fatalf("got %v, lost %v", err, one.Lost())
			}
			if tt.refused {
				return
			}
			text, err := io.ReadAll(a.Body)
			if string(text) != tt.text || (err != nil) != tt.lost || a.Header.Get("Content-Type") == "" {
				t.Errorf("got %q %v", text, err)
			}
		})
	}
}

// fault is a product's kind of fault: it suits the calls that have its letter.
type fault struct {
	letter string
	name   string
	resttest.Turn
}

func TestScript(t *testing.T) {
	s := resttest.NewScript(func(f *fault) *resttest.Turn { return &f.Turn })
	s.Add(fault{letter: "a", name: "1", Turn: resttest.Turn{Skip: 1, Count: 2}})
	s.Add(fault{letter: "b", name: "2"})
	s.Add(fault{letter: "a", name: "3", Turn: resttest.Turn{Count: -1}})
	take := func(calls string) (got string) {
		for _, letter := range calls {
			if f := s.Take(func(f *fault) bool { return f.letter == string(letter) }); f != nil {
				got += f.name
			} else {
				got += "-"
			}
		}
		return got
	}
	// the first call of a passes 1, and 3 breaks it
	if got := take("caabaabb"); got != "-31213--" {
		t.Errorf("got %s", got)
	}
	if got := len(s.Waiting()); got != 1 {
		t.Errorf("%d wait, want the one for all", got)
	}
	s.SetChance(func() *fault { return &fault{letter: "b", name: "x"} })
	if got := take("abc"); got != "3x-" {
		t.Errorf("by chance: %s", got)
	}
	s.Clear()
	if got := take("abc"); got != "---" || len(s.Waiting()) != 0 {
		t.Errorf("cleared: %s", got)
	}
}

func TestCalls(t *testing.T) {
	c := resttest.NewCalls[int64](4)
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var recent []int
	for i, d := range []time.Duration{0, 0, 999 * time.Millisecond, time.Second, 5 * time.Second} {
		seq, n := c.Arrive(at.Add(d))
		recent = append(recent, n)
		c.Keep(seq)
		if i > 0 {
			c.Leave()
		}
	}
	if diff := cmp.Diff([]int{1, 2, 3, 2, 1}, recent); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]int64{3, 4, 5}, c.All()); diff != "" || c.Last() != 5 || c.Next() != 6 {
		t.Error(diff)
	}
	if got := c.Peaks(); got != (resttest.Peaks{PerSecond: 3, Concurrent: 2}) {
		t.Errorf("peaks: %+v", got)
	}
	c.Clear()
	if seq, n := c.Arrive(at); seq != 7 || n != 1 || len(c.All()) != 0 {
		t.Errorf("cleared: %d, %d", seq, n)
	}
}

func TestTrails(t *testing.T) {
	var trails resttest.Trails[string]
	check := func(value, who string, want bool) {
		t.Helper()
		if person, _, got := trails.Reverted("f", value); got != want || person != who {
			t.Errorf("%s: got %v by %q", value, got, person)
		}
	}
	check("a", "", false)
	trails.Typed("f", "a", "b", "anne", 1)
	check("a", "anne", true)
	check("b", "", false)
	trails.Typed("f", "b", "c", "bert", 2)
	check("b", "bert", true)
	trails.Typed("f", "c", "a", "carl", 3)
	check("a", "", false)
	check("c", "carl", true)
	if _, _, other := trails.Reverted("g", "a"); other {
		t.Error("another place is reverted")
	}
}

func TestWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		resttest.Wait(t.Context(), time.Hour)
		if got := time.Since(begin); got != time.Hour {
			t.Errorf("waited %v", got)
		}
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		resttest.Wait(ctx, time.Hour)
		if got := time.Since(begin); got != time.Hour+time.Minute {
			t.Errorf("left after %v", got)
		}
	})
}

func TestAdmin(t *testing.T) {
	mux := http.NewServeMux()
	clock := resttest.NewClock(func() time.Time { return time.Unix(0, 0) })
	resttest.Posts(mux, "clock", func(m *resttest.Move) (any, error) { return nil, clock.Move(m) })
	resttest.Gets(mux, "clock", func(*http.Request) any { return clock.Now().Unix() })
	for _, tt := range []struct {
		method, body string
		status       int
		want         string
	}{
		{"POST", `{"Advance":"90s"}`, 200, "{}"}, {"GET", "", 200, "90"}, {"POST", `{"Freeze":"2026-01-01T00:00:00Z"}`, 200, "{}"}, {"GET", "", 200, "1767225600"},
		{"POST", `{"Set":"2026-01-01T00:00:01Z"}`, 200, "{}"}, {"GET", "", 200, "1767225601"}, {"POST", `{"Real":true}`, 200, "{}"}, {"GET", "", 200, "0"}, {"POST", "", 200, "{}"},
		{"POST", `{"Advance":"x"}`, 400, "Advance: want as 90s"}, {"POST", `{"Nose":1}`, 400, `body: json: unknown field "Nose"`},
	} {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), tt.method, "/_sim/clock", strings.NewReader(tt.body)))
		if got := strings.TrimSpace(w.Body.String()); w.Code != tt.status || got != tt.want {
			t.Errorf("%s %s: got %d %q, want %d %q", tt.method, tt.body, w.Code, got, tt.status, tt.want)
		}
	}
}
