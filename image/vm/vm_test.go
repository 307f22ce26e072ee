package vm_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"syncbox/connectors/share/sharetest"
	"syncbox/image/initramfs"
	"syncbox/image/internal/need"
	"syncbox/image/kernel"
	"syncbox/image/vm"
)

// share and probe are the configuration of initprobe.
type share struct{ Source, Options, File string }

type probe struct {
	Shares []share
	Panic  bool
}

// bootProbe builds everything and starts the machine; it is killed when the test ends.
func bootProbe(t *testing.T, ctx context.Context, p probe) *vm.Machine {
	t.Helper()
	k, err := kernel.Fetch(ctx, "../../build/kernel", kernel.Options{})
	if err != nil {
		need.Missing(t, err.Error())
	}
	modules, err := k.Closure(append(append([]string{}, kernel.VirtNet...), kernel.SMB...)...)
	if err != nil {
		t.Fatal(err)
	}
	config, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var archive bytes.Buffer
	err = initramfs.Write(&archive, initramfs.Spec{
		Init: buildProbe(t), Modules: modules, Files: []initramfs.File{{Name: "probe.json", Content: config}},
	})
	if err != nil {
		t.Fatal(err)
	}
	initrd := filepath.Join(t.TempDir(), "initrd")
	if err := os.WriteFile(initrd, archive.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	m, err := vm.Start(ctx, vm.Config{Kernel: k.Image, Initrd: initrd})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Kill)
	return m
}

func buildProbe(t *testing.T) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "initprobe")
	c := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid=", "-o", out, "syncbox/image/internal/initprobe")
	c.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=arm64")
	if b, err := c.CombinedOutput(); err != nil {
		t.Fatalf("build initprobe: %v\n%s", err, b)
	}
	return out
}

func limit(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// TestQEMUBootAndMount boots the product kernel with a process 1 that gets an address by DHCP and reads a
// file from two shares of this machine through the kernel's SMB client, signed and encrypted.
func TestQEMUBootAndMount(t *testing.T) {
	need.Programs(t, vm.Program)
	s := sharetest.New(t, sharetest.Options{Users: map[string]string{sharetest.UserBox: smbPassword}})
	content := make([]byte, 3<<20+17)
	rand.NewChaCha8([32]byte{1}).Read(content)
	for _, share := range []string{sharetest.ShareERP, sharetest.ShareEnc} {
		if err := os.WriteFile(filepath.Join(s.Dir(share), "Customers.dat"), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	file, err := os.Stat(filepath.Join(s.Dir(sharetest.ShareERP), "Customers.dat"))
	if err != nil {
		t.Fatal(err)
	}
	ctx := limit(t)
	m := bootProbe(t, ctx, probe{Shares: []share{
		{"//10.0.2.2/erp", mountOptions(s, sharetest.ShareERP, "sign"), "Customers.dat"},
		{"//10.0.2.2/enc", mountOptions(s, sharetest.ShareEnc, "seal"), "Customers.dat"},
	}})
	if err := m.WaitFor(ctx, "probe: done"); err != nil {
		t.Fatal(err)
	}
	if err := m.Wait(ctx); err != nil {
		t.Fatal(err)
	}
	sum := fmt.Sprintf("%x", sha256.Sum256(content))
	inode := fmt.Sprint(file.Sys().(*syscall.Stat_t).Ino) // the server's file id: by it a replaced file is told
	for _, want := range []string{
		`addresses \[127.0.0.1/8 10.0.2.15/24`, `resolv.conf "nameserver 10.0.2.3`,
		`enable_oplocks "N`, `disable_legacy_dialects "Y`,
		"erp Customers.dat inode " + inode + "\r", "erp Customers.dat sha256 " + sum, "erp session: .*Dialect 0x311 signed nosharesock", "erp session: Security type: .* signed\r",
		"enc Customers.dat sha256 " + sum, "enc session: .*Dialect 0x311 ", "enc session: .*type: DISK .*Encrypted",
	} {
		if !regexp.MustCompile("probe: " + want).MatchString(m.Console()) {
			t.Errorf("console has no %q", want)
		}
	}
	if t.Failed() {
		t.Log(m.Console())
	}
}

// TestQEMUInitPanic boots a process 1 whose main part panics: the machine must start again by itself,
// in good order, and not by a panic of the kernel.
func TestQEMUInitPanic(t *testing.T) {
	need.Programs(t, vm.Program)
	ctx := limit(t)
	m := bootProbe(t, ctx, probe{Panic: true})
	if err := m.Wait(ctx); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{
		"panic: by /probe.json": true, "stopped, starting again": true, "reboot: Restarting system": true,
		"Kernel panic": false, "Attempted to kill init": false,
	} {
		if got := strings.Contains(m.Console(), text); got != want {
			t.Errorf("console has %q: %t, want %t:\n%s", text, got, want, m.Console())
		}
	}
}
