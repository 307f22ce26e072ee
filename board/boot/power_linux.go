package boot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"time"

	"golang.org/x/sys/unix"
)

// powerOff writes everything to the disks and switches the machine off. It returns only an error,
// and only where this process is not process 1.
func powerOff() error { return end(unix.LINUX_REBOOT_CMD_POWER_OFF) }

// reboot writes everything to the disks and starts the machine again; else like powerOff.
func reboot() error { return end(unix.LINUX_REBOOT_CMD_RESTART) }

func end(how int) error {
	if !IsInit() {
		return ErrNotInit
	}
	unix.Sync()
	release(DataDir)
	for {
		// The kernel refuses only what it does not know; process 1 has nowhere to return to.
		_ = unix.Reboot(how)
		time.Sleep(time.Second)
		how = unix.LINUX_REBOOT_CMD_RESTART
	}
}

// Run is the life of process 1. It runs part and never returns: after a nil error the machine is
// switched off, after any other, ErrReboot among them, or a panic of part, it starts again.
// SIGTERM and SIGINT (Ctrl-Alt-Del on a console) end part's ctx; SIGINT then starts again. Orphans
// are reaped meanwhile. Where this process is not process 1, it returns ErrNotInit at once.
func Run(log *slog.Logger, part func(ctx context.Context) error) error {
	if !IsInit() {
		return ErrNotInit
	}
	_ = unix.Reboot(unix.LINUX_REBOOT_CMD_CAD_OFF) // Ctrl-Alt-Del becomes SIGINT; without a keyboard it is nothing
	ctx, cancel := context.WithCancelCause(context.Background())
	go endBySignal(cancel)
	go reap(ctx, log, grace)
	err := protect(ctx, part)
	if err == nil && errors.Is(context.Cause(ctx), ErrReboot) {
		err = ErrReboot
	}
	switch {
	case err == nil:
		log.Info("switching off")
		return powerOff()
	case errors.Is(err, ErrReboot):
		log.Info("starting again")
	default:
		log.Error("stopped, starting again", "err", err)
	}
	return reboot()
}

// endBySignal ends a context at SIGTERM, or at SIGINT with ErrReboot as the cause.
func endBySignal(cancel context.CancelCauseFunc) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, unix.SIGTERM, unix.SIGINT)
	if s := <-signals; s == unix.SIGINT {
		cancel(ErrReboot)
	}
	cancel(nil) // no effect after the other
}

// protect runs part and makes its panic an error.
func protect(ctx context.Context, part func(ctx context.Context) error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	return part(ctx)
}
