package boot

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/exec"
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
	const short = 200 * time.Millisecond
	go func() { ended <- reap(ctx, slog.New(slog.DiscardHandler), short) }()

	// The shell leaves an orphan behind and tells its number; os/exec must still get the shell's exit code.
	for range 3 {
		out, err := exec.Command("sh", "-c", "true & echo $!; exit 7").Output()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != 7 {
			t.Fatalf("own child: got %v, want exit code 7", err)
		}
		awaitGone(t, strings.TrimSpace(string(out)))
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("reap: %v", err)
	}
}

func awaitGone(t *testing.T, pid string) {
	t.Helper()
	n, err := strconv.Atoi(pid)
	if err != nil {
		t.Fatal(err)
	}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	end := time.After(20 * time.Second)
	for unix.Kill(n, 0) == nil {
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("orphan %s is still there", pid)
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
		"PowerOff": PowerOff(), "Reboot": Reboot(),
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
