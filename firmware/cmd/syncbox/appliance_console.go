package main

import (
	"cmp"
	"context"
	"errors"
	"io"
	"time"

	"syncbox/board"
	"syncbox/connectors/share"
	"syncbox/firmware/internal/app"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/console"
	"syncbox/firmware/internal/local"
	"syncbox/firmware/internal/panel"
)

// console is the service console on the board's serial line.
func (m *machine) console() app.Part {
	var news console.Updates
	if m.news != nil {
		news = m.news
	}
	var identity console.Identity
	if m.identity != nil {
		identity = m.identity
	}
	return console.Part{
		Open: func() (io.ReadWriteCloser, error) { return board.OpenSerial(m.model.Console, board.Baud) },
		Console: console.New(console.Config{
			Face: m.face, Box: local.NewClient(settings().Box.Socket), Codes: m.state.Codes, Journal: m.events, Settings: m.writer, Door: m.door,
			Tests: tests{m}, SignIns: m.signIns, Link: m.linkNow, Updates: news, Identity: identity, Log: m.log.With("part", "console"), Ready: ready,
			Act: func(ctx context.Context, a panel.Action) error {
				return panel.Do(ctx, actions{m}, m.events, a, panel.Console)
			},
		}),
	}
}

// ready tells why no job can run yet.
func ready() error { _, err := config.Load(applianceConfig); return err }

func (m *machine) linkNow(context.Context) (console.Link, error) {
	l, err := networkCard()
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
	_, err = s.ReadDir(cmp.Or(j.Acomba.Company, j.Bob50.Site.Dossier, j.Sage50.Site.Dossier))
	return errors.Join(err, s.Close())
}

// CRM logs on to a job's CRM and reads its lists, or its columns; with Sage X3, to X3 and to the mailbox.
func (t tests) CRM(ctx context.Context, name string) error {
	j, err := jobOf(name)
	if err != nil {
		return err
	}
	switch config.Pair(j.Pair) {
	case config.SageX3Outlook:
		return errors.Join(app.TryUser(ctx, j, t.m.log)...)
	case config.Bob50SageCRM:
		_, err := app.TrySageCRM(ctx, j, t.m.log)
		return err
	case config.Sage50SalesManagement:
		_, err := app.TrySalesManagement(ctx, j, t.m.log)
		return err
	}
	return app.TryCRM(ctx, j.CentrixOne, t.m.log)
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
