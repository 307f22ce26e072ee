package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

// event is one line of `go test -json`.
type event struct {
	Action     string
	Package    string
	ImportPath string // instead of Package in what the compiler prints
	Test       string // empty: the package as a whole
	Output     string
	Elapsed    float64 // seconds
}

// test names one test; Name is empty for a package that failed outside its tests.
type test struct{ Package, Name string }

type outcome int

// From the mildest: of a test that ran several times, the last in this order counts. A test that
// is skipped in one run and passes in another has passed.
const (
	skipped outcome = iota
	passed
	failed
)

// results holds the outcome of each test over all runs added.
type results struct{ tests map[test]outcome }

func newResults() *results { return &results{tests: map[test]outcome{}} }

// add takes in one run. A test that began and has no end counts as failed, and so does a package
// that failed without a failed test: it did not compile, or died. To w go one line per package and
// all that a failed test printed.
func (r *results) add(run io.Reader, w io.Writer) error {
	one := newRun(w)
	lines := bufio.NewReader(run)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			one.line(line)
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
	}
	for t := range one.open {
		one.set(t, failed)
	}
	for t, o := range one.tests {
		r.set(t, o)
	}
	return nil
}

func (r *results) set(t test, o outcome) {
	if old, known := r.tests[t]; !known || o > old {
		r.tests[t] = o
	}
}

func (r *results) count(o outcome) int {
	n := 0
	for _, got := range r.tests {
		if got == o {
			n++
		}
	}
	return n
}

// failures names what failed, sorted: "package TestName", or "package" for one that did not compile.
func (r *results) failures() (names []string) {
	for t, o := range r.tests {
		if o == failed {
			names = append(names, strings.TrimSpace(t.Package+" "+t.Name))
		}
	}
	slices.Sort(names)
	return names
}

// good says whether something passed and nothing failed.
func (r *results) good() bool { return r.count(failed) == 0 && r.count(passed) > 0 }

// String gives the summary line.
func (r *results) String() string {
	return fmt.Sprintf("%d passed, %d failed, %d skipped", r.count(passed), r.count(failed), r.count(skipped))
}

// run follows one run, line by line.
type run struct {
	*results
	w      io.Writer
	open   map[test]bool     // begun, not ended
	output map[test][]string // printed so far
	broken map[string]bool   // packages with a failed test
}

func newRun(w io.Writer) *run {
	return &run{results: newResults(), w: w, open: map[test]bool{}, output: map[test][]string{}, broken: map[string]bool{}}
}

func (r *run) line(line []byte) {
	var e event
	if json.Unmarshal(line, &e) != nil {
		fmt.Fprintf(r.w, "%s", line) // not go test's own: shown as it is
		return
	}
	t := test{e.Package, e.Test}
	switch e.Action {
	case "start", "run":
		r.open[t] = true
	case "output":
		r.output[t] = append(r.output[t], e.Output)
	case "build-output":
		fmt.Fprint(r.w, e.Output)
	case "pass", "fail", "skip":
		r.end(t, e)
	}
}

func (r *run) end(t test, e event) {
	delete(r.open, t)
	if e.Action == "fail" {
		r.show(t)
	}
	delete(r.output, t)
	switch {
	case t.Name != "":
		r.set(t, map[string]outcome{"pass": passed, "fail": failed, "skip": skipped}[e.Action])
		r.broken[t.Package] = r.broken[t.Package] || e.Action == "fail"
	case e.Action == "fail" && !r.broken[t.Package]:
		r.set(t, failed)
	}
	if t.Name == "" && e.Action != "skip" {
		fmt.Fprintf(r.w, "%-4s %s %.1fs\n", e.Action, t.Package, e.Elapsed)
	}
}

func (r *run) show(t test) {
	for _, text := range r.output[t] {
		fmt.Fprint(r.w, text)
	}
}
