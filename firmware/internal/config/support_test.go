package config_test

import (
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"syncbox/firmware/internal/config"
)

// TestSupport: which addresses of brokers there can be, and what becomes of them.
func TestSupport(t *testing.T) {
	tests := []struct {
		broker string
		want   string // empty = refused
	}{
		{"mqtts://support.example.org", "support.example.org:8883"},
		{"mqtts://support.example.org/", "support.example.org:8883"},
		{"mqtts://support.example.org:443", "support.example.org:443"},
		{"mqtts://192.0.2.7", "192.0.2.7:8883"},
		{"mqtts://[2001:db8::1]:8884", "[2001:db8::1]:8884"},
		{"mqtts://[2001:db8::1]", "[2001:db8::1]:8883"},
		{"mqtt://support.example.org", ""},
		{"tcp://support.example.org:1883", ""},
		{"support.example.org:8883", ""},
		{"mqtts://", ""},
		{"mqtts://:8883", ""},
		{"mqtts://box@support.example.org", ""},
		{"mqtts://support.example.org/path", ""},
		{"mqtts://support.example.org?x", ""},
		{"mqtts://support.example.org:port", ""},
	}
	for _, tt := range tests {
		t.Run(tt.broker, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "syncbox.toml")
			put(t, path, "[box]\nname = \"a\"\n[support]\nbroker = [\""+tt.broker+"\", \""+tt.broker+"\"]")
			m, err := config.LoadMachine(path)
			if got := strings.Join(m.Support.Brokers, " "); got != tt.want || (err == nil) != (tt.want != "") {
				t.Errorf("got %q, %v, want %q", got, err, tt.want)
			}
		})
	}
	// What is wrong with the support leaves everything else, and has none.
	path := filepath.Join(t.TempDir(), "syncbox.toml")
	put(t, path, "[box]\nname = \"a\"\n[support]\nbroker = [\"mqtts://support.example.org\"]\nest = \"http://est.example.org\"")
	m, err := config.LoadMachine(path)
	if m.Box.Name != "a" || len(m.Support.Brokers) > 0 || m.Support.EST != nil || config.CodeOf(err) != config.CodeInvalid {
		t.Errorf("got %+v, %v", m, err)
	}
}

// TestSetVouched: what two people of support have signed needs no secret with it, and nothing else about it is different.
func TestSetVouched(t *testing.T) {
	s := newSite(t, "syncbox.toml")
	secrets := s.read("secrets.toml")
	changes := set("job.north.share.server", "192.0.2.66", "job.north.centrixone.url", "https://crm.example")
	if _, err := s.w.Set(changes...); err == nil {
		t.Fatal("taken without the secrets")
	}
	changed, err := s.w.SetVouched(changes...)
	if err != nil || !slices.Equal(changed, []string{"job.north.share.server", "job.north.centrixone.url"}) {
		t.Fatalf("got %q, %v", changed, err)
	}
	c, err := config.Load(s.path)
	must(t, err)
	if c.Jobs[0].Share.Server != "192.0.2.66" || c.Jobs[0].CentrixOne.BaseURL != "https://crm.example" || s.read("secrets.toml") != secrets {
		t.Errorf("got %q and %q", c.Jobs[0].Share.Server, c.Jobs[0].CentrixOne.BaseURL)
	}
	for _, bad := range [][]config.Change{set("box.name", "x"), set("job.south.share.server", "x"), set("job.north.share.port", "x")} {
		if _, err := s.w.SetVouched(bad...); err == nil {
			t.Errorf("took %v", bad)
		}
	}
	if _, err := s.w.Set(set("job.north.share.server", "192.0.2.67")...); err == nil {
		t.Error("what is not vouched for is taken after what was")
	}
}

// TestFirstWithSupport: the first settings of a box whose support is known say so, and can be read.
func TestFirstWithSupport(t *testing.T) {
	for _, want := range []config.Support{{}, {Brokers: []string{"support.example.org:8883", "[2001:db8::1]:443"}},
		{Brokers: []string{"a:1"}, EST: &url.URL{Scheme: "https", Host: "est.example.org", Path: "/"}}} {
		path := filepath.Join(t.TempDir(), "syncbox.toml")
		must(t, config.WriteFirst(path, "syncbox-7Q2K", want))
		m, err := config.LoadMachine(path)
		if err != nil || !slices.Equal(m.Support.Brokers, want.Brokers) || (m.Support.EST == nil) != (want.EST == nil) {
			t.Errorf("got %+v, %v, want %+v", m.Support, err, want)
		}
	}
}
