package boot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"golang.org/x/sys/unix"
)

// Up is Prepare with the list of c, and Network.
func Up(ctx context.Context, log *slog.Logger, c Config) error {
	if err := Prepare(log, c.ModuleList); err != nil {
		return err
	}
	_, err := Network(ctx, log, c)
	return err
}

// Prepare mounts the kernel's file systems and loads the modules that a list names, /modules.list where it is empty. A
// module that cannot be loaded is logged.
func Prepare(log *slog.Logger, list string) error {
	if err := mountAll(); err != nil {
		return err
	}
	return LoadModules(log, Config{ModuleList: list}.withDefaults().ModuleList)
}

// Network names the machine and gives loopback and one Ethernet card their addresses. It returns when that is done, or
// after c.DHCPWait; an error that is ErrNoAddress leaves everything else in place. What it got is for KeepAddress.
func Network(ctx context.Context, log *slog.Logger, c Config) (Lease, error) {
	c = c.withDefaults()
	if c.Hostname != "" {
		if err := unix.Sethostname([]byte(c.Hostname)); err != nil {
			return Lease{}, fmt.Errorf("set host name %q: %w", c.Hostname, err)
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
