// Command page reads the local page of the box, which runs its image in QEMU between a Windows share and a CRM on this
// machine, in a headless Chromium (Debian package chromium).
//
//	go run ./firmware/cmd/page [-image build/syncbox.img] [-lang en] [-check]
//
// It prints figures, one per line: name value unit. With -check somebody sets a box up by its page instead, from a blank box
// to the first complete sync, as package browsertest's hands do; the last line is then
// "page fields=N clicks=N bytes=N axe_serious=N seconds=N": what was typed into or chosen, what was clicked on, the heaviest
// page with all that it loads, after gzip, what axe-core found wrong, and how long it took, without the box's start.
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

	"syncbox/connectors/pairs"
	"syncbox/firmware/internal/locale"
	"syncbox/firmware/internal/sitetest"
	"syncbox/firmware/internal/web/browsertest"
	"syncbox/image/vm"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "page:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	o := sitetest.Options{}
	flags := flag.NewFlagSet("page", flag.ContinueOnError)
	image := flags.String("image", "build/syncbox.img", "the `file` that make image builds; it is not changed")
	check := flags.Bool("check", false, "set a box up by its page, judge the result and print one line")
	pages := flags.Int("pages", 10, "pages that are open at one time, for the figures")
	flags.IntVar(&o.Customers, "customers", 2000, "customers of the company that is set up")
	flags.StringVar(&o.Language, "lang", "fr-CA", "of who reads: fr-CA or en")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *check {
		o.Blank = true
		return around(ctx, *image, o, func(s *stage) error { return s.setUp(ctx) })
	}
	o.Customers = 0 // a small one will do
	return around(ctx, *image, o, func(s *stage) error { return s.measure(ctx, *pages) })
}

// stage is a site with its box and a browser.
type stage struct {
	*sitetest.Site
	sitetest.Options
	box     *sitetest.Machine
	url     string // of the box's page
	browser *browsertest.Browser
	words   *locale.Printer
}

// around has a stage while do runs. Whatever was started has ended when it returns.
func around(ctx context.Context, image string, o sitetest.Options, do func(*stage) error) (err error) {
	dir, err := os.MkdirTemp("", "syncbox-page-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	s := &stage{Options: o}
	words, err := locale.New(o.Language, nil)
	if err != nil {
		return err
	}
	s.words = words.Of(pairs.Names("acomba-centrixone"))
	if s.Site, err = sitetest.Open(ctx, filepath.Join(dir, "site"), o); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if s.browser, err = browsertest.Start(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.browser.Close()) }()
	card := filepath.Join(dir, "card.img")
	if err := s.Card(ctx, image, card); err != nil {
		return err
	}
	if s.box, err = sitetest.Boot(ctx, card, vm.Config{Resets: true}); err != nil {
		return err
	}
	defer s.box.Unplug()
	if err := s.reach(ctx); err != nil {
		return errors.Join(err, fmt.Errorf("console:\n%s", s.box.Console()))
	}
	return do(s)
}
