package sitetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"syncbox/connectors/share/sharetest"
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

[[job]]
name = %q
pair = "acomba-centrixone"
direction = "two-way"
interval = %q

[job.share]
kind = "cifs"
server = %q
share = %q
port = %d
user = %q
domain = "LABGRP"

[job.acomba]
company = %q
write_back = "handoff"
quiet_ms = 300

[job.centrixone]
url = %q
plain_http = true
batch = 100
rate = 80.0
max_server_late = "2s"
`

// Card copies the image of a card and puts on its data partition what a technician would: configuration, secrets, and
// the set-up code of the label. Neither root nor a mount is needed.
func (s *Site) Card(ctx context.Context, image, card string) error {
	if err := vm.CopyDisk(image, card); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(s.dir, "data")
	if err != nil {
		return err
	}
	text := fmt.Sprintf(configuration, Box, s.options.Language, Job, s.options.Interval, hostOfGuest, sharetest.ShareERP, s.Samba.Port,
		sharetest.UserBox, Company, "http://"+hostOfGuest+":"+s.crm)
	secrets := fmt.Sprintf("[job.%s]\nshare_password = %q\ncrm_account = %q\ncrm_key = %q\n", Job, s.password, CRMAccount, CRMKey)
	err = errors.Join(
		os.WriteFile(filepath.Join(dir, "syncbox.toml"), []byte(text), 0o600),
		os.WriteFile(filepath.Join(dir, "secrets.toml"), []byte(secrets), 0o600),
		setupcode.Write(filepath.Join(dir, "setup-code.json"), s.Code),
	)
	if err != nil {
		return err
	}
	return PutData(ctx, card, dir)
}

// PutData copies the files of a folder, without folders in it, to the data partition of a card, which must have none of
// these names. It needs debugfs (Debian package e2fsprogs).
func PutData(ctx context.Context, card, dir string) error {
	files, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	var script bytes.Buffer
	for _, f := range files {
		fmt.Fprintf(&script, "write %q %q\n", filepath.Join(dir, f.Name()), f.Name())
	}
	c := exec.CommandContext(ctx, "debugfs", "-w", "-f", "/dev/stdin", fmt.Sprintf("%s?offset=%d", card, int64(disk.DataOffset)))
	c.Stdin = &script
	var trouble bytes.Buffer
	c.Stderr = &trouble
	err = c.Run()
	// The program's exit code does not tell; beside its name and version, it has nothing to say when all is well.
	_, said, _ := strings.Cut(trouble.String(), "\n")
	if said = strings.TrimSpace(said); err != nil || said != "" {
		return fmt.Errorf("put files on data partition of %s: %w", card, errors.Join(err, errors.New(said)))
	}
	return nil
}
