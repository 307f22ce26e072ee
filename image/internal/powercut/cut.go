package powercut

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"syncbox/image/disklog"
	"syncbox/image/vm"
	"syncbox/ota/otatest"
)

// Words for cutprobe.
const (
	Tell   = "tell"   // who starts says so
	Update = "update" // to the new system, to the end
	Early  = "early"  // the same by somebody who lets the slot be tried before it is synced
)

// runLimit is how long one run of the machine may take on a busy host.
const runLimit = 20 * time.Minute

// Log runs a whole update and gives what reached the disk. The log itself stays as WORD.log in Dir.
func (w *Workshop) Log(ctx context.Context, word string) ([]otatest.Op, error) {
	path, log := filepath.Join(w.Dir, word+".disk"), filepath.Join(w.Dir, word+".log")
	if err := vm.CopyDisk(w.base, path); err != nil {
		return nil, err
	}
	defer os.Remove(path)
	c := w.machine(path)
	c.DiskLog = log
	if err := order(path, word); err != nil {
		return nil, err
	}
	if _, err := run(ctx, c, off); err != nil {
		return nil, err
	}
	if err := w.ends(path); err != nil {
		return nil, err
	}
	f, err := os.Open(log)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var ops []otatest.Op
	err = disklog.Read(bufio.NewReaderSize(f, 1<<20), func(o otatest.Op) error { ops = append(ops, o); return nil })
	return ops, err
}

// run runs the machine for as long as until waits, and gives what it said.
func run(ctx context.Context, c vm.Config, until func(context.Context, *vm.Machine) error) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, runLimit)
	defer cancel()
	m, err := vm.Start(ctx, c)
	if err != nil {
		return "", err
	}
	defer m.Kill()
	err = until(ctx, m)
	return m.Console(), err
}

// says is what cutprobe begins each line with.
const says = "cutprobe: "

// off waits until the machine switches itself off.
func off(ctx context.Context, m *vm.Machine) error {
	if err := m.Wait(ctx); err != nil {
		return err
	}
	if strings.Contains(m.Console(), says+"FAILED") {
		return fmt.Errorf("update in the machine:\n%s", m.Console())
	}
	return nil
}

// told waits until the system of the machine has said who it is.
func told(ctx context.Context, m *vm.Machine) error {
	if err := m.WaitFor(ctx, says); err != nil {
		return err
	}
	return m.WaitAfter(ctx, strings.Index(m.Console(), says), "\n")
}

// ends says what is wrong with a disk on which the update went to its end.
func (w *Workshop) ends(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	c, err := otatest.ReadContent(f, diskSize)
	if err != nil {
		return err
	}
	s, err := w.judge.Boot(&c)
	if err == nil && (s.Image != "new" || s.Slot != "b" || s.State["good"] != "b" || s.Try != "-") {
		err = fmt.Errorf("in the end %s starts: %v", s.Image, s.Decision)
	}
	return err
}

// Cut is a disk as a cut leaves it, and what must start from it.
type Cut struct {
	Op      int // the cut came before this one was acknowledged
	Mode    otatest.Mode
	Content otatest.Content
	Start   otatest.Start
	Err     error // wraps otatest.ErrBrick or otatest.ErrTorn
}

// Cuts makes disks of a log: at each operation one of each mode.
func (w *Workshop) Cuts(ops []otatest.Op, rng *rand.Rand, each func(Cut)) {
	r := otatest.NewReplay(otatest.State{otatest.TheDisk: w.start.Clone()})
	for i := range len(ops) + 1 {
		var next *otatest.Op
		sectors := 0
		if i < len(ops) {
			next = &ops[i]
			sectors = len(next.Data) / otatest.SectorSize
		}
		modes := []otatest.Mode{otatest.Clean}
		if r.Pending() > 0 {
			modes = append(modes, otatest.Lost)
		}
		if r.Pending() > 0 || sectors > 0 {
			modes = append(modes, otatest.Dropped, otatest.Reordered)
		}
		if sectors > 1 {
			modes = append(modes, otatest.Torn)
		}
		for _, mode := range modes {
			s := r.Cut(mode, next, 1+rng.IntN(max(sectors-1, 1)), rng)
			c := Cut{Op: i, Mode: mode, Content: s[otatest.TheDisk]}
			c.Start, c.Err = w.judge.Boot(&c.Content)
			if c.Err == nil && c.Start.Image == "older" {
				c.Err = fmt.Errorf("%w: %s", otatest.ErrTorn, c.Start.Image)
			}
			each(c)
		}
		if next != nil {
			r.Step(*next)
		}
	}
}

// ErrBoot is wrapped where the machine does something else than was foretold.
var ErrBoot = errors.New("the machine does not start as foretold")

// Boot starts a cut disk for real: the boot loader must choose as foretold, find kernel and initrd of the slot whole, and
// start them, and the system must say who it is. Then the plug is pulled, unless it is to go on: then it must come to the
// end of the update. It may be called by several goroutines.
func (w *Workshop) Boot(ctx context.Context, c Cut, on bool) error {
	if err := w.boot(ctx, c, on); err != nil {
		return fmt.Errorf("cut at operation %d (%s): %w", c.Op, c.Mode, err)
	}
	return nil
}

func (w *Workshop) boot(ctx context.Context, c Cut, on bool) error {
	path, err := w.lay(c.Content)
	if path != "" {
		defer os.Remove(path)
	}
	if err != nil {
		return err
	}
	word, until := Tell, told
	if on {
		word, until = Update, off
	}
	if err := order(path, word); err != nil {
		return err
	}
	said, err := run(ctx, w.machine(path), until)
	if err != nil {
		return err
	}
	want := fmt.Sprintf("cutprobe: content %s, started with %s", c.Start.Image, c.Start.CommandLine())
	if first, _, _ := strings.Cut(said[max(strings.Index(said, says), 0):], "\r"); first != want {
		return fmt.Errorf("%w: %q, want %q", ErrBoot, first, want)
	}
	if on {
		return w.ends(path)
	}
	return nil
}

// lay makes a disk of what a cut leaves, and gives its path.
func (w *Workshop) lay(c otatest.Content) (string, error) {
	f, err := os.CreateTemp(w.Dir, "cut")
	if err != nil {
		return "", err
	}
	defer f.Close()
	if err := vm.CopyDisk(w.base, f.Name()); err != nil {
		return f.Name(), err
	}
	return f.Name(), c.WriteChanges(f, &w.start)
}
