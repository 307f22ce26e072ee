package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"syncbox/ota/bundle"
	"syncbox/ota/release"
)

// initialise makes an empty repository.
func initialise(c *call) error {
	keys, err := c.readKeys()
	if err != nil {
		return err
	}
	repo, err := release.Init(c.repo, keys, c.now)
	if err == nil {
		c.say("init-done", "file", repo.RootFile())
	}
	return err
}

// slotManifest is what the manifest beside an image says of its slot.
type slotManifest struct {
	Version string
	Slot    struct {
		Name   string
		SHA256 bundle.Digest
	}
	Root *struct {
		SHA256 bundle.Digest
	}
	Files []struct{ Name, Sum string } `json:"slot_files"`
}

func publishFlags(c *call) {
	c.flags.StringVar(&c.manifest, "manifest", "", "`file` that make image wrote beside the image")
	c.flags.StringVar(&c.image, "image", "", "`file` of the slot image (default: beside the manifest)")
	c.flags.StringVar(&c.board, "board", "arm64", "`name` of the boards that the image boots")
	c.flags.StringVar(&c.floor, "floor", "", "the oldest `version` that a box takes once it has run this one for a day (default: 0.0.0)")
	c.flags.StringVar(&c.notesFR, "notes-fr", "", "`file` that says in French what is new")
	c.flags.StringVar(&c.notesEN, "notes-en", "", "`file` that says in English what is new")
	c.flags.DurationVar(&c.settle, "settle", time.Minute, "how long the new system must run without a fault")
	c.flags.DurationVar(&c.network, "network", 30*time.Minute, "how long the new system may do without what it reached before")
	c.flags.BoolVar(&c.factory, "factory", false, "boxes leave the factory with it")
}

// publish adds a release.
func publish(c *call) error {
	repo, keys, err := c.open()
	if err != nil {
		return err
	}
	rel, err := c.release(repo)
	if err != nil {
		return err
	}
	names, err := repo.Publish(c.ctx, rel, keys, c.now)
	if err != nil {
		return err
	}
	for _, p := range names {
		fmt.Fprintln(c.out, p)
	}
	return nil
}

// release makes a release of the flags and of the image's manifest.
func (c *call) release(repo *release.Repo) (rel release.Release, err error) {
	m, err := readManifest(c.manifest)
	if err != nil {
		return rel, err
	}
	rel = release.Release{
		Board: c.board, Image: c.image, Sums: map[string]string{}, Notes: map[string]string{}, Factory: c.factory,
		Trial: bundle.Trial{Settle: int(c.settle / time.Second), Network: int(c.network / time.Second)},
	}
	if rel.Image == "" {
		rel.Image = filepath.Join(filepath.Dir(c.manifest), m.Slot.Name)
	}
	if rel.Version, err = bundle.ParseVersion(m.Version); err != nil {
		return rel, fmt.Errorf("read %s: %w", c.manifest, err)
	}
	if c.floor != "" {
		if rel.Floor, err = bundle.ParseVersion(c.floor); err != nil {
			return rel, err
		}
	}
	for language, path := range map[string]string{"fr": c.notesFR, "en": c.notesEN} {
		text, err := note(path)
		if err != nil {
			return rel, err
		}
		if text != "" {
			rel.Notes[language] = text
		}
	}
	for _, f := range m.Files {
		rel.Sums[f.Name] = f.Sum
	}
	rel.SHA256 = m.Slot.SHA256
	if m.Root == nil || !repo.HasRoot(m.Root.SHA256) {
		return rel, fmt.Errorf("%w: %s", errForeignRoot, c.manifest)
	}
	return rel, nil
}

// errForeignRoot: boxes would take this release, and never another one.
var errForeignRoot = errors.New("the image was not built with a root of this repository (make image ROOT=...)")

func readManifest(path string) (m slotManifest, err error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(b, &m); err != nil {
		return m, fmt.Errorf("read %s: %w", path, err)
	}
	return m, nil
}

func allFlag(c *call) {
	c.flags.BoolVar(&c.all, "all", false, "renew targets and root as well")
}

// refresh renews what expires soon; with -all, everything.
func refresh(c *call) error {
	repo, keys, err := c.open()
	if err != nil {
		return err
	}
	if c.all {
		err = repo.Renew(keys, c.now)
	} else {
		err = repo.Refresh(keys, c.now)
	}
	if err != nil {
		return err
	}
	c.standings(repo)
	return nil
}

func rotateFlags(c *call) {
	c.flags.Var(&c.remove, "remove", "`name` of a key that counts no more, such as root-1a2b3c4d; may be given several times")
	c.flags.Var(&c.add, "add", "`file` of a new key, its public half is enough; may be given several times")
}

// rotate replaces keys.
func rotate(c *call) error {
	if len(c.remove) == 0 && len(c.add) == 0 {
		return fmt.Errorf("%w: -remove or -add is needed", errUsage)
	}
	repo, keys, err := c.open()
	if err != nil {
		return err
	}
	what := release.Rotation{Remove: c.remove}
	passphrases, err := c.readPassphrases()
	if err != nil {
		return err
	}
	for _, path := range c.add {
		k, err := release.ReadKey(passphrases, path)
		if err != nil {
			return err
		}
		what.Add = append(what.Add, k)
	}
	if err := repo.Rotate(what, append(keys, what.Add...), c.now); err != nil {
		return err
	}
	c.say("rotate-done", "file", repo.RootFile())
	c.standings(repo)
	return nil
}

// check says when what is signed expires, and reads all files.
func check(c *call) error {
	repo, err := release.Open(c.repo)
	if err != nil { // what can't be read is wrong
		return fmt.Errorf("%w: %w", errTrouble, err)
	}
	due := c.standings(repo)
	if err := repo.CheckFiles(); err != nil {
		return fmt.Errorf("%w: %w", errTrouble, err)
	}
	if due {
		return fmt.Errorf("%w: a role expires soon", errTrouble)
	}
	c.say("check-fine")
	return nil
}

// standings prints one line for each role, and says whether one is due.
func (c *call) standings(repo *release.Repo) (due bool) {
	for _, s := range repo.Standings(c.now) {
		key := "standing"
		if s.Due {
			key, due = "standing-due", true
		}
		c.say(key, "role", string(s.Role), "version", strconv.FormatInt(s.Version, 10), "until", c.words.Time(s.Expires))
	}
	return due
}
