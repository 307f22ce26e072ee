package browsertest_test

import (
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"syncbox/firmware/internal/health"
	"syncbox/firmware/internal/local"
	"syncbox/firmware/internal/web/browsertest"
	"syncbox/sync/engine"
)

// is compares what a script gives.
func (v *visitor) is(script, want string) {
	v.t.Helper()
	if got, err := v.Ask(script); err != nil || got != want {
		v.t.Errorf("%s: got %q, %v, want %q", script, got, err, want)
	}
}

// The page moves by itself while the box works, and disturbs nobody by it: the keyboard stays where it was, the light goes
// on blinking, and a screen reader hears what has changed but the counts.
//
// Requirement: ACO-85, ACO-90
func TestBrowserLive(t *testing.T) {
	t.Parallel()
	for _, r := range readers[:2] {
		b := &box{status: []local.JobStatus{working(500)}, codes: []string{"network-no-lease"}, lights: []health.Light{health.ShareUnreachable}}
		v := serve(t, b).visit(r, "/")
		v.is(`document.querySelector("progress").value`, "500")
		for v.hasNoFocus("/help/network-no-lease") {
			must(t, v.Press(kb.Tab))
		}
		v.is(`document.querySelector("svg.light").known = "it"`, "it")
		b.set(func(b *box) { b.status = []local.JobStatus{working(1987)} })
		v.sees(v.p.Phase(working(1987).Status))
		v.is(`document.querySelector("progress").value`, "1987")
		v.is(`document.querySelector("svg.light").known`, "it")
		if v.hasNoFocus("/help/network-no-lease") {
			t.Errorf("%s: what had the focus has lost it", name(r))
		}
		v.is(`document.querySelector("[data-said]").textContent`, "")
		b.set(func(b *box) {
			b.status, b.lights = []local.JobStatus{resting(engine.Stopped)}, []health.Light{health.Stopped}
		})
		v.sees(v.says("service.stopped"), v.says("light.stopped"))
		v.is(`document.querySelector("[data-said]").textContent.includes(`+"`"+v.says("service.stopped")+"`"+`)`, "true")
		v.is(`document.querySelector("progress")`, "null")
		v.isFine(name(r))
	}
}

// hasNoFocus tells whether a link is not what the keyboard is at.
func (v *visitor) hasNoFocus(href string) bool {
	v.t.Helper()
	at, err := v.Ask(`document.activeElement.getAttribute("href")`)
	must(v.t, err)
	return at != href
}

// A page whose box has gone says so, and no more once the box is back; it shows then how the box is now.
func TestBrowserLosesTheBox(t *testing.T) {
	t.Parallel()
	b := &box{status: []local.JobStatus{working(500)}}
	s := serve(t, b)
	v := s.visit(readers[0], "/")
	must(t, v.NotSee(v.says("page.lost")))
	s.down()
	v.sees(v.says("page.lost"))
	must(t, v.Picture("status-lost"))
	b.set(func(b *box) { b.status = []local.JobStatus{resting(engine.Stopped)} })
	s.again()
	v.sees(v.says("service.stopped"))
	must(t, v.NotSee(v.says("page.lost")))
}

// gate is a network that can be cut without either end hearing of it.
type gate struct {
	net.Listener
	open sync.RWMutex // locked while nothing passes
}

func (g *gate) Accept() (net.Conn, error) {
	c, err := g.Listener.Accept()
	return &gated{c, g}, err
}

// gated is a connection through a gate.
type gated struct {
	net.Conn
	gate *gate
}

func (c *gated) Write(b []byte) (int, error) {
	c.gate.open.RLock()
	defer c.gate.open.RUnlock()
	return c.Conn.Write(b)
}

// A box whose plug was pulled says no good-bye. The page notices by its silence.
func TestBrowserHearsNothing(t *testing.T) {
	t.Parallel()
	s := serve(t, &box{status: []local.JobStatus{working(500)}})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	g := &gate{Listener: l}
	srv := &http.Server{Handler: s.handler}
	go func() { _ = srv.Serve(g) }() // until the end of the test
	t.Cleanup(func() { _ = srv.Close() })
	s.url = "http://" + l.Addr().String()
	v := s.visit(atDesk, "/")
	must(t, v.NotSee(v.says("page.lost")))
	g.open.Lock()
	v.sees(v.says("page.lost"))
	g.open.Unlock()
	must(t, v.NotSee(v.says("page.lost")))
}

// A box that has no room for one more page is asked again.
func TestBrowserComesAgain(t *testing.T) {
	t.Parallel()
	s := serve(t, &box{status: []local.JobStatus{working(500)}})
	var refused atomic.Int32
	front := at(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/live" && refused.Add(1) <= 1 {
			http.Error(w, "too many", http.StatusServiceUnavailable)
			return
		}
		s.handler.ServeHTTP(w, r)
	}))
	v := front.visit(atDesk, "/")
	v.sees(v.says("page.lost"))
	must(t, v.NotSee(v.says("page.lost")))
	if n := refused.Load(); n != 2 {
		t.Errorf("asked %d times, want 2", n)
	}
}

// Who wants nothing that moves sees the light, and reads its rhythm.
func TestBrowserKeepsStill(t *testing.T) {
	t.Parallel()
	s := serve(t, &box{status: []local.JobStatus{working(500)}, lights: []health.Light{health.ShareUnreachable}})
	for still, want := range map[bool]string{true: "true false", false: "false true"} {
		r := atDesk
		r.Still = still
		v := s.visit(r, "/")
		v.is(`document.querySelector(".still").checkVisibility() + " " + document.querySelector(".beat").checkVisibility()`, want)
	}
}

// The language can be changed on every page, and stays, as does what was asked for.
func TestBrowserChangesLanguage(t *testing.T) {
	t.Parallel()
	for _, size := range []browsertest.Size{browsertest.Phone, browsertest.Desktop} {
		v := serve(t, &box{status: []local.JobStatus{resting(engine.Running)}}).visit(browsertest.Reader{Language: "fr-CA", Size: size}, "/login?to=%2Fhelp")
		v.sees("Code de la boîte")
		v.follows(http.StatusOK, "header a", "English")
		v.sees("Code of the box")
		v.is(`document.documentElement.lang`, "en")
		must(t, v.Fill("code", code))
		v.follows(http.StatusOK, "main button", "Log on")
		v.is(`location.pathname`, "/help")
		v.follows(http.StatusOK, "header a", "Français")
		v.follows(http.StatusOK, "nav a", "État")
		v.is(`document.documentElement.lang`, "fr-CA")
	}
}
