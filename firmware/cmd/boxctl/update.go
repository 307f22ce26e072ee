package main

import (
	"encoding/json"
	"fmt"
	"os"
	"time"

	"syncbox/firmware/internal/support/wire"
	"syncbox/ota/bundle"
	"syncbox/ota/fetch"
	"syncbox/ota/order"
	"syncbox/ota/trust"
)

func targetFlags(c *call) {
	c.flags.StringVar(&c.board, "board", "arm64", "`name` of the boards that the release boots")
	c.flags.BoolVar(&c.at, "now", false, "outside of the allowed hours as well")
	c.flags.DurationVar(&c.spread, "spread", 0, "boxes begin within this time")
}

func updateFlags(c *call) {
	targetFlags(c)
	c.flags.Var(&c.groups, "group", "`name` of a group that the box is in from now on, in the place of those before; at most two")
	c.flags.BoolVar(&c.noGroup, "no-group", false, "the box is in no group any more")
	c.flags.IntVar(&c.reconnect, "reconnect-spread", -1, "over how many `seconds` the fleet comes back after the broker was away")
}

// target looks a release up in the repository, as a box would.
func (c *call) target(text string) (*order.Target, error) {
	version, err := bundle.ParseVersion(text)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errUsage, err)
	}
	if c.repo == "" {
		return nil, fmt.Errorf("%w: -repo is needed, or repo in the settings", errUsage)
	}
	root, err := c.readRoot()
	if err != nil {
		return nil, err
	}
	files := fetch.Folder{FS: os.DirFS(c.repo)}
	_, targets, err := trust.Anchor{Root: root}.Refresh(c.ctx, files, trust.State{}, trust.Versions{}, trust.Clock{Now: time.Now(), Trusted: true})
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", c.repo, err)
	}
	full, ok := targets.Full(version, c.board)
	if !ok {
		return nil, fmt.Errorf("no release %s for %s in %s", version, c.board, c.repo)
	}
	return order.NewTarget(version, c.board, full.To, c.at, c.spread), nil
}

// update has a box run a release. With groups, it is what the broker keeps for the box.
func update(c *call) error {
	target, err := c.target(c.args[1])
	if err != nil {
		return err
	}
	e := errand{op: order.Desired, role: order.Fleet, target: target}
	if len(c.groups) > 0 || c.noGroup || c.reconnect >= 0 {
		if e.args, err = c.placed(*target); err != nil {
			return err
		}
		e.target, e.kept = nil, true
	}
	return c.order(c.args[:1], e)
}

// placed gives the arguments of a wish that says what groups the box is in.
func (c *call) placed(t order.Target) (json.RawMessage, error) {
	if len(c.groups) > 2 || c.noGroup == (len(c.groups) > 0) {
		return nil, fmt.Errorf("%w: -group once or twice, or -no-group", errUsage)
	}
	for _, g := range c.groups {
		if !wire.Plain(g) {
			return nil, fmt.Errorf("%w: %q is no name of a group", errUsage, g)
		}
	}
	more := struct {
		order.Target
		Groups    []string `json:"groups"`
		Reconnect *int     `json:"reconnect_spread_s,omitempty"`
	}{Target: t, Groups: append([]string{}, c.groups...)}
	if c.reconnect >= 0 {
		more.Reconnect = &c.reconnect
	}
	return args(more), nil
}
