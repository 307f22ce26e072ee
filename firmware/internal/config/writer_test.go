package config_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"syncbox/firmware/internal/config"
)

// site is a folder with the samples, and a writer for one of them.
type site struct {
	t    *testing.T
	dir  string
	path string
	w    *config.Writer
	told [][]string
}

func newSite(t *testing.T, name string) *site {
	t.Helper()
	s := &site{t: t, dir: t.TempDir()}
	copyTo(t, samples, s.dir)
	s.path = filepath.Join(s.dir, name)
	s.w = config.NewWriter(s.path, func(keys []string) { s.told = append(s.told, keys) })
	return s
}

func (s *site) read(name string) string {
	s.t.Helper()
	text, err := os.ReadFile(filepath.Join(s.dir, name))
	must(s.t, err)
	return string(text)
}

func set(pairs ...any) (all []config.Change) {
	for i := 0; i < len(pairs); i += 2 {
		all = append(all, config.Change{Key: pairs[i].(string), Value: pairs[i+1]})
	}
	return all
}

// lines gives the lines that one text has and the other has not.
func lines(was, is string) (gone, come []string) {
	for _, line := range strings.Split(was, "\n") {
		if !strings.Contains("\n"+is+"\n", "\n"+line+"\n") {
			gone = append(gone, line)
		}
	}
	for _, line := range strings.Split(is, "\n") {
		if !strings.Contains("\n"+was+"\n", "\n"+line+"\n") {
			come = append(come, line)
		}
	}
	return gone, come
}

func TestSetChangesOneLineAndKeepsTheComments(t *testing.T) {
	tests := []struct {
		name       string
		file       string
		changes    []config.Change
		gone, come []string
	}{
		{"a text", "syncbox.toml", set("box.language", "en"), []string{`language = "fr-CA"`}, []string{`language = "en"`}},
		{"a list", "syncbox.toml", set("job.north.backup", []string{"22:00-23:00", "01:00-02:00"}),
			[]string{"backup = []"}, []string{`backup = ["22:00-23:00", "01:00-02:00"]`}},
		{"a choice", "syncbox.toml", set("job.north.share.seal", true), []string{"seal = false"}, []string{"seal = true"}},
		{"nothing new", "syncbox.toml", set("job.north.share.port", int64(0), "box.zone", "America/Toronto"), nil, nil},
		{"the default of what is not there", "two-companies.toml", set("job.north.share.port", int64(0), "network.address", "", "network.dns", []string{},
			"job.south.share.seal", false, "updates.automatic", true), nil, nil},
		{"no to what goes by itself unless somebody says no", "two-companies.toml", set("updates.automatic", false), nil, []string{"[updates]", "automatic = false"}},
		{"a fixed address, and time servers", "syncbox.toml", set("network.address", "192.0.2.7/24", "network.fixed", true, "network.ntp", []string{"pool.ntp.org"}),
			[]string{`address = ""`, "fixed = false", "ntp = []"},
			[]string{`address = "192.0.2.7/24"`, "fixed = true", `ntp = ["pool.ntp.org"]`}},
		{"several", "syncbox.toml", set("network.address", "192.0.2.7/24", "network.gateway", "192.0.2.1", "network.dns", []string{"192.0.2.2"}),
			[]string{`address = ""`, `gateway = ""`, "dns = []"},
			[]string{`address = "192.0.2.7/24"`, `gateway = "192.0.2.1"`, `dns = ["192.0.2.2"]`}},
		{"odd letters", "syncbox.toml", set("job.north.share.folder", `a"b é # [x]`), []string{`folder = ""`}, []string{`folder = "a\"b é # [x]"`}},
		{"a table that is not there", "two-companies.toml", set("network.hostname", "box-7"), nil, []string{"[network]", `hostname = "box-7"`}},
		{"a key of the second job", "two-companies.toml", set("job.south.interval", "1h"), nil, []string{`interval = "1h"`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newSite(t, tt.file)
			was := s.read(tt.file)
			changed, err := s.w.Set(tt.changes...)
			must(t, err)
			gone, come := lines(was, s.read(tt.file))
			if d := cmp.Diff(tt.gone, gone); d != "" {
				t.Errorf("lines gone (-want +got):\n%s", d)
			}
			if d := cmp.Diff(tt.come, come); d != "" {
				t.Errorf("lines come (-want +got):\n%s", d)
			}
			if got, want := len(s.told) > 0, len(tt.come) > 0; got != want || got && !cmp.Equal(s.told[0], changed) {
				t.Errorf("told %v of %v", s.told, changed)
			}
			if _, err := config.Load(s.path); err != nil {
				t.Errorf("the result does not load: %v", err)
			}
		})
	}
}

func TestSetReachesTheConfig(t *testing.T) {
	s := newSite(t, "two-companies.toml")
	_, err := s.w.Set(set("job.south.interval", "1h", "network.address", "192.0.2.7/24", "job.north.share_password", "n\\ew \"one",
		"job.north.share.server", "192.0.2.11")...)
	must(t, err)
	c, err := config.Load(s.path)
	must(t, err)
	got := fmt.Sprintf("%s %s %s %s %s", c.Jobs[0].Engine.Schedule.Interval, c.Jobs[1].Engine.Schedule.Interval, c.Network.Address,
		c.Jobs[0].Share.Server, string(c.Jobs[0].Share.Password))
	if want := `5m0s 1h0m0s 192.0.2.7/24 192.0.2.11 n\ew "one`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestSetRefuses(t *testing.T) {
	type want struct {
		Key string
		Why config.Why
	}
	tests := []struct {
		name    string
		changes []config.Change
		want    []want
	}{
		{"an unknown key", set("network.colour", "red"), []want{{"network.colour", config.NotSettable}}},
		{"a known key that set-up may not change", set("box.name", "other"), []want{{"box.name", config.NotSettable}}},
		{"a key in clear", set("job.north.centrixone.plain_http", true), []want{{"job.north.centrixone.plain_http", config.NotSettable}}},
		{"every job", set("job.*.interval", "1h"), []want{{"job.*.interval", config.NotSettable}}},
		{"another job", set("job.west.interval", "1h"), []want{{"job.west.interval", config.NoJob}}},
		{"a secret of another job", set("job.west.crm_key", "K"), []want{{"job.west.crm_key", config.NoJob}}},
		{"twice", set("box.language", "en", "box.language", "fr-CA"), []want{{"box.language", config.Twice}}},
		{"another type", set("box.language", true, "network.dns", "192.0.2.1"), []want{{"box.language", config.WrongValue}, {"network.dns", config.WrongValue}}},
		{"a line break", set("job.north.share.user", "a\nb"), []want{{"job.north.share.user", config.WrongValue}}},
		{"no text", set("job.north.share.user", "a\xffb"), []want{{"job.north.share.user", config.WrongValue}}},
		{"too long", set("job.north.share.user", strings.Repeat("a", 513)), []want{{"job.north.share.user", config.WrongValue}}},
		{"a wrong whole", set("network.gateway", "192.0.2.1"), []want{{"network.gateway", config.WrongWhole}}},
		{"no DHCP and no address", set("network.fixed", true), []want{{"network.fixed", config.WrongWhole}}},
		{"a wrong value", set("box.language", "en", "box.zone", "Moon/Mare"), []want{{"box.zone", config.WrongWhole}}},
		{"a wrong value of a job", set("job.north.interval", "soon"), []want{{"job.north.interval", config.WrongWhole}}},
		{"a gap where there was none", set("job.north.acomba.company", ""), []want{{"job.north.acomba.company", config.WrongWhole}}},
		{"no password", set("job.north.share_password", ""), []want{{"job.north.share_password", config.WrongWhole}}},
		{"a server without its password", set("job.north.share.server", "192.0.2.66"), []want{{"job.north.share.server", config.NeedsSecret}}},
		{"a server with an empty password", set("job.north.share.server", "192.0.2.66", "job.north.share_password", ""),
			[]want{{"job.north.share.server", config.NeedsSecret}}},
		{"a port with another job's password", set("job.north.share.port", int64(1445), "job.south.share_password", "x"),
			[]want{{"job.north.share.port", config.NeedsSecret}}},
		{"a CRM without its key", set("job.north.centrixone.url", "https://crm.example"), []want{{"job.north.centrixone.url", config.NeedsSecret}}},
		{"a CRM with the account alone", set("job.north.centrixone.url", "https://crm.example", "job.north.crm_account", "7"),
			[]want{{"job.north.centrixone.url", config.NeedsSecret}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newSite(t, "two-companies.toml")
			must(t, os.WriteFile(s.path, []byte(strings.Replace(s.read("two-companies.toml"), "[box]", "[network]\n[box]", 1)), 0o600))
			was := s.read("two-companies.toml") + s.read("two-companies.secrets.toml")
			changed, err := s.w.Set(tt.changes...)
			refused, _ := errors.AsType[config.Refused](err)
			var got []want
			for _, r := range refused {
				got = append(got, want{r.Key, r.Why})
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("refused (-want +got):\n%s%v", d, err)
			}
			if is := s.read("two-companies.toml") + s.read("two-companies.secrets.toml"); is != was || len(changed) > 0 || s.told != nil {
				t.Errorf("%v changed, and the files:\n%s", changed, cmp.Diff(was, is))
			}
		})
	}
}

// What is written in a way that the writer does not edit is left alone, and never becomes something else.
func TestSetLeavesAloneWhatItCannotEdit(t *testing.T) {
	s := newSite(t, "two-companies.toml")
	put(t, s.path, strings.Replace(s.read("two-companies.toml"), "[box]", "network = { hostname = \"a\" }\n[box]", 1))
	was := s.read("two-companies.toml")
	_, err := s.w.Set(set("network.interface", "eth1")...)
	refused, _ := errors.AsType[config.Refused](err)
	if len(refused) != 1 || refused[0].Why != config.Uneditable || s.read("two-companies.toml") != was {
		t.Errorf("got %v", err)
	}
}

// A new box has no values of its site. They can be set one after the other, in any order, but for the server and the
// password that go together; wrong ones are seen meanwhile.
func TestANewBoxIsSetUpStepByStep(t *testing.T) {
	steps := [][]config.Change{set("job.acomba.share.server", "srv-erp", "job.acomba.share_password", "hunter2"), set("job.acomba.crm_key", "7777777"),
		set("job.acomba.share.share", "Acomba"), set("network.address", "192.0.2.7/24"), set("job.acomba.crm_account", "10234"),
		set("job.acomba.share.user", "syncbox"), set("job.acomba.acomba.company", "F1000")}
	for turn := range steps {
		s := newSite(t, "new.toml")
		must(t, config.WriteFirst(s.path, "syncbox-7Q2K", config.Support{}))
		must(t, os.Remove(filepath.Join(s.dir, "secrets.toml")))
		if _, err := config.Load(s.path); config.CodeOf(err) != config.CodeIncomplete {
			t.Fatalf("a new box: %v", err)
		}
		for i := range steps {
			_, err := s.w.Set(steps[(turn+i)%len(steps)]...)
			must(t, err)
			for _, wrong := range set("job.acomba.centrixone.url", "http://crm.example", "job.acomba.share.folder", "../x", "job.acomba.backup",
				[]string{"noon"}) {
				if _, err := s.w.Set(wrong); err == nil {
					t.Errorf("turn %d, step %d: %s was taken", turn, i, wrong.Key)
				}
			}
		}
		c, err := config.Load(s.path)
		must(t, err)
		if c.Box.Name != "syncbox-7Q2K" || c.Jobs[0].CentrixOne.APIKey != "7777777" || c.Network.Address.String() != "192.0.2.7/24" {
			t.Errorf("turn %d: not all of it arrived: %+v", turn, c)
		}
		info, err := os.Stat(filepath.Join(s.dir, "secrets.toml"))
		must(t, err)
		if info.Mode().Perm() != 0o600 {
			t.Errorf("the secrets have the mode %o", info.Mode().Perm())
		}
	}
}

func TestWriteFirstLeavesAFileAlone(t *testing.T) {
	s := newSite(t, "syncbox.toml")
	was := s.read("syncbox.toml")
	must(t, config.WriteFirst(s.path, "syncbox-7Q2K", config.Support{}))
	if s.read("syncbox.toml") != was {
		t.Error("the file was written anew")
	}
	if err := config.WriteFirst(filepath.Join(s.dir, "new.toml"), "a b", config.Support{}); err == nil {
		t.Error("a bad name was taken")
	}
}

func TestSettingsShowNoSecret(t *testing.T) {
	s := newSite(t, "two-companies.toml")
	all, err := s.w.Settings()
	must(t, err)
	text := fmt.Sprintf("%+v", all)
	for _, secret := range []string{"example-password", "EXAMPLEKEY", "10234"} {
		if strings.Contains(text, secret) {
			t.Errorf("%s is shown", secret)
		}
	}
	find := func(key string) config.Setting {
		for _, x := range all {
			if x.Key == key {
				return x
			}
		}
		return config.Setting{}
	}
	want := []config.Setting{
		{Key: "job.north.share.server", Value: "192.0.2.10", Set: true},
		{Key: "job.north.share_password", Secret: true, Set: true},
		{Key: "job.south.share_password", Secret: true},
		{Key: "network.dns"},
		{Key: "job.north.backup", Value: "12:00-12:30, 23:30-00:30", Set: true},
	}
	var got []config.Setting
	for _, w := range want {
		got = append(got, find(w.Key))
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestParse(t *testing.T) {
	tests := []struct {
		key, text string
		want      any
		fails     bool
	}{
		{"box.zone", "America/Vancouver", "America/Vancouver", false},
		{"network.dns", "192.0.2.1, 192.0.2.2", []string{"192.0.2.1", "192.0.2.2"}, false},
		{"network.dns", "", []string{}, false},
		{"job.north.share.port", "1445", int64(1445), false},
		{"job.north.share.port", "many", nil, true},
		{"job.north.share.seal", "true", true, false},
		{"job.north.share.seal", "maybe", nil, true},
		{"network.fixed", "Oui", true, false},
		{"network.fixed", "no", false, false},
		{"network.ntp", "pool.ntp.org 192.0.2.1", []string{"pool.ntp.org", "192.0.2.1"}, false},
		{"job.dupont.salesmanagement.client_statuses", "Client actif, Client,", []string{"Client actif", "Client"}, false},
		{"job.dupont.sage50.columns", "", []string{}, false},
		{"box.name", "x", nil, true},
	}
	for _, tt := range tests {
		got, err := config.Parse(tt.key, tt.text)
		if d := cmp.Diff(tt.want, got, cmpopts.EquateEmpty()); d != "" || (err != nil) != tt.fails {
			t.Errorf("%s %q: %v (-want +got):\n%s", tt.key, tt.text, err, d)
		}
	}
}

func TestGuard(t *testing.T) {
	for key, want := range map[string]string{"job.north.share.server": "job.north.share_password", "job.north.centrixone.url": "job.north.crm_key",
		"job.north.share.user": "", "nonsense": ""} {
		if got := config.Guard(key); got != want {
			t.Errorf("%s: got %q, want %q", key, got, want)
		}
	}
}
