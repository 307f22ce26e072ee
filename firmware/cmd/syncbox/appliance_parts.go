package main

import (
	"context"
	"errors"
	"strings"

	"syncbox/connectors/share"
	"syncbox/firmware/internal/app"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/local"
)

// changed has what a setting concerns begin anew.
func (m *machine) changed(keys []string) {
	_ = own.read() // what is wrong in them is told by who loads the jobs
	for _, k := range keys {
		switch {
		case k == "network.ntp":
			nudge(m.retime)
		case k == "network.hostname":
			nudge(m.rename)
			nudge(m.renet) // the DHCP server is told the name
		case strings.HasPrefix(k, "support."):
			nudge(m.resupport)
		case strings.HasPrefix(k, "metrics."):
			nudge(m.remeter)
		case strings.HasPrefix(k, "page."):
			nudge(m.repage)
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

// shut closes a channel that may be closed already. Its users hold the machine's lock.
func shut(c chan struct{}) {
	select {
	case <-c:
	default:
		close(c)
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

// sync runs the jobs of the configuration, and those of another one when it changes. Without one that can be used, it
// says why and waits for one.
func (m *machine) sync(ctx context.Context) error {
	m.smb() // while the network is waited for
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
			m.running(nil)
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
	return errors.Join(a.Run(ctx, &local.Server{Path: conf.Box.Socket, App: a, Log: m.log, SignIns: m.signIns}), a.Close())
}

// running says which jobs run, nil where none can.
func (m *machine) running(a *app.App) {
	m.mu.Lock()
	m.jobs = a
	shut(m.begun)
	m.mu.Unlock()
	if a == nil {
		m.state.Started(nil)
		return
	}
	m.state.Started(func() []local.JobStatus { return local.Statuses(a) })
}
