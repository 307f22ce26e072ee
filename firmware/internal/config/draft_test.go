package config_test

import (
	"os"
	"path/filepath"
	"testing"

	"syncbox/firmware/internal/config"
)

// What is set of an unfinished configuration is there for set-up, its secrets too; what is wrong is an error all the same.
func TestLoadDraft(t *testing.T) {
	path := filepath.Join(t.TempDir(), "syncbox.toml")
	must(t, config.WriteFirst(path, "syncbox-7Q2K", config.Support{}))
	w := config.NewWriter(path, nil)
	_, err := w.Set(set("job.acomba.share.server", "srv-erp", "job.acomba.share.user", "box", "job.acomba.share_password", "secret", "job.acomba.direction", "two-way",
		"job.acomba.share.vers", "3.0")...)
	must(t, err)
	c, err := config.LoadDraft(path)
	must(t, err)
	if s := c.Jobs[0].Share; s.Server != "srv-erp" || s.User != "box" || string(s.Password) != "secret" || s.Share != "" || s.Vers != "3.0" {
		t.Errorf("the share: %v %q", s, s.Vers)
	}
	if c.Jobs[0].CentrixOne.BaseURL == "" || !c.Jobs[0].TwoWay {
		t.Errorf("the rest: %v", c.Jobs[0])
	}
	if _, err := config.Load(path); config.CodeOf(err) != config.CodeIncomplete {
		t.Errorf("Load: %v", err)
	}
	_, err = w.Set(set("job.acomba.acomba.documents", []string{})...)
	must(t, err)
	if c, err = config.LoadDraft(path); err != nil || c.Jobs[0].Acomba.Documents == nil {
		t.Errorf("no documents, where nothing was said, which means all: %v, %v", c.Jobs[0].Acomba.Documents, err)
	}
	must(t, os.WriteFile(path, []byte("[box]\ncolour = 1\n"), 0o600))
	if _, err := config.LoadDraft(path); config.CodeOf(err) != config.CodeInvalid {
		t.Errorf("a wrong one: %v", err)
	}
}
