package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"syncbox/firmware/internal/config"
)

// twoUsers is the file of a box with two users of X3 who work, and its writer.
func twoUsers(t *testing.T) (string, *config.Writer) {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "syncbox.toml")
	must(t, config.WriteFirst(path, "syncbox-7Q2K", config.Support{}))
	text, err := os.ReadFile(path)
	must(t, err)
	data := filepath.Join(dir, "jobs")
	must(t, os.WriteFile(path, []byte(strings.Replace(string(text), "data = \"/data/jobs\"", "data = \""+data+"\"", 1)), 0o644))
	w := config.NewWriter(path, nil)
	must(t, w.Choose(config.SageX3Outlook))
	_, err = w.Set(set("sagex3.main.url", "https://x3.example", "sagex3.main.pool", "P", "sagex3.main.user", "syncbox", "sagex3.main.password", "hunter2", "outlook.main.tenant", "contoso.example",
		"outlook.main.application", "0b5e", "outlook.main.secret", "s", "job.user-1.sagex3.login", "U1", "job.user-1.sagex3.representative", "R1", "job.user-1.outlook.mailbox", "u1@contoso.example")...)
	must(t, err)
	_, err = w.AddUser(config.User{Login: "U2", Representative: "R2", Mailbox: "u2@contoso.example"})
	must(t, err)
	must(t, os.MkdirAll(filepath.Join(data, "user-2"), 0o700)) // it has run
	c, err := config.Load(path)
	must(t, err)
	if c.Box.Data != data {
		t.Fatalf("data in %s", c.Box.Data)
	}
	return path, w
}

// A user is taken away with all that is said of him, and the others stay as they were. Whoever comes next does not get the
// databases of who went. The last user stays, and so does a job of other products.
//
// Requirement: X3-6
func TestRemoveUser(t *testing.T) {
	path, w := twoUsers(t)
	before, err := os.ReadFile(path)
	must(t, err)
	must(t, os.WriteFile(path, append(before, []byte("\n# of the metrics\n[metrics]\nport = 9100\n")...), 0o644))
	must(t, w.RemoveUser("user-2"))
	after, err := os.ReadFile(path)
	must(t, err)
	if text := string(after); strings.Contains(text, "U2") || !strings.Contains(text, "# of the metrics\n[metrics]\nport = 9100") || !strings.Contains(text, "u1@contoso.example") {
		t.Errorf("left:\n%s", text)
	}
	name, err := w.AddUser(config.User{Login: "U3", Representative: "R3", Mailbox: "u3@contoso.example"})
	if err != nil || name == "user-2" {
		t.Errorf("the next one is %s: %v", name, err)
	}
	must(t, w.RemoveUser("user-1"))
	c, err := config.Load(path)
	must(t, err)
	if len(c.Jobs) != 1 || c.Jobs[0].SageX3.User.Login != "U3" {
		t.Errorf("jobs: %+v", c.Jobs)
	}
	for _, job := range []string{name, "user-1"} {
		if _, is := errors.AsType[config.Refused](w.RemoveUser(job)); !is {
			t.Errorf("%s was taken away", job)
		}
	}
}

// Another mailbox begins anew: the job has a name that no job had. One that belongs to another user is refused, and nothing
// is changed then.
//
// Requirement: X3-5, X3-6
func TestMoveUser(t *testing.T) {
	path, w := twoUsers(t)
	name, err := w.MoveUser("user-2", "other@contoso.example")
	must(t, err)
	c, err := config.Load(path)
	must(t, err)
	if j := c.Jobs[1]; name == "user-2" || j.Name != name || j.Outlook.Box.Address != "other@contoso.example" || j.SageX3.User.Login != "U2" {
		t.Errorf("moved to %s: %+v", name, j)
	}
	before, err := os.ReadFile(path)
	must(t, err)
	for _, mailbox := range []string{"U1@contoso.example", "no address", ""} {
		if _, err := w.MoveUser(name, mailbox); !isRefused(err) {
			t.Errorf("%q: got %v", mailbox, err)
		}
	}
	if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
		t.Errorf("changed: %v\n%s", err, after)
	}
}

func isRefused(err error) bool { _, is := errors.AsType[config.Refused](err); return is }
