package main

import (
	"crypto/rand"
	"fmt"
	"path/filepath"
	"time"

	"github.com/google/renameio/v2"

	"syncbox/firmware/internal/stick"
	"syncbox/ota/bundle"
	"syncbox/ota/release"
)

func wishFlags(c *call) {
	c.flags.StringVar(&c.to, "to", "", "`box:NAME` or grp:NAME")
	c.flags.StringVar(&c.version, "version", "", "the `release` that is to run")
	targetFlags(c)
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

// onStick writes the release and, last, the order for it beside the folders of the repository.
func (c *call) onStick(repo *release.Repo, version bundle.Version, envelope []byte) error {
	if err := repo.CopyRelease(c.stick, version, c.board); err != nil {
		return err
	}
	return writeSynced(filepath.Join(c.stick, stick.WishName), envelope)
}
