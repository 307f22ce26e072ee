// Package updates is the part of the box that brings it from release to release: it gives package ota/update the disk, the
// servers, the hours and the health of this box, and tells people what comes of it, in health codes, lights and the journal
// of the box. It decides nothing that ota/update decides.
package updates

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/local"
	"syncbox/ota/bootstate"
	"syncbox/ota/fetch"
	"syncbox/ota/order"
	"syncbox/ota/slot"
	"syncbox/ota/trust"
	"syncbox/ota/update"
)

// Journal keeps what was done to the box.
type Journal interface {
	Event(code string, args map[string]string)
}

// Config is what the part needs of its box. All fields are needed but Cause, Groups and Tell.
type Config struct {
	Disk   string // the device of the whole card, such as /dev/mmcblk0
	Folder string // for the record; a full reset leaves it
	Start  bootstate.Start
	Cause  update.Cause
	Made   time.Time // when the program was made
	// System is what the read-only system says of itself; DeviceTree the file that the board was started with, empty where
	// the machine brings its own.
	System     System
	DeviceTree string
	// Box and Settings give how the box is set up now; Groups in which groups of the fleet it is, nil for none; Jobs how its
	// jobs are, and whether they were started at all.
	Box      func() string
	Groups   func() []string
	Settings func() config.Updates
	Jobs     func() (all []Job, started bool)
	// Support gives how it is with the channel to support.
	Support func() Support
	// Codes gives the health codes of the machine that hold, Link whether there is a network cable with something at its end.
	Codes   func() []string
	Link    func() bool
	Clock   func() trust.Clock
	Reboot  func()
	Journal Journal
	// Tell hears what happens to a wish, as update.Config.Tell does; nil for nobody.
	Tell func(update.Event) error
	Log  *slog.Logger
}

// Job is a job of the box, for its health and its hours.
type Job struct {
	local.JobStatus
	// Open says whether it may run at this time, Backup whether its server is being copied.
	Open, Backup bool
}

// Support is the channel to support, for the health of the box.
type Support struct {
	Set   bool // a broker is set
	Heard bool // a broker has confirmed the status of the box since its start
}

// Part is the updates of a box. It may be used by several goroutines.
type Part struct {
	c       Config
	updater *update.Updater
	disk    *os.File
	slots   [2]*slot.Slot

	mu       sync.Mutex // protects what follows
	approved string     // id of the wish that a person wants now
	begun    string     // id of the wish whose download was journalled
	told     string     // id, phase and code of the last event that was journalled
	sticks   []update.Source
	servers  map[string]*fetch.Server // by address
}

// Open opens the card and takes up what this start means. Close ends it again. With an error there are no updates; the box
// goes on without.
func Open(c Config) (*Part, error) {
	p := &Part{c: c, servers: map[string]*fetch.Server{}}
	if err := p.open(); err != nil {
		return nil, errors.Join(fmt.Errorf("updates: %w", err), p.Close())
	}
	return p, nil
}

func (p *Part) open() (err error) {
	if err := os.MkdirAll(p.c.Folder, 0o700); err != nil {
		return err
	}
	if p.disk, err = bootstate.Open(p.c.Disk); err != nil {
		return err
	}
	for i, number := range []int{slot.PartitionA, slot.PartitionB} {
		if p.slots[i], err = slot.Open(p.c.Disk, number); err != nil {
			return err
		}
	}
	p.updater = update.New(update.Config{
		Disk: p.disk, A: p.slots[0], B: p.slots[1], Database: filepath.Join(p.c.Folder, "update.db"),
		Anchor: trust.Anchor{Root: p.c.System.Root, Built: p.c.Made}, Box: p.c.Box(), Groups: p.c.Groups,
		Board: p.c.System.Board, Version: p.c.System.Version, DeviceTree: p.c.DeviceTree,
		Sources: p.sources, Clock: p.c.Clock, Allowed: p.Allowed, Health: p.health, Reboot: p.c.Reboot, Tell: p.tell,
		Cause: p.c.Cause, Log: p.c.Log,
	})
	// An error means that the boot state can't be read or written: the updater goes on as well as it can, and says so.
	if _, err := p.updater.Begin(p.c.Start); err != nil {
		p.c.Log.Error("start not taken up", "err", err)
	}
	return nil
}

// Run follows wishes until ctx ends.
func (p *Part) Run(ctx context.Context) error { return p.updater.Run(ctx) }

// Close closes record and card, once Run has returned.
func (p *Part) Close() error {
	var all []error
	if p.updater != nil {
		all = append(all, p.updater.Close())
	}
	for _, s := range p.slots {
		if s != nil {
			all = append(all, s.Close())
		}
	}
	if p.disk != nil {
		all = append(all, p.disk.Close())
	}
	return errors.Join(all...)
}

// Status tells how it is.
func (p *Part) Status() update.Status { return p.updater.Status() }

// Wish takes a signed order of what to run; see update.Updater.
func (p *Part) Wish(ctx context.Context, envelope []byte) (update.Answer, error) {
	return p.updater.Wish(ctx, envelope)
}

// Has says whether the wish of this id stands, or is the last one that ended.
func (p *Part) Has(id string) bool { return p.updater.Has(id) }

// Cancel forgets the wish that stands. A trial that has begun goes on.
func (p *Part) Cancel() error { return p.updater.Cancel() }

// Keys gives who may sign orders, by the newest root that is known. With an error nobody may.
func (p *Part) Keys() (order.Keyring, error) { return p.updater.Keys() }

// Clock gives the trusted time, and whether the box knows the time: without that, it is the latest one that is certain to
// be over.
func (p *Part) Clock() trust.Clock { return p.updater.Clock() }

// Check looks at once for what is published.
func (p *Part) Check(ctx context.Context) error { return p.updater.Check(ctx) }

// Approve lets the wish that stands be taken up at once, whatever the hour: a person says so. It says nothing of a later one.
func (p *Part) Approve() { p.approve(p.updater.Status().Wish) }

func (p *Part) approve(wish string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.approved = wish
}
