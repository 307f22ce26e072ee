package firmware_test

import (
	"os"
	"os/exec"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// tables are the documents that list packages under the heading "Packages", each with the folder that its names begin in
// and whose packages it lists.
var tables = []struct{ document, folder string }{
	{"../ARCHITECTURE.md", ""},
	{"../image/README.md", "image"},
}

var (
	section = regexp.MustCompile(`(?ms)^## Packages$(.*?)(?:^## |\z)`)
	cell    = regexp.MustCompile(`(?m)^\| (.*?) \|`)
	naming  = regexp.MustCompile("\\(|\\)|`[^`]+`")
	top     = regexp.MustCompile(`^(firmware|board|sync|connectors|ota|image)(/|$)`)
)

// TestTables holds the tables against the packages that `go list` tells, in both directions. The test cache can't see those: run
// it with -count=1.
func TestTables(t *testing.T) {
	list := exec.Command("go", "list", "syncbox/...")
	list.Stderr = os.Stderr
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		text, err := os.ReadFile(table.document)
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for _, p := range strings.Fields(string(out)) {
			if p = inside(p); table.folder == "" || strings.HasPrefix(p, table.folder+"/") {
				want = append(want, p)
			}
		}
		got := listed(string(text), table.folder)
		slices.Sort(want)
		slices.Sort(got)
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("packages of %s: - has no row, + is no package or has two rows:\n%s", table.document, d)
		}
	}
}

// listed gives the folders that the first column of a table names: whole from the top, else beside the first one of its row, or, in
// brackets, below the one before the brackets.
func listed(text, folder string) (names []string) {
	for _, row := range cell.FindAllStringSubmatch(section.FindString(text), -1) {
		beside, last, below := folder, "", ""
		for i, word := range naming.FindAllString(row[1], -1) {
			name := strings.Trim(word, "`")
			switch {
			case name == "(":
				below = last
				continue
			case name == ")":
				below = ""
				continue
			case below != "":
				names = append(names, path.Join(below, name))
				continue
			case !top.MatchString(name):
				name = path.Join(beside, name)
			}
			if i == 0 {
				beside = path.Dir(name)
			}
			last = name
			names = append(names, name)
		}
	}
	return names
}

// TestListed reads a table with each kind of name.
func TestListed(t *testing.T) {
	const text = "## Words\n\n| `word` | x |\n\n## Packages\n\n| folder | what |\n| --- | --- |\n| `board` (+ `boardtest`) | the `board` |\n" +
		"| `sync/plan`, `engine` (+ `a`, `b/c`), `d`, `ota/slot` | x |\n\n## State\n\n| `other` | x |\n"
	want := []string{"board", "board/boardtest", "sync/plan", "sync/engine", "sync/engine/a", "sync/engine/b/c", "sync/d", "ota/slot"}
	if d := cmp.Diff(want, listed(text, "")); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	if d := cmp.Diff([]string{"image/disk", "image/cmd/disk"}, listed("## Packages\n| `disk`, `cmd/disk` | x |", "image")); d != "" {
		t.Errorf("beside: -want +got:\n%s", d)
	}
}
