package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/google/renameio/v2"

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
	effect string        // key of what it does, for orders that must be confirmed; "" for none
	fill   []string      // of the text of effect
	grave  bool          // it cannot be taken back: -yes alone does not do
	// show takes what came back; nil where nothing does. For programs it was printed with the acknowledgement.
	show func(box string, detail json.RawMessage) error
}

func sendFlags(c *call) {
	brokerFlags(c)
	signingFlags(c)
	c.flags.DurationVar(&c.wait, "wait", 2*time.Minute, "how long to wait for the last word of the box")
	c.flags.DurationVar(&c.valid, "valid", time.Hour, "how long the box may take to hear the order; a reboot and a reset at most 15 minutes")
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
	if err := c.confirm(boxes, e); err != nil {
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

// proposed writes an order for the next one who signs.
func (c *call) proposed(s signed) error {
	if err := renameio.WriteFile(c.propose, append(s.envelope, '\n'), 0o644); err != nil {
		return err
	}
	c.say("proposed", "file", c.propose, "id", s.ID, "until", c.words.Time(time.Unix(s.Expires, 0)))
	return nil
}

// confirm says what is about to be done, and has the name typed of each box that it would be done to.
func (c *call) confirm(names []string, e errand) error {
	if e.effect == "" {
		return nil
	}
	for _, name := range names {
		fmt.Fprintf(c.errw, "%s: %s\n", name, c.words.Text("boxctl."+e.effect, pairs(e.fill)))
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

// heard tells what a box says on the way.
func (c *call) heard(box string, a wire.Ack) {
	if c.json {
		c.object(struct {
			Box string `json:"box"`
			wire.Ack
		}{box, a})
		return
	}
	if a.Phase.Final() {
		return // the outcome comes
	}
	fmt.Fprintln(c.errw, c.words.Text("boxctl.on-the-way", map[string]string{"box": box, "phase": c.phase(a)}))
}

// phase says how far an order is, with its code in words.
func (c *call) phase(a wire.Ack) string {
	text := fleet.Clean(string(a.Phase))
	if key := "support.phase-" + string(a.Phase); c.words.Has(key) {
		text = c.words.Text(key, nil)
	}
	if a.Done > 0 && !a.Phase.Final() {
		text += fmt.Sprintf(" (%d %%)", a.Done)
	}
	if a.Code == "" {
		return text
	}
	return text + " [" + fleet.Clean(a.Code) + "] " + c.cause(a)
}

// cause says what a code means, in the words of whoever reads; the box's own where this program is older.
func (c *call) cause(a wire.Ack) string {
	for _, code := range []string{"order-" + a.Code, a.Code} {
		if !c.words.Has("code." + code) {
			continue
		}
		text := c.words.Text("code."+code, nil)
		if c.words.Has("do." + code) {
			text += " " + c.words.Text("do."+code, nil)
		}
		return text
	}
	return fleet.Clean(a.Explain)
}

// outcome tells how it ended with one box, and what can be done where that is not known.
func (c *call) outcome(r fleet.Result) {
	if c.json {
		c.object(map[string]any{"box": r.Order.Box, "id": r.Order.ID, "exit": codeOf(r)})
		return
	}
	switch {
	case r.Ended():
		c.say("outcome", "box", r.Order.Box, "phase", c.phase(*r.Last))
	case !r.Given:
		c.say("not-given", "box", r.Order.Box)
	case r.Last == nil:
		c.say("no-answer", "box", r.Order.Box, "id", r.Order.ID)
	default:
		c.say("no-end", "box", r.Order.Box, "id", r.Order.ID, "phase", c.phase(*r.Last))
	}
}

// object prints one line for programs.
func (c *call) object(v any) {
	b, err := json.Marshal(v)
	if err != nil {
		b = []byte(`{}`) // what a box says is JSON, or it would not have been read
	}
	fmt.Fprintf(c.out, "%s\n", b)
}

// cosign shows a proposed order, asks, and adds signatures.
func cosign(c *call) error {
	envelope, o, err := orderIn(c.args[0])
	if err != nil {
		return err
	}
	_, name, _ := strings.Cut(o.To, ":")
	c.tellOrder(o)
	if err := c.confirm([]string{name}, errand{effect: "effect-cosign", grave: o.Role == order.Danger}); err != nil {
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

// tellOrder shows an order to somebody who is about to sign or send it.
func (c *call) tellOrder(o order.Order) {
	_, name, _ := strings.Cut(o.To, ":")
	fmt.Fprintf(c.errw, "%s: %s %s\n", fleet.Clean(name), fleet.Clean(string(o.Op)), fleet.Clean(string(o.Args)))
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
	if err := c.confirm([]string{name}, errand{effect: "effect-send", grave: o.Role == order.Danger}); err != nil {
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

// dial connects to the broker.
func (c *call) dial() (*fleet.Line, error) {
	d, err := c.dialer()
	if err != nil {
		return nil, err
	}
	return d.Dial(c.ctx)
}
