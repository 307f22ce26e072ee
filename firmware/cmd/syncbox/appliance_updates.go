package main

import (
	"errors"
	"os"
	"time"

	"syncbox/board/boot"
	"syncbox/firmware/internal/app"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/updates"
	"syncbox/ota/bootstate"
	"syncbox/ota/update"
)

// openUpdates takes up what this start means for the updates. Without a card that can be used the box goes on without them.
func (m *machine) openUpdates() {
	err := m.tryUpdates()
	if errors.Is(err, boot.ErrNoCard) {
		m.log.Info("no updates", "err", err)
		return
	}
	m.state.Set(string(update.StateFault), err != nil)
	if err != nil {
		m.log.Error("no updates", "code", update.StateFault, "err", err)
	}
}

func (m *machine) tryUpdates() error {
	disk, err := boot.Card("/")
	if err != nil {
		return err
	}
	cmdline, err := os.ReadFile("/proc/cmdline")
	if err != nil {
		return err
	}
	system, err := updates.ReadSystem(os.DirFS("/"))
	if err != nil {
		m.log.Error("the system does not say what it is", "err", err)
	}
	c := updates.Config{
		Disk: disk, Folder: applianceOTA, Start: bootstate.ParseStart(string(cmdline)), Made: app.Made,
		System: system, DeviceTree: m.model.DeviceTree,
		Box: m.boxName, Groups: m.remote.groups, Tell: m.remote.updated, Support: m.remote.heard,
		Settings: func() config.Updates { return settings().Updates },
		Jobs:     m.jobsNow, Codes: m.state.Codes, Link: m.linked, Reboot: func() { m.end(boot.ErrReboot) },
		Clock:   m.time,
		Journal: m.events, Log: m.log.With("part", "updates"),
	}
	if m.bit {
		c.Cause = update.CauseWatchdog
	}
	if m.news, err = updates.Open(c); err != nil {
		return err
	}
	m.state.Ask(m.news.Conditions)
	return nil
}

func (m *machine) closeUpdates() {
	if m.news == nil {
		return
	}
	if err := m.news.Close(); err != nil {
		m.log.Error("record of the updates", "err", err)
	}
}

// linked tells whether the machine is on a network.
func (m *machine) linked() bool {
	l, err := networkCard()
	return err == nil && l.Interface != "" && l.Up
}

// jobsNow gives the jobs as they are, and whether they were begun.
func (m *machine) jobsNow() (all []updates.Job, begun bool) {
	a, begun := m.atWork()
	if a == nil {
		return nil, begun
	}
	return updates.JobsOf(a, time.Now()), begun
}
