// Command boxctl is support's tool: it makes keys, keeps the signed repository that boxes take their updates from, and tells
// boxes what to do, over a broker. It never runs on a box. docs/release-en.md and docs/boxctl-en.md say how it is used.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"syncbox/firmware/internal/locale"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// call is one command line.
type call struct {
	ctx   context.Context
	in    io.Reader
	out   io.Writer
	errw  io.Writer
	flags *flag.FlagSet
	words *locale.Printer
	now   time.Time
	args  []string // without flags
	input
}

// run carries out one command line and gives the exit code.
func run(ctx context.Context, args []string, in io.Reader, out, errw io.Writer) int {
	name, args := commandOf(args)
	cmd, known := commands()[name]
	if !known {
		fmt.Fprintf(errw, "boxctl: unknown command %q; boxctl help lists them\n", name)
		return exitUsage
	}
	c := &call{ctx: ctx, in: in, out: out, errw: errw, now: time.Now()}
	c.flags = flag.NewFlagSet("boxctl "+name, flag.ContinueOnError)
	c.flags.SetOutput(errw)
	tag, _, _ := strings.Cut(os.Getenv("LANG"), ".")
	c.flags.StringVar(&c.language, "lang", tag, "fr-CA or en; default: the terminal's")
	for _, f := range cmd.flags {
		f(c)
	}
	c.flags.Usage = func() {
		fmt.Fprintf(errw, "boxctl %s [-flag VALUE]… %s\n", name, strings.Join(cmd.takes, " "))
		c.flags.PrintDefaults()
	}
	switch err := c.parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return exitOK
	case err != nil:
		return exitUsage
	}
	return c.finish(c.carryOut(cmd))
}

// parse reads flags and arguments in any order.
func (c *call) parse(args []string) error {
	for len(args) > 0 {
		if err := c.flags.Parse(args); err != nil {
			return err
		}
		if args = c.flags.Args(); len(args) > 0 {
			c.args, args = append(c.args, args[0]), args[1:]
		}
	}
	return nil
}

// check holds the arguments against what the command takes; a last one that ends with "…" may be given several times.
func (cmd command) check(args []string) error {
	n := len(cmd.takes)
	switch many := n > 0 && strings.HasSuffix(cmd.takes[n-1], "…"); {
	case len(args) < n:
		return fmt.Errorf("%w: %s is needed", errUsage, strings.TrimSuffix(cmd.takes[len(args)], "…"))
	case len(args) > n && !many:
		return fmt.Errorf("%w: unexpected %q", errUsage, args[n])
	}
	return nil
}

// given says whether a flag stands on the command line.
func (c *call) given(name string) (stands bool) {
	c.flags.Visit(func(f *flag.Flag) { stands = stands || f.Name == name })
	return stands
}

func (c *call) carryOut(cmd command) (err error) {
	if err := cmd.check(c.args); err != nil {
		return err
	}
	for _, name := range cmd.needs {
		if f := c.flags.Lookup(name); f.Value.String() == "" {
			return fmt.Errorf("%w: -%s is needed", errUsage, name)
		}
	}
	if c.words, err = locale.New(c.language, nil); err != nil {
		return err
	}
	if c.flags.Lookup("settings") != nil {
		if err := c.configure(); err != nil {
			return err
		}
	}
	return cmd.run(c)
}

// finish says what went wrong and gives the exit code.
func (c *call) finish(err error) int {
	if err == nil {
		return exitOK
	}
	if !errors.As(err, new(ended)) {
		fmt.Fprintln(c.errw, "boxctl:", err)
	}
	return exitCode(err)
}

// say prints a sentence in the person's language, aside where programs read.
func (c *call) say(key string, args ...string) {
	to := c.out
	if c.json {
		to = c.errw
	}
	fmt.Fprintln(to, c.words.Text("boxctl."+key, pairs(args)))
}

// pairs makes a map of names and values in turn.
func pairs(args []string) map[string]string {
	fill := map[string]string{}
	for i := 0; i+1 < len(args); i += 2 {
		fill[args[i]] = args[i+1]
	}
	return fill
}
