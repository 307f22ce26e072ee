package survey

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// self gives this program: the very one that runs, also where its file was replaced meanwhile. os.Executable asks when a
// program begins, and /proc is not there when process 1 does.
func self() (string, error) { return "/proc/self/exe", nil }

// group gives a command a process group of its own, which ends as a whole.
func group(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return kill(cmd) }
}

func kill(cmd *exec.Cmd) error { return unix.Kill(-cmd.Process.Pid, unix.SIGKILL) }

// bind bounds what a process may allocate, in bytes, and has the kernel take it first when memory runs out. The bound
// is on what it may write to (RLIMIT_DATA): Go reserves address space as it likes.
func bind(pid int, most int64) error {
	limit := unix.Rlimit{Cur: uint64(most), Max: uint64(most)}
	if err := unix.Prlimit(pid, unix.RLIMIT_DATA, &limit, nil); err != nil {
		return err
	}
	return os.WriteFile(fmt.Sprintf("/proc/%d/oom_score_adj", pid), []byte("1000"), 0)
}
