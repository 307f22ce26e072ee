package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestMade: images are used again for the commit that they are of, and for a changed tree, which no commit names.
func TestMade(t *testing.T) {
	clean, changed := tree{"1a2b", true}, tree{"1a2b", false}
	for name, tt := range map[string]struct {
		now    tree
		images bool
		of     string // what stands in the folder; "" for nothing
		want   string
		found  bool
	}{
		"none there":                   {clean, false, "1a2b\n", "", false},
		"of this commit":               {clean, true, "1a2b\n", "1a2b", true},
		"of another commit":            {clean, true, "3c4d\n", "3c4d", false},
		"of this commit, changed":      {clean, true, "1a2b, changed\n", "1a2b, changed", false},
		"of nobody knows what":         {clean, true, "", "no known commit", false},
		"the tree is changed":          {changed, true, "3c4d\n", "3c4d", true},
		"the source has no repository": {tree{}, true, "3c4d\n", "3c4d", true},
	} {
		b := newBuilder(t.TempDir())
		for path, there := range map[string]bool{b.slot("v2"): tt.images, b.builtOf(): tt.of != ""} {
			if !there {
				continue
			}
			if err := os.WriteFile(path, []byte(tt.of), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if of, found, err := b.made(tt.now); of != tt.want || found != tt.found || err != nil {
			t.Errorf("%s: got %q, %t, %v, want %q, %t", name, of, found, err, tt.want, tt.found)
		}
	}
}

// TestTreeOf asks a repository of its own.
func TestTreeOf(t *testing.T) {
	dir := t.TempDir()
	git := func(args ...string) {
		t.Helper()
		c := exec.CommandContext(t.Context(), "git", append([]string{"-C", dir, "-c", "user.name=a", "-c", "user.email=a@example.org"}, args...)...)
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("git %q: %v\n%s", args, err, out)
		}
	}
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, "f"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	git("init", "-q")
	if got := treeOf(t.Context(), dir); got != (tree{}) {
		t.Errorf("no commit: got %+v", got)
	}
	write("one")
	git("add", "f")
	git("commit", "-q", "-m", "one")
	first := treeOf(t.Context(), dir)
	write("two")
	if got := treeOf(t.Context(), dir); len(first.commit) != 40 || !first.clean || got.commit != first.commit || got.clean {
		t.Errorf("got %+v, with a change %+v", first, got)
	}
	git("commit", "-q", "-a", "-m", "two")
	if got := treeOf(t.Context(), dir); got.commit == first.commit || !got.clean {
		t.Errorf("one commit later: got %+v, before %+v", got, first)
	}
}
