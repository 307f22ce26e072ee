package browsertest

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience is how long anything may take that is waited for. Nothing depends on how fast it comes.
const patience = 60 * time.Second

// Size is that of what a person sees of a page, in CSS pixels.
type Size struct {
	Name          string
	Width, Height int64
	Touch         bool // by fingers
}

// The sizes that pages are made for.
var (
	Phone   = Size{"phone", 360, 740, true}
	Desktop = Size{"desktop", 1280, 800, false}
)

// Reader is how somebody reads pages. The zero value can't be used: Size and Language are needed.
type Reader struct {
	Size     Size
	Language string // "fr-CA" or "en"
	Dark     bool
	NoScript bool
	Still    bool // wants nothing that moves
}

// Page is a tab of a browser with its own cookies. One goroutine may use it.
type Page struct {
	ctx    context.Context
	end    context.CancelFunc
	reader Reader
	site   string // scheme and host
	axe    string

	// What was typed into and chosen, and what was clicked on.
	Fields, Clicks int

	mu    sync.Mutex // protects what follows
	asked []request  // since Go
	first int        // of asked, that of the page which is there now
	wrong []string   // what the browser itself complained of, since Go
}

// request is one that a page made.
type request struct {
	id   network.RequestID
	url  string
	kind network.ResourceType
	came bool   // all of the answer, or the first event of a stream
	text string // of that event
}

// Open opens a new tab and reads a page of a site, such as "http://127.0.0.1:8080".
func (b *Browser) Open(r Reader, site, path string) (*Page, error) {
	p := &Page{reader: r, site: site, axe: b.axe}
	p.ctx, p.end = chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	if err := p.prepare(); err != nil {
		p.end()
		return nil, fmt.Errorf("open a tab: %w", err)
	}
	if err := p.Go(path); err != nil {
		p.end()
		return nil, err
	}
	return p, nil
}

// Close closes the tab.
func (p *Page) Close() { p.end() }

func (p *Page) prepare() error {
	if err := chromedp.Do(p.ctx); err != nil { // there is a tab to listen to from here on
		return err
	}
	if err := chromedp.Listen(p.ctx, p.note); err != nil {
		return err
	}
	kind, movement := "light", "no-preference"
	if p.reader.Dark {
		kind = "dark"
	}
	if p.reader.Still {
		movement = "reduce"
	}
	view := []chromedp.EmulateViewportOption{}
	if p.reader.Size.Touch {
		view = append(view, chromedp.EmulateMobile, chromedp.EmulatePortrait, chromedp.EmulateTouch)
	}
	u, err := url.Parse(p.site)
	if err != nil {
		return err
	}
	return chromedp.Do(p.ctx,
		call(network.Enable, network.EnableParams{}),
		call(log.Enable, cdp.Empty{}),
		chromedp.EmulateViewport(p.reader.Size.Width, p.reader.Size.Height, view...),
		call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: kind}, {Name: "prefers-reduced-motion", Value: movement}}}),
		call(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: p.reader.NoScript}),
		call(network.SetCookie, network.SetCookieParams{Name: "lang", Value: p.reader.Language, Domain: u.Hostname(), Path: "/"}),
	)
}

// call makes an action of a command whose answer does not matter.
func call[P, R any](command cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, command, params)
		return err
	})
}

// note keeps what the browser tells of the page.
func (p *Page) note(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if e.Type == network.ResourceTypeDocument {
			p.first = len(p.asked)
		}
		p.asked = append(p.asked, request{id: e.RequestID, url: e.Request.URL, kind: e.Type})
	case *network.EventLoadingFinished:
		p.came(e.RequestID, "")
	case *network.EventLoadingFailed:
		p.came(e.RequestID, "")
	case *network.EventEventSourceMessageReceived:
		p.came(e.RequestID, e.Data)
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError && !p.isDocument(e.Entry.NetworkRequestID) {
			p.wrong = append(p.wrong, fmt.Sprintf("%s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL))
		}
	case *runtime.EventExceptionThrown:
		p.wrong = append(p.wrong, "script: "+e.ExceptionDetails.Text)
	}
}

// came notes that an answer is there. p.mu is held.
func (p *Page) came(id network.RequestID, text string) {
	for i := range p.asked {
		if r := &p.asked[i]; r.id == id && !r.came {
			r.came, r.text = true, text
		}
	}
}

// isDocument tells whether a request was that of a page itself, whose status is the business of who asked for it. p.mu is held.
func (p *Page) isDocument(id network.RequestID) bool {
	return slices.ContainsFunc(p.asked, func(r request) bool { return r.id == id && r.kind == network.ResourceTypeDocument })
}

// Go reads another page of the site, whatever its status, and forgets what was noted of the one before.
func (p *Page) Go(path string) error {
	p.mu.Lock()
	p.asked, p.first, p.wrong = nil, 0, nil
	p.mu.Unlock()
	_, err := p.arrive(path, chromedp.Navigate(p.site+path))
	return err
}

// arrive does something that leads to another page, and gives the status of that one once it is there.
func (p *Page) arrive(what string, do chromedp.Action[chromedp.Void]) (status int, err error) {
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	response, err := chromedp.RunResponse(ctx, do)
	if err != nil {
		at, _ := p.At()
		text, _ := p.Text()
		return 0, fmt.Errorf("%s: %w; the page is at %s; seen is:\n%s", what, err, at, text)
	}
	return int(response.Status), nil
}
