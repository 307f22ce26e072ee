package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	products "syncbox/connectors/pairs"
	"syncbox/firmware/internal/fleet"
	"syncbox/firmware/internal/support/wire"
)

func quietFlag(c *call) {
	c.flags.DurationVar(&c.quiet, "quiet", 2*time.Second, "without a word of the broker: then it has told all that it keeps")
}

// boxLine is a box as programs read it.
type boxLine struct {
	Box string `json:"box"`
	wire.Status
	Heard int64  `json:"heard"` // Unix seconds, by the clock of this machine
	Bad   string `json:"bad,omitempty"`
}

func lineOf(b fleet.Box) boxLine {
	l := boxLine{Box: b.Name, Status: b.Status, Heard: b.Heard.Unix()}
	if b.Bad != nil {
		l.Bad = b.Bad.Error()
	}
	return l
}

// roster hears what the broker keeps of boxes.
func (c *call) roster(filter string) (*fleet.Roster, error) {
	l, err := c.dial()
	if err != nil {
		return nil, err
	}
	defer l.Close()
	if err := l.Subscribe(c.ctx, filter); err != nil {
		return nil, err
	}
	boxes := fleet.NewRoster()
	err = l.Settle(c.ctx, c.quiet, func(h fleet.Heard) { boxes.Take(h, time.Now()) })
	return boxes, err
}

// listBoxes shows all boxes.
func listBoxes(c *call) error {
	boxes, err := c.roster(fleet.AllStatus)
	if err != nil {
		return err
	}
	all := boxes.All()
	if c.json {
		for _, b := range all {
			c.object(lineOf(b))
		}
		return nil
	}
	if len(all) == 0 {
		return fleet.ErrNobody
	}
	c.table(c.out, all)
	return nil
}

// table prints boxes, one on each line.
func (c *call) table(to io.Writer, all []fleet.Box) {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, strings.ReplaceAll(c.words.Text("boxctl.list-head", nil), " | ", "\t"))
	for _, b := range all {
		s := b.Status
		problems := fleet.Clean(strings.Join(s.Codes, " "))
		if b.Bad != nil {
			problems = c.words.Text("boxctl.bad-status", nil)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", b.Name, c.state(s.State), dash(s.FW), dash(s.Slot), c.stamp(s.TS), problems)
	}
	w.Flush()
}

func dash(s string) string {
	if s == "" {
		return "–"
	}
	return fleet.Clean(s)
}

func (c *call) state(s wire.State) string {
	if key := "boxctl.state-" + string(s); c.words.Has(key) {
		return c.words.Text(key, nil)
	}
	return dash(string(s))
}

// stamp shows a time that a box tells.
func (c *call) stamp(seconds int64) string {
	if seconds <= 0 {
		return "–"
	}
	return c.words.Time(time.Unix(seconds, 0))
}

// showBox shows all that is known of a box.
func showBox(c *call) error {
	name := c.args[0]
	if !wire.Plain(name) {
		return fmt.Errorf("%w: %q is no name of a box", errUsage, name)
	}
	boxes, err := c.roster(wire.StatusTopic(name))
	if err != nil {
		return err
	}
	b, known := boxes.Box(name)
	switch {
	case !known:
		c.say("unknown-box", "box", name)
		return ended(exitNoAnswer)
	case c.json:
		c.object(lineOf(b))
		return nil
	}
	s := b.Status
	c.say("show", "box", name, "state", c.state(s.State), "version", dash(s.FW), "slot", dash(s.Slot), "session", fmt.Sprint(s.Session),
		"config", dash(s.Cfg), "up", (time.Duration(s.Up) * time.Second).String(), "told", c.stamp(s.TS))
	if b.Bad != nil {
		c.say("bad-last", "why", fleet.Clean(b.Bad.Error()))
	}
	for _, code := range s.Codes {
		fmt.Fprintf(c.out, "  [%s] %s\n", fleet.Clean(code), c.cause(wire.Ack{Code: code}))
	}
	return nil
}

// showDiagnosis prints a diagnosis, what is worth a sentence in words and the rest as it came.
func (c *call) showDiagnosis(box string, detail json.RawMessage) error {
	if c.json {
		return nil
	}
	var d wire.Diagnosis
	if err := json.Unmarshal(detail, &d); err != nil {
		return fmt.Errorf("diagnosis of %s: %w", box, err)
	}
	c.say("diag", "version", dash(d.FW), "slot", dash(d.Slot), "board", dash(d.Board), "up", (time.Duration(d.Up) * time.Second).String(),
		"rss", fmt.Sprint(d.RSS), "free", fmt.Sprint(d.Free), "all", fmt.Sprint(d.Total))
	for _, code := range d.Codes {
		fmt.Fprintf(c.out, "  [%s] %s\n", fleet.Clean(code), c.cause(wire.Ack{Code: code}))
	}
	for _, j := range d.Jobs {
		waiting := 0
		for _, n := range j.Waiting {
			waiting += n
		}
		of := *c
		of.words = c.words.Of(products.Names(j.Pair))
		of.say("diag-job", "job", fmt.Sprint(j.N), "service", dash(j.Service), "down", dash(j.Down), "count", fmt.Sprint(waiting),
			"crm", dash(strings.TrimSpace(j.ToCRM.Outcome+" "+j.ToCRM.Code)), "erp", dash(strings.TrimSpace(j.ToERP.Outcome+" "+j.ToERP.Code)), "ended", c.stamp(j.LastEnd))
	}
	for _, h := range d.Journal {
		fmt.Fprintf(c.out, "  %s %s\n", c.stamp(h.At), fleet.Clean(h.Code))
	}
	return nil
}
