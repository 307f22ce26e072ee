package store

import (
	"flag"
	"fmt"
	"os"
	"testing"
)

// TestMain lets the properties see more than rapid's hundred cases, and leave no files behind. Of a test that
// traces a run of its own, it is the child.
func TestMain(m *testing.M) {
	flag.Parse()
	if spec := os.Getenv(childVar); spec != "" {
		if err := beChild(spec); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if err := flag.Set("rapid.nofailfile", "true"); err != nil {
		panic(err)
	}
	if err := flag.Set("rapid.checks", "3000"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
