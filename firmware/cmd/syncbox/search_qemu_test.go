package main

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"syncbox/image/disk"
)

// planted is what must not come out of the box.
type planted struct {
	secrets []string // nowhere but in the file of the secrets
	private []string // of customers: not on the console
	erased  bool     // the secrets are nowhere any more
}

// forms gives a secret as it may be written: as it is, as a mount option, as a text in a file.
func forms(secret string) []string {
	quoted := fmt.Sprintf("%q", secret)
	return []string{secret, strings.ReplaceAll(secret, ",", ",,"), quoted[1 : len(quoted)-1]}
}

// hide gives a text that is for everybody without what must not stand there, and tells whether it did.
func (p planted) hide(text string) (hidden string, found bool) {
	for _, s := range slices.Concat(p.secrets, p.private) {
		for _, form := range forms(s) {
			if strings.Contains(text, form) {
				text, found = strings.ReplaceAll(text, form, "[SECRET]"), true
			}
		}
	}
	return text, found
}

// powerOff pulls the plug, and looks through everything that the box wrote. It may be called twice.
func (b *device) powerOff() {
	if b.Machine == nil {
		return
	}
	b.Unplug()
	text := b.Console()
	b.Machine = nil
	if len(b.kept.secrets) == 0 {
		b.t.Error("nothing was planted: no secret could have been seen")
	}
	if !strings.Contains(text, "level=INFO msg=board") {
		b.t.Error("the console has nothing of the box: no secret could have been seen")
	}
	if n := strings.Count(text, bootLoader); n != b.starts {
		b.t.Errorf("the box started %d times, want %d", n, b.starts)
	}
	text, found := b.kept.hide(text)
	if found {
		b.t.Error("a secret, or a customer, stands on the console")
	}
	if b.t.Failed() {
		b.t.Logf("console:\n%s", text)
	}
	if !b.unreadable {
		b.search()
	}
}

const secretsFile = "secrets.toml"

// search looks for secrets in every file of the data partition. They must be found where they belong, or the search is
// none.
func (b *device) search() {
	b.t.Helper()
	files := b.files()
	hits := 0
	for name, content := range files {
		for _, s := range b.kept.secrets {
			for _, form := range forms(s) {
				switch found := strings.Contains(content, form); {
				case found && name == secretsFile:
					hits++
				case found:
					b.t.Errorf("a secret stands in %s", name)
				}
			}
		}
	}
	if want := len(b.kept.secrets) > 0 && !b.kept.erased; (hits > 0) != want {
		b.t.Errorf("%d secrets found where they belong, in %d files; want some: %t", hits, len(files), want)
	}
	if len(files) == 0 {
		b.t.Error("nothing was found on the data partition")
	}
}

// partition copies the data partition of a box that is off.
func (b *device) partition() (path string) {
	b.t.Helper()
	card, err := os.Open(b.card)
	b.no(err)
	defer card.Close()
	path = filepath.Join(b.t.TempDir(), "data")
	partition, err := os.Create(path)
	b.no(err)
	_, err = io.Copy(partition, io.NewSectionReader(card, disk.DataOffset, dataSize))
	b.no(err)
	b.no(partition.Close())
	return path
}

// files reads all of the data partition of a box that is off, by path. The journal of the file system is played back
// first, as the box does at its next start.
func (b *device) files() map[string]string {
	b.t.Helper()
	image, tree := b.partition(), b.t.TempDir()
	if out, err := exec.Command("e2fsck", "-y", "-E", "journal_only", image).CombinedOutput(); err != nil {
		b.t.Logf("play the journal back: %v: %s", err, out) // 1: it did something
	}
	if out, err := exec.Command("debugfs", "-R", "rdump / "+tree, image).CombinedOutput(); err != nil {
		b.t.Fatalf("read the data partition: %v: %s", err, out)
	}
	all := map[string]string{}
	b.no(fs.WalkDir(os.DirFS(tree), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(filepath.Join(tree, path))
		all[path] = string(content)
		return err
	}))
	return all
}
