package quickbooks_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// Nothing but customers is ever written, and nothing is deleted or made inactive: one call site, one path.
//
// Requirement: QBO-12, QBO-52
func TestOneWayOut(t *testing.T) {
	files := token.NewFileSet()
	names, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	writes, posts := 0, []string{}
	for _, name := range names {
		if !strings.HasSuffix(name.Name(), ".go") || strings.HasSuffix(name.Name(), "_test.go") {
			continue
		}
		f, err := parser.ParseFile(files, name.Name(), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				sel, is := n.Fun.(*ast.SelectorExpr)
				if !is || sel.Sel.Name != "write" {
					break
				}
				writes++
				if path, is := n.Args[1].(*ast.Ident); !is || path.Name != "customersPath" {
					t.Errorf("%s: a write to another path", files.Position(n.Pos()))
				}
			case *ast.SelectorExpr:
				if n.Sel.Name == "MethodPost" {
					posts = append(posts, name.Name())
				}
			case *ast.BasicLit:
				if low := strings.ToLower(n.Value); strings.Contains(low, "operation=") || strings.Contains(low, `"batch"`) {
					t.Errorf("%s: %s", files.Position(n.Pos()), n.Value)
				}
			case *ast.IndexExpr:
				if key, is := n.Index.(*ast.BasicLit); is && key.Value == `"Active"` {
					t.Errorf("%s: sets Active", files.Position(n.Pos()))
				}
			}
			return true
		})
	}
	if writes == 0 {
		t.Error("no write was found: the test looks for the wrong thing")
	}
	slices.Sort(posts)
	for _, file := range slices.Compact(posts) {
		if !slices.Contains([]string{"call.go", "exchange.go", "relay.go", "connection.go", "connect.go", "refresh.go"}, file) {
			t.Errorf("%s sends a POST of its own", file)
		}
	}
}

// One way, nothing can be written; both ways, only what belongs to customers.
//
// Requirement: QBO-10, QBO-12, QBO-56
func TestFields(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := open(t, newShop(t))
		var written []string
		for _, e := range []record.Entity{record.Account, record.Contact, record.Category, record.Document} {
			for name, f := range c.TwoWay.Company.Fields(e) {
				if f.Write != connectors.WriteNone {
					t.Errorf("one way: %s %s", e, name)
				}
			}
			for name, f := range c.Fields(e) {
				if f.Write == connectors.WriteDirect {
					written = append(written, string(e)+" "+name)
				}
			}
		}
		slices.Sort(written)
		want := []string{"account address", "account city", "account country", "account name", "account postal_code", "account province", "account web",
			"contact email", "contact fax", "contact full_name", "contact mobile", "contact phone", "contact phone2", "contact title"}
		if diff := cmp.Diff(want, written); diff != "" {
			t.Error(diff)
		}
		if _, writes := any(c.TwoWay.Company).(connectors.Target); writes {
			t.Error("a company that is only read is a target")
		}
	})
}
