package centrixone_test

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

	"syncbox/connectors"
	"syncbox/connectors/centrixone"
)

func TestValidate(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(*centrixone.Config)
		want   string // in the error; empty for a good configuration
	}{
		{"least", func(c *centrixone.Config) {}, ""},
		{"this machine", func(c *centrixone.Config) { c.BaseURL = "http://127.0.0.1:8080" }, ""},
		{"plain by choice", func(c *centrixone.Config) { c.BaseURL, c.PlainHTTP = "http://crm.example", true }, ""},
		{"plain", func(c *centrixone.Config) { c.BaseURL = "http://crm.example" }, "would not be secret"},
		{"other scheme", func(c *centrixone.Config) { c.BaseURL, c.PlainHTTP = "ftp://crm.example", true }, "would not be secret"},
		{"no host", func(c *centrixone.Config) { c.BaseURL = "crm.example" }, "form https://host"},
		{"log-on in the address", func(c *centrixone.Config) { c.BaseURL = "https://u:" + key + "@crm.example" }, "form https://host"},
		{"no account", func(c *centrixone.Config) { c.Account = "" }, "account number"},
		{"separator in the key", func(c *centrixone.Config) { c.APIKey = "a-b" }, "key"},
		{"language", func(c *centrixone.Config) { c.Language = "DE" }, `"DE"`},
		{"language of new records", func(c *centrixone.Config) { c.NewLanguage = "ES" }, `"ES"`},
		{"source", func(c *centrixone.Config) { c.Source = "sage" }, `"sage"`},
		{"primary", func(c *centrixone.Config) { c.PrimaryContact = "newest" }, `"newest"`},
		{"rate", func(c *centrixone.Config) { c.Rate = 1000 }, "rate 1000"},
		{"batch", func(c *centrixone.Config) { c.BatchSize = -1 }, "batch size -1"},
		{"page", func(c *centrixone.Config) { c.PageSize = 501 }, "page size 501"},
		{"name", func(c *centrixone.Config) { c.MaxName = 40 }, "no room"},
		{"answer", func(c *centrixone.Config) { c.MaxAnswer = 10 }, "largest answer 10"},
		{"time-out", func(c *centrixone.Config) { c.Timeout = -time.Second }, "duration"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			cfg := config()
			tc.change(&cfg)
			err := cfg.Validate()
			if _, again := centrixone.New(cfg, nil, nil); (again == nil) != (err == nil) {
				t.Errorf("New says %v, Validate says %v", again, err)
			}
			if tc.want == "" {
				if err != nil {
					t.Errorf("got %v, want none", err)
				}
				return
			}
			if !errors.Is(err, centrixone.ErrConfig) || !strings.Contains(err.Error(), tc.want) || leaks(err.Error()) {
				t.Errorf("got %v, want an ErrConfig with %q and no secret", err, tc.want)
			}
		})
	}
}

// Requirement: EXT-12
func TestConfigPrintsNoSecret(t *testing.T) {
	cfg := config()
	crm := newServer(t).crm()
	text, err := json.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "cfg", cfg, "crm", crm)
	all := fmt.Sprintf("%v %+v %#v %s %v %+v %#v %s %s", cfg, cfg, cfg, cfg, crm, crm, crm, text, log.String())
	if leaks(all) || !strings.Contains(all, "crm.example") {
		t.Errorf("printed %s", all)
	}
}

// Codes lists every constant of its kind, each once, in the form of a health code.
func TestCodes(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "codes.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if ok && strings.HasPrefix(spec.Names[0].Name, "Code") {
			if spec.Doc == nil {
				t.Errorf("%s has no sentence", spec.Names[0].Name)
			}
			text, _ := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			want = append(want, text)
		}
		return true
	})
	got := centrixone.Codes()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) || len(slices.Compact(slices.Clone(got))) != len(got) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTraits(t *testing.T) {
	got := newServer(t).crm(func(c *centrixone.Config) { c.BatchSize, c.IndexLag = 7, time.Second }).Traits()
	want := connectors.Traits{Batch: 7, ServerLate: 2 * time.Minute, IndexLag: time.Second, Upsert: true}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
