package sink_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/sync/peers/sink"
)

func TestForms(t *testing.T) {
	for _, test := range []struct {
		name, body string
		want       map[string]sink.Got
	}{
		{"ours", `{"records":[{"op":"1","id":"a","fields":{"id":"a","phone":"1"}},{"op":"2","id":"b","fields":{"phone":"2"}}]}`,
			map[string]sink.Got{"a": {Times: 1, Phone: "1"}, "b": {Times: 1, Phone: "2"}}},
		{"Telegraf", `{"metrics":[{"name":"file","tags":{"id":"a"},"fields":{"phone":"1","credit_limit":5000},"timestamp":17}]}`,
			map[string]sink.Got{"a": {Times: 1, Phone: "1"}}},
		{"Node-RED", `[{"id":"a","phone":"1","credit_limit":5000},{"id":"a","phone":"2"}]`, map[string]sink.Got{"a": {Times: 2, Phone: "2"}}},
		{"no id", `[{"id":"a"},{"phone":"2"}]`, map[string]sink.Got{}},
		{"nothing", `{"records":[]}`, map[string]sink.Got{}},
		{"no JSON", `[{`, map[string]sink.Got{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := sink.New()
			answer := httptest.NewRecorder()
			s.ServeHTTP(answer, httptest.NewRequest(http.MethodPost, "/", strings.NewReader(test.body)))
			if diff := cmp.Diff(test.want, s.Got()); diff != "" {
				t.Error(diff)
			}
			if refused := answer.Code == http.StatusBadRequest; refused != (len(test.want) == 0) {
				t.Errorf("status %d", answer.Code)
			}
		})
	}
}

func TestCounts(t *testing.T) {
	s := sink.New()
	server := httptest.NewServer(s)
	defer server.Close()
	post := func(body string) {
		t.Helper()
		answer, err := http.Post(server.URL, "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
	}
	post(`{"records":[{"op":"1","id":"a"},{"op":"2","id":"b"}]}`)
	s.Begin()
	_, more := s.Count()
	post(`{"records":[{"op":"2","id":"b"}]}`)
	<-more
	if n, _ := s.Count(); n != 1 {
		t.Errorf("since Begin: got %d", n)
	}
	for path, want := range map[string]string{"/stat": "200 {\"requests\":2,\"records\":3,\"repeated\":1}\n", "/records/a": "200 ", "/records/c": "404 404 page not found\n"} {
		answer, err := http.Get(server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(answer.Body)
		answer.Body.Close()
		if got := answer.Status[:4] + string(body); got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
}

func TestHeldAnswer(t *testing.T) {
	s := sink.New()
	server := httptest.NewServer(s)
	defer server.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel() // lets the held request go, for which the server waits
	held := s.Hold(2)
	for _, id := range []string{"a", "b"} {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL, strings.NewReader(`[{"id":"`+id+`"}]`))
		if err != nil {
			t.Fatal(err)
		}
		if id == "a" {
			answer, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			answer.Body.Close()
			continue
		}
		go http.DefaultClient.Do(req) // ends with ctx
		<-held
	}
	if got := s.Stat(); got.Records != 2 {
		t.Errorf("a held request counts: got %+v", got)
	}
}
