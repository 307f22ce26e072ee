package main

import (
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/google/renameio/v2"

	"syncbox/ota/bundle"
	"syncbox/ota/release"
)

// wishFile is the signed order on a USB stick, beside the folders of the repository.
const wishFile = "syncbox-wish.json"

func wishFlags(c *call) {
	c.flags.StringVar(&c.to, "to", "", "`box:NAME` or grp:NAME")
	c.flags.StringVar(&c.version, "version", "", "the `release` that is to run")
	c.flags.StringVar(&c.board, "board", "arm64", "`name` of the boards that the release boots")
	c.flags.BoolVar(&c.at, "now", false, "outside of the allowed hours as well")
	c.flags.DurationVar(&c.spread, "spread", 0, "the boxes of a group begin within this time")
	c.flags.DurationVar(&c.valid, "valid", 7*24*time.Hour, "how long boxes follow it, at most a week")
	c.flags.StringVar(&c.into, "out", "", "`file` for the order (default: standard output)")
	c.flags.StringVar(&c.stick, "stick", "", "`folder`, a USB stick, for the order with all that the release needs")
}

// signWish signs what a box is to run.
func signWish(c *call, downgrade bool) error {
	version, err := bundle.ParseVersion(c.version)
	if err != nil {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	if c.into != "" && c.stick != "" {
		return fmt.Errorf("%w: -out or -stick", errUsage)
	}
	repo, keys, err := c.open()
	if err != nil {
		return err
	}
	envelope, err := repo.Wish(release.Wish{
		To: c.to, Version: version, Board: c.board, Now: c.at, Spread: c.spread, Valid: c.valid, Downgrade: downgrade,
	}, keys, c.now, rand.Reader)
	if err != nil {
		return err
	}
	envelope = append(envelope, '\n')
	switch {
	case c.stick != "":
		err = c.onStick(repo, version, envelope)
	case c.into != "":
		err = renameio.WriteFile(c.into, envelope, 0o644)
	default:
		_, err = c.out.Write(envelope)
		return err
	}
	if err == nil {
		c.say("wish-done", "to", c.to, "version", c.version, "until", c.words.Time(c.now.Add(c.valid)))
	}
	return err
}

// onStick writes the release and, last, the order for it.
func (c *call) onStick(repo *release.Repo, version bundle.Version, envelope []byte) error {
	if err := repo.CopyRelease(c.stick, version, c.board); err != nil {
		return err
	}
	f, err := os.Create(filepath.Join(c.stick, wishFile))
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.Write(envelope); err != nil {
		return err
	}
	return f.Sync()
}
