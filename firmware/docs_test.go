package firmware_test

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/board/boardtest"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/health"
	"syncbox/firmware/internal/locale"
	"syncbox/firmware/internal/look"
	"syncbox/firmware/internal/panel"
	"syncbox/firmware/internal/stick"
)

var update = flag.Bool("update", false, "write the program's columns of the tables in docs/ anew")

// guide is a document in one language.
type guide struct{ file, language, marker, end string }

// table gives the rows of the table behind a marker, and what is around them.
func (g guide) table(t *testing.T) (before string, rows [][]string, after string) {
	t.Helper()
	b, err := os.ReadFile(g.file)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, found := strings.Cut(string(b), g.marker)
	body, after, ends := strings.Cut(rest, g.end)
	if !found || !ends {
		t.Fatalf("%s has no table between %q and %q", g.file, g.marker, g.end)
	}
	lines := strings.SplitAfter(body, "\n")
	first := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, "| ---") }) + 1
	for _, l := range lines[first:] {
		if strings.HasPrefix(l, "|") {
			cells := strings.Split(strings.Trim(strings.TrimSpace(l), "|"), "|")
			for i := range cells {
				cells[i] = strings.TrimSpace(cells[i])
			}
			rows = append(rows, cells)
		}
	}
	return head + g.marker + strings.Join(lines[:first], ""), rows, "\n" + g.end + after
}

func (g guide) printer(t *testing.T) *locale.Printer {
	t.Helper()
	p, err := locale.New(g.language, nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestLightsInTheGuides: the office's table names every light, as the panel plays it, in the order in which they win, with
// the words of every other door.
func TestLightsInTheGuides(t *testing.T) {
	for _, g := range []guide{
		{"../docs/lights-fr.md", "fr-CA", "<!-- voyants", "<!-- fin -->"},
		{"../docs/lights-en.md", "en", "<!-- lights", "<!-- end -->"},
	} {
		p := g.printer(t)
		before, rows, after := g.table(t)
		var want, got [][]string
		for _, r := range rows {
			if len(r) != 4 || r[3] == "" {
				t.Fatalf("%s: a row is not whole: %q", g.file, r)
			}
			got = append(got, r)
		}
		var text strings.Builder
		for _, l := range slices.Backward(health.Lights()) {
			colour, _ := panel.Rhythm(l)
			row := []string{look.Rhythm(p, l), look.Colour(p, colour), p.Text("light."+l.String(), nil), p.Text("light-do."+l.String(), nil)}
			want = append(want, row)
			fmt.Fprintf(&text, "| %s |\n", strings.Join(row, " | "))
		}
		if *update {
			if err := os.WriteFile(g.file, []byte(before+text.String()+after), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-program +guide):\n%s", g.file, d)
		}
	}
}

// asked are the actions that a button asks for.
type asked struct {
	mu  sync.Mutex
	all []panel.Action
}

func (a *asked) note(what panel.Action) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.all = append(a.all, what)
	return nil
}

func (a *asked) Replay(context.Context) error       { return nil }
func (a *asked) SyncNow(context.Context) error      { return a.note(panel.Sync) }
func (a *asked) Restart(context.Context) error      { return a.note(panel.Restart) }
func (a *asked) PowerOff(context.Context) error     { return a.note(panel.PowerOff) }
func (a *asked) ResetNetwork(context.Context) error { return a.note(panel.ResetNetwork) }
func (a *asked) Resync1(context.Context) error      { return a.note(panel.Resync) }
func (a *asked) FullReset(context.Context) error    { return a.note(panel.FullReset) }
func (a *asked) Event(string, map[string]string)    {}
func (a *asked) Lights() []health.Light             { return nil }

// hold holds the button of a real panel, presses it briefly once more if again is set, and gives what was done and how
// often the light had blinked in the last stage.
func hold(t *testing.T, held time.Duration, again bool) (did []panel.Action, blinks int) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		light, button, what := boardtest.NewLight(time.Now), boardtest.NewButton(), &asked{}
		p := panel.New(panel.Config{Light: light.Light, Button: button, Source: what, Actions: what, Journal: what,
			Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- p.Run(ctx) }()
		time.Sleep(5 * time.Second)
		begin := time.Now()
		button.Press()
		time.Sleep(held)
		button.Release()
		blinks = blinksOf(light.Recording(begin.Add(time.Second), begin.Add(held)))
		time.Sleep(5 * time.Second)
		if again {
			button.Press()
			time.Sleep(time.Second)
			button.Release()
		}
		time.Sleep(20 * time.Second)
		cancel()
		<-done
		did = what.all
	})
	return did, blinks
}

// blinksOf counts the blinks of the last group: those less than a second apart.
func blinksOf(seen []boardtest.Segment) (n int) {
	dark := time.Hour
	for _, s := range seen {
		switch {
		case !s.Lit():
			dark = s.For
		case dark > time.Second:
			n = 1
		default:
			n++
		}
	}
	return n
}

// TestStagesInTheGuides holds the button of a real panel as long as support's table says, and a little less.
func TestStagesInTheGuides(t *testing.T) {
	for _, g := range []guide{
		{"../docs/reset-fr.md", "fr-CA", "<!-- étapes", "<!-- fin -->"},
		{"../docs/reset-en.md", "en", "<!-- stages", "<!-- end -->"},
	} {
		p := g.printer(t)
		_, rows, _ := g.table(t)
		if len(rows) != 7 {
			t.Errorf("%s: %d stages", g.file, len(rows))
		}
		last := ""
		for _, r := range rows {
			var seconds, blinks int
			if _, err := fmt.Sscanf(r[0]+" "+r[1], "%d s %d", &seconds, &blinks); err != nil {
				t.Fatalf("%s: %q: %v", g.file, r, err)
			}
			at := time.Duration(seconds) * time.Second
			if seconds > 0 {
				if got := did(t, p, at-100*time.Millisecond); got != last {
					t.Errorf("%s: held for a little less than %s: does %q, the row before says %q", g.file, at, got, last)
				}
			}
			action, gotBlinks := did(t, p, at+100*time.Millisecond), 0
			if _, gotBlinks = hold(t, at+1900*time.Millisecond, false); action != r[2] || seconds < 30 && gotBlinks != blinks {
				t.Errorf("%s: held for %s: does %q after %d blinks, the guide says %q after %d", g.file, at, action, gotBlinks, r[2], blinks)
			}
			last = r[2]
		}
	}
}

// did gives the word for what a press does, "nothing" for nothing. A full reset needs its second press.
func did(t *testing.T, p *locale.Printer, held time.Duration) string {
	t.Helper()
	once, _ := hold(t, held, false)
	twice, _ := hold(t, held, true)
	nothing := map[string]string{"fr": "rien", "en": "nothing"}[p.Text("console.tongue", nil)]
	switch {
	case len(once) == 1:
		return p.Text("action."+string(once[0]), nil)
	case len(once) == 0 && len(twice) == 1 && twice[0] == panel.FullReset:
		return p.Text("action."+string(panel.FullReset), nil)
	case len(once) == 0:
		return nothing
	}
	return fmt.Sprint(once, twice)
}

// onStick is a stick's report, and a journal that nobody reads.
type onStick map[string][]byte

func (o onStick) WriteFile(name string, text []byte) error { o[name] = text; return nil }
func (o onStick) Event(string, map[string]string)          {}

// TestSetUpInTheGuides sets a new box up as the technician's guide says: by its stick, then by its secrets. After that
// nothing may be missing; and every command that it names is one of the console.
func TestSetUpInTheGuides(t *testing.T) {
	console, err := os.ReadFile("internal/console/testdata/login.txt") // lists all of them, in both languages
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"../docs/site-fr.md", "../docs/site-en.md"} {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		text := string(b)
		path := filepath.Join(t.TempDir(), "syncbox.toml")
		if err := config.WriteFirst(path, "syncbox-3456", config.Support{}); err != nil {
			t.Fatal(err)
		}
		_, file, _ := strings.Cut(text, "```toml\n")
		file, _, _ = strings.Cut(file, "```")
		report := onStick{}
		ready := func() error { _, err := config.Load(path); return err }
		writer := config.NewWriter(path, nil)
		setup := &stick.Setup{Box: "syncbox-3456", Settings: writer, Ready: ready, Memory: filepath.Join(t.TempDir(), "stick.json"), Journal: report,
			Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
		outcome, err := setup.Apply(fstest.MapFS{stick.FileName: {Data: []byte(file)}}, report)
		if err != nil || outcome != stick.Applied {
			t.Errorf("%s: the stick is %s, %v:\n%s", name, outcome, err, report[stick.ReportName])
		}
		secrets := regexp.MustCompile(`(?m)^ +secret (\S+)$`).FindAllStringSubmatch(text, -1)
		for _, s := range secrets {
			if code := config.CodeOf(ready()); code != config.CodeIncomplete {
				t.Errorf("%s: before %s the box says %q", name, s[1], code)
			}
			if _, err := writer.Set(config.Change{Key: s[1], Value: "S3cret99"}); err != nil {
				t.Errorf("%s: %s: %v", name, s[1], err)
			}
		}
		if err := ready(); err != nil || len(secrets) == 0 {
			t.Errorf("%s: a box that is set up so says: %v", name, err)
		}
		commands := regexp.MustCompile("`([a-z]+(?:-[a-z]+)?)`").FindAllStringSubmatch(text, -1)
		for _, c := range commands {
			if !regexp.MustCompile(`(?m)^  ` + c[1] + `\b`).Match(console) {
				t.Errorf("%s: the console knows no %s", name, c[1])
			}
		}
		if len(commands) < 15 {
			t.Errorf("%s: %d commands", name, len(commands))
		}
	}
}
