package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"time"

	"syncbox/connectors/bob50/bob50test"
	"syncbox/connectors/record"
	"syncbox/connectors/sagecrm/sagecrmtest"
	"syncbox/firmware/internal/app"
	"syncbox/firmware/internal/storytest"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// parties is the story of a company of BOB 50 whose third parties are companies of Sage CRM. Nothing is written before a person has
// seen it and ticked.
type parties struct {
	storytest.Backed
	dir                   string
	never, notNow         []string // references that a person left out of the first run
	pending, companies    int      // rows that were shown as pending and ticked; companies that the CRM had before
	end                   context.CancelFunc
	bornInCRM, otherParty int64 // companies of the CRM that BOB does not have, and that is not synchronised
}

var (
	_ story  = (*parties)(nil)
	_ ticked = (*parties)(nil)
)

// manyParties are those of the company. Six of ten can be synchronised; a few of those have a company in the CRM before.
const (
	manyParties = 100
	knownBefore = 5
)

const partySettings = `pair = "bob50-sagecrm"
interval = "1s"

[job.share]
kind = "directory"
path = %q

[job.bob50]
dossier = "DATA/DEMO"
backups = "BACKUP"
link = "LINK/DEMO"
zone = "UTC"

[job.sagecrm]
url = %q
user = "syncbox"
vat_field = "comp_vatnumber"
bob_sync_field = "comp_bobsync"
rate = 200.0
max_server_late = "2s"
`

func (p *parties) open(dir string, _ options) (settings, secrets string, err error) {
	var ctx context.Context
	ctx, p.end = context.WithCancel(context.Background())
	p.dir, p.Out = dir, map[string]bool{}
	root := filepath.Join(dir, "share")
	if p.BOB, err = bob50test.Create(root, bob50test.Options{Parties: manyParties, Start: time.Now().UTC().Add(-12 * time.Hour)}); err != nil {
		return "", "", err
	}
	crm, at, err := sagecrmtest.Listen(ctx, sagecrmtest.Options{Seed: 1})
	if err != nil {
		return "", "", err
	}
	p.CRM = crm
	if err := p.before(); err != nil {
		return "", "", err
	}
	return jobSettings + fmt.Sprintf(partySettings, root, at), jobSecrets + "crm_password = \"SECRET\"\n", p.backup()
}

// before has people enter companies into the CRM: some that BOB has as well, written in their own way, one that it has not, and one that
// is none of its business.
func (p *parties) before() error {
	cids, err := p.Eligible()
	if err != nil {
		return err
	}
	enter := func(name, vat, ticked string) (int64, error) {
		return p.CRM.Console("anne").Create(sagecrmtest.Company, sagecrmtest.Values{"comp_name": name, "comp_type": "Customer", "comp_bobsync": ticked, "comp_vatnumber": vat})
	}
	for _, cid := range cids[:knownBefore] {
		party, err := p.BOB.Party(cid)
		if err == nil {
			n := party.Text("CVATNO")
			_, err = enter("Ancien nom de "+cid, "be "+n[:4]+"."+n[4:7]+"."+n[7:], "Y")
		}
		if err != nil {
			return err
		}
	}
	if p.bornInCRM, err = enter("Née dans le CRM", "BE0403170701", "Y"); err != nil {
		return err
	}
	p.otherParty, err = enter("Pas cochée", "BE0403199702", "")
	p.companies = len(p.CRM.Records(sagecrmtest.Company))
	return err
}

// backup makes one, a minute after what went before.
func (p *parties) backup() error {
	p.BOB.Advance(time.Minute)
	_, err := p.BOB.Backup(bob50test.Good)
	return err
}

func (p *parties) signIn(context.Context, *app.SignIns) error { return nil }

func (p *parties) close() error {
	if p.end != nil {
		p.end()
	}
	return nil
}

// cycle has the job do something, and waits for a cycle that began since to end.
func cycle(ctx context.Context, s *stage, verb engine.Verb, name string) (*engine.Preview, error) {
	job := s.app.Jobs[0]
	if err := storytest.Until(ctx, "the job is up", editWithin, func() bool { _, _, err := job.Engine(); return err == nil }); err != nil {
		return nil, err
	}
	asked := time.Now()
	if err := job.Do(ctx, verb, name); err != nil {
		return nil, err
	}
	var st engine.Status
	err := storytest.Until(ctx, string(verb), firstSyncWithin, func() bool {
		st, _ = job.Status()
		return st.Phase == "" && st.LastBegin.After(asked) && st.LastEnd.After(st.LastBegin)
	})
	return st.Preview, err
}

// rows gives what is shown as pending towards one side, by the reference in BOB, or by the CRM's id where there is none.
func rows(s *stage, to store.Direction) (map[string]engine.Change, error) {
	all := map[string]engine.Change{}
	for after := ""; ; {
		page, err := s.app.Jobs[0].PreviewPage(engine.PreviewQuery{Entity: record.Account, After: after, Limit: 200})
		if err != nil {
			return nil, err
		}
		for _, c := range page.Changes {
			if c.To != to || c.Mark != "" {
				continue
			}
			key := c.ERP
			if key == "" {
				key = c.CRM
			}
			all[string(key)] = c
		}
		if after = page.Next; after == "" {
			return all, nil
		}
	}
}

// look has the box show what is pending, and holds that nothing was written for it. Without a plan that waits it gives nil.
func (p *parties) look(ctx context.Context, s *stage) (plan *engine.Preview, pending map[string]engine.Change, err error) {
	written := len(p.CRM.Changes(sagecrmtest.ChangeQuery{Author: "calls"}))
	if plan, err = cycle(ctx, s, engine.Force, ""); err != nil || plan == nil || !plan.Waits {
		return nil, nil, err
	}
	if n := len(p.CRM.Changes(sagecrmtest.ChangeQuery{Author: "calls"})); n != written {
		return nil, nil, fmt.Errorf("%d values were written before anybody ticked", n-written)
	}
	pending, err = rows(s, store.ToCRM)
	return plan, pending, err
}

// shown looks until just these references are shown as pending.
func (p *parties) shown(ctx context.Context, s *stage, want []string) (plan *engine.Preview, pending map[string]engine.Change, err error) {
	var keys []string
	waited := storytest.Until(ctx, "a plan", editWithin, func() bool {
		plan, pending, err = p.look(ctx, s)
		keys = slices.Sorted(maps.Keys(pending))
		return err != nil || plan != nil && slices.Equal(keys, want)
	})
	if waited != nil {
		err = errors.Join(err, waited, fmt.Errorf("pending: %d rows, %s; want %d", len(keys), storytest.Some(keys), len(want)))
	}
	return plan, pending, err
}

// agree ticks a plan that shows so many rows.
func (p *parties) agree(ctx context.Context, s *stage, plan *engine.Preview, n int) error {
	p.pending += n
	_, err := cycle(ctx, s, engine.Tick, plan.Digest)
	return err
}

// firstLook sees the grid, leaves some rows out, and ticks the rest; then it ticks those that were left out for once, which are shown
// again.
func (p *parties) firstLook(ctx context.Context, s *stage) error {
	all, err := p.Eligible()
	if err != nil {
		return err
	}
	if _, _, err := p.shown(ctx, s, all); err != nil {
		return err
	}
	p.never, p.notNow = all[knownBefore:knownBefore+3], all[knownBefore+3:knownBefore+5]
	for verb, cids := range map[engine.Verb][]string{engine.LeaveOut: p.never, engine.NotThisTime: p.notNow} {
		for _, cid := range cids {
			p.Out[cid] = true
			if err := s.app.Jobs[0].Do(ctx, verb, engine.RecordName(record.Account, record.Key(cid), "")); err != nil {
				return err
			}
		}
	}
	for _, want := range [][]string{slices.Concat(all[:knownBefore], all[knownBefore+5:]), p.notNow} {
		plan, _, err := p.shown(ctx, s, want)
		if err == nil {
			err = p.agree(ctx, s, plan, len(want))
		}
		if err == nil {
			err = p.whole()
		}
		if err != nil {
			return err
		}
		for _, cid := range p.notNow { // from the second run on
			delete(p.Out, cid)
		}
	}
	return storytest.Until(ctx, "rest", editWithin, func() bool {
		plan, _, err := p.look(ctx, s)
		return err == nil && plan == nil && s.statuses()[0].Resync == nil
	})
}

func (p *parties) whole() error {
	wrong, err := p.Missing()
	if err == nil && len(wrong) > 0 {
		err = fmt.Errorf("%d third parties are not as they should be: %s", len(wrong), storytest.Some(wrong))
	}
	c, _ := p.CRM.Record(sagecrmtest.Company, p.otherParty)
	if err == nil && c.Values["comp_name"] != "Pas cochée" {
		err = errors.New("a company that is not ticked was written")
	}
	return errors.Join(err, p.Forbidden())
}
