package main

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"syncbox/board"
	"syncbox/board/boot"
	"syncbox/connectors/centrixone"
	"syncbox/connectors/share"
	"syncbox/firmware/internal/app"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/console"
	"syncbox/firmware/internal/local"
	"syncbox/firmware/internal/mdns"
	"syncbox/firmware/internal/panel"
	"syncbox/firmware/internal/standing"
)

// changed has what a setting concerns begin anew.
func (m *machine) changed(keys []string) {
	for _, k := range keys {
		switch {
		case k == "network.ntp":
			nudge(m.retime)
		case k == "network.hostname":
			nudge(m.rename)
			nudge(m.renet) // the DHCP server is told the name
		case strings.HasPrefix(k, "network."):
			nudge(m.rename) // the card may be another one
			nudge(m.renet)
		default:
			nudge(m.rejob)
		}
	}
}

func nudge(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// until gives a context that ends with ctx or at a signal.
func until(ctx context.Context, c <-chan struct{}) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		select {
		case <-c:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

// network brings the network up and keeps it, as it is configured.
func (m *machine) network(ctx context.Context) error {
	for ctx.Err() == nil {
		_, n, _ := config.LoadMachine(applianceConfig) // what is wrong in it is told by who loads the jobs
		c := boot.Config{Hostname: n.Hostname, Interface: n.Interface, Changed: m.addressed,
			NoDHCP: n.Fixed, Static: boot.Address{Prefix: n.Address, Gateway: n.Gateway, DNS: n.DNS}}
		life, cancel := until(ctx, m.renet)
		err := boot.Network(life, m.log, c)
		if err != nil && life.Err() == nil {
			m.log.Error("network is not up", "err", err)
		}
		m.triedNetwork()
		err = boot.KeepAddress(life, m.log, c)
		cancel()
		if err != nil {
			return err
		}
	}
	return nil
}

// triedNetwork lets those go on who wait for the first address.
func (m *machine) triedNetwork() {
	m.mu.Lock()
	defer m.mu.Unlock()
	select {
	case <-m.tried:
	default:
		close(m.tried)
	}
}

func (m *machine) addressed(a boot.Address) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.address = a
}

func (m *machine) addressNow() boot.Address {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.address
}

// timeServers gives those of the configuration, or those that the network names, or its gateway.
func (m *machine) timeServers() []string {
	if _, n, _ := config.LoadMachine(applianceConfig); len(n.NTP) > 0 {
		return n.NTP
	}
	a := m.addressNow()
	all := a.NTP
	if len(all) == 0 && a.Gateway.IsValid() {
		all = append(all, a.Gateway)
	}
	var names []string
	for _, s := range all {
		names = append(names, s.String())
	}
	return names
}

// clock keeps the time, and asks anew when there are other servers.
func (m *machine) clock(ctx context.Context) error {
	for ctx.Err() == nil {
		life, cancel := until(ctx, m.retime)
		err := m.keeper.Run(life)
		cancel()
		if err != nil {
			return err
		}
	}
	return nil
}

// lookAtLink is how often cable and address are looked at.
const lookAtLink = 2 * time.Second

// link tells whether the box is on the network.
func (m *machine) link(ctx context.Context) error {
	select {
	case <-m.tried:
	case <-ctx.Done():
		return nil
	}
	ticker := time.NewTicker(lookAtLink)
	defer ticker.Stop()
	for {
		_, n, _ := config.LoadMachine(applianceConfig)
		l, err := boot.Now(n.Interface)
		if err != nil {
			return err
		}
		m.state.Set(standing.NetworkNone, l.Interface == "")
		m.state.Set(standing.NetworkDown, l.Interface != "" && !l.Reached())
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// name has the box answer to its name, and to another one once it has that.
func (m *machine) name(ctx context.Context) error {
	select {
	case <-m.tried:
	case <-ctx.Done():
		return nil
	}
	for ctx.Err() == nil {
		_, n, _ := config.LoadMachine(applianceConfig)
		life, cancel := until(ctx, m.rename)
		err := (&mdns.Part{Name: m.face().Name, Interface: n.Interface, Log: m.log.With("part", "name")}).Run(life)
		cancel()
		if err != nil {
			return err
		}
	}
	return nil
}

// face gives how the box shows itself. Without a configuration, its name is that of its card.
func (m *machine) face() console.Face {
	box, n, err := config.LoadMachine(applianceConfig)
	if err != nil && config.CodeOf(err) == config.CodeMissing {
		if l, e := boot.Now(n.Interface); e == nil {
			n.Hostname = mdns.NameOf(l.MAC)
		}
	}
	return console.Face{Name: n.Hostname, Language: box.Language, Zone: box.Zone}
}

// sync runs the jobs of the configuration, and those of another one when it changes. Without one that can be used, it
// says why and waits for one.
func (m *machine) sync(ctx context.Context) error {
	select {
	case <-m.tried: // jobs that begin before would only find the share away
	case <-ctx.Done():
		return nil
	}
	m.smb()
	for ctx.Err() == nil {
		conf, err := config.Load(applianceConfig)
		m.configured(err)
		life, cancel := until(ctx, m.rejob)
		if err != nil {
			m.log.Error("box does not run", "code", config.CodeOf(err), "err", err)
			m.state.Started(nil)
			<-life.Done()
		} else {
			err = m.runJobs(life, conf)
		}
		cancel()
		if ctx.Err() == nil && err != nil && life.Err() == nil {
			return err
		}
	}
	return nil
}

// configured tells what is wrong with the configuration.
func (m *machine) configured(err error) {
	for _, code := range []string{config.CodeMissing, config.CodeInvalid, config.CodeIncomplete, config.CodeSecretsOpen, config.CodeSecretsInvalid} {
		m.state.Set(code, err != nil && code == config.CodeOf(err))
	}
}

func (m *machine) runJobs(ctx context.Context, conf config.Config) error {
	a, err := app.New(conf, m.log)
	if err != nil {
		return err
	}
	if err := share.Sweep(""); err != nil {
		m.log.Warn("mounts of an earlier run are still there", "err", err)
	}
	a.Watch(m.watch)
	m.running(a)
	defer m.running(nil)
	m.log.Info("box starts", "box", conf.Box.Name, "jobs", len(conf.Jobs))
	return errors.Join(a.Run(ctx, &local.Server{Path: conf.Box.Socket, App: a, Log: m.log}), a.Close())
}

// running says which jobs run, nil where none can.
func (m *machine) running(a *app.App) {
	m.mu.Lock()
	m.jobs = a
	m.mu.Unlock()
	if a == nil {
		m.state.Started(nil)
		return
	}
	m.state.Started(func() []local.JobStatus { return local.Statuses(a) })
}

// console is the service console on the board's serial line.
func (m *machine) console() app.Part {
	box, _, _ := config.LoadMachine(applianceConfig)
	return console.Part{
		Open: func() (io.ReadWriteCloser, error) { return board.OpenSerial(m.model.Console, board.Baud) },
		Console: console.New(console.Config{
			Face: m.face, Box: local.NewClient(box.Socket), Codes: m.state.Codes, Journal: m.events, Settings: m.writer, Door: m.door,
			Tests: tests{m}, Link: m.linkNow, Log: m.log.With("part", "console"), Ready: ready,
			Act: func(ctx context.Context, a panel.Action) error {
				return panel.Do(ctx, actions{m}, m.events, a, panel.Console)
			},
		}),
	}
}

// ready tells why no job can run yet.
func ready() error { _, err := config.Load(applianceConfig); return err }

func (m *machine) linkNow(context.Context) (console.Link, error) {
	_, n, _ := config.LoadMachine(applianceConfig)
	l, err := boot.Now(n.Interface)
	return console.Link{Interface: l.Interface, Up: l.Up, Addresses: l.Addresses, Gateway: l.Gateway, DNS: m.addressNow().DNS, NTP: m.timeServers()}, err
}

// tests are what a technician tries out.
type tests struct{ m *machine }

func jobOf(name string) (config.Job, error) {
	conf, err := config.Load(applianceConfig)
	if err != nil {
		return config.Job{}, err
	}
	for _, j := range conf.Jobs {
		if j.Name == name {
			return j, nil
		}
	}
	return config.Job{}, errors.New("no job has the name " + name)
}

// Share logs on to a job's share and looks into the company's folder.
func (t tests) Share(ctx context.Context, name string) error {
	j, err := jobOf(name)
	if err != nil {
		return err
	}
	t.m.smb()
	s, err := share.Open(ctx, j.Share, t.m.log)
	if err != nil {
		return err
	}
	_, err = s.ReadDir(j.Acomba.Company)
	return errors.Join(err, s.Close())
}

// CRM logs on to a job's CRM and reads its lists.
func (t tests) CRM(ctx context.Context, name string) error {
	j, err := jobOf(name)
	if err != nil {
		return err
	}
	c, err := centrixone.New(j.CentrixOne, t.m.log, nil)
	if err != nil {
		return err
	}
	return errors.Join(c.Check(ctx), c.Close())
}

// showFor is how long the light test shows a colour.
const showFor = 2 * time.Second

// Light shows a colour for a moment.
func (t tests) Light(ctx context.Context, c board.Colour) error {
	return t.m.panel.Show(ctx, c, showFor)
}

// Button waits for a press.
func (t tests) Button(ctx context.Context, pressed func()) error {
	return t.m.panel.AwaitPress(ctx, pressed)
}
