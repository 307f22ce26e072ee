package all

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/bob50"
	"syncbox/connectors/pairs"
	"syncbox/connectors/pairs/eligible"
	"syncbox/connectors/record"
	"syncbox/connectors/sagecrm"
	"syncbox/connectors/share"
)

func bob50SageCRM(s Settings, log *slog.Logger, p *Pair) error {
	if s.Links == nil {
		return errors.New("bob50-sagecrm: the links of the job are needed")
	}
	p.Profile = pairs.Bob50SageCRM(s.Bob50SageCRM)
	site, err := bobSide(s, log.With("part", "erp"), p)
	if err != nil {
		return err
	}
	p.BOB50 = site
	crm, err := sagecrm.New(s.SageCRM, log.With("part", "crm"), nil)
	if err != nil {
		return err
	}
	p.CRM = eligible.New(crm, site, s.Links, cmp.Or(s.SageCRM.Country, "BE"))
	p.closes = append(p.closes, crm.Close)
	return nil
}

// bobSide builds the company: one mount for reading, and one for LINK's folder where the site writes at all.
func bobSide(s Settings, log *slog.Logger, p *Pair) (*bob50.Site, error) {
	files, err := share.New(s.Share, log)
	if err != nil {
		return nil, err
	}
	p.closes = append(p.closes, files.Close)
	mounts := []mount{files}
	var link bob50.Drops
	if s.TwoWay && s.Bob50.Link != "" {
		drops, err := share.NewWriter(s.Share, share.WriteDrops, log)
		if err != nil {
			return nil, err
		}
		p.closes = append(p.closes, drops.Close)
		mounts, link = append(mounts, drops), drops
	}
	site, err := bob50.New(s.Bob50, files, link, log)
	if err != nil {
		return nil, err
	}
	p.closes = append(p.closes, site.Close)
	p.ERP = bobTwoWay{bobSite{site}, sessions{mounts}, asked{}}
	if !s.TwoWay {
		p.ERP = bobSeen{bobSource{site}, site, site, site, site, site, site, sessions{mounts}, asked{}}
	}
	return site, nil
}

// asked lets no cycle begin by itself but the first: a run is always started from BOB's side, by a person or by a new backup.
type asked struct{}

// Pause implements connectors.Pacer.
func (asked) Pause(time.Duration) time.Duration { return connectors.Never }

// bobSite is a company that is read and written. A field of the map that this version of BOB does not have is one that nothing is
// written to.
type bobSite struct{ *bob50.Site }

// Fields describes the fields of e.
func (s bobSite) Fields(e record.Entity) map[string]connectors.Field { return fieldsOf(s.Site, e) }

func fieldsOf(s *bob50.Site, e record.Entity) map[string]connectors.Field {
	fields := s.Fields(e)
	for name := range s.Map(e) {
		if _, there := fields[name]; !there && fields != nil {
			fields[name] = connectors.Field{Kind: record.Text}
		}
	}
	return fields
}

type bobTwoWay struct {
	bobSite
	sessions
	asked
}

// bobSource is a company that is only read.
type bobSource struct{ site *bob50.Site }

// Observe reads the newest backup.
func (s bobSource) Observe(ctx context.Context, o connectors.Observation) error {
	return s.site.Observe(ctx, o)
}

// Read gives the records as the latest look saw them.
func (s bobSource) Read(ctx context.Context, e record.Entity, keys []record.Key) ([]record.Record, []record.Key, error) {
	return s.site.Read(ctx, e, keys)
}

// Fields describes the fields of e.
func (s bobSource) Fields(e record.Entity) map[string]connectors.Field { return fieldsOf(s.site, e) }

// Close takes the copies of backups away.
func (s bobSource) Close() error { return s.site.Close() }

// bobSeen tells of itself what a company that is written tells.
type bobSeen struct {
	bobSource
	connectors.Sweeper
	connectors.Holder
	connectors.Checker
	connectors.Customised
	connectors.Grounded
	connectors.Remarker
	sessions
	asked
}
