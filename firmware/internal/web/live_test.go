package web_test

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"

	"syncbox/firmware/internal/local"
	"syncbox/sync/engine"
)

// hears gives the data of the next event of a stream.
func hears(t *testing.T, in *bufio.Scanner) string {
	t.Helper()
	var text strings.Builder
	for in.Scan() {
		line := in.Text()
		if line == "" && text.Len() > 0 {
			return text.String()
		}
		if data, ok := strings.CutPrefix(line, "data: "); ok {
			text.WriteString(data + "\n")
		}
	}
	t.Fatalf("the stream ended: %v", in.Err())
	return ""
}

func (v *visitor) listen(ctx context.Context) *http.Response {
	v.t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, v.url+"/live?lang=en", nil)
	must(v.t, err)
	res, err := v.http.Do(req)
	must(v.t, err)
	v.t.Cleanup(func() { _ = res.Body.Close() })
	return res
}

// A page hears by itself what has changed, in its language, and no more than its reader may know.
func TestLive(t *testing.T) {
	b := &box{status: []local.JobStatus{working()}}
	v := open(t, b)
	in := bufio.NewScanner(v.listen(t.Context()).Body)
	text := hears(t, in)
	has(t, "at first", text, "Running – 2 items waiting", "500 of 2,000")
	hasNot(t, "a stranger", text, "SRV-SECRET", "<html")
	b.mu.Lock()
	b.status[0].Status.Service = engine.Stopped
	b.mu.Unlock()
	has(t, "then", hears(t, in), "STOPPED")
}

// Whoever opens page after page keeps the box busy no more than so.
func TestManyPages(t *testing.T) {
	v := open(t, &box{})
	ctx, away := context.WithCancel(t.Context())
	refused := 0
	for range 40 {
		if v.listen(ctx).StatusCode == http.StatusServiceUnavailable {
			refused++
		}
	}
	if refused != 16 {
		t.Errorf("refused: %d of 40, want 16", refused)
	}
	away()
	for v.listen(t.Context()).StatusCode != http.StatusOK { // those that went away make room
		if t.Context().Err() != nil {
			t.Fatal(t.Context().Err())
		}
	}
}
