package setup_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"syncbox/connectors/centrixone/centrixonetest"
	"syncbox/connectors/share"
	"syncbox/connectors/share/sharetest"
	"syncbox/firmware/internal/app"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/local"
	"syncbox/sync/engine"
)

// live has the jobs run as process 1 does: as soon as the configuration can be used, and anew when it changes. The kernel's
// client for Windows shares is that of a box; here, the folder behind the share takes its place, once set-up has gone through the
// share itself.
func (s *site) live() {
	s.t.Helper()
	dir, err := os.MkdirTemp("", "box") // a socket's path must be short
	must(s.t, err)
	changed := make(chan struct{}, 1)
	s.writer = config.NewWriter(s.path(), func([]string) {
		select {
		case changed <- struct{}{}:
		default:
		}
	})
	s.conf.Settings = s.writer
	client := local.NewClient(filepath.Join(dir, "box.sock"))
	s.asked, s.conf.Identity = client, client.Identity
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	s.t.Cleanup(func() {
		stop()
		<-ended
		os.RemoveAll(dir)
	})
	go func() {
		defer close(ended)
		for ctx.Err() == nil {
			life, cancel := context.WithCancel(ctx)
			go func() {
				select {
				case <-changed:
					cancel()
				case <-life.Done():
				}
			}()
			s.runJobs(life, dir)
			cancel()
		}
	}()
}

func (s *site) runJobs(ctx context.Context, dir string) {
	conf, err := config.Load(s.path())
	if err != nil {
		<-ctx.Done()
		return
	}
	conf.Box.Data, conf.Box.Socket = dir, filepath.Join(dir, "box.sock")
	j := &conf.Jobs[0]
	j.Share = share.Config{Kind: share.Directory, Path: s.server.Dir(j.Share.Share)}
	j.Acomba.QuietTime, j.CentrixOne.Rate, j.CentrixOne.BatchSize, j.CentrixOne.MaxServerLate = 20*time.Millisecond, 100, 100, 2*time.Second
	j.SageCRM.Site.Rate = 500
	j.SalesManagement.Site.Rate, j.Sage50.Site.Settle, j.Sage50.Site.SettlePieces = 10_000, 20*time.Millisecond, 20*time.Millisecond
	a, err := app.New(conf, s.logger())
	if err != nil {
		s.t.Error(err)
		return
	}
	_ = a.Run(ctx, &local.Server{Path: conf.Box.Socket, App: a, Log: s.logger()})
	if err := a.Close(); err != nil {
		s.t.Error(err)
	}
}

// until opens a page again and again, as its refresh does, until it has a text.
func (b *browser) until(path, text string) {
	b.t.Helper()
	for !b.has(text) {
		select {
		case <-b.t.Context().Done():
			b.t.Fatalf("never %q on %s:\n%s", text, b.path, b.words())
		case <-time.After(50 * time.Millisecond):
		}
		b.open(path)
	}
}

// From the label to the first complete sync of 2,000 customers: 12 fields and 15 clicks at most, and nothing is sent before the
// tick.
//
// Requirement: ACO-1, ACO-3, ACO-4, ACO-8
func TestFirstSync(t *testing.T) {
	const customers, mostFields, mostClicks = 2000, 12, 15
	s := newSite(t)
	s.withServer(customers)
	s.live()
	b := s.logOn()
	b.submit(jobsPath + "search")
	b.submit(jobsPath+"server", "user", sharetest.UserBox, "password", secret, "domain", "", "port", s.port())
	b.submit(jobsPath+"way", "share", sharetest.ShareERP)
	b.submit(jobsPath + "company")
	b.follow(jobsPath + "crm")
	b.submit(jobsPath+"crm", "account", "10234", "key", crmKey)
	b.submit(jobsPath + "rules")
	b = s.logOnAgain(b)
	b.at(jobsPath+"first", 200)
	b.until(jobsPath+"first", "Les informations de synchronisation sont correctes")
	b.shows("before the first sync", "fiches seront créées dans le CRM.", "Faites le ménage")
	if n := len(s.crm.Accounts()); n != 0 {
		t.Errorf("%d accounts before anybody has said so", n)
	}
	b.submit("/preview/confirm", "right", "yes")
	b.clicks++ // the tick
	b.until(jobsPath+"first", "La première synchronisation est complétée.")
	if n := len(s.crm.Accounts()); n != customers {
		t.Errorf("%d accounts, want %d", n, customers)
	}
	if b.fields > mostFields || b.clicks > mostClicks {
		t.Errorf("%d fields and %d clicks, want at most %d and %d", b.fields, b.clicks, mostFields, mostClicks)
	}
	t.Logf("%d fields, %d clicks", b.fields, b.clicks)
	s.keepsSecrets(b)
}

// A company whose folder was moved is found again by its content, or by hand, and goes on without a record made twice.
//
// Requirement: ACO-71, ACO-72
func TestMoved(t *testing.T) {
	s := newSite(t)
	s.withServer(60)
	s.live()
	s.reached()
	_, err := s.writer.Set(config.Change{Key: "job.acomba.crm_account", Value: "10234"}, config.Change{Key: "job.acomba.crm_key", Value: crmKey},
		config.Change{Key: "job.acomba.direction", Value: "one-way"})
	must(t, err)
	s.synced(time.Time{})
	erp := s.server.Dir(sharetest.ShareERP)
	must(t, os.Rename(filepath.Join(erp, "F1000.dta"), filepath.Join(erp, "Compta")))
	moved := time.Now()

	b := s.logOn()
	b.at("/setup", 200)
	b.follow(jobsPath + "moved")
	b.shows("where it was", "F1000.dta/Nord")
	b.submit(jobsPath + "moved")
	b.shows("where it is", "erp/Compta/Nord", "c'est elle")
	b.submit(jobsPath+"found", "company", "7")
	b.at(jobsPath+"found", 422)
	b.submit(jobsPath + "found")
	b.at(jobsPath+"check", 200)
	b.shows("the company", "Toutes les fiches ont la forme attendue.")
	if j := s.draft(); j.Acomba.Company != "Compta/Nord" || j.Share.Server != "127.0.0.1" || string(j.Share.Password) != secret {
		t.Errorf("kept: %v %v", j.Share, j.Acomba.Company)
	}
	s.synced(moved)
	if twice := s.crm.CreatedTwice(centrixonetest.Accounts); len(twice) > 0 {
		t.Errorf("made twice: %q", twice)
	}

	// By hand: the way is gone once more, and nothing is changed before the folder is chosen.
	must(t, os.Rename(filepath.Join(erp, "Compta"), filepath.Join(erp, "Ailleurs")))
	was := s.text()
	b.open(jobsPath + "server")
	b.submit(jobsPath+"server", "server", "127.0.0.1", "user", sharetest.UserBox, "password", secret, "port", s.port())
	b.submit(jobsPath+"way", "share", sharetest.ShareERP)
	if s.text() != was {
		t.Error("something was changed before the folder was chosen")
	}
	b.submit(jobsPath+"company", "company", "Ailleurs/Nord")
	if j := s.draft(); j.Acomba.Company != "Ailleurs/Nord" {
		t.Errorf("kept: %v", j.Acomba.Company)
	}
	s.keepsSecrets(b)
}

// synced waits until the job has worked everything off in a cycle that began after a time.
func (s *site) synced(after time.Time) {
	s.t.Helper()
	for {
		all, err := s.asked.Status(s.t.Context())
		if err == nil && len(all) == 1 && all[0].Status.LastBegin.After(after) && all[0].Status.Ways[0].Outcome == engine.Success {
			return
		}
		select {
		case <-s.t.Context().Done():
			s.t.Fatalf("never synced: %+v, %v", all, err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}
