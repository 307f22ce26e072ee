package selector_test

import (
	"context"
	"hash/crc32"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/image/disk"
	"syncbox/image/initramfs"
	"syncbox/image/internal/need"
	"syncbox/image/kernel"
	"syncbox/image/selector"
	"syncbox/image/vm"
	"syncbox/ota/bootstate"
)

// workshop builds slots, and cards of them, in one folder.
type workshop struct {
	t        *testing.T
	ctx      context.Context
	dir      string
	kernel   *kernel.Kernel
	probe    string
	watchdog []string
	boot     string // image of p1
}

func newWorkshop(t *testing.T, ctx context.Context) *workshop {
	t.Helper()
	need.Programs(t, vm.Program, "mcopy", "/sbin/mkfs.vfat")
	if _, err := os.Stat(vm.UBoot); err != nil {
		need.Missing(t, err.Error()+" (Debian package u-boot-qemu)")
	}
	k, err := kernel.Fetch(ctx, "../../build/kernel", kernel.Options{})
	if err != nil {
		need.Missing(t, err.Error())
	}
	w := &workshop{t: t, ctx: ctx, dir: t.TempDir(), kernel: k}
	w.watchdog, err = k.Closure(kernel.VirtWatchdog...)
	w.no(err)
	w.probe = w.path("slotprobe")
	c := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", w.probe, "syncbox/image/internal/slotprobe")
	c.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=arm64")
	if b, err := c.CombinedOutput(); err != nil {
		t.Fatalf("build slotprobe: %v\n%s", err, b)
	}
	w.boot = w.path("boot.img")
	w.no(disk.FAT{ID: 1, Label: "BOOT", Size: disk.BootSize, Files: []disk.File{
		{Name: selector.FileName, Content: selector.Image(selector.Script, disk.Epoch)},
	}}.Write(ctx, w.boot))
	w.no(selector.WriteFlash(w.path("flash")))
	return w
}

func (w *workshop) path(name string) string { return filepath.Join(w.dir, name) }

func (w *workshop) no(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// slot builds a slot whose system says name and does action; spoil may change its files, name to content.
func (w *workshop) slot(name, action string, spoil func(files map[string][]byte)) (path string, sums bootstate.Sums) {
	w.t.Helper()
	var initrd strings.Builder
	spec := initramfs.Spec{Init: w.probe, Modules: w.watchdog, Files: []initramfs.File{{Name: "slot", Content: []byte(name + " " + action)}}}
	w.no(initramfs.Write(&initrd, spec))
	vmlinuz, err := os.ReadFile(w.kernel.Image)
	w.no(err)
	files := map[string][]byte{"vmlinuz": vmlinuz, "initrd": []byte(initrd.String())}
	sums.Kernel = bootstate.SumOf(crc32.ChecksumIEEE(files["vmlinuz"]))
	sums.Initrd = bootstate.SumOf(crc32.ChecksumIEEE(files["initrd"]))
	if spoil != nil {
		spoil(files)
	}
	fat := disk.FAT{ID: 2, Label: "SLOT", Size: disk.SlotSize}
	for _, name := range []string{"vmlinuz", "initrd"} {
		if files[name] != nil {
			fat.Files = append(fat.Files, disk.File{Name: name, Content: files[name]})
		}
	}
	path = filepath.Join(w.t.TempDir(), "slot.img")
	w.no(fat.Write(w.ctx, path))
	return path, sums
}

// card is a disk with both slots, and what the machine is to do with it.
type card struct {
	name    string
	actions [2]string                        // of the systems in a and b; default off
	spoil   [2]func(files map[string][]byte) // changes the files of a and b
	state   func(s *bootstate.State)         // changes the first state
	disk    func(f *os.File) error           // changes the disk

	starts []string                 // what each system says that starts, up to the one that switches off
	marks  []string                 // what the selector says
	end    func(s *bootstate.State) // makes the last state of the first; nil: it does not matter
}

// TestQEMUSelector starts cards with every fault that the selector is there for. Each must end with the
// machine off, switched off by the system that had to start, after the right ones before it.
func TestQEMUSelector(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
	defer cancel()
	w := newWorkshop(t, ctx)
	const (
		a = "content a, started with sb.slot=a sb.try=- sb.failed=-"
		b = "content b, started with sb.slot=b sb.try=- sb.failed=-"
	)
	try := func(s *bootstate.State) { s.Try, s.Tries, s.A.DTB = bootstate.B, 2, "abc" } // the last is not to be lost
	rolledBack := func(s *bootstate.State) { s.Seq, s.Try, s.Tries, s.Failed = 4, bootstate.None, 0, bootstate.B }
	tried := "content b, started with sb.slot=b sb.try=b sb.failed=-"
	after := "content a, started with sb.slot=a sb.try=- sb.failed=b"
	goodB := func(s *bootstate.State) { s.Good = bootstate.B }
	flip := func(files map[string][]byte) { files["vmlinuz"][20<<20] ^= 1 }
	unchanged := func(*bootstate.State) {}
	tests := []card{
		{name: "good a", starts: []string{a}, marks: []string{"a part 2"}, end: unchanged},
		{name: "good b", state: goodB, starts: []string{b}, marks: []string{"b part 3"}, end: unchanged},
		{name: "initrd missing", spoil: [2]func(map[string][]byte){func(f map[string][]byte) { delete(f, "initrd") }},
			starts: []string{b}, marks: []string{"a part 2", "a REJECTED", "b part 3"}, end: unchanged},
		{name: "kernel missing", spoil: [2]func(map[string][]byte){func(f map[string][]byte) { delete(f, "vmlinuz") }},
			starts: []string{b}, marks: []string{"a part 2", "a REJECTED", "b part 3"}, end: unchanged},
		{name: "one bit of the kernel", state: goodB, spoil: [2]func(map[string][]byte){nil, flip},
			starts: []string{a}, marks: []string{"b part 3", "b REJECTED", "a part 2"}, end: unchanged},
		{name: "marked as not valid", state: func(s *bootstate.State) { s.A.Kernel = bootstate.Invalid },
			starts: []string{b}, marks: []string{"a part 2", "a REJECTED", "b part 3"}, end: unchanged},
		{name: "no kernel but another file", state: func(s *bootstate.State) { s.A = bootstate.Sums{} },
			spoil:  [2]func(map[string][]byte){func(f map[string][]byte) { f["vmlinuz"] = []byte(strings.Repeat("x", 1<<20)) }},
			starts: []string{b}, marks: []string{"a part 2", "a REJECTED", "b part 3"}, end: unchanged},
		{name: "slot on trial ends", state: try, actions: [2]string{"off", "panic"}, starts: []string{tried, tried, after},
			marks: []string{"b part 3", "b part 3", "ROLLBACK to a", "a part 2"}, end: rolledBack},
		{name: "slot on trial hangs", state: try, actions: [2]string{"off", "hang"}, starts: []string{tried, tried, after},
			marks: []string{"b part 3", "b part 3", "ROLLBACK to a", "a part 2"}, end: rolledBack},
		{name: "slot on trial cannot be read", state: try, spoil: [2]func(map[string][]byte){nil, flip},
			starts: []string{"content a, started with sb.slot=a sb.try=b sb.failed=-"}, marks: []string{"b part 3", "b REJECTED", "a part 2"},
			end: func(s *bootstate.State) { s.Seq, s.Tries = 2, 1 }},
		{name: "both copies lost", disk: lose(bootstate.Offset1, bootstate.Offset2), starts: []string{a}, marks: []string{"a part 2"}},
		{name: "both copies lost, a damaged", disk: lose(bootstate.Offset1, bootstate.Offset2), spoil: [2]func(map[string][]byte){func(f map[string][]byte) { delete(f, "initrd") }},
			starts: []string{b}, marks: []string{"a part 2", "a REJECTED", "b part 3"}},
		{name: "second copy is newer", disk: newer, starts: []string{b}, marks: []string{"b part 3"}, end: func(s *bootstate.State) { s.Seq, s.Good = 2, bootstate.B }},
		{name: "newer copy torn", disk: both(newer, lose(bootstate.Offset2)), starts: []string{a}, marks: []string{"a part 2"}, end: unchanged},
		{name: "state without words", disk: block("seq=7"), starts: []string{a}, marks: []string{"a part 2"}},
		{name: "state with a bad word", disk: block("seq=7\x00good=z"), spoil: [2]func(map[string][]byte){func(f map[string][]byte) { delete(f, "initrd") }},
			starts: []string{b}, marks: []string{"a part 2", "a REJECTED", "b part 3"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { w.run(t, tt) })
	}
}

// lose overwrites copies of the state.
func lose(offsets ...int64) func(*os.File) error {
	return func(f *os.File) error {
		for _, at := range offsets {
			if _, err := f.WriteAt([]byte("garbage"), at); err != nil {
				return err
			}
		}
		return nil
	}
}

// newer writes a second state, in which b is good.
func newer(f *os.File) error {
	s, err := bootstate.Read(f)
	if err != nil {
		return err
	}
	s.Good = bootstate.B
	_, err = bootstate.Write(f, s)
	return err
}

func both(first, then func(*os.File) error) func(*os.File) error {
	return func(f *os.File) error {
		if err := first(f); err != nil {
			return err
		}
		return then(f)
	}
}

// block writes a copy with a good checksum that bootstate.Write would refuse.
func block(text string) func(*os.File) error {
	return func(f *os.File) error {
		b := make([]byte, bootstate.BlockSize)
		copy(b[4:], text)
		sum := crc32.ChecksumIEEE(b[4:])
		copy(b, []byte{byte(sum), byte(sum >> 8), byte(sum >> 16), byte(sum >> 24)})
		_, err := f.WriteAt(b, bootstate.Offset1)
		return err
	}
}

var (
	startLine = regexp.MustCompile(`slotprobe: (.*)\r`)
	markLine  = regexp.MustCompile(`AB: (?:slot )?((?:[ab] (?:part|REJECTED)|ROLLBACK).*)\r`)
)

func (w *workshop) run(t *testing.T, c card) {
	shop := *w
	shop.t = t
	path, want := shop.build(c)
	begin := time.Now()
	m, err := vm.Start(w.ctx, vm.Config{BIOS: vm.UBoot, Flash: w.path("flash"), Disk: path, Resets: true, Watchdog: true})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Kill()
	limit, cancel := context.WithTimeout(w.ctx, 2*time.Minute)
	defer cancel()
	if err := m.Wait(limit); err != nil {
		t.Fatal(err)
	}
	t.Logf("%.1f s", time.Since(begin).Seconds())
	if d := cmp.Diff(c.starts, told(m.Console(), startLine)); d != "" {
		t.Errorf("starts (-want +got):\n%s", d)
	}
	if d := cmp.Diff(c.marks, told(m.Console(), markLine)); d != "" {
		t.Errorf("selector (-want +got):\n%s", d)
	}
	if c.end != nil {
		c.end(&want)
		if d := cmp.Diff(want, shop.state(path)); d != "" {
			t.Errorf("state in the end (-want +got):\n%s", d)
		}
	}
	if t.Failed() {
		t.Log(m.Console())
	}
}

// build gives a disk and its first state.
func (w *workshop) build(c card) (string, bootstate.State) {
	w.t.Helper()
	s := bootstate.First()
	var slots [2]string
	for i, name := range []string{"a", "b"} {
		action := c.actions[i]
		if action == "" {
			action = "off"
		}
		var sums bootstate.Sums
		slots[i], sums = w.slot(name, action, c.spoil[i])
		if i == 0 {
			s.A = sums
		} else {
			s.B = sums
		}
	}
	if c.state != nil {
		c.state(&s)
	}
	path := filepath.Join(w.t.TempDir(), "disk.img")
	w.no(disk.Write(path, disk.Parts{Boot: w.boot, SlotA: slots[0], SlotB: slots[1], DataSize: 1 << 20, State: s}))
	if c.disk != nil {
		f, err := bootstate.Open(path)
		w.no(err)
		w.no(c.disk(f))
		w.no(f.Close())
	}
	s.Seq = 1
	return path, s
}

func (w *workshop) state(path string) bootstate.State {
	w.t.Helper()
	f, err := os.Open(path)
	w.no(err)
	defer f.Close()
	s, err := bootstate.Read(f)
	w.no(err)
	return s
}

// told gives what a pattern finds, without the part of the command line that is always the same.
func told(console string, pattern *regexp.Regexp) []string {
	var all []string
	for _, m := range pattern.FindAllStringSubmatch(console, -1) {
		if strings.HasSuffix(m[1], "hangs") {
			continue
		}
		all = append(all, strings.Replace(m[1], "console=ttyAMA0 quiet panic=1 oops=panic ", "", 1))
	}
	return all
}
