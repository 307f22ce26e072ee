package config_test

import (
	"path/filepath"
	"slices"
	"testing"

	"syncbox/firmware/internal/config"
	"syncbox/sync/schedule"
)

// A machine comes up with what is right in its configuration.
func TestLoadMachine(t *testing.T) {
	tests := []struct {
		name, text                        string
		box, host, address, language, err string
	}{
		{"all right, jobs or not", "[box]\nname = \"syncbox-7Q2K\"\nlanguage = \"en\"\n[network]\naddress = \"192.0.2.7/24\"",
			"syncbox-7Q2K", "syncbox-7Q2K", "192.0.2.7/24", "en", ""},
		{"a job with a wrong key", "[box]\nname = \"a\"\n[network]\nhostname = \"b\"\n[[job]]\ncolour = 1", "a", "b", "invalid Prefix", "fr-CA", ""},
		{"a wrong zone", "[box]\nname = \"a\"\nzone = \"Moon\"\n[network]\naddress = \"192.0.2.7/24\"", "a", "a", "192.0.2.7/24", "fr-CA", config.CodeInvalid},
		{"a wrong address", "[box]\nname = \"a\"\nlanguage = \"en\"\n[network]\nhostname = \"b\"\naddress = \"1\"", "a", "a", "invalid Prefix", "en", config.CodeInvalid},
		{"a wrong name", "[box]\nname = \"a b\"", "syncbox-0000", "syncbox-0000", "invalid Prefix", "fr-CA", config.CodeInvalid},
		{"no TOML", "[box", "syncbox-0000", "syncbox-0000", "invalid Prefix", "fr-CA", config.CodeInvalid},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "syncbox.toml")
			put(t, path, tt.text)
			m, err := config.LoadMachine(path)
			box, network := m.Box, m.Network
			if box.Name != tt.box || network.Hostname != tt.host || network.Address.String() != tt.address || box.Language != tt.language || box.Zone == nil || box.Socket == "" {
				t.Errorf("got %+v %+v", box, network)
			}
			if (err == nil) != (tt.err == "") || err != nil && config.CodeOf(err) != tt.err {
				t.Errorf("got the error %v, want %q", err, tt.err)
			}
		})
	}
	// What is wrong with the updates leaves the choice that was made.
	path := filepath.Join(t.TempDir(), "syncbox.toml")
	put(t, path, "[box]\nname = \"a\"\n[updates]\nautomatic = false\nhours = [\"night\"]")
	night := []schedule.Window{{From: 21 * 60, To: 5 * 60}}
	if m, err := config.LoadMachine(path); m.Updates.Automatic || !slices.Equal(m.Updates.Schedule.Allowed, night) || config.CodeOf(err) != config.CodeInvalid {
		t.Errorf("wrong hours: got %+v, %v", m.Updates, err)
	}
	put(t, path, "[box]\nname = \"a\"")
	if m, err := config.LoadMachine(path); err != nil || !m.Updates.Automatic || !slices.Equal(m.Updates.Schedule.Allowed, night) {
		t.Errorf("nothing said of updates: got %+v, %v", m.Updates, err)
	}
	m, err := config.LoadMachine(filepath.Join(t.TempDir(), "none.toml"))
	if m.Box.Name != "syncbox-0000" || config.CodeOf(err) != config.CodeMissing {
		t.Errorf("no file: got %+v, %v", m.Box, err)
	}
}
