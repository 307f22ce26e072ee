package browsertest

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// Weight gives how many bytes the page is with all that it loads, each compressed with gzip as a server would: style,
// script, pictures, and the first event of a stream. It waits until all of it is there.
func (p *Page) Weight() (int, error) {
	if err := p.wait(patience, "all that the page loads", func() (bool, error) {
		return !slices.ContainsFunc(p.requests(true), func(r request) bool { return !r.came && r.kind != icon }), nil
	}); err != nil {
		return 0, err
	}
	all := 0
	for _, r := range p.requests(true) {
		text, err := p.textOf(r)
		if err != nil {
			return 0, fmt.Errorf("weigh %s: %w", r.url, err)
		}
		all += zipped(text)
	}
	return all, nil
}

// icon is the kind of the picture on a tab: the browser asks for it when it likes, and keeps it to itself.
const icon = network.ResourceTypeOther

// textOf gives what came for a request.
func (p *Page) textOf(r request) (string, error) {
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	switch r.kind {
	case network.ResourceTypeEventSource:
		return r.text, nil
	case icon:
		return fetch(ctx, r.url)
	}
	result, err := chromedp.Call(ctx, network.GetResponseBody, network.GetResponseBodyParams{RequestID: r.id})
	return string(result.Body), err
}

func fetch(ctx context.Context, url string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return string(text), err
}

func zipped(text string) int {
	var n counter
	w := gzip.NewWriter(&n)
	_, _ = io.WriteString(w, text)
	_ = w.Close() // a counter takes everything
	return int(n)
}

// counter counts what is written to it.
type counter int

func (c *counter) Write(b []byte) (int, error) {
	*c += counter(len(b))
	return len(b), nil
}

// requests gives those that were made since Go, or by the page that is there now alone, but such as need nobody: "data:".
func (p *Page) requests(now bool) (all []request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, r := range p.asked {
		if !strings.HasPrefix(r.url, "data:") && (!now || i >= p.first) {
			all = append(all, r)
		}
	}
	return all
}

// Foreign gives the requests since Go that did not go to the site.
func (p *Page) Foreign() (all []string) {
	for _, r := range p.requests(false) {
		if r.url != p.site && !strings.HasPrefix(r.url, p.site+"/") {
			all = append(all, r.url)
		}
	}
	return all
}

// Complaints gives what the browser found wrong since Go: scripts that fail, what the page's own policy forbids.
func (p *Page) Complaints() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.wrong...)
}

// Painted gives how long it took from asking for the page until something of it was seen. It waits for that.
func (p *Page) Painted() (time.Duration, error) {
	const first = `performance.getEntriesByName("first-contentful-paint")[0]`
	if err := p.until("something to be seen", "Boolean("+first+")"); err != nil {
		return 0, err
	}
	ms, err := ask[float64](p, first+".startTime")
	return time.Duration(ms * float64(time.Millisecond)), err
}
