package acomba

import (
	"context"
	"strconv"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// waiting is how many changes may wait for a commit.
const waiting = 5000

// Observe looks at the whole folder. Besides the errors of the share it gives:
//
//   - Unavailable company-folder-missing, company-folder-empty: nothing counts as deleted
//   - Busy company-exclusive: nothing was read
//   - Drift layout-unknown, layout-reverify, layout-probe-failed, encoding-unknown: nothing was told
//   - Hold folder-rolled-back, at every look until Accept
//
// A single file that is missing, busy, cut or growing is no error: o.Skip names the entities that need it.
func (c *Company) Observe(ctx context.Context, o connectors.Observation) error {
	err := c.observe(ctx, o)
	c.begin(err)
	c.blocked = nil
	if kind := connectors.KindOf(err); kind == connectors.Drift || kind == connectors.Hold {
		c.blocked = err
	}
	if err == nil {
		c.accept = false
	}
	return err
}

func (c *Company) observe(ctx context.Context, o connectors.Observation) error {
	c.numbers, c.probed = nil, false
	f, l, version, err := c.visit(ctx)
	if err != nil {
		return reverify(o, err)
	}
	if err := c.choosePage(ctx, f, l); err != nil {
		return err
	}
	c.version = version
	if signs := o.Mark(markOlder); len(signs) > 0 && !c.accept {
		return olderCopy(string(signs))
	}
	look := newLook(c, f, o)
	c.unjudged = look.full
	if err := look.first(ctx); err != nil {
		return err
	}
	if c.changedPage(look.run.Vote(), l) {
		look = newLook(c, f, o)
		if err := look.first(ctx); err != nil {
			return err
		}
	}
	if err := look.judge(); err != nil {
		return err
	}
	c.unjudged = false
	customers := look.tracked(fileCustomer)
	c.probed = customers != nil && !customers.out
	if err := look.vanished(); err != nil {
		return err
	}
	if err := look.settle(ctx); err != nil {
		return err
	}
	return look.finish(ctx)
}

// restless notes in the log when a file has had cards that could not be read for three looks in a row.
func (c *Company) restless(t *tracked) {
	blocks := len(t.scan.Suspects())
	if blocks == 0 {
		delete(c.moving, t.file.Name)
		return
	}
	if c.moving[t.file.Name]++; c.moving[t.file.Name] == 3 {
		c.log.Warn("cards locked or being written for three looks", "file", t.file.Path, "blocks", blocks)
	}
}

// patience gives the quiet time and the number of rounds.
func (c *Company) patience() (quiet time.Duration, rounds int) {
	quiet, rounds = c.cfg.Quiet, c.cfg.Rounds
	if quiet == 0 {
		quiet = c.layout.Consistency.Quiet
	}
	if rounds == 0 {
		rounds = max(2, c.layout.Consistency.Retries)
	}
	return quiet, rounds
}

func positionIn(k record.Key) (int32, bool) {
	p, err := strconv.ParseInt(string(k), 10, 32)
	return int32(p), err == nil && p > 0
}
