package main

import (
	"encoding/json"
	"fmt"
	"time"

	"syncbox/connectors/record"
	"syncbox/firmware/internal/fleet"
	"syncbox/firmware/internal/support/wire"
	"syncbox/ota/order"
	"syncbox/sync/store"
)

func journalFlags(c *call) {
	jobFlag(c)
	c.flags.Uint64Var(&c.from, "from", 0, "`number` of the first event (default: the oldest there is)")
	c.flags.IntVar(&c.limit, "limit", 200, "how many events at most")
}

// showJournal shows the journal of a job, or without one that of the box, page by page: each is an order of its own.
func showJournal(c *call) error {
	left := c.limit
	for from, more := c.from, true; more && left > 0; {
		var page wire.Page
		read := func(box string, detail json.RawMessage) error {
			if err := json.Unmarshal(detail, &page); err != nil {
				return fmt.Errorf("journal of %s: %w", box, err)
			}
			for _, e := range page.Events {
				if !c.json {
					c.words.Event(c.out, eventOf(e))
				}
			}
			return nil
		}
		e := errand{op: order.Journal, role: order.Ops, show: read, args: args(map[string]any{"job": c.job, "from": from, "limit": left})}
		if err := c.order(c.args, e); err != nil {
			return err
		}
		if left -= len(page.Events); page.Next <= from || len(page.Events) == 0 {
			break // a box that goes in a circle is not followed
		}
		from, more = page.Next, page.More
	}
	return nil
}

// eventOf gives an event for a terminal.
func eventOf(e wire.PageEvent) store.Event {
	x := store.Event{Seq: e.Seq, At: time.Unix(e.At, 0), Severity: store.Severity(e.Severity), Code: fleet.Clean(e.Code),
		Direction: store.Direction(fleet.Clean(e.Direction)), Entity: record.Entity(fleet.Clean(e.Entity)),
		ERP: record.Key(fleet.Clean(e.ERP)), CRM: record.Key(fleet.Clean(e.CRM)), Args: map[string]string{}}
	for name, value := range e.Args {
		x.Args[fleet.Clean(name)] = fleet.Clean(value)
	}
	return x
}
