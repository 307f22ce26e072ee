package main

import (
	"fmt"

	"syncbox/firmware/internal/local"
	"syncbox/sync/engine"
)

const resyncArg = "1|2|go|cancel"

func resyncFlags(c *call) {
	c.flags.BoolVar(&c.now, "now", false, "at once, without counting first")
	c.flags.StringVar(&c.since, "since", "", "with 1: at once, and only what was changed in Outlook since a `day`, such as 2026-01-31")
}

// resync asks a job for a resync, or says what is to become of the one that was counted.
func resync(c *call) error {
	what := c.args[0]
	verb, known := local.Resyncs[what]
	level := verb == engine.Resync1 || verb == engine.Resync2
	switch {
	case !known:
		return fmt.Errorf("%w: a resync %q; want %s", errUsage, what, resyncArg)
	case c.now && !level:
		return fmt.Errorf("%w: -now goes with 1 and 2 only", errUsage)
	case c.since != "" && (verb != engine.Resync1 || c.now):
		return fmt.Errorf("%w: -since goes with 1 only, and without -now", errUsage)
	}
	client, p, err := c.ask()
	if err != nil {
		return err
	}
	name, said := "", "resync.asked"
	if c.now {
		name, said = "now", "resync.begun"
	}
	if c.since != "" {
		verb, name, said = engine.ResyncSince, c.since, "resync.begun"
	}
	if err := client.Do(c.ctx, c.job, verb, name); err != nil {
		return err
	}
	switch {
	case level:
		fmt.Fprintln(c.out, p.Text(said, map[string]string{"level": what}))
	case verb == engine.ResyncGo:
		fmt.Fprintln(c.out, p.Text("resync.going", nil))
	}
	if verb == engine.Resync2 {
		fmt.Fprintln(c.out, p.Text("resync.support", nil))
	}
	return nil
}
