// Command demo runs the jobs of a pair in one terminal: a generated company, a simulated CRM, the box between them,
// and a broker by which boxctl sees the box and gives it orders. Nothing of it is a real product of another vendor.
package main

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	var o options
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	check := flags.Bool("check", false, "run headless, judge the result and print one line")
	flags.StringVar(&o.pair, "pair", "acomba-centrixone", "the pair of products: "+strings.Join(slices.Sorted(maps.Keys(stories)), " or "))
	flags.IntVar(&o.customers, "customers", 2000, "customers of the company")
	flags.IntVar(&o.documents, "documents", 10000, "documents of the company")
	flags.StringVar(&o.language, "lang", "fr-CA", "fr-CA or en")
	flags.DurationVar(&o.length, "for", 0, "end after this time; 0 = with Ctrl-C")
	flags.BoolVar(&o.keep, "keep", false, "keep the folder with company and databases")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if o.customers < 10 || o.documents < 20 {
		return fmt.Errorf("at least 10 customers and 20 documents are needed")
	}
	if stories[o.pair] == nil {
		return fmt.Errorf("the demo has no pair %q", o.pair)
	}
	s, err := newStage(ctx, o)
	if err != nil {
		return err
	}
	defer s.close()
	if *check {
		return s.check(ctx)
	}
	return s.live(ctx)
}
