// Package brokertest runs real brokers on loopback for tests, by the very files of testdata/brokers that an operator
// puts on his server: only paths, ports and the user are changed. Certificates are made for the test and thrown away.
// Each broker is a process of its own, started by its program and ended by its id.
package brokertest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// ErrMissing is that this machine has no such broker.
var ErrMissing = errors.New("broker is not installed")

// TB is what Need asks of a test: a testing.TB has it.
type TB interface {
	Helper()
	Skip(...any)
	Fatal(...any)
}

// Need ends a test whose broker did not start: where it is missing the test is skipped, but on CI, where that is a failure as well.
func Need(t TB, err error) {
	t.Helper()
	if errors.Is(err, ErrMissing) && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// process is a program that listens, and can be started again.
type process struct {
	Addr string // where it listens for MQTT over TLS

	program []string
	log     string // file
	running *exec.Cmd
	ended   chan struct{} // closed when it has
	used    time.Duration
}

// Pid is the id of the running process, 0 where none runs.
func (p *process) Pid() int {
	if p.running == nil {
		return 0
	}
	return p.running.Process.Pid
}

// Start starts it and waits until it listens.
func (p *process) Start(ctx context.Context) error {
	if err := p.launch(); err != nil {
		return err
	}
	if err := p.listening(ctx); err != nil {
		return errors.Join(err, p.Kill(), errors.New(p.Log()))
	}
	return nil
}

func (p *process) launch() error {
	out, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer out.Close()
	cmd := exec.Command(p.program[0], p.program[1:]...)
	cmd.Stdout, cmd.Stderr, cmd.Dir = out, out, filepath.Dir(p.log)
	if err := cmd.Start(); err != nil {
		return err
	}
	p.running, p.ended = cmd, make(chan struct{})
	go func(ended chan struct{}) {
		cmd.Wait() // how it ended is in its log
		close(ended)
	}(p.ended)
	return nil
}

// listening waits until somebody takes connections.
func (p *process) listening(ctx context.Context) error {
	retry := time.NewTicker(20 * time.Millisecond)
	defer retry.Stop()
	for {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", p.Addr)
		if err == nil {
			return conn.Close()
		}
		select {
		case <-retry.C:
		case <-p.ended:
			return fmt.Errorf("start %s: ended at once", p.program[0])
		case <-ctx.Done():
			return fmt.Errorf("start %s: does not listen at %s: %w", p.program[0], p.Addr, ctx.Err())
		}
	}
}

// Stop ends it in good order and waits until it is gone; it may be called twice.
func (p *process) Stop() error { return p.end(syscall.SIGTERM) }

// Kill ends it as a power cut would.
func (p *process) Kill() error { return p.end(syscall.SIGKILL) }

// Freeze has it do nothing more, with its connections held, until it is killed.
func (p *process) Freeze() error { return p.running.Process.Signal(syscall.SIGSTOP) }

func (p *process) end(signal syscall.Signal) error {
	if p.running == nil {
		return nil
	}
	err := p.running.Process.Signal(signal)
	if errors.Is(err, os.ErrProcessDone) {
		err = nil
	}
	if err != nil {
		return err
	}
	<-p.ended
	p.used = p.running.ProcessState.UserTime() + p.running.ProcessState.SystemTime()
	p.running = nil
	return nil
}

// Used is the processor time that it took between its last start and its end.
func (p *process) Used() time.Duration { return p.used }

// Memory is the most that the running process has had so far, in KiB, as the kernel tells it (VmHWM in proc(5)).
func (p *process) Memory() (kib int, err error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.Pid()))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(status), "\nVmHWM:")
	_, err = fmt.Sscan(rest, &kib)
	return kib, err
}

// Log gives what it has said.
func (p *process) Log() string {
	text, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

func loopback(port int) string { return fmt.Sprint("127.0.0.1:", port) }

// freePorts gives ports of loopback that nobody listens at.
func freePorts(n int) ([]int, error) {
	ports := make([]int, n)
	for i := range ports {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer l.Close()
		ports[i] = l.Addr().(*net.TCPAddr).Port
	}
	return ports, nil
}
