package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"syncbox/board/boot"
	"syncbox/firmware/internal/stick"
)

// stickDir is where a stick is mounted while it is read.
const stickDir = "/run/stick"

// jobsFirst is how long sticks wait for the jobs to begin. Their modules are large, and a box that starts has little to
// compute with; one without a network has time.
const jobsFirst = 5 * time.Second

// stick applies what sticks say.
func (m *machine) stick(ctx context.Context) error {
	first := time.NewTimer(jobsFirst)
	defer first.Stop()
	select {
	case <-m.begun:
	case <-first.C:
	case <-ctx.Done():
		return nil
	}
	m.modules(modulesStick)
	log := m.log.With("part", "stick")
	setup := func() *stick.Setup {
		return &stick.Setup{Box: m.face().Name, Settings: m.writer, Ready: ready, Memory: applianceSticks, Journal: m.events, Log: log}
	}
	part := &stick.Part{Slot: slot{}, Setup: setup, State: m.state, Pull: m.panel.Identify, Journal: m.events, Log: log}
	if m.news != nil {
		part.Updates = m.news
	}
	if m.identity != nil {
		part.Identity = m.identity
	}
	return part.Run(ctx)
}

// slot is the board's USB sockets.
type slot struct{}

var _ stick.Slot = slot{}

// Sticks gives what is plugged in.
func (slot) Sticks() ([]string, error) {
	all, err := boot.Sticks("/")
	var ids []string
	for _, s := range all {
		ids = append(ids, s.ID)
	}
	return ids, err
}

// Use mounts the volumes of a stick one after the other.
func (slot) Use(id string, fn func(dir string, write func(func() error) error) bool) error {
	all, err := boot.Sticks("/")
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(s boot.Stick) bool { return s.ID == id })
	if i < 0 {
		return fmt.Errorf("stick %s was pulled", id)
	}
	var failed []error
	for _, device := range all[i].Volumes {
		next, err := use(device, fn)
		if !next {
			return err
		}
		if err != nil {
			failed = append(failed, err)
		}
	}
	if len(failed) == len(all[i].Volumes) {
		return errors.Join(failed...)
	}
	return nil
}

// use mounts one volume.
func use(device string, fn func(dir string, write func(func() error) error) bool) (next bool, err error) {
	v, err := boot.MountVolume(device, stickDir)
	if err != nil {
		return true, err
	}
	next = fn(v.Dir(), v.Write)
	return next, v.Unmount()
}
