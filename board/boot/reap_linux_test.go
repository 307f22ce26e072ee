package boot

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestReap makes this process the one that orphans are handed to, as process 1 is.
func TestReap(t *testing.T) {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		t.Fatal(err)
	}
	defer unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	const short = time.Second
	go func() { ended <- reap(ctx, slog.New(slog.DiscardHandler), short) }()

	// The shell leaves an orphan behind and tells its number; os/exec must still get the shell's exit code.
	out, err := exec.Command("sh", "-c", "true & echo $!; exit 7").Output()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 7 {
		t.Fatalf("own child: got %v, want exit code 7", err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(out)))
	if err != nil {
		t.Fatal(err)
	}
	await(t, "orphan gone", func() bool { return unix.Kill(pid, 0) != nil })
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("reap: %v", err)
	}
}

// TestLook looks twice at a dead child: only the second look may take its exit code.
func TestLook(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	for looks := 1; looks <= 2; looks++ {
		c := exec.Command("true")
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		await(t, "child dead", func() bool {
			dead, err := zombies()
			return err == nil && len(dead) > 0
		})
		seen := look(log, nil)
		if len(seen) != 1 {
			t.Errorf("first look: %v, want one dead child", seen)
		}
		if looks == 2 {
			if left := look(log, seen); len(left) != 0 {
				t.Errorf("second look leaves %v", left)
			}
		}
		if err := c.Wait(); (err == nil) != (looks == 1) {
			t.Errorf("after %d looks: os/exec got %v", looks, err)
		}
	}
}

// await waits until ok.
func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	end := time.After(30 * time.Second)
	for !ok() {
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("%s: not after 30 s", what)
		}
	}
}

func TestDeadChild(t *testing.T) {
	tail := strings.Repeat(" 0", 17) + " 4242 0 0"
	tests := []struct {
		name, stat string
		want       uint64
		ok         bool
	}{
		{"dead child", "17 (sh) Z 1" + tail, 4242, true},
		{"running child", "17 (sh) S 1" + tail, 0, false},
		{"another's child", "17 (sh) Z 12" + tail, 0, false},
		{"name like the rest", "17 (a) Z 1 (b)) S 1" + tail, 0, false},
		{"cut short", "17 (sh) Z 1", 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, ok := deadChild(tt.stat, 1); got != tt.want || ok != tt.ok {
				t.Errorf("got %d, %t, want %d, %t", got, ok, tt.want, tt.ok)
			}
		})
	}
}

// TestNotInit guards the machine of whoever runs the program outside of the box.
func TestNotInit(t *testing.T) {
	if os.Getpid() == 1 {
		t.Skip("this is process 1")
	}
	log := slog.New(slog.DiscardHandler)
	ran := false
	for name, err := range map[string]error{
		"powerOff": powerOff(), "reboot": reboot(),
		"Run": Run(log, func(context.Context) error { ran = true; return nil }),
	} {
		if !errors.Is(err, ErrNotInit) {
			t.Errorf("%s: got %v, want ErrNotInit", name, err)
		}
	}
	if ran || IsInit() {
		t.Errorf("ran %t, IsInit %t, want false", ran, IsInit())
	}
}

func TestProtect(t *testing.T) {
	err := protect(t.Context(), func(context.Context) error { panic("our mistake") })
	if err == nil || !strings.HasPrefix(err.Error(), "panic: our mistake") {
		t.Errorf("got %v, want the panic as an error", err)
	}
}

func TestEndBySignal(t *testing.T) {
	for s, want := range map[unix.Signal]error{unix.SIGINT: ErrReboot, unix.SIGTERM: context.Canceled} {
		safe := make(chan os.Signal, 1) // the signal may come before it is waited for
		signal.Notify(safe, s)
		ctx, end := context.WithCancelCause(t.Context())
		go endBySignal(end)
		tick := time.NewTicker(10 * time.Millisecond)
		for ctx.Err() == nil {
			if err := unix.Kill(os.Getpid(), s); err != nil {
				t.Fatal(err)
			}
			<-tick.C
		}
		tick.Stop()
		if got := context.Cause(ctx); !errors.Is(got, want) {
			t.Errorf("%v: got %v, want %v", s, got, want)
		}
		signal.Stop(safe)
	}
}
