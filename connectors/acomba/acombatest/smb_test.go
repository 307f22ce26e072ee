package acombatest_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cloudsoda/go-smb2"

	"syncbox/connectors/acomba/acombatest"
)

const smbConf = `[global]
server role = standalone server
workgroup = LABGRP
interfaces = 127.0.0.1/8
bind interfaces only = yes
smb ports = %d
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
log file = DIR/log/%%m.log
passdb backend = tdbsam:DIR/private/passdb.tdb
map to guest = never
server min protocol = SMB3_00
server signing = mandatory
ntlm auth = ntlmv2-only
strict locking = yes
posix locking = no
kernel share modes = no
case sensitive = no
[erp]
path = DIR/erp
read only = no
force user = root
`

// samba starts a throw-away server that shares a folder, and gives that folder and the port.
func samba(t *testing.T) (dir string, port int) {
	t.Helper()
	smbd, err := exec.LookPath("smbd")
	if err != nil {
		t.Skip("no smbd on this machine")
	}
	if os.Getuid() != 0 {
		t.Skip("a Samba user needs root")
	}
	base := t.TempDir()
	for _, d := range strings.Fields("private lock state cache pid ncalrpc log erp") {
		check(t, os.Mkdir(filepath.Join(base, d), 0o755))
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	port = l.Addr().(*net.TCPAddr).Port
	check(t, l.Close())
	conf := filepath.Join(base, "smb.conf")
	check(t, os.WriteFile(conf, []byte(strings.ReplaceAll(fmt.Sprintf(smbConf, port), "DIR", base)), 0o644))
	pass := exec.Command("smbpasswd", "-c", conf, "-s", "-a", "root")
	pass.Stdin = strings.NewReader("pw\npw\n")
	if out, err := pass.CombinedOutput(); err != nil {
		t.Skipf("smbpasswd: %v: %s", err, out)
	}
	cmd := exec.Command(smbd, "--foreground", "--no-process-group", "--configfile="+conf)
	cmd.SysProcAttr = ownSession()
	check(t, cmd.Start())
	t.Cleanup(func() { endSession(cmd) })
	return filepath.Join(base, "erp"), port
}

func mount(t *testing.T, port int) *smb2.Share {
	t.Helper()
	var conn net.Conn
	err := errors.New("not tried")
	for deadline := time.Now().Add(20 * time.Second); err != nil; {
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
		conn, err = net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", port), time.Second)
	}
	d := smb2.Dialer{Initiator: &smb2.NTLMInitiator{User: "root", Password: "pw"}}
	s, err := d.DialConn(context.Background(), conn, "127.0.0.1")
	check(t, err)
	t.Cleanup(func() { conn.Close() })
	return must(s.Mount("erp"))(t)
}

// The same actor over a share: edits arrive, share modes of others are felt.
func TestCompanyOverSMB(t *testing.T) {
	dir, port := samba(t)
	local := must(acombatest.Create(filepath.Join(dir, "Exemple inc"), acombatest.Options{Customers: 20, Documents: 10}))(t)
	share := mount(t, port)
	c := must(acombatest.OpenFolder(acombatest.NewSMB(share, "Exemple inc")))(t)
	check(t, c.ModifyCustomer(4, rename))
	cp := must(c.AddCustomer(full()))(t)
	must(c.TurnNewCard(2, acombatest.Order))(t)
	torn := must(c.Tear(func(c *acombatest.Company) error { return c.CancelDocument(3) }))(t)
	check(t, torn.Rest())
	if got := must(local.Customer(cp))(t); got.Name != full().Name {
		t.Errorf("added customer is %+v", got)
	}
	check(t, invariants(local))
	if d := acombatest.Diff(must(local.Snapshot())(t), must(c.Snapshot())(t)); len(d) != 0 {
		t.Errorf("the two ways differ: %v", d)
	}
	if _, err := c.LockCard(cust, 2); !errors.Is(err, acombatest.ErrNoLock) {
		t.Errorf("lock: %v, want ErrNoLock", err)
	}
	check(t, must(c.StartRemonte())(t).Release())
	check(t, c.ReplaceFile(cust))

	box := acombatest.NewSMB(share, "SyncBox")
	check(t, os.Mkdir(filepath.Join(dir, "SyncBox"), 0o755))
	name := "A-SAISIR_Exemple inc_20260105-080000.csv"
	check(t, os.WriteFile(filepath.Join(dir, "SyncBox", name), sheet(), 0o644))
	p := acombatest.Person{Station: c, Box: box, Company: "Exemple inc"}
	excel := must(p.HoldOpen())(t)
	other := acombatest.NewSMB(mount(t, port), "SyncBox")
	if err := other.Remove(name); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("removed while Excel holds it: %v", err)
	}
	check(t, excel.Close())
	check(t, other.Remove(name))
}
