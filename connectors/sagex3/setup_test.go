package sagex3_test

import (
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/connectortest"
	"syncbox/connectors/record"
	"syncbox/connectors/sagex3"
	"syncbox/connectors/sagex3/sagex3test"
)

// A user whom X3 does not have set up is told nothing of, with the setting that is wrong, until it is right; others go on. A site
// that does not publish its users lets everybody.
//
// Requirement: X3-2
func TestUserIsSetUp(t *testing.T) {
	for _, test := range []struct {
		name    string
		user    sagex3test.User
		hidden  bool
		setting string
	}{
		{"set up", sagex3test.User{Commercial: true, Representative: "R1"}, false, ""},
		{"no commercial function", sagex3test.User{Representative: "R1"}, false, "AUSCRMA"},
		{"another representative", sagex3test.User{Commercial: true, Representative: "R2"}, false, "AUSCRMF"},
		{"no representative", sagex3test.User{Commercial: true}, false, "AUSCRMF"},
		{"users are not published", sagex3test.User{}, true, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, nil)
			key := r.make(record.Task)
			set := func(u sagex3test.User) {
				u.Code, u.Login, u.Password, u.Name = "U1", "u1", "SECRET-U1", "U1"
				r.AddUser(u)
			}
			set(test.user)
			if test.hidden {
				r.Unpublish(string(sagex3test.Users))
			}
			u, notes := r.user("1"), connectortest.NewNotes()
			notes.Begin()
			err := u.Observe(t.Context(), notes)
			if test.setting == "" {
				must(t, err)
				return
			}
			r.broke(err, connectors.Unavailable, sagex3.CodeUserNotSetUp)
			if got := err.(*connectors.Error).Args["setting"]; got != test.setting || connectors.CodeOf(u.Check(t.Context())) != sagex3.CodeUserNotSetUp {
				t.Errorf("setting %q, want %q", got, test.setting)
			}
			set(sagex3test.User{Commercial: true, Representative: "R1"})
			r.AdvanceClock(time.Minute)
			must(t, u.Observe(t.Context(), notes))
			if found, _, err := u.Read(t.Context(), record.Task, []record.Key{key}); err != nil || len(found) != 1 {
				t.Errorf("%d records, %v", len(found), err)
			}
		})
	}
}
