package metrics_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/firmware/internal/local"
	"syncbox/firmware/internal/metrics"
	"syncbox/firmware/internal/support/wire"
	"syncbox/firmware/internal/usage"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

var ended = time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC)

// sample is a box with a job that runs both ways, one that runs one way, and one that does not run. Whatever is called secret
// must not come out.
func sample() metrics.Box {
	return metrics.Box{
		Status: wire.Status{State: wire.Degraded, Session: 7, FW: "1.4.0", Slot: "b", Cfg: "secret", Up: 3600, Codes: []string{"crm-rate-limited", "data-full"}},
		Usage:  usage.Usage{RSS: 30000, Available: 200000, Total: 500000},
		Jobs: []local.JobStatus{
			{Job: "secret", Status: engine.Status{Service: engine.Running, TwoWay: true, Phase: "secret", LastEnd: ended,
				Ways: [2]engine.Way{{Outcome: engine.Success, LastOK: ended},
					{Outcome: engine.Waits, Code: "crm-rate-limited", Args: map[string]string{"name": "secret"}}},
				Last: engine.Counts{Created: [2]int{3, 0}, Updated: [2]int{10, 1}}, Waiting: map[store.WaitKind]int{store.Conflicted: 2},
				Resync: &engine.Resync{Level: 2, Code: "secret"}}},
			{Job: "secret south", Status: engine.Status{Service: engine.Stopped, Ways: [2]engine.Way{{Outcome: engine.Never}, {Outcome: engine.Success}}}},
			{Job: "secret west", Err: "open secret: no such folder"},
		},
	}
}

func page(t *testing.T, b metrics.Box) (string, parsed) {
	t.Helper()
	var text strings.Builder
	if err := metrics.Write(&text, metrics.Families(b)); err != nil {
		t.Fatal(err)
	}
	p, err := parse(text.String())
	if err != nil {
		t.Fatalf("%v\n%s", err, text.String())
	}
	return text.String(), p
}

// TestBox: what a box tells, series by series; nothing of the customer's.
func TestBox(t *testing.T) {
	text, p := page(t, sample())
	if strings.Contains(text, "secret") {
		t.Errorf("told\n%s", text)
	}
	want := map[string]float64{
		`syncbox_info{slot="b",version="1.4.0"}`: 1, `syncbox_uptime_seconds`: 3600,
		`syncbox_state{state="init"}`: 0, `syncbox_state{state="ready"}`: 0, `syncbox_state{state="updating"}`: 0, `syncbox_state{state="degraded"}`: 1,
		`syncbox_condition{code="crm-rate-limited"}`: 1, `syncbox_condition{code="data-full"}`: 1,
		`syncbox_memory_resident_bytes`: 30000 * 1024, `syncbox_memory_available_bytes`: 200000 * 1024, `syncbox_memory_bytes`: 500000 * 1024,
		`syncbox_job_up{job="1"}`: 1, `syncbox_job_up{job="2"}`: 1, `syncbox_job_up{job="3"}`: 0,
		`syncbox_job_service{job="1",service="running"}`: 1, `syncbox_job_service{job="1",service="stopped"}`: 0, `syncbox_job_service{job="1",service="blackout"}`: 0,
		`syncbox_job_service{job="2",service="running"}`: 0, `syncbox_job_service{job="2",service="stopped"}`: 1, `syncbox_job_service{job="2",service="blackout"}`: 0,
		`syncbox_job_last_success_timestamp_seconds{direction="to_crm",job="1"}`: float64(ended.Unix()),
		`syncbox_job_last_cycle_timestamp_seconds{job="1"}`:                      float64(ended.Unix()),
		`syncbox_job_cycle_created{direction="to_crm",job="1"}`:                  3, `syncbox_job_cycle_created{direction="to_erp",job="1"}`: 0,
		`syncbox_job_cycle_updated{direction="to_crm",job="1"}`: 10, `syncbox_job_cycle_updated{direction="to_erp",job="1"}`: 1,
		`syncbox_job_cycle_created{direction="to_crm",job="2"}`: 0, `syncbox_job_cycle_updated{direction="to_crm",job="2"}`: 0,
		`syncbox_job_resync_level{job="1"}`: 2, `syncbox_job_resync_level{job="2"}`: 0,
	}
	for _, kind := range []string{"quarantine", "reference", "handoff", "refused", "conflict", "difference", "deleted", "identity", "brake", "hold"} {
		for _, job := range []string{"1", "2"} {
			want[`syncbox_job_waiting{job="`+job+`",kind="`+kind+`"}`] = 0
		}
	}
	want[`syncbox_job_waiting{job="1",kind="conflict"}`] = 2
	for way, is := range map[string]string{`direction="to_crm",job="1"`: "success", `direction="to_erp",job="1"`: "waits", `direction="to_crm",job="2"`: "never"} {
		for _, outcome := range []string{"never", "working", "success", "waits", "halted"} {
			want[`syncbox_job_outcome{`+way+`,outcome="`+outcome+`"}`] = map[bool]float64{true: 1}[outcome == is]
		}
	}
	if diff := cmp.Diff(want, p.series); diff != "" {
		t.Error(diff)
	}
}

// TestEmpty: a box that has just started, of which little is known.
func TestEmpty(t *testing.T) {
	_, p := page(t, metrics.Box{Status: wire.Status{State: wire.Init}})
	if p.series[`syncbox_state{state="init"}`] != 1 || len(p.series) != 6 {
		t.Errorf("got %v", p.series)
	}
}

// TestWrite: whatever is in a text, the page can be read, and says it.
func TestWrite(t *testing.T) {
	odd := "a\"b\\c\nd é {x=\"y\"} \\n"
	var text strings.Builder
	if err := metrics.Write(&text, []metrics.Family{{Name: "odd", Help: odd, Samples: []metrics.Sample{
		{Labels: []metrics.Label{{Name: "l", Value: odd}}, Value: 0.25}, {Labels: []metrics.Label{{Name: "l", Value: ""}}, Value: 1795338000}}}, {Name: "none", Help: "left out"}}); err != nil {
		t.Fatal(err)
	}
	p, err := parse(text.String())
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]float64{"odd{l=" + strconv.Quote(odd) + "}": 0.25, `odd{l=""}`: 1795338000}
	if diff := cmp.Diff(want, p.series); diff != "" {
		t.Errorf("%s\n%s", diff, text.String())
	}
}

// TestParse: the reader of these tests notices what is wrong in a page.
func TestParse(t *testing.T) {
	for name, text := range map[string]string{
		"no line feed":          "# HELP a b\n# TYPE a gauge\na 1",
		"no type":               "# HELP a b\na 1\n",
		"another's type":        "# HELP a b\n# TYPE c gauge\na 1\n",
		"series twice":          "# HELP a b\n# TYPE a gauge\na 1\na 2\n",
		"family twice":          "# HELP a b\n# TYPE a gauge\na 1\n# HELP a b\n# TYPE a gauge\na{b=\"c\"} 1\n",
		"quote in a label":      "# HELP a b\n# TYPE a gauge\na{b=\"c\"d\"} 1\n",
		"blank in a name":       "# HELP a b\n# TYPE a gauge\na b 1\n",
		"no number":             "# HELP a b\n# TYPE a gauge\na one\n",
		"hyphen in label name":  "# HELP a b\n# TYPE a gauge\na{b-c=\"d\"} 1\n",
		"backslash in the help": "# HELP a b\\c\n# TYPE a gauge\na 1\n",
	} {
		if p, err := parse(text); err == nil {
			t.Errorf("%s: read as %v", name, p.series)
		}
	}
}

// TestHandler: GET /metrics, and nothing else.
func TestHandler(t *testing.T) {
	s := &metrics.Server{Box: sample, Log: slog.New(slog.DiscardHandler)}
	for _, tt := range []struct {
		method, path string
		want         int
	}{{"GET", "/metrics", 200}, {"HEAD", "/metrics", 200}, {"POST", "/metrics", 405}, {"GET", "/", 404}, {"GET", "/status", 404}, {"GET", "/metrics/x", 404}} {
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, httptest.NewRequest(tt.method, tt.path, nil))
		if w.Code != tt.want {
			t.Errorf("%s %s: got %d, want %d", tt.method, tt.path, w.Code, tt.want)
		}
		if tt.want == 200 && w.Header().Get("Content-Type") != "text/plain; version=0.0.4; charset=utf-8" {
			t.Errorf("%s %s: it is %s", tt.method, tt.path, w.Header().Get("Content-Type"))
		}
	}
}

// TestServer: it answers at its port until its end, and nowhere where none is set.
func TestServer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	for _, tt := range []struct {
		port    int
		answers bool
	}{{port, true}, {0, false}} {
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		var said bytes.Buffer
		s := &metrics.Server{Port: tt.port, Box: sample, Log: slog.New(slog.NewTextHandler(&said, nil))}
		go func() { done <- s.Run(ctx) }()
		text := ask(t, port, tt.answers)
		if p, err := parse(text); tt.answers && (err != nil || p.series["syncbox_uptime_seconds"] != 3600) {
			t.Errorf("got %q, %v", text, err)
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if opened := said.Len() > 0; opened != tt.answers {
			t.Errorf("port %d: said %q", tt.port, said.String())
		}
		if text := ask(t, port, false); text != "" {
			t.Errorf("answers after its end: %q", text)
		}
	}
}

// ask asks until somebody answers, or once.
func ask(t *testing.T, port int, patiently bool) string {
	t.Helper()
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	retry := time.NewTicker(10 * time.Millisecond)
	defer retry.Stop()
	for end := time.Now().Add(20 * time.Second); ; <-retry.C {
		res, err := client.Get("http://127.0.0.1:" + strconv.Itoa(port) + "/metrics")
		if err == nil {
			defer res.Body.Close()
			b, err := io.ReadAll(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			return string(b)
		}
		if !patiently || time.Now().After(end) {
			return ""
		}
	}
}
