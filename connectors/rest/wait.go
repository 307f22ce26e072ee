package rest

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"syncbox/connectors"
)

// The bounds of a wait.
const (
	firstBackoff = 30 * time.Second
	lastBackoff  = 15 * time.Minute
	maxTold      = time.Hour   // the longest Retry-After that is believed
	minTold      = time.Second // a Retry-After of nothing, or in the past
)

// wait remembers until when nothing may be sent.
type wait struct {
	until time.Time
	tries int // waits in a row for which the server named no time
	code  string
}

func (w *wait) left(now time.Time) time.Duration { return w.until.Sub(now) }

// heed turns an answer that asks to wait into an error and remembers it; any other one ends the back-off.
func (c *Client) heed(r Request, a *Answer) (*Answer, error) {
	if a.Status != http.StatusServiceUnavailable && a.Status != http.StatusTooManyRequests && !slices.Contains(c.cfg.AlsoWaits, a.Status) {
		c.wait = wait{}
		return a, nil
	}
	now := c.cfg.Now()
	pause, told := retryAfter(a.Header, now)
	c.wait.code = c.cfg.Codes.RateLimited
	if !told && a.Status == http.StatusServiceUnavailable && c.cfg.Codes.Ill != "" {
		c.wait.code = c.cfg.Codes.Ill
	}
	if !told {
		pause = c.cfg.Backoff(a.Status, c.wait.tries)
		c.wait.tries++
	}
	c.wait.until = now.Add(pause)
	// Without Retry-After a 503 (or another status) may be a gateway's, while the server behind it still works on the request.
	refused := told || a.Status == http.StatusTooManyRequests
	return a, c.limited(r, pause, fmt.Sprintf("%d %s", a.Status, http.StatusText(a.Status)), refused)
}

func (c *Client) limited(r Request, pause time.Duration, why string, certain bool) error {
	text := fmt.Sprintf("%s %s: %s, wait %s", r.Method, c.cfg.Secrets.URL(r.URL), why, pause.Round(time.Second))
	return &connectors.Error{Kind: connectors.RateLimited, Code: c.wait.code, Retry: pause, Err: failure(text, certain)}
}

// retryAfter reads the header in its two forms (RFC 9110 §10.2.3). A date is measured against the
// server's own clock where the answer tells it, since the box may have none that is right.
func retryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	text := strings.TrimSpace(h.Get("Retry-After"))
	if text == "" {
		return 0, false
	}
	if strings.Trim(text, "0123456789") == "" {
		seconds, err := strconv.ParseInt(text, 10, 64)
		if err != nil || seconds > int64(maxTold/time.Second) {
			return maxTold, true
		}
		return max(time.Duration(seconds)*time.Second, minTold), true
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0, false
	}
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		now = date
	}
	return min(max(at.Sub(now), minTold), maxTold), true
}

// backoff gives 30 s, doubled for each earlier try, plus up to a quarter so that boxes that failed
// together do not come back together; never above 15 minutes.
func backoff(tries int) time.Duration {
	pause := firstBackoff << min(tries, 5)
	pause += rand.N(pause / 4)
	return min(pause, lastBackoff)
}
