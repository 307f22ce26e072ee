package all

import (
	"context"
	"log/slog"
	"path/filepath"

	"syncbox/connectors"
	"syncbox/connectors/pairs"
	"syncbox/connectors/pairs/handover"
	"syncbox/connectors/pairs/legs"
	"syncbox/connectors/pairs/newcomers"
	"syncbox/connectors/record"
	"syncbox/connectors/sage50fr"
	"syncbox/connectors/salesmanagement"
	"syncbox/connectors/share"
)

func sage50SalesManagement(s Settings, log *slog.Logger, p *Pair) error {
	s.Sage50SalesManagement.Dossier = s.SalesManagement.Dossier
	s.Sage50SalesManagement.NoQuotes = !s.TwoWay
	p.Profile = pairs.Sage50SalesManagement(s.Sage50SalesManagement)
	s.Sage50.SendClients = s.Sage50SalesManagement.SendClients
	times := legs.Open(filepath.Join(s.Sage50.Dir, "trips.json"), s.Sage50.Now, s.SalesManagement.Zone, log.With("part", "legs"))
	dossier, err := sage50Side(s, times, log.With("part", "erp"), p)
	if err != nil {
		return err
	}
	c := s.SalesManagement
	c.NoQuotes = s.Sage50SalesManagement.NoQuotes
	c.Pictures = dossier
	tenant, err := salesmanagement.New(c, log.With("part", "crm"), nil)
	if err != nil {
		return err
	}
	p.closes = append(p.closes, tenant.Close)
	crm := newcomers.New(tenant, s.Sage50SalesManagement.SendClients, times)
	p.CRM = tenantSide{crm, absent{p.Profile, connectors.CRM}}
	return nil
}

// sage50Side builds the dossier: one mount for reading, and one for the import files where the site writes at all.
func sage50Side(s Settings, times *legs.Book, log *slog.Logger, p *Pair) (*handover.Dossier, error) {
	files, err := share.New(s.Share, log)
	if err != nil {
		return nil, err
	}
	p.closes = append(p.closes, files.Close)
	mounts := []mount{files}
	var imports sage50fr.Drops
	if s.TwoWay {
		drops, err := share.NewWriter(s.Share, share.WriteDrops, log)
		if err != nil {
			return nil, err
		}
		p.closes = append(p.closes, drops.Close)
		mounts, imports = append(mounts, drops), drops
	}
	inner, err := sage50fr.New(s.Sage50, files, imports, log)
	if err != nil {
		return nil, err
	}
	p.closes = append(p.closes, inner.Close)
	dossier := handover.New(inner, times)
	seen := dossierSeen{dossierSource{dossier, absent{p.Profile, connectors.ERP}}, dossier, dossier, dossier, dossier, sessions{mounts}}
	p.ERP = seen
	if s.TwoWay {
		p.ERP = dossierTwoWay{seen, dossier, dossier, dossier, dossier}
	}
	return dossier, nil
}

// absent tells fields of the profile that a side does not have now: an export without the column, a tenant without the custom field.
type absent struct {
	profile *connectors.Profile
	side    connectors.Side
}

// kindsOf are the kinds of values of lenses; text is that of all others.
var kindsOf = map[connectors.LensKind]record.Kind{connectors.LensNumber: record.Number, connectors.LensDate: record.Date, connectors.LensBool: record.Bool,
	connectors.LensRef: record.Ref, connectors.LensTime: record.Time, connectors.LensRows: record.Rows}

// among adds them to those that are there.
func (a absent) among(e record.Entity, fields map[string]connectors.Field) map[string]connectors.Field {
	rule := a.profile.Entity(e)
	if rule == nil || fields == nil {
		return fields
	}
	for _, f := range rule.Fields {
		names := []string{f.CRM}
		if a.side == connectors.ERP {
			names = []string{f.ERP}
			for _, c := range f.Only {
				names = append(names, c.Field)
			}
		}
		for _, name := range names {
			if _, there := fields[name]; !there {
				fields[name] = connectors.Field{Kind: a.kind(f, name), Absent: true}
			}
		}
	}
	return fields
}

func (a absent) kind(f connectors.FieldRule, name string) record.Kind {
	kind := kindsOf[f.Lens.Kind]
	if kind == record.None || name != f.CRM && name != f.ERP {
		return record.Text
	}
	return kind
}

// dossierSource is a dossier that is only read.
type dossierSource struct {
	dossier *handover.Dossier
	absent  absent
}

// Observe reads the new exports.
func (d dossierSource) Observe(ctx context.Context, o connectors.Observation) error {
	return d.dossier.Observe(ctx, o)
}

// Read gives the records as the exports have told them. Of references, ours alone are one.
func (d dossierSource) Read(ctx context.Context, e record.Entity, keys []record.Key) (found []record.Record, later []record.Key, err error) {
	found, later, err = d.dossier.Read(ctx, e, keys)
	for _, r := range found {
		if r.ExternalID == "" {
			delete(r.Fields, sage50fr.FieldReference)
		}
	}
	return found, later, err
}

// Fields describes the fields of e.
func (d dossierSource) Fields(e record.Entity) map[string]connectors.Field {
	return d.absent.among(e, d.dossier.Fields(e))
}

// Close frees what the dossier keeps in memory.
func (d dossierSource) Close() error { return d.dossier.Close() }

// Remarks are what the latest look found that is no error.
func (d dossierSource) Remarks() []record.Remark { return d.dossier.Notices() }

// dossierSeen tells of itself what a dossier that is written tells.
type dossierSeen struct {
	dossierSource
	connectors.Sweeper
	connectors.Finder
	connectors.Holder
	connectors.Checker
	sessions
}

// dossierTwoWay is a dossier that import files are handed to.
type dossierTwoWay struct {
	dossierSeen
	connectors.Target
	connectors.Publisher
	connectors.Creator
	connectors.Prompter
}

// tenantSide is a tenant whose custom fields a person may have yet to make.
type tenantSide struct {
	*newcomers.Tenant
	absent absent
}

// Fields describes the fields of e.
func (t tenantSide) Fields(e record.Entity) map[string]connectors.Field {
	return t.absent.among(e, t.Tenant.Fields(e))
}
