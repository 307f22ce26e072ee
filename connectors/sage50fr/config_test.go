package sage50fr_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/connectors/sage50fr"
)

func TestConfigIsChecked(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*sage50fr.Config)
		want   string // in the error; empty for none
	}{
		{"fine", func(*sage50fr.Config) {}, ""},
		{"dossier", func(c *sage50fr.Config) { c.Dossier = "../x" }, "dossier"},
		{"no dossier", func(c *sage50fr.Config) { c.Dossier = "" }, "dossier"},
		{"dir", func(c *sage50fr.Config) { c.Dir = "x" }, "dir"},
		{"encoding", func(c *sage50fr.Config) { c.Encoding = "latin1" }, "encoding"},
		{"import encoding", func(c *sage50fr.Config) { c.ImportEncoding = sage50fr.Auto }, "import encoding"},
		{"a time", func(c *sage50fr.Config) { c.Settle = -time.Second }, "time"},
		{"a limit", func(c *sage50fr.Config) { c.MaxFile = -1 }, "limit"},
		{"columns of what", func(c *sage50fr.Config) { c.Columns = map[string]map[string][]string{"ventes": nil} }, "ventes"},
		{"column of what", func(c *sage50fr.Config) { c.Columns = map[string]map[string][]string{"clients": {"nom": {"Nom"}}} }, "nom"},
		{"a format", func(c *sage50fr.Config) { c.Format = &sage50fr.Format{} }, "delimiter"},
	} {
		c := sage50fr.Config{Dossier: "DEMO", Dir: t.TempDir()}
		test.change(&c)
		err := c.Validate()
		if (err == nil) != (test.want == "") || err != nil && (!errors.Is(err, sage50fr.ErrConfig) || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: got %v, want %q", test.name, err, test.want)
		}
		if _, made := sage50fr.New(c, nil, nil, nil); (made == nil) != (err == nil) {
			t.Errorf("%s: made: %v", test.name, made)
		}
	}
}

const smallFormat = `name = "x"
delimiter = ";"
header = false
date = "2006-01-02"
yes = ["J"]
no = ["N"]
[pieces]
head = "K"
line = "P"
[exports.clients.columns]
code = {place = 2, required = true}
name = {place = 1, required = true}
inactive = {place = 3}
`

func TestFormatIsChecked(t *testing.T) {
	for _, test := range []struct{ name, old, new, want string }{
		{"fine", "", "", ""},
		{"unknown key", "date =", "days =", "missing in the target"},
		{"delimiter", `";"`, `";;"`, "delimiter"},
		{"date", "2006-01-02", "jour", "date"},
		{"words", `yes = ["J"]`, `yes = []`, "yes"},
		{"records", `"P"`, `"K"`, "pieces"},
		{"kind", "exports.clients", "exports.ventes", "ventes"},
		{"no code", "code = {place = 2, required = true}", "code = {place = 2}", "code"},
		{"no place", "name = {place = 1", "name = {place = 0", "name"},
		{"a place below", "inactive = {place = 3}", "inactive = {place = -3}", "place"},
		{"import of what", "[pieces]", "[imports.factures]\ntitle = \"\"\n[pieces]", "factures"},
		{"import without reference", "[pieces]", "[imports.devis]\ntitle = \"x\"\n[pieces]", "reference"},
	} {
		_, err := sage50fr.ParseFormat([]byte(strings.Replace(smallFormat, test.old, test.new, 1)))
		if (err == nil) != (test.want == "") || err != nil && (!errors.Is(err, sage50fr.ErrFormat) || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: got %v, want %q", test.name, err, test.want)
		}
	}
}

// A format of a site's own: columns by their place, other words and dates, no headings.
func TestFormatOfASite(t *testing.T) {
	format := must(sage50fr.ParseFormat([]byte(smallFormat)))(t)
	r := newRig(t, func(c *sage50fr.Config) { c.Format = format })
	r.export("clients.txt", "Dupont;CL1;J", "Petit;CL2;N", "Grand;CL3;peut-être")
	r.check(r.look())
	for key, want := range map[record.Key]string{"CL1": "true", "CL2": "false", "CL3": ""} {
		got := r.read(record.Account, key)
		if got.Fields["inactive"].Text != want || (got.Held == sage50fr.CodeRowValue) != (want == "") {
			t.Errorf("%s: inactive %q, held %q", key, got.Fields["inactive"].Text, got.Held)
		}
	}
}

// A site's own headings, and what is described then.
func TestColumnsOfASite(t *testing.T) {
	r := newRig(t, func(c *sage50fr.Config) {
		c.Columns = map[string]map[string][]string{"clients": {"phone": {"Ligne directe"}, "reference": {"Zone 3"}}}
	})
	if got := len(r.dossier.Fields(record.Account)); got != 19 {
		t.Errorf("before a look: %d fields", got)
	}
	r.export("clients.txt", tabbed("Code client|Nom client|Ligne directe|Téléphone|Zone 3", "CL1|Dupont|01|02|SSM-4")...)
	r.check(r.look())
	if got := r.read(record.Account, "CL1"); got.Fields["phone"].Text != "01" || got.ExternalID != "SSM-4" {
		t.Errorf("got %v %q", got.Fields, got.ExternalID)
	}
	fields := r.dossier.Fields(record.Account)
	if len(fields) != 5 || fields["phone"].Write != connectors.WriteHandoff || fields["code"].Write != connectors.WriteNone {
		t.Errorf("described: %v", fields)
	}
	if got, ok := fields["name"].Hold("a\tb \"c\" 日"); got != "a b  c  ?" || !ok {
		t.Errorf("hold: got %q", got)
	}
}

// By other rules every export is read again.
func TestRulesChange(t *testing.T) {
	r := newRig(t)
	r.export("clients.txt", tabbed("Code client|Nom client|Type client", "CL1|Dupont|Suspect")...)
	r.check(r.look())
	r.conf.ProspectTypes = []string{"Suspect"}
	r.boot()
	if got := r.looked(record.Account); len(got) != 1 || r.read(record.Account, "CL1").Fields["status"].Text != "prospect" {
		t.Errorf("told %v", got)
	}
}

func TestDossierMissing(t *testing.T) {
	r := newRig(t, func(c *sage50fr.Config) { c.Dossier = "AUTRE" })
	r.code(r.look(), connectors.Unavailable, sage50fr.CodeDossierMissing)
	r.code(r.dossier.Check(t.Context()), connectors.Unavailable, sage50fr.CodeDossierMissing)
}

func TestExportTooLarge(t *testing.T) {
	r := newRig(t, func(c *sage50fr.Config) { c.MaxFile = 1000 })
	r.export("clients.txt", clients(100)...)
	r.check(r.look())
	r.code(r.notes.Skipped[record.Account], connectors.Drift, sage50fr.CodeExportLarge)
}
