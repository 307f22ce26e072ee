package main

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"syncbox/connectors"
	"syncbox/firmware/internal/app"
	"syncbox/firmware/internal/authority"
	"syncbox/firmware/internal/enrol"
	"syncbox/firmware/internal/local"
	"syncbox/firmware/internal/locale"
	"syncbox/firmware/internal/standing"
	"syncbox/firmware/internal/support"
	"syncbox/firmware/internal/support/wire"
	"syncbox/ota/order"
	"syncbox/ota/trust"
)

// remote is the box's side of the channel to support, as the appliance has it: its own key, a certificate, a memory.
type remote struct {
	store   *support.Store
	channel *support.Channel
}

// report makes the box's side of the channel, with a certificate that support's authority signs for the box's own key.
func (s *stage) report(log *slog.Logger) (*remote, error) {
	dir := filepath.Join(s.dir, "identity")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	now := func() trust.Clock { return trust.Clock{Now: time.Now(), Trusted: true} } // a laptop knows the time
	identity, err := enrol.Open(enrol.Config{Folder: dir, Box: s.app.Box.Name, Made: app.Made, Chance: rand.Int64N, Changed: func() {}, Log: log,
		Settings: func() enrol.Settings { return enrol.Settings{On: true} },
		Clock:    func() (time.Time, bool) { return time.Now(), true }})
	if err != nil {
		return nil, err
	}
	out, err := s.office.ca.Issue(authority.Request{Kind: authority.Box, Name: s.app.Box.Name, CSR: identity.Request()})
	if err != nil {
		return nil, err
	}
	if err := identity.Install(out.Certificate, s.office.ca.Certificate()); err != nil {
		return nil, err
	}
	words, err := locale.New(s.language, time.Local)
	if err != nil {
		return nil, err
	}
	store, lost, err := support.OpenFile(filepath.Join(dir, "support.db"))
	if err = errors.Join(lost, err); err != nil {
		return nil, err
	}
	r := &remote{store: store}
	// A fleet of one has nobody to wait for.
	if err := store.SetStanding(support.Standing{SpreadSeq: 1}); err != nil {
		return r, err
	}
	desk := support.NewDesk(support.DeskConfig{Box: s.app.Box.Name, Clock: now, Actions: &orders{s, words}, Wishes: noUpdates{}, Words: words.Text, Log: log,
		Keys: func() (order.Keyring, error) { return trust.Anchor{Root: s.office.root}.Keys(trust.State{}) }}, store)
	dialer := support.NewDialer(func() []string { return []string{s.office.address} }, identity.TLS, rand.Int64N)
	r.channel = support.New(support.Config{Box: s.app.Box.Name, Open: dialer.Open, Online: func() bool { return true }, Standing: s.standing,
		Jobs:      s.statuses,
		Connected: identity.Connected, Refused: identity.Refused, Chance: rand.Int64N, Desk: desk, Store: store, Log: log})
	return r, nil
}

// Run keeps the channel until ctx ends.
func (r *remote) Run(ctx context.Context) error { return r.channel.Run(ctx) }

// standing gives how the box is, for support. It has no version, and no slots.
func (s *stage) standing() wire.Status {
	return standing.OfProcess(local.Statuses(s.app), time.Since(s.begin))
}

// cannot is the answer to orders about things that a laptop has not.
func cannot() error {
	return &connectors.Error{Kind: connectors.Rejected, Code: string(order.UnknownOp), Err: errors.New("this box is a process of the demo")}
}
