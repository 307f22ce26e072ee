package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"regexp"
	"strings"
)

// mention is a test that says which ids it covers.
type mention struct {
	Test string // connectors/x_test.go:TestName, testdata/scenarios/y.txtar
	IDs  []string
}

var (
	mark     = regexp.MustCompile(`(?m)^(?://|#)[ \t]*Requirements?:[ \t]*(.*)$`)
	testFunc = regexp.MustCompile(`^(Test|Fuzz|Benchmark|Example)`)
)

// scan looks through all tests and scenarios. The error joins all comments that are wrong.
func scan(root fs.FS) ([]mention, error) {
	var found []mention
	var wrong []error
	err := fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (path == "build" || path == ".git"):
			return fs.SkipDir
		case d.IsDir() || !isTest(path):
			return nil
		}
		mentions, err := scanFile(root, path)
		if err != nil {
			wrong = append(wrong, err)
		}
		found = append(found, mentions...)
		return nil
	})
	return found, errors.Join(append(wrong, err)...)
}

func isTest(path string) bool {
	return strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, ".txtar")
}

func scanFile(root fs.FS, path string) ([]mention, error) {
	text, err := fs.ReadFile(root, path)
	if err != nil {
		return nil, err
	}
	if strings.HasSuffix(path, ".txtar") {
		return scanScenario(path, string(text))
	}
	return scanTests(path, text)
}

func scanScenario(path, text string) (found []mention, err error) {
	story, _, _ := strings.Cut(text, "\n-- ") // what follows are the story's files
	for _, m := range mark.FindAllStringSubmatch(story, -1) {
		ids, err := parseIDs(m[1])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		found = append(found, mention{path, ids})
	}
	return found, nil
}

// scanTests finds the test around each comment.
func scanTests(path string, text []byte) (found []mention, err error) {
	places := token.NewFileSet()
	file, err := parser.ParseFile(places, path, text, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	for _, group := range file.Comments {
		for _, comment := range group.List {
			m := mark.FindStringSubmatch(comment.Text)
			if m == nil {
				continue
			}
			test := testAround(file, comment)
			if test == "" {
				return nil, fmt.Errorf("%s: this requirement belongs to no test", places.Position(comment.Pos()))
			}
			ids, err := parseIDs(m[1])
			if err != nil {
				return nil, fmt.Errorf("%s: %w", places.Position(comment.Pos()), err)
			}
			found = append(found, mention{path + ":" + test, ids})
		}
	}
	return found, nil
}

// testAround gives the name of the test whose doc comment or body holds the comment, or "".
func testAround(file *ast.File, comment *ast.Comment) string {
	for _, decl := range file.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if !ok || !testFunc.MatchString(f.Name.Name) {
			continue
		}
		from := f.Pos()
		if f.Doc != nil {
			from = f.Doc.Pos()
		}
		if from <= comment.Pos() && comment.Pos() < f.End() {
			return f.Name.Name
		}
	}
	return ""
}

func parseIDs(s string) ([]string, error) {
	ids := splitList(s)
	for _, id := range ids {
		if !idForm.MatchString(id) {
			return nil, fmt.Errorf("bad id %q, want ids such as ACO-57, ACO-58", id)
		}
	}
	return ids, nil
}
