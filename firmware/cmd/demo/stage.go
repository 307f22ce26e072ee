package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

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

// stage is everything that is on it: the two products, the box with its jobs, and support with its broker.
type stage struct {
	options
	story   story
	dir     string
	app     *app.App
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

`
	jobSettings = "[[job]]\nname = \"" + sitetest.Job + "\"\n"
	jobSecrets  = "[job." + sitetest.Job + "]\n"
	crmSecrets  = "crm_account = \"" + sitetest.CRMAccount + "\"\ncrm_key = \"" + sitetest.CRMKey + "\"\n"
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
	s := &stage{options: o, dir: dir, begin: time.Now(), story: stories[o.pair]()}
	if err := s.build(ctx); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *stage) build(ctx context.Context) error {
	settings, secrets, err := s.story.open(s.dir, s.options)
	if err != nil {
		return err
	}
	text := fmt.Sprintf(boxSettings, filepath.Join(s.dir, "data"), s.language) + settings
	if err := os.WriteFile(filepath.Join(s.dir, "syncbox.toml"), []byte(text), 0o644); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(s.dir, "secrets.toml"), []byte(secrets), 0o600); err != nil {
		return err
	}
	if err := s.start(ctx); err != nil {
		return err
	}
	return s.story.signIn(ctx, s.signIns)
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
	_ = s.story.close() // what it served is judged already
	if !s.keep {
		_ = os.RemoveAll(s.dir)
	}
}

// statuses gives the box's own view of its jobs.
func (s *stage) statuses() (all []engine.Status) {
	for _, j := range s.app.Jobs {
		st, _ := j.Status()
		all = append(all, st)
	}
	return all
}

// synced says whether every job has ended a cycle, and well in the first ways: 1 is towards the CRM, 2 both.
func (s *stage) synced(ways int) bool {
	for _, st := range s.statuses() {
		if st.LastEnd.IsZero() || slices.ContainsFunc(st.Ways[:ways], func(w engine.Way) bool { return w.Outcome != engine.Success }) {
			return false
		}
	}
	return true
}
