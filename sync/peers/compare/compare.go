package compare

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// Options of a run.
type Options struct {
	Dir       string // where the other programs are installed
	Customers Customers
	Rounds    int           // figures are medians over so many, peaks the highest of them; at least 1
	Still     time.Duration // how long a program does nothing before it counts as done
	Out       io.Writer     // figures: name value unit
	Notes     io.Writer     // who is left out, and why
}

// Run has every program do the task, prints the figures of each and how many times ours the others need. It fails if any
// did not deliver exactly what changed.
func Run(ctx context.Context, o Options) error {
	if o.Rounds < 1 || o.Customers.Changed < heldAfter || o.Customers.Rows < o.Customers.Changed {
		return fmt.Errorf("%d rounds of %d changes in %d rows: too few", o.Rounds, o.Customers.Changed, o.Customers.Rows)
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	all := []entrant{
		&ours{program: []string{self, "box"}},
		&nodered{dir: filepath.Join(o.Dir, "nodered")},
		&telegraf{binary: filepath.Join(o.Dir, "telegraf", "telegraf")},
	}
	var base figures
	for i, e := range all {
		if why := e.missing(); why != "" {
			fmt.Fprintf(o.Notes, "%s is left out: %s\n", e.name(), why)
			continue
		}
		f, failed := match(ctx, e, o)
		if failed != nil {
			err = errors.Join(err, fmt.Errorf("%s: %w", e.name(), failed))
			continue
		}
		f.print(o.Out, e.name())
		if i == 0 {
			base = f
		} else {
			f.over(base).print(o.Out, e.name())
		}
	}
	return err
}

// match has one program do the task.
func match(ctx context.Context, e entrant, o Options) (figures, error) {
	a, err := newArena()
	if err != nil {
		return nil, err
	}
	defer a.close()
	m := &meet{entrant: e, arena: a, Options: o}
	defer func() {
		if p := e.running(); p != nil {
			p.kill()
		}
	}()
	for _, part := range []func(context.Context) error{m.first, m.again, m.rounds, m.unchanged, m.cut} {
		if err := part(ctx); err != nil {
			return nil, err
		}
	}
	return m.figures, nil
}
