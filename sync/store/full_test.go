package store

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// onSmallDisk has a test of a name run once more, on a disk of its own: dir is a small file system that only that
// process sees. It says whether this is the run that does the work.
func onSmallDisk(t *testing.T, size string) (dir string, here bool) {
	t.Helper()
	const inside = "STORE_TEST_SMALL_DISK"
	if dir := os.Getenv(inside); dir != "" {
		must(t, unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""))
		must(t, unix.Mount("tmpfs", dir, "tmpfs", 0, "size="+size))
		return dir, true
	}
	c := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v", "-test.timeout=120s")
	c.Env = append(os.Environ(), inside+"="+t.TempDir())
	c.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL}
	if os.Getuid() != 0 { // only a user name space of their own lets others mount
		c.SysProcAttr.Cloneflags |= unix.CLONE_NEWUSER
		c.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}
		c.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
	}
	out, err := c.CombinedOutput()
	if errors.Is(err, unix.EPERM) && os.Getenv("CI") == "" {
		t.Skip("no mount name space may be made here")
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return "", false
}

// ballast fills the disk but for so many pages; 0 pages make it full.
func ballast(t *testing.T, dir string, leave int) (remove func()) {
	t.Helper()
	path := filepath.Join(dir, "ballast")
	var st unix.Statfs_t
	must(t, unix.Statfs(dir, &st))
	must(t, os.WriteFile(path, make([]byte, max(0, (int(st.Bfree)-leave)*int(st.Bsize))), 0o600))
	return func() { must(t, os.Remove(path)) }
}

// TestFullDisk runs out of room at every page of a transaction. Whatever was committed stays, the database is
// whole, and it goes on by itself once there is room.
func TestFullDisk(t *testing.T) {
	disk, here := onSmallDisk(t, "2m")
	if !here {
		return
	}
	dir := filepath.Join(disk, "job")
	refused := 0
	for leave := range 24 {
		must(t, os.RemoveAll(dir))
		f := jobFiles(t, dir, 7*seedStep)
		put(t, f.State, 1, 20)
		want := contentOf(t, f.State.kv)
		remove := ballast(t, disk, leave)
		err := f.State.Update(func(tx *Txn) error { tx.SetMark(0, "long", make([]byte, 40000)); return nil })
		if err != nil {
			refused++
			if Code(err) != "data-full" || !same(want, contentOf(t, f.State.kv)) {
				t.Fatalf("%d pages left: got %v, code %q, or a change without a commit", leave, err, Code(err))
			}
		}
		remove()
		put(t, f.State, 21, 22)
		must(t, f.State.Check())
		want = contentOf(t, f.State.kv)
		must(t, f.Close())
		f = jobFiles(t, dir, 8*seedStep)
		if f.Rescue != nil || !same(want, contentOf(t, f.State.kv)) {
			t.Fatalf("%d pages left: opened again: %+v", leave, f.Rescue)
		}
		must(t, f.Close())
	}
	if refused < 10 {
		t.Errorf("the disk was full only %d times", refused)
	}
}

// TestFullDiskAtOpening finds no room where something has to be made: files, a copy, or what takes the place of
// a damaged truth. Nothing is lost by that, and the same comes out as with room once there is some.
func TestFullDiskAtOpening(t *testing.T) {
	disk, here := onSmallDisk(t, "2m")
	if !here {
		return
	}
	dir := filepath.Join(disk, "job")
	open := func() (*Files, string) {
		f, err := OpenJob(dir, "box", "job", 9*seedStep, at(0))
		return f, Code(err)
	}
	room := ballast(t, disk, 0)
	if _, code := open(); code != "data-full" {
		t.Errorf("new files: code %q", code)
	}
	room()
	worked(t, dir)

	room = ballast(t, disk, 0)
	if f, code := open(); f == nil || f.Rescue != nil || f.CacheLost != nil {
		t.Errorf("what is there opens without room: code %q", code)
	} else {
		if err := f.Copy(); Code(err) != "data-full" {
			t.Errorf("a copy: %v", err)
		}
		must(t, f.Close())
	}
	room()

	path := filepath.Join(dir, stateName)
	must(t, spoilKey(path))
	damaged, err := os.ReadFile(path)
	must(t, err)
	for leave := range 6 {
		room = ballast(t, disk, leave)
		if f, code := open(); f == nil && code != "data-full" {
			t.Errorf("a rescue with %d pages: code %q", leave, code)
		} else if f != nil {
			t.Errorf("a rescue with %d pages went well", leave)
			must(t, f.Close())
		}
		room()
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != string(damaged) {
		t.Errorf("the damaged truth: %v", err)
	}
	f, code := open()
	if f == nil || f.Rescue == nil || f.Rescue.Code != FromCopy || countLinks(t, f.State) != 20 {
		t.Fatalf("with room: code %q, %+v", code, f)
	}
	must(t, f.Close())
}

// TestReadOnlyDisk opens files on a disk that was made read-only, as the kernel does with a failing one.
func TestReadOnlyDisk(t *testing.T) {
	disk, here := onSmallDisk(t, "2m")
	if !here {
		return
	}
	dir := filepath.Join(disk, "job")
	worked(t, dir)
	for _, missing := range []string{"", cacheName, stateName} {
		if missing != "" {
			must(t, os.Rename(filepath.Join(dir, missing), filepath.Join(disk, missing)))
		}
		must(t, unix.Mount("", disk, "", unix.MS_REMOUNT|unix.MS_RDONLY, ""))
		if _, err := OpenJob(dir, "box", "job", 9*seedStep, at(0)); Code(err) != "data-readonly" {
			t.Errorf("without %q: got %v, code %q", missing, err, Code(err))
		}
		must(t, unix.Mount("", disk, "", unix.MS_REMOUNT, ""))
		if missing != "" {
			must(t, os.Rename(filepath.Join(disk, missing), filepath.Join(dir, missing)))
		}
	}
	f := jobFiles(t, dir, 9*seedStep)
	if f.Rescue != nil || f.CacheLost != nil || countLinks(t, f.State) != 30 {
		t.Errorf("got %+v, %v", f.Rescue, f.CacheLost)
	}
	must(t, f.Close())
}
