package sharetest_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/cloudsoda/go-smb2"
	"syncbox/connectors/share/sharetest"
)

// readAs reads a file through a session of its own.
func readAs(t *testing.T, s *sharetest.Samba, share, user, name string) ([]byte, error) {
	t.Helper()
	session, err := s.Session(t.Context(), share, user)
	if err != nil {
		return nil, err
	}
	defer session.Close()
	return fs.ReadFile(session.DirFS("."), name)
}

func TestSambaServesItsShares(t *testing.T) {
	s := sharetest.New(t, sharetest.Options{})
	want := bytes.Repeat([]byte("card 0812 "), 40_000)
	for _, share := range []string{sharetest.ShareERP, sharetest.ShareEnc} {
		erp, err := s.Session(t.Context(), share, sharetest.UserERP)
		if err != nil {
			t.Fatal(err)
		}
		if err := erp.WriteFile("CUSTOMER.DAT", want, 0o644); err != nil {
			t.Fatalf("%s: write as %s: %v", share, sharetest.UserERP, err)
		}
		erp.Close()
		got, err := readAs(t, s, share, sharetest.UserBox, "CUSTOMER.DAT")
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %s reads %d bytes, %v; want the %d bytes of %s", share, sharetest.UserBox, len(got), err, len(want), sharetest.UserERP)
		}
		onDisk, err := os.ReadFile(filepath.Join(s.Dir(share), "CUSTOMER.DAT"))
		if err != nil || !bytes.Equal(onDisk, want) {
			t.Errorf("%s: the server's disk has %d bytes, %v", share, len(onDisk), err)
		}
	}
}

func TestSambaRefusesAWrongPassword(t *testing.T) {
	s := sharetest.New(t, sharetest.Options{Users: map[string]string{"edge": "comma, \" and é"}})
	if _, err := s.Session(t.Context(), sharetest.ShareERP, "edge"); err != nil {
		t.Errorf("log on with the right password: %v", err)
	}
	const logonFailure uint32 = 0xC000006D
	_, err := s.Session(t.Context(), sharetest.ShareERP, "nobody-known")
	refused, ok := errors.AsType[*smb2.ResponseError](err)
	if !ok || refused.Code != logonFailure {
		t.Errorf("log on as an unknown user: %v, want status %#x", err, logonFailure)
	}
}

func TestSambaEnforcesShareModes(t *testing.T) {
	s := sharetest.New(t, sharetest.Options{})
	erp, err := s.Session(t.Context(), sharetest.ShareERP, sharetest.UserERP)
	if err != nil {
		t.Fatal(err)
	}
	defer erp.Close()
	if err := erp.WriteFile("ITEM.DAT", []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	box, err := s.Session(t.Context(), sharetest.ShareERP, sharetest.UserBox)
	if err != nil {
		t.Fatal(err)
	}
	defer box.Close()
	f, err := box.Open("ITEM.DAT") // this library opens without share DELETE
	if err != nil {
		t.Fatal(err)
	}
	const sharingViolation uint32 = 0xC0000043
	err = erp.Remove("ITEM.DAT")
	if refused, ok := errors.AsType[*smb2.ResponseError](err); !ok || refused.Code != sharingViolation {
		t.Errorf("delete of a file somebody reads: %v, want status %#x", err, sharingViolation)
	}
	f.Close()
	if err := erp.Remove("ITEM.DAT"); err != nil {
		t.Errorf("delete after the reader left: %v", err)
	}
}

func TestSambaRestartKeepsFilesAndPort(t *testing.T) {
	s := sharetest.New(t, sharetest.Options{})
	port := s.Port
	before, err := s.Session(t.Context(), sharetest.ShareERP, sharetest.UserERP)
	if err != nil {
		t.Fatal(err)
	}
	defer before.Close()
	if err := before.WriteFile("A.DAT", []byte("a"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := s.Kill(); err != nil {
		t.Fatal(err)
	}
	if _, err := before.ReadFile("A.DAT"); err == nil {
		t.Error("a killed server answers")
	}
	if _, err := s.Session(t.Context(), sharetest.ShareERP, sharetest.UserERP); err == nil {
		t.Error("a killed server takes a log-on")
	}
	if err := s.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, err := readAs(t, s, sharetest.ShareERP, sharetest.UserBox, "A.DAT"); string(got) != "a" {
		t.Errorf("after the restart: %q, %v", got, err)
	}
	if s.Port != port {
		t.Errorf("port %d, want %d as before", s.Port, port)
	}
}

func TestSambaFreezesAndStops(t *testing.T) {
	s := sharetest.New(t, sharetest.Options{})
	session, err := s.Session(t.Context(), sharetest.ShareERP, sharetest.UserERP)
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	if err := s.Freeze(); err != nil {
		t.Fatal(err)
	}
	answer := make(chan error, 1)
	go func() {
		_, err := session.ReadDir(".")
		answer <- err
	}()
	if err := s.Thaw(); err != nil {
		t.Fatal(err)
	}
	if err := <-answer; err != nil {
		t.Errorf("after the thaw: %v", err)
	}
	if err := s.Freeze(); err != nil {
		t.Fatal(err)
	}
	if err := s.Stop(); err != nil {
		t.Errorf("stop of a frozen server: %v", err)
	}
	if err := s.Stop(); err != nil {
		t.Errorf("second stop: %v", err)
	}
}

func TestSambaHasPreviousVersions(t *testing.T) {
	s := sharetest.New(t, sharetest.Options{Snapshots: true})
	at := time.Date(2026, 11, 20, 5, 0, 0, 0, time.FixedZone("EST", -5*3600))
	if got, want := filepath.Base(s.SnapshotDir(at)), "@GMT-2026.11.20-10.00.00"; got != want {
		t.Errorf("snapshot folder %q, want %q", got, want)
	}
	for dir, content := range map[string]string{s.Dir(sharetest.ShareVSS): "new", s.SnapshotDir(at): "old"} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "A.DAT"), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := readAs(t, s, sharetest.ShareVSS, sharetest.UserBox, "A.DAT"); string(got) != "new" {
		t.Errorf("live file: %q, %v; want %q", got, err, "new")
	}
}

func TestSambaNotInstalled(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if _, err := sharetest.Start(t.Context(), t.TempDir(), sharetest.Options{}); !errors.Is(err, sharetest.ErrNoSamba) {
		t.Errorf("start without smbd: %v, want ErrNoSamba", err)
	}
}
