package fetch_test

import (
	"context"
	"io"
	"net/http"
	"testing"
	"testing/fstest"

	"syncbox/ota/fetch"
)

// named gives a folder whose files hold its name.
func named(name string, files ...string) fetch.Folder {
	m := fstest.MapFS{}
	for _, f := range files {
		m[f] = &fstest.MapFile{Data: []byte(name)}
	}
	return fetch.Folder{FS: m, Name: name}
}

func get(t *testing.T, s fetch.Source, name string) string {
	t.Helper()
	b, err := s.Get(t.Context(), name, 10)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestMirrors(t *testing.T) {
	m := fetch.NewMirrors(named("one", "a"), named("two", "a", "b"), named("three", "a", "b"))
	if got := get(t, m, "a"); got != "one" {
		t.Errorf("first: got %s", got)
	}
	if got := get(t, m, "b"); got != "two" {
		t.Errorf("the first that has it: got %s", got)
	}
	if got := get(t, m, "a"); got != "two" {
		t.Errorf("the one that had the last: got %s", got)
	}
	m.Blame()
	if got := get(t, m, "a"); got != "three" {
		t.Errorf("after blame: got %s", got)
	}
	m.Blame()
	if got := get(t, m, "a"); got != "one" {
		t.Errorf("after the last: got %s", got)
	}
	_, err := m.Get(t.Context(), "c", 10)
	want(t, err, fetch.Missing)
	if n := len(m.Sources()); n != 3 {
		t.Errorf("%d sources", n)
	}
}

func TestMirrorsFail(t *testing.T) {
	broken := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) })
	full := serve(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, content) })
	_, err := fetch.NewMirrors(broken, full).Get(t.Context(), "a", 10)
	want(t, err, fetch.BadServer)
	_, err = fetch.NewMirrors(broken, named("one")).Get(t.Context(), "a", 10)
	want(t, err, fetch.Missing)
	_, err = fetch.NewMirrors(broken, named("one")).Open(t.Context(), "a", 0, 1)
	want(t, err, fetch.Missing)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := fetch.NewMirrors(broken, full).Get(ctx, "a", 10); err != context.Canceled {
		t.Errorf("cancelled: got %v", err)
	}
}

// A mirror that breaks the line is not asked first for the rest.
func TestMirrorsResume(t *testing.T) {
	asked := map[string]int{}
	short := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked["short"]++
		honest(`"1"`)(&breaking{ResponseWriter: w, left: 7}, r)
	})
	good := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked["good"]++
		honest(`"1"`)(w, r)
	})
	m := fetch.NewMirrors(short, good)
	begin, err := open(t, m, 0, 36)
	want(t, err, fetch.Unreachable)
	rest, err := open(t, m, int64(len(begin)), int64(36-len(begin)))
	if err != nil || begin+rest != content {
		t.Errorf("got %q and %q, %v", begin, rest, err)
	}
	if asked["short"] != 1 || asked["good"] != 1 {
		t.Errorf("asked %v", asked)
	}
}

// An old reader that breaks does not bring back a mirror that was blamed since.
func TestMirrorsOldReader(t *testing.T) {
	short := serve(t, func(w http.ResponseWriter, r *http.Request) {
		honest(`"1"`)(&breaking{ResponseWriter: w, left: 7}, r)
	})
	m := fetch.NewMirrors(short, named("two", "a"), named("three", "a"))
	r, err := m.Open(t.Context(), "a", 0, 36)
	if err != nil {
		t.Fatal(err)
	}
	m.Blame()
	m.Blame()
	_, err = readAll(t, r)
	want(t, err, fetch.Unreachable)
	if got := get(t, m, "a"); got != "three" {
		t.Errorf("got %s", got)
	}
}
