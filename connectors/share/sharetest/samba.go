package sharetest

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// ErrNoSamba says that no Samba server is installed here, or that this system cannot run one.
var ErrNoSamba = errors.New("samba is not installed: apt-get install -y --no-install-recommends samba (and samba-vfs-modules for snapshots)")

// The names of the shares that each Samba has, and of its users when Options names none.
const (
	ShareERP = "erp" // signing is mandatory
	ShareEnc = "enc" // encryption is required
	ShareVSS = "vss" // with Options.Snapshots: has previous versions, see Samba.SnapshotDir

	UserBox = "edge"    // the box's service account
	UserERP = "erpuser" // a station that works with the ERP
)

// Options shape a Samba; the zero value is fine.
type Options struct {
	Port  int               // 0 = a free one
	Users map[string]string // passwords by user; nil = UserBox and UserERP with one password
	// Snapshots adds the share vss; it takes the module shadow_copy2 of samba-vfs-modules.
	Snapshots bool
	// Global and ERP are further lines of smb.conf, for all and for the share erp
	// ("invalid users = edge").
	Global, ERP []string
}

func (o Options) users() map[string]string {
	if o.Users != nil {
		return o.Users
	}
	return map[string]string{UserBox: "Pass-w0rd", UserERP: "Pass-w0rd"}
}

// New starts a Samba for one test and ends it with the test. Without Samba on the machine the test is
// skipped, and fails where the environment says that this is CI.
func New(t testing.TB, o Options) *Samba {
	t.Helper()
	s, err := Start(t.Context(), t.TempDir(), o)
	if errors.Is(err, ErrNoSamba) && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// folders are what the server wants below its own one.
var folders = []string{
	"private", "lock", "state", "cache", "pid", "ncalrpc", "log",
	ShareERP, ShareEnc, ShareVSS + "/data", ShareVSS + "/.snapshots",
}

// layOut makes the folders and the configuration; accounts is the UNIX account behind each user.
func layOut(dir string, port int, accounts map[string]string, o Options) (conf string, err error) {
	for _, name := range folders {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o755); err != nil {
			return "", err
		}
	}
	var users strings.Builder
	for _, user := range slices.Sorted(maps.Keys(accounts)) {
		fmt.Fprintf(&users, "%s = %s\n", accounts[user], user)
	}
	if err := os.WriteFile(filepath.Join(dir, "users.map"), []byte(users.String()), 0o644); err != nil {
		return "", err
	}
	conf = filepath.Join(dir, "smb.conf")
	return conf, os.WriteFile(conf, []byte(smbConf(dir, port, o)), 0o644)
}

// smbConf imitates a current Windows server: SMB 3 only, signed, share modes and locks enforced. Every
// path leads into dir.
func smbConf(dir string, port int, o Options) string {
	force := ""
	if os.Geteuid() == 0 {
		force = "force user = root"
	}
	text := confText
	if o.Snapshots {
		text += vssText
	}
	return strings.NewReplacer(
		"DIR", dir,
		"PORT", fmt.Sprint(port),
		"FORCE", force,
		"GLOBAL", strings.Join(o.Global, "\n  "),
		"MORE", strings.Join(o.ERP, "\n  "),
	).Replace(text)
}

const confText = `[global]
  server role = standalone server
  workgroup = LABGRP
  netbios name = ERPSRV
  interfaces = 127.0.0.1/8
  bind interfaces only = yes
  smb ports = PORT
  disable netbios = yes
  disable spoolss = yes
  load printers = no
  printing = bsd
  printcap name = /dev/null
  private dir = DIR/private
  lock directory = DIR/lock
  state directory = DIR/state
  cache directory = DIR/cache
  pid directory = DIR/pid
  ncalrpc dir = DIR/ncalrpc
  binddns dir = DIR/state
  log file = DIR/log/%m.log
  max log size = 0
  passdb backend = tdbsam:DIR/private/passdb.tdb
  username map = DIR/users.map
  map to guest = never
  restrict anonymous = 2
  server min protocol = SMB3_00
  server max protocol = SMB3_11
  server signing = mandatory
  ntlm auth = ntlmv2-only
  oplocks = yes
  smb2 leases = yes
  kernel oplocks = no
  strict locking = yes
  posix locking = no
  durable handles = yes
  kernel share modes = no
  case sensitive = no
  preserve case = yes
  mangled names = yes
  store dos attributes = yes
  map archive = no
  map hidden = no
  map system = no
  map readonly = no
  ea support = yes
  GLOBAL
[erp]
  path = DIR/erp
  read only = no
  FORCE
  MORE
[enc]
  path = DIR/enc
  read only = no
  FORCE
  server smb encrypt = required
`

const vssText = `[vss]
  path = DIR/vss/data
  read only = no
  FORCE
  vfs objects = shadow_copy2
  shadow:snapdir = DIR/vss/.snapshots
  shadow:basedir = DIR/vss/data
  shadow:format = @GMT-%Y.%m.%d-%H.%M.%S
  shadow:sort = desc
`
