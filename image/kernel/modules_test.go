package kernel_test

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/image/kernel"
)

// module gives the smallest relocatable arm64 ELF file with one section, named section, that holds info.
func module(t *testing.T, section string, info ...string) []byte {
	t.Helper()
	content := strings.Join(append(info, ""), "\x00")
	names := "\x00" + section + "\x00.shstrtab\x00"
	const headerSize, sectionSize = 64, 64
	header := elf.Header64{
		Type: uint16(elf.ET_REL), Machine: uint16(elf.EM_AARCH64), Version: 1, Ehsize: headerSize,
		Shoff: uint64(headerSize + len(content) + len(names)), Shentsize: sectionSize, Shnum: 3, Shstrndx: 2,
	}
	copy(header.Ident[:], "\x7fELF\x02\x01\x01")
	sections := []elf.Section64{{}, {
		Name: 1, Type: uint32(elf.SHT_PROGBITS), Off: headerSize, Size: uint64(len(content)), Addralign: 1,
	}, {
		Name: uint32(len(section) + 2), Type: uint32(elf.SHT_STRTAB), Off: uint64(headerSize + len(content)),
		Size: uint64(len(names)), Addralign: 1,
	}}
	var b bytes.Buffer
	for _, part := range []any{header, []byte(content), []byte(names), sections} {
		if err := binary.Write(&b, binary.LittleEndian, part); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

// tree lays a lib/modules/VERSION: each file "path: key=value; key=value".
func tree(t *testing.T, files ...string) string {
	t.Helper()
	dir := t.TempDir()
	write := func(name string, b []byte) {
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("modules.builtin", []byte("kernel/lib/built-in.ko\nkernel/crypto/hmac.ko\n"))
	for _, f := range files {
		path, info, _ := strings.Cut(f, ": ")
		write(path, module(t, ".modinfo", strings.Split(info, "; ")...))
	}
	return dir
}

func TestClosure(t *testing.T) {
	files := []string{
		"kernel/a/plain.ko: license=GPL; depends=; name=plain",
		"kernel/a/low-one.ko: depends=",
		"kernel/a/low_two.ko: depends=low-one,built_in",
		"kernel/b/top.ko: license=GPL; depends=low_two,low_one",
		"kernel/b/soft.ko: softdep=pre: early hmac alias-of-none post: late; depends=low_one",
		"kernel/b/early.ko: depends=plain",
		"kernel/b/late.ko: depends=low_one",
		"kernel/b/bare.ko: softdep=plain; softdep=hmac; depends=",
		"kernel/c/ring1.ko: softdep=pre: ring2; depends=",
		"kernel/c/ring2.ko: softdep=post: ring1; depends=",
		"kernel/c/broken.ko: depends=low_one,lost-thing",
	}
	tests := []struct {
		name  string
		roots string
		want  string // names, or the error
	}{
		{"alone", "plain", "plain"},
		{"nothing", "", ""},
		{"dependencies first, each once", "top low_one", "low-one low_two top"},
		{"minus for underscore", "low-two", "low-one low_two"},
		{"underscore for minus", "low_one", "low-one"},
		{"built in", "built_in built-in hmac plain", "plain"},
		{"order of the roots", "top plain", "low-one low_two top plain"},
		{"soft dependencies", "soft", "plain early low-one soft late"},
		{"soft dependency without a mark", "bare", "plain bare"},
		{"ring of soft dependencies", "ring1", "ring2 ring1"},
		{"unknown root", "plain nowhere", "kernel module nowhere, needed by the image: neither a file nor built in"},
		{"unknown dependency", "broken", "kernel module lost_thing, needed by broken: neither a file nor built in"},
	}
	k := kernel.Kernel{Modules: tree(t, files...)}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			paths, err := k.Closure(strings.Fields(tt.roots)...)
			var names []string
			for _, p := range paths {
				names = append(names, strings.TrimSuffix(filepath.Base(p), ".ko"))
			}
			got := strings.Join(names, " ")
			if err != nil {
				got = err.Error()
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("closure (-want +got):\n%s", d)
			}
		})
	}
}

func TestBadModules(t *testing.T) {
	tests := []struct {
		name    string
		content []byte
		want    string
	}{
		{"not ELF", []byte("\xfd7zXZ"), "read module"},
		{"no modinfo", module(t, ".other", "depends="), "no .modinfo section"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := tree(t)
			if err := os.WriteFile(filepath.Join(dir, "bad.ko"), tt.content, 0o644); err != nil {
				t.Fatal(err)
			}
			_, err := (&kernel.Kernel{Modules: dir}).Closure("bad")
			if got := fmt.Sprint(err); !strings.Contains(got, tt.want) || !strings.Contains(got, "bad.ko") {
				t.Errorf("got %q, want %q of bad.ko", got, tt.want)
			}
		})
	}
}

func TestNoModules(t *testing.T) {
	if _, err := (&kernel.Kernel{Modules: tree(t)}).Closure(); err == nil || !strings.Contains(err.Error(), "no .ko file") {
		t.Errorf("got %v, want an error: no .ko file", err)
	}
}
