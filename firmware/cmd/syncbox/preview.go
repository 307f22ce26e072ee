package main

import (
	"encoding/json"
	"errors"
	"fmt"

	"syncbox/connectors/record"
	"syncbox/firmware/internal/local"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// listing is what the flags of a list say.
type listing struct {
	fresh                            bool
	entity, class, state, mark, text string
	after                            string
}

func previewFlags(c *call) {
	c.flags.BoolVar(&c.list.fresh, "new", false, "have it made, or made anew")
	c.flags.StringVar(&c.list.class, "class", "", "only `erp-crm`, crm-erp or left-out")
	listFlags(c)
}

func linksFlags(c *call) {
	c.flags.StringVar(&c.list.state, "state", "", "only in this `state`: fresh, creating, linked, inactive, crm-gone, closed, archived, ended")
	c.flags.StringVar(&c.list.mark, "mark", "", "only with this `mark`: never, not-this-time, any")
	c.flags.StringVar(&c.list.text, "find", "", "only with this `text` in a key, a number or a name")
	listFlags(c)
}

func listFlags(c *call) {
	c.flags.BoolVar(&c.json, "json", false, "print JSON")
	c.flags.IntVar(&c.limit, "n", 50, "at most `N` on a page")
	c.flags.StringVar(&c.list.entity, "entity", "", "only this `kind` of record: user, category, account, contact, document")
	c.flags.StringVar(&c.list.after, "after", "", "the page that begins `here`, as the one before said")
}

// preview shows a page of what the next run would change, or has it found out.
func preview(c *call) error {
	client, p, err := c.ask()
	if err != nil {
		return err
	}
	if c.list.fresh {
		if err := client.Do(c.ctx, c.job, engine.ShowPreview, ""); err != nil {
			return err
		}
		fmt.Fprintln(c.out, p.Text("page.preview.asked", nil))
		return nil
	}
	job, err := c.status(client)
	if err != nil {
		return err
	}
	page, err := client.Preview(c.ctx, c.job, engine.PreviewQuery{Entity: record.Entity(c.list.entity), Class: engine.Class(c.list.class),
		After: c.list.after, Limit: c.limit})
	if errors.Is(err, engine.ErrNoSuch) && (job.Status.Preview == nil || job.Status.Preview.Digest == "") {
		p.Preview(c.out, job.Status.Preview)
		return nil
	}
	if err != nil {
		return err
	}
	if c.json {
		return json.NewEncoder(c.out).Encode(page)
	}
	p.Preview(c.out, job.Status.Preview)
	for _, ch := range page.Changes {
		p.Change(c.out, ch)
	}
	c.more(page.Next, p.Text("list.more", map[string]string{"after": page.Next}))
	return nil
}

func (c *call) more(next, text string) {
	if next != "" {
		fmt.Fprintln(c.out, text)
	}
}

// status gives the status of the job that is meant.
func (c *call) status(client *local.Client) (local.JobStatus, error) {
	all, err := client.Status(c.ctx)
	for _, j := range all {
		if j.Job == c.job || c.job == "" && len(all) == 1 {
			return j, nil
		}
	}
	return local.JobStatus{}, errors.Join(err, fmt.Errorf("%w: no job has the name %q", engine.ErrNoSuch, c.job))
}

// links shows a page of the records that a job knows.
func links(c *call) error {
	client, p, err := c.ask()
	if err != nil {
		return err
	}
	page, err := client.Links(c.ctx, c.job, engine.LinkQuery{Entity: record.Entity(c.list.entity), State: c.list.state, Mark: store.Mark(c.list.mark),
		Text: c.list.text, After: c.list.after, Limit: c.limit})
	if err != nil {
		return err
	}
	if c.json {
		return json.NewEncoder(c.out).Encode(page)
	}
	for _, r := range page.Rows {
		p.Link(c.out, r)
	}
	c.more(page.Next, p.Text("list.more", map[string]string{"after": page.Next}))
	return nil
}
