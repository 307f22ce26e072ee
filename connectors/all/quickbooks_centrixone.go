package all

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/centrixone"
	"syncbox/connectors/pairs"
	"syncbox/connectors/quickbooks"
	"syncbox/connectors/record"
)

func quickBooksCentrixOne(s Settings, log *slog.Logger, p *Pair) error {
	p.Profile = pairs.QuickBooksCentrixOne(s.QuickBooksCentrixOne)
	crm, err := centrixone.New(s.CentrixOne, log.With("part", "crm"), nil)
	if err != nil {
		return err
	}
	p.CRM = crm
	p.closes = append(p.closes, crm.Close)
	return quickBooksSide(s, log.With("part", "erp"), p)
}

// quickBooksSide builds the company. What a site does not write has no code path that could.
func quickBooksSide(s Settings, log *slog.Logger, p *Pair) error {
	company, err := quickbooks.New(s.QuickBooks, s.QuickBooksTokens, log, nil)
	if err != nil {
		return err
	}
	p.closes = append(p.closes, company.Close)
	pace := newPace(s.QuickBooks, company.Thrift)
	p.ERP, p.QuickBooks = quickBooksOneWay{company, pace}, company
	if s.TwoWay {
		p.ERP = quickBooksTwoWay{company.TwoWay(), pace}
	}
	return nil
}

// pace has a company looked at less often while nothing happens in it, since all boxes share the vendor's allowance.
type pace struct {
	cadence quickbooks.Cadence
	thrift  func() int // by how much a pause is to be multiplied
	spent   bool       // looks are refused and cost nothing: what people do in the CRM is looked for as usual
	now     func() time.Time
}

func newPace(c quickbooks.Config, thrift func() int) *pace {
	p := &pace{cadence: quickbooks.Cadence{Most: c.MaxIdle}, thrift: thrift, now: c.Now}
	if p.now == nil {
		p.now = time.Now
	}
	return p
}

// Pause implements connectors.Pacer.
func (p *pace) Pause(usual time.Duration) time.Duration {
	if p.spent {
		return usual
	}
	p.cadence.Base = usual
	return p.cadence.Pause() * time.Duration(max(1, p.thrift()))
}

// observe takes note of a look that succeeded.
func (p *pace) observe(ctx context.Context, look func(context.Context, connectors.Observation) error, o connectors.Observation) error {
	seen := &noticing{Observation: o}
	err := look(ctx, seen)
	p.spent = errors.Is(err, connectors.ErrWritesOnly)
	if err == nil {
		p.cadence.Looked(p.now(), seen.changed)
	}
	return err
}

// apply takes note of a write.
func (p *pace) apply(ctx context.Context, write func(context.Context, []connectors.Op) []connectors.Result, ops []connectors.Op) []connectors.Result {
	p.cadence.Touched(p.now())
	return write(ctx, ops)
}

// noticing notices whether a look tells of any change.
type noticing struct {
	connectors.Observation
	changed bool
}

// Changed passes it on.
func (n *noticing) Changed(e record.Entity, key record.Key, seen *record.Record) {
	n.changed = true
	n.Observation.Changed(e, key, seen)
}

type quickBooksOneWay struct {
	*quickbooks.Company
	*pace
}

// Observe looks at the company and takes note of whether it changed.
func (q quickBooksOneWay) Observe(ctx context.Context, o connectors.Observation) error {
	return q.observe(ctx, q.Company.Observe, o)
}

type quickBooksTwoWay struct {
	*quickbooks.TwoWay
	*pace
}

// Observe looks at the company and takes note of whether it changed.
func (q quickBooksTwoWay) Observe(ctx context.Context, o connectors.Observation) error {
	return q.observe(ctx, q.TwoWay.Observe, o)
}

// Apply writes, after which the pause is the shortest again: where one thing changed, another may.
func (q quickBooksTwoWay) Apply(ctx context.Context, ops []connectors.Op) []connectors.Result {
	return q.apply(ctx, q.TwoWay.Apply, ops)
}
