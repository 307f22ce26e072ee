package rest_test

import (
	"net/http"
	"testing"
	"time"

	"syncbox/connectors/rest"
)

// A status that some servers throttle with asks to wait where a product says so; without Retry-After the call may have been done.
func TestAlsoWaits(t *testing.T) {
	for _, tt := range []struct {
		name   string
		also   []int
		header http.Header
		want   time.Duration // 0: it is an answer as any other
		unsent bool
	}{
		{"as any other", nil, nil, 0, false},
		{"waits", []int{408}, nil, 7 * time.Second, false},
		{"as long as told", []int{408}, http.Header{"Retry-After": {"3"}}, 3 * time.Second, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := client(t, func(cfg *rest.Config) {
				cfg.AlsoWaits = tt.also
				cfg.Backoff = func(int, int) time.Duration { return 7 * time.Second }
				cfg.Transport = transport(func(*http.Request) (*http.Response, error) { return answer(408, tt.header, ""), nil })
			})
			a, err := c.Do(t.Context(), request(t, http.MethodPost, "http://api.example"))
			if tt.want == 0 {
				if err != nil || a.Status != 408 {
					t.Errorf("got %v, %v", a, err)
				}
				return
			}
			wantWait(t, err, tt.want, tt.unsent)
		})
	}
}
