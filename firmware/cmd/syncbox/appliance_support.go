package main

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"syncbox/board/boot"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/enrol"
	"syncbox/firmware/internal/locale"
	"syncbox/firmware/internal/support"
	"syncbox/firmware/internal/support/discovery"
	"syncbox/firmware/internal/updates"
	"syncbox/ota/update"
	"syncbox/sync/engine"
)

// Where the box keeps who it is, and what it remembers of support's orders; a full reset leaves both.
const (
	applianceIdentity = boot.DataDir + "/identity"
	applianceSupport  = applianceIdentity + "/support.db"
)

// remote is the box's side of the channel to support. It may be used by several goroutines.
type remote struct {
	m    *machine
	told atomic.Bool // a broker has confirmed the status since the start

	mu      sync.Mutex // protects what follows
	store   *support.Store
	failed  error            // why there is no store
	desk    *support.Desk    // nil before support was set for the first time
	channel *support.Channel // nil while there is none
}

// openSupport takes up what the box remembers of support.
func (m *machine) openSupport() {
	m.remote = &remote{m: m}
	m.state.Ask(m.remote.conditions)
	_, err := os.Lstat(applianceSupport)
	if err != nil && !m.remote.on() {
		return
	}
	if err := m.remote.open(); err != nil {
		m.log.Error("no support from afar", "code", support.CodeRecord, "err", err)
	}
}

// on tells whether support is set.
func (r *remote) on() bool { return len(r.home().Brokers) > 0 }

// home gives where support is found, as it is set.
func (r *remote) home() config.Support { return settings().Support }

// open opens the memory, or makes it, and readies the desk where support is set. One goroutine may do so at a time.
func (r *remote) open() error {
	store, desk := r.at()
	var err error
	if store == nil {
		store, err = openStore(r.m.log)
	}
	if err == nil && desk == nil && r.on() {
		desk, err = r.newDesk(store)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.store, r.desk, r.failed = store, desk, err
	return err
}

// at gives what there is.
func (r *remote) at() (*support.Store, *support.Desk) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.store, r.desk
}

func openStore(log *slog.Logger) (*support.Store, error) {
	if err := os.MkdirAll(filepath.Dir(applianceSupport), 0o700); err != nil {
		return nil, err
	}
	s, lost, err := support.OpenFile(applianceSupport)
	if lost != nil {
		log.Error("support's orders are not remembered, and those until now not taken any more", "code", support.CodeRecord, "err", lost)
	}
	return s, err
}

func (r *remote) newDesk(s *support.Store) (*support.Desk, error) {
	box := settings().Box
	words, err := locale.New(box.Language, box.Zone)
	if err != nil {
		return nil, err
	}
	words = words.Of(r.m.face().Names)
	return support.NewDesk(support.DeskConfig{Box: box.Name, Keys: r.keys, Clock: r.clock, Actions: orders{r.m}, Wishes: wishes{r.m},
		Words: words.Text, Log: r.m.log.With("part", "support")}, s), nil
}

// close closes the memory, once all parts have ended.
func (r *remote) close() {
	store, _ := r.at()
	if store == nil {
		return
	}
	if err := store.Close(); err != nil {
		r.m.log.Error("memory of support's orders", "err", err)
	}
}

// erased notes a full reset, before the box forgets that it was asked for one. Without a memory no order asked for it.
func (r *remote) erased() error {
	if err := enrol.Unclaim(applianceIdentity); err != nil {
		return err
	}
	store, _ := r.at()
	if store == nil {
		return nil
	}
	return store.NoteErased()
}

// keep remembers where support is found, and by which name it finds the box, for the box after a full reset. Settings that can't
// be read change nothing of it.
func (r *remote) keep(store *support.Store, path string) error {
	set, err := config.LoadMachine(path)
	if err != nil {
		return nil // whoever loads the jobs tells it
	}
	h := support.Home{Name: set.Box.Name, Brokers: set.Support.Brokers}
	if set.Support.EST != nil {
		h.EST = set.Support.EST.String()
	}
	return store.SetHome(h)
}

// kept gives where support is found and the name of the box, as they were remembered; the name is otherwise that which is given.
func (r *remote) kept(otherwise string) (name string, s config.Support) {
	store, _ := r.at()
	if store == nil {
		return otherwise, s
	}
	h, err := store.Home()
	if err != nil {
		r.m.log.Error("where support is found is not known", "err", err)
	}
	s.Brokers = h.Brokers
	if est, err := url.Parse(h.EST); err == nil && h.EST != "" {
		s.EST = est
	}
	return cmp.Or(h.Name, otherwise), s
}

// support keeps the channel while brokers are set.
func (m *machine) support(ctx context.Context) error {
	select {
	case <-m.tried:
	case <-ctx.Done():
		return nil
	}
	for ctx.Err() == nil {
		on := m.remote.on()
		if on {
			if err := m.remote.open(); err != nil {
				return fmt.Errorf("open memory of support's orders: %w", err)
			}
		}
		life, cancel := context.WithCancel(ctx)
		var beside sync.WaitGroup
		beside.Go(func() { m.remote.resettle(life, on, cancel) })
		err := m.remote.run(life, on)
		cancel()
		beside.Wait()
		if err != nil && ctx.Err() == nil {
			return err
		}
	}
	return nil
}

// resettle has other settings taken up: other brokers by the channel as it is, anything else ends it.
func (r *remote) resettle(life context.Context, was bool, end func()) {
	for {
		select {
		case <-r.m.resupport:
		case <-life.Done():
			return
		}
		if !was || !r.on() {
			end()
			return
		}
		r.reconnect()
	}
}

// timeKnown has orders looked at that waited for the time.
func (m *machine) timeKnown() {
	if _, desk := m.remote.at(); desk != nil {
		desk.TimeKnown()
	}
}

// reconnect has the connection made anew, if there is a channel.
func (r *remote) reconnect() {
	r.mu.Lock()
	channel, store := r.channel, r.store
	r.mu.Unlock()
	if channel == nil {
		return
	}
	if err := r.keep(store, applianceConfig); err != nil {
		r.m.log.Error("where support is found is not kept", "err", err)
	}
	channel.Reconnect()
}

// run keeps the channel until ctx ends. Without support it only waits.
func (r *remote) run(ctx context.Context, on bool) error {
	store, desk := r.at()
	if store != nil {
		if err := r.keep(store, applianceConfig); err != nil {
			return err
		}
	}
	if !on || r.m.identity == nil {
		<-ctx.Done()
		return nil
	}
	dialer := support.NewDialer(func() []string { return r.home().Brokers }, r.m.identity.TLS, rand.Int64N)
	channel := support.New(support.Config{Box: r.m.boxName(), Open: dialer.Open, Online: r.m.online, Standing: r.m.standing, Jobs: r.jobs, Announce: r.announce, Chance: rand.Int64N,
		Connected: r.m.identity.Connected, Refused: r.m.identity.Refused, Heard: func() { r.told.Store(true) }, Desk: desk, Store: store, Log: r.m.log.With("part", "support")})
	r.use(channel)
	defer r.use(nil)
	return channel.Run(ctx)
}

// jobs gives how the jobs are; none before they were begun.
func (r *remote) jobs() (all []engine.Status) {
	jobs, _ := r.m.jobStatuses()
	for _, j := range jobs {
		all = append(all, j.Status)
	}
	return all
}

// announce gives what makes the box known to Home Assistant, if that is set.
func (r *remote) announce() []byte {
	set := settings()
	words, err := locale.New(set.Box.Language, set.Box.Zone)
	if !set.Support.HomeAssistant || err != nil {
		return nil
	}
	return discovery.Message(r.m.boxName(), r.m.standing().FW, words.Text)
}

func (r *remote) use(c *support.Channel) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.channel = c
}

// conditions gives the health codes of the channel.
func (r *remote) conditions() []string {
	r.mu.Lock()
	channel, failed := r.channel, r.failed
	r.mu.Unlock()
	switch {
	case failed != nil:
		return []string{support.CodeRecord}
	case channel == nil:
		return nil
	}
	return channel.Conditions()
}

// heard tells how it is with support, for the trial of a new system.
func (r *remote) heard() updates.Support { return updates.Support{Set: r.on(), Heard: r.told.Load()} }

// groups gives those of the fleet that the box is in.
func (r *remote) groups() []string {
	store, _ := r.at()
	if store == nil {
		return nil
	}
	return store.Standing().Groups
}

// updated tells support what happens to a wish.
func (r *remote) updated(e update.Event) error {
	_, desk := r.at()
	if desk == nil {
		return nil
	}
	return desk.Updated(e)
}
