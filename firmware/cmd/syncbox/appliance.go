package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"syncbox/board"
	"syncbox/board/boot"
	"syncbox/firmware/internal/app"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/console/setupcode"
	"syncbox/firmware/internal/daytime"
	"syncbox/firmware/internal/mdns"
	"syncbox/firmware/internal/panel"
	"syncbox/firmware/internal/pulse"
	"syncbox/firmware/internal/standing"
)

// Where the data partition holds what.
const (
	applianceConfig = boot.DataDir + "/syncbox.toml"
	applianceCode   = boot.DataDir + "/setup-code.json"
	applianceClock  = boot.DataDir + "/clock"
	applianceErase  = boot.DataDir + "/erase-asked" // a full reset is to be done at the next start
)

// dogTimeout is how long the board waits for a sign of life.
const dogTimeout = time.Minute

// appliance is what process 1 does: bring the machine up, run its parts, and never return. Whatever is broken, light and
// console work and say so.
func appliance() {
	log := slog.New(slog.NewTextHandler(terminal{os.Stderr}, nil))
	log.Info("process 1 starts", "made", app.Made)
	err := boot.Run(log, func(ctx context.Context) error { return newMachine(log).run(ctx) })
	log.Error("process 1 ends", "err", err)
}

// machine is the box as process 1.
type machine struct {
	log    *slog.Logger
	state  *standing.Board
	model  board.Model
	watch  *pulse.Watch
	keeper *daytime.Keeper
	panel  *panel.Panel
	writer *config.Writer
	door   *setupcode.Door
	end    context.CancelCauseFunc // of all parts
	tried  chan struct{}           // closed once the network was tried

	renet, rejob chan struct{} // the settings of the network, or of anything else, are others now

	mu      sync.Mutex // protects what follows
	address boot.Address
	jobs    *app.App // nil while none can run
}

func newMachine(log *slog.Logger) *machine {
	m := &machine{log: log, state: standing.New(), door: setupcode.NewDoor(applianceCode),
		tried: make(chan struct{}), renet: make(chan struct{}, 1), rejob: make(chan struct{}, 1)}
	m.writer = config.NewWriter(applianceConfig, m.changed)
	m.keeper = daytime.New(daytime.Config{System: clock{}, Ask: daytime.Query, Servers: m.timeServers, Made: app.Made,
		Path: applianceClock, Log: log.With("part", "clock")})
	m.state.Ask(m.keeper.Conditions)
	return m
}

// run is the order of a start: what people see and what resets a hanging board first, then what can fail.
func (m *machine) run(ctx context.Context) error {
	ctx, m.end = context.WithCancelCause(ctx)
	var parts sync.WaitGroup
	keep := func(name string, p app.Part) { parts.Go(func() { app.Keep(ctx, m.log, name, p) }) }

	m.hardware()
	m.front()
	keep("pulse", m.watch)
	keep("panel", m.panel)
	m.data(ctx)
	box, _, err := config.LoadMachine(applianceConfig)
	if err != nil {
		m.log.Error("settings of the machine are not wholly right", "err", err)
	}
	if link, e := boot.Now(""); config.CodeOf(err) == config.CodeMissing && e == nil {
		box.Name = mdns.NameOf(link.MAC)
	}
	if m.model.Console != "" {
		keep("console", m.console(box))
	}
	keep("network", partFunc(m.network))
	keep("link", partFunc(m.link))
	keep("clock", m.keeper)
	keep("name", partFunc(m.name))
	keep("jobs", partFunc(m.sync))

	parts.Wait()
	if errors.Is(context.Cause(ctx), boot.ErrReboot) {
		return boot.ErrReboot
	}
	return nil
}

// hardware loads the modules and finds out what the board has.
func (m *machine) hardware() {
	if err := boot.Prepare(m.log, ""); err != nil {
		m.log.Error("machine is not wholly up", "err", err)
	}
	model, err := board.Detect(os.DirFS("/"))
	m.broken(err)
	m.model = model
	if strings.HasPrefix(model.Name, "raspberry-pi") {
		if err := boot.LoadModules(m.log, "/modules-pi.list"); err != nil {
			m.log.Error("modules of the board", "err", err)
		}
	}
	dog, err := model.OpenWatchdog(dogTimeout)
	m.broken(err)
	m.log.Info("board", "model", model.Name, "watchdog", dog)
	if dog != nil {
		m.watch = pulse.New(dog, dog.Timeout, m.log.With("part", "pulse"))
	} else {
		m.watch = pulse.New(nil, dogTimeout, m.log.With("part", "pulse"))
	}
	m.state.Ask(func() []string {
		if len(m.watch.Late()) > 0 {
			return []string{standing.PartHangs}
		}
		return nil
	})
}

// front makes the panel of what there is of light and button.
func (m *machine) front() {
	light, err := m.model.OpenLight()
	m.broken(err)
	button, err := m.model.OpenButton()
	m.broken(err)
	m.panel = panel.New(panel.Config{Light: light, Button: button, Source: m.state, Actions: actions{m}, Journal: journalled{m.log},
		Log: m.log.With("part", "panel")})
	m.state.Ask(m.panel.Conditions)
}

// data mounts the data partition and sets the clock by what it holds.
func (m *machine) data(ctx context.Context) {
	err := boot.MountData(ctx, m.log, boot.Data{Own: applianceConfig})
	m.state.Set(standing.DataMissing, err != nil)
	if err != nil {
		m.log.Error("data partition can't be used: nothing is kept", "code", standing.DataMissing, "err", err)
	} else {
		m.prepared()
	}
	if err := m.keeper.Begin(); err != nil {
		m.log.Error("clock not set", "err", err)
	}
}

// prepared finishes what was asked for before the last restart, and gives a new box its first configuration.
func (m *machine) prepared() {
	if err := erase(boot.DataDir, applianceErase); err != nil {
		m.log.Error("full reset not finished", "err", err)
	}
	link, err := boot.Now("")
	if err == nil && link.MAC != "" {
		err = config.WriteFirst(applianceConfig, mdns.NameOf(link.MAC))
	}
	if err != nil {
		m.log.Error("no first configuration", "err", err)
	}
}

// broken tells of a piece of hardware that does not work.
func (m *machine) broken(err error) {
	if err != nil {
		m.log.Error("hardware", "code", board.Code(err), "err", err)
		m.state.Set(board.Code(err), true)
	}
}

// clock is the machine's own.
type clock struct{}

func (clock) Now() time.Time              { return time.Now() }
func (clock) Step(to time.Time) error     { return boot.StepClock(to) }
func (clock) Slew(by time.Duration) error { return boot.SlewClock(by) }

// partFunc is a part.
type partFunc func(ctx context.Context) error

// Run runs it.
func (f partFunc) Run(ctx context.Context) error { return f(ctx) }

// terminal ends lines as a serial terminal wants it.
type terminal struct{ io.Writer }

func (t terminal) Write(b []byte) (int, error) {
	_, err := t.Writer.Write(bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n")))
	return len(b), err
}
