package config_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"syncbox/connectors/acomba"
	"syncbox/connectors/pairs"
	"syncbox/connectors/record"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/health"
	"syncbox/sync/schedule"
)

const samples = "../../../testdata/config"

// copyTo copies a folder of configurations to where files can have the mode of secrets: 600, but for one
// that is there to be readable.
func copyTo(t *testing.T, from, to string) {
	t.Helper()
	must(t, os.MkdirAll(to, 0o700))
	entries, err := os.ReadDir(from)
	must(t, err)
	for _, e := range entries {
		if e.IsDir() {
			continue
		}
		text, err := os.ReadFile(filepath.Join(from, e.Name()))
		must(t, err)
		put(t, filepath.Join(to, e.Name()), string(text))
	}
}

func put(t *testing.T, path, text string) {
	t.Helper()
	must(t, os.WriteFile(path, []byte(text), 0o600))
	if filepath.Base(path) == "readable.toml" {
		must(t, os.Chmod(path, 0o644)) // whatever the umask
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// load loads a sample as it lies in testdata.
func load(t *testing.T, name string) (config.Config, error) {
	t.Helper()
	dir := t.TempDir()
	copyTo(t, samples, dir)
	return config.Load(filepath.Join(dir, name))
}

func TestEachSampleLoads(t *testing.T) {
	all, err := filepath.Glob(filepath.Join(samples, "*.toml"))
	must(t, err)
	loaded := 0
	for _, path := range all {
		name := filepath.Base(path)
		if strings.HasSuffix(name, "secrets.toml") {
			continue
		}
		loaded++
		if _, err := load(t, name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if loaded < 2 {
		t.Errorf("only %d samples found", loaded)
	}
}

func TestEachInvalidSampleFailsAsForetold(t *testing.T) {
	all, err := filepath.Glob(filepath.Join(samples, "invalid/*.toml"))
	must(t, err)
	if len(all) < 50 {
		t.Fatalf("only %d samples found", len(all))
	}
	dir := t.TempDir()
	copyTo(t, samples, dir)
	copyTo(t, filepath.Join(samples, "invalid"), dir)
	copyTo(t, filepath.Join(samples, "invalid/secrets"), filepath.Join(dir, "secrets"))
	for _, path := range all {
		name := filepath.Base(path)
		t.Run(strings.TrimSuffix(name, ".toml"), func(t *testing.T) {
			text, err := os.ReadFile(path)
			must(t, err)
			first, _, _ := strings.Cut(string(text), "\n")
			want := strings.TrimPrefix(first, "# ")
			_, err = config.Load(filepath.Join(dir, name))
			if got := fmt.Sprint(err); got != want {
				t.Errorf("\ngot  %s\nwant %s", got, want)
			}
			for _, secret := range []string{"hunter2", "7777777", "EXAMPLEKEY", "example-password", "10234"} {
				if strings.Contains(fmt.Sprintf("%v %+v %q", err, err, err), secret) {
					t.Errorf("the message tells the secret %s", secret)
				}
			}
		})
	}
}

func TestNoFile(t *testing.T) {
	_, err := config.Load(filepath.Join(t.TempDir(), "syncbox.toml"))
	if err == nil || !os.IsNotExist(unwrap(err)) {
		t.Errorf("got %v, want an error about a file that is not there", err)
	}
}

func unwrap(err error) error {
	for {
		u, ok := err.(interface{ Unwrap() error })
		if !ok || u.Unwrap() == nil {
			return err
		}
		err = u.Unwrap()
	}
}

func TestSecretsAreForTheirOwnerAlone(t *testing.T) {
	for mode, want := range map[os.FileMode]bool{0o600: true, 0o400: true, 0o640: false, 0o620: false, 0o604: false, 0o610: false, 0o666: false} {
		dir := t.TempDir()
		copyTo(t, samples, dir)
		must(t, os.Chmod(filepath.Join(dir, "secrets.toml"), mode))
		_, err := config.Load(filepath.Join(dir, "syncbox.toml"))
		if (err == nil) != want {
			t.Errorf("mode %o: got %v, want it accepted: %v", mode, err, want)
		}
	}
}

const minimal = `[box]
data = "DIR"
[[job]]
name = "north"
pair = "acomba-centrixone"
[job.share]
kind = "cifs"
server = "srv-erp"
share = "Acomba"
user = "syncbox"
[job.acomba]
company = "Acomba/F1000"
[job.centrixone]
url = "https://api.centrix.one"
`

// The commented sample shows the defaults: what it says and what is taken without it must be the same.
//
// Requirement: ACO-5, ACO-6, ACO-7
func TestTheSampleShowsTheDefaults(t *testing.T) {
	sample, err := load(t, "syncbox.toml")
	must(t, err)
	dir := t.TempDir()
	copyTo(t, samples, dir)
	put(t, filepath.Join(dir, "syncbox.toml"), strings.Replace(minimal, "DIR", "/data/jobs", 1))
	want, err := config.Load(filepath.Join(dir, "syncbox.toml"))
	must(t, err)

	// What a connector fills in itself stays empty in the configuration.
	j, site := &want.Jobs[0], acomba.Defaults()
	j.Acomba.Mobile, j.Acomba.Currency = site.Mobile, site.Currency
	j.Acomba.DocumentOwner, j.Acomba.Superseded = string(site.Owner), string(site.Superseded)
	j.Acomba.HandoffFolder = "SyncBox"
	j.Acomba.Documents = []string{"quotes", "orders", "open_orders", "invoices", "contracts"}
	j.Acomba.QuietTime = 2000 * time.Millisecond
	j.CentrixOne.Language, j.CentrixOne.PrimaryContact = "FR", "oldest"
	j.CentrixOne.Rate, j.CentrixOne.BatchSize = 5, 25
	j.CentrixOne.Timeout, j.CentrixOne.MaxServerLate = time.Minute, 2*time.Minute

	j.Custom = []config.Custom{{Name: "main", CustomField: pairs.CustomField{ERP: "custom.C_SECTOR", CRM: "comp_sector", Kind: record.Text, Direction: pairs.ToCRM}}} // one of nobody's

	zones := cmp.Comparer(func(a, b *time.Location) bool { return a.String() == b.String() })
	if diff := cmp.Diff(want, sample, zones, cmpopts.EquateComparable(netip.Addr{}, netip.Prefix{})); diff != "" {
		t.Errorf("defaults against sample (-defaults +sample):\n%s", diff)
	}
}

func TestTwoCompanies(t *testing.T) {
	c, err := load(t, "two-companies.toml")
	must(t, err)
	north, south := c.Jobs[0], c.Jobs[1]
	type picture struct {
		Name, Language, Prefix, WriteBack, Server, Path, Company string
		TwoWay, Seal, Recreate, Skip, Device                     bool
		Interval                                                 time.Duration
		Allowed, Backup, Writes                                  []schedule.Window
		Documents                                                []string
	}
	show := func(j config.Job) picture {
		return picture{Name: j.Name, Language: c.Box.Language, Prefix: j.Prefix, WriteBack: j.Acomba.WriteBack, Server: j.Share.Server,
			Path: j.Share.Path, Company: j.Acomba.Company, TwoWay: j.TwoWay && j.Engine.TwoWay, Seal: j.Share.Seal,
			Recreate: j.RecreateAuto, Skip: j.SkipInactive, Device: j.Engine.Device == "syncbox-7Q2K",
			Interval: j.Engine.Schedule.Interval, Allowed: j.Engine.Schedule.Allowed, Backup: j.Engine.Schedule.Backup,
			Writes: j.Acomba.WriteWindows, Documents: j.Acomba.Documents}
	}
	got := []picture{show(north), show(south)}
	want := []picture{
		{Name: "north", Language: "en", Prefix: "north.", WriteBack: "direct", Server: "192.0.2.10", Company: "F1000",
			TwoWay: true, Seal: true, Device: true, Interval: 5 * time.Minute,
			Allowed: []schedule.Window{{From: 6 * 60, To: 20 * 60}},
			Backup:  []schedule.Window{{From: 12 * 60, To: 12*60 + 30}, {From: 23*60 + 30, To: 30}},
			Writes:  []schedule.Window{{From: 20 * 60, To: 6 * 60}}, Documents: []string{"orders", "invoices"}},
		{Name: "south", Language: "en", Prefix: "south.", WriteBack: "off", Path: "/srv/acomba", Company: ".",
			Recreate: true, Skip: true, Device: true, Interval: 15 * time.Minute, Documents: []string{}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if string(north.Share.Password) != "example-password" || north.CentrixOne.Account != "10234" || south.CentrixOne.APIKey != "EXAMPLEKEY" {
		t.Error("the secrets did not reach their jobs")
	}
}

func TestHandoffIsTheDefaultOfTwoWays(t *testing.T) {
	dir := t.TempDir()
	copyTo(t, samples, dir)
	text := strings.Replace(strings.Replace(minimal, "DIR", dir, 1), "[[job]]", "[[job]]\ndirection = \"two-way\"", 1)
	put(t, filepath.Join(dir, "syncbox.toml"), text)
	c, err := config.Load(filepath.Join(dir, "syncbox.toml"))
	must(t, err)
	if got := c.Jobs[0].Acomba.WriteBack; got != "handoff" {
		t.Errorf("got %s, want handoff", got)
	}
}

// Requirement: EXT-12
func TestSecretsAreNeverPrinted(t *testing.T) {
	c, err := load(t, "two-companies.toml")
	must(t, err)
	p := &c
	change := config.Change{Key: "job.north.crm_key", Value: "EXAMPLEKEY"}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		for _, v := range []any{c, p, c.Jobs, c.Jobs[0], &c.Jobs[1], c.Jobs[0].Share, c.Jobs[0].CentrixOne,
			change, &change, []config.Change{change}} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
	}
	for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(h).Info("configured", "config", c, "pointer", p, "job", c.Jobs[0], "jobs", c.Jobs, "change", change, "changes", []config.Change{change})
	}
	for _, v := range []any{c, change, []config.Change{change}} {
		b, err := json.Marshal(v)
		must(t, err)
		out.Write(b)
	}
	printed := out.String()
	for _, secret := range []string{"example-password", "EXAMPLEKEY", "10234"} {
		hexed := fmt.Sprintf("%x", secret)
		if strings.Contains(printed, secret) || strings.Contains(printed, hexed) {
			t.Errorf("the secret %s was printed", secret)
		}
	}
	if !strings.Contains(printed, "192.0.2.10") || !strings.Contains(printed, "api.centrix.one") {
		t.Error("nothing was printed at all")
	}
}

// Each reason that a configuration can't be used for has a health code with words.
func TestEachErrorHasItsCode(t *testing.T) {
	tests := []struct {
		name, want string
		change     func(dir string) error
	}{
		{"no file", config.CodeMissing, func(dir string) error { return os.Remove(filepath.Join(dir, "syncbox.toml")) }},
		{"no TOML", config.CodeInvalid, func(dir string) error { return os.WriteFile(filepath.Join(dir, "syncbox.toml"), []byte("["), 0o600) }},
		{"a wrong value", config.CodeInvalid, func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "syncbox.toml"), []byte(strings.Replace(minimal, "cifs", "nfs", 1)), 0o600)
		}},
		{"a gap", config.CodeIncomplete, func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "syncbox.toml"), []byte(strings.Replace(minimal, "srv-erp", "", 1)), 0o600)
		}},
		{"a gap before a wrong value", config.CodeInvalid, func(dir string) error {
			text := strings.Replace(strings.Replace(minimal, "srv-erp", "", 1), "https:", "http:", 1)
			return os.WriteFile(filepath.Join(dir, "syncbox.toml"), []byte(text), 0o600)
		}},
		{"no secrets", config.CodeIncomplete, func(dir string) error { return os.Remove(filepath.Join(dir, "secrets.toml")) }},
		{"secrets for all to read", config.CodeSecretsOpen, func(dir string) error { return os.Chmod(filepath.Join(dir, "secrets.toml"), 0o644) }},
		{"wrong secrets", config.CodeSecretsInvalid, func(dir string) error { return os.WriteFile(filepath.Join(dir, "secrets.toml"), []byte("x"), 0o600) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			copyTo(t, samples, dir)
			must(t, tt.change(dir))
			_, err := config.Load(filepath.Join(dir, "syncbox.toml"))
			if err == nil || config.CodeOf(err) != tt.want {
				t.Errorf("got %v, %v, want %s", err, config.CodeOf(err), tt.want)
			}
			if _, known := health.Lookup(config.CodeOf(err)); !known {
				t.Errorf("%s is no health code", config.CodeOf(err))
			}
		})
	}
}
