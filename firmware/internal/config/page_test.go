package config_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"syncbox/firmware/internal/config"
)

// TestPagePort: the box itself serves its page at the usual port unless another one is set that can be, also where what is
// set can't be: a page that nobody finds would not help to put it right. An ordinary process serves none by itself.
func TestPagePort(t *testing.T) {
	for text, want := range map[string]int{"": 80, "port = 0": 0, "port = 80": 80, "port = 8080": 8080, "port = 443": -1, "port = 65536": -1, "port = -1": -1} {
		path := filepath.Join(t.TempDir(), "syncbox.toml")
		put(t, path, fmt.Sprintf("[box]\nname = \"a\"\n[page]\n%s\n", text))
		m, err := config.LoadMachine(path)
		if want < 0 && (err == nil || m.Page.Port != 80) || want >= 0 && (err != nil || m.Page.Port != want) {
			t.Errorf("%q: got %d, %v", text, m.Page.Port, err)
		}
	}
	path := filepath.Join(t.TempDir(), "syncbox.toml")
	put(t, path, "[box]\nname = \"a\"\ndata = \"/data\"\n")
	if conf, _ := config.Load(path); conf.Page.Port != 0 { // it has no job
		t.Errorf("an ordinary process: got %d", conf.Page.Port)
	}
}
