package sagex3

import (
	"context"
	"strings"
	"time"

	"syncbox/connectors"
)

// settledFor is how long a user who was found set up is not looked at again.
const settledFor = time.Hour

// The users of X3 as a web service, and the codes of its fields.
const (
	users          = "AUS"
	userKey        = "USR"
	commercial     = "AUSCRMA" // a user with a commercial function, local menu 1
	representative = "AUSCRMF" // the user's code as a representative
)

// setUp holds what X3 says of the user against the settings of the box: without a commercial function and with the code of another
// representative nothing is synchronised, and it is looked again with every run (X3-2). Where the site does not publish its users,
// or does not give this one, nothing is known.
func (u *User) setUp(ctx context.Context) error {
	s := u.server
	now := s.cfg.Now()
	if age := now.Sub(u.settled); !u.settled.IsZero() && age >= 0 && age < settledFor {
		return nil
	}
	r, err := s.call(ctx, "read", users, keys(userKey, u.cfg.Login))
	switch {
	case err != nil && !passedOver(err):
		return err
	case err == nil:
		if setting := u.lacking(r.payload); setting != "" {
			e := connectors.Errorf(connectors.Unavailable, CodeUserNotSetUp, "the user's setting %s", setting)
			e.Args = map[string]string{"setting": setting}
			return e
		}
	}
	u.settled = now
	return nil
}

// lacking names the setting of a user that is not as it has to be, empty if there is none.
func (u *User) lacking(p *payload) string {
	if function, told := p.first(commercial); told && function != menuYes {
		return commercial
	}
	if rep, told := p.first(representative); told && strings.TrimSpace(rep) != u.cfg.Representative {
		return representative
	}
	return ""
}
