// Command boxctl is support's tool: it makes keys, keeps the signed repository that boxes take their updates from, and signs
// what a box is asked to run. It never runs on a box. docs/release-en.md and docs/release-fr.md say how it is used.
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

// The exit codes.
const (
	exitOK      = 0
	exitFailed  = 1 // it did not work; the message says why
	exitUsage   = 2 // unknown command, flag or argument
	exitTrouble = 5 // release check: something is to be renewed, or is wrong
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
	switch err := c.flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return exitOK
	case err != nil:
		return exitUsage
	}
	c.args = c.flags.Args()
	return c.finish(c.carryOut(cmd))
}

func (c *call) carryOut(cmd command) (err error) {
	if len(c.args) > 0 {
		return fmt.Errorf("%w: unexpected %q", errUsage, c.args[0])
	}
	for _, name := range cmd.needs {
		if f := c.flags.Lookup(name); f.Value.String() == "" {
			return fmt.Errorf("%w: -%s is needed", errUsage, name)
		}
	}
	if c.words, err = locale.New(c.language, nil); err != nil {
		return err
	}
	return cmd.run(c)
}

// errUsage marks a command line that makes no sense.
var errUsage = errors.New("usage")

// errTrouble makes check tell scripts that somebody has to act.
var errTrouble = errors.New("somebody has to act")

// finish says what went wrong and gives the exit code.
func (c *call) finish(err error) int {
	if err == nil {
		return exitOK
	}
	fmt.Fprintln(c.errw, "boxctl:", err)
	switch {
	case errors.Is(err, errUsage):
		return exitUsage
	case errors.Is(err, errTrouble):
		return exitTrouble
	}
	return exitFailed
}

// say prints a sentence in the person's language.
func (c *call) say(key string, args ...string) {
	fill := map[string]string{}
	for i := 0; i+1 < len(args); i += 2 {
		fill[args[i]] = args[i+1]
	}
	fmt.Fprintln(c.out, c.words.Text("boxctl."+key, fill))
}
