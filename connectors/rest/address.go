package rest

import (
	"fmt"
	"net"
	"net/url"
)

// CheckAddress says why an address of a server (what: "API", "sign-in") can't be used: it must be scheme and host alone,
// https wherever secrets would cross a network, unless plain says that the site accepts that.
func CheckAddress(what, address string, plain bool) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("address of the %s is not of the form https://host", what)
	}
	local := u.Hostname() == "localhost" || net.ParseIP(u.Hostname()).IsLoopback()
	if u.Scheme != "https" && (u.Scheme != "http" || !local && !plain) {
		return fmt.Errorf("address of the %s has scheme %q, and what is sent would not be secret", what, u.Scheme)
	}
	return nil
}
