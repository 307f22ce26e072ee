// Command qemu boots the image of the box in QEMU, between a Windows share and a CRM on this machine, as the demo has
// them; nothing of it can be reached from another machine. Somebody at the terminal is at the box's service console,
// sees its light and presses its button.
//
//	go run ./firmware/cmd/qemu [-image build/syncbox.img] [-lang en] [-check]
//
// With -check nobody is needed: it waits for the first complete sync, asks the box for its status, reads its light,
// prints "qemu customers=N synced=N light=NAME seconds=N" and ends. With -bench it measures starts and memory.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"syncbox/firmware/internal/sitetest"
	"syncbox/image/vm"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "qemu:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	var o sitetest.Options
	flags := flag.NewFlagSet("qemu", flag.ContinueOnError)
	image := flags.String("image", "build/syncbox.img", "the `file` that make image builds; it is not changed")
	check := flags.Bool("check", false, "run without a person, judge the result and print one line")
	boots := flags.Int("bench", 0, "measure instead, with so many `starts`, and print figures: name value unit")
	large := flags.Int("large", 100_000, "customers of the company that the box's memory is measured with; 0 leaves that out")
	flags.IntVar(&o.Customers, "customers", 200, "customers of the company")
	flags.IntVar(&o.Documents, "documents", 500, "documents of the company")
	flags.StringVar(&o.Language, "lang", "fr-CA", "fr-CA or en")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *boots > 0 {
		return bench(ctx, *image, *boots, *large)
	}
	do := (*stage).interactive
	if *check {
		do = (*stage).check
	}
	return around(ctx, *image, o, func(s *stage) error { return do(s, ctx) })
}

// stage is a site with its box.
type stage struct {
	*sitetest.Site
	sitetest.Options
	box *sitetest.Machine
}

// around has a stage while do runs. Whatever was started has ended when it returns.
func around(ctx context.Context, image string, o sitetest.Options, do func(*stage) error) (err error) {
	dir, err := os.MkdirTemp("", "syncbox-qemu-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	site, err := sitetest.Open(ctx, filepath.Join(dir, "site"), o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, site.Close()) }()
	card := filepath.Join(dir, "card.img")
	if err := site.Card(ctx, image, card); err != nil {
		return err
	}
	box, err := sitetest.Boot(ctx, card, vm.Config{Resets: true})
	if err != nil {
		return err
	}
	defer box.Unplug()
	return do(&stage{site, o, box})
}
