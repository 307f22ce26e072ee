package sharetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Samba is an SMB server of one's own on loopback, in a folder of its own, started by nothing but its
// program and ended by its processes' ids.
type Samba struct {
	Port int

	dir, conf string
	users     map[string]string
	server    *exec.Cmd
	ended     chan struct{} // closed when server has; nil while none runs
}

// Start starts a server whose files lie in dir, which must be empty and is the caller's to remove. It
// returns when the server takes connections. It works as root, and as anybody else with one
// password for all users. Without smbd on the machine the error is ErrNoSamba.
func Start(ctx context.Context, dir string, o Options) (*Samba, error) {
	if _, err := exec.LookPath("smbd"); err != nil {
		return nil, ErrNoSamba
	}
	if _, err := exec.LookPath("pdbedit"); err != nil {
		return nil, ErrNoSamba
	}
	if modules, _ := filepath.Glob("/usr/lib/*/samba/vfs/shadow_copy2.so"); o.Snapshots && modules == nil {
		return nil, ErrNoSamba
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	s := &Samba{Port: o.Port, dir: dir, users: o.users()}
	if s.Port == 0 {
		if s.Port, err = freePort(); err != nil {
			return nil, err
		}
	}
	accounts, err := accountsFor(s.users)
	if err != nil {
		return nil, err
	}
	if s.conf, err = layOut(dir, s.Port, accounts, o); err != nil {
		return nil, err
	}
	for name, account := range accounts {
		if err := s.addUser(ctx, account, s.users[name]); err != nil {
			return nil, err
		}
	}
	return s, s.run(ctx)
}

// Addr is where the server listens.
func (s *Samba) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.Port)) }

// Dir is the folder behind a share on the server's disk. To change files there is to bypass share
// modes and locks: a station of the ERP is a Session.
func (s *Samba) Dir(share string) string {
	if share == ShareVSS {
		return filepath.Join(s.dir, share, "data")
	}
	return filepath.Join(s.dir, share)
}

// SnapshotDir is where the previous version of the share vss of that instant (whole seconds) lies.
func (s *Samba) SnapshotDir(at time.Time) string {
	return filepath.Join(s.dir, ShareVSS, ".snapshots", at.UTC().Format("@GMT-2006.01.02-15.04.05"))
}

// Log gives what the server's logs say.
func (s *Samba) Log() string {
	var all bytes.Buffer
	names, _ := filepath.Glob(filepath.Join(s.dir, "log", "*"))
	for _, name := range names {
		text, err := os.ReadFile(name)
		fmt.Fprintf(&all, "== %s\n%s", filepath.Base(name), text)
		if err != nil {
			fmt.Fprintln(&all, err)
		}
	}
	return all.String()
}

// Stop ends the server in good order and waits until all its processes are gone; it may be called
// twice.
func (s *Samba) Stop() error { return s.end(syscall.SIGTERM) }

// Kill ends it as a power cut would.
func (s *Samba) Kill() error { return s.end(syscall.SIGKILL) }

// Restart kills what runs and starts again, on the same port with the same files.
func (s *Samba) Restart(ctx context.Context) error {
	return errors.Join(s.Kill(), s.run(ctx))
}

// Freeze makes the server silent with its connections open; Thaw lets it go on.
func (s *Samba) Freeze() error { return s.signal(syscall.SIGSTOP) }

// Thaw ends a Freeze.
func (s *Samba) Thaw() error { return s.signal(syscall.SIGCONT) }

// run starts the program and waits until it listens.
func (s *Samba) run(ctx context.Context) error {
	out, err := os.Create(filepath.Join(s.dir, "log", "stdout"))
	if err != nil {
		return err
	}
	defer out.Close()
	cmd := exec.Command("smbd", "--foreground", "--no-process-group", "--configfile="+s.conf)
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	s.server, s.ended = cmd, make(chan struct{})
	go func(ended chan struct{}) {
		cmd.Wait() // how it ended is in its log
		close(ended)
	}(s.ended)
	if err := s.listening(ctx); err != nil {
		return errors.Join(err, s.Kill(), errors.New(s.Log()))
	}
	return nil
}

func (s *Samba) listening(ctx context.Context) error {
	retry := time.NewTicker(10 * time.Millisecond)
	defer retry.Stop()
	for {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.Addr())
		if err == nil {
			return conn.Close()
		}
		select {
		case <-retry.C:
		case <-s.ended:
			return fmt.Errorf("smbd on port %d ended by itself", s.Port)
		case <-ctx.Done():
			return fmt.Errorf("smbd on port %d does not listen: %w", s.Port, ctx.Err())
		}
	}
}

// end signals every process until none is left.
func (s *Samba) end(sig syscall.Signal) error {
	if s.ended == nil {
		return nil
	}
	deadline := time.NewTimer(10 * time.Second)
	defer deadline.Stop()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		if err := s.signal(sig); err != nil {
			return err
		}
		s.signal(syscall.SIGCONT) // a frozen one would not hear the rest
		if len(s.processes()) == 0 {
			<-s.ended
			s.ended = nil
			return nil
		}
		select {
		case <-again.C:
		case <-deadline.C:
			sig = syscall.SIGKILL
		}
	}
}

func (s *Samba) signal(sig syscall.Signal) error {
	for _, pid := range s.processes() {
		if err := syscall.Kill(pid, sig); err != nil && err != syscall.ESRCH {
			return fmt.Errorf("signal smbd %d: %w", pid, err)
		}
	}
	return nil
}

// processes are the ids of all that the server consists of: its session, and the helpers with a
// session of their own that were given our configuration.
func (s *Samba) processes() []int {
	var ids []int
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, stat := range stats {
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(stat)))
		if err != nil {
			continue
		}
		text, err := os.ReadFile(stat)
		if err != nil {
			continue // it has ended
		}
		if session, alive := sessionOf(string(text)); alive && (session == s.server.Process.Pid || s.configured(pid)) {
			ids = append(ids, pid)
		}
	}
	return ids
}

// sessionOf reads the session id from /proc/PID/stat (proc(5)); a zombie is not alive.
func sessionOf(stat string) (id int, alive bool) {
	_, rest, _ := strings.Cut(stat, ") ")
	fields := strings.Fields(rest) // state ppid pgrp session
	if len(fields) < 4 {
		return 0, false
	}
	id, err := strconv.Atoi(fields[3])
	return id, err == nil && fields[0] != "Z"
}

func (s *Samba) configured(pid int) bool {
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	return err == nil && slices.ContainsFunc(strings.Split(string(line), "\x00"), func(arg string) bool {
		return arg == s.conf || arg == "--configfile="+s.conf
	})
}

// addUser gives a UNIX account its password for SMB.
func (s *Samba) addUser(ctx context.Context, account, password string) error {
	cmd := exec.CommandContext(ctx, "pdbedit", "-s", s.conf, "-a", "-t", account)
	cmd.Stdin = strings.NewReader(password + "\n" + password + "\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("pdbedit %s: %w: %s", account, err, out)
	}
	return nil
}

// systemAccounts exist on any Debian and own no files here: an SMB user with a password of its own
// needs a UNIX account of its own, and none is made on the machine for a test.
var systemAccounts = []string{"games", "news", "uucp", "proxy", "list", "irc", "lp", "mail", "man", "backup"}

// accountsFor gives each SMB user a UNIX account.
func accountsFor(users map[string]string) (map[string]string, error) {
	names := slices.Sorted(maps.Keys(users))
	accounts := map[string]string{}
	if os.Geteuid() != 0 {
		me, err := user.Current()
		for _, name := range names {
			accounts[name] = me.Username
			if users[name] != users[names[0]] {
				return nil, errors.New("samba: only root can have users with different passwords")
			}
		}
		return accounts, err
	}
	free := systemAccounts
	for _, name := range names {
		for len(free) > 0 {
			account := free[0]
			free = free[1:]
			if _, err := user.Lookup(account); err == nil {
				accounts[name] = account
				break
			}
		}
		if accounts[name] == "" {
			return nil, fmt.Errorf("samba: no UNIX account is left for user %s", name)
		}
	}
	return accounts, nil
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
