package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/support"
	"syncbox/ota/order"
)

// simple gives a command that sends an order without arguments.
func simple(e errand) func(*call) error {
	if e.role == "" {
		e.role = order.Ops
	}
	return func(c *call) error { return c.order(c.args, e) }
}

func jobFlag(c *call) { c.flags.StringVar(&c.job, "job", "", "`name` of one job (default: all)") }

// ofJob gives a command about a job, or all of a box.
func ofJob(op order.Op) func(*call) error {
	return func(c *call) error {
		return c.order(c.args, errand{op: op, role: order.Ops, args: args(map[string]string{"job": c.job})})
	}
}

func levelFlag(values string) func(*call) {
	return func(c *call) { c.flags.StringVar(&c.level, "level", "", values) }
}

// resync has both sides compared as a whole; with level 2 the map is made anew.
func resync(c *call) error {
	e := errand{op: order.Resync, role: order.Ops}
	switch c.level {
	case "1":
	case "2":
		e.role = order.Danger
	default:
		return fmt.Errorf("%w: -level 1 or 2", errUsage)
	}
	e.args = args(map[string]any{"level": json.Number(c.level), "job": c.job})
	return c.order(c.args, e)
}

func resetFlags(c *call) {
	levelFlag("app, network or full")(c)
	namesFlag(c)
}

func reset(c *call) error {
	if !slices.Contains([]string{"app", "network", "full"}, c.level) {
		return fmt.Errorf("%w: -level app, network or full", errUsage)
	}
	e := errand{op: order.Reset, role: order.Ops, life: order.ShortLife, args: args(map[string]string{"level": c.level})}
	if c.level == "full" {
		e.role, e.grave = order.Danger, true
		if len(c.args) > 1 {
			return fmt.Errorf("%w: a full reset is for one box at a time", errUsage)
		}
	}
	return c.order(c.args, e)
}

// setValues changes settings of a box. Those that say where the customer's data go need two keys.
func setValues(c *call) error {
	type value struct {
		Key   string `json:"key"`
		Value string `json:"value"`
	}
	var set []value
	for _, text := range c.args[1:] {
		key, v, ok := strings.Cut(text, "=")
		known, secret := config.Known(key)
		switch {
		case !ok:
			return fmt.Errorf("%w: %q, want KEY=VALUE", errUsage, text)
		case secret:
			return fmt.Errorf("%w: %s is a secret: the broker could read it; it is entered at the box", errUsage, key)
		case !known:
			return fmt.Errorf("%w: no setting %q that can be changed", errUsage, key)
		}
		if _, err := config.Parse(key, v); err != nil {
			return fmt.Errorf("%w: %w", errUsage, err)
		}
		set = append(set, value{key, v})
	}
	e := errand{op: order.Config, role: order.Ops, args: args(map[string]any{"set": set})}
	if support.MovesData(e.args) {
		e.role = order.Danger
	}
	return c.order(c.args[:1], e)
}

func idFlag(c *call) {
	c.flags.StringVar(&c.id, "id", "", "`id` of an order (default: what the box is to install)")
}

// cancel takes back an order that has not begun, or what is to be installed.
func cancel(c *call) error {
	return c.order(c.args, errand{op: order.Cancel, role: order.Ops, args: args(map[string]string{"id": c.id})})
}

// diag shows a diagnosis.
func diag(c *call) error {
	return c.order(c.args, errand{op: order.Diag, role: order.Ops, show: c.showDiagnosis})
}
