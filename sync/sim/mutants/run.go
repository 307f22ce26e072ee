package mutants

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Verdict is what the simulator says of one mutant.
type Verdict struct {
	Killed bool
	Oracle string // that failed first, of those that count
	Seed   int    // of the world in which it failed
	Worlds int    // that were run until then, or in all
	Other  string // an oracle that failed but does not count; empty if none did
}

// ErrTime means that the simulator did not come to an end; that kills nothing.
var ErrTime = errors.New("out of time")

var (
	failure = regexp.MustCompile(`^seed=(\d+) mode=\S+ oracle=(\S+)`)
	summary = regexp.MustCompile(`^worlds=(\d+) points=\d+ crashes=\d+ failures=(\d+)`)
)

// args asks for a budget: one world after the other, in order, so that the first that fails is the one of the smallest seed.
func (b Budget) args() []string {
	return []string{"-seeds", strconv.Itoa(b.Seeds), "-single", strconv.Itoa(b.Single), "-double", strconv.Itoa(b.Double),
		"-first", strconv.Itoa(b.From), "-workers", "1", "-bolt", "0"}
}

// Run runs a built simulator until one of the oracles fails or the budget is used up. An error means that
// the simulator itself failed: neither a kill nor a survival.
func Run(ctx context.Context, program string, b Budget, oracles []string, limit time.Duration) (Verdict, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	sim := exec.CommandContext(ctx, program, b.args()...)
	sim.Env = append(os.Environ(), "GOMAXPROCS=1")
	var stderr strings.Builder
	sim.Stderr, sim.WaitDelay = &stderr, time.Second
	out, err := sim.StdoutPipe()
	if err != nil {
		return Verdict{}, err
	}
	if err := sim.Start(); err != nil {
		return Verdict{}, err
	}
	v, complete := judge(out, oracles)
	if v.Killed {
		v.Worlds = v.Seed - b.From + 1
		cancel() // one is enough
	}
	err = sim.Wait()
	switch {
	case v.Killed:
		return v, nil
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return v, fmt.Errorf("%w after %s", ErrTime, limit)
	case ctx.Err() != nil:
		return v, ctx.Err()
	case !complete:
		return v, fmt.Errorf("the simulator ended without a summary: %w: %s", err, lastLine(stderr.String()))
	}
	return v, nil
}

// judge reads the simulator's lines until an oracle that counts fails; complete says that its summary came.
func judge(out io.Reader, oracles []string) (v Verdict, complete bool) {
	for lines := bufio.NewScanner(out); lines.Scan(); {
		line := lines.Text()
		if m := failure.FindStringSubmatch(line); m != nil {
			v.Seed, _ = strconv.Atoi(m[1])
			if slices.Contains(oracles, m[2]) {
				v.Killed, v.Oracle = true, m[2]
				return v, false
			}
			v.Other = m[2]
		}
		if m := summary.FindStringSubmatch(line); m != nil {
			v.Worlds, _ = strconv.Atoi(m[1])
			complete = true
		}
	}
	return v, complete
}

func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return lines[len(lines)-1]
}
