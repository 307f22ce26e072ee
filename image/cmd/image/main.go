// Command image builds what is written on a card: build/syncbox.img, with the image of a slot alone, the
// manifest, the bill of materials and the Debian packages that went into it beside it. Its last line is
// "image bytes=N slot_bytes=N sha256=HEX".
//
//	go run ./image/cmd/image [-out build] [-version 1.2.3] [-root FILE] [-data-mib 256] [-from-manifest FILE]
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"

	"syncbox/image/manifest"
	"syncbox/image/recipe"
)

func main() {
	var s recipe.Spec
	flag.StringVar(&s.Out, "out", "build", "`folder` for the results")
	flag.StringVar(&s.Cache, "cache", "", "`folder` that keeps the Debian packages (default: -out)")
	flag.StringVar(&s.Version, "version", "", "`version` that the manifest and the box name (default: unreleased, which is 0.0.0)")
	flag.StringVar(&s.Root, "root", "", "`file` of the signed root whose updates the box takes (default: it takes none)")
	flag.StringVar(&s.Suite, "suite", "", "Debian `suite` of the packages (default: the machine's own)")
	flag.StringVar(&s.Data, "data", "", "`folder` whose content goes on the data partition")
	size := flag.Int64("data-mib", 256, "size of the data partition in `MiB`")
	again := flag.String("from-manifest", "", "build the image of this `file` again, with the same packages")
	flag.Parse()
	s.DataSize = *size << 20
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, s, *again); err != nil {
		fmt.Fprintln(os.Stderr, "image:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, s recipe.Spec, again string) (err error) {
	if again != "" {
		if s.Again, err = manifest.Read(again); err != nil {
			return err
		}
		s.Version = s.Again.Version
	}
	m, err := recipe.Build(ctx, s)
	if err != nil {
		return err
	}
	fmt.Println(summary(m))
	return nil
}

// summary gives the last line, which other programs read.
func summary(m *manifest.Manifest) string {
	return fmt.Sprintf("image bytes=%d slot_bytes=%d sha256=%s", m.Image.Bytes, m.Slot.Bytes, m.Image.SHA256)
}
