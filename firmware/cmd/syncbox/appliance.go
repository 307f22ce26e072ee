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
	"syncbox/firmware/internal/enrol"
	boxjournal "syncbox/firmware/internal/journal"
	"syncbox/firmware/internal/mdns"
	"syncbox/firmware/internal/panel"
	"syncbox/firmware/internal/pulse"
	"syncbox/firmware/internal/standing"
	"syncbox/firmware/internal/updates"
	"syncbox/firmware/internal/web"
)

// Where the data partition holds what.
const (
	applianceConfig = boot.DataDir + "/syncbox.toml"
	applianceCode   = boot.DataDir + "/" + web.CodeFile
	applianceClock  = boot.DataDir + "/clock"
	applianceErase  = boot.DataDir + "/erase-asked" // a full reset is to be done at the next start
	applianceEvents = boot.DataDir + "/journal.db"
	applianceSticks = boot.DataDir + "/stick.json"
	applianceCert   = boot.DataDir + "/page.pem"
	applianceOTA    = boot.DataDir + "/ota" // what the updates trust; a full reset leaves it
)

// The lists of modules that are loaded once they are needed: a missing one is empty.
const (
	modulesPi    = "/modules-pi.list"
	modulesSMB   = "/modules-smb.list"
	modulesStick = "/modules-stick.list"
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
	log      *slog.Logger
	state    *standing.Board
	model    board.Model
	watch    *pulse.Watch
	keeper   *daytime.Keeper
	panel    *panel.Panel
	writer   *config.Writer
	door     *setupcode.Door
	events   *boxjournal.Journal
	signIns  *app.SignIns
	end      context.CancelCauseFunc // of all parts
	tried    chan struct{}           // closed once the network was tried
	begun    chan struct{}           // closed once jobs were begun, or can't be
	smb      func()                  // loads the SMB client, once
	bit      bool                    // the watchdog reset the board
	news     *updates.Part           // nil where there are no updates
	remote   *remote
	identity *enrol.Identity // nil where its files can't be used

	// What was set is to be taken up by: the network, its time servers, the name on it, the jobs, the channel to support, the
	// metrics, the page.
	renet, retime, rename, rejob, resupport, remeter, repage chan struct{}

	mu      sync.Mutex // protects what follows
	address boot.Address
	jobs    *app.App // nil while none can run
}

func newMachine(log *slog.Logger) *machine {
	m := &machine{log: log, state: standing.New(), door: setupcode.NewDoor(applianceCode), events: boxjournal.New(log.With("part", "journal")),
		tried: make(chan struct{}), begun: make(chan struct{}), renet: make(chan struct{}, 1), retime: make(chan struct{}, 1), rename: make(chan struct{}, 1),
		rejob: make(chan struct{}, 1), resupport: make(chan struct{}, 1), remeter: make(chan struct{}, 1), repage: make(chan struct{}, 1)}
	m.smb = sync.OnceFunc(func() { m.modules(modulesSMB) })
	m.writer = config.NewWriter(applianceConfig, m.changed)
	m.signIns = &app.SignIns{Draft: draft, Changed: m.connected, Log: log}
	m.keeper = daytime.New(daytime.Config{System: clock{}, Ask: daytime.Query, Servers: m.timeServers, Made: app.Made,
		Path: applianceClock, Known: m.timeKnown, Log: log.With("part", "clock")})
	m.state.Ask(m.keeper.Conditions)
	return m
}

// connected has the journal tell of a job that was connected to QuickBooks or disconnected, and the job try it.
func (m *machine) connected(ctx context.Context, job string, is bool) {
	if !is {
		m.events.Event(boxjournal.Disconnected, map[string]string{"job": job})
		return
	}
	m.events.Event(boxjournal.Connected, map[string]string{"job": job})
	if a, _ := m.atWork(); a != nil {
		a.Connected(ctx, job)
	}
}

// run is the order of a start: what people see and what resets a hanging board first, then what can fail.
func (m *machine) run(ctx context.Context) error {
	ctx, m.end = context.WithCancelCause(ctx)
	var parts sync.WaitGroup
	keep := func(name string, p app.Part) { parts.Go(func() { app.Keep(ctx, m.log, name, crashing{p, m.state}) }) }

	m.hardware()
	m.front()
	keep("pulse", m.watch)
	keep("panel", m.panel)
	m.data(ctx)
	if err := own.read(); err != nil {
		m.log.Error("settings of the machine are not wholly right", "err", err)
	}
	m.openUpdates()
	m.openIdentity()
	if m.model.Console != "" {
		keep("console", m.console())
	}
	keep("network", partFunc(m.network))
	keep("link", partFunc(m.link))
	keep("clock", partFunc(m.clock))
	keep("name", partFunc(m.name))
	keep("stick", partFunc(m.stick))
	keep("jobs", partFunc(m.sync))
	if m.news != nil {
		keep("updates", m.news)
	}
	keep("support", partFunc(m.support))
	keep("metrics", partFunc(m.metrics))
	keep("page", partFunc(m.page))
	if m.identity != nil {
		keep("identity", m.identity)
	}

	parts.Wait()
	m.closeUpdates()
	m.remote.close()
	if err := m.events.Close(); err != nil {
		m.log.Error("journal of the box", "err", err)
	}
	return after(ctx)
}

// after tells boot.Run what comes after the end of all parts: another start, or none where nobody asked for one.
func after(ctx context.Context) error {
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
		m.modules(modulesPi)
	}
	dog, err := model.OpenWatchdog(dogTimeout)
	m.broken(err)
	m.log.Info("board", "model", model.Name, "watchdog", dog)
	if dog != nil {
		m.bit = dog.Bit
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

// modules loads a list of modules.
func (m *machine) modules(list string) {
	if err := boot.LoadModules(m.log, list); err != nil {
		m.log.Error("modules", "err", err)
	}
}

// front makes the panel of what there is of light and button.
func (m *machine) front() {
	light, err := m.model.OpenLight()
	m.broken(err)
	button, err := m.model.OpenButton()
	m.broken(err)
	m.panel = panel.New(panel.Config{Light: light, Button: button, Source: m.state, Actions: actions{m}, Journal: m.events,
		Log: m.log.With("part", "panel")})
	m.state.Ask(m.panel.Conditions)
}

// data mounts the data partition, sets the clock by what it holds, and begins to write the journal there.
func (m *machine) data(ctx context.Context) {
	err := boot.MountData(ctx, m.log, boot.Data{Own: applianceConfig})
	m.state.Set(standing.DataMissing, err != nil)
	if err != nil {
		m.log.Error("data partition can't be used: nothing is kept", "code", standing.DataMissing, "err", err)
	}
	_ = own.read() // told once there are some
	m.openSupport()
	if err == nil {
		m.prepared()
	}
	if err := m.keeper.Begin(); err != nil {
		m.log.Error("clock not set", "err", err)
	}
	if err := m.events.Open(applianceEvents, m.bit); err != nil {
		m.log.Error("nothing that is done to the box is kept", "err", err)
	}
}

// prepared finishes what was asked for before the last restart, and gives a new box its first configuration.
func (m *machine) prepared() {
	erased, err := erase(boot.DataDir, applianceErase, m.remote.erased)
	if err != nil {
		m.log.Error("full reset not finished", "err", err)
	}
	if erased {
		m.events.Event(boxjournal.Erased, nil)
	}
	link, err := boot.Now("")
	if err == nil && link.MAC != "" {
		name, home := m.remote.kept(mdns.NameOf(link.MAC))
		err = config.WriteFirst(applianceConfig, name, home)
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

// crashing is a part of which everybody hears when it crashes.
type crashing struct {
	app.Part
	state *standing.Board
}

// Run runs the part.
func (c crashing) Run(ctx context.Context) error {
	ended := false
	defer func() {
		if !ended {
			c.state.Set(updates.PartCrashed, true)
		}
	}()
	err := c.Part.Run(ctx)
	ended = true
	return err
}

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
