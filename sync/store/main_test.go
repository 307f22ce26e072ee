package store

import (
	"flag"
	"os"
	"testing"
)

// TestMain lets the properties see more than rapid's hundred cases, and leave no files behind.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("rapid.nofailfile", "true"); err != nil {
		panic(err)
	}
	if err := flag.Set("rapid.checks", "3000"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
