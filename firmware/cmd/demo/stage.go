package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"syncbox/connectors/centrixone/centrixonetest"
	"syncbox/firmware/internal/app"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/local"
	"syncbox/firmware/internal/sitetest"
	"syncbox/sync/engine"
)

type options struct {
	pair                 string
	customers, documents int
	language             string
	length               time.Duration
	keep                 bool
}

// stage is everything that is on it: the company, the CRM, the box with its job, and support with its broker.
type stage struct {
	options
	company company
	crm     *centrixonetest.Server
	dir     string
	app     *app.App
	job     *app.Job
	office  *office
	remote  *remote
	signIns *app.SignIns
	page    pageServer
	done    chan error
	end     context.CancelFunc
	begin   time.Time
}

// The demo's own secrets open nothing but the simulators of this process.
const (
	boxSettings = `# the demo's box
[box]
name = "syncbox-demo"
data = %q
language = %q

[[job]]
name = %q
`
	crmSecrets = "crm_account = \"" + sitetest.CRMAccount + "\"\ncrm_key = \"" + sitetest.CRMKey + "\"\n"
)

// crmSettings are those of a job for a CRM at this address.
func crmSettings(address string) string {
	return fmt.Sprintf("\n[job.centrixone]\nurl = %q\nbatch = 100\nrate = 80.0\nmax_server_late = \"2s\"\n", "http://"+address)
}

func newStage(ctx context.Context, o options) (*stage, error) {
	dir, err := os.MkdirTemp("", "syncbox-demo-")
	if err != nil {
		return nil, err
	}
	s := &stage{options: o, dir: dir, begin: time.Now(), company: companies[o.pair]()}
	if err := s.build(ctx); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *stage) build(ctx context.Context) error {
	crm, settings, secrets, err := s.company.open(s.dir, s.options)
	if err != nil {
		return err
	}
	s.crm = crm
	text := fmt.Sprintf(boxSettings, filepath.Join(s.dir, "data"), s.language, sitetest.Job) + settings
	if err := os.WriteFile(filepath.Join(s.dir, "syncbox.toml"), []byte(text), 0o644); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(s.dir, "secrets.toml"), []byte("[job."+sitetest.Job+"]\n"+secrets), 0o600); err != nil {
		return err
	}
	if err := s.start(ctx); err != nil {
		return err
	}
	return s.company.signIn(ctx, s.signIns)
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
	s.signIns = &app.SignIns{Draft: func() (config.Config, error) { return conf, nil }, Log: log,
		Changed: func(ctx context.Context, job string, connected bool) {
			if connected {
				s.app.Connected(ctx, job)
			}
		}}
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
		s.done <- s.app.Run(ctx, &local.Server{Path: conf.Box.Socket, App: s.app, Log: log, SignIns: s.signIns}, s.remote, s.page)
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
	_ = s.company.close() // what it served is judged already
	if !s.keep {
		_ = os.RemoveAll(s.dir)
	}
}

// status gives the box's own view of its job.
func (s *stage) status() engine.Status {
	st, _ := s.job.Status()
	return st
}

// cityInCRM gives the city that the CRM shows of a customer.
func (s *stage) cityInCRM(customer string) string {
	a, _ := s.crm.AccountByExternalID("CU" + customer)
	return a.City
}

// setCityInCRM is an edit by a person there.
func (s *stage) setCityInCRM(customer, city string) error {
	a, ok := s.crm.AccountByExternalID("CU" + customer)
	if !ok {
		return fmt.Errorf("customer %s is not in the CRM", customer)
	}
	return s.crm.Person(centrixonetest.Administrator).Edit(centrixonetest.Accounts, a.ID, centrixonetest.Fields{"City": city})
}
