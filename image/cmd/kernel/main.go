// Command kernel fetches and unpacks the kernel package that an image is built from.
//
//	go run ./image/cmd/kernel -out build/kernel
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"

	"syncbox/image/kernel"
)

func main() {
	out := flag.String("out", "build/kernel", "`folder` that keeps the package and its unpacked tree")
	suite := flag.String("suite", "", "Debian `suite` to take the kernel from (default: the machine's own)")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	k, err := kernel.Fetch(ctx, *out, kernel.Options{Suite: *suite})
	if err != nil {
		fmt.Fprintln(os.Stderr, "kernel:", err)
		os.Exit(1)
	}
	fmt.Printf("%s %s sha256 %s\n", k.Name, k.Version, k.SHA256)
}
