package mutants_test

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"syncbox/sync/sim/mutants"
)

func root(t *testing.T) string {
	t.Helper()
	dir, err := mutants.Root(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// compiler type-checks single packages of the module from the export data of all others.
type compiler struct {
	root string
	fset *token.FileSet
	imp  types.Importer
}

func newCompiler(t *testing.T, root string, packages []string) *compiler {
	t.Helper()
	list := exec.Command("go", append([]string{"list", "-export", "-deps", "-f", "{{.ImportPath}}\t{{.Export}}"}, packages...)...)
	list.Dir, list.Stderr = root, os.Stderr
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	exports := map[string]string{}
	for line := range strings.Lines(string(out)) {
		path, file, _ := strings.Cut(strings.TrimSpace(line), "\t")
		exports[path] = file
	}
	c := &compiler{root: root, fset: token.NewFileSet()}
	c.imp = importer.ForCompiler(c.fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })
	return c
}

// check type-checks the package in a folder with some of its files replaced.
func (c *compiler) check(folder string, changed map[string]string) error {
	names, err := filepath.Glob(filepath.Join(c.root, filepath.FromSlash(folder), "*.go"))
	if err != nil {
		return err
	}
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		var src any
		if text, ok := changed[folder+"/"+filepath.Base(name)]; ok {
			src = text
		}
		f, err := parser.ParseFile(c.fset, name, src, 0)
		if err != nil {
			return err
		}
		files = append(files, f)
	}
	_, err = (&types.Config{Importer: c.imp}).Check("syncbox/"+folder, c.fset, files, nil)
	return err
}

func folderOf(file string) string { return file[:strings.LastIndex(file, "/")] }

// TestEveryMutantApplies: a change of the product that disarms a mutant fails here, and the mutant is to
// follow the code. A mutant that does not compile would kill itself.
func TestEveryMutantApplies(t *testing.T) {
	dir := root(t)
	folders := map[string]bool{}
	for _, m := range mutants.All() {
		for _, e := range m.Edits {
			folders["./"+folderOf(e.File)] = true
		}
	}
	c := newCompiler(t, dir, slices.Sorted(maps.Keys(folders)))
	for _, m := range mutants.All() {
		t.Run(m.Name, func(t *testing.T) {
			changed, err := m.Apply(dir)
			if err != nil {
				t.Fatal(err)
			}
			done := map[string]bool{}
			for file := range changed {
				if f := folderOf(file); !done[f] {
					done[f] = true
					if err := c.check(f, changed); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
}

// TestRecords: every mutant says what it removes and which oracles count.
func TestRecords(t *testing.T) {
	names := map[string]bool{}
	for _, m := range mutants.All() {
		switch {
		case names[m.Name]:
			t.Errorf("two mutants are called %s", m.Name)
		case m.Removes == "" || len(m.Edits) == 0 || len(m.Oracles) == 0:
			t.Errorf("%s lacks what it removes, its edits or its oracles", m.Name)
		}
		names[m.Name] = true
		for _, e := range m.Edits {
			if e.Old == e.New || e.Old == "" {
				t.Errorf("%s changes nothing", m.Name)
			}
		}
	}
}
