package stick_test

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"syncbox/firmware/internal/authority"
	"syncbox/firmware/internal/enrol"
	"syncbox/firmware/internal/stick"
)

// brokenIdentity can't read or write what it has.
type brokenIdentity struct{}

func (brokenIdentity) Exchange(enrol.Folder) (installed, asked bool, err error) {
	return false, false, errors.New("the card is broken")
}

// newIdentity makes a box's identity, and an authority for it.
func newIdentity(t *testing.T, on bool) (*enrol.Identity, *authority.Authority) {
	t.Helper()
	now := time.Now()
	id, err := enrol.Open(enrol.Config{Folder: filepath.Join(t.TempDir(), "identity"), Box: "syncbox-7Q2K",
		Settings: func() enrol.Settings { return enrol.Settings{On: on} }, Clock: func() (time.Time, bool) { return now, true },
		Changed: func() {}, Chance: func(int64) int64 { return 0 }, Log: slog.New(slog.DiscardHandler)})
	must(t, err)
	ca, err := authority.Create(filepath.Join(t.TempDir(), "ca"), "Boxes of Example", nil, func() time.Time { return now })
	must(t, err)
	return id, ca
}

// TestCertificate: a stick takes the request of a box that needs a certificate, and brings it.
func TestCertificate(t *testing.T) {
	id, ca := newIdentity(t, true)
	run(t, func(r *partRig) {
		dir := r.stick("")
		again := func(pulls int, refused bool, report string) {
			t.Helper()
			before := r.pulls
			r.slot.pull("sda")
			r.pass()
			r.slot.plug("sda", dir)
			r.pass()
			if r.pulls-before != pulls || r.state.holds[stick.CodeRefused] != refused {
				t.Errorf("told to pull %d times, refused %t", r.pulls-before, r.state.holds[stick.CodeRefused])
			}
			text, _ := os.ReadFile(filepath.Join(dir, "syncbox-certificate-report.txt"))
			if !strings.Contains(string(text), report) {
				t.Errorf("the report is %q, want %q in it", text, report)
			}
		}
		again(1, false, "box.csr")
		csr, err := os.ReadFile(filepath.Join(dir, enrol.RequestFile))
		must(t, err)
		out, err := ca.Issue(authority.Request{Kind: authority.Box, Name: "syncbox-7Q2K", CSR: csr})
		must(t, err)
		must(t, os.WriteFile(filepath.Join(dir, "BOX.CRT"), out.Certificate, 0o600))
		again(0, true, "not for this box")
		must(t, os.WriteFile(filepath.Join(dir, "CA.CRT"), ca.Certificate(), 0o600))
		again(1, false, "has its certificate")
		if _, err := id.TLS(); err != nil {
			t.Error(err)
		}
		again(0, false, "has its certificate")
	}, func(r *partRig) { r.identity = id })
}

// TestNoCertificateIsNeeded: a box without support writes nothing on a stick, and one whose card is broken says nothing wrong.
func TestNoCertificateIsNeeded(t *testing.T) {
	id, _ := newIdentity(t, false)
	for name, identity := range map[string]stick.Identity{"no support": id, "no identity": nil, "a broken one": brokenIdentity{}} {
		t.Run(name, func(t *testing.T) {
			run(t, func(r *partRig) {
				dir := r.stick("")
				r.slot.plug("sda", dir)
				r.pass()
				all, err := os.ReadDir(dir)
				must(t, err)
				if len(all) > 0 || r.pulls > 0 {
					t.Errorf("files %v, told to pull %d times", all, r.pulls)
				}
			}, func(r *partRig) { r.identity = identity })
		})
	}
}
