package share

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/netip"
	"regexp"
	"strings"
	"time"
	"unicode"
)

// Kind is where the ERP's folder lies.
type Kind string

// The two kinds of a share.
const (
	Directory Kind = "directory" // a folder of this machine, for the laptop and for tests of readers
	CIFS      Kind = "cifs"      // a Windows share, by the Linux kernel's client
)

// Secret is a text that prints as "[redacted]", however it is printed.
type Secret string

const redacted = "[redacted]"

// String hides the text.
func (Secret) String() string { return redacted }

// GoString hides the text.
func (Secret) GoString() string { return redacted }

// LogValue hides the text.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText hides the text.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// Config says where the ERP's folder lies and how to log on to it.
type Config struct {
	Kind   Kind
	Path   string // Directory: the folder on this machine
	Folder string // either kind: a folder below it that becomes the root, with "/"; empty = none

	// The rest is for CIFS.

	Server   string // host name or address, without slashes
	Share    string // the share's name, without slashes
	User     string // service account; never empty, an empty one would log on as nobody
	Domain   string // may be empty
	Password Secret
	Port     int    // 0 = 445
	Vers     string // "3.1.1" (also when empty) or "3.0", as set-up found out; never lowered by itself
	Seal     bool   // encrypt; otherwise every packet is signed

	// EchoInterval bounds how long a dead server goes unseen: 2 to 3 times this. 1 s to 600 s in
	// whole seconds, 0 = 10 s.
	EchoInterval time.Duration
	// Snapshot mounts the server's previous version of that instant instead of the live files.
	Snapshot time.Time
	// MountRoot is the local folder in which each mount gets a directory of its own; empty =
	// DefaultMountRoot.
	MountRoot string
}

// DefaultMountRoot holds the mount directories on the box.
const DefaultMountRoot = "/run/syncbox/share"

const (
	defaultPort = 445
	defaultVers = "3.1.1"
	defaultEcho = 10 * time.Second
)

var hostName = regexp.MustCompile(`^[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9_])?$`)

// Validate checks the settings; the error names the first wrong one, never its secret.
func (c Config) Validate() error {
	if c.Folder != "" && !fs.ValidPath(c.Folder) {
		return fmt.Errorf(`share: folder %q: want a path such as "Acomba/F1000" without ".." or "\"`, c.Folder)
	}
	switch c.Kind {
	case Directory:
		if c.Path == "" {
			return errors.New("share: path: is empty")
		}
		return nil
	case CIFS:
		return c.validateCIFS()
	}
	return fmt.Errorf(`share: kind %q: want "directory" or "cifs"`, c.Kind)
}

func (c Config) validateCIFS() error {
	if _, err := netip.ParseAddr(c.Server); err != nil && !hostName.MatchString(c.Server) {
		return fmt.Errorf("share: server %q: want a host name or an address", c.Server)
	}
	if c.Share == "" || strings.ContainsAny(c.Share, `/\`) {
		return fmt.Errorf("share: share %q: want a share's name without slashes", c.Share)
	}
	if c.User == "" {
		return errors.New("share: user: is empty")
	}
	if c.Password == "" {
		return errors.New("share: password: is empty")
	}
	for key, value := range map[string]string{"share": c.Share, "user": c.User, "domain": c.Domain, "password": string(c.Password)} {
		if strings.ContainsFunc(value, unicode.IsControl) {
			return fmt.Errorf("share: %s: holds a control character", key)
		}
	}
	if c.Port < 0 || c.Port > 65535 {
		return fmt.Errorf("share: port %d: want 1 to 65535, or 0 for 445", c.Port)
	}
	if c.Vers != "" && c.Vers != "3.1.1" && c.Vers != "3.0" {
		return fmt.Errorf(`share: vers %q: want "3.1.1" or "3.0"`, c.Vers)
	}
	if e := c.EchoInterval; e != 0 && (e < time.Second || e > 600*time.Second || e%time.Second != 0) {
		return fmt.Errorf("share: echo interval %v: want whole seconds, 1 s to 600 s", e)
	}
	return nil
}

// Name tells which share is meant, for logs and messages: `\\server\share` or the path.
func (c Config) Name() string {
	name := c.Path
	if c.Kind == CIFS {
		name = c.unc()
	}
	if c.Folder == "" {
		return name
	}
	if c.Kind == CIFS {
		return name + `\` + strings.ReplaceAll(c.Folder, "/", `\`)
	}
	return name + "/" + c.Folder
}

func (c Config) unc() string { return `\\` + c.Server + `\` + c.Share }
