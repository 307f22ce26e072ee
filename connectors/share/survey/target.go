package survey

import (
	"cmp"
	"fmt"
	"strings"

	"syncbox/connectors/share"
)

// Target is a folder on a server, as far as a person knows it. What is empty ends the way there: without a user
// after StageNegotiate, without a share after StageShares.
type Target struct {
	Server   string // host name or address
	Port     int    // 0 = 445
	User     string
	Domain   string // may be empty
	Password share.Secret
	Share    string
	Folder   string // within the share, with slashes; empty = the share itself
}

// UNC names the share, or the server alone where none is known.
func (t Target) UNC() string {
	if t.Share == "" {
		return `\\` + t.Server
	}
	return `\\` + t.Server + `\` + t.Share
}

// Split moves a domain that was typed in front of the user, as in EXEMPLE\svc, to where it belongs.
func (t *Target) Split() {
	domain, user, both := strings.Cut(t.User, `\`)
	if !both {
		return
	}
	t.User, t.Domain = user, cmp.Or(t.Domain, domain)
}

// Validate finds what can't be meant, before anything is asked. Its error names the setting, never the password.
func (t Target) Validate() error {
	known := share.Config{Kind: share.CIFS, Server: t.Server, Port: t.Port, Share: cmp.Or(t.Share, "x"), Folder: t.Folder,
		User: cmp.Or(t.User, "x"), Domain: t.Domain, Password: cmp.Or(t.Password, "x")}
	if err := known.Validate(); err != nil {
		return err
	}
	if strings.Contains(t.User, `\`) { // it would be refused, and count as a wrong password
		return fmt.Errorf("share: user %q: want the user alone", t.User)
	}
	return nil
}
