// Package firmware_test holds all packages of the box against the picture of who may import whom.
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
	"strings"
	"testing"
)

// arrow ties packages to packages, by their paths inside the module.
type arrow struct{ from, to *regexp.Regexp }

// allowed: the first line that fits a package counts. It may import what the second column fits,
// and always what lies in the folder that the brackets of the first column catch. A simulator does
// not import its client: with common types, both would make the same mistake.
var allowed = []arrow{
	{re(`^(firmware)/(cmd/(page|qemu)|internal/sitetest)\b`), re(`.`)}, // they start the image
	{re(`^(firmware)/`), re(`^(sync|connectors|board|ota)\b`)},
	{re(`^(board|ota)\b`), re(`^$`)},
	{re(`^(image/internal/initprobe)$`), re(`^board/boot$`)}, // what a test boots, to try the board's first steps
	{re(`^(image)/`), re(`^ota\b`)},
	{re(`^(sync)/`), re(`^connectors(/record)?$`)},
	{re(`^(connectors)(/(all|pairs)\b|$)`), re(`^$`)},
	{re(`^(connectors/\w+/\w+test)$`), re(`^connectors(/(record|share|rest)(/\w+test)?)?$`)},
	{re(`^(connectors/\w+)`), re(`^connectors(/(record|share|vat|rest(/soap)?))?$`)},
}

// forbidden: the packages that decide are handed their clock, chance and network.
var forbidden = []arrow{
	{re(`^sync/(plan|mapping|engine|store)$`), re(`^(net|math/rand)\b`)},
	{re(`^sync/(plan|mapping|engine)$`), re(`^os\b`)},
}

// kept is what only some may import: the user-space SMB client is at work in one child process alone, and a browser in
// tests.
var kept = []arrow{
	{re(`^(connectors/share/survey/smb|connectors/(share|acomba)/\w+test)$`), re(`^github\.com/cloudsoda/`)},
	{re(`^firmware/internal/survey/child$`), re(`^connectors/share/survey/smb$`)},
	{re(`^firmware/cmd/syncbox$`), re(`^firmware/internal/survey/child$`)},
	{re(`^firmware/internal/web/browsertest$`), re(`^github\.com/chromedp/`)},
}

var (
	re         = regexp.MustCompile
	timeless   = forbidden[0].from
	simulator  = re(`test$`)
	simulating = re(`test(/|$)|^firmware/cmd/(demo|page|qemu|storm)$|^image/(disklog$|internal/)`) // the last ones are of tests alone
	clock      = re(`^(Now|Since|Until|Sleep|After|AfterFunc|Tick|NewTimer|NewTicker)$`)
)

// pkg is a package as `go list` tells it.
type pkg struct {
	ImportPath, Dir, Doc string
	GoFiles, Imports     []string
}

// TestArrows asks `go list` for all packages, which the test cache cannot see: run it with -count=1.
//
// Requirement: LAB-1, QBO-49
func TestArrows(t *testing.T) {
	list := exec.Command("go", "list", "-json=ImportPath,Dir,Doc,GoFiles,Imports", "syncbox/...")
	list.Stderr = os.Stderr
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	for packages := json.NewDecoder(bytes.NewReader(out)); packages.More(); {
		var p pkg
		if err := packages.Decode(&p); err != nil {
			t.Fatal(err)
		}
		for _, wrong := range breaches(p) {
			t.Errorf("%s %s", p.ImportPath, wrong)
		}
		for _, name := range p.GoFiles {
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, name), nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			if timeless.MatchString(inside(p.ImportPath)) && readsClock(file) {
				t.Errorf("%s reads the clock in %s", p.ImportPath, name)
			}
		}
	}
}

// breaches tells what is wrong with the comment and the imports of p.
func breaches(p pkg) (wrong []string) {
	if p.Doc == "" && len(p.GoFiles) > 0 {
		wrong = append(wrong, "has no package comment")
	}
	for _, to := range p.Imports {
		if !mayImport(inside(p.ImportPath), to) {
			wrong = append(wrong, "imports "+to)
		}
	}
	return wrong
}

func inside(importPath string) string { return strings.TrimPrefix(importPath, "syncbox/") }

func mayImport(from, importPath string) bool {
	to := inside(importPath)
	for _, a := range forbidden {
		if a.from.MatchString(from) && a.to.MatchString(to) {
			return false
		}
	}
	for _, k := range kept {
		if k.to.MatchString(to) && !k.from.MatchString(from) {
			return false
		}
	}
	if to == importPath {
		return true // not ours
	}
	if simulator.MatchString(to) && !simulating.MatchString(from) {
		return false
	}
	for _, a := range allowed {
		if m := a.from.FindStringSubmatch(from); m != nil {
			return a.to.MatchString(to) || to == m[1] || strings.HasPrefix(to, m[1]+"/")
		}
	}
	return false
}

// readsClock says whether a file calls or hands on a function of package time that knows what time it is.
func readsClock(file *ast.File) (reads bool) {
	ast.Inspect(file, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			x, named := s.X.(*ast.Ident)
			reads = reads || named && x.Name == "time" && clock.MatchString(s.Sel.Name)
		}
		return true
	})
	return reads
}

// TestArrowsCanFail breaks each rule once.
func TestArrowsCanFail(t *testing.T) {
	rows := []struct {
		from, to string
		may      bool
	}{
		{"firmware/cmd/syncbox", "syncbox/connectors/all", true},
		{"firmware/internal/updates", "syncbox/ota/update", true},
		{"firmware/cmd/syncbox", "syncbox/firmware/internal/app", true},
		{"firmware/cmd/syncbox", "syncbox/image/manifest", false},
		{"firmware/cmd/boxctl", "syncbox/image/manifest", false},
		{"firmware/cmd/qemu", "syncbox/image/vm", true},
		{"firmware/cmd/qemu/bareinit", "syncbox/image/vm", true},
		{"firmware/internal/sitetest", "syncbox/image/vm", true},
		{"firmware/cmd/page", "syncbox/image/vm", true},
		{"firmware/cmd/page", "syncbox/firmware/internal/web/browsertest", true},
		{"firmware/cmd/page", "github.com/chromedp/chromedp", false},
		{"firmware/cmd/syncbox", "syncbox/firmware/internal/web/browsertest", false},
		{"firmware/internal/web", "github.com/chromedp/cdproto/page", false},
		{"firmware/internal/web/browsertest", "github.com/chromedp/cdproto/page", true},
		{"firmware/cmd/syncbox", "syncbox/connectors/acomba/acombatest", false},
		{"firmware/cmd/demo", "syncbox/connectors/acomba/acombatest", true},
		{"firmware/cmd/demo", "syncbox/firmware/internal/storytest", true},
		{"firmware/cmd/qemu", "syncbox/firmware/internal/sitetest", true},
		{"firmware/cmd/syncbox", "syncbox/firmware/internal/sitetest", false},
		{"firmware/internal/storytest", "syncbox/connectors/acomba/acombatest", true},
		{"firmware/cmd/syncbox", "syncbox/firmware/internal/storytest", false},
		{"firmware/cmd/storm", "syncbox/firmware/internal/support/brokertest", true},
		{"firmware/cmd/syncbox", "syncbox/firmware/internal/support/brokertest", false},
		{"connectors/share/survey/smb", "github.com/cloudsoda/go-smb2", true},
		{"connectors/share/sharetest", "github.com/cloudsoda/go-smb2", true},
		{"connectors/share/survey", "github.com/cloudsoda/go-smb2", false},
		{"connectors/share", "github.com/cloudsoda/go-smb2", false},
		{"firmware/cmd/syncbox", "github.com/cloudsoda/go-smb2", false},
		{"firmware/internal/survey/child", "syncbox/connectors/share/survey/smb", true},
		{"firmware/internal/survey", "syncbox/connectors/share/survey/smb", false},
		{"firmware/cmd/syncbox", "syncbox/connectors/share/survey/smb", false},
		{"firmware/cmd/syncbox", "syncbox/firmware/internal/survey/child", true},
		{"firmware/internal/web/setup", "syncbox/firmware/internal/survey/child", false},
		{"firmware/internal/survey", "syncbox/firmware/internal/survey/child", false},
		{"board", "syncbox/connectors", false},
		{"board/boardtest", "syncbox/board", true},
		{"ota/slot", "syncbox/ota/trust", true},
		{"ota", "syncbox/board", false},
		{"image/cmd/bundle", "syncbox/ota/bundle", true},
		{"image/cmd/bundle", "syncbox/firmware/internal/config", false},
		{"image/cmd/bundle", "syncbox/board/boot", false},
		{"image/internal/initprobe", "syncbox/board/boot", true},
		{"image/internal/initprobe", "syncbox/board", false},
		{"sync/engine", "syncbox/sync/plan", true},
		{"sync/engine", "syncbox/connectors/record", true},
		{"sync/engine", "syncbox/connectors/acomba", false},
		{"sync/engine", "net/http", false},
		{"sync/engine", "os", false},
		{"sync/store", "os", true},
		{"sync/store", "math/rand/v2", false},
		{"connectors", "syncbox/connectors/record", true},
		{"connectors", "syncbox/sync/plan", false},
		{"connectors/all", "syncbox/connectors/acomba", true},
		{"connectors/acomba", "syncbox/connectors/acomba/layout", true},
		{"connectors/acomba", "syncbox/connectors/share", true},
		{"connectors/acomba", "syncbox/connectors/centrixone", false},
		{"connectors/sagex3", "syncbox/connectors/rest/soap", true},
		{"connectors/sagex3", "syncbox/connectors/rest/resttest", false},
		{"connectors/sagex3/sagex3test", "syncbox/connectors/rest/soap", false},
		{"connectors/acomba/acombatest", "syncbox/connectors/acomba", false},
		{"connectors/acomba/acombatest", "syncbox/connectors/share/sharetest", true},
		{"connectors/share/sharetest", "syncbox/connectors/share", true},
		{"tools", "syncbox/board", false},
	}
	for _, row := range rows {
		if got := mayImport(row.from, row.to); got != row.may {
			t.Errorf("%s imports %s: got %v, want %v", row.from, row.to, got, row.may)
		}
	}
	if got := breaches(pkg{ImportPath: "syncbox/board", GoFiles: []string{"led.go"}, Imports: []string{"syncbox/ota"}}); len(got) != 2 {
		t.Errorf("no comment and one forbidden import: got %q", got)
	}
	for text, want := range map[string]bool{"f(time.Now)": true, "time.Sleep(d)": true, "d.Round(time.Second)": false} {
		file, err := parser.ParseFile(token.NewFileSet(), "", "package p; func g() { "+text+" }", 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := readsClock(file); got != want {
			t.Errorf("%s reads the clock: got %v, want %v", text, got, want)
		}
	}
}
