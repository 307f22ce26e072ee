package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"syncbox/firmware/internal/fleet"
	"syncbox/firmware/internal/support/wire"
	"syncbox/ota/order"
)

// errand is what one or several boxes are to do.
type errand struct {
	op     order.Op
	role   order.Role
	args   json.RawMessage
	target *order.Target
	life   time.Duration // at most; 0 is order.MaxLife
	kept   bool          // it is what the box shall run from now on
	grave  bool          // it cannot be taken back: -yes alone does not do
	// show takes what came back; nil where nothing does. For programs it was printed with the acknowledgement.
	show func(box string, detail json.RawMessage) error
}

func sendFlags(c *call) {
	brokerFlags(c)
	signingFlags(c)
	waitFlag(c)
	c.flags.DurationVar(&c.valid, "valid", time.Hour, "how long the box may take to hear the order; a reboot and a reset at most 15 minutes")
}

func waitFlag(c *call) {
	c.flags.DurationVar(&c.wait, "wait", 2*time.Minute, "how long to wait for the last word of the box")
}

func yesFlag(c *call) { c.flags.BoolVar(&c.yes, "yes", false, "do not ask") }

func namesFlag(c *call) {
	c.flags.Var(&c.names, "box-name", "`name` of the box, given twice together with -yes, for what cannot be taken back")
}

func resendFlags(c *call) {
	namesFlag(c)
	c.flags.BoolVar(&c.kept, "keep", false, "the broker keeps it for the box, in the place of what the box shall run so far")
}

func dangerFlags(c *call) {
	yesFlag(c)
	c.flags.StringVar(&c.propose, "propose", "", "`file` for the order: it is not sent, a second person signs it first (cosign, send)")
}

// order has boxes do something: it asks, signs, sends, waits and tells.
func (c *call) order(boxes []string, e errand) error {
	for _, box := range boxes {
		if !wire.Plain(box) {
			return fmt.Errorf("%w: %q is no name of a box", errUsage, box)
		}
	}
	if c.propose != "" && len(boxes) > 1 {
		return fmt.Errorf("%w: -propose is for one box", errUsage)
	}
	key, fill := effectOf(order.Order{Op: e.op, Args: e.args, Target: e.target})
	if err := c.confirm(boxes, effect{key, fill, e.grave}); err != nil {
		return err
	}
	life := c.valid
	if e.life > 0 {
		life = min(life, e.life)
	}
	var orders []fleet.Order
	for _, box := range boxes {
		s, err := c.sign(order.Order{To: "box:" + box, Op: e.op, Role: e.role, Args: e.args, Target: e.target}, life)
		if err != nil {
			return err
		}
		if c.propose != "" {
			return c.proposed(s)
		}
		orders = append(orders, fleet.Order{Box: box, ID: s.ID, Envelope: s.envelope, Kept: e.kept})
	}
	return c.send(orders, e.show)
}

// effect is what is about to be done.
type effect struct {
	key   string   // of the words; "" for what need not be confirmed
	fill  []string // of the words
	grave bool     // it cannot be taken back: -yes alone does not do
}

// confirm says what is about to be done, and has the name typed of each box that it would be done to.
func (c *call) confirm(names []string, e effect) error {
	if e.key == "" {
		return nil
	}
	for _, name := range names {
		fmt.Fprintf(c.errw, "%s: %s\n", name, c.words.Text("boxctl."+e.key, pairs(e.fill)))
		switch {
		case c.yes && e.grave && !(len(c.names) == 2 && c.names[0] == name && c.names[1] == name):
			return fmt.Errorf("%w: -yes is not enough for this: give -box-name %s twice as well", errUsage, name)
		case c.yes:
			continue
		}
		fmt.Fprint(c.errw, c.words.Text("boxctl.confirm", map[string]string{"box": name}), " ")
		if c.line() != name {
			return errUnconfirmed
		}
	}
	return nil
}

// line gives the next line that somebody types; "" at the end.
func (c *call) line() string {
	if c.typing == nil {
		c.typing = bufio.NewReader(c.in)
	}
	text, _ := c.typing.ReadString('\n')
	return strings.TrimSpace(text)
}

// send gives orders to the broker and waits for the boxes.
func (c *call) send(orders []fleet.Order, show func(box string, detail json.RawMessage) error) error {
	d, err := c.dialer()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(c.ctx, c.wait)
	defer cancel()
	results, err := fleet.Send(ctx, d, orders, c.heard)
	if err != nil {
		return err
	}
	for _, r := range results {
		answered := show != nil && codeOf(r) == exitOK
		if !answered || c.json {
			c.outcome(r)
		}
		if answered {
			if err := show(r.Order.Box, r.Last.Detail); err != nil {
				return err
			}
		}
	}
	return together(results)
}

// dial connects to the broker.
func (c *call) dial() (*fleet.Line, error) {
	d, err := c.dialer()
	if err != nil {
		return nil, err
	}
	return d.Dial(c.ctx)
}
