package app_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"syncbox/firmware/internal/local"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// victim is the box as a process of its own. It ends with this one at the latest.
type victim struct {
	cmd   *exec.Cmd
	ended chan struct{} // closed when it is gone
	err   error         // how it ended, after ended
}

// start starts the program on the configuration of the rig.
func (k *killLoop) start() {
	k.t.Helper()
	v := &victim{cmd: exec.Command(k.program, "run", "-config", filepath.Join(k.dir, "syncbox.toml")), ended: make(chan struct{})}
	v.cmd.Stderr = k.log
	v.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	started := make(chan error)
	k.front.deeds.Lock() // no call of it before it is known
	defer k.front.deeds.Unlock()
	k.lives = append(k.lives, k.clock.now())
	k.front.begin(len(k.lives), v)
	go v.run(started)
	must(k.t, <-started)
	k.victim = v
}

// run starts the process and waits for its end on one thread: Pdeathsig speaks of the thread that started it.
func (v *victim) run(started chan<- error) {
	runtime.LockOSThread()
	err := v.cmd.Start()
	started <- err
	if err != nil {
		return
	}
	v.err = v.cmd.Wait()
	close(v.ended)
}

// pull kills the process and does not wait for its end.
func (v *victim) pull() { _ = v.cmd.Process.Signal(syscall.SIGKILL) } // refused only where it is gone already

func (v *victim) kill() {
	v.pull()
	<-v.ended
}

// endsWithin waits for the end of the process, but no longer than d, and says whether it came.
func (v *victim) endsWithin(d time.Duration) bool {
	timer := time.NewTimer(max(0, d))
	defer timer.Stop()
	select {
	case <-v.ended:
		return true
	case <-timer.C:
		return false
	}
}

// killed says whether the process died of SIGKILL.
func (v *victim) killed() bool {
	status, ok := v.cmd.ProcessState.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == syscall.SIGKILL
}

// end ends the box as a shutdown does.
func (k *killLoop) end() {
	k.t.Helper()
	v := k.victim
	must(k.t, v.cmd.Process.Signal(syscall.SIGTERM))
	<-v.ended
	if v.err != nil {
		k.fatal("end of the box: %v", v.err)
	}
	k.victim = nil
}

// checkState has the product's own check look at a copy of what the box left.
func (k *killLoop) checkState() {
	k.t.Helper()
	from, err := os.Open(filepath.Join(k.data(), "exemple", "state.db"))
	if errors.Is(err, os.ErrNotExist) {
		return // it had no time to make one
	}
	must(k.t, err)
	defer from.Close()
	path := filepath.Join(k.t.TempDir(), "state.db")
	to, err := os.Create(path)
	must(k.t, err)
	_, err = io.Copy(to, from)
	must(k.t, errors.Join(err, to.Close()))
	kv, err := store.OpenBolt(path)
	must(k.t, err)
	defer kv.Close()
	state, err := store.Open(kv, "syncbox-test", "exemple", 0)
	if err == nil {
		err = state.Check()
	}
	if err != nil {
		k.fatal("what the box left: %v", err)
	}
}

// readJournal reads on in the journal as people are shown it.
func (k *killLoop) readJournal() {
	k.t.Helper()
	for {
		next := uint64(len(k.seen)) + 1
		more, err := k.client.Journal(k.t.Context(), "", next, 1000)
		must(k.t, err)
		if len(more) == 0 {
			return
		}
		k.seen = append(k.seen, more...)
	}
}

// waiting gives what waits, nil while nobody answers.
func (k *killLoop) waiting() []store.Waiting {
	all, _ := k.client.Waiting(k.t.Context(), "")
	return all
}

// trouble tells how the box stands, as people are told.
func (k *killLoop) trouble() string {
	var b strings.Builder
	st := k.status()
	fmt.Fprintf(&b, "status: %s %s, to CRM %s %s, to ERP %s %s\n", st.Service, st.Phase, st.Ways[0].Outcome, st.Ways[0].Code, st.Ways[1].Outcome, st.Ways[1].Code)
	for _, w := range k.waiting() {
		fmt.Fprintf(&b, "waits: %s %s erp=%s crm=%s %s %v tries=%d\n", w.Name(), w.Entity, w.ERP, w.CRM, w.Code, w.Args, w.Tries)
	}
	last, _ := k.client.Journal(context.Background(), "", 0, 25)
	for _, e := range last {
		fmt.Fprintf(&b, "journal %d: %s %s %s %s erp=%s crm=%s %v\n", e.Seq, e.Severity, e.Code, e.Direction, e.Entity, e.ERP, e.CRM, e.Args)
	}
	return b.String()
}

// distant is the job of another process, asked over the local socket.
type distant struct{ client *local.Client }

var _ running = distant{}

// Engine is nobody else's.
func (distant) Engine() (*engine.Engine, *store.State, error) {
	return nil, nil, errors.New("in another process")
}

func (d distant) Status() (engine.Status, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	all, err := d.client.Status(ctx)
	if err != nil || len(all) != 1 {
		return engine.Status{}, errors.Join(err, errors.New("no status"))
	}
	return all[0].Status, nil
}

func (d distant) Do(ctx context.Context, verb engine.Verb, name string) error {
	return d.client.Do(ctx, "", verb, name)
}
