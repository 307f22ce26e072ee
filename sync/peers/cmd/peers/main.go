// Command peers runs the benchmark against other programs, or our side of it alone:
//
//	peers bench -dir build/peers    all that are there; one figure a line: name value unit
//	peers box -file F -sink URL -dir D
//
// The box runs one cycle for each line of its standard input, which is how many records it may post in a request, and
// prints what the cycle took as JSON.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"syncbox/sync/peers"
	"syncbox/sync/peers/compare"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "peers:", err)
		os.Exit(1)
	}
}

var errUsage = errors.New("usage: peers bench|box [flags]")

func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errUsage
	}
	switch args[0] {
	case "bench":
		return bench(ctx, args[1:])
	case "box":
		return box(ctx, args[1:], os.Stdin, os.Stdout)
	}
	return errUsage
}

func bench(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	o := compare.Options{Still: 1500 * time.Millisecond, Out: os.Stdout, Notes: os.Stderr}
	flags.StringVar(&o.Dir, "dir", "build/peers", "`folder` in which the other programs are installed")
	flags.IntVar(&o.Customers.Rows, "rows", 100_000, "rows of the file")
	flags.IntVar(&o.Customers.Changed, "changed", 100, "rows that change in each round")
	flags.IntVar(&o.Rounds, "rounds", 3, "rounds; times are their medians")
	if err := flags.Parse(args); err != nil {
		return err
	}
	return compare.Run(ctx, o)
}

func box(ctx context.Context, args []string, in io.Reader, out io.Writer) (err error) {
	flags := flag.NewFlagSet("box", flag.ContinueOnError)
	cfg := peers.Config{ID: "id", Log: slog.New(slog.NewTextHandler(os.Stderr, nil))}
	flags.StringVar(&cfg.File, "file", "", "CSV `file`")
	flags.StringVar(&cfg.Sink, "sink", "", "`URL` of the sink")
	flags.StringVar(&cfg.Dir, "dir", "", "`folder` of the databases")
	if err := flags.Parse(args); err != nil {
		return err
	}
	b, err := peers.Open(cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	for lines := bufio.NewScanner(in); lines.Scan(); {
		batch, err := strconv.Atoi(lines.Text())
		if err != nil {
			return fmt.Errorf("records in a request: %w", err)
		}
		pass, err := b.Pass(ctx, batch)
		if err != nil {
			return err
		}
		if err := json.NewEncoder(out).Encode(pass); err != nil {
			return err
		}
	}
	return nil
}
