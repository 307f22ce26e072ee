package share

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// kernel is what this package asks of the operating system for a mount.
type kernel struct {
	hasCIFS func() bool
	mount   func(source, target, fstype string, flags uintptr, data string) error
	unmount func(target string, flags int) error
	words   func() string // what the kernel's log last said of cifs
	lookup  func(ctx context.Context, host string) ([]netip.Addr, error)
	open    func(dir, folder string) (tree, error)
}

func systemKernel() kernel {
	return kernel{
		hasCIFS: hasCIFS,
		mount:   unix.Mount,
		unmount: unix.Unmount,
		words:   kernelWords,
		lookup:  lookup,
		open:    openTree,
	}
}

// cifsVolume is a Windows share, mounted in a new directory at each attempt.
type cifsVolume struct {
	config Config
	use    purpose
	kernel kernel
}

func newCIFS(c Config, use purpose) volume { return cifsVolume{c, use, systemKernel()} }

var errNoCIFS = fmt.Errorf("cifs is not in this kernel: %w", unix.ENODEV)

func (v cifsVolume) attach(ctx context.Context) (attached, error) {
	if !v.kernel.hasCIFS() {
		return attached{}, errNoCIFS
	}
	addr, err := v.address(ctx)
	if err != nil {
		return attached{}, err
	}
	root := orElse(v.config.MountRoot, DefaultMountRoot)
	if err := os.MkdirAll(root, 0o700); err != nil {
		return attached{}, ours(err)
	}
	dir, err := os.MkdirTemp(root, "mount-")
	if err != nil {
		return attached{}, ours(err)
	}
	if err := v.mount(dir, addr); err != nil {
		os.Remove(dir)
		return attached{}, err
	}
	t, err := v.kernel.open(dir, v.config.Folder)
	if err != nil {
		v.detach(dir, false)
		return attached{}, rootError(v.config, err)
	}
	return attached{
		tree:      t,
		interrupt: func() { v.kernel.unmount(dir, unix.MNT_FORCE) },
		detach:    func(forced bool) error { return v.detach(dir, forced) },
	}, nil
}

// address gives the server's address; IPv4 first, since small networks often announce an IPv6 that
// leads nowhere.
func (v cifsVolume) address(ctx context.Context) (netip.Addr, error) {
	if ip, err := netip.ParseAddr(v.config.Server); err == nil {
		return ip, nil
	}
	addrs, err := v.kernel.lookup(ctx, v.config.Server)
	if err != nil {
		return netip.Addr{}, err
	}
	for _, ip := range addrs {
		if ip.Unmap().Is4() {
			return ip.Unmap(), nil
		}
	}
	if len(addrs) == 0 {
		return netip.Addr{}, &net.DNSError{Err: "no address", Name: v.config.Server, IsNotFound: true}
	}
	return addrs[0], nil
}

// mountTries is how often a mount is tried that a signal interrupts. The Go runtime sends itself signals all the time
// (SIGURG), and a log-on that waits for the server's answer does not go on after one. By then the server is slow as well.
const mountTries = 50

func (v cifsVolume) mount(dir string, addr netip.Addr) error {
	options, err := joinOptions(mountOptions(v.config, addr, v.use))
	if err != nil {
		return err
	}
	flags := uintptr(unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC)
	if v.use == forReading {
		flags |= unix.MS_RDONLY
	}
	source := "//" + v.config.Server + "/" + v.config.Share
	for try := 0; try == 0 || errors.Is(err, unix.EINTR) && try < mountTries; try++ {
		err = v.kernel.mount(source, dir, "cifs", flags, options)
	}
	if err == nil {
		return nil
	}
	if words := v.kernel.words(); words != "" {
		return fmt.Errorf("mount %s: %w (kernel: %s)", source, err, words)
	}
	return fmt.Errorf("mount %s: %w", source, err)
}

// detach unmounts. When something still uses the mount, or the server is dead, it goes out of the
// tree at once and ends with its last user.
func (v cifsVolume) detach(dir string, forced bool) error {
	if forced || v.kernel.unmount(dir, 0) != nil {
		v.kernel.unmount(dir, unix.MNT_FORCE)
		if err := v.kernel.unmount(dir, unix.MNT_DETACH); err != nil {
			return fmt.Errorf("unmount %s: %w", dir, err)
		}
	}
	return os.Remove(dir)
}

// ours marks an error of this machine's own disk, so that it is not taken for the share's.
func ours(err error) error { return fmt.Errorf("share: make the mount directory: %s", err.Error()) }

func lookup(ctx context.Context, host string) ([]netip.Addr, error) {
	return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
}

// hasCIFS asks whether the running kernel can mount cifs now; loading its module is the board's work.
func hasCIFS() bool {
	list, err := os.ReadFile("/proc/filesystems")
	if err != nil {
		return true // let mount(2) tell
	}
	for line := range strings.Lines(string(list)) {
		if strings.TrimSpace(strings.TrimPrefix(line, "nodev")) == "cifs" {
			return true
		}
	}
	return false
}

// kernelWords gives the last lines about CIFS of the kernel's log: they hold the server's own answer.
// A line that quotes an option is left out, since a badly split password would be in it.
func kernelWords() string {
	const readAll, tail = 3, 64 << 10 // syslog(2): SYSLOG_ACTION_READ_ALL gives the newest tail
	buf := make([]byte, tail)
	n, err := unix.Klogctl(readAll, buf)
	if err != nil {
		return ""
	}
	return cifsLines(buf[:n], 2)
}

func cifsLines(log []byte, last int) string {
	var found []string
	for line := range bytes.Lines(log) {
		text := strings.TrimSpace(string(line))
		_, said, ok := strings.Cut(text, "CIFS: ")
		if ok && !strings.Contains(strings.ToLower(said), "unknown parameter") {
			found = append(found, said)
		}
	}
	return strings.Join(found[max(0, len(found)-last):], "; ")
}

// Sweep unmounts what an earlier process, ended without Close, left below mountRoot (empty =
// DefaultMountRoot). To be called once at the start of a program, before the first Open.
func Sweep(mountRoot string) error { return sweep(orElse(mountRoot, DefaultMountRoot), unix.Unmount) }

func sweep(root string, unmount func(string, int) error) error {
	left, err := filepath.Glob(filepath.Join(root, "mount-*"))
	if err != nil {
		return err
	}
	var errs []error
	for _, dir := range left {
		unmount(dir, unix.MNT_FORCE)
		if err := unmount(dir, unix.MNT_DETACH); err != nil && !errors.Is(err, unix.EINVAL) {
			errs = append(errs, fmt.Errorf("unmount %s: %w", dir, err))
			continue
		}
		errs = append(errs, os.Remove(dir)) // a directory that is no mount any more is EINVAL above
	}
	return errors.Join(errs...)
}
