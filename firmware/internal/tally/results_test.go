package main

import (
	"strings"
	"testing"
)

const (
	good = `{"Action":"start","Package":"p"}
{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"pass","Package":"p","Test":"TestA"}
{"Action":"run","Package":"p","Test":"TestB"}
{"Action":"skip","Package":"p","Test":"TestB"}
{"Action":"pass","Package":"p"}
`
	otherArch = `{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"pass","Package":"p","Test":"TestA"}
{"Action":"run","Package":"p","Test":"TestB"}
{"Action":"pass","Package":"p","Test":"TestB"}
`
	bad = `{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Test":"TestA","Output":"got 1, want 2\n"}
{"Action":"fail","Package":"p","Test":"TestA"}
{"Action":"fail","Package":"p"}
`
	noCompile = `{"Action":"build-output","ImportPath":"p","Output":"x.go:1: syntax error\n"}
{"Action":"build-fail","ImportPath":"p"}
{"Action":"start","Package":"p"}
{"Action":"fail","Package":"p","FailedBuild":"p"}
`
	died    = `{"Action":"run","Package":"p","Test":"TestA"}` + "\n"
	noTests = `{"Action":"start","Package":"p"}
{"Action":"skip","Package":"p"}
`
)

func TestSummary(t *testing.T) {
	rows := []struct {
		name string
		runs []string
		want string
		good bool
	}{
		{"nothing ran", []string{""}, "0 passed, 0 failed, 0 skipped", false},
		{"only a package without tests", []string{noTests}, "0 passed, 0 failed, 0 skipped", false},
		{"one run", []string{good}, "1 passed, 0 failed, 1 skipped", true},
		{"skipped here, passed there", []string{good, otherArch}, "2 passed, 0 failed, 0 skipped", true},
		{"failed in one of two runs", []string{bad, good}, "0 passed, 1 failed, 1 skipped", false},
		{"does not compile", []string{good, noCompile}, "1 passed, 1 failed, 1 skipped", false},
		{"killed half-way", []string{died}, "0 passed, 1 failed, 0 skipped", false},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			r := newResults()
			for _, run := range row.runs {
				if err := r.add(strings.NewReader(run), new(strings.Builder)); err != nil {
					t.Fatal(err)
				}
			}
			if got := r.String(); got != row.want {
				t.Errorf("got %q, want %q", got, row.want)
			}
			if got := r.good(); got != row.good {
				t.Errorf("good: got %v, want %v", got, row.good)
			}
		})
	}
}

func TestShowsWhatFailed(t *testing.T) {
	rows := []struct{ name, run, want string }{
		{"failed test", bad, "got 1, want 2\nfail p 0.0s\n"},
		{"compiler", noCompile, "x.go:1: syntax error\nfail p 0.0s\n"},
		{"passed package", good, "pass p 0.0s\n"},
		{"a line that is not JSON", "warning: x\n", "warning: x\n"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			var w strings.Builder
			if err := newResults().add(strings.NewReader(row.run), &w); err != nil {
				t.Fatal(err)
			}
			if got := w.String(); got != row.want {
				t.Errorf("got %q, want %q", got, row.want)
			}
		})
	}
}

func TestFailuresAreNamed(t *testing.T) {
	r := newResults()
	for _, run := range []string{strings.ReplaceAll(noCompile, `"p"`, `"q"`), bad, good} {
		if err := r.add(strings.NewReader(run), new(strings.Builder)); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := strings.Join(r.failures(), ", "), "p TestA, q"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
