package quickbooks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"syncbox/connectors"
)

// readEntities are all that is read, in the order in which a complete look does: what is referred to first.
var readEntities = []string{itemEntity, customerEntity, estimateEntity, invoiceEntity, creditEntity}

// feedEntities are asked for in one call.
var feedEntities = []string{customerEntity, estimateEntity, invoiceEntity, creditEntity, itemEntity}

// feedMax is the number of objects at which the change feed is cut off without saying so.
const feedMax = 1000

// feed takes the change feed since the last look. A feed that does not go back far enough begins a complete
// look instead. The cursor moves with the commit at the end, and only then.
func (l *look) feed(ctx context.Context) error {
	since, ok := parseTime(l.cur.Since)
	if !ok {
		l.begin()
		return nil
	}
	f := &feed{l: l, since: since.Add(-l.c.cfg.Overlap)}
	err := f.run(ctx)
	if refused := asFault(err); refused != nil && refused.Status == http.StatusBadRequest && l.c.tooLong(since, refused.At) {
		l.begin()
		return nil
	}
	if err != nil {
		return err
	}
	server, ok := parseTime(f.time)
	if !ok {
		return bad("cdc", errNoTime)
	}
	if server.Sub(since) > l.c.cfg.Lookback {
		l.begin()
		return nil
	}
	if err := l.judgeMoves(ctx); err != nil {
		return err
	}
	l.cur.Seen, l.fresh = l.fresh, map[string]id{}
	l.cur.Since = f.time
	return l.commit()
}

var errNoTime = errors.New("the answer does not tell the server's time")

// tooLong says whether, by the server's clock or by ours, the feed can't go back to that time. A clock of ours before it is wrong; told
// is zero where the server does not tell its time.
func (c *Company) tooLong(since, told time.Time) bool {
	age := c.cfg.Now().Sub(since)
	return age > c.cfg.Lookback || age < 0 || told.Sub(since) > c.cfg.Lookback
}

// feed is one look at the change feed.
type feed struct {
	l     *look
	since time.Time
	time  text // of the server, in the first answer
}

// run asks for everything at once. An answer that is cut off, or has a row that can't be shown, is asked for
// by entity; where that does not help, the window is read by queries.
func (f *feed) run(ctx context.Context) error {
	whole, err := f.ask(ctx, feedEntities)
	if whole || err != nil && !poisoned(err) {
		return err
	}
	for _, entity := range readEntities {
		whole, err := f.ask(ctx, []string{entity})
		if err != nil && !poisoned(err) {
			return err
		}
		if whole && err == nil {
			continue
		}
		if err := f.l.window(ctx, entity, f.since); err != nil {
			return fmt.Errorf("%s: %w", entity, err)
		}
	}
	return nil
}

// ask takes what the feed tells of some entities, and says whether that is all. Of an answer that is cut off
// nothing is taken: it may be any of the changes.
func (f *feed) ask(ctx context.Context, entities []string) (whole bool, err error) {
	a, err := f.l.c.api.read(ctx, "cdc", url.Values{
		"entities":     {strings.Join(entities, ",")},
		"changedSince": {f.since.UTC().Format(time.RFC3339)},
	})
	if err != nil {
		return false, err
	}
	rows, faults := 0, 0
	at, err := readRows(a.Body, func(entity string, _ json.RawMessage) error {
		if rows++; entity == "Error" {
			faults++
		}
		return nil
	})
	if err != nil {
		return false, bad("cdc", err)
	}
	if f.time == "" { // of the earliest answer, so that nothing falls between them
		f.time = at
	}
	switch {
	case faults > 0:
		return false, &connectors.Error{Kind: connectors.Unavailable, Code: CodeRowUnreadable, Err: errFault}
	case rows >= feedMax:
		return false, nil
	}
	_, err = readRows(a.Body, func(entity string, raw json.RawMessage) error { return f.l.row(ctx, entity, raw) })
	return err == nil, err
}
