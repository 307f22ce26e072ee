package browsertest_test

import (
	"errors"
	"slices"
	"testing"

	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/health"
	"syncbox/firmware/internal/local"
	"syncbox/sync/engine"
)

// heaviest is what a page may weigh with all that it loads, in bytes after gzip.
const heaviest = 60_000

// view is a page, or one of its states.
type view struct {
	name string
	box  func(*box)
	open bool // by who has given the code
	path string
	do   func(*visitor) // what is done there first
	sees []string       // keys of texts
}

// views are all there are. Whoever adds a page adds it here.
var views = slices.Concat(plainViews, moreViews, customViews, blank(setupViews), quickViews, x3Views, bobViews, sageViews)

// blank has views of a box that nobody has set up, by who has given the code.
func blank(all []view) []view {
	for i := range all {
		all[i].open, all[i].box = true, func(b *box) {
			b.blank, b.err, b.ready = true, local.ErrNoBox, &config.Error{Code: config.CodeIncomplete, Err: errors.New("x")}
		}
	}
	return all
}

var plainViews = []view{
	{name: "status-stopped", box: func(b *box) {
		b.status = []local.JobStatus{resting(engine.Stopped)}
		b.lights = []health.Light{health.Stopped}
	},
		path: "/", sees: []string{"service.stopped", "light.stopped", "page.status.log-on-first"}},
	{name: "status-working", box: func(b *box) { b.status, b.updates = []local.JobStatus{working(500)}, true }, open: true,
		path: "/", sees: []string{"status.now", "page.status.force", "update.available", "do.share-auth"}},
	{name: "status-first", box: func(b *box) { // the picture of the guides
		b.status, b.lights, b.updates = []local.JobStatus{first(1240)}, []health.Light{health.Syncing}, true
	}, path: "/", sees: []string{"light.syncing", "way.working"}},
	{name: "status-two-jobs", box: func(b *box) {
		south := resting(engine.Running)
		south.Job = "une-entreprise-au-nom-bien-long-qui-n-en-finit-pas-montreal-sud"
		b.status = []local.JobStatus{resting(engine.Running), south}
	}, path: "/", sees: []string{"light.ready", "direction.erp-crm", "direction.crm-erp", "way.success"}},
	{name: "status-trouble", box: func(b *box) {
		b.status, b.lights = []local.JobStatus{working(500)}, []health.Light{health.ShareUnreachable}
		b.codes = []string{"network-no-lease"}
	}, path: "/", sees: []string{"code.network-no-lease", "do.network-no-lease", "light.share-unreachable"}},
	{name: "status-no-jobs", box: func(b *box) {
		b.err, b.ready = local.ErrNoBox, &config.Error{Code: config.CodeIncomplete, Err: errors.New("x")}
	},
		path: "/", sees: []string{"code.config-incomplete", "do.config-incomplete"}},
	{name: "status-starts", box: func(b *box) { b.err = local.ErrNoBox }, path: "/", sees: []string{"light.booting"}},
	{name: "login", path: "/login", sees: []string{"page.login.code", "page.login.hint", "page.login.open"}},
	{name: "login-wrong", path: "/login", do: func(v *visitor) {
		must(v.t, v.Fill("code", "11111-11111"))
		v.follows(403, "main button", v.says("page.login"))
	}, sees: []string{"console.code-wrong"}},
	{name: "missing", path: "/no-such-page", sees: []string{"page.missing.title", "page.missing.text"}},
	{name: "help", path: "/help", sees: []string{"page.help.intro", "light.ready", "light.share-unreachable"}},
	{name: "help-code", path: "/help/share-unreachable", sees: []string{"code.share-unreachable", "page.help.still"}},
	{name: "waiting", box: waits, open: true, path: "/waiting", sees: []string{"page.nav.waiting", "page.waiting.list"}},
	{name: "waiting-nothing", box: func(b *box) { b.count() }, open: true, path: "/waiting", sees: []string{"console.nothing-waits"}},
	{name: "journal", box: tells, open: true, path: "/journal", sees: []string{"page.journal.caption", "page.journal.older"}},
	{name: "help-card", path: "/help/card", sees: []string{"page.help.print", "light.ready"}},
}

// shows has a visitor come to a view, as far as it can be read.
func (w view) shows(v *visitor) {
	v.t.Helper()
	if w.open {
		v.logsOn()
		must(v.t, v.Go(w.path))
	}
	if w.do != nil {
		w.do(v)
	}
	for _, key := range w.sees {
		v.sees(v.says(key))
	}
}

// first gives where a visitor begins.
func (w view) first() string {
	if w.open {
		return "/login"
	}
	return w.path
}

func (w view) serve(t *testing.T) *site {
	t.Helper()
	b := &box{}
	if w.box != nil {
		w.box(b)
	}
	return serve(t, b)
}

// Each page is read on a phone and at a desk, in both languages, in dark and in light colours, and with the keyboard alone. It asks nobody but the box, and is light enough for a slow line.
//
// Requirement: ACO-85, ACO-86, ACO-87, ACO-90
func TestBrowserPages(t *testing.T) {
	for i, w := range views {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			for _, r := range readers[i%2*2:][:2] {
				s := w.serve(t)
				v := s.visit(r, w.first())
				w.shows(v)
				weight, err := v.Weight()
				must(t, err)
				if weight > heaviest || weight < 1000 {
					t.Errorf("%s weighs %d bytes, want at most %d", name(r), weight, heaviest)
				}
				t.Logf("%s weighs %d bytes", name(r), weight)
				must(t, v.Picture(w.name))
				v.isFine(name(r))
				v.readsChoices()
			}
		})
	}
}

// Without a script each page says the same.
func TestBrowserWithoutScript(t *testing.T) {
	for _, w := range views {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			r := readers[0]
			r.NoScript = true
			v := w.serve(t).visit(r, w.first())
			w.shows(v)
			if wide, err := v.TooWide(); err != nil || len(wide) > 0 {
				t.Error(wide, err)
			}
		})
	}
}
