package main

import (
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
	"syncbox/firmware/internal/console/setupcode"
	"syncbox/firmware/internal/storytest"
)

// What must never be seen on the console. A comma, a blank and a quotation mark have a meaning in mount
// options and in TOML.
const (
	sharePassword = `Pa,ss "w7Q` // of both users, so that anybody can run the test
	crmAccount    = "73182046"
	crmKey        = "PLANTEDKEY4Z"
	setupCode     = "7Q2KM-0XTV9"
)

// site is a customer's network: the server with the ERP's folder, the CRM, and the box.
type site struct {
	storytest.Sides
	*device
	t     *testing.T
	ctx   context.Context
	share string // its name
	samba *sharetest.Samba
	crm   string // host:port as the box sees it
}

// newSite builds everything but the box.
func newSite(t *testing.T, ctx context.Context, share string) *site {
	t.Helper()
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

// no ends the test with an error.
func (s *site) no(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// until waits for something.
func (s *site) until(what string, arrived func() bool) {
	s.t.Helper()
	s.no(storytest.Until(s.ctx, what, patience, arrived))
}

// settings are those of the box's job.
type settings struct {
	seal, twoWay bool
	unfinished   bool // somebody is to type address and secrets on the console
}

// data gives what the technician put on the data partition: a folder.
func (s *site) data(c settings) string {
	s.t.Helper()
	direction, back, server := "one-way", "off", fmt.Sprintf("server = %q", hostOfGuest)
	if c.twoWay {
		direction, back = "two-way", "direct"
	}
	if c.unfinished {
		server = ""
	}
	dir := s.t.TempDir()
	text := fmt.Sprintf(applianceText, direction, server, s.share, s.samba.Port, sharetest.UserBox, c.seal, company, back, "http://"+s.crm)
	s.no(os.WriteFile(filepath.Join(dir, "syncbox.toml"), []byte(text), 0o600))
	s.no(setupcode.Write(filepath.Join(dir, "setup-code.json"), setupCode))
	if !c.unfinished {
		secrets := fmt.Sprintf("[job.exemple]\nshare_password = %q\ncrm_account = %q\ncrm_key = %q\n", sharePassword, crmAccount, crmKey)
		s.no(os.WriteFile(filepath.Join(dir, secretsFile), []byte(secrets), 0o600))
	}
	if c.twoWay {
		job := filepath.Join(dir, "jobs", "exemple")
		s.no(os.MkdirAll(job, 0o700))
		s.no(os.WriteFile(filepath.Join(job, "write-test.json"), s.writeTest(), 0o600))
	}
	return dir
}

// boxed puts a box with those settings into the site, and plants what must not come out of it.
func (s *site) boxed(f factory, c settings) {
	s.t.Helper()
	s.device = f.newBox(s.t, s.ctx, s.data(c))
	s.kept.secrets = []string{sharePassword, crmAccount, crmKey, setupCode, strings.ReplaceAll(setupCode, "-", "")}
	one := s.customer(5)
	for _, word := range []string{one.Name, one.Emails[0], one.Phones[0].Number} {
		if len(word) > 6 {
			s.kept.private = append(s.kept.private, word)
		}
	}
	if len(s.kept.private) == 0 {
		s.t.Error("the customer has nothing that could be seen")
	}
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
%s
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
