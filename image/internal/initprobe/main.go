// Command initprobe is a process 1 that does nothing but show, line by line on the console, that a
// machine came up: its address, what it read from SMB shares, how those sessions are protected.
// The test of the virtual machine builds it for arm64 and puts it in an initramfs.
package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"syncbox/board/boot"
)

// config is /probe.json.
type config struct {
	Shares []share
	Panic  bool // end by a panic instead of by returning
}

type share struct {
	Source  string // //SERVER/SHARE
	Options string // of the mount call, password and all
	File    string
}

func main() {
	log := slog.New(slog.NewTextHandler(os.Stdout, nil))
	err := boot.Run(log, func(ctx context.Context) error {
		if err := probe(ctx, log); err != nil {
			fmt.Println("probe: FAILED:", err)
		}
		return nil
	})
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func probe(ctx context.Context, log *slog.Logger) error {
	c, err := readConfig("/probe.json")
	if err != nil {
		return err
	}
	if err := boot.Up(ctx, log, boot.Config{Hostname: "initprobe"}); err != nil {
		return err
	}
	if err := showMachine(); err != nil {
		return err
	}
	for _, s := range c.Shares {
		if err := s.read(); err != nil {
			return fmt.Errorf("%s: %w", s.Source, err)
		}
	}
	if c.Panic {
		panic("by /probe.json")
	}
	fmt.Println("probe: done")
	return nil
}

func readConfig(path string) (config, error) {
	var c config
	b, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(b, &c)
	}
	return c, err
}

func showMachine() error {
	uptime, err := os.ReadFile("/proc/uptime")
	if err != nil {
		return err
	}
	fmt.Println("probe: up after", strings.Fields(string(uptime))[0], "s")
	as, err := net.InterfaceAddrs()
	if err != nil {
		return err
	}
	fmt.Println("probe: addresses", as)
	for _, path := range []string{
		"/etc/resolv.conf", "/sys/module/cifs/parameters/enable_oplocks", "/sys/module/cifs/parameters/disable_legacy_dialects",
	} {
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		fmt.Printf("probe: %s %q\n", filepath.Base(path), b)
	}
	return nil
}

// read mounts the share, hashes the file and shows how the client protects the session.
func (s share) read() error {
	dir := filepath.Join("/mnt", filepath.Base(s.Source))
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	const flags = unix.MS_RDONLY | unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC
	if err := unix.Mount(s.Source, dir, "cifs", flags, s.Options); err != nil {
		return fmt.Errorf("mount: %w", err)
	}
	var file unix.Stat_t
	if err := unix.Stat(filepath.Join(dir, s.File), &file); err != nil {
		return fmt.Errorf("stat: %w", err)
	}
	fmt.Printf("probe: %s %s inode %d\n", filepath.Base(s.Source), s.File, file.Ino)
	sum, err := hash(filepath.Join(dir, s.File))
	if err != nil {
		return err
	}
	fmt.Printf("probe: %s %s sha256 %x\n", filepath.Base(s.Source), s.File, sum)
	if err := showSessions(filepath.Base(s.Source)); err != nil {
		return err
	}
	return unix.Unmount(dir, 0)
}

func hash(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	h := sha256.New()
	_, err = io.Copy(h, f)
	return h.Sum(nil), err
}

// showSessions repeats what the client says about the protection of its sessions and shares.
func showSessions(name string) error {
	b, err := os.ReadFile("/proc/fs/cifs/DebugData")
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(b)) {
		for _, word := range []string{"Dialect", "Security type", "type: DISK"} {
			if strings.Contains(line, word) {
				fmt.Printf("probe: %s session: %s\n", name, strings.TrimSpace(line))
			}
		}
	}
	return nil
}
