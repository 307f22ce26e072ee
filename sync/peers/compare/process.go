package compare

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// process is a program under test.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when it ended
	err  error         // how; after done
}

func start(cmd *exec.Cmd) (*process, error) {
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{cmd: cmd, done: make(chan struct{})}
	go func() {
		p.err = cmd.Wait()
		close(p.done)
	}()
	return p, nil
}

// kill ends it without a warning, and waits until it is gone.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended by itself
	<-p.done
}

// ended gives why it ended by itself; nil while it runs.
func (p *process) ended() error {
	select {
	case <-p.done:
		return fmt.Errorf("it ended by itself: %v", p.err)
	default:
		return nil
	}
}

// tick is the unit of processor times in /proc (USER_HZ is 100 on every Linux).
const tick = 10 * time.Millisecond

// cpu gives the processor time that it has used, all threads together, in whole ticks.
func (p *process) cpu() (time.Duration, error) {
	stat, err := os.ReadFile(p.proc("stat"))
	if err != nil {
		return 0, err
	}
	return cpuOf(string(stat))
}

// cpuOf reads fields 14 and 15 of /proc/PID/stat (proc_pid_stat(5)); the second is a name that may hold anything.
func cpuOf(stat string) (time.Duration, error) {
	fields := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	if len(fields) < 13 {
		return 0, fmt.Errorf("stat of %d fields", len(fields)+2)
	}
	user, err := strconv.ParseInt(fields[11], 10, 64)
	if err != nil {
		return 0, err
	}
	system, err := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * tick, err
}

// forgetPeak lets peakMemory begin anew (proc_pid_clear_refs(5)).
func (p *process) forgetPeak() error { return os.WriteFile(p.proc("clear_refs"), []byte("5"), 0) }

// Lines of /proc/PID/status (proc_pid_status(5)).
const (
	peakMemory = "VmHWM:"   // the most that was resident
	ownMemory  = "RssAnon:" // what is resident now and belongs to no file
)

// memory gives a line of the status in MiB.
func (p *process) memory(name string) (float64, error) {
	status, err := os.ReadFile(p.proc("status"))
	if err != nil {
		return 0, err
	}
	return mib(string(status), name)
}

// mib reads a line in kB.
func mib(status, name string) (float64, error) {
	_, rest, found := strings.Cut(status, "\n"+name)
	kib, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	n, err := strconv.Atoi(kib)
	if !found || err != nil {
		return 0, fmt.Errorf("status without %s", name)
	}
	return float64(n) / 1024, nil
}

func (p *process) proc(name string) string {
	return fmt.Sprintf("/proc/%d/%s", p.cmd.Process.Pid, name)
}
