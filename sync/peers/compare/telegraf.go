package compare

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// interval between the looks of Telegraf, as in its configuration.
const interval = 15 * time.Second

// telegraf is Telegraf with the file input, the dedup processor and the HTTP output. It looks by itself, whenever the
// time of day is a multiple of the interval.
type telegraf struct {
	p      *process
	binary string
}

func (e *telegraf) name() string        { return "telegraf" }
func (e *telegraf) running() *process   { return e.p }
func (e *telegraf) rest() time.Duration { return interval + 10*time.Second }
func (e *telegraf) survives() bool      { return false }
func (e *telegraf) repeat() int         { return 1 }
func (e *telegraf) holdAt() int         { return 1 }

func (e *telegraf) missing() string {
	if _, err := os.Stat(e.binary); err != nil {
		return e.binary + " is not there"
	}
	return ""
}

func (e *telegraf) start(_ context.Context, a *arena) error {
	b, err := configs.ReadFile("telegraf/telegraf.conf")
	if err != nil {
		return err
	}
	conf := filepath.Join(a.dir, "telegraf.conf")
	if err := os.WriteFile(conf, b, 0o600); err != nil {
		return err
	}
	binary, err := filepath.Abs(e.binary)
	if err != nil {
		return err
	}
	cmd := exec.Command(binary, "--quiet", "--config", conf)
	cmd.Dir, cmd.Stdout, cmd.Stderr = a.dir, os.Stderr, os.Stderr
	cmd.Env = append(os.Environ(), "CSV_FILE="+a.file, "SINK_URL="+a.url, "STATE_FILE="+filepath.Join(a.dir, "telegraf.state"))
	e.p, err = start(cmd)
	return err
}

// look waits for the next one.
func (e *telegraf) look(ctx context.Context) (time.Time, error) {
	next := time.Now().Truncate(interval).Add(interval)
	return next, sleep(ctx, time.Until(next))
}

// calm waits until a look is over, if the next one is near.
func (e *telegraf) calm(ctx context.Context) error {
	if next := time.Now().Truncate(interval).Add(interval); time.Until(next) < 5*time.Second {
		return sleep(ctx, time.Until(next)+8*time.Second)
	}
	return nil
}

func (e *telegraf) looks(_ int, from, to time.Time) int {
	return max(1, int(to.Truncate(interval).Sub(from.Truncate(interval))/interval))
}
