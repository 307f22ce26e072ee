// Command syncbox is the box: an ordinary process on a laptop, PID 1 on the appliance. Its sub-commands ask
// a running box over its local socket.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"
	_ "time/tzdata" // the appliance has no time zone files

	_ "golang.org/x/crypto/x509roots/fallback" // nor certificates; a machine's own come first

	"syncbox/board/boot"
	"syncbox/connectors/share"
	"syncbox/firmware/internal/app"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/local"
	"syncbox/firmware/internal/metrics"
	"syncbox/firmware/internal/standing"
	"syncbox/firmware/internal/web"
)

// The exit codes.
const (
	exitOK      = 0
	exitFailed  = 1 // it did not work; the message says why
	exitUsage   = 2 // unknown command, flag or argument
	exitConfig  = 3 // the configuration is wrong; the message names the key
	exitNoBox   = 4 // no box answers
	exitTrouble = 5 // status: a job does not run, or a direction is halted
)

func main() {
	if boot.IsInit() {
		appliance()
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run carries out one command line and gives the exit code.
func run(ctx context.Context, args []string, out, errw io.Writer) int {
	if len(args) == 0 || args[0] == "-h" || args[0] == "-help" || args[0] == "--help" {
		args = []string{"help"}
	}
	cmd, known := commands()[args[0]]
	if !known {
		fmt.Fprintf(errw, "syncbox: unknown command %q; syncbox help lists them\n", args[0])
		return exitUsage
	}
	flags := flag.NewFlagSet("syncbox "+args[0], flag.ContinueOnError)
	flags.SetOutput(errw)
	c := &call{ctx: ctx, out: out, errw: errw, flags: flags}
	flags.StringVar(&c.path, "config", "/data/syncbox.toml", "the configuration `file`")
	flags.StringVar(&c.job, "job", "", "the job's `name`, where there are several")
	if cmd.flags != nil {
		cmd.flags(c)
	}
	switch err := c.parse(args[1:]); {
	case errors.Is(err, flag.ErrHelp):
		return exitOK
	case err != nil:
		return exitUsage
	}
	if err := cmd.takes(c.args); err != nil {
		return c.finish(err)
	}
	return c.finish(cmd.run(c))
}

// parse takes flags before and behind the argument.
func (c *call) parse(args []string) error {
	for {
		if err := c.flags.Parse(args); err != nil || c.flags.NArg() == 0 {
			return err
		}
		c.args, args = append(c.args, c.flags.Arg(0)), c.flags.Args()[1:]
	}
}

// finish says what went wrong and gives the exit code.
func (c *call) finish(err error) int {
	if err == nil {
		return exitOK
	}
	fmt.Fprintln(c.errw, "syncbox:", err)
	switch {
	case errors.Is(err, errUsage):
		return exitUsage
	case errors.Is(err, errConfig):
		return exitConfig
	case errors.Is(err, errTrouble):
		return exitTrouble
	case errors.Is(err, local.ErrNoBox):
		return exitNoBox
	}
	return exitFailed
}

// errUsage marks a command line that makes no sense.
var errUsage = errors.New("usage")

// errConfig marks a wrong configuration.
var errConfig = errors.New("configuration")

func (c *call) config() (config.Config, error) {
	conf, err := config.Load(c.path)
	if err != nil {
		return conf, fmt.Errorf("%w: %w", errConfig, err)
	}
	return conf, nil
}

// box runs the configured box until the context ends.
func box(c *call) error {
	conf, err := c.config()
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(c.errw, nil))
	a, err := app.New(conf, log)
	if err != nil {
		return err
	}
	if err := share.Sweep(""); err != nil {
		log.Warn("mounts of an earlier run are still there", "err", err)
	}
	log.Info("box starts", "box", conf.Box.Name, "jobs", len(conf.Jobs))
	numbers := &metrics.Server{Port: conf.Metrics.Port, Log: log, Box: func() metrics.Box {
		jobs := local.Statuses(a)
		return numbersOf(standing.OfProcess(jobs, time.Since(began)), jobs)
	}}
	page := &web.Server{Port: conf.Page.Port, Secure: conf.Page.Secure(), Certificate: web.CertificateOfProcess(conf), Handler: web.OfProcess(conf, a, log), Log: log.With("part", "page")}
	signIns := &app.SignIns{Draft: func() (config.Config, error) { return conf, nil }, Log: log, Changed: func(ctx context.Context, job string, connected bool) {
		if connected {
			a.Connected(ctx, job)
		}
	}}
	return errors.Join(a.Run(c.ctx, &local.Server{Path: conf.Box.Socket, App: a, Log: log, SignIns: signIns}, numbers, page), a.Close())
}
