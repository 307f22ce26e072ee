package sagecrm_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"syncbox/connectors/sagecrm"
)

func TestValidate(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*sagecrm.Config)
		want   string // in the error; empty for a good configuration
	}{
		{"least", func(*sagecrm.Config) {}, ""},
		{"this machine", func(c *sagecrm.Config) { c.BaseURL = "http://127.0.0.1:8080" }, ""},
		{"plain", func(c *sagecrm.Config) { c.BaseURL = "http://crm.example" }, "would not be secret"},
		{"plain by choice", func(c *sagecrm.Config) { c.BaseURL, c.PlainHTTP = "http://crm.example", true }, ""},
		{"log-on in the address", func(c *sagecrm.Config) { c.BaseURL = "https://u:" + password + "@crm.example" }, "form https://host"},
		{"install", func(c *sagecrm.Config) { c.Install = "../x" }, `"../x"`},
		{"no password", func(c *sagecrm.Config) { c.Password = "" }, "password"},
		{"interface", func(c *sagecrm.Config) { c.Interface = "odbc" }, `"odbc"`},
		{"flags", func(c *sagecrm.Config) { c.Flags = "oui" }, `"oui"`},
		{"VAT of a person", func(c *sagecrm.Config) { c.VATField = "pers_vat" }, "comp_name"},
		{"a predicate for a column", func(c *sagecrm.Config) { c.BobSyncField = "comp_x or 1=1" }, "comp_name"},
		{"identity of persons", func(c *sagecrm.Config) { c.PersonIDField = "comp_id" }, "pers_name"},
		{"custom of nobody", func(c *sagecrm.Config) { c.Custom = map[string]string{"oppo_x": sagecrm.FormText} }, "oppo_x"},
		{"custom form", func(c *sagecrm.Config) { c.Custom = map[string]string{"comp_x": "money"} }, `"money"`},
		{"children of nobody", func(c *sagecrm.Config) { c.Children = map[string]sagecrm.Child{"note": {}} }, `"note"`},
		{"column of children", func(c *sagecrm.Config) { c.Children = map[string]sagecrm.Child{"phone": {Key: "a b"}} }, `"a b"`},
		{"phone field", func(c *sagecrm.Config) { c.PhoneTypes = map[string]string{"home": "Home"} }, "phon_"},
		{"e-mail field", func(c *sagecrm.Config) { c.EmailTypes = map[string]string{"home": "Home"} }, "emai_"},
		{"country", func(c *sagecrm.Config) { c.Country = "Belgique" }, `"Belgique"`},
		{"date element", func(c *sagecrm.Config) { c.DateElement = "a b" }, `"a b"`},
		{"rate", func(c *sagecrm.Config) { c.Rate = 5000 }, "rate 5000"},
		{"page", func(c *sagecrm.Config) { c.PageSize = 5000 }, "page size 5000"},
		{"request", func(c *sagecrm.Config) { c.MaxRequest = 500 }, "500"},
		{"answer", func(c *sagecrm.Config) { c.MaxAnswer = 10 }, "10"},
		{"time-out", func(c *sagecrm.Config) { c.Timeout = -time.Second }, "duration"},
	} {
		t.Run(test.name, func(t *testing.T) {
			cfg := config()
			test.change(&cfg)
			err := cfg.Validate()
			if _, again := sagecrm.New(cfg, nil, nil); (again == nil) != (err == nil) {
				t.Errorf("New says %v, Validate says %v", again, err)
			}
			if test.want == "" {
				if err != nil {
					t.Errorf("got %v, want none", err)
				}
				return
			}
			if !errors.Is(err, sagecrm.ErrConfig) || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), password) {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

// However a configuration is written down, its secrets are not.
func TestConfigTellsNoSecret(t *testing.T) {
	cfg := config()
	written, err := json.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "cfg", cfg)
	for _, text := range []string{string(written), log.String(), fmt.Sprintf("%v %+v %#v %s", cfg, cfg, cfg, cfg)} {
		if strings.Contains(text, password) || strings.Contains(text, user) {
			t.Errorf("told: %s", text)
		}
	}
}

// Codes lists every constant whose name begins so.
func TestCodes(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "codes.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	ast.Inspect(file, func(node ast.Node) bool {
		spec, ok := node.(*ast.ValueSpec)
		if ok && strings.HasPrefix(spec.Names[0].Name, "Code") {
			n++
			if code := strings.Trim(spec.Values[0].(*ast.BasicLit).Value, `"`); !slices.Contains(sagecrm.Codes(), code) {
				t.Errorf("%s is not listed", code)
			}
		}
		return true
	})
	if n != len(sagecrm.Codes()) || n == 0 {
		t.Errorf("%d constants, %d codes", n, len(sagecrm.Codes()))
	}
}
