package boot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// grace is how long a dead child may wait for the package that started it (os/exec) to fetch its
// exit code. What nobody fetched by then was an orphan handed to process 1.
const grace = 10 * time.Second

// reap is a part that clears dead orphans away, and leaves the children that this program waits for
// itself alone. Returns nil when ctx ends.
func reap(ctx context.Context, log *slog.Logger, grace time.Duration) error {
	died := make(chan os.Signal, 1)
	signal.Notify(died, unix.SIGCHLD)
	defer signal.Stop(died)
	seen := look(log, nil) // for those that died before
	for {
		wake := (<-chan os.Signal)(died)
		var again <-chan time.Time
		if len(seen) > 0 { // who dies now is found at the next look
			wake, again = nil, time.After(grace)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-wake:
		case <-again:
		}
		seen = look(log, seen)
	}
}

// zombie is a dead child, told from a later one of the same number by its start (clock ticks).
type zombie struct {
	pid   int
	start uint64
}

// look gives the dead children there are, after those that were dead at the last look are gone.
func look(log *slog.Logger, last map[zombie]bool) map[zombie]bool {
	dead, err := zombies()
	if err != nil {
		log.Warn("dead children not listed", "err", err)
		return nil
	}
	now := map[zombie]bool{}
	for _, z := range dead {
		if !last[z] {
			now[z] = true
			continue
		}
		if _, err := unix.Wait4(z.pid, nil, unix.WNOHANG, nil); err != nil && !errors.Is(err, unix.ECHILD) {
			log.Warn("dead orphan not reaped", "pid", z.pid, "err", err)
		}
	}
	return now
}

// zombies lists this process's dead children from /proc.
func zombies() ([]zombie, error) {
	dir, err := os.Open("/proc")
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return nil, fmt.Errorf("list processes: %w", err)
	}
	var out []zombie
	for _, n := range names {
		pid, err := strconv.Atoi(n)
		if err != nil {
			continue
		}
		stat, err := os.ReadFile("/proc/" + n + "/stat")
		if err != nil {
			continue // gone meanwhile
		}
		if start, ok := deadChild(string(stat), os.Getpid()); ok {
			out = append(out, zombie{pid, start})
		}
	}
	return out, nil
}

// deadChild reads a /proc/PID/stat line (proc(5)); the name in it may hold spaces and parentheses.
func deadChild(stat string, parent int) (start uint64, ok bool) {
	f := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	if len(f) < 20 || f[0] != "Z" || f[1] != strconv.Itoa(parent) {
		return 0, false
	}
	start, err := strconv.ParseUint(f[19], 10, 64)
	return start, err == nil
}
