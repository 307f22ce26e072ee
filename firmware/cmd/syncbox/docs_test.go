package main

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"syncbox/firmware/internal/console/setupcode"
)

// TestErasedInTheGuides does a full reset on what support's table names, and compares what is left with what it says. The
// table must name everything that stays, and every file of the box that this program has a name for.
func TestErasedInTheGuides(t *testing.T) {
	for _, g := range []struct{ file, from, to, erased, stays string }{
		{"../../../docs/reset-fr.md", "<!-- fichiers", "<!-- fin -->", "effacé", "reste"},
		{"../../../docs/reset-en.md", "<!-- files", "<!-- end -->", "erased", "stays"},
	} {
		b, err := os.ReadFile(g.file)
		if err != nil {
			t.Fatal(err)
		}
		_, table, _ := strings.Cut(string(b), g.from)
		table, _, _ = strings.Cut(table, g.to)
		told := map[string]string{}
		for _, m := range regexp.MustCompile("(?m)^\\| `([^`]+)`[^|]*\\| ([^|]*) \\|$").FindAllStringSubmatch(table, -1) {
			told[m[1]] = m[2]
		}
		dir := t.TempDir()
		for name := range told {
			err := os.WriteFile(filepath.Join(dir, name), []byte("{}"), 0o600)
			if name == "jobs" {
				err = errors.Join(os.Remove(filepath.Join(dir, name)), os.MkdirAll(filepath.Join(dir, name, "north"), 0o755))
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		code := filepath.Join(dir, filepath.Base(applianceCode))
		if err := setupcode.Write(code, "7Q2KM-0XTV9"); err != nil {
			t.Fatal(err)
		}
		if err := setupcode.NewDoor(code).Change("another code"); err != nil {
			t.Fatal(err)
		}
		asked := filepath.Join(dir, filepath.Base(applianceErase))
		if err := os.WriteFile(asked, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if done, err := erase(dir, asked, func() error { return nil }); err != nil || !done {
			t.Fatal(done, err)
		}
		for name, says := range told {
			_, err := os.Stat(filepath.Join(dir, name))
			if want := map[bool]string{true: g.stays, false: g.erased}[err == nil]; !strings.HasPrefix(says, want) {
				t.Errorf("%s: of %s it says %q, want %q", g.file, name, says, want)
			}
		}
		if err := setupcode.NewDoor(code).Check("7Q2KM-0XTV9"); err != nil {
			t.Errorf("the label's code: %v", err)
		}
		for _, name := range append([]string{filepath.Base(applianceConfig), filepath.Base(applianceEvents), filepath.Base(applianceSticks), "secrets.toml", "jobs"}, stays...) {
			if _, ok := told[name]; !ok && name != "lost+found" {
				t.Errorf("%s does not tell what becomes of %s", g.file, name)
			}
		}
	}
}
