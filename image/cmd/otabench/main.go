// Command otabench measures what an update of the box costs: it builds pairs of slot images that differ as releases
// do, makes the deltas between them, applies them, and does the same with the tools of others that are there.
//
//	go run ./image/cmd/otabench [-dir build/otabench] [-cache build]
//
// It prints a figure a line: name value unit. v1 is another version string, v2 nine more lines in one function, v3 two
// newer modules besides, v4 the next upstream release of the kernel. It also has a box take up the last of them by HTTPS,
// and looks at the size of the program. What it does not measure it says on stderr.
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
	install := flag.Bool("install", false, "take up a release, `FOLDER URL held|rss`, and print the memory that took")
	runs := flag.Bool("run", false, "run a `command`, and print what that took")
	dir := flag.String("dir", "build/otabench", "`folder` for the images; those that are there are used again, unless the tree is clean and they are of another commit")
	cache := flag.String("cache", "build", "`folder` that keeps the Debian packages")
	source := flag.String("source", ".", "root `folder` of the module")
	tools := flag.String("tools", "program,ours,install,zstd,xdelta3,bsdiff,casync,zck_delta_size,rauc", "what to measure: `names`, by comma")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var err error
	switch {
	case *apply:
		err = applyDelta(flag.Args())
	case *install:
		err = box(ctx, flag.Args())
	case *runs:
		err = command(ctx, flag.Args())
	default:
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
	for _, own := range []struct {
		name    string
		measure func() error
	}{
		{"program", func() error { return newBuilder(dir).program(ctx) }},
		{"ours", func() error { return ours(ctx, dir, pairs) }},
		{"install", func() error {
			return installs(ctx, dir, pairs[len(pairs)-1], func(name string, n int64) { figure(name, n, "B") })
		}},
	} {
		if !slices.Contains(tools, own.name) {
			continue
		}
		if err := own.measure(); err != nil {
			return fmt.Errorf("%s: %w", own.name, err)
		}
	}
	return peers(ctx, dir, pairs, tools)
}

// pair is what an update goes from and to, as paths of slot images.
type pair struct{ name, old, new string }

// figure prints one.
func figure(name string, value any, unit string) { fmt.Println(name, value, unit) }
