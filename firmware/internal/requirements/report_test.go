package main

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

const list = "# id, text, documents\n" +
	"ACO-1\tcustomers are shown\n" +
	"ACO-2\tguide\tdocs/guide.md#clean\n" +
	"ACO-3\tboth\tdocs/guide.md\n" +
	"S50-1\tlater\n"

// tree is a small module with the files given.
func tree(files map[string]string) fstest.MapFS {
	root := fstest.MapFS{"docs/guide.md": {Data: []byte("guide")}, listFile: {Data: []byte(list)}}
	for name, text := range files {
		root[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return root
}

func TestReport(t *testing.T) {
	var w strings.Builder
	err := report(&w, tree(map[string]string{
		"a/a_test.go":                    "package a\n\n// TestOne tells.\n//\n// Requirement: ACO-1, ACO-3\nfunc TestOne() {\n\t// Requirement: ACO-1\n}\n",
		"a/a.go":                         "package a\n\n// Requirement: ACO-2\nfunc A() {}\n",
		"testdata/scenarios/first.txtar": "# Requirement: ACO-1\nexec box\n-- story.txt --\n# Requirement: XYZ-1\n",
		"build/old_test.go":              "not Go at all",
	}))
	if err != nil {
		t.Fatal(err)
	}
	want := `ACO-1   tested             a/a_test.go:TestOne testdata/scenarios/first.txtar
ACO-2   documented         docs/guide.md#clean
ACO-3   tested,documented  a/a_test.go:TestOne docs/guide.md
S50-1   open               later
ids=4 tested=2 documented=2 open=1
`
	if diff := cmp.Diff(want, w.String()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestReportErrors(t *testing.T) {
	test := func(comment, decl string) map[string]string {
		return map[string]string{"a/a_test.go": "package a\n\n// Requirement: " + comment + "\n" + decl + "\n"}
	}
	rows := []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"unknown id", test("ACO-9", "func TestA() {}"), "a/a_test.go:TestA: ACO-9 is not in docs/requirements.tsv"},
		{"no id", test("acomba", "func TestA() {}"), `a/a_test.go:3:1: bad id "acomba", want ids such as ACO-57, ACO-58`},
		{"comma at the end", test("ACO-1,", "func TestA() {}"), `a/a_test.go:3:1: bad id "", want ids such as ACO-57, ACO-58`},
		{"no test", test("ACO-1", "func a() {}"), "a/a_test.go:3:1: this requirement belongs to no test"},
		{"bad id in a scenario", map[string]string{"b.txtar": "# Requirement: 57\n"}, `b.txtar: bad id "57", want ids such as ACO-57, ACO-58`},
		{"bad id in the list", map[string]string{listFile: "ACO1\ttext\n"}, `docs/requirements.tsv:1: bad id "ACO1"`},
		{"id twice", map[string]string{listFile: "ACO-1\ta\nACO-1\tb\n"}, "docs/requirements.tsv:2: ACO-1 stands here twice"},
		{"one column", map[string]string{listFile: "ACO-1\n"}, "docs/requirements.tsv:1: 1 columns, want id, text and perhaps documents"},
		{"missing document", map[string]string{listFile: "ACO-1\ta\tdocs/no.md\n"}, "docs/requirements.tsv:1: ACO-1: open docs/no.md: file does not exist"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			err := report(new(strings.Builder), tree(row.files))
			if err == nil || err.Error() != row.want {
				t.Errorf("got %v, want %s", err, row.want)
			}
		})
	}
}
