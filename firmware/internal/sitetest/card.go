package sitetest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"syncbox/connectors/acomba"
	"syncbox/connectors/acomba/layout"
	"syncbox/connectors/share/sharetest"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/console/setupcode"
	"syncbox/image/disk"
	"syncbox/image/vm"
)

const configuration = `# the box of a demonstration
[box]
name = %q
data = "/data/jobs"
language = %q
zone = "America/Toronto"
%s
[[job]]
name = %q
pair = "acomba-centrixone"
direction = %q
interval = %q

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

// crmAddress is what the configuration of a box that nobody has set up ends with, and ourCRM what this site has instead.
const (
	crmAddress = "[job.centrixone]\n"
	ourCRM     = `[job.centrixone]
url = %q
plain_http = true
batch = 100
rate = 80.0
max_server_late = "2s"
`
)

// blank gives the configuration of a box that nobody has set up, but for the address of its CRM.
func (s *Site) blank(crm string) (string, error) {
	dir, err := os.MkdirTemp(s.dir, "blank")
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, "syncbox.toml")
	if err := config.WriteFirst(file, s.options.Name, config.Support{}); err != nil {
		return "", err
	}
	text, err := os.ReadFile(file)
	before, _, found := strings.Cut(string(text), crmAddress)
	if err == nil && !found {
		err = errors.New("the first configuration names no CRM")
	}
	return before + fmt.Sprintf(ourCRM, crm), err
}

// codeFile has the set-up code's hash.
const codeFile = "setup-code.json"

// Card copies the image of a card and puts on its data partition what a technician would: configuration, secrets, and
// the set-up code of the label. Neither root nor a mount is needed.
//
// Of a box that nobody has set up (Options.Blank) the card has no more than the code and where the site's CRM is: the real one
// is at an address that every box knows.
func (s *Site) Card(ctx context.Context, image, card string) error {
	if err := vm.CopyDisk(image, card); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(s.dir, "data")
	if err != nil {
		return err
	}
	text, err := s.configuration()
	err = errors.Join(err,
		os.WriteFile(filepath.Join(dir, "syncbox.toml"), []byte(text), 0o600),
		setupcode.Write(filepath.Join(dir, codeFile), s.Code),
	)
	if !s.options.Unfinished && !s.options.Blank {
		secrets := fmt.Sprintf("[job.%s]\nshare_password = %q\ncrm_account = %q\ncrm_key = %q\n", Job, s.Password, CRMAccount, CRMKey)
		err = errors.Join(err, os.WriteFile(filepath.Join(dir, "secrets.toml"), []byte(secrets), 0o600))
	}
	if s.options.Identity != "" {
		err = errors.Join(err, os.CopyFS(filepath.Join(dir, "identity"), os.DirFS(s.options.Identity)))
	}
	if s.options.Back == Direct && !s.options.Blank {
		err = errors.Join(err, s.confirmWriting(filepath.Join(dir, "jobs", Job)))
	}
	if err != nil {
		return err
	}
	return putData(ctx, card, dir)
}

// Label puts the set-up code of its label on the card of a box that is delivered: all that the factory puts there.
func Label(ctx context.Context, card, code string) error {
	dir, err := os.MkdirTemp("", "label")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := setupcode.Write(filepath.Join(dir, codeFile), code); err != nil {
		return err
	}
	return putData(ctx, card, dir)
}

func (s *Site) configuration() (string, error) {
	crm := "http://" + net.JoinHostPort(Server, s.crm)
	if s.options.Blank {
		return s.blank(crm)
	}
	o, direction, server := s.options, "two-way", fmt.Sprintf("server = %q", Server)
	if o.Back == None {
		direction = "one-way"
	}
	if o.Unfinished {
		server = ""
	}
	updates := ""
	if o.Updates != "" {
		updates = fmt.Sprintf("\n[updates]\nservers = [%q]\nhours = [\"00:00-12:00\", \"12:00-24:00\"]\n", o.Updates)
	}
	if o.Support != "" {
		updates += fmt.Sprintf("\n[support]\nbroker = [%q]\n", o.Support)
	}
	return fmt.Sprintf(configuration, o.Name, o.Language, updates, Job, direction, o.Interval, server, o.Share, s.Samba.Port, sharetest.UserBox, o.Seal,
		Company, o.Back, crm), nil
}

// confirmWriting puts the technician's word, given some days ago, that writing works on this very folder, into a job's.
func (s *Site) confirmWriting(job string) error {
	profile := string(s.ERP.Profile())
	i := slices.IndexFunc(layout.Embedded(), func(l *layout.Layout) bool { return l.Matches(profile) })
	if i < 0 {
		return fmt.Errorf("confirm writing: no layout for Acomba %s", profile)
	}
	l := layout.Embedded()[i]
	word := acomba.WriteConfirmation{Layout: l.String(), Fingerprint: l.Fingerprint, AcombaVersion: profile, Path: `\\` + Server + `\` + s.options.Share + "/" + Company,
		By: "technician", At: time.Now().AddDate(0, 0, -3), Customer: "test"}
	text, err := json.Marshal(map[string]any{"confirmed": word})
	if err != nil {
		return err
	}
	return errors.Join(os.MkdirAll(job, 0o700), os.WriteFile(filepath.Join(job, "write-test.json"), text, 0o600))
}

// putData copies what is in a folder to the data partition of a card, which must have none of these names. It needs
// debugfs (Debian package e2fsprogs).
func putData(ctx context.Context, card, dir string) error {
	var script bytes.Buffer
	if err := orders(&script, dir); err != nil {
		return err
	}
	c := exec.CommandContext(ctx, "debugfs", "-w", "-f", "/dev/stdin", fmt.Sprintf("%s?offset=%d", card, int64(disk.DataOffset)))
	c.Stdin = &script
	var trouble bytes.Buffer
	c.Stderr = &trouble
	err := c.Run()
	// The program's exit code does not tell; beside its name and version, it has nothing to say when all is well.
	_, said, _ := strings.Cut(trouble.String(), "\n")
	if said = strings.TrimSpace(said); err != nil || said != "" {
		return fmt.Errorf("put files on data partition of %s: %w", card, errors.Join(err, errors.New(said)))
	}
	return nil
}

// orders has debugfs write what is in a folder into the one that it is in.
func orders(script *bytes.Buffer, dir string) error {
	all, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range all {
		path := filepath.Join(dir, e.Name())
		if !e.IsDir() {
			fmt.Fprintf(script, "write %q %q\n", path, e.Name())
			continue
		}
		fmt.Fprintf(script, "mkdir %q\ncd %q\n", e.Name(), e.Name())
		if err := orders(script, path); err != nil {
			return err
		}
		script.WriteString("cd ..\n")
	}
	return nil
}
