package boot

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLoadModules hands the kernel files that it refuses, whoever asks: each is told, none ends the others.
func TestLoadModules(t *testing.T) {
	dir := t.TempDir()
	bad, list := filepath.Join(dir, "bad.ko"), filepath.Join(dir, "modules.list")
	for name, content := range map[string]string{bad: "not a module", list: bad + "\n/nowhere/none.ko\n"} {
		if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	if err := LoadModules(slog.New(slog.NewTextHandler(&out, nil)), list); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"load module bad: ", "open /nowhere/none.ko: ", "count=0 of=2"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("log has no %q:\n%s", want, out.String())
		}
	}
}

func TestNoModuleList(t *testing.T) {
	if err := LoadModules(slog.New(slog.DiscardHandler), filepath.Join(t.TempDir(), "none")); err != nil {
		t.Errorf("a missing list: %v", err)
	}
}
