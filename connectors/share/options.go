package share

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// purpose is what a mount is for; it decides whether it may write and whether it may lock.
type purpose int

const (
	forReading purpose = iota // read only, and no byte-range lock can reach the server
	forDrops                  // read and write, no byte-range lock
	forCards                  // read and write, with byte-range locks
)

// option is one mount option; value is empty for a flag.
type option struct{ key, value string }

// maxOptions is what mount(2) takes: one page with its final zero byte.
const maxOptions = 4095

// requestOption is what the kernel may ask for in one request, in bytes.
const requestOption = 1 << 20

// mountOptions lists the options of one mount. The names are those of mount.cifs(8); the kernel
// does not resolve names, so ip is the server's address. sec comes before sign, which it would undo.
func mountOptions(c Config, ip netip.Addr, use purpose) []option {
	opts := []option{
		{"ip", ip.String()},
		{"unc", c.unc()},
		{"vers", orElse(c.Vers, defaultVers)},
		{"sec", "ntlmssp"},
		{"user", c.User},
	}
	if c.Domain != "" {
		opts = append(opts, option{"domain", c.Domain})
	}
	opts = append(opts, option{"pass", string(c.Password)})
	if c.Port != 0 && c.Port != defaultPort {
		opts = append(opts, option{"port", strconv.Itoa(c.Port)})
	}
	opts = append(opts, behaviour(orElse(c.EchoInterval, defaultEcho))...)
	opts = append(opts, rights(use)...)
	if c.Seal {
		opts = append(opts, option{"seal", ""})
	} else {
		opts = append(opts, option{"sign", ""})
	}
	if !c.Snapshot.IsZero() {
		opts = append(opts, option{"snapshot", strconv.FormatInt(ntTime(c.Snapshot), 10)})
	}
	return opts
}

// ntTime is a server's time stamp of an instant: 100 ns since 1601, whole seconds as snapshots have
// (MS-DTYP 2.3.3; the @GMT- form is for mount.cifs, not for the kernel).
func ntTime(t time.Time) int64 {
	const secondsTo1970, perSecond = 11_644_473_600, 10_000_000
	return (t.Unix() + secondsTo1970) * perSecond
}

// behaviour makes the client harmless to the ERP: errors instead of hanging, nothing cached, no
// handle kept after close, no lease, a TCP connection of its own.
func behaviour(echo time.Duration) []option {
	return []option{
		{"soft", ""}, {"cache", "none"}, {"actimeo", "0"}, {"closetimeo", "0"}, {"nolease", ""},
		{"nohandlecache", ""}, {"echo_interval", strconv.Itoa(int(echo / time.Second))}, {"nosharesock", ""},
		{"rsize", strconv.Itoa(requestOption)}, {"iocharset", "utf8"},
	}
}

// rights leaves every permission to the server. nobrl keeps byte-range locks from the wire.
func rights(use purpose) []option {
	opts := []option{{"noperm", ""}, {"uid", "0"}, {"gid", "0"}}
	switch use {
	case forReading:
		return append(opts, option{"file_mode", "0400"}, option{"dir_mode", "0500"}, option{"ro", ""}, option{"nobrl", ""})
	case forDrops:
		return append(opts, option{"file_mode", "0600"}, option{"dir_mode", "0700"}, option{"rw", ""}, option{"nobrl", ""})
	default:
		return append(opts, option{"file_mode", "0600"}, option{"dir_mode", "0700"}, option{"rw", ""})
	}
}

// joinOptions makes the one string that mount(2) takes. A comma inside a value is doubled: the
// client's parser reads two as one and goes on with the value. The string holds the password.
func joinOptions(opts []option) (string, error) {
	joined := join(opts, func(o option) string { return strings.ReplaceAll(o.value, ",", ",,") })
	if len(joined) > maxOptions {
		return "", fmt.Errorf("share: mount options are %d bytes long, want at most %d", len(joined), maxOptions)
	}
	return joined, nil
}

// redactOptions is joinOptions for eyes and logs: without the password, the account and its domain.
func redactOptions(opts []option) string {
	return join(opts, func(o option) string {
		switch o.key {
		case "pass", "user", "domain":
			return redacted
		}
		return o.value
	})
}

func join(opts []option, show func(option) string) string {
	parts := make([]string, len(opts))
	for i, o := range opts {
		parts[i] = o.key
		if o.value != "" {
			parts[i] += "=" + show(o)
		}
	}
	return strings.Join(parts, ",")
}

func orElse[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}
