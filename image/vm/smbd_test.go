package vm_test

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"syncbox/image/internal/need"
)

// smbd is a throw-away Windows-like file server on a high port of 127.0.0.1, with the shares erp
// (signing) and enc (encryption required) on one folder. Everything it writes is below a folder of the test.
type smbd struct {
	port int
	dir  string // of both shares
}

const (
	smbUser     = "edge"
	smbPassword = "pa,ss word"
)

const smbConf = `[global]
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
  passdb backend = tdbsam:DIR/private/passdb.tdb
  username map = DIR/users.map
  map to guest = never
  restrict anonymous = 2
  server min protocol = SMB3_00
  server max protocol = SMB3_11
  server signing = mandatory
  ntlm auth = ntlmv2-only
[erp]
  path = DIR/erp
  read only = no
[enc]
  path = DIR/erp
  read only = no
  server smb encrypt = required
`

// startSMBD starts the server; it runs as whoever runs the test.
func startSMBD(t *testing.T) smbd {
	t.Helper()
	need.Programs(t, "smbd", "pdbedit")
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, d := range strings.Fields("private lock state cache pid ncalrpc log erp") {
		if err := os.Mkdir(filepath.Join(dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	s := smbd{port: freePort(t), dir: filepath.Join(dir, "erp")}
	conf := filepath.Join(dir, "smb.conf")
	text := strings.NewReplacer("DIR", dir, "PORT", strconv.Itoa(s.port)).Replace(smbConf)
	for name, content := range map[string]string{conf: text, filepath.Join(dir, "users.map"): me.Username + " = " + smbUser + "\n"} {
		if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	add := exec.Command("pdbedit", "-s", conf, "-a", "-t", me.Username)
	add.Stdin = strings.NewReader(smbPassword + "\n" + smbPassword + "\n")
	if out, err := add.CombinedOutput(); err != nil {
		t.Fatalf("pdbedit: %v\n%s", err, out)
	}
	s.run(t, conf)
	return s
}

// run starts the program and waits for its port.
func (s smbd) run(t *testing.T, conf string) {
	t.Helper()
	var out bytes.Buffer
	c := exec.Command("smbd", "--foreground", "--no-process-group", "--debug-stdout", "--configfile="+conf)
	c.Stdout, c.Stderr = &out, &out
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	c.WaitDelay = time.Second
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { c.Wait(); close(ended) }()
	t.Cleanup(func() {
		_ = syscall.Kill(-c.Process.Pid, syscall.SIGTERM)
		<-ended
		endOthers(conf)
	})
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", s.port))
		if err == nil {
			conn.Close()
			return
		}
		select {
		case <-tick.C:
		case <-ended:
			t.Fatalf("smbd ended:\n%s", out.String())
		case <-t.Context().Done():
			t.Fatal("smbd does not listen")
		}
	}
}

// endOthers ends what smbd started in sessions of their own: they have its conf among their arguments.
func endOthers(conf string) {
	lines, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, l := range lines {
		if b, err := os.ReadFile(l); err == nil && bytes.Contains(b, []byte(conf)) {
			if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(l))); err == nil {
				_ = syscall.Kill(pid, syscall.SIGKILL)
			}
		}
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// options gives the options of the mount call for a share of s; protect is sign or seal.
func (s smbd) options(share, protect string) string {
	return fmt.Sprintf(`ip=10.0.2.2,port=%d,unc=\\10.0.2.2\%s,vers=3.1.1,sec=ntlmssp,user=%s,domain=LABGRP,pass=%s,`+
		`soft,nobrl,cache=none,actimeo=0,closetimeo=0,nolease,nohandlecache,echo_interval=10,nosharesock,%s,ro,`+
		`rsize=1048576,noperm,uid=0,gid=0,file_mode=0444,dir_mode=0555,iocharset=utf8`,
		s.port, share, smbUser, strings.ReplaceAll(smbPassword, ",", ",,"), protect)
}
