package panel_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"syncbox/board/boardtest"
	"syncbox/firmware/internal/health"
	"syncbox/firmware/internal/panel"
)

// rig is a panel in a bubble, with everything around it.
type rig struct {
	t      *testing.T
	panel  *panel.Panel
	light  *boardtest.Light
	button *boardtest.Button
	log    bytes.Buffer
	begin  time.Time
	stop   context.CancelFunc
	ended  chan error

	mu     sync.Mutex // protects what follows
	lights []health.Light
	done   []string            // actions and events, in their order
	hang   map[string]bool     // actions that end with their ctx only, events that wait for a minute
	fail   map[string]error    // actions that fail
	config func(*panel.Config) // last change before the panel is made
}

// inBubble runs a test with a panel that was just started, and ends it afterwards.
func inBubble(t *testing.T, test func(*rig), changes ...func(*rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := &rig{t: t, light: boardtest.NewLight(time.Now), button: boardtest.NewButton(), ended: make(chan error, 1),
			hang: map[string]bool{}, fail: map[string]error{}, config: func(*panel.Config) {}}
		for _, change := range changes {
			change(r)
		}
		conf := panel.Config{Light: r.light.Light, Button: r.button, Source: r, Actions: r, Journal: r, Log: slog.New(slog.NewTextHandler(&r.log, nil))}
		r.config(&conf)
		r.panel = panel.New(conf)
		ctx, stop := context.WithCancel(t.Context())
		r.stop, r.begin = stop, time.Now()
		go func() { r.ended <- r.panel.Run(ctx) }()
		synctest.Wait()
		test(r)
		r.end()
	})
}

func (r *rig) end() {
	r.t.Helper()
	r.stop()
	if err := <-r.ended; err != nil {
		r.t.Errorf("Run: %v", err)
	}
	r.ended <- nil // it may be ended twice
}

// pass lets time go by.
func (r *rig) pass(d time.Duration) { time.Sleep(d); synctest.Wait() }

// show has other lights hold.
func (r *rig) show(all ...health.Light) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lights = all
}

// Lights makes the rig a source.
func (r *rig) Lights() []health.Light {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.lights)
}

// hold presses the button for some time.
func (r *rig) hold(d time.Duration) {
	r.button.Press()
	r.pass(d)
	r.button.Release()
	r.pass(100 * time.Millisecond)
}

// note keeps what happened.
func (r *rig) note(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done = append(r.done, fmt.Sprintf(format, args...))
}

// happened gives what happened, and forgets it.
func (r *rig) happened() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := strings.Join(r.done, ", ")
	r.done = nil
	return all
}

// Event makes the rig a journal.
func (r *rig) Event(code string, args map[string]string) {
	for _, key := range []string{"action", "by", "cause"} {
		if args[key] != "" {
			code += " " + args[key]
		}
	}
	r.note("%s", code)
	r.mu.Lock()
	hang := r.hang[code]
	r.mu.Unlock()
	if hang {
		time.Sleep(time.Minute)
	}
}

func (r *rig) act(ctx context.Context, name string) error {
	r.note("%s", strings.ToUpper(name))
	r.mu.Lock()
	hang, err := r.hang[name], r.fail[name]
	r.mu.Unlock()
	if hang {
		<-ctx.Done()
		return ctx.Err()
	}
	return err
}

// The rig's actions.
func (r *rig) Replay(ctx context.Context) error       { return r.act(ctx, "replay") }
func (r *rig) SyncNow(ctx context.Context) error      { return r.act(ctx, "sync") }
func (r *rig) Restart(ctx context.Context) error      { return r.act(ctx, "restart") }
func (r *rig) PowerOff(ctx context.Context) error     { return r.act(ctx, "off") }
func (r *rig) ResetNetwork(ctx context.Context) error { return r.act(ctx, "network") }
func (r *rig) Resync1(ctx context.Context) error      { return r.act(ctx, "resync") }
func (r *rig) FullReset(ctx context.Context) error    { return r.act(ctx, "erase") }
