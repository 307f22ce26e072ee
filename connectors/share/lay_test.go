package share

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
)

// A file that is laid has no name yet, may be laid again, and gets its name once.
func TestLayAndPromote(t *testing.T) {
	s := &script{dir: t.TempDir()}
	w := dropper(s)
	defer w.Close()
	for _, content := range []string{"old and longer", "new"} {
		if err := w.Lay(t.Context(), ".", "devis-1.TXT", []byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	whole, stumps, err := w.List(t.Context(), ".")
	if diff := cmp.Diff([][]string{nil, {"devis-1.TXT"}}, [][]string{whole, stumps}); err != nil || diff != "" {
		t.Errorf("laid: %v (-want +got):\n%s", err, diff)
	}
	if err := w.Promote(t.Context(), ".", "devis-1.TXT"); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(filepath.Join(s.dir, "devis-1.TXT")); err != nil || string(got) != "new" {
		t.Errorf("promoted: got %q, %v", got, err)
	}
	if diff := cmp.Diff([]string{"devis-1.TXT"}, names(t, s.dir)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

// A name that somebody has is not taken, and the stump stays: it tells that the file never had its name.
func TestPromoteKeepsTheStump(t *testing.T) {
	s := &script{dir: t.TempDir()}
	w := dropper(s)
	defer w.Close()
	if err := w.Lay(t.Context(), ".", "devis-1.TXT", []byte("ours")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.dir, "devis-1.TXT"), []byte("theirs"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := w.Promote(t.Context(), ".", "devis-1.TXT"); ClassOf(err) != Conflict || connectors.KindOf(err) != connectors.Rejected {
		t.Errorf("a name that is taken: got %v", err)
	}
	s.fail = func(_ int, call string) (error, bool) { return errors.New("no"), call[:6] == "rename" }
	if err := w.Promote(t.Context(), ".", "devis-1.TXT"); err == nil {
		t.Error("a rename that fails: got no error")
	}
	if diff := cmp.Diff([]string{"devis-1.TXT", "devis-1.TXT.part"}, names(t, s.dir)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

func TestLayKeepsToItsMode(t *testing.T) {
	w, err := NewWriter(Config{Kind: Directory, Path: t.TempDir()}, WriteCards, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if err := w.Lay(t.Context(), ".", "a.TXT", nil); !errors.Is(err, errMode) {
		t.Errorf("lay: got %v", err)
	}
	if err := w.Promote(t.Context(), ".", "a.TXT"); !errors.Is(err, errMode) {
		t.Errorf("promote: got %v", err)
	}
	drops := dropper(&script{dir: t.TempDir()})
	defer drops.Close()
	if drops.Lay(t.Context(), ".", "a/b", nil) == nil || drops.Promote(t.Context(), ".", "a.part") == nil {
		t.Error("a name that nobody can open is taken")
	}
}
