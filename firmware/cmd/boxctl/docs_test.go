package main

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/firmware/internal/locale"
	"syncbox/ota/release"
)

// guides are the documents of this program, of releases and of certificates, and the word before the name of a drill.
var guides = []struct{ file, certificates, language, drill, roles, end string }{
	{"../../../docs/release-fr.md", "../../../docs/enrolment-fr.md", "fr-CA", "exercice : ", "<!-- rôles", "<!-- fin -->"},
	{"../../../docs/release-en.md", "../../../docs/enrolment-en.md", "en", "drill: ", "<!-- roles", "<!-- end -->"},
}

// manuals are the documents with all commands and exit codes.
var manuals = []struct{ file, language, commands, codes, end string }{
	{"../../../docs/boxctl-fr.md", "fr-CA", "<!-- commandes", "<!-- codes de sortie", "<!-- fin -->"},
	{"../../../docs/boxctl-en.md", "en", "<!-- commands", "<!-- exit codes", "<!-- end -->"},
}

var rewriting = flag.Bool("update", false, "write the table of commands in docs/ anew")

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestDrillsInTheGuides: the lines of each drill are, in their order, among those of its story, which runs them.
func TestDrillsInTheGuides(t *testing.T) {
	var drills []string
	for _, path := range stories(t) {
		if name, is := strings.CutPrefix(strings.SplitN(read(t, path), "\n", 2)[0], "# drill: "); is {
			drills = append(drills, name)
		}
	}
	for _, g := range guides {
		text := strings.ReplaceAll(read(t, g.file)+read(t, g.certificates), "\\\n  ", "")
		found := regexp.MustCompile("<!-- "+g.drill+"([a-z-]+) -->\n\n```sh\n([^`]*)```").FindAllStringSubmatch(text, -1)
		var names []string
		for _, f := range found {
			names = append(names, f[1])
			rest := read(t, filepath.Join("testdata", f[1]+".txtar"))
			for line := range strings.Lines(f[2]) {
				if strings.HasPrefix(line, "#") {
					continue
				}
				_, after, ok := strings.Cut(rest, "\nexec "+line)
				if !ok {
					t.Errorf("%s: the story %s does not go on with: %s", g.file, f[1], line)
					break
				}
				rest = "\n" + after
			}
		}
		slices.Sort(names)
		if d := cmp.Diff(drills, names); d != "" {
			t.Errorf("%s: drills (-stories +guide):\n%s", g.file, d)
		}
	}
}

func stories(t *testing.T) []string {
	t.Helper()
	all, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(all) == 0 {
		t.Fatal(all, err)
	}
	return all
}

// table gives the rows of the table behind a marker.
func table(t *testing.T, file, marker, end string) (rows [][]string) {
	t.Helper()
	_, rest, _ := strings.Cut(read(t, file), marker)
	body, _, found := strings.Cut(rest, end)
	if !found {
		t.Fatalf("%s has no table between %q and %q", file, marker, end)
	}
	_, body, _ = strings.Cut(body, "| --- |")
	_, body, _ = strings.Cut(body, "\n")
	for line := range strings.Lines(strings.TrimSpace(body)) {
		var cells []string
		for _, c := range strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|") {
			cells = append(cells, strings.TrimSpace(c))
		}
		rows = append(rows, cells)
	}
	return rows
}

// TestCommandsInTheManuals: go test -update writes them anew.
func TestCommandsInTheManuals(t *testing.T) {
	for _, m := range manuals {
		p, err := locale.New(m.language, nil)
		if err != nil {
			t.Fatal(err)
		}
		var want [][]string
		for _, name := range slices.Sorted(maps.Keys(commands())) {
			want = append(want, []string{"`" + name + "`", p.Text("boxctl.help-"+strings.ReplaceAll(name, " ", "-"), nil)})
		}
		if *rewriting {
			rewrite(t, m.file, m.commands, m.end, want)
		}
		if d := cmp.Diff(want, table(t, m.file, m.commands, m.end)); d != "" {
			t.Errorf("%s (-program +manual):\n%s", m.file, d)
		}
	}
}

// rewrite puts other rows into the table behind a marker.
func rewrite(t *testing.T, file, marker, end string, rows [][]string) {
	t.Helper()
	before, rest, _ := strings.Cut(read(t, file), marker)
	head, rest, found := strings.Cut(rest, "| --- |\n")
	_, after, ends := strings.Cut(rest, "\n"+end)
	if !found || !ends {
		t.Fatalf("%s has no table behind %q", file, marker)
	}
	text := before + marker + head + "| --- |\n"
	for _, cells := range rows {
		text += "| " + strings.Join(cells, " | ") + " |\n"
	}
	if err := os.WriteFile(file, []byte(text+"\n"+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestExitCodesInTheManuals(t *testing.T) {
	want := []int{exitOK, exitFailed, exitUsage, exitRefused, exitExpired, exitTrouble, exitNoAnswer, exitPartly, exitNotDone, exitUnreached, exitUnconfirmed}
	for _, m := range manuals {
		var got []int
		for _, row := range table(t, m.file, m.codes, m.end) {
			n, err := strconv.Atoi(row[0])
			if err != nil || row[1] == "" {
				t.Errorf("%s: row %q", m.file, row)
			}
			got = append(got, n)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-program +manual):\n%s", m.file, d)
		}
	}
}

// TestRolesInTheGuides holds the keys of each role, and who holds them, against what the program makes.
func TestRolesInTheGuides(t *testing.T) {
	holders := map[string]string{}
	for _, w := range firstKeys() {
		holders[string(w.role)] += " " + w.holder
	}
	words := strings.NewReplacer("détenteur ", "holder-", "holder ", "holder-", "réserve", "reserve", ",", "",
		"la machine qui renouvelle", "online", "the machine that renews", "online", "le soutien", "support")
	roles, keys := release.Roles()
	for _, g := range guides {
		rows := table(t, g.file, g.roles, g.end)
		if len(rows) != len(roles) {
			t.Fatalf("%s: %d roles", g.file, len(rows))
		}
		for i, role := range roles {
			want := []string{"`" + string(role) + "`", fmt.Sprint(release.Threshold(role)), fmt.Sprint(keys[role]), strings.TrimSpace(holders[string(role)])}
			got := append(rows[i][:3:3], words.Replace(rows[i][3]))
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("%s (-program +guide):\n%s", g.file, d)
			}
		}
	}
}
