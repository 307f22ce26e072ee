// Command otabench measures what an update of the box costs: it builds pairs of slot images that differ as releases
// do, makes the deltas between them, applies them, and does the same with the tools of others that are there.
//
//	go run ./image/cmd/otabench [-dir build/otabench] [-cache build]
//
// It prints a figure a line: name value unit. v1 is another version string, v2 nine more lines in one function, v3 two
// newer modules besides, v4 the next upstream release of the kernel. What it does not measure it says on stderr.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

func main() {
	apply := flag.Bool("apply", false, "apply a delta, `OLD PAYLOAD LIST BYTES`, and print what that took")
	dir := flag.String("dir", "build/otabench", "`folder` for the images; those that are there are used again")
	cache := flag.String("cache", "build", "`folder` that keeps the Debian packages")
	source := flag.String("source", ".", "root `folder` of the module")
	tools := flag.String("tools", "ours,zstd,xdelta3,bsdiff,casync,zck_delta_size,rauc", "what to measure: `names`, by comma")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var err error
	if *apply {
		err = applyDelta(flag.Args())
	} else {
		err = run(ctx, *source, *dir, *cache, strings.Split(*tools, ","))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "otabench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, source, dir, cache string, tools []string) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	pairs, err := builds(ctx, source, dir, cache)
	if err != nil {
		return err
	}
	if slices.Contains(tools, "ours") {
		if err := ours(ctx, dir, pairs); err != nil {
			return err
		}
	}
	return peers(ctx, dir, pairs, tools)
}

// pair is what an update goes from and to, as paths of slot images.
type pair struct{ name, old, new string }

// figure prints one.
func figure(name string, value any, unit string) { fmt.Println(name, value, unit) }
