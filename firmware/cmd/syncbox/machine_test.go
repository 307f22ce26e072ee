package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"syncbox/connectors/acomba"
	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/acomba/layout"
	"syncbox/connectors/centrixone/centrixonetest"
	"syncbox/connectors/share/sharetest"
	"syncbox/firmware/internal/storytest"
	"syncbox/image/initramfs"
	"syncbox/image/kernel"
	"syncbox/image/vm"
)

// What must never be seen on the console. A comma, a blank and a quotation mark have a meaning in mount
// options and in TOML.
const (
	sharePassword = `Pa,ss "w7Q` // of both users, so that anybody can run the test
	crmAccount    = "10234"
	crmKey        = "PLANTEDKEY4Z"
)

// site is a customer's network: the server with the ERP's folder, the CRM, and the box.
type site struct {
	storytest.Sides
	t     *testing.T
	ctx   context.Context
	share string // its name
	samba *sharetest.Samba
	crm   string // host:port as the box sees it
	box   *vm.Machine
}

// newSite builds everything but the box.
func newSite(t *testing.T, ctx context.Context, share string) *site {
	t.Helper()
	need(t, vm.Program, "smbclient", "smbstatus")
	s := &site{t: t, ctx: ctx, share: share}
	s.samba = sharetest.New(t, sharetest.Options{Users: map[string]string{sharetest.UserBox: sharePassword, sharetest.UserERP: sharePassword}})
	folder := s.samba.Dir(share)
	s.no(os.MkdirAll(filepath.Join(folder, "SyncBox"), 0o755))
	var err error
	s.ERP, err = acombatest.Create(filepath.Join(folder, company), acombatest.Options{Customers: 200, Documents: 1000, Seed: 20261121})
	s.no(err)
	s.CRM, s.crm = serveCRM(t)
	_, port, err := net.SplitHostPort(s.crm)
	s.no(err)
	s.crm = net.JoinHostPort(hostOfGuest, port)
	return s
}

const (
	company     = "EXEMPLE"
	hostOfGuest = "10.0.2.2" // this machine, for the box
)

// serveCRM puts a CRM on loopback.
func serveCRM(t *testing.T) (*centrixonetest.Server, string) {
	t.Helper()
	crm := centrixonetest.New(centrixonetest.Options{Account: crmAccount, Key: crmKey, Source: centrixonetest.Acomba,
		AutomaticBilling: true, Write: true, RateLimit: &centrixonetest.Rate{PerSecond: 100, Burst: 100}})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error)
	go func() { served <- crm.Serve(ctx, l, nil) }()
	t.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return crm, l.Addr().String()
}

// no ends the test with an error; the console follows when the box is unplugged.
func (s *site) no(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// until waits for something, within the limit of the whole boot.
func (s *site) until(what string, arrived func() bool) {
	s.t.Helper()
	s.no(storytest.Until(s.ctx, what, time.Hour, arrived))
}

// boot starts the box with files on its data partition.
func (s *site) boot(data []initramfs.File) {
	s.t.Helper()
	k, err := kernel.Fetch(s.ctx, "../../../build/kernel", kernel.Options{})
	if err != nil {
		missing(s.t, err.Error())
	}
	modules, err := k.Closure(append(append([]string{}, kernel.VirtNet...), kernel.SMB...)...)
	s.no(err)
	var archive bytes.Buffer
	s.no(initramfs.Write(&archive, initramfs.Spec{Init: buildBox(s.t), Modules: modules, Files: data}))
	initrd := filepath.Join(s.t.TempDir(), "initrd")
	s.no(os.WriteFile(initrd, archive.Bytes(), 0o600))
	s.box, err = vm.Start(s.ctx, vm.Config{Kernel: k.Image, Initrd: initrd})
	s.no(err)
	s.t.Cleanup(s.unplug)
}

// unplug ends the box and looks through everything it wrote.
func (s *site) unplug() {
	s.box.Kill()
	text := s.box.Console()
	for _, secret := range []string{sharePassword, strings.ReplaceAll(sharePassword, ",", ",,"), fmt.Sprintf("%q", sharePassword), crmKey} {
		if strings.Contains(text, secret) {
			s.t.Error("a secret stands on the console")
			text = strings.ReplaceAll(text, secret, "[SECRET]")
		}
	}
	if !strings.Contains(text, "box starts") {
		s.t.Error("the console has nothing of the box: no secret could have been seen")
	}
	if s.t.Failed() {
		s.t.Logf("console:\n%s", text)
	}
}

// buildBox builds the product for the board.
func buildBox(t *testing.T) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "syncbox")
	c := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid=", "-o", out, ".")
	c.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=arm64")
	if b, err := c.CombinedOutput(); err != nil {
		t.Fatalf("build syncbox: %v\n%s", err, b)
	}
	return out
}

// data gives what the technician put on the data partition.
func (s *site) data(seal, twoWay bool) []initramfs.File {
	direction, back := "one-way", "off"
	if twoWay {
		direction, back = "two-way", "direct"
	}
	text := fmt.Sprintf(applianceText, direction, hostOfGuest, s.share, s.samba.Port, sharetest.UserBox, seal, company, back, "http://"+s.crm)
	secrets := fmt.Sprintf("[job.exemple]\nshare_password = %q\ncrm_account = %q\ncrm_key = %q\n", sharePassword, crmAccount, crmKey)
	files := []initramfs.File{
		{Name: "data/syncbox.toml", Content: []byte(text)},
		{Name: "data/secrets.toml", Content: []byte(secrets), Private: true},
	}
	if twoWay {
		files = append(files, initramfs.File{Name: "data/jobs/exemple/write-test.json", Content: s.writeTest(), Private: true})
	}
	return files
}

const applianceText = `[box]
name = "syncbox-q1w2"
data = "/data/jobs"
language = "fr-CA"
zone = "America/Toronto"

[[job]]
name = "exemple"
pair = "acomba-centrixone"
direction = %q
interval = "2s"

[job.share]
kind = "cifs"
server = %q
share = %q
port = %d
user = %q
domain = "LABGRP"
seal = %t

[job.acomba]
company = %q
write_back = %q
quiet_ms = 300

[job.centrixone]
url = %q
plain_http = true
batch = 100
rate = 80.0
max_server_late = "2s"
`

// writeTest is the technician's word, given some days ago, that writing works on this very folder.
func (s *site) writeTest() []byte {
	var l *layout.Layout
	for _, known := range layout.Embedded() {
		if known.Matches(string(s.ERP.Profile())) {
			l = known
		}
	}
	word := acomba.WriteConfirmation{Layout: l.String(), Fingerprint: l.Fingerprint, AcombaVersion: string(s.ERP.Profile()),
		Path: `\\` + hostOfGuest + `\` + s.share + "/" + company, By: "technician", At: time.Now().AddDate(0, 0, -3), Customer: "test"}
	text, err := json.Marshal(map[string]any{"confirmed": word})
	s.no(err)
	return text
}

// need ends the test unless the programs are there.
func need(t *testing.T, programs ...string) {
	t.Helper()
	for _, name := range programs {
		if _, err := exec.LookPath(name); err != nil {
			missing(t, "program "+name+" is not installed")
		}
	}
}

// missing ends the test because of something that the machine lacks: on CI as a failure.
func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(what)
	}
	t.Skip(what)
}
