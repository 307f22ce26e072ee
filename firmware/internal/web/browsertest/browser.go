// Package browsertest reads the local page in a headless Chromium of its own, as people do: on a phone and at a desk, in
// both languages, in a dark and in a light room, with a mouse, with the keyboard alone, and without a script. It says what
// is wrong with a page: what axe-core finds, what leaves the box, what doesn't fit, what the keyboard can't reach. It is for
// tests and for firmware/cmd/page, and no part of the product.
package browsertest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"

	"github.com/chromedp/chromedp"
)

// Program is the browser (Debian package chromium).
const Program = "chromium"

// ErrMissing means that this machine lacks the browser or axe-core; `make deps` installs both.
var ErrMissing = errors.New("not installed: make deps")

// Browser is a Chromium that knows nothing of any other one on this machine. Several pages may be open at one time.
type Browser struct {
	ctx context.Context
	end context.CancelFunc
	dir string // of whatever it writes
	axe string // script
}

// silent has the browser speak to nobody but the hosts of the tests, and show a page the same on every machine.
var silent = []chromedp.ExecAllocatorOption{
	chromedp.Headless, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck,
	chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"),
	chromedp.Flag("no-proxy-server", true),
	chromedp.Flag("disable-background-networking", true),
	chromedp.Flag("disable-breakpad", true),
	chromedp.Flag("disable-client-side-phishing-detection", true),
	chromedp.Flag("disable-component-update", true),
	chromedp.Flag("disable-default-apps", true),
	chromedp.Flag("disable-domain-reliability", true),
	chromedp.Flag("disable-extensions", true),
	chromedp.Flag("disable-quic", true),
	chromedp.Flag("disable-sync", true),
	chromedp.Flag("disable-features", "Translate,OptimizationHints,MediaRouter,DialMediaRouteProvider"),
	chromedp.Flag("metrics-recording-only", true),
	chromedp.Flag("password-store", "basic"),
	// Pages in the background are as alive as the one in front.
	chromedp.Flag("disable-background-timer-throttling", true),
	chromedp.Flag("disable-backgrounding-occluded-windows", true),
	chromedp.Flag("disable-renderer-backgrounding", true),
	chromedp.Flag("force-color-profile", "srgb"),
	chromedp.Flag("hide-scrollbars", true),
}

// Start starts a browser. It ends by Close, and together with this process.
func Start(ctx context.Context) (*Browser, error) {
	path, err := exec.LookPath(Program)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w (%w)", Program, ErrMissing, err)
	}
	b := &Browser{}
	if b.axe, err = readAxe(); err != nil {
		return nil, err
	}
	if b.dir, err = os.MkdirTemp("", "browser"); err != nil {
		return nil, err
	}
	options := append([]chromedp.ExecAllocatorOption{chromedp.ExecPath(path), chromedp.UserDataDir(b.dir),
		chromedp.Env("HOME="+b.dir, "TMPDIR="+b.dir, "XDG_CONFIG_HOME="+b.dir, "XDG_CACHE_HOME="+b.dir)}, silent...)
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // as root it does not start otherwise
	}
	machine, endMachine := chromedp.NewExecAllocator(ctx, options...)
	b.ctx, b.end = chromedp.NewContext(machine)
	if err := chromedp.Do(b.ctx); err != nil {
		b.end()
		endMachine()
		return nil, errors.Join(fmt.Errorf("start %s: %w", Program, err), os.RemoveAll(b.dir))
	}
	endBrowser := b.end
	b.end = func() { endBrowser(); endMachine() }
	return b, nil
}

// Close ends the browser and removes all that it has written. It is called once.
func (b *Browser) Close() error {
	err := chromedp.Cancel(b.ctx)
	b.end() // waits until the process is gone
	return errors.Join(err, os.RemoveAll(b.dir))
}
