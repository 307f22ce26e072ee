package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/google/renameio/v2"

	"syncbox/firmware/internal/fleet"
	"syncbox/firmware/internal/support/wire"
	"syncbox/ota/order"
)

// proposed writes an order for the next one who signs.
func (c *call) proposed(s signed) error {
	if err := renameio.WriteFile(c.propose, append(s.envelope, '\n'), 0o644); err != nil {
		return err
	}
	c.say("proposed", "file", c.propose, "id", s.ID, "until", c.words.Time(time.Unix(s.Expires, 0)))
	return nil
}

// cosign shows a proposed order, asks, and adds signatures.
func cosign(c *call) error {
	envelope, o, err := orderIn(c.args[0])
	if err != nil {
		return err
	}
	_, name, _ := strings.Cut(o.To, ":")
	c.tellOrder(o)
	if err := c.confirm([]string{name}, effect{key: "effect-cosign", grave: o.Role == order.Danger}); err != nil {
		return err
	}
	ring, err := c.ring()
	if err != nil {
		return err
	}
	signers, err := c.signers(o.Role, ring)
	if err != nil {
		return err
	}
	if envelope, err = order.Cosign(c.ctx, envelope, signers...); err != nil {
		return err
	}
	if err := c.check(o, envelope, ring); err != nil {
		return err
	}
	if err := renameio.WriteFile(c.args[0], append(envelope, '\n'), 0o644); err != nil {
		return err
	}
	c.say("cosigned", "file", c.args[0])
	return nil
}

// tellOrder shows an order, and what it does, to somebody who is about to sign or send it.
func (c *call) tellOrder(o order.Order) {
	_, name, _ := strings.Cut(o.To, ":")
	fmt.Fprintf(c.errw, "%s: %s %s\n", fleet.Clean(name), fleet.Clean(string(o.Op)), fleet.Clean(string(o.Args)))
	if key, fill := effectOf(o); key != "" {
		fmt.Fprintf(c.errw, "%s: %s\n", fleet.Clean(name), c.words.Text("boxctl."+key, pairs(fill)))
	}
	fmt.Fprintln(c.errw, c.words.Text("boxctl.order-until", map[string]string{"id": o.ID, "until": c.words.Time(time.Unix(o.Expires, 0))}))
}

// orderIn reads a signed order of a file.
func orderIn(path string) ([]byte, order.Order, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, order.Order{}, err
	}
	b = []byte(strings.TrimSpace(string(b)))
	o, err := order.Peek(b)
	if err != nil {
		return nil, o, fmt.Errorf("read %s: %w", path, err)
	}
	return b, o, nil
}

// sendFile sends an order that is signed already: one that two people have signed, a wish, or one once more.
func sendFile(c *call) error {
	envelope, o, err := orderIn(c.args[0])
	if err != nil {
		return err
	}
	ring, err := c.ring()
	if err != nil {
		return err
	}
	if err := c.check(o, envelope, ring); err != nil {
		return err
	}
	kind, name, _ := strings.Cut(o.To, ":")
	c.tellOrder(o)
	if err := c.confirm([]string{name}, effect{key: "effect-send", grave: o.Role == order.Danger}); err != nil {
		return err
	}
	if kind == "box" {
		return c.send([]fleet.Order{{Box: name, ID: o.ID, Envelope: envelope, Kept: o.Op == order.Desired && c.kept}}, nil)
	}
	return c.toGroup(name, envelope)
}

// toGroup has the broker keep an order for a group. Nobody waits for the boxes.
func (c *call) toGroup(group string, envelope []byte) error {
	l, err := c.dial()
	if err != nil {
		return err
	}
	defer l.Close()
	if err := l.Publish(c.ctx, wire.FleetTopic(group), true, envelope); err != nil {
		return err
	}
	c.say("given", "to", group)
	return nil
}
