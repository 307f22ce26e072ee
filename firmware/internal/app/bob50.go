package app

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/all"
	"syncbox/connectors/bob50"
	"syncbox/connectors/pairs"
	"syncbox/connectors/record"
	"syncbox/connectors/sagecrm"
	"syncbox/connectors/share"
	"syncbox/firmware/internal/config"
	"syncbox/sync/engine"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

// bobDir is the folder of a job for the copy of a backup, and for what was handed to LINK.
const bobDir = "bob50"

// tryDir is a folder for a copy at set-up, beside those of the jobs: that of a job goes on serving it.
const tryDir = "bob50-try"

// bob50 adds what a company of BOB 50 and a Sage CRM are built from.
func (j *Job) bob50(s *all.Settings, state *store.State) {
	s.Bob50, s.SageCRM = j.conf.Bob50.Site, j.conf.SageCRM.Site
	s.Bob50.Dir = filepath.Join(j.dir, bobDir)
	s.Bob50SageCRM = pairs.Bob50SageCRMOptions{NoneNew: j.conf.Bob50.NoneNew, Languages: j.conf.SageCRM.Languages,
		PersonIDs: s.SageCRM.PersonIDField != "", RecreateAuto: j.conf.RecreateAuto}
	s.Links = func(side connectors.Side, e record.Entity, key record.Key) (other record.Key) {
		_ = state.View(func(t *store.Txn) { // a store that fails ends the engine, which meets it too
			if l, ok := t.Find(side, e, key); ok && l.State != plan.Closed {
				other = l.CRM
				if side == connectors.CRM {
					other = l.ERP
				}
			}
		})
		return other
	}
}

// first has a job that knows no two records to belong together find out first which do: companies by their VAT number, persons by
// their name.
func first(state *store.State, now time.Time) error {
	return state.Update(func(t *store.Txn) error {
		_, underway := t.Repair()
		known := underway
		t.LinksFrom(0, func(plan.Link) bool { known = true; return false })
		if !known {
			t.PutRepair(store.Repair{Level: 2, Phase: store.RepairSettle, Asked: now})
		}
		return nil
	})
}

// awaitBackups begins a run whenever there is a new valid backup, until ctx ends. That there is none is told by the run before.
func (j *Job) awaitBackups(ctx context.Context, e *engine.Engine, site *bob50.Site) {
	every := time.NewTicker(j.conf.Engine.Schedule.Interval)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
		}
		newer := false
		err := e.Between(ctx, func() (err error) { newer, err = site.Newer(ctx); return err })
		if err != nil && ctx.Err() == nil {
			j.log.Debug("no new backup", "code", connectors.CodeOf(err))
		}
		if newer {
			_ = e.Do(ctx, engine.Force, "") // of a job that was stopped it is refused
		}
	}
}

// TryBob50 looks whether a job's company and its newest backup are as the settings say. It gives the backup that would serve, and
// what is in it. The copy lies in a folder of its own below dir, which goes again.
func TryBob50(ctx context.Context, j config.Job, dir string, log *slog.Logger) (bob50.Trial, error) {
	files, err := share.Open(ctx, j.Share, log)
	if err != nil {
		return bob50.Trial{}, err
	}
	c := j.Bob50.Site
	c.Dir = filepath.Join(dir, tryDir)
	defer os.RemoveAll(c.Dir) // what stays behind goes with the next one
	site, err := bob50.New(c, files, nil, log)
	if err != nil {
		return bob50.Trial{}, errors.Join(err, files.Close())
	}
	found, err := site.Try(ctx)
	return found, errors.Join(err, site.Close(), files.Close())
}

// TrySageCRM logs on to a job's Sage CRM and looks whether it has the columns that the settings name. The proposal holds those among
// which a person chooses; it is given also where none is chosen yet.
func TrySageCRM(ctx context.Context, j config.Job, log *slog.Logger) (sagecrm.Proposal, error) {
	crm, err := sagecrm.New(j.SageCRM.Site, log, nil)
	if err != nil {
		return sagecrm.Proposal{}, err
	}
	p, err := crm.Propose(ctx)
	if err == nil {
		err = crm.Check(ctx)
	}
	return p, errors.Join(err, crm.Close())
}
