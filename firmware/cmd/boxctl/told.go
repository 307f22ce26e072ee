package main

import (
	"encoding/json"
	"fmt"

	"syncbox/firmware/internal/fleet"
	"syncbox/firmware/internal/support/wire"
)

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
