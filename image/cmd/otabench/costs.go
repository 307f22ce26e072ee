package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// unzstd gives the processor time that zstd takes to decompress an image.
func unzstd(ctx context.Context, image string) (seconds float64, err error) {
	packed := image + ".zst"
	if _, err := os.Stat(packed); err != nil {
		if _, err := output(exec.CommandContext(ctx, "zstd", "-q", "-f", "-9", image, "-o", packed)); err != nil {
			return 0, err
		}
	}
	c := exec.CommandContext(ctx, "zstd", "-q", "-d", "-c", packed)
	if _, err := output(c); err != nil {
		return 0, err
	}
	return (c.ProcessState.UserTime() + c.ProcessState.SystemTime()).Seconds(), nil
}

func equal(made, want string) error {
	a, err := os.ReadFile(made)
	if err != nil {
		return err
	}
	b, err := os.ReadFile(want)
	if err == nil && !bytes.Equal(a, b) {
		err = errors.New("it makes another image")
	}
	return err
}

// itself runs this program once more, and reads the figures that it prints.
func itself(ctx context.Context, args []string, figures ...any) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	out, err := output(exec.CommandContext(ctx, self, args...))
	if err != nil {
		return err
	}
	if _, err := fmt.Sscan(string(out), figures...); err != nil {
		return fmt.Errorf("%s %q: it says %q: %w", self, args, out, err)
	}
	return nil
}

// compare tells what it took to make an image of what came, in processor time and memory, beside what zstd takes for it.
func compare(ctx context.Context, name, image string, seconds float64, rss int64) {
	figure(name+"_apply_rss_bytes", rss, "B")
	base, err := unzstd(ctx, image)
	if err != nil {
		fmt.Fprintln(os.Stderr, "otabench: no time to compare with:", err)
		return
	}
	figure(name+"_apply_time", fmt.Sprintf("%.2f", seconds/base), "x of zstd -d")
}

// command is the small process that runs a command, and prints its processor time in seconds and the most memory that it had, in bytes: at least
// what this process has, for the kernel counts that in, which is why it is none that has worked.
func command(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errors.New("want a command")
	}
	c := exec.CommandContext(ctx, args[0], args[1:]...)
	if _, err := output(c); err != nil {
		return err
	}
	use, ok := c.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return errors.New("no account of its resources")
	}
	fmt.Println((c.ProcessState.UserTime() + c.ProcessState.SystemTime()).Seconds(), int64(use.Maxrss)<<10)
	return nil
}

// mostMemory gives the most memory that this process had at a time, in bytes. That of getrusage counts what its parent
// had as well.
func mostMemory() (int64, error) {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(b)) {
		if kib, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			n, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(kib), "kB")), 10, 64)
			return n << 10, err
		}
	}
	return 0, errors.New("/proc/self/status has no VmHWM")
}
