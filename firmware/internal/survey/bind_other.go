//go:build !linux

package survey

import (
	"os"
	"os/exec"
)

func self() (string, error) { return os.Executable() }

func group(*exec.Cmd) {}

func kill(cmd *exec.Cmd) error { return cmd.Process.Kill() }

// bind does nothing: this system can't bound another process.
func bind(int, int64) error { return nil }
