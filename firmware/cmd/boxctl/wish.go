package main

import (
	"fmt"
	"path/filepath"
	"time"

	"github.com/google/renameio/v2"

	"syncbox/firmware/internal/stick"
	"syncbox/ota/bundle"
	"syncbox/ota/order"
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
	if c.into != "" && c.stick != "" {
		return fmt.Errorf("%w: -out or -stick", errUsage)
	}
	target, err := c.target(c.version)
	if err != nil {
		return err
	}
	o := order.Order{To: c.to, Op: order.Desired, Role: order.Fleet, Target: target}
	if downgrade {
		o.Op, o.Role = order.Downgrade, order.Danger
	}
	s, err := c.sign(o, c.valid)
	if err != nil {
		return err
	}
	envelope := append(s.envelope, '\n')
	switch {
	case c.stick != "":
		err = c.onStick(target.Version, envelope)
	case c.into != "":
		err = renameio.WriteFile(c.into, envelope, 0o644)
	default:
		_, err = c.out.Write(envelope)
		return err
	}
	if err == nil {
		c.say("wish-done", "to", c.to, "version", c.version, "until", c.words.Time(time.Unix(s.Expires, 0)))
	}
	return err
}

// onStick writes the release and, last, the order for it beside the folders of the repository.
func (c *call) onStick(version bundle.Version, envelope []byte) error {
	repo, err := release.Open(c.repo)
	if err != nil {
		return err
	}
	if err := repo.CopyRelease(c.stick, version, c.board); err != nil {
		return err
	}
	return writeSynced(filepath.Join(c.stick, stick.WishName), envelope)
}
