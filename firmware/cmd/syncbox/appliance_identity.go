package main

import (
	"context"
	"math/rand/v2"
	"time"

	"syncbox/connectors"
	"syncbox/firmware/internal/app"
	"syncbox/firmware/internal/enrol"
)

// openIdentity opens the key and the certificates of the box. Without them it goes on without support from afar.
func (m *machine) openIdentity() {
	id, err := enrol.Open(enrol.Config{
		Folder: applianceIdentity, Box: m.boxName(), Made: app.Made,
		Settings: func() enrol.Settings {
			home := settings().Support
			return enrol.Settings{On: len(home.Brokers) > 0, Server: home.EST}
		},
		Clock:   m.shown,
		Changed: m.remote.reconnect, Chance: rand.Int64N, Log: m.log.With("part", "identity"),
	})
	m.state.Set(string(enrol.Storage), err != nil)
	if err != nil {
		m.log.Error("box has no identity for support", "code", enrol.Storage, "err", err)
		return
	}
	m.identity = id
	m.state.Ask(id.Conditions)
}

// shown gives what the clock shows, and whether that can be believed. Where it can't, it is no earlier than what is certain to be
// over; that alone would be the day the program was made, before which no certificate of a new box's servers may have begun.
func (m *machine) shown() (time.Time, bool) {
	now := m.remote.clock()
	if shown := time.Now(); !now.Trusted && shown.After(now.Now) {
		return shown, false
	}
	return now.Now, now.Trusted
}

// renew gets another certificate.
func (m *machine) renew(ctx context.Context) error {
	if m.identity == nil {
		return &connectors.Error{Kind: connectors.Hold, Code: string(enrol.Storage)}
	}
	if err := m.identity.Renew(ctx); err != nil {
		return &connectors.Error{Kind: connectors.Hold, Code: string(enrol.CodeOf(err)), Err: err}
	}
	return nil
}
