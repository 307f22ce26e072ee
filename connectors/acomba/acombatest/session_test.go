package acombatest_test

import (
	"os/exec"
	"syscall"
)

// ownSession makes a server and its children one process group, so that all can be ended.
func ownSession() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }

// endSession ends the group that cmd leads, and waits.
func endSession(cmd *exec.Cmd) {
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
	_ = cmd.Wait()
}
