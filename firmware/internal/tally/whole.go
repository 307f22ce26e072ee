package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// tests gives the tests that the packages' sources declare, as `go list` names the sources for this machine. Each runs
// somewhere: the runs leave tests out, one by one, and a test that all of them leave out would hold nothing.
func tests(patterns ...string) ([]test, error) {
	list := exec.Command("go", append([]string{"list", "-json=ImportPath,Dir,TestGoFiles,XTestGoFiles"}, patterns...)...)
	out, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("list packages: %w", err)
	}
	var all []test
	for packages := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			ImportPath, Dir           string
			TestGoFiles, XTestGoFiles []string
		}
		if err := packages.Decode(&p); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, fmt.Errorf("list packages: %w", err)
		}
		for _, name := range append(p.TestGoFiles, p.XTestGoFiles...) {
			declared, err := declares(filepath.Join(p.Dir, name), nil)
			if err != nil {
				return nil, err
			}
			for _, name := range declared {
				all = append(all, test{p.ImportPath, name})
			}
		}
	}
}

// declares gives the tests of a file, and the fuzz tests, whose seeds are tried as a test's rows. source is nil for what
// the file holds.
func declares(path string, source any) (names []string, err error) {
	file, err := parser.ParseFile(token.NewFileSet(), path, source, parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("read tests: %w", err)
	}
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if ok && f.Recv == nil && f.Name.Name != "TestMain" && (named(f.Name.Name, "Test") || named(f.Name.Name, "Fuzz")) {
			names = append(names, f.Name.Name)
		}
	}
	return names, nil
}

// named tells whether go test takes a function for one of that kind: "Test", "TestIt", not "Testimony".
func named(name, kind string) bool {
	rest, ok := strings.CutPrefix(name, kind)
	first, _ := utf8.DecodeRuneInString(rest)
	return ok && !unicode.IsLower(first)
}

// neverRan names those of the tests that no run has, sorted: "package TestName". What was skipped is counted as that.
func (r *results) neverRan(all []test) (names []string) {
	for _, t := range all {
		if _, known := r.tests[t]; !known {
			names = append(names, t.Package+" "+t.Name)
		}
	}
	slices.Sort(names)
	return names
}
