package config_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"syncbox/firmware/internal/config"
)

// TestMetricsPort: no port is open but one that was set and can be; one that can't leaves everything else, and is none.
func TestMetricsPort(t *testing.T) {
	for text, want := range map[string]int{"": 0, "port = 0": 0, "port = 1024": 1024, "port = 9464": 9464, "port = 65535": 65535,
		"port = 443": -1, "port = 65536": -1, "port = -9464": -1} {
		path := filepath.Join(t.TempDir(), "syncbox.toml")
		put(t, path, fmt.Sprintf("[box]\nname = \"a\"\n[support]\nbroker = [\"mqtts://support.example.org\"]\nhome_assistant = true\n[metrics]\n%s\n", text))
		m, err := config.LoadMachine(path)
		if got := m.Metrics.Port; got != max(want, 0) || (err == nil) != (want >= 0) {
			t.Errorf("%q: got %d, %v", text, got, err)
		}
		if m.Box.Name != "a" || len(m.Support.Brokers) != 1 || !m.Support.HomeAssistant {
			t.Errorf("%q: got %+v", text, m)
		}
	}
}
