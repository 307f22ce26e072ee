package share

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// fakeKernel mounts by making a file in the mount directory.
type fakeKernel struct {
	calls    []string
	options  []string
	noCIFS   bool
	refuse   error
	signals  int  // so many mounts are interrupted by one
	busy     bool // the plain unmount is refused
	words    string
	resolves map[string][]netip.Addr
}

func (k *fakeKernel) kernel() kernel {
	return kernel{
		hasCIFS: func() bool { return !k.noCIFS },
		mount: func(source, target, fstype string, flags uintptr, options string) error {
			k.calls = append(k.calls, fmt.Sprintf("mount %s %s %#x", source, fstype, flags))
			k.options = append(k.options, options)
			if k.signals > 0 {
				k.signals--
				return unix.EINTR
			}
			if k.refuse != nil {
				return k.refuse
			}
			return os.MkdirAll(filepath.Join(target, "F1000"), 0o755)
		},
		unmount: func(target string, flags int) error {
			k.calls = append(k.calls, fmt.Sprintf("unmount %#x", flags))
			if k.busy && flags != unix.MNT_DETACH {
				return unix.EBUSY
			}
			return os.RemoveAll(filepath.Join(target, "F1000"))
		},
		words: func() string { return k.words },
		lookup: func(_ context.Context, host string) ([]netip.Addr, error) {
			if addrs, ok := k.resolves[host]; ok {
				return addrs, nil
			}
			return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
		},
		open: openTree,
	}
}

func (k *fakeKernel) share(t *testing.T, use purpose, change func(*Config)) (*Share, Config) {
	t.Helper()
	c := Config{Kind: CIFS, Server: "192.0.2.7", Share: "erp", User: "box", Password: "geheim", MountRoot: filepath.Join(t.TempDir(), "root")}
	if change != nil {
		change(&c)
	}
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	return &Share{newMount(cifsVolume{c, use, k.kernel()}, c.Name(), nil)}, c
}

func mountDirs(t *testing.T, c Config) []string {
	t.Helper()
	dirs, err := filepath.Glob(filepath.Join(c.MountRoot, "*"))
	if err != nil {
		t.Fatal(err)
	}
	return dirs
}

const safe = unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC

func TestMountAndUnmount(t *testing.T) {
	for _, test := range []struct {
		name  string
		use   purpose
		flags uintptr
	}{{"read", forReading, safe | unix.MS_RDONLY}, {"drops", forDrops, safe}, {"cards", forCards, safe}} {
		t.Run(test.name, func(t *testing.T) {
			k := &fakeKernel{}
			s, c := k.share(t, test.use, nil)
			if _, err := s.Stat("F1000"); err != nil {
				t.Fatal(err)
			}
			want, err := joinOptions(mountOptions(c, netip.MustParseAddr("192.0.2.7"), test.use))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{want}, k.options); diff != "" {
				t.Errorf("options (-want +got):\n%s", diff)
			}
			first := mountDirs(t, c)
			if info, err := os.Stat(c.MountRoot); len(first) != 1 || err != nil || info.Mode().Perm() != 0o700 {
				t.Errorf("mount directories %v below %v", first, info)
			}
			if err := s.Suspend(t.Context()); err != nil {
				t.Fatal(err)
			}
			if left := mountDirs(t, c); len(left) != 0 {
				t.Errorf("directories left: %v", left)
			}
			if _, err := s.Stat("F1000"); err != nil {
				t.Fatal(err)
			}
			if second := mountDirs(t, c); len(second) != 1 || second[0] == first[0] {
				t.Errorf("second mount in %v, first in %v; want a new directory", second, first)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			mount := fmt.Sprintf("mount //192.0.2.7/erp cifs %#x", test.flags)
			if diff := cmp.Diff([]string{mount, "unmount 0x0", mount, "unmount 0x0"}, k.calls); diff != "" {
				t.Errorf("calls (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEachUseHasItsOwnMount(t *testing.T) {
	c := Config{Kind: CIFS, Server: "srv", Share: "erp", User: "box", Password: "geheim"}
	reader, err := New(c, nil)
	if err != nil {
		t.Fatal(err)
	}
	drops, err := NewWriter(c, WriteDrops, nil)
	if err != nil {
		t.Fatal(err)
	}
	cards, err := NewWriter(c, WriteCards, nil)
	if err != nil {
		t.Fatal(err)
	}
	for m, want := range map[*mount]purpose{reader.m: forReading, drops.m: forDrops, cards.m: forCards} {
		if got := m.volume.(cifsVolume).use; got != want {
			t.Errorf("a mount is for %d, want %d", got, want)
		}
	}
}

func TestUnmountOfABusyMount(t *testing.T) {
	k := &fakeKernel{busy: true}
	s, c := k.share(t, forReading, nil)
	if _, err := s.Stat("F1000"); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	want := []string{"unmount 0x0", fmt.Sprintf("unmount %#x", unix.MNT_FORCE), fmt.Sprintf("unmount %#x", unix.MNT_DETACH)}
	if diff := cmp.Diff(want, k.calls[1:]); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	if left := mountDirs(t, c); len(left) != 0 {
		t.Errorf("directories left: %v", left)
	}
}

func TestForcedUnmountOfADeadServer(t *testing.T) {
	k := &fakeKernel{}
	s, c := k.share(t, forReading, nil)
	if _, err := s.Stat("F1000"); err != nil {
		t.Fatal(err)
	}
	s.m.mu.Lock()
	session := s.m.session
	s.m.mu.Unlock()
	s.m.giveUp(session, Dead, errTimeout)
	if err := s.Suspend(t.Context()); err != nil { // waits for the release
		t.Fatal(err)
	}
	force, detach := fmt.Sprintf("unmount %#x", unix.MNT_FORCE), fmt.Sprintf("unmount %#x", unix.MNT_DETACH)
	if diff := cmp.Diff([]string{force, force, detach}, k.calls[1:]); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	if left := mountDirs(t, c); len(left) != 0 {
		t.Errorf("directories left: %v", left)
	}
}

func TestMountRefused(t *testing.T) {
	tests := []struct {
		name   string
		kernel fakeKernel
		change func(*Config)
		want   Class
		mounts int
	}{
		{"no cifs in the kernel", fakeKernel{noCIFS: true}, nil, Unsupported, 0},
		{"log-on refused", fakeKernel{refuse: unix.EACCES, words: "VFS: \\\\srv Send error in SessSetup = -13"}, nil, Auth, 1},
		{"no such share", fakeKernel{refuse: unix.ENOENT}, nil, ShareGone, 1},
		{"server off", fakeKernel{refuse: unix.EHOSTDOWN}, nil, Dead, 1},
		{"name unknown", fakeKernel{}, func(c *Config) { c.Server = "srv-erp" }, Dead, 0},
		{"no address", fakeKernel{resolves: map[string][]netip.Addr{"srv-erp": nil}}, func(c *Config) { c.Server = "srv-erp" }, Dead, 0},
		{"folder not there", fakeKernel{}, func(c *Config) { c.Folder = "none" }, ShareGone, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			k := test.kernel
			s, c := k.share(t, forReading, test.change)
			defer s.Close()
			_, err := s.Stat(".")
			wantClass(t, "stat", err, test.want)
			if len(k.options) != test.mounts {
				t.Errorf("%d mounts were tried, want %d", len(k.options), test.mounts)
			}
			if left := mountDirs(t, c); len(left) != 0 {
				t.Errorf("directories left: %v", left)
			}
			if !strings.Contains(err.Error(), k.words) {
				t.Errorf("%v does not tell the kernel's words", err)
			}
			if strings.Contains(fmt.Sprintf("%+v", err), "geheim") {
				t.Errorf("the password shows in %+v", err)
			}
			if test.name == "folder not there" && k.calls[len(k.calls)-1] != "unmount 0x0" {
				t.Errorf("the mount stays: %v", k.calls)
			}
		})
	}
}

// The runtime's own signals come at any time; a mount that one of them interrupts is no fault of the share.
func TestMountIsInterrupted(t *testing.T) {
	k := &fakeKernel{signals: 3}
	s, c := k.share(t, forReading, nil)
	if _, err := s.Stat("F1000"); err != nil || len(k.options) != 4 || len(mountDirs(t, c)) != 1 {
		t.Errorf("%v after %d mounts in %v; want the fourth to do", err, len(k.options), mountDirs(t, c))
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}

	k = &fakeKernel{signals: 1, refuse: unix.EACCES}
	s, _ = k.share(t, forReading, nil)
	_, err := s.Stat(".")
	wantClass(t, "stat after a signal", err, Auth)

	k = &fakeKernel{signals: 1 << 20}
	s, c = k.share(t, forReading, nil)
	_, err = s.Stat(".")
	wantClass(t, "stat under signals", err, Dead)
	if left := mountDirs(t, c); len(left) != 0 || len(k.options) != mountTries {
		t.Errorf("%d mounts, and %v is left; want %d and nothing", len(k.options), left, mountTries)
	}
}

func TestFolderRefusedIsNoRefusedLogOn(t *testing.T) {
	for _, test := range []struct {
		err  error
		want Class
	}{{unix.EACCES, Denied}, {unix.EIO, Dead}} {
		k := &fakeKernel{}
		s, _ := k.share(t, forReading, nil)
		v := s.m.volume.(cifsVolume)
		v.kernel.open = func(string, string) (tree, error) { return nil, &fs.PathError{Op: "open", Path: "x", Err: test.err} }
		s.m.volume = v
		_, err := s.Stat(".")
		wantClass(t, "stat", err, test.want)
		s.Close()
	}
}

func TestMountDirectoryCannotBeMade(t *testing.T) {
	k := &fakeKernel{}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s, _ := k.share(t, forReading, func(c *Config) { c.MountRoot = filepath.Join(file, "x") })
	defer s.Close()
	_, err := s.Stat(".")
	if err == nil || ClassOf(err) != Unknown {
		t.Errorf("%v, class %d; want our own disk's error, not one of the share", err, ClassOf(err))
	}
}

func TestAddress(t *testing.T) {
	four, six := netip.MustParseAddr("192.0.2.9"), netip.MustParseAddr("2001:db8::9")
	k := &fakeKernel{resolves: map[string][]netip.Addr{
		"both": {six, four}, "six": {six}, "mapped": {netip.MustParseAddr("::ffff:192.0.2.9")},
	}}
	for server, want := range map[string]netip.Addr{"both": four, "six": six, "mapped": four, "2001:db8::9": six} {
		got, err := cifsVolume{config: Config{Server: server}, kernel: k.kernel()}.address(t.Context())
		if err != nil || got != want {
			t.Errorf("%s: %v, %v; want %v", server, got, err, want)
		}
	}
}

func TestKernelWords(t *testing.T) {
	log := []byte("<6>[1.0] Key type dns_resolver registered\n" +
		"<6>[2.0] CIFS: Attempting to mount \\\\srv\\erp\n" +
		"<3>[2.1] CIFS: VFS: \\\\srv Send error in SessSetup = -13\n" +
		"<3>[2.2] CIFS: Unknown parameter \"geheim\"\n" +
		"<3>[2.3] CIFS: VFS: cifs_mount failed w/return code = -13\n" +
		"<6>[3.0] eth0: link up\n")
	want := "VFS: \\\\srv Send error in SessSetup = -13; VFS: cifs_mount failed w/return code = -13"
	if got := cifsLines(log, 2); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := cifsLines(nil, 2); got != "" {
		t.Errorf("got %q of an empty log", got)
	}
}

func TestSweep(t *testing.T) {
	root := t.TempDir()
	for _, dir := range []string{"mount-1", "mount-2", "mount-3/stays", "other"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	err := sweep(root, func(dir string, flags int) error {
		switch {
		case filepath.Base(dir) == "mount-2":
			return unix.EINVAL // no mount any more
		case filepath.Base(dir) == "mount-3" && flags == unix.MNT_DETACH:
			return unix.EPERM
		}
		return nil
	})
	if !errors.Is(err, unix.EPERM) || strings.Count(err.Error(), "\n") != 0 {
		t.Errorf("got %v, want the one refusal", err)
	}
	left, _ := filepath.Glob(filepath.Join(root, "*"))
	if diff := cmp.Diff([]string{filepath.Join(root, "mount-3"), filepath.Join(root, "other")}, left); diff != "" {
		t.Errorf("left (-want +got):\n%s", diff)
	}
}

// The machine this runs on: whether it has cifs or not, the answer is an error that says so.
func TestRealKernelWithoutServer(t *testing.T) {
	if hasCIFS() {
		t.Skip("this kernel has cifs; the QEMU test mounts with it")
	}
	c := Config{Kind: CIFS, Server: "192.0.2.7", Share: "erp", User: "box", Password: "geheim", MountRoot: t.TempDir()}
	_, err := Open(t.Context(), c, nil)
	wantClass(t, "open", err, Unsupported)
	if want := "cifs is not in this kernel"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
	}
}
