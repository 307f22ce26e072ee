// Command tally reads what `go test -json` prints, shows it in short and counts it.
//
//	go test -json ./... | tally -record build/test/race.json
//	tally [-all ./...] build/test/*.json
//
// The first form keeps what it reads; the second counts several kept runs together. Both end with
// the line "N passed, N failed, N skipped" and exit with 1 when a test failed or none ran; with -all as
// well when one of the runs should have had a test of those packages and none has.
// The lines read are described by `go doc test2json`.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

func main() {
	record := flag.String("record", "", "read standard input and keep it in this `file`")
	all := flag.String("all", "", "each test of these `packages` must have run")
	flag.Parse()
	results, err := read(*record, flag.Args())
	if err != nil {
		fmt.Fprintln(os.Stderr, "tally:", err)
		os.Exit(2)
	}
	missing, err := missing(results, *all)
	if err != nil {
		fmt.Fprintln(os.Stderr, "tally:", err)
		os.Exit(2)
	}
	for _, name := range missing {
		fmt.Println("never ran:", name)
	}
	for _, name := range results.failures() {
		fmt.Println("failed:", name)
	}
	fmt.Println(results)
	if !results.good() || len(missing) > 0 {
		os.Exit(1)
	}
}

// missing names the tests of the packages that ran nowhere; of no packages, none.
func missing(r *results, packages string) ([]string, error) {
	if packages == "" {
		return nil, nil
	}
	all, err := tests(packages)
	if err != nil {
		return nil, err
	}
	return r.neverRan(all), nil
}

// read takes in standard input, kept in record and shown, or the files.
func read(record string, files []string) (*results, error) {
	r := newResults()
	if record != "" {
		return r, readInput(r, record)
	}
	for _, name := range files {
		if err := readFile(r, name); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func readInput(r *results, record string) error {
	if err := os.MkdirAll(filepath.Dir(record), 0o755); err != nil {
		return err
	}
	f, err := os.Create(record)
	if err != nil {
		return err
	}
	return errors.Join(r.add(io.TeeReader(os.Stdin, f), os.Stdout), f.Close())
}

func readFile(r *results, name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := r.add(f, io.Discard); err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	return nil
}
