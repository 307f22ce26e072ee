package app_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"syncbox/connectors"
	"syncbox/connectors/acomba/acombatest"
	"syncbox/firmware/internal/app"
	"syncbox/sync/engine"
)

// insideDisk tells the run that has a mount name space of its own.
const insideDisk = "APP_TEST_SMALL_DISK"

// ownMounts has a test run once more in a process that may mount what nobody else sees; true in that one.
func ownMounts(t *testing.T) bool {
	t.Helper()
	if os.Getenv(insideDisk) != "" {
		must(t, unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""))
		return true
	}
	c := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v", "-test.timeout=180s")
	c.Env = append(os.Environ(), insideDisk+"=1")
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
	return false
}

// onSmallDisk makes a rig whose data folder is a small disk of its own.
func onSmallDisk(t *testing.T, set setup, size string) *rig {
	t.Helper()
	set.unstarted = true
	r := newRig(t, set)
	must(t, os.MkdirAll(r.data(), 0o700))
	must(t, unix.Mount("tmpfs", r.data(), "tmpfs", 0, "size="+size))
	t.Cleanup(func() { r.halt(); must(t, unix.Unmount(r.data(), unix.MNT_DETACH)) })
	r.start()
	r.settled("first sync")
	return r
}

// fill leaves so many pages of the data folder's disk.
func (r *rig) fill(leave int) (remove func()) {
	r.t.Helper()
	path := filepath.Join(r.data(), "ballast")
	var st unix.Statfs_t
	must(r.t, unix.Statfs(r.data(), &st))
	must(r.t, os.WriteFile(path, make([]byte, max(0, (int(st.Bfree)-leave)*int(st.Bsize))), 0o600))
	return func() { must(r.t, os.Remove(path)) }
}

// down waits until the job says why it does not run.
func (r *rig) down(code string) {
	r.t.Helper()
	r.until("the job does not run: "+code, func() bool {
		_, _, err := r.job.Engine()
		return errors.Is(err, app.ErrNotRunning) && connectors.CodeOf(err) == code
	})
}

// TestDataPartitionFull runs out of room at different moments of a sync. The box says so; once there is room, it
// goes on by itself, and nothing was created twice.
func TestDataPartitionFull(t *testing.T) {
	if !ownMounts(t) {
		return
	}
	r := onSmallDisk(t, setup{}, "3m")
	for _, leave := range []int{0, 2, 4} {
		r.up()
		for range 12 {
			_, err := r.erp.AddCustomer(acombatest.Customer{Name: "Ébénisterie Lapointe", City: "Alma", Language: 12, Country: "CA"})
			must(t, err)
		}
		room := r.fill(leave)
		r.do(engine.Force, "")
		r.down("data-full")
		if got := r.status().Service; got != "" {
			t.Errorf("a job that does not run has the status %s", got)
		}
		room()
		r.until("it goes on by itself", func() bool { _, _, err := r.job.Engine(); return err == nil })
		r.settled("with room again")
		r.halt() // so that the pauses between tries are short again
		r.start()
	}
	r.up()
	r.still()
}

// TestDataPartitionReadOnly starts a box whose storage can no longer be written. It says so, and goes on once it
// can.
func TestDataPartitionReadOnly(t *testing.T) {
	if !ownMounts(t) {
		return
	}
	r := onSmallDisk(t, setup{}, "3m")
	r.halt()
	must(t, unix.Mount("", r.data(), "", unix.MS_REMOUNT|unix.MS_RDONLY, ""))
	since := r.crm.Mark()
	r.start()
	r.refused("data-readonly")
	if got := r.crm.Mark(); got != since {
		t.Errorf("the CRM was called %d times", got-since)
	}
	must(t, unix.Mount("", r.data(), "", unix.MS_REMOUNT, ""))
	r.until("it goes on by itself", func() bool { _, _, err := r.job.Engine(); return err == nil })
	r.arrives(r.customer(0).CardPos, "Amqui")
	r.settled("with room again")
	r.still()
}
