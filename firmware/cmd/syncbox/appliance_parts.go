package main

import (
	"context"
	"errors"
	"io"
	"slices"
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
	ofNetwork := func(k string) bool { return strings.HasPrefix(k, "network.") }
	if slices.ContainsFunc(keys, ofNetwork) {
		nudge(m.renet)
	}
	if !slices.ContainsFunc(keys, ofNetwork) || len(keys) > 1 {
		nudge(m.rejob)
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
			Static: boot.Address{Prefix: n.Address, Gateway: n.Gateway, DNS: n.DNS}}
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

// timeServers gives those that the network names, or its gateway.
func (m *machine) timeServers() []string {
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

// name has the box answer to its name.
func (m *machine) name(ctx context.Context) error {
	select {
	case <-m.tried:
	case <-ctx.Done():
		return nil
	}
	_, n, err := config.LoadMachine(applianceConfig)
	if l, e := boot.Now(n.Interface); err != nil && e == nil {
		n.Hostname = mdns.NameOf(l.MAC)
	}
	return (&mdns.Part{Name: n.Hostname, Interface: n.Interface, Log: m.log.With("part", "name")}).Run(ctx)
}

// sync runs the jobs of the configuration, and those of another one when it changes. Without one that can be used, it
// says why and waits for one.
func (m *machine) sync(ctx context.Context) error {
	select {
	case <-m.tried: // jobs that begin before would only find the share away
	case <-ctx.Done():
		return nil
	}
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
func (m *machine) console(box config.Box) app.Part {
	log := m.log.With("part", "console")
	return console.Part{
		Open: func() (io.ReadWriteCloser, error) { return board.OpenSerial(m.model.Console, board.Baud) },
		Console: console.New(console.Config{
			Name: box.Name, Language: box.Language, Zone: box.Zone, Box: local.NewClient(box.Socket), Settings: m.writer, Door: m.door,
			Tests: tests{m}, Link: m.linkNow, Log: log,
			Ready: func() error { _, err := config.Load(applianceConfig); return err },
			Act: func(ctx context.Context, a panel.Action) error {
				return panel.Do(ctx, actions{m}, journalled{log}, a, panel.Console)
			},
		}),
	}
}

func (m *machine) linkNow(context.Context) (console.Link, error) {
	_, n, _ := config.LoadMachine(applianceConfig)
	l, err := boot.Now(n.Interface)
	return console.Link{Interface: l.Interface, Up: l.Up, Addresses: l.Addresses, Gateway: l.Gateway, DNS: m.addressNow().DNS}, err
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

// Lights has the light single the box out for half a minute.
func (t tests) Lights(context.Context) error {
	t.m.panel.Identify()
	return nil
}
