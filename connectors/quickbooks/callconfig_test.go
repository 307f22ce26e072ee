package quickbooks_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"syncbox/connectors/quickbooks"
)

// Requirement: QBO-6, QBO-7, QBO-56
func TestValidate(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(*quickbooks.Config)
		want   string // in the error; empty for a good configuration
	}{
		{"least", func(*quickbooks.Config) {}, ""},
		{"relay", func(c *quickbooks.Config) { *c = quickbooks.Config{RelayURL: "https://relay.example"} }, ""},
		{"simulator", func(c *quickbooks.Config) { c.BaseURL, c.AuthURL = "http://127.0.0.1:80", "http://localhost:81" }, ""},
		{"one-way", func(c *quickbooks.Config) { c.Customers = quickbooks.CustomersOneWay }, ""},
		{"neither way", func(c *quickbooks.Config) { *c = quickbooks.Config{} }, "neither a relay"},
		{"no secret", func(c *quickbooks.Config) { c.ClientSecret = "" }, "neither a relay"},
		{"both ways", func(c *quickbooks.Config) { c.RelayURL = "https://relay.example" }, "both a relay"},
		{"plain relay", func(c *quickbooks.Config) { *c = quickbooks.Config{RelayURL: "http://relay.example"} }, "would not be secret"},
		{"plain by choice", func(c *quickbooks.Config) { *c = quickbooks.Config{RelayURL: "http://relay.example", PlainHTTP: true} }, ""},
		{"log-on in the address", func(c *quickbooks.Config) { c.BaseURL = "https://u:" + theSecret + "@api.example" }, "address of the API"},
		{"redirect", func(c *quickbooks.Config) { c.RedirectURL = "box" }, "redirect address"},
		{"environment", func(c *quickbooks.Config) { c.Environment = "test" }, `"test"`},
		{"language", func(c *quickbooks.Config) { c.Language = "de" }, `"de"`},
		{"language of customers", func(c *quickbooks.Config) { c.CustomerLanguage = "de" }, `"de"`},
		{"customers", func(c *quickbooks.Config) { c.Customers = "both" }, `"both"`},
		{"reads", func(c *quickbooks.Config) { c.MonthlyReads = 10 }, "monthly reads 10"},
		{"day", func(c *quickbooks.Config) { c.CycleDay = 29 }, "29"},
		{"pause", func(c *quickbooks.Config) { c.MaxIdle = time.Minute }, "pause"},
		{"rate", func(c *quickbooks.Config) { c.Rate = 11 }, "rate 11"},
		{"per minute", func(c *quickbooks.Config) { c.PerMinute = 501 }, "501"},
		{"answer", func(c *quickbooks.Config) { c.MaxAnswer = 1 }, "largest answer 1"},
		{"time-out", func(c *quickbooks.Config) { c.Timeout = -1 }, "duration"},
		{"look-back", func(c *quickbooks.Config) { c.Lookback = 30 * 24 * time.Hour }, "look-back"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			cfg := direct()
			tc.change(&cfg)
			err := cfg.Validate()
			if _, again := quickbooks.NewConnector(cfg, &place{}, nil, nil); (again == nil) != (err == nil) {
				t.Errorf("NewConnector says %v, Validate says %v", again, err)
			}
			if tc.want == "" {
				if err != nil {
					t.Errorf("got %v, want none", err)
				}
				return
			}
			if !errors.Is(err, quickbooks.ErrConfig) || !strings.Contains(err.Error(), tc.want) || leaked(err.Error()) {
				t.Errorf("got %v, want an ErrConfig with %q and no secret", err, tc.want)
			}
		})
	}
}

// Nothing that holds a secret prints it.
func TestPrintsNoSecret(t *testing.T) {
	cfg, p := direct(), &place{}
	c, err := quickbooks.NewConnector(cfg, p, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	a, err := quickbooks.NewAPI(cfg, p, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	g := quickbooks.Grant{State: quickbooks.Connected, Access: "access-1", Refresh: "refresh-1"}
	text, err := json.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "cfg", cfg, "connector", c, "grant", g)
	all := string(text) + log.String()
	for _, v := range []any{cfg, c, a, g, &g} {
		all += fmt.Sprintf(" %v %+v %#v %s", v, v, v, v)
	}
	if leaked(all) || !strings.Contains(all, "quickbooks.api.intuit.com") {
		t.Errorf("printed %s", all)
	}
}

// Codes lists every constant of codes.go, each once, in the form of a health code and with a sentence.
func TestCodes(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "codes.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		code, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil || !strings.HasPrefix(code, "qbo-") || !strings.HasPrefix(spec.Doc.Text(), spec.Names[0].Name+": ") {
			t.Errorf("%s is %q with %q", spec.Names[0].Name, code, spec.Doc.Text())
		}
		all = append(all, code)
		return true
	})
	listed := quickbooks.Codes()
	slices.Sort(all)
	slices.Sort(listed)
	if !slices.Equal(all, listed) || len(slices.Compact(slices.Clone(all))) != len(all) {
		t.Errorf("listed %v, want %v", listed, all)
	}
}
