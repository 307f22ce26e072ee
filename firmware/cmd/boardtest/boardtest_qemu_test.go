package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/board"
	"syncbox/board/boardtest"
	"syncbox/connectors/share/sharetest"
	"syncbox/firmware/internal/locale"
	"syncbox/firmware/internal/panel/paneltest"
	"syncbox/firmware/internal/sitetest"
	"syncbox/image/recipe"
	"syncbox/image/vm"
)

// hands are those of a person at a box in the virtual machine, who does what he is told and says what he sees.
type hands struct {
	t    *testing.T
	ctx  context.Context
	box  *sitetest.Machine
	code string
	told []string
	from time.Time      // of what was told last
	busy sync.WaitGroup // at the button
}

func (h *hands) Tell(name, text string) {
	h.t.Log(text)
	h.told, h.from = append(h.told, name), time.Now()
	held := map[string]time.Duration{"try.button": time.Second, "try.press": time.Second, "try.stages": 32 * time.Second}[name]
	if held == 0 {
		return
	}
	h.busy.Go(func() {
		if name == "try.button" { // the person reads what the console says as well
			if err := h.box.WaitAfter(h.ctx, 0, "test-button\r\n"); err != nil {
				return
			}
		}
		pause(h.ctx, 2*time.Second) // a person takes his time
		if err := h.box.Hold(h.ctx, held); err != nil && h.ctx.Err() == nil {
			h.t.Error(err)
		}
	})
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

func (h *hands) Ask(name, text string) (string, error) {
	h.t.Log(text)
	h.busy.Wait()
	seen := h.box.Recording(h.from, time.Now())
	switch name {
	case "try.code":
		return h.code, nil
	case "try.light-seen":
		return yesIf(showsColours(seen)), nil
	case "try.stages-seen":
		if !countsToFour(seen) {
			h.t.Logf("the light showed %v", seen)
		}
		return yesIf(countsToFour(seen)), nil
	}
	return "", nil
}

func yesIf(so bool) string {
	if so {
		return "o"
	}
	return "n"
}

// showsColours tells whether each colour stood for a while, one after the other. How long is for the tests of the panel: a busy
// machine stretches one and shortens the next.
func showsColours(seen []boardtest.Segment) bool {
	var long []board.Colour
	for _, s := range seen {
		if s.For > time.Second && s.Lit() {
			long = append(long, s.Colour)
		}
	}
	all := []board.Colour{board.Red, board.Green, board.Blue, board.Amber, board.White}
	at := slices.Index(long, all[0])
	return at >= 0 && len(long) >= at+len(all) && slices.Equal(long[at:at+len(all)], all)
}

// countsToFour tells whether four groups of blinks came, none with more blinks than its stage. On a busy machine two blinks
// may run together; that they are counted rightly is for the tests of the panel.
func countsToFour(seen []boardtest.Segment) bool {
	groups := paneltest.Counts(seen)
	for i := range 4 {
		if len(groups) < 4 || groups[i] > i+1 || groups[3] < 2 {
			return false
		}
	}
	return true
}

func TestCountsToFour(t *testing.T) {
	// lit and dark in turn, in milliseconds
	for name, tt := range map[string]struct {
		millis []int
		want   bool
	}{
		"four stages":      {[]int{2000, 5000, 200, 4500, 200, 250, 200, 4000, 200, 250, 200, 250, 200, 3500, 200, 250, 200, 250, 200, 250, 200, 10000, 1000}, true},
		"one ran together": {[]int{2000, 5000, 200, 4500, 650, 4000, 200, 250, 200, 250, 200, 3500, 200, 250, 200, 250, 200, 250, 200, 10000}, true},
		"three stages":     {[]int{2000, 5000, 200, 4500, 200, 250, 200, 4000, 200, 250, 200, 250, 200, 10000, 1000}, false},
		"one too many":     {[]int{2000, 5000, 200, 250, 200, 4500, 200, 250, 200, 4000, 200, 250, 200, 250, 200, 3500, 200, 10000}, false},
		"nothing":          {[]int{2000}, false},
	} {
		var seen []boardtest.Segment
		for i, m := range tt.millis {
			seen = append(seen, boardtest.Segment{Colour: []board.Colour{board.White, board.Dark}[i%2], For: time.Duration(m) * time.Millisecond})
		}
		if got := countsToFour(seen); got != tt.want {
			t.Errorf("%s: got %v", name, got)
		}
	}
}

// TestQEMUBoardTest tries a box in the virtual machine as a person tries a board: every check must be ok but the power
// cut, which the person leaves out.
func TestQEMUBoardTest(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
	defer cancel()
	dir := t.TempDir()
	site, err := sitetest.Open(ctx, filepath.Join(dir, "site"), sitetest.Options{Customers: 20})
	if err != nil {
		missing(t, err)
	}
	t.Cleanup(func() {
		if err := site.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := recipe.Build(ctx, recipe.Spec{Source: "../../..", Out: dir, Cache: "../../../build", DataSize: 32 << 20}); err != nil {
		missing(t, err)
	}
	card := filepath.Join(dir, "card.img")
	if err := site.Card(ctx, filepath.Join(dir, recipe.ImageFile), card); err != nil {
		t.Fatal(err)
	}
	box, err := sitetest.Boot(ctx, card, vm.Config{Resets: true})
	if err != nil {
		missing(t, err)
	}
	defer box.Unplug()
	if err := box.WaitFor(ctx, "\n"+sitetest.Box+"> "); err != nil {
		t.Fatal(err)
	}
	french, err := locale.New("fr-CA", nil)
	if err != nil {
		t.Fatal(err)
	}
	person := &hands{t: t, ctx: ctx, box: box, code: site.Code}
	results := newTest(box, french, person).all(ctx)
	person.busy.Wait()
	want := map[string]string{
		"console": "^" + sitetest.Box + "$", "status": "^jobs run$", "login": "", "network": `^10\.0\.2\.15/24$`, "share": "", "crm": "", "light": "",
		"button": "", "stages": "", "memory": `rss_kib=\d+`, "restart": `^slot=a seconds=`, "modules": `^/modules\.list=\d+`, "board": "^qemu-virt$",
		"watchdog": `^armed, timeout=1m0s$`,
	}
	got := map[string]outcome{}
	for _, r := range results {
		got[r.name] = r.outcome
		if pattern := want[r.name]; !regexp.MustCompile(pattern).MatchString(r.detail) {
			t.Errorf("%s: detail %q, want %q", r.name, r.detail, pattern)
		}
	}
	expected := map[string]outcome{"power-cut": skipped}
	for name := range want {
		expected[name] = passed
	}
	if d := cmp.Diff(expected, got); d != "" {
		t.Errorf("outcomes (-want +got):\n%s\nconsole:\n%s", d, box.Console())
	}
}

// missing ends the test because of something that the machine lacks: on CI as a failure.
func missing(t *testing.T, err error) {
	t.Helper()
	if os.Getenv("CI") == "" && (errors.Is(err, sharetest.ErrNoSamba) || os.IsNotExist(err)) {
		t.Skip(err)
	}
	t.Fatal(err, vm.UBoot)
}
