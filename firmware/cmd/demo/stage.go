package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"syncbox/connectors/acomba"
	"syncbox/connectors/acomba/acombatest"
	"syncbox/firmware/internal/app"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/local"
	"syncbox/firmware/internal/sitetest"
	"syncbox/firmware/internal/storytest"
	"syncbox/sync/engine"
)

type options struct {
	customers, documents int
	language             string
	length               time.Duration
	keep                 bool
}

// stage is everything that is on it: the company, the CRM, the box with its job, and support with its broker.
type stage struct {
	options
	storytest.Sides
	dir    string
	app    *app.App
	job    *app.Job
	office *office
	remote *remote
	page   pageServer
	done   chan error
	end    context.CancelFunc
	begin  time.Time
	endCRM func() error
}

// The demo's own secrets open nothing but the simulator of this process.
const configuration = `# the demo's box
[box]
name = "syncbox-demo"
data = %q
language = %q

[[job]]
name = %q
pair = "acomba-centrixone"
direction = "two-way"
interval = "1s"

[job.share]
kind = "directory"
path = %q

[job.acomba]
company = %q
write_back = "direct"
quiet_ms = 300

[job.centrixone]
url = %q
batch = 100
rate = 80.0
max_server_late = "2s"
`

const secretFile = "[job." + sitetest.Job + "]\ncrm_account = \"" + sitetest.CRMAccount + "\"\ncrm_key = \"" + sitetest.CRMKey + "\"\n"

func newStage(ctx context.Context, o options) (*stage, error) {
	dir, err := os.MkdirTemp("", "syncbox-demo-")
	if err != nil {
		return nil, err
	}
	s := &stage{options: o, dir: dir, begin: time.Now()}
	if err := s.build(ctx); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *stage) build(ctx context.Context) error {
	share := filepath.Join(s.dir, "share")
	var err error
	if s.ERP, err = sitetest.NewCompany(share, s.customers, s.documents); err != nil {
		return err
	}
	var address string
	if s.CRM, address, s.endCRM, err = sitetest.ServeCRM(); err != nil {
		return err
	}
	text := fmt.Sprintf(configuration, filepath.Join(s.dir, "data"), s.language, sitetest.Job, share, sitetest.Company, "http://"+address)
	if err := os.WriteFile(filepath.Join(s.dir, "syncbox.toml"), []byte(text), 0o644); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(s.dir, "secrets.toml"), []byte(secretFile), 0o600); err != nil {
		return err
	}
	return s.start(ctx)
}

// start runs the box as an ordinary process runs it.
func (s *stage) start(ctx context.Context) error {
	conf, err := config.Load(filepath.Join(s.dir, "syncbox.toml"))
	if err != nil {
		return err
	}
	logFile, err := os.Create(filepath.Join(s.dir, "box.log"))
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(logFile, nil))
	s.app, err = app.New(conf, log)
	if err != nil {
		return err
	}
	s.job = s.app.Jobs[0]
	if s.office, err = openOffice(filepath.Join(s.dir, "support"), log.With("part", "broker")); err != nil {
		return err
	}
	if s.remote, err = s.report(log.With("part", "support")); err != nil {
		return err
	}
	ctx, s.end = context.WithCancel(ctx)
	s.done = make(chan error, 1)
	if s.page, err = openPage(conf, s.app, log); err != nil {
		return err
	}
	go func() {
		s.done <- s.app.Run(ctx, &local.Server{Path: conf.Box.Socket, App: s.app, Log: log}, s.remote, s.page)
	}()
	return nil
}

func (s *stage) close() {
	if s.end != nil {
		s.end()
		<-s.done
		_ = s.app.Close()
	}
	if s.remote != nil {
		_ = s.remote.store.Close()
	}
	if s.office != nil {
		_ = s.office.close()
	}
	if s.endCRM != nil {
		_ = s.endCRM() // what it served is judged already
	}
	if !s.keep {
		_ = os.RemoveAll(s.dir)
	}
}

// status gives the box's own view of its job.
func (s *stage) status() engine.Status {
	st, _ := s.job.Status()
	return st
}

// confirmWriting plays the technician who tries the writing on a customer: sees the mark, types the answer.
func (s *stage) confirmWriting(ctx context.Context, position int32) error {
	c, err := s.ERP.Customer(position)
	if err != nil {
		return err
	}
	test, err := s.job.StartWriteTest(ctx, c.Number)
	if err != nil {
		return fmt.Errorf("start write test: %w", err)
	}
	if err := s.ERP.ModifyCustomer(test.Position, func(c *acombatest.Customer) { c.Web = test.Reply }); err != nil {
		return fmt.Errorf("answer write test: %w", err)
	}
	if err := s.job.CheckWriteTest(ctx, acomba.Seen{By: "demo", ByNumber: true, ByName: true}); err != nil {
		return fmt.Errorf("confirm write test: %w", err)
	}
	return nil
}
