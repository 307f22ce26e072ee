package browsertest

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// Weight gives how many bytes the page is with all that it loads, each compressed with gzip as a server would: style,
// script, pictures, and the first event of a stream. It waits until all of it is there.
func (p *Page) Weight() (int, error) {
	if err := p.wait("all that the page loads", func() (bool, error) {
		return !slices.ContainsFunc(p.requests(true), func(r request) bool { return !r.came }), nil
	}); err != nil {
		return 0, err
	}
	all := 0
	for _, r := range p.requests(true) {
		text := r.text
		if r.kind != network.ResourceTypeEventSource {
			body, err := p.body(r.id)
			if err != nil {
				return 0, fmt.Errorf("weigh %s: %w", r.url, err)
			}
			text = body
		}
		all += zipped(text)
	}
	return all, nil
}

// body gives what came for a request.
func (p *Page) body(id network.RequestID) (string, error) {
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	result, err := chromedp.Call(ctx, network.GetResponseBody, network.GetResponseBodyParams{RequestID: id})
	return string(result.Body), err
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
