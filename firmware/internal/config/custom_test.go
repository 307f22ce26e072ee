package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/pairs"
	"syncbox/connectors/record"
	"syncbox/firmware/internal/config"
)

// What a person chooses of a custom field is written into the file beside what stands there, and read again as it was chosen.
//
// Requirement: BOB-15, BOB-16, BOB-17, BOB-18
func TestSetCustom(t *testing.T) {
	dir := t.TempDir()
	copyTo(t, samples, dir)
	path := filepath.Join(dir, "two-companies.toml")
	was, err := config.Load(path)
	must(t, err)
	last := was.Jobs[len(was.Jobs)-1].Name
	var told []string
	w := config.NewWriter(path, func(keys []string) { told = append(told, keys...) })
	sector := config.Custom{Name: config.CustomTable("custom.C_Sécteur"), CustomField: pairs.CustomField{ERP: "custom.C_Sécteur", CRM: "comp_sector", Kind: record.Text, Sync: true,
		Direction: pairs.BothWay, Clear: true, Text: connectors.TextRule{Trim: true, Case: connectors.CaseUpper, Long: connectors.LongCut, Codes: map[string]string{"A": "Agri, \"x\"", "L": "Lait = bon"}},
		Only: []connectors.Condition{{Field: "custom.SCORE", Op: connectors.AtLeast, Values: []string{"10"}}, {Field: "city", Op: connectors.OneOf, Values: []string{"Liège", "Huy | x"}[:1]},
			{Field: "city", Op: connectors.Between, Values: []string{"A", "M"}}, {Field: "city", Op: connectors.IsFilled}}}}
	score := config.Custom{Name: "score", CustomField: pairs.CustomField{ERP: "custom.SCORE", CRM: "comp_score", Kind: record.Number, Direction: pairs.ToCRM}}
	if sector.Name != "custom-c_s-cteur" {
		t.Errorf("table %q", sector.Name)
	}
	for _, job := range []string{was.Jobs[0].Name, last} {
		for _, c := range []config.Custom{score, sector} {
			changed, err := w.SetCustom(job, c)
			must(t, err)
			if want := []string{"job." + job + ".custom." + c.Name}; !cmp.Equal(changed, want) {
				t.Errorf("changed %v, want %v", changed, want)
			}
		}
	}
	score.Sync = true
	for range 2 { // the second time it is as it was
		_, err = w.SetCustom(last, score)
		must(t, err)
	}
	if len(told) != 5 {
		t.Errorf("told of %v", told)
	}
	is, err := config.Load(path)
	must(t, err)
	got := is.Jobs[len(is.Jobs)-1]
	if diff := cmp.Diff([]config.Custom{sector, score}, got.Custom); diff != "" {
		t.Errorf("read again: %s", diff)
	}
	if len(got.CustomFields()) != 2 || len(is.Jobs[0].Custom) != 2 || is.Jobs[0].Custom[1].Sync {
		t.Errorf("the other job has %+v", is.Jobs[0].Custom)
	}
	was.Jobs[0].Custom, is.Jobs[0].Custom = nil, nil
	if was.Jobs[0].Share != is.Jobs[0].Share || was.Jobs[0].Name != is.Jobs[0].Name {
		t.Error("something else has changed")
	}
}

// What makes no sense is refused, and the file stays as it was.
//
// Requirement: BOB-17, BOB-18
func TestSetCustomRefused(t *testing.T) {
	dir := t.TempDir()
	copyTo(t, samples, dir)
	path := filepath.Join(dir, "syncbox.toml")
	before, err := os.ReadFile(path)
	must(t, err)
	conf, err := config.Load(path)
	must(t, err)
	w := config.NewWriter(path, nil)
	job := conf.Jobs[0].Name
	for name, spoil := range map[string]func(job *string, c *config.Custom){
		"no job":            func(job *string, _ *config.Custom) { *job = "nobody" },
		"no name":           func(_ *string, c *config.Custom) { c.Name = "A B" },
		"no field":          func(_ *string, c *config.Custom) { c.CRM = "" },
		"a control":         func(_ *string, c *config.Custom) { c.CRM = "a\x00" },
		"no case":           func(_ *string, c *config.Custom) { c.Text.Case = "title" },
		"a value and none":  func(_ *string, c *config.Custom) { c.Text.Codes = map[string]string{"A": ""} },
		"very long":         func(_ *string, c *config.Custom) { c.Text.Codes = map[string]string{"A": strings.Repeat("x", 20000)} },
		"a condition, half": func(_ *string, c *config.Custom) { c.Only = []connectors.Condition{{Field: "a", Op: connectors.Above}} },
	} {
		c, j := config.Custom{Name: "a", CustomField: pairs.CustomField{ERP: "a", CRM: "A", Kind: record.Text}}, job
		spoil(&j, &c)
		_, err := w.SetCustom(j, c)
		if _, is := errors.AsType[config.Refused](err); !is {
			t.Errorf("%s: got %v", name, err)
		}
		if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
			t.Fatalf("%s: the file has changed: %v", name, err)
		}
	}
}
