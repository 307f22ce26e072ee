package config_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"syncbox/connectors/quickbooks"
	"syncbox/firmware/internal/config"
)

// quick is the shortest configuration of a company of QuickBooks. DIR is its data folder.
const quick = `[box]
data = "DIR"
[[job]]
name = "quickbooks"
pair = "quickbooks-centrixone"
[job.quickbooks]
relay = "https://relay.example.org"
[job.centrixone]
url = "https://api.centrix.one"
`

const quickSecrets = "[job.quickbooks]\ncrm_account = \"10234\"\ncrm_key = \"EXAMPLEKEY\"\n"

// quickly loads a configuration of a company of QuickBooks with something else in it; values and what stands instead by turns.
func quickly(t *testing.T, instead ...string) (config.Job, error) {
	t.Helper()
	dir := t.TempDir()
	put(t, filepath.Join(dir, "syncbox.toml"), strings.NewReplacer(append(instead, "DIR", "/data/jobs")...).Replace(quick))
	put(t, filepath.Join(dir, "secrets.toml"), quickSecrets)
	c, err := config.Load(filepath.Join(dir, "syncbox.toml"))
	if err != nil {
		return config.Job{}, err
	}
	return c.Jobs[0], nil
}

// Customers flow both ways unless somebody says otherwise, and users of the CRM may not edit them. The protected list and
// the language of new customers are told to the CRM.
//
// Requirement: QBO-5, QBO-6, QBO-7, QBO-9, QBO-10, QBO-34, QBO-39, QBO-56
func TestQuickBooks(t *testing.T) {
	type picture struct {
		Customers, Language, CustomerLanguage string
		Start                                 string
		TwoWay                                bool
		Source, List, NewLanguage             string
	}
	for _, tt := range []struct {
		name, job, own string
		want           picture
	}{
		{"nothing said", "", "", picture{quickbooks.CustomersTwoWayAutomations, "", "fr", "", true, "quickbooks", "QuickBooks", "FR"}},
		{"one way", `direction = "one-way"`, "", picture{quickbooks.CustomersOneWay, "", "fr", "", false, "quickbooks", "QuickBooks", "FR"}},
		{"edits of all", `direction = "two-way"`, "", picture{quickbooks.CustomersTwoWay, "", "fr", "", true, "quickbooks", "QuickBooks", "FR"}},
		{"the languages and the start", "", "language = \"en\"\ncustomer_language = \"en\"\nstart = \"2026-01-31\"",
			picture{quickbooks.CustomersTwoWayAutomations, "en", "en", "2026-01-31T00:00:00-05:00", true, "quickbooks", "QuickBooks", "EN"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			j, err := quickly(t, "[job.quickbooks]", tt.job+"\n[job.quickbooks]\n"+tt.own)
			must(t, err)
			got := picture{j.QuickBooks.Customers, j.QuickBooks.Language, j.QuickBooks.CustomerLanguage, "", j.TwoWay && j.Engine.TwoWay,
				j.CentrixOne.Source, j.CentrixOne.List, j.CentrixOne.NewLanguage}
			if !j.QuickBooks.Start.IsZero() {
				got.Start = j.QuickBooks.Start.Format(time.RFC3339)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// The longest pause is never shorter than the interval, and the connector is never told of a pause below its own bound.
func TestQuickBooksPauses(t *testing.T) {
	for _, tt := range []struct {
		interval      string
		base, maxIdle time.Duration
	}{
		{"2s", time.Minute, 2 * time.Hour}, {"15m", 15 * time.Minute, 2 * time.Hour}, {"6h", 6 * time.Hour, 6 * time.Hour},
	} {
		j, err := quickly(t, "[job.quickbooks]", `interval = "`+tt.interval+"\"\n[job.quickbooks]")
		must(t, err)
		if q := j.QuickBooks; q.Base != tt.base || q.MaxIdle != tt.maxIdle {
			t.Errorf("every %s: pauses from %s to %s, want %s to %s", tt.interval, q.Base, q.MaxIdle, tt.base, tt.maxIdle)
		}
	}
}

// The commented sample shows the defaults: what it says and what is taken without it must be the same.
func TestTheQuickBooksSampleShowsTheDefaults(t *testing.T) {
	sample, err := load(t, "quickbooks.toml")
	must(t, err)
	want, err := quickly(t, "DIR", "/data/jobs", "[box]", "[box]\nname = \"syncbox-7Q2K\"")
	must(t, err)
	// What the connector fills in itself stays empty in the configuration.
	q := &want.QuickBooks
	q.Environment, q.Language, q.Superseded, q.MonthlyReads, q.CycleDay = quickbooks.Production, "fr", quickbooks.SupersededZero, 2900, 1
	q.Rate, q.PerMinute, q.Timeout = 5, 200, 2*time.Minute
	zones := cmp.Comparer(func(a, b *time.Location) bool { return a.String() == b.String() })
	if diff := cmp.Diff(want, sample.Jobs[0], zones, cmpopts.IgnoreFields(quickbooks.Config{}, "Now")); diff != "" {
		t.Errorf("defaults against sample (-defaults +sample):\n%s", diff)
	}
}

// A job has the values of its own products: those of others are neither listed nor taken.
func TestSettingsAreThoseOfThePair(t *testing.T) {
	path := filepath.Join(t.TempDir(), "syncbox.toml")
	put(t, path, strings.Replace(quick, "DIR", "/data/jobs", 1))
	put(t, filepath.Join(filepath.Dir(path), "secrets.toml"), quickSecrets)
	w := config.NewWriter(path, nil)
	all, err := w.Settings()
	must(t, err)
	listed := map[string]bool{}
	for _, s := range all {
		listed[s.Key] = true
	}
	want := map[string]bool{"job.quickbooks.quickbooks.start": true, "job.quickbooks.client_secret": true, "job.quickbooks.direction": true,
		"job.quickbooks.share.server": false, "job.quickbooks.share_password": false, "job.quickbooks.acomba.company": false}
	for key, there := range want {
		if listed[key] != there {
			t.Errorf("%s is listed: %v, want %v", key, listed[key], there)
		}
		_, err := w.Set(config.Change{Key: key, Value: "two-way"})
		if refused := strings.Contains(fmt.Sprint(err), string(config.NotSettable)); refused == there {
			t.Errorf("%s set: got %v, want it refused as of no value of these products: %v", key, err, !there)
		}
	}
}

// The client's secret is shown nowhere.
//
// Requirement: EXT-12
func TestTheClientSecretIsNeverPrinted(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "syncbox.toml"), strings.Replace(strings.Replace(quick, `relay = "https://relay.example.org"`,
		"client_id = \"AB1\"\nredirect = \"https://site.example.org/back\"", 1), "DIR", "/data/jobs", 1))
	put(t, filepath.Join(dir, "secrets.toml"), quickSecrets+"client_secret = \"hunter2\"\n")
	c, err := config.Load(filepath.Join(dir, "syncbox.toml"))
	must(t, err)
	if c.Jobs[0].QuickBooks.ClientSecret != "hunter2" {
		t.Fatal("the secret did not reach its job")
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		if text := fmt.Sprintf(verb, c) + fmt.Sprintf(verb, c.Jobs[0].QuickBooks); strings.Contains(text, "hunter2") {
			t.Errorf("%s prints it: %s", verb, text)
		}
	}
}
