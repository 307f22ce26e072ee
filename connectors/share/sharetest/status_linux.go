package sharetest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Status is what the server itself says of its clients, by smbstatus(1).
type Status struct {
	Sessions []SessionStatus
	Open     []OpenStatus
}

// SessionStatus is one log-on.
type SessionStatus struct {
	Account    string // the UNIX account behind the user
	Dialect    string // "SMB3_11"
	Signed     bool
	Encryption string // cipher; empty = none
}

// Bits of OpenStatus, of MS-SMB2 2.2.13.
const (
	ShareRead   = 1
	ShareWrite  = 2
	ShareDelete = 4
	AccessRead  = 1
	AccessWrite = 2
)

// OpenStatus is one open file or folder.
type OpenStatus struct {
	Name   string // below the share, with forward slashes
	Access uint32 // what its client may do
	Share  uint32 // what its client lets others do meanwhile
	// Held is not empty while the client holds a lease or an oplock.
	Held string
}

// Status asks the server who is there and what they have open.
func (s *Samba) Status(ctx context.Context) (Status, error) {
	var told struct {
		Sessions map[string]struct {
			Username string `json:"username"`
			Dialect  string `json:"session_dialect"`
			Encrypt  struct {
				Cipher string `json:"cipher"`
			} `json:"encryption"`
			Signing struct {
				Degree string `json:"degree"`
			} `json:"signing"`
		} `json:"sessions"`
		Files map[string]struct {
			Name  string `json:"filename"`
			Opens map[string]struct {
				Share  hex            `json:"sharemode"`
				Access hex            `json:"access_mask"`
				Held   hex            `json:"caching"`
				Oplock map[string]any `json:"oplock"`
				Lease  map[string]any `json:"lease"`
			} `json:"opens"`
		} `json:"open_files"`
	}
	if err := s.ask(ctx, &told); err != nil {
		return Status{}, fmt.Errorf("ask smbstatus: %w", err)
	}
	var all Status
	for _, t := range told.Sessions {
		one := SessionStatus{Account: t.Username, Dialect: t.Dialect, Signed: t.Signing.Degree == "full"}
		if t.Encrypt.Cipher != "-" {
			one.Encryption = t.Encrypt.Cipher
		}
		all.Sessions = append(all.Sessions, one)
	}
	for _, f := range told.Files {
		for _, o := range f.Opens {
			one := OpenStatus{Name: f.Name, Access: o.Access.bits, Share: o.Share.bits}
			if o.Held.bits != 0 || len(o.Oplock) > 0 || len(o.Lease) > 0 {
				one.Held = fmt.Sprintf("caching %#x oplock %v lease %v", o.Held.bits, o.Oplock, o.Lease)
			}
			all.Open = append(all.Open, one)
		}
	}
	return all, nil
}

func (s *Samba) ask(ctx context.Context, told any) error {
	cmd := exec.CommandContext(ctx, "smbstatus", "--configfile="+s.conf, "--json")
	var out, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaint
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%w: %s", err, complaint.Bytes())
	}
	return json.Unmarshal(out.Bytes(), told)
}

// hex is smbstatus's {"hex": "0x00000003", …}.
type hex struct{ bits uint32 }

func (h *hex) UnmarshalJSON(b []byte) error {
	var t struct {
		Hex string `json:"hex"`
	}
	if err := json.Unmarshal(b, &t); err != nil {
		return err
	}
	n, err := strconv.ParseUint(strings.TrimPrefix(t.Hex, "0x"), 16, 32)
	h.bits = uint32(n)
	return err
}

// AwaitOpen waits until a client has a file open whose name below the share passes, and gives the name. It
// looks at the server's own file handles many times a second; Status is the slower and better witness.
func (s *Samba) AwaitOpen(ctx context.Context, share string, passes func(name string) bool) (string, error) {
	again := time.NewTicker(time.Millisecond)
	defer again.Stop()
	var servers []int
	for looks := 0; ; looks++ {
		if looks%100 == 0 {
			servers = s.processes()
		}
		for _, pid := range servers {
			if name := openBelow(pid, s.Dir(share), passes); name != "" {
				return name, nil
			}
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return "", fmt.Errorf("nobody opens such a file: %w", ctx.Err())
		}
	}
}

// openBelow finds an open file of a process; a process that has ended has none.
func openBelow(pid int, dir string, passes func(string) bool) string {
	handles, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	for _, h := range handles {
		path, err := os.Readlink(h)
		if name, below := strings.CutPrefix(path, dir+"/"); err == nil && below && passes(name) {
			return name
		}
	}
	return ""
}
