package config_test

import (
	"path/filepath"
	"testing"

	"syncbox/firmware/internal/config"
)

// TestReadsWhatWasWritten reads the settings of a box that had every key of its day, one folder for each: such a folder is
// never changed again. A key that a box may have in its file stays known, under its name and with its meaning; and a new one
// is known to a version before the next one writes it, since an unknown key is an error.
func TestReadsWhatWasWritten(t *testing.T) {
	all, err := filepath.Glob("testdata/written-*")
	must(t, err)
	if len(all) == 0 {
		t.Fatal("no settings")
	}
	for _, from := range all {
		dir := t.TempDir()
		copyTo(t, from, dir)
		c, err := config.Load(filepath.Join(dir, "syncbox.toml"))
		if err != nil {
			t.Errorf("%s: %v", from, err)
			continue
		}
		j := c.Jobs[0]
		if c.Box.Name != "syncbox-0000" || len(c.Jobs) != 1 || j.Share.Server == "" || j.Share.Password == "" {
			t.Errorf("%s: got box %q, %d jobs, the first one with share %q", from, c.Box.Name, len(c.Jobs), j.Share.Server)
		}
	}
}
