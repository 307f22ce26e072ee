// Command mutants removes each protection of the sync engine in turn and asks that the simulator notices.
// Its last line is "mutants=N killed=N", with " equivalent=E" where a surviving one carries a written
// argument; it ends with 1 if any other survives, with 2 if it could not judge.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"runtime"
	"time"

	"syncbox/sync/sim/mutants"
)

func main() {
	only := flag.String("run", "", "only mutants whose name this regular expression fits")
	list := flag.Bool("list", false, "list the mutants and what they remove, run none")
	jobs := flag.Int("jobs", runtime.NumCPU(), "how many mutants are built and run at once")
	limit := flag.Duration("limit", 2*time.Minute, "for one run of the simulator")
	share := flag.Int("share", 1, "where nothing is to be killed, one in `N` random worlds: for the engine as it is, and for mutants that do no harm")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, *only, *list, *jobs, *share, *limit))
}

func run(ctx context.Context, only string, list bool, jobs, share int, limit time.Duration) int {
	fits, err := regexp.Compile(only)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	var chosen []mutants.Mutant
	for _, m := range mutants.All() {
		if fits.MatchString(m.Name) {
			chosen = append(chosen, m)
		}
	}
	if list {
		for _, m := range chosen {
			fmt.Printf("%s: %s\n", m.Name, m.Removes)
		}
		return 0
	}
	root, err := mutants.Root(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	count, err := mutants.Gate{Root: root, Out: os.Stdout, Limit: limit, Jobs: jobs, Share: share}.Run(ctx, chosen)
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		return 2
	case !count.Passed():
		return 1
	}
	return 0
}
