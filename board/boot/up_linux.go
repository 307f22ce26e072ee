package boot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"golang.org/x/sys/unix"
)

// Up makes the machine usable for the parts: it mounts the kernel's file systems, loads the modules
// and gives loopback and the first Ethernet card their addresses. It returns when that is done; an
// error that is ErrNoAddress leaves everything else in place. A module that cannot be loaded is logged.
func Up(ctx context.Context, log *slog.Logger, c Config) error {
	c = c.withDefaults()
	if err := mountAll(); err != nil {
		return err
	}
	if err := loadModules(log, c.ModuleList); err != nil {
		return err
	}
	if c.Hostname != "" {
		if err := unix.Sethostname([]byte(c.Hostname)); err != nil {
			return fmt.Errorf("set host name %q: %w", c.Hostname, err)
		}
	}
	return networkUp(ctx, log, c)
}

const hardened = unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC

var mounts = []struct {
	kind, dir string
	flags     uintptr
	options   string
}{
	{"proc", "/proc", hardened, ""},
	{"sysfs", "/sys", hardened, ""},
	{"devtmpfs", "/dev", unix.MS_NOSUID | unix.MS_NOEXEC, "mode=0755"},
	{"tmpfs", "/run", hardened, "mode=0755"},
	{"tmpfs", "/tmp", hardened, "mode=1777"},
}

// mountAll mounts what is not mounted yet.
func mountAll() error {
	for _, m := range mounts {
		if err := os.MkdirAll(m.dir, 0o755); err != nil {
			return err
		}
		err := unix.Mount(m.kind, m.dir, m.kind, m.flags, m.options)
		if err != nil && !errors.Is(err, unix.EBUSY) {
			return fmt.Errorf("mount %s on %s: %w", m.kind, m.dir, err)
		}
	}
	return nil
}
