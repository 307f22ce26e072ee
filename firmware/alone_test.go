package firmware_test

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestAlone: the packages that the Makefile keeps from the race detector (ALONE) have nothing for it, nor has what they and
// their tests use of ours: no goroutine, no lock, no test beside another, no server.
func TestAlone(t *testing.T) {
	list := exec.Command("go", append([]string{"list", "-test", "-deps", "-json=ImportPath,Dir,GoFiles"}, madeAlone(t)...)...)
	list.Dir, list.Stderr = "..", os.Stderr
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	looked := 0
	for packages := json.NewDecoder(bytes.NewReader(out)); packages.More(); {
		var p pkg
		if err := packages.Decode(&p); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(p.ImportPath, "syncbox/") || strings.HasSuffix(p.ImportPath, ".test") {
			continue // the latter is the main function that go test makes
		}
		for _, name := range p.GoFiles {
			looked++
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, name), nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			if what := shares(file); what != "" {
				t.Errorf("%s has %s in %s: not without the race detector", p.ImportPath, what, name)
			}
		}
	}
	if looked < 100 {
		t.Errorf("looked at %d files only", looked)
	}
}

// madeAlone gives the packages of ALONE.
func madeAlone(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?m)^ALONE := ((?:.*\\\n)*.*)$`).FindSubmatch(text)
	if found == nil {
		t.Fatal("the Makefile has no ALONE")
	}
	return strings.Fields(strings.ReplaceAll(string(found[1]), "\\\n", " "))
}

// shares names what of a file may have two goroutines, "" for nothing.
func shares(file *ast.File) (what string) {
	for _, i := range file.Imports {
		if slices.Contains([]string{`"sync"`, `"sync/atomic"`, `"testing/synctest"`, `"net/http/httptest"`}, i.Path.Value) {
			return i.Path.Value
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			what = "a go statement"
		case *ast.SelectorExpr:
			if n.Sel.Name == "Parallel" {
				what = "a parallel test"
			}
		}
		return what == ""
	})
	return what
}
