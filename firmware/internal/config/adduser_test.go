package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"syncbox/firmware/internal/config"
)

// A new box is made one for Sage X3, back, and again; with the values of a user it works, and another user gets a job of the same
// server and tenant, who waits for a person and has no rights. A second job of a user or a mailbox is refused.
//
// Requirement: X3-2, X3-3, X3-6
func TestUsersOfX3(t *testing.T) {
	path := filepath.Join(t.TempDir(), "syncbox.toml")
	must(t, config.WriteFirst(path, "syncbox-7Q2K", config.Support{}))
	fresh, err := os.ReadFile(path)
	must(t, err)
	w := config.NewWriter(path, nil)
	if _, err := w.AddUser(config.User{Login: "A", Representative: "R", Mailbox: "a@b"}); err == nil {
		t.Error("a box of Acomba took a user of X3")
	}
	for _, pair := range []config.Pair{config.SageX3Outlook, config.QuickBooksCentrixOne, config.SageX3Outlook, config.Bob50SageCRM, config.Sage50SalesManagement, config.AcombaCentrixOne} {
		must(t, w.Choose(pair))
	}
	if again, err := os.ReadFile(path); err != nil || string(again) != string(fresh) {
		t.Errorf("not as before: %v\n%s", err, again)
	}
	must(t, w.Choose(config.SageX3Outlook))
	_, err = w.Set(set("sagex3.main.url", "https://x3.example", "sagex3.main.pool", "P", "sagex3.main.user", "syncbox", "sagex3.main.password", "hunter2", "outlook.main.tenant", "contoso.example",
		"outlook.main.application", "0b5e", "outlook.main.secret", "s", "job.user-1.sagex3.login", "U1", "job.user-1.sagex3.representative", "R1", "job.user-1.outlook.mailbox", "u1@contoso.example")...)
	must(t, err)
	if w.Choices() != nil {
		t.Error("the products can still be chosen")
	}
	name, err := w.AddUser(config.User{Login: "U2", Representative: "R2", Mailbox: "u2@contoso.example"})
	must(t, err)
	c, err := config.Load(path)
	must(t, err)
	if j := c.Jobs[1]; j.Name != name || j.SageX3.Server.Password != "hunter2" || j.Outlook.Tenant.Tenant != "contoso.example" || j.Engine.Confirm != "first" || len(j.Rights) > 0 {
		t.Errorf("the second user: %+v", j)
	}
	for _, u := range []config.User{{"U1", "R1", "u3@contoso.example"}, {"U3", "R3", "U1@contoso.example"}, {"U3", "R3", ""}, {"U 3", "R3", "u3@contoso.example"},
		{"U3\nx", "R3", "u3@contoso.example"}} {
		_, err := w.AddUser(u)
		if refused, _ := errors.AsType[config.Refused](err); len(refused) != 1 || refused[0].Key == "" {
			t.Errorf("%+v: got %v, want one value refused", u, err)
		}
	}
	if c, err := config.Load(path); err != nil || len(c.Jobs) != 2 {
		t.Errorf("%d jobs, %v", len(c.Jobs), err)
	}
}
