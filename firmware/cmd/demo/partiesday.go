package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"syncbox/connectors/bob50/bob50test"
	"syncbox/connectors/sagecrm/sagecrmtest"
	"syncbox/sync/engine"
)

// play goes on with the day after: what is new in BOB is shown with its detail and, once it is ticked, is in the CRM. What the CRM has and
// BOB has not goes there by LINK.
func (p *parties) play(ctx context.Context, s *stage) (string, error) {
	for _, deed := range []func(context.Context, *stage) error{p.edited, p.imported} {
		if err := deed(ctx, s); err != nil {
			return "", err
		}
	}
	if err := p.whole(); err != nil {
		return "", err
	}
	companies, persons, written, err := p.Counts()
	never := 0
	for _, cid := range p.never {
		if _, there := p.Company(cid); !there {
			never++
		}
	}
	return fmt.Sprintf("companies=%d persons=%d pending=%d never=%d written=%d", companies, persons, p.pending, never, written), err
}

// edited changes a third party in BOB.
func (p *parties) edited(ctx context.Context, s *stage) error {
	cids, err := p.Eligible()
	if err != nil {
		return err
	}
	cid := cids[0]
	was, err := p.BOB.Party(cid)
	if err == nil {
		err = errors.Join(p.BOB.Edit(cid, bob50test.Fields{"CLOCALITY": "Dinant"}), p.backup())
	}
	if err != nil {
		return err
	}
	plan, pending, err := p.shown(ctx, s, []string{cid})
	if err != nil {
		return err
	}
	at := slices.IndexFunc(pending[cid].Fields, func(f engine.FieldChange) bool { return f.CRM == "addr_city" })
	if at < 0 || pending[cid].Fields[at].Old.Text != was.Text("CLOCALITY") || pending[cid].Fields[at].New.Text != "Dinant" {
		return fmt.Errorf("%s is not shown with its detail: %d fields", cid, len(pending[cid].Fields))
	}
	if err := p.agree(ctx, s, plan, 1); err != nil {
		return err
	}
	return p.whole()
}

// imported starts the import of LINK in BOB, and holds that the company which was born in the CRM is there.
func (p *parties) imported(ctx context.Context, s *stage) error {
	before := len(p.BOB.CIDs())
	p.BOB.Advance(time.Minute)
	report, err := p.BOB.Import()
	if err != nil || report.Added != 1 || len(p.BOB.CIDs()) != before+1 {
		return fmt.Errorf("LINK added %d third parties: %w", report.Added, err)
	}
	if err := p.backup(); err != nil {
		return err
	}
	plan, pending, err := p.look(ctx, s)
	if err == nil && plan != nil {
		err = p.agree(ctx, s, plan, len(pending))
	}
	if err != nil {
		return err
	}
	if c, _ := p.CRM.Record(sagecrmtest.Company, p.bornInCRM); c.Values["comp_name"] != "Née dans le CRM" {
		return fmt.Errorf("the company born in the CRM is called %q", c.Values["comp_name"])
	}
	return nil
}
