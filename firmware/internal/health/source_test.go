package health_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"syncbox/connectors"
	"syncbox/connectors/outlook"
	"syncbox/connectors/pairs/legs"
	"syncbox/connectors/quickbooks"
	"syncbox/firmware/internal/health"
	"syncbox/firmware/internal/journal"
)

// notCodes are texts in the sync that look like codes and are none, each with what it is.
var notCodes = map[string]string{
	"crm-gone":       "the name of a link's state",
	"field-options":  "the name of a setting",
	"last-run":       "the name of a setting",
	"list-deletions": "the name of a setting",
	"spare-since":    "the name of a setting",
}

// root is the folder of the module.
const root = "../../.."

// sources parses the Go files of a folder and below, without tests.
func sources(t *testing.T, dir string) []*ast.File {
	t.Helper()
	var all []*ast.File
	set := token.NewFileSet()
	err := fs.WalkDir(os.DirFS(root), dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(set, filepath.Join(root, path), nil, parser.SkipObjectResolution)
		all = append(all, file)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 {
		t.Fatalf("no source in %s", dir)
	}
	return all
}

// texts gives the string literals of a tree, without import paths, tags, and the constants of typed lists.
func texts(n ast.Node) []string {
	var all []string
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.Field:
			return n.Tag == nil
		case *ast.ValueSpec:
			return n.Type == nil
		case *ast.BasicLit:
			if n.Kind == token.STRING {
				s, err := strconv.Unquote(n.Value)
				if err == nil {
					all = append(all, s)
				}
			}
		}
		return true
	})
	return all
}

// constants gives the texts of all constants of a type.
func constants(files []*ast.File, of string) []string {
	var all []string
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			if name, ok := spec.Type.(*ast.Ident); ok && name.Name == of {
				for _, v := range spec.Values {
					if lit, ok := v.(*ast.BasicLit); ok {
						s, _ := strconv.Unquote(lit.Value)
						all = append(all, s)
					}
				}
			}
			return true
		})
	}
	return all
}

var looksLikeACode = regexp.MustCompile(`^[a-z]+(-[a-z]+)+$`)

// The sync keeps no list of its codes: every literal in it that looks like one has to be known.
func TestEveryCodeInTheSyncIsKnown(t *testing.T) {
	seen := map[string]bool{}
	for _, dir := range []string{"sync/engine", "sync/plan", "sync/mapping"} {
		for _, file := range sources(t, dir) {
			for _, text := range texts(file) {
				if !looksLikeACode.MatchString(text) {
					continue
				}
				seen[text] = true
				if !known(text) && !slices.Contains(health.Events(), text) && notCodes[text] == "" {
					t.Errorf("%s: %q is neither a condition nor an event", dir, text)
				}
			}
		}
	}
	elsewhere := regexp.MustCompile(`^(person|waits|device|button|box|settings|code|quickbooks|stick|update)-`) // see the tests below
	remarks := slices.Concat(quickbooks.RemarkCodes(), outlook.RemarkCodes(), legs.RemarkCodes())
	for _, code := range health.Events() {
		if !seen[code] && !elsewhere.MatchString(code) && !slices.Contains(remarks, code) {
			t.Errorf("event %s: nothing in the sync tells it", code)
		}
	}
	for text := range notCodes {
		if !seen[text] {
			t.Errorf("%q is in the list of what is no code and nowhere else", text)
		}
	}
}

// Everywhere else, codes stand in lists, or in the errors of outside systems.
func TestEveryCodeOfAnErrorIsKnown(t *testing.T) {
	sample, err := parser.ParseFile(token.NewFileSet(), "sample.go", `package x; var _ = connectors.Errorf(connectors.Hold, "a-code", "%w", err)`, 0)
	if err != nil || !slices.Equal(errorCodes(sample), []string{"a-code"}) {
		t.Fatalf("got %v and %v from the sample", errorCodes(sample), err)
	}
	for _, dir := range []string{"connectors", "firmware"} {
		for _, file := range sources(t, dir) {
			for _, code := range errorCodes(file) {
				if !known(code) {
					t.Errorf("%s: code %q is not in the list", dir, code)
				}
			}
		}
	}
	if got := connectors.CodeOf(errors.New("nobody sorted it")); got != health.Internal {
		t.Errorf("an unsorted error has the code %s, want %s", got, health.Internal)
	}
}

// errorCodes gives the literal codes that connectors.Errorf is called with.
func errorCodes(file *ast.File) []string {
	var all []string
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) < 2 {
			return true
		}
		if fn, ok := call.Fun.(*ast.SelectorExpr); ok && fn.Sel.Name == "Errorf" {
			if lit, ok := call.Args[1].(*ast.BasicLit); ok && lit.Kind == token.STRING && fmt.Sprint(fn.X) == "connectors" {
				s, _ := strconv.Unquote(lit.Value)
				all = append(all, s)
			}
		}
		return true
	})
	return all
}

func known(code string) bool {
	_, ok := health.Lookup(code)
	return ok
}

// Events about verbs and kinds of waiting are made from their names.
func TestEveryVerbAndWaitingHasItsEvent(t *testing.T) {
	for prefix, list := range map[string][]string{
		"person-": constants(sources(t, "sync/engine"), "Verb"),
		"waits-":  constants(sources(t, "sync/store"), "WaitKind"),
	} {
		if len(list) < 5 {
			t.Errorf("%s: only %v found", prefix, list)
		}
		var got []string
		for _, code := range health.Events() {
			if name, is := strings.CutPrefix(code, prefix); is {
				got = append(got, name)
			}
		}
		slices.Sort(list)
		if !slices.Equal(got, list) {
			t.Errorf("%s: events for %v, the source has %v", prefix, got, list)
		}
	}
}

// Starts and settings stand in a list, and what became of a stick in constants.
func TestEveryEventOfTheBoxIsKnown(t *testing.T) {
	told := slices.Concat(journal.Events, constants(sources(t, "firmware/internal/stick"), "Event"))
	var listed []string
	for _, code := range health.Events() {
		if regexp.MustCompile(`^(box|settings|code|quickbooks|stick)-`).MatchString(code) {
			listed = append(listed, code)
		}
	}
	told = slices.DeleteFunc(told, known) // a condition can be journalled by its own code
	slices.Sort(told)
	if !slices.Equal(told, listed) || len(told) < 5 {
		t.Errorf("events %v, told are %v", listed, told)
	}
}

// Events about the box as a whole are told by the panel, at whatever place they were asked for.
func TestEveryEventOfThePanelIsKnown(t *testing.T) {
	told := constants(sources(t, "firmware/internal/panel"), "Event")
	var listed []string
	for _, code := range health.Events() {
		if strings.HasPrefix(code, "device-") || strings.HasPrefix(code, "button-") {
			listed = append(listed, code)
		}
	}
	slices.Sort(told)
	if !slices.Equal(told, listed) || len(told) < 5 {
		t.Errorf("events %v, the panel tells %v", listed, told)
	}
}

// What becomes of a new version is told by package updates; why, in the codes of the packages of ota. Those of orders have
// a prefix of their own, because the words of the protocol with support have none.
func TestEveryCodeOfUpdatesIsKnown(t *testing.T) {
	told := constants(sources(t, "firmware/internal/updates"), "Event")
	var listed []string
	for _, code := range health.Events() {
		if strings.HasPrefix(code, "update-") {
			listed = append(listed, code)
		}
	}
	slices.Sort(told)
	if !slices.Equal(told, listed) || len(told) < 5 {
		t.Errorf("events %v, the updates tell %v", listed, told)
	}
	for dir, prefix := range map[string]string{"ota/update": "", "ota/trust": "", "ota/fetch": "", "ota/order": "order-"} {
		codes := constants(sources(t, dir), "Code")
		if len(codes) < 5 {
			t.Errorf("%s: only %v found", dir, codes)
		}
		for _, code := range codes {
			if code != "" && code != "superseded" && !known(prefix+code) {
				t.Errorf("%s: %q is not in the list", dir, prefix+code)
			}
		}
	}
}
