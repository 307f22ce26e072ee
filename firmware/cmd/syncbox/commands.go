package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"syncbox/firmware/internal/local"
	"syncbox/firmware/internal/locale"
	"syncbox/sync/engine"
)

// call is one command line.
type call struct {
	ctx   context.Context
	out   io.Writer
	errw  io.Writer
	flags *flag.FlagSet
	path  string
	job   string
	json  bool
	limit int
	from  uint64
	by    string
	now   bool
	since string
	list  listing
	args  []string // without flags
}

type command struct {
	arg   string // the one argument it takes, by its name in the list; empty = none
	flags func(*call)
	run   func(*call) error
}

// commands gives all sub-commands by name.
func commands() map[string]command {
	asJSON := func(c *call) { c.flags.BoolVar(&c.json, "json", false, "print JSON") }
	all := map[string]command{
		"run":        {run: box},
		"check":      {run: check},
		"status":     {flags: asJSON, run: status},
		"journal":    {flags: journalFlags, run: journal},
		"waiting":    {flags: asJSON, run: waiting},
		"selfcheck":  {run: selfcheck},
		"new-code":   {run: newCode},
		"survey":     {run: surveyChild},
		"help":       {run: help},
		"resync":     {arg: resyncArg, flags: resyncFlags, run: resync},
		"write-test": {arg: "NUMBER", run: startTest},
		"write-seen": {flags: seenFlags, run: checkTest},
		"connect":    {arg: "JOB", run: connect},
		"disconnect": {arg: "JOB", run: disconnect},
	}
	for _, v := range []engine.Verb{engine.Start, engine.Stop, engine.Force} {
		all[string(v)] = command{run: func(c *call) error { return do(c, v) }}
	}
	all["preview"] = command{flags: previewFlags, run: preview}
	all["links"] = command{flags: linksFlags, run: links}
	all[string(engine.Tick)] = command{arg: "DIGEST", run: func(c *call) error { return do(c, engine.Tick) }}
	for _, v := range local.Marks {
		all[string(v)] = command{arg: "NAME", run: func(c *call) error { return do(c, v) }}
	}
	for _, v := range local.Answers {
		all[string(v)] = command{arg: "NAME", run: func(c *call) error { return do(c, v) }}
	}
	all[string(engine.Retry)] = command{arg: "NAME|all", run: all[string(engine.Retry)].run}
	return all
}

// takes says whether the arguments are those of the command.
func (cmd command) takes(args []string) error {
	most := 0
	if cmd.arg != "" {
		most = 1
	}
	switch {
	case len(args) > most:
		return fmt.Errorf("%w: unexpected %q", errUsage, args[most])
	case len(args) < most:
		return fmt.Errorf("%w: want %s", errUsage, cmd.arg)
	}
	return nil
}

func journalFlags(c *call) {
	c.flags.BoolVar(&c.json, "json", false, "print JSON")
	c.flags.IntVar(&c.limit, "n", 50, "at most `N` events")
	c.flags.Uint64Var(&c.from, "from", 0, "from event `N` on; 0 = the newest")
}

func seenFlags(c *call) { c.flags.StringVar(&c.by, "by", "", "the technician's `name`") }

func help(c *call) error {
	p, err := locale.New(c.language(), nil)
	if err != nil {
		return err
	}
	if conf, err := c.config(); err == nil {
		p = p.Of(conf.Names())
	}
	fmt.Fprintln(c.out, p.Text("help.usage", nil))
	all := commands()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(c.out, "  %-19s %s\n", strings.TrimSpace(name+" "+all[name].arg), p.Text("help."+name, nil))
	}
	return nil
}

// language is the box's, or this terminal's where there is no configuration to read.
func (c *call) language() string {
	if conf, err := c.config(); err == nil {
		return conf.Box.Language
	}
	tag, _, _ := strings.Cut(os.Getenv("LANG"), ".")
	return tag
}

func check(c *call) error {
	conf, err := c.config()
	if err != nil {
		return err
	}
	p, err := locale.New(conf.Box.Language, conf.Box.Zone)
	if err == nil {
		fmt.Fprintln(c.out, p.Count("count.checked", len(conf.Jobs)))
	}
	return err
}

// ask connects to the running box and gives words in its language.
func (c *call) ask() (*local.Client, *locale.Printer, error) {
	conf, err := c.config()
	if err != nil {
		return nil, nil, err
	}
	p, err := locale.New(conf.Box.Language, conf.Box.Zone)
	if err != nil {
		return nil, nil, err
	}
	return local.NewClient(conf.Box.Socket), p.Of(conf.NamesOf(c.job)), nil
}

func do(c *call, verb engine.Verb) error {
	client, _, err := c.ask()
	if err != nil {
		return err
	}
	return client.Do(c.ctx, c.job, verb, strings.Join(c.args, ""))
}

// errTrouble makes status tell scripts that something needs a person.
var errTrouble = errors.New("a job needs attention")

func status(c *call) error {
	client, p, err := c.ask()
	if err != nil {
		return err
	}
	all, err := client.Status(c.ctx)
	if err != nil {
		return err
	}
	if c.json {
		err = json.NewEncoder(c.out).Encode(all)
	} else {
		for _, j := range all {
			p := p.Of(j.Names)
			p.Status(c.out, j.Job, j.Status, j.Err)
			for _, n := range j.Notices {
				p.Notice(c.out, n.Code, n.Args)
			}
		}
	}
	for _, j := range all {
		if j.Err != "" || j.Status.Ways[0].Outcome == engine.Halted || j.Status.Ways[1].Outcome == engine.Halted {
			return errors.Join(err, fmt.Errorf("%w: %s", errTrouble, j.Job))
		}
	}
	return err
}

func journal(c *call) error {
	client, p, err := c.ask()
	if err != nil {
		return err
	}
	events, err := client.Journal(c.ctx, c.job, c.from, c.limit)
	if err != nil {
		return err
	}
	if c.json {
		return json.NewEncoder(c.out).Encode(events)
	}
	for _, e := range events {
		p.Event(c.out, e)
	}
	return nil
}

// selfcheck has the box hold what it knows of a job against itself.
func selfcheck(c *call) error {
	client, p, err := c.ask()
	if err != nil {
		return err
	}
	wrong, err := client.Selfcheck(c.ctx, c.job)
	if err != nil {
		return err
	}
	for _, line := range wrong {
		fmt.Fprintln(c.out, line)
	}
	if len(wrong) > 0 {
		return errTrouble
	}
	fmt.Fprintln(c.out, p.Text("selfcheck.fine", nil))
	return nil
}

func waiting(c *call) error {
	client, p, err := c.ask()
	if err != nil {
		return err
	}
	all, err := client.Waiting(c.ctx, c.job)
	if err != nil {
		return err
	}
	if c.json {
		return json.NewEncoder(c.out).Encode(all)
	}
	now := time.Now()
	for _, w := range all {
		p.Waiting(c.out, w, now)
	}
	return nil
}
